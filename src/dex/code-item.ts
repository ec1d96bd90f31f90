import { Leb128Reader } from "../bytes/index.js";
import type { DexFile } from "./dex-file.js";

/** Bytes of a code_item before its insns. */
export const CODE_ITEM_HEADER_SIZE = 16;

const TRY_ITEM_SIZE = 8;

/** Handlers of one method: far above what compilers make, so that a hostile file cannot keep us busy. */
const MAX_HANDLERS = 10_000;

/** code_item: the body of a method. */
export interface CodeItem {
  readonly codeOff: number;
  readonly registersSize: number;
  /** Registers that arguments arrive in: the last ones. */
  readonly insSize: number;
  readonly outsSize: number;
  readonly triesSize: number;
  /** Offset of a debug_info_item, 0 for none. Not checked. */
  readonly debugInfoOff: number;
  /** In 16-bit code units. */
  readonly insnsSize: number;
  /** Byte offset of the first code unit; even, so that `insnsOff / 2` indexes {@link DexFile.codeUnits}. */
  readonly insnsOff: number;
}

/** try_item with its handlers: what a run of instructions does with an exception. */
export interface TryItem {
  /** First code unit covered. */
  readonly startAddr: number;
  /** Code units covered. */
  readonly insnCount: number;
  /** In the order they are tried. */
  readonly handlers: readonly CatchHandler[];
}

/** One clause of an encoded_catch_handler. */
export interface CatchHandler {
  /** Index into type_ids; `undefined` catches everything. */
  readonly typeIdx: number | undefined;
  /** Code unit of the handler. */
  readonly addr: number;
}

/**
 * Reads the code_item at `codeOff`. Its insns and try_items lie inside the file, the arguments fit the
 * registers; the instructions themselves are not looked at.
 *
 * ART wants a code_item 4-byte aligned; any even offset is read.
 */
export function readCodeItem(dex: DexFile, codeOff: number): CodeItem {
  const { view } = dex;
  if (codeOff % 2 !== 0) throw view.error("bad-offset", codeOff, "code_item", "is at an odd offset");
  view.need(codeOff, CODE_ITEM_HEADER_SIZE, "code_item");
  const item: CodeItem = {
    codeOff,
    registersSize: view.u16(codeOff, "code_item"),
    insSize: view.u16(codeOff + 2, "code_item"),
    outsSize: view.u16(codeOff + 4, "code_item"),
    triesSize: view.u16(codeOff + 6, "code_item"),
    debugInfoOff: view.u32(codeOff + 8, "code_item"),
    insnsSize: view.u32(codeOff + 12, "code_item"),
    insnsOff: codeOff + CODE_ITEM_HEADER_SIZE,
  };
  view.need(item.insnsOff, item.insnsSize * 2, "code_item insns");
  if (item.insSize > item.registersSize) {
    const problem = `ins_size ${item.insSize} is above registers_size ${item.registersSize}`;
    throw view.error("bad-value", codeOff + 2, "code_item", problem);
  }
  if (item.triesSize > 0) view.need(triesOff(item), item.triesSize * TRY_ITEM_SIZE, "try_item");
  return item;
}

/**
 * The insns_size of the code_item at `codeOff`, or -1 where {@link readCodeItem} would throw: the same
 * checks for a loop over all methods, which must not allocate.
 */
export function insnsSizeAt(dex: DexFile, codeOff: number): number {
  const units = dex.codeUnits;
  const { length } = dex;
  if (codeOff % 2 !== 0 || codeOff + CODE_ITEM_HEADER_SIZE > length) return -1;
  const at = codeOff / 2;
  const insnsSize = units[at + 6]! + units[at + 7]! * 0x1_0000;
  const insnsEnd = codeOff + CODE_ITEM_HEADER_SIZE + insnsSize * 2;
  const triesSize = units[at + 3]!;
  const end = triesSize === 0 ? insnsEnd : align4(insnsEnd) + triesSize * TRY_ITEM_SIZE;
  return end > length || units[at + 1]! > units[at]! ? -1 : insnsSize;
}

/** Where in {@link DexFile.codeUnits} the insns of the code_item at `codeOff` begin. */
export function firstUnit(codeOff: number): number {
  return (codeOff + CODE_ITEM_HEADER_SIZE) / 2;
}

function triesOff(item: CodeItem): number {
  return align4(item.insnsOff + item.insnsSize * 2);
}

function align4(offset: number): number {
  return Math.ceil(offset / 4) * 4;
}

/** Reads the try_items of a method and their handlers. */
export function readTries(dex: DexFile, item: CodeItem): TryItem[] {
  if (item.triesSize === 0) return [];
  const { view } = dex;
  const start = triesOff(item);
  const handlersOff = start + item.triesSize * TRY_ITEM_SIZE;
  const handlers = readHandlers(dex, item, handlersOff);
  const tries: TryItem[] = [];
  for (let i = 0; i < item.triesSize; i++) {
    const at = start + i * TRY_ITEM_SIZE;
    const startAddr = view.u32(at, "try_item");
    const insnCount = view.u16(at + 4, "try_item");
    const handlerOff = view.u16(at + 6, "try_item");
    const found = handlers.get(handlerOff);
    if (startAddr + insnCount > item.insnsSize) {
      throw view.error("bad-offset", at, "try_item", `covers code units past insns_size ${item.insnsSize}`);
    }
    if (found === undefined) {
      throw view.error(
        "bad-offset",
        at + 6,
        "try_item",
        `handler_off 0x${handlerOff.toString(16)} is no handler's`,
      );
    }
    tries.push({ startAddr, insnCount, handlers: found });
  }
  return tries;
}

/** encoded_catch_handler_list, by offset from its start. */
function readHandlers(dex: DexFile, item: CodeItem, start: number): Map<number, CatchHandler[]> {
  const reader = new Leb128Reader(dex.view, start);
  const lists = new Map<number, CatchHandler[]>();
  const listsSize = reader.unsigned("encoded_catch_handler_list");
  let left = MAX_HANDLERS;
  for (let i = 0; i < listsSize; i++) {
    const at = reader.offset;
    const size = reader.signed("encoded_catch_handler");
    left -= Math.abs(size) + 1;
    if (left < 0) {
      throw dex.view.error(
        "limit",
        at,
        "encoded_catch_handler",
        `a method has over ${MAX_HANDLERS} handlers`,
      );
    }
    const handlers: CatchHandler[] = [];
    for (let j = 0; j < Math.abs(size); j++) {
      const typeIdx = reader.unsigned("encoded_type_addr_pair");
      handlers.push({ typeIdx, addr: readAddr(dex, item, reader) });
    }
    if (size <= 0) handlers.push({ typeIdx: undefined, addr: readAddr(dex, item, reader) });
    lists.set(at - start, handlers);
  }
  return lists;
}

function readAddr(dex: DexFile, item: CodeItem, reader: Leb128Reader): number {
  const at = reader.offset;
  const addr = reader.unsigned("encoded_catch_handler");
  if (addr < item.insnsSize) return addr;
  throw dex.view.error(
    "bad-offset",
    at,
    "encoded_catch_handler",
    `addr ${addr} is past insns_size ${item.insnsSize}`,
  );
}
