import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FormatError } from "../../src/diagnostics/index.js";
import { computeBinary, decideBranch, decideSwitch, numbersOf } from "../../src/flow/arithmetic.js";
import { Constants, join, NOTHING, ofGiven, ofObject, UNKNOWN, type Value } from "../../src/flow/values.js";

const constants = new Constants();
const number = (value: number | bigint) => constants.ofNumber(value);
const numbers = (...values: number[]) => values.map(number).reduce(join, NOTHING);
const marked = (value: Value, mark: number): Value => ({
  ...value,
  marks: [mark],
  traces: [{ method: 0, codeUnit: 0, previous: undefined }],
});

describe("an operation on ints", () => {
  test.each<[string, (a: number, b: number) => number]>([
    ["add-int", (a, b) => (a + b) | 0],
    ["sub-int/2addr", (a, b) => (a - b) | 0],
    ["rsub-int/lit8", (a, b) => (b - a) | 0],
    ["mul-int/lit16", (a, b) => Number(BigInt.asIntN(32, BigInt(a) * BigInt(b)))],
    ["and-int", (a, b) => a & b],
    ["or-int/lit8", (a, b) => a | b],
    ["xor-int", (a, b) => a ^ b],
    ["shl-int", (a, b) => Number(BigInt.asIntN(32, BigInt(a) << BigInt(b & 31)))],
    ["shr-int/lit8", (a, b) => Number(BigInt(a) >> BigInt(b & 31))],
    ["ushr-int/2addr", (a, b) => Number(BigInt.asIntN(32, BigInt.asUintN(32, BigInt(a)) >> BigInt(b & 31)))],
  ])("%s is what Dalvik makes of it", (mnemonic, expected) => {
    const int = fc.oneof(fc.integer(), fc.constantFrom(0, 1, -1, 2 ** 31 - 1, -(2 ** 31)));
    fc.assert(
      fc.property(int, int, (a, b) => {
        // 0 and -0 are one constant.
        const result = computeBinary(constants, mnemonic, number(a), number(b));
        expect(numbersOf(constants, result)).toEqual([expected(a, b) + 0]);
      }),
    );
  });

  test.each([
    ["div-int", 7, -2, -3],
    ["rem-int", -7, 2, -1],
    ["div-int/2addr", -(2 ** 31), -1, -(2 ** 31)],
    ["cmp-long", 3, 3, 0],
  ])("%s of %d and %d is %d", (mnemonic, a, b, expected) => {
    expect(computeBinary(constants, mnemonic, number(a), number(b))).toEqual(number(expected));
  });

  test.each([
    ["neg-int", 5, -5],
    ["neg-int", -(2 ** 31), -(2 ** 31)],
    ["not-int", 5, -6],
    ["int-to-byte", 200, -56],
    ["int-to-char", -1, 0xffff],
    ["int-to-short", 0x18000, -0x8000],
    ["int-to-long", -7, -7],
  ])("%s of %d is %d", (mnemonic, a, expected) => {
    expect(computeBinary(constants, mnemonic, number(a), NOTHING)).toEqual(number(expected));
  });

  test.each([
    ["a division by zero", "div-int", number(1), number(0)],
    ["a remainder by zero", "rem-int", number(1), number(0)],
    ["floats", "add-float", number(1), number(2)],
    // Constants of floats are held as their bits.
    ["floats that are compared", "cmpl-float", number(2), number(3)],
    ["longs", "add-long", number(1n), number(2n)],
    ["what is not known", "add-int", UNKNOWN, number(2)],
    ["a text", "add-int", constants.ofText("1"), number(2)],
    ["nine results", "add-int", numbers(0, 1, 2), numbers(0, 3, 6)],
  ])("is not known of %s", (_, mnemonic, left, right) => {
    expect(computeBinary(constants, mnemonic, left, right)).toEqual(UNKNOWN);
  });

  test("is each result that there may be", () => {
    const result = computeBinary(constants, "add-int", numbers(0, 1), numbers(10, 20));
    expect(numbersOf(constants, result)!.sort()).toEqual([10, 11, 20, 21]);
  });

  test("keeps the marks of both, and a comparison none", () => {
    const [left, right] = [marked(number(1), 4), marked(number(2), 9)];
    expect(computeBinary(constants, "add-int", left, right).marks).toEqual([4, 9]);
    expect(computeBinary(constants, "neg-int", left, NOTHING).marks).toEqual([4]);
    expect(computeBinary(constants, "cmp-long", left, right).marks).toEqual([]);
  });
});

describe("a branch", () => {
  const mnemonics = ["eq", "ne", "lt", "ge", "gt", "le"];
  const decide = (name: string, left: Value, right: Value = constants.zero) =>
    decideBranch(constants, 0x38 + mnemonics.indexOf(name), left, right);

  test.each([
    [-1, [false, true, true, false, false, true]],
    [0, [true, false, false, true, false, true]],
    [1, [false, true, false, true, true, false]],
  ])("on %d is taken as its condition says", (value, expected) => {
    expect(mnemonics.map((name) => decide(name, number(value)))).toEqual(expected);
    expect(
      mnemonics.map((_, condition) => decideBranch(constants, 0x32 + condition, number(value), number(0))),
    ).toEqual(expected);
  });

  test("is open where constants say both, and decided where all say one", () => {
    expect(decide("eq", numbers(0, 1))).toBeUndefined();
    expect(decide("gt", numbers(1, 2))).toBe(true);
    expect(decide("eq", UNKNOWN)).toBeUndefined();
    expect(decide("eq", { ...number(1), isUnknown: true })).toBeUndefined();
  });

  test("knows that an object is not null, and that what was given may be", () => {
    expect(decide("eq", ofObject(5))).toBe(false);
    expect(decide("ne", ofObject(5))).toBe(true);
    expect(decide("eq", ofGiven(5))).toBeUndefined();
    expect(decide("ne", constants.ofText(""))).toBe(true);
    // Two may be one.
    expect(decide("eq", ofObject(5), ofObject(6))).toBeUndefined();
    expect(decide("eq", ofObject(5), ofObject(5))).toBeUndefined();
  });

  test("knows a constant text for itself, and no two that begin alike", () => {
    const text = constants.ofText("a");
    const beginning = { ...NOTHING, constants: [constants.numberOfText("a", true)] };
    expect(decide("eq", text, text)).toBe(true);
    expect(decide("ne", text, text)).toBe(false);
    expect(decide("eq", beginning, beginning)).toBeUndefined();
    expect(decide("eq", text, constants.ofText("b"))).toBeUndefined();
  });
});

describe("a switch", () => {
  const cases = [
    { key: 1, target: 10 },
    { key: 2, target: 20 },
  ];
  const decide = (value: Value) => decideSwitch(constants, value, () => cases, 3);

  test("goes on at the case of its key, or after it", () => {
    expect(decide(number(2))).toEqual([20]);
    expect(decide(number(5))).toEqual([3]);
    expect(decide(join(number(1), number(5)))).toEqual([10, 3]);
  });

  test("goes on anywhere where the key or the cases are not known", () => {
    expect(decide(UNKNOWN)).toBeUndefined();
    expect(decide(ofObject(1))).toBeUndefined();
    const spoilt = () => {
      throw new FormatError(
        "truncated",
        { source: "classes.dex", structure: "packed-switch-payload" },
        "ends",
      );
    };
    expect(decideSwitch(constants, number(1), spoilt, 3)).toBeUndefined();
  });
});
