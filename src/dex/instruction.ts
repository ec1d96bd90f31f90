import type { CodeItem } from "./code-item.js";
import type { DexFile } from "./dex-file.js";
import { OPCODES, type Opcode } from "./opcodes.js";
import { ARRAY_DATA_IDENT, PACKED_SWITCH_IDENT, payloadUnits } from "./payload.js";

/** What takes an instruction's place between instructions: data, reached by its own offset. */
export type PayloadKind = "packed-switch-payload" | "sparse-switch-payload" | "fill-array-data-payload";

/** One decoded instruction, for printing and for a closer look. */
export interface Instruction {
  /** In 16-bit units from the start of insns. */
  readonly codeUnit: number;
  readonly opcode: Opcode;
  /** Size in 16-bit code units, a payload's data included. */
  readonly units: number;
  /** In the order of the specification's syntax; a register pair is named by its first. */
  readonly registers: readonly number[];
  /** Index into the list that `opcode.referenceKind` names. */
  readonly index: number | undefined;
  /** The second reference of an `invoke-polymorphic`, an index into proto_ids. */
  readonly protoIdx: number | undefined;
  /** The constant of a `const…` or `…/lit…`; a bigint for the 64 bits of `const-wide…`. */
  readonly literal: number | bigint | undefined;
  /** Code unit that a branch goes to, or where the payload lies. Not checked to be in the method. */
  readonly target: number | undefined;
  /** Set where no instruction but data begins. */
  readonly payload: PayloadKind | undefined;
}

type Operands = Partial<Pick<Instruction, "registers" | "index" | "protoIdx" | "literal" | "target">>;

/**
 * Decodes the instruction at `codeUnit`. Throws `bad-offset` outside the method, or where the
 * instruction runs past its end.
 */
export function decodeInstruction(dex: DexFile, item: CodeItem, codeUnit: number): Instruction {
  if (!(codeUnit >= 0 && codeUnit < item.insnsSize)) {
    throw dex.view.error("bad-offset", item.codeOff, "code_item insns", `has no code unit ${codeUnit}`);
  }
  const at = item.insnsOff / 2 + codeUnit;
  const first = dex.codeUnits[at]!;
  const opcode = OPCODES[first & 0xff]!;
  const payload = payloadKind(first);
  const units = payload === undefined ? opcode.units : payloadUnits(dex.codeUnits, at);
  if (codeUnit + units > item.insnsSize) {
    const name = payload ?? opcode.mnemonic;
    const problem = `${name} needs ${units} code units, but the method ends at ${item.insnsSize}`;
    throw dex.view.error("bad-offset", at * 2, "code_item insns", problem);
  }
  const operands = payload === undefined ? decodeOperands(dex, opcode, codeUnit, at) : {};
  return {
    codeUnit,
    opcode,
    units,
    registers: operands.registers ?? [],
    index: operands.index,
    protoIdx: operands.protoIdx,
    literal: operands.literal,
    target: operands.target,
    payload,
  };
}

function payloadKind(first: number): PayloadKind | undefined {
  if ((first & 0xff) !== 0 || first === 0 || first > ARRAY_DATA_IDENT) return undefined;
  if (first === PACKED_SWITCH_IDENT) return "packed-switch-payload";
  return first === ARRAY_DATA_IDENT ? "fill-array-data-payload" : "sparse-switch-payload";
}

/** By the specification's formats: A to H as there, `unit` being the first code unit. */
function decodeOperands(dex: DexFile, opcode: Opcode, codeUnit: number, at: number): Operands {
  const units = dex.codeUnits;
  const unit = units[at]!;
  const aa = unit >> 8;
  const a = aa & 0xf;
  const b = aa >> 4;
  const u16 = (delta: number) => units[at + delta]!;
  const s16 = (delta: number) => (u16(delta) << 16) >> 16;
  const u32 = (delta: number) => (u16(delta) | (u16(delta + 1) << 16)) >>> 0;
  const s32 = (delta: number) => u32(delta) | 0;
  const wide = opcode.mnemonic.startsWith("const-wide");
  const literal = (value: number) => (wide ? BigInt(value) : value);
  switch (opcode.format) {
    case "10x":
      return {};
    case "12x":
      return { registers: [a, b] };
    case "11n":
      return { registers: [a], literal: (aa << 24) >> 28 };
    case "11x":
      return { registers: [aa] };
    case "10t":
      return { target: codeUnit + ((aa << 24) >> 24) };
    case "20t":
      return { target: codeUnit + s16(1) };
    case "22x":
      return { registers: [aa, u16(1)] };
    case "21t":
      return { registers: [aa], target: codeUnit + s16(1) };
    case "21s":
      return { registers: [aa], literal: literal(s16(1)) };
    case "21h":
      return { registers: [aa], literal: wide ? BigInt(s16(1)) << 48n : s16(1) << 16 };
    case "21c":
      return { registers: [aa], index: u16(1) };
    case "23x":
      return { registers: [aa, u16(1) & 0xff, u16(1) >> 8] };
    case "22b":
      return { registers: [aa, u16(1) & 0xff], literal: s16(1) >> 8 };
    case "22t":
      return { registers: [a, b], target: codeUnit + s16(1) };
    case "22s":
      return { registers: [a, b], literal: s16(1) };
    case "22c":
      return { registers: [a, b], index: u16(1) };
    case "30t":
      return { target: codeUnit + s32(1) };
    case "32x":
      return { registers: [u16(1), u16(2)] };
    case "31i":
      return { registers: [aa], literal: literal(s32(1)) };
    case "31t":
      return { registers: [aa], target: codeUnit + s32(1) };
    case "31c":
      return { registers: [aa], index: u32(1) };
    case "35c":
      return { registers: argumentRegisters(dex, at, a, b), index: u16(1) };
    case "45cc":
      return { registers: argumentRegisters(dex, at, a, b), index: u16(1), protoIdx: u16(3) };
    case "3rc":
      return { registers: registerRange(u16(2), aa), index: u16(1) };
    case "4rcc":
      return { registers: registerRange(u16(2), aa), index: u16(1), protoIdx: u16(3) };
    case "51l":
      return { registers: [aa], literal: BigInt.asIntN(64, (BigInt(u32(3)) << 32n) | BigInt(u32(1))) };
  }
}

/** The registers C to G of 35c and 45cc, of which `count` (A, in the high half of the byte) are in use. */
function argumentRegisters(dex: DexFile, at: number, g: number, count: number): number[] {
  if (count > 5) {
    throw dex.view.error("bad-value", at * 2, "code_item insns", `${count} argument registers, where 5 fit`);
  }
  const fedc = dex.codeUnits[at + 2]!;
  return [fedc & 0xf, (fedc >> 4) & 0xf, (fedc >> 8) & 0xf, fedc >> 12, g].slice(0, count);
}

function registerRange(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => first + i);
}
