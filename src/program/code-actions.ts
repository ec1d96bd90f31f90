/** What an instruction can bring about in a call graph. */
export const ACTION = {
  none: 0,
  payload: 1,
  newInstance: 2,
  staticField: 3,
  virtual: 4,
  super: 5,
  direct: 6,
  static: 7,
  custom: 8,
  string: 9,
  classConstant: 10,
} as const;

/** {@link ACTION} by opcode. */
export const ACTIONS = buildActions();

function buildActions(): Uint8Array {
  const actions = new Uint8Array(256);
  actions[0x00] = ACTION.payload;
  actions[0x1a] = ACTION.string;
  actions[0x1c] = ACTION.classConstant;
  actions[0x22] = ACTION.newInstance;
  actions.fill(ACTION.staticField, 0x60, 0x6e); // sget … sput-short
  const invokes = [ACTION.virtual, ACTION.super, ACTION.direct, ACTION.static, ACTION.virtual];
  invokes.forEach((action, at) => {
    actions[0x6e + at] = action; // invoke-virtual … invoke-interface
    actions[0x74 + at] = action; // the same with /range
  });
  actions[0xfc] = ACTION.custom;
  actions[0xfd] = ACTION.custom;
  return actions;
}
