import { OPCODE_FLAGS, OPCODES } from "../dex/index.js";

/*
 * What an instruction does to registers and to the flow of control, read straight from its code units
 * ("Dalvik bytecode format", "Dalvik executable instruction formats").
 */

/** invoke-virtual … invoke-interface and their /range forms. */
export function isInvoke(opcode: number): boolean {
  return (opcode >= 0x6e && opcode <= 0x72) || (opcode >= 0x74 && opcode <= 0x78);
}

/** The argument registers of an invoke, in order (formats 35c and 3rc). */
export function readArguments(units: Uint16Array, at: number): number[] {
  const unit = units[at]!;
  if ((unit & 0xff) >= 0x74) {
    return Array.from({ length: unit >> 8 }, (_, index) => units[at + 2]! + index);
  }
  const count = unit >> 12;
  const packed = units[at + 2]!;
  const registers = [packed & 0xf, (packed >> 4) & 0xf, (packed >> 8) & 0xf, packed >> 12, (unit >> 8) & 0xf];
  return registers.slice(0, count);
}

/** Whether flow never goes on to the next instruction: return, throw, goto. */
export function endsFlow(opcode: number): boolean {
  return (opcode >= 0x0e && opcode <= 0x11) || (opcode >= 0x27 && opcode <= 0x2a);
}

/** Where a branch or switch may go, in code units from the start of `units`; the next instruction not counted. */
export function branchTargets(units: Uint16Array, at: number): number[] {
  const unit = units[at]!;
  const opcode = unit & 0xff;
  if (opcode === 0x28) return [at + ((unit << 16) >> 24)];
  if (opcode === 0x29) return [at + signed16(units[at + 1]!)];
  if (opcode === 0x2a) return [at + signed32(units, at + 1)];
  if (opcode >= 0x32 && opcode <= 0x3d) return [at + signed16(units[at + 1]!), at + 2];
  if (opcode === 0x2b || opcode === 0x2c) return [...switchTargets(units, at), at + 3];
  return [];
}

function switchTargets(units: Uint16Array, at: number): number[] {
  const payload = at + signed32(units, at + 1);
  const ident = units[payload];
  if (payload < 0 || (ident !== 0x0100 && ident !== 0x0200)) return [];
  const size = units[payload + 1]!;
  // packed: ident, size, first_key; sparse: ident, size, keys
  const first = payload + (ident === 0x0100 ? 4 : 2 + size * 2);
  if (first + size * 2 > units.length) return [];
  return Array.from({ length: size }, (_, index) => at + signed32(units, first + index * 2));
}

/** The register an instruction writes; the lower one of a wide pair. */
export function writtenRegister(units: Uint16Array, at: number): number | undefined {
  const unit = units[at]!;
  const opcode = OPCODES[unit & 0xff]!;
  if ((opcode.flags & (OPCODE_FLAGS.SETS | OPCODE_FLAGS.SETS_WIDE)) === 0) return undefined;
  switch (opcode.format) {
    case "11n":
    case "12x":
    case "22c":
    case "22s":
    case "22t":
      return (unit >> 8) & 0xf;
    case "32x":
      return units[at + 1]!;
    default:
      return unit >> 8;
  }
}

/** Whether an instruction leaves a result for a `move-result` to take. */
export function setsResult(opcode: number): boolean {
  return (OPCODES[opcode]!.flags & OPCODE_FLAGS.SETS_RESULT) !== 0;
}

/** Whether an instruction writes a register pair. */
export function writesWide(opcode: number): boolean {
  return (OPCODES[opcode]!.flags & OPCODE_FLAGS.SETS_WIDE) !== 0;
}

function signed16(value: number): number {
  return (value << 16) >> 16;
}

function signed32(units: Uint16Array, at: number): number {
  return (units[at] ?? 0) | ((units[at + 1] ?? 0) << 16);
}
