/** What an opcode's index refers to, as far as it can be asked for. */
export const ACTION = {
  /** An invoke: looked up among the methods asked for. */
  method: 1,
  /** An instance or static field read. */
  field: 2,
  string: 3,
  /** Told apart by opcode. */
  rare: 4,
} as const;

export const NOP = 0x00;
export const CONST_STRING_JUMBO = 0x1b;
export const CHECK_CAST = 0x1f;
const CONST_CLASS = 0x1c;

/** One of {@link ACTION} by opcode; 0 where its index refers to nothing that can be asked for. */
export const ACTIONS = buildActions();

function buildActions(): Uint8Array {
  const actions = new Uint8Array(256);
  actions[NOP] = ACTION.rare;
  actions[0x1a] = ACTION.string;
  actions[CONST_STRING_JUMBO] = ACTION.rare;
  actions[CONST_CLASS] = ACTION.rare;
  actions[CHECK_CAST] = ACTION.rare;
  actions.fill(ACTION.field, 0x52, 0x59); // iget, iget-wide … iget-short
  actions.fill(ACTION.field, 0x60, 0x67); // sget, sget-wide … sget-short
  actions.fill(ACTION.method, 0x6e, 0x73); // invoke-virtual … invoke-interface
  actions.fill(ACTION.method, 0x74, 0x79); // the same with /range
  return actions;
}
