import type { SwitchCase } from "../dex/index.js";
import { readOrUndefined } from "../diagnostics/index.js";
import { addMarksOf, type Constant, type Constants, join, NOTHING, UNKNOWN, type Value } from "./values.js";

/** What a number operation results in: a constant of constants, else what keeps the marks. Comparisons keep none. */
export function computeBinary(constants: Constants, mnemonic: string, left: Value, right: Value): Value {
  const isComparison = mnemonic.startsWith("cmp");
  const [operation] = mnemonic.split(/[-/]/);
  let value: Value = NOTHING;
  const unary = right === NOTHING;
  const lefts = numbersOf(constants, left);
  const rights = unary ? [0] : numbersOf(constants, right);
  const isInt = /-int(?:\/|$)|-int-to|^(?:int|neg-int|not-int)/.test(mnemonic) || isComparison;
  if (lefts === undefined || rights === undefined || lefts.length * rights.length > 8 || !isInt)
    value = UNKNOWN;
  else
    for (const a of lefts)
      for (const b of rights) {
        const result = unary ? computeOne(mnemonic, a) : computeTwo(operation!, a, b);
        value = join(value, result === undefined ? UNKNOWN : constants.ofNumber(result));
      }
  if (isComparison) return value;
  return addMarksOf(addMarksOf(value, left), right);
}

function computeOne(mnemonic: string, a: number): number | undefined {
  switch (mnemonic) {
    case "neg-int":
      return -a | 0;
    case "not-int":
      return ~a;
    case "int-to-long":
      return a;
    case "int-to-byte":
      return (a << 24) >> 24;
    case "int-to-char":
      return a & 0xffff;
    case "int-to-short":
      return (a << 16) >> 16;
    default:
      return undefined;
  }
}

function computeTwo(operation: string, a: number, b: number): number | undefined {
  switch (operation) {
    case "add":
      return (a + b) | 0;
    case "sub":
      return (a - b) | 0;
    case "rsub":
      return (b - a) | 0;
    case "mul":
      return Math.imul(a, b);
    case "div":
      return b === 0 ? undefined : (a / b) | 0;
    case "rem":
      return b === 0 ? undefined : (a % b) | 0;
    case "and":
      return a & b;
    case "or":
      return a | b;
    case "xor":
      return a ^ b;
    case "shl":
      return a << (b & 31);
    case "shr":
      return a >> (b & 31);
    case "ushr":
      return (a >>> (b & 31)) | 0;
    case "cmp":
      return a < b ? -1 : a > b ? 1 : 0;
    default:
      return undefined;
  }
}

/** The numbers that a value is one of; `undefined` where it may be something else. */
export function numbersOf(constants: Constants, value: Value): number[] | undefined {
  if (value.isUnknown || value.objects.length > 0 || value.constants.length === 0) return undefined;
  const numbers: number[] = [];
  for (const one of value.constants) {
    const constant = constants.list[one]!;
    if (constant.kind !== "number" || typeof constant.value === "bigint") return undefined;
    numbers.push(constant.value);
  }
  return numbers;
}

/**
 * Whether an `if-…` is taken.
 *
 * @param opcode if-eq (0x32) … if-lez (0x3d)
 * @returns `undefined` where both ways are open
 */
export function decideBranch(
  constants: Constants,
  opcode: number,
  left: Value,
  right: Value,
): boolean | undefined {
  if (left.isUnknown || right.isUnknown) return undefined;
  const lefts: (Constant | undefined)[] = left.constants.map((one) => constants.list[one]);
  const rights: (Constant | undefined)[] = right.constants.map((one) => constants.list[one]);
  // Of an object it is known that it is not null.
  if (left.objects.length > 0) lefts.push(undefined);
  if (right.objects.length > 0) rights.push(undefined);
  let decided: boolean | undefined;
  for (const a of lefts)
    for (const b of rights) {
      const one = test((opcode - 0x32) % 6, a, b);
      if (one === undefined || (decided !== undefined && decided !== one)) return undefined;
      decided = one;
    }
  return decided;
}

/** @param condition eq, ne, lt, ge, gt, le */
function test(condition: number, a: Constant | undefined, b: Constant | undefined): boolean | undefined {
  if (a?.kind === "number" && b?.kind === "number") {
    const order = a.value < b.value ? -1 : a.value > b.value ? 1 : 0;
    return [order === 0, order !== 0, order < 0, order >= 0, order > 0, order <= 0][condition];
  }
  const isNull = (one: Constant | undefined) => one?.kind === "number";
  if (condition < 2 && isNull(a) !== isNull(b)) return condition === 1;
  if (condition < 2 && a !== undefined && a === b && !(a.kind === "text" && a.isPrefix))
    return condition === 0;
  return undefined;
}

/**
 * Where a switch goes on, in code units; `undefined` where any of its cases may be.
 *
 * @param otherwise where it goes on if no case has the key
 */
export function decideSwitch(
  constants: Constants,
  value: Value,
  readCases: () => readonly SwitchCase[],
  otherwise: number,
): number[] | undefined {
  const keys = numbersOf(constants, value);
  const cases = keys && readOrUndefined(readCases);
  return keys && cases && keys.map((key) => cases.find((one) => one.key === key)?.target ?? otherwise);
}

/** A number in the least type that it fits in. */
export function smallest(value: number | bigint): number | bigint {
  return typeof value === "bigint" && value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER
    ? Number(value)
    : value;
}
