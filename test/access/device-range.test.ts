import { describe, expect, test } from "vitest";
import { intersectRanges, joinRanges, subtractRanges } from "../../src/access/device-range.js";

const range = (from: number, to = Infinity) => ({ from, to });

describe("ranges of API levels", () => {
  test("that overlap or touch are joined, empty ones left out", () => {
    expect(joinRanges([range(23), range(16, 20), range(18, 21), range(9, 8)])).toEqual([
      range(16, 21),
      range(23),
    ]);
    expect(joinRanges([range(16, 22), range(23)])).toEqual([range(16)]);
  });

  test("what is left of a range without others", () => {
    expect(subtractRanges(range(21), [])).toEqual([range(21)]);
    expect(subtractRanges(range(21), [range(16)])).toEqual([]);
    expect(subtractRanges(range(21), [range(16, 28)])).toEqual([range(29)]);
    expect(subtractRanges(range(21), [range(23, 28), range(31, 33)])).toEqual([
      range(21, 22),
      range(29, 30),
      range(34),
    ]);
    expect(subtractRanges(range(21, 30), [range(26)])).toEqual([range(21, 25)]);
  });

  test("what two have in common", () => {
    expect(intersectRanges([range(21)], [range(16, 28), range(30)])).toEqual([range(21, 28), range(30)]);
    expect(intersectRanges([range(21, 25)], [range(26)])).toEqual([]);
  });
});
