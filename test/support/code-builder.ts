import { type DexFile, readDexFiles } from "../../src/dex/index.js";
import { defaultLimits } from "../../src/diagnostics/index.js";

/** A try_item and the code units of its handlers, which catch everything. */
export interface TryShape {
  readonly startAddr: number;
  readonly insnCount: number;
  readonly handler: number;
}

/** A method's body to write: nothing of it needs to make sense. */
export interface CodeShape {
  readonly registersSize: number;
  /** 16-bit code units. */
  readonly insns: ArrayLike<number>;
  readonly tries?: readonly TryShape[];
}

/** A DEX file with one more code_item behind its end, which no class names. */
export function appendCode(dex: Uint8Array, shape: CodeShape): { dex: DexFile; codeOff: number } {
  const codeOff = Math.ceil(dex.length / 4) * 4;
  const code = writeCode(shape);
  const bytes = new Uint8Array(codeOff + code.length);
  bytes.set(dex);
  bytes.set(code, codeOff);
  new DataView(bytes.buffer).setUint32(0x20, bytes.length, true); // file_size
  const [file] = readDexFiles(bytes, "classes.dex", defaultLimits, []);
  return { dex: file!, codeOff };
}

function writeCode({ registersSize, insns, tries = [] }: CodeShape): Uint8Array {
  const padding = tries.length > 0 ? insns.length % 2 : 0;
  const triesOff = 16 + (insns.length + padding) * 2;
  const handlers = writeHandlers(tries);
  const bytes = new Uint8Array(triesOff + tries.length * 8 + handlers.bytes.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, registersSize, true);
  view.setUint16(6, tries.length, true);
  view.setUint32(12, insns.length, true);
  for (let i = 0; i < insns.length; i++) view.setUint16(16 + i * 2, insns[i]!, true);
  tries.forEach(({ startAddr, insnCount }, index) => {
    const at = triesOff + index * 8;
    view.setUint32(at, startAddr, true);
    view.setUint16(at + 4, insnCount, true);
    view.setUint16(at + 6, handlers.offsets[index]!, true);
  });
  bytes.set(handlers.bytes, triesOff + tries.length * 8);
  return bytes;
}

/** encoded_catch_handler_list: one list a try, of one handler that catches all. */
function writeHandlers(tries: readonly TryShape[]): { bytes: Uint8Array; offsets: number[] } {
  const bytes = [...uleb128(tries.length)];
  const offsets = tries.map(({ handler }) => {
    const offset = bytes.length;
    bytes.push(0, ...uleb128(handler)); // size 0: catch_all_addr alone
    return offset;
  });
  return { bytes: new Uint8Array(tries.length === 0 ? [] : bytes), offsets };
}

function uleb128(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  do {
    bytes.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
    rest >>>= 7;
  } while (rest > 0);
  return bytes;
}
