import {
  type CodeItem,
  type DexFile,
  decodeInstruction,
  type Instruction,
  OPCODE_FLAGS,
  readCodeItem,
  readSwitchPayload,
  readTries,
} from "../dex/index.js";

const { BRANCHES, CONTINUES, SWITCHES, THROWS } = OPCODE_FLAGS;

/** A handler that an exception may come to. */
export interface HandlerEdge {
  /** Index into type_ids of what it catches; `undefined` catches everything. */
  readonly typeIdx: number | undefined;
  readonly block: number;
}

/**
 * A run of instructions that control enters at the first and leaves at the last. An instruction that can throw where the
 * exception is handled is the first of its block, so that a handler begins with what was before it.
 */
export interface BasicBlock {
  /** Indexes into {@link ControlFlowGraph.instructions}; `end` is the first that is not of it. */
  readonly first: number;
  readonly end: number;
  /** Blocks where control may go on: the next one first, then where the last instruction branches to, each once. */
  readonly successors: readonly number[];
  /** In the order in which they are tried; of instructions that cannot throw, or outside of any try, none. */
  readonly handlers: readonly HandlerEdge[];
}

/** The code of a method as control can go through it; what it cannot come to is not there. */
export interface ControlFlowGraph {
  readonly code: CodeItem;
  /** By code unit. */
  readonly instructions: readonly Instruction[];
  /** By first instruction; the method begins with the first of them. */
  readonly blocks: readonly BasicBlock[];
  /** Blocks such that each, but for loops, comes after those that lead to it: reverse postorder. */
  readonly order: readonly number[];
}

/** Where an instruction leads to, in code units. */
interface Leaving {
  readonly next: number | undefined;
  readonly branches: readonly number[];
}

/**
 * Reads a method's code along its branches, switches and handlers from its first instruction on.
 *
 * @throws FormatError where an instruction, a payload or a handler is not one
 */
export function buildControlFlow(dex: DexFile, codeOff: number): ControlFlowGraph {
  const code = readCodeItem(dex, codeOff);
  const tries = readTries(dex, code);
  /** Index into tries by code unit, plus one; the first that covers it counts. */
  const tryOf = new Uint32Array(code.insnsSize);
  for (let index = tries.length - 1; index >= 0; index--) {
    const { startAddr, insnCount } = tries[index]!;
    tryOf.fill(index + 1, startAddr, startAddr + insnCount);
  }
  refuseManyHandlers(dex, codeOff, tries, code.insnsSize);
  const { instructions, leaving, starts } = follow(dex, code, (at) => tries[tryOf[at]! - 1]?.handlers ?? []);
  const firsts = instructions.flatMap(({ codeUnit }, index) => (starts.has(codeUnit) ? [index] : []));
  const blockAt = new Map(firsts.map((first, block) => [instructions[first]!.codeUnit, block]));
  const handlersOf = new Map<number, readonly HandlerEdge[]>();
  const blocks = firsts.map((first, block): BasicBlock => {
    const end = firsts[block + 1] ?? instructions.length;
    const last = instructions[end - 1]!;
    const { next, branches } = leaving.get(last.codeUnit)!;
    const targets = next === undefined ? branches : [next, ...branches];
    const { codeUnit, opcode } = instructions[first]!;
    const handler = (opcode.flags & THROWS) === 0 ? 0 : tryOf[codeUnit]!;
    if (handler !== 0 && !handlersOf.has(handler)) {
      const edges = tries[handler - 1]!.handlers.map(({ typeIdx, addr }) => ({
        typeIdx,
        block: blockAt.get(addr)!,
      }));
      handlersOf.set(handler, edges);
    }
    const successors = [...new Set(targets.map((target) => blockAt.get(target)!))];
    return { first, end, successors, handlers: handlersOf.get(handler) ?? [] };
  });
  return { code, instructions, blocks, order: orderBlocks(blocks) };
}

/** Code units that a handler covers, of all handlers of a method: of real methods none has a hundredth of that. */
const MOST_HANDLED = 20_000_000;

/** So that a small file cannot have each of its instructions lead to each of its handlers. */
function refuseManyHandlers(
  dex: DexFile,
  codeOff: number,
  tries: readonly { readonly insnCount: number; readonly handlers: readonly unknown[] }[],
  insnsSize: number,
): void {
  let handled = 0;
  for (const { insnCount, handlers } of tries) handled += Math.min(insnCount, insnsSize) * handlers.length;
  if (handled > MOST_HANDLED)
    throw dex.view.error(
      "limit",
      codeOff,
      "code_item",
      `has handlers for ${handled} code units, over ${MOST_HANDLED}`,
    );
}

/** All instructions that control can come to, by code unit; where blocks begin. */
function follow(
  dex: DexFile,
  code: CodeItem,
  handlersAt: (codeUnit: number) => readonly { readonly addr: number }[],
) {
  const found = new Map<number, Instruction>();
  const leaving = new Map<number, Leaving>();
  const starts = new Set([0]);
  const entered = new Set<object>();
  const open = [0];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    while (!found.has(at)) {
      const instruction = decodeInstruction(dex, code, at);
      if (instruction.payload !== undefined)
        throw dex.view.error(
          "bad-value",
          code.insnsOff + at * 2,
          "code_item insns",
          "control comes to a payload",
        );
      const leaves = leavesBy(dex, code, instruction);
      found.set(at, instruction);
      leaving.set(at, leaves);
      for (const target of leaves.branches) {
        starts.add(target);
        open.push(target);
      }
      const handlers = (instruction.opcode.flags & THROWS) === 0 ? [] : handlersAt(at);
      if (handlers.length > 0) starts.add(at);
      if (handlers.length > 0 && !entered.has(handlers)) {
        entered.add(handlers);
        for (const { addr } of handlers) {
          starts.add(addr);
          open.push(addr);
        }
      }
      if (leaves.next === undefined) break;
      if (leaves.branches.length > 0) starts.add(leaves.next);
      at = leaves.next;
    }
  }
  const instructions = [...found.values()].sort((a, b) => a.codeUnit - b.codeUnit);
  // Where two instructions overlap, or one is left for another than the next, a block ends.
  for (const [index, { codeUnit }] of instructions.entries())
    if (leaving.get(codeUnit)!.next !== instructions[index + 1]?.codeUnit) {
      const following = instructions[index + 1];
      if (following !== undefined) starts.add(following.codeUnit);
      const { next } = leaving.get(codeUnit)!;
      if (next !== undefined) starts.add(next);
    }
  return { instructions, leaving, starts };
}

function leavesBy(dex: DexFile, code: CodeItem, { codeUnit, opcode, units, target }: Instruction): Leaving {
  const next = (opcode.flags & CONTINUES) === 0 ? undefined : codeUnit + units;
  if ((opcode.flags & BRANCHES) !== 0) return { next, branches: [target!] };
  if ((opcode.flags & SWITCHES) === 0) return { next, branches: [] };
  const cases = readSwitchPayload(dex, code, codeUnit, target!);
  return { next, branches: [...new Set(cases.map((one) => one.target))] };
}

/** Reverse postorder of a depth-first walk, handlers after where control goes on. */
function orderBlocks(blocks: readonly BasicBlock[]): number[] {
  const order: number[] = [];
  const seen = new Uint8Array(blocks.length);
  const nextOf = (block: number): number[] => [
    ...blocks[block]!.successors,
    ...blocks[block]!.handlers.map((handler) => handler.block),
  ];
  const open = [{ block: 0, left: nextOf(0) }];
  seen[0] = 1;
  while (open.length > 0) {
    const top = open.at(-1)!;
    const next = top.left.pop();
    if (next === undefined) {
      order.push(top.block);
      open.pop();
    } else if (seen[next] === 0) {
      seen[next] = 1;
      open.push({ block: next, left: nextOf(next) });
    }
  }
  return order.reverse();
}
