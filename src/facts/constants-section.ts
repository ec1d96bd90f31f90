import type { CallWithConstants, Constant, MethodConstants } from "../program/index.js";
import { CONSTANT, CONSTANT_KIND_BITS } from "./dex-facts-layout.js";
import { FactsError } from "./facts-error.js";
import type { FactsNames } from "./facts-names.js";
import type { VarintReader, VarintWriter } from "./varints.js";

/** Calls and strings that one method can have, far above any: what is read of spoilt facts ends. */
const MOST_OF_METHOD = 1 << 20;

/**
 * Writes what a method does with constants: its string constants; its calls, each with code unit, method, and of each
 * argument register 0 where nothing is known, else one more than there are constants, and these.
 */
export function writeConstants(
  { calls, strings }: MethodConstants,
  names: FactsNames,
  writer: VarintWriter,
): void {
  writer.write(strings.size);
  for (const text of strings) writer.write(names.string(text));
  writeCalls(calls, names, writer);
}

/** Writes the calls alone. */
export function writeCalls(
  calls: readonly CallWithConstants[],
  names: FactsNames,
  writer: VarintWriter,
): void {
  writer.write(calls.length);
  for (const { codeUnit, methodIdx, isStatic, registers } of calls) {
    writer.write(codeUnit);
    writer.write(names.method(methodIdx) * 2 + (isStatic ? 1 : 0));
    writer.write(registers.length);
    for (const constants of registers) {
      writer.write(constants === undefined ? 0 : constants.length + 1);
      for (const constant of constants ?? []) writeConstant(constant, names, writer);
    }
  }
}

function writeConstant(constant: Constant, names: FactsNames, writer: VarintWriter): void {
  if ("number" in constant) {
    writer.write(CONSTANT.number);
    writer.write(constant.number >>> 0);
    return;
  }
  const [kind, text] =
    "string" in constant
      ? [CONSTANT.string, constant.string]
      : "classObject" in constant
        ? [CONSTANT.classObject, constant.classObject]
        : [CONSTANT.instanceOf, constant.instanceOf];
  writer.write((names.string(text) << CONSTANT_KIND_BITS) | kind);
}

/** Reads what {@link writeConstants} wrote. */
export function readConstants(reader: VarintReader, string: (stringIdx: number) => string): MethodConstants {
  const strings = new Set(readList(reader, () => string(reader.read())));
  return { calls: readCalls(reader, string), strings };
}

/** Reads what {@link writeCalls} wrote. */
export function readCalls(reader: VarintReader, string: (stringIdx: number) => string): CallWithConstants[] {
  return readList(reader, (): CallWithConstants => {
    const codeUnit = reader.read();
    const method = reader.read();
    const registers = readList(reader, () => {
      const size = reader.read();
      return size === 0 ? undefined : readSome(size - 1, () => readConstant(reader, string));
    });
    return { codeUnit, methodIdx: method >>> 1, isStatic: (method & 1) === 1, registers };
  });
}

function readConstant(reader: VarintReader, string: (stringIdx: number) => string): Constant {
  const value = reader.read();
  const kind = value & ((1 << CONSTANT_KIND_BITS) - 1);
  if (kind === CONSTANT.number) return { number: reader.read() | 0 };
  const text = string(value >>> CONSTANT_KIND_BITS);
  if (kind === CONSTANT.string) return { string: text };
  return kind === CONSTANT.classObject ? { classObject: text } : { instanceOf: text };
}

function readList<T>(reader: VarintReader, readOne: () => T): T[] {
  return readSome(reader.read(), readOne);
}

function readSome<T>(size: number, readOne: () => T): T[] {
  if (size > MOST_OF_METHOD) throw new FactsError("spoilt", "a list is too long");
  const list: T[] = [];
  for (let index = 0; index < size; index++) list.push(readOne());
  return list;
}
