import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  addMarksOf,
  Constants,
  FORMS,
  formsOfMark,
  isNothing,
  isSame,
  isWithin,
  join,
  MOST_CONSTANTS,
  MOST_MARKS,
  MOST_OBJECTS,
  markOf,
  NOTHING,
  ofGiven,
  ofObject,
  sourceOfMark,
  UNKNOWN,
  type Value,
  withStep,
} from "../../src/flow/values.js";

const ascending = (most: number, size: number) =>
  fc
    .uniqueArray(fc.nat(most), { maxLength: size })
    .map((numbers) => numbers.sort((a, b) => a - b) as readonly number[]);

/** Values; those that are joined of few have more than a value can hold. */
const values: fc.Arbitrary<Value> = fc
  .record({
    objects: ascending(60, MOST_OBJECTS),
    constants: ascending(20, MOST_CONSTANTS),
    isUnknown: fc.boolean(),
    marks: ascending(150, MOST_MARKS),
  })
  .map((value) => ({
    ...value,
    traces: value.marks.map((mark) => ({ method: mark, codeUnit: 0, previous: undefined })),
  }));

const same = (a: Value, b: Value) => {
  expect(isSame(a, b), `${show(a)} is ${show(b)}`).toBe(true);
};
const show = ({ traces: _, ...value }: Value) => JSON.stringify(value);

describe("what may be one or the other", () => {
  test("is the same in any order", () => {
    fc.assert(fc.property(values, values, (a, b) => same(join(a, b), join(b, a))));
    fc.assert(
      fc.property(values, values, values, (a, b, c) => same(join(join(a, b), c), join(a, join(b, c)))),
    );
  });

  test("is no other where it is one that is there", () => {
    fc.assert(
      fc.property(values, values, (a, b) => {
        same(join(a, a), a);
        same(join(a, NOTHING), a);
        same(join(NOTHING, a), a);
        // So that a loop comes to an end.
        same(join(join(a, b), b), join(a, b));
        same(join(a, join(a, b)), join(a, b));
      }),
    );
  });

  test("holds all that either holds, or is not known", () => {
    fc.assert(
      fc.property(values, values, (a, b) => {
        const joined = join(a, b);
        for (const one of [a, b])
          expect(isWithin({ ...one, marks: [], traces: [] }, joined) || joined.isUnknown).toBe(true);
        for (const mark of joined.marks) expect(a.marks.includes(mark) || b.marks.includes(mark)).toBe(true);
        for (const object of joined.objects)
          expect(a.objects.includes(object) || b.objects.includes(object)).toBe(true);
        const most = new Set([...a.constants, ...b.constants]).size > MOST_CONSTANTS;
        expect(joined.isAnyConstant ?? false).toBe(most);
        if (!joined.isUnknown) expect(a.isUnknown || b.isUnknown).toBe(false);
      }),
    );
  });

  test("is as large as a value can be at most, in order, each once, with a trace for each mark", () => {
    fc.assert(
      fc.property(values, values, (a, b) => {
        const { objects, constants, marks, traces } = join(a, b);
        expect(objects.length).toBeLessThanOrEqual(MOST_OBJECTS);
        expect(constants.length).toBeLessThanOrEqual(MOST_CONSTANTS);
        expect(marks.length).toBeLessThanOrEqual(MOST_MARKS);
        for (const list of [objects, constants, marks])
          expect(list).toEqual([...new Set(list)].sort((x, y) => x - y));
        // The traces of these values tell which mark they are of.
        expect(traces.map(({ method }) => method)).toEqual(marks);
      }),
    );
  });

  test("is within what it was joined to where nothing was left out", () => {
    const small = values.filter(({ objects, constants }) => objects.length < 9 && constants.length < 4);
    const few = small.map((value) => ({
      ...value,
      marks: value.marks.slice(0, 9),
      traces: value.traces.slice(0, 9),
    }));
    fc.assert(
      fc.property(few, few, (a, b) => {
        expect(isWithin(a, join(a, b)) && isWithin(b, join(a, b))).toBe(true);
        if (isWithin(a, b)) same(join(a, b), b);
        else expect(isSame(join(a, b), b)).toBe(false);
        expect(isWithin(a, b) && isWithin(b, a)).toBe(isSame(a, b));
      }),
    );
  });

  test("more constants, or objects, than are told apart are not known", () => {
    const constants = new Constants();
    const texts = (count: number) =>
      Array.from({ length: count }, (_, index) => constants.ofText(`${index}`)).reduce(join, NOTHING);
    expect(texts(MOST_CONSTANTS)).toMatchObject({ isUnknown: false });
    expect(texts(MOST_CONSTANTS).constants).toHaveLength(MOST_CONSTANTS);
    const many = texts(MOST_CONSTANTS + 1);
    expect(many).toMatchObject({ constants: [], isUnknown: true, isAnyConstant: true });
    // Else it would be another one in each round of a loop.
    expect(join(many, constants.ofText("0"))).toBe(many);
    same(join(constants.ofText("0"), many), many);
    expect(isWithin(constants.ofText("0"), many)).toBe(true);
    expect(isWithin(many, UNKNOWN)).toBe(false);
    expect(isSame(many, UNKNOWN)).toBe(false);
    const objects = (count: number) =>
      Array.from({ length: count }, (_, index) => ofObject(index)).reduce(join, NOTHING);
    expect(objects(MOST_OBJECTS)).toMatchObject({ isUnknown: false });
    expect(objects(MOST_OBJECTS + 1)).toMatchObject({ isUnknown: true });
  });

  test("more marks than a value can have are left out", () => {
    const of = (from: number): Value => {
      const marks = Array.from({ length: MOST_MARKS }, (_, index) => from + index);
      return {
        ...UNKNOWN,
        marks,
        traces: marks.map((method) => ({ method, codeUnit: 0, previous: undefined })),
      };
    };
    expect(join(of(0), of(1)).marks).toEqual(of(0).marks);
    expect(join(of(1), of(0)).traces).toHaveLength(MOST_MARKS);
  });
});

describe("marks", () => {
  test("are a source and its forms", () => {
    const forms = fc.subarray(Object.values(FORMS)).map((bits) => bits.reduce((all, bit) => all | bit, 0));
    fc.assert(
      fc.property(fc.nat(1_000_000), forms, (source, bits) => {
        const mark = markOf(source, bits);
        expect([sourceOfMark(mark), formsOfMark(mark)]).toEqual([source, bits]);
      }),
    );
  });

  const marked = (...marks: number[]): Value => ({
    ...UNKNOWN,
    marks,
    traces: marks.map((mark) => ({ method: mark, codeUnit: 1, previous: undefined })),
  });

  test("get forms with a step, and no two are alike after it", () => {
    const value = marked(markOf(0, 0), markOf(0, FORMS.hashed), markOf(3, FORMS.encoded));
    const { marks, traces } = withStep(value, FORMS.hashed, 7, 9);
    expect(marks).toEqual([markOf(0, FORMS.hashed), markOf(3, FORMS.encoded | FORMS.hashed)]);
    expect(traces).toEqual([
      { method: 7, codeUnit: 9, previous: value.traces[0] },
      { method: 7, codeUnit: 9, previous: value.traces[2] },
    ]);
  });

  test("stay where they are in a step that was made", () => {
    const once = withStep(marked(5), 0, 7, 9);
    expect(withStep(once, 0, 7, 9)).toEqual(once);
    expect(withStep(once, 0, 7, 10).traces[0]!.previous).toBe(once.traces[0]);
    expect(withStep(UNKNOWN, FORMS.hashed, 7, 9)).toBe(UNKNOWN);
  });

  test("are added to a value that stays what it is", () => {
    const value = { ...ofObject(3), marks: [2], traces: [{ method: 0, codeUnit: 0, previous: undefined }] };
    const both = addMarksOf(value, marked(1, 2));
    expect(both).toMatchObject({ objects: [3], constants: [], isUnknown: false, marks: [1, 2] });
    // The way by which it came first is kept.
    expect(both.traces).toEqual([{ method: 1, codeUnit: 1, previous: undefined }, value.traces[0]]);
    expect(addMarksOf(both, marked(2))).toBe(both);
  });
});

describe("constants", () => {
  const constants = new Constants();

  test("have a number each, and 0 is null", () => {
    expect(constants.zero.constants).toEqual([0]);
    expect(constants.ofNumber(0)).toEqual(constants.zero);
    expect(ofGiven(5)).toEqual({ ...ofObject(5), constants: constants.zero.constants });
    expect(constants.either).toEqual(join(constants.zero, constants.one));
  });

  test("of kinds, and texts and their beginnings, are told apart", () => {
    const numbers = [
      constants.ofNumber(12),
      constants.ofText("12"),
      constants.ofClass(12),
      { ...NOTHING, constants: [constants.numberOfText("12", true)] },
    ].flatMap((value) => value.constants);
    expect(new Set(numbers).size).toBe(4);
    expect(numbers.map((one) => constants.list[one])).toEqual([
      { kind: "number", value: 12 },
      { kind: "text", text: "12", isPrefix: false },
      { kind: "class", type: 12 },
      { kind: "text", text: "12", isPrefix: true },
    ]);
  });

  test("nothing is what holds nothing, whatever marks it has", () => {
    expect([NOTHING, { ...NOTHING, marks: [1], traces: [] }].map(isNothing)).toEqual([true, true]);
    expect([UNKNOWN, constants.zero, ofObject(0)].map(isNothing)).toEqual([false, false, false]);
  });
});
