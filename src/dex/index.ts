/**
 * Reads DEX files, versions 035 to 041. Comes in: the bytes of `classes.dex`. Goes out: `DexFile`s
 * laid over those bytes, methods and instructions found in them. Never copies a file, decodes what no
 * one asked for, allocates for an instruction, knows an SDK's name, or touches the disk.
 *
 * A walk over all instructions of a file, with nothing allocated. The loop is a function of its own, at
 * module level, with its counts in local variables: written into the visitor, it takes twice as long in
 * a fresh process.
 *
 * ```ts
 * visitCode(dex, (methodIdx, classDefIdx, codeOff) => {
 *   const at = firstUnit(codeOff);
 *   walk(dex.codeUnits, at, at + insnsSizeAt(dex, codeOff));
 * }, diagnostics);
 *
 * function walk(units: Uint16Array, start: number, end: number) {
 *   let at = start;
 *   while (at < end) {
 *     const unit = units[at]!;
 *     const op = unit & 0xff;
 *     const size = op === 0 && unit !== 0 ? payloadUnits(units, at) || 1 : INSTRUCTION_UNITS[op]!;
 *     if (at + size > end) break; // runs past the method: not an instruction
 *     // … units[at + 1] is an invoke's method_idx …
 *     at += size;
 *   }
 * }
 * ```
 */
export type { ClassDataItem, EncodedField, EncodedMethod } from "./class-data-item.js";
export { CLASS_DEF_FIELDS, CLASS_DEF_WORDS, type ClassDefItem } from "./class-def-item.js";
export { readReturnedConstant } from "./class-lookup.js";
export {
  type CatchHandler,
  type CodeItem,
  firstUnit,
  insnsSizeAt,
  readCodeItem,
  readTries,
  type TryItem,
} from "./code-item.js";
export { DexFile } from "./dex-file.js";
export type { EncodedValue } from "./encoded-value.js";
export type { HeaderItem } from "./header-item.js";
export { decodeInstruction, type Instruction, type PayloadKind } from "./instruction.js";
export type { MethodHandleItem, MethodHandleType } from "./map-list.js";
export type { NameMapping } from "./name-mapping.js";
export {
  INSTRUCTION_UNITS,
  type InstructionFormat,
  type InvokeKind,
  OPCODE_FLAGS,
  OPCODES,
  type Opcode,
  type ReferenceKind,
} from "./opcodes.js";
export { parseNameMapping } from "./parse-name-mapping.js";
export {
  type ArrayPayload,
  payloadUnits,
  readArrayPayload,
  readSwitchPayload,
  type SwitchCase,
} from "./payload.js";
export { readDexFiles } from "./read-dex-files.js";
export { renderInstruction } from "./render-instruction.js";
export { textStart } from "./string-table.js";
export { type CodeVisitor, visitCode } from "./visit-code.js";
