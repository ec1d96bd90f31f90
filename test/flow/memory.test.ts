import { describe, expect, test } from "vitest";
import { EMPTY_HEAP, type Heap } from "../../src/flow/heap.js";
import { Memory } from "../../src/flow/memory.js";
import { type ObjectKind, Objects, STATICS } from "../../src/flow/objects.js";
import {
  Constants,
  isSame,
  join,
  NOTHING,
  ofGiven,
  ofObject,
  UNKNOWN,
  type Value,
} from "../../src/flow/values.js";

const TYPE = 7;
const PENDING_INTENT = 8;

/** A memory of objects of each kind, named by what they are made of. */
function makeMemory() {
  const objects = new Objects();
  const constants = new Constants();
  const memory = new Memory(
    objects,
    constants,
    (descriptor) => (descriptor === "Landroid/app/PendingIntent;" ? PENDING_INTENT : TYPE),
    (field) => constants.ofText(`before ${field}`),
  );
  const find = (key: string, kind: ObjectKind = "made") => objects.find(key, kind, TYPE, true);
  const make = (heap: Heap, key: string) => {
    const object = find(key);
    return { value: ofObject(object), heap: memory.renew(heap, object), object };
  };
  const text = (one: string) => constants.ofText(one);
  return { memory, objects, constants, find, make, text, field: objects.fieldOf("Lacme/Box;->a:I") };
}

const marked = (mark: number): Value => ({
  ...UNKNOWN,
  marks: [mark],
  traces: [{ method: mark, codeUnit: 0, previous: undefined }],
});

describe("a field", () => {
  test("of one object is overwritten, of what may be two objects it is added to", () => {
    const { memory, make, text, field } = makeMemory();
    const a = make(EMPTY_HEAP, "a");
    const b = make(a.heap, "b");
    let heap = memory.store(b.heap, a.value, field, text("first"));
    heap = memory.store(heap, a.value, field, text("second"));
    expect(memory.load(heap, a.value, field)).toEqual(text("second"));
    heap = memory.store(heap, join(a.value, b.value), field, text("third"));
    expect(memory.load(heap, a.value, field)).toEqual(join(text("second"), text("third")));
    // What was null may still be.
    expect(
      isSame(memory.load(heap, b.value, field), join(text("third"), memory.load(b.heap, b.value, field))),
    ).toBe(true);
  });

  test("of an object that stands for many is added to, and so where the object may be one not known", () => {
    const { memory, objects, make, text, field } = makeMemory();
    const many = make(EMPTY_HEAP, "many");
    objects.isMany[many.object] = true;
    const one = make(many.heap, "one");
    const either = { ...one.value, isUnknown: true };
    for (const base of [many.value, either]) {
      let heap = memory.store(one.heap, base, field, text("first"));
      heap = memory.store(heap, base, field, text("second"));
      const held = memory.load(heap, ofObject(base.objects[0]!), field);
      for (const written of ["first", "second"]) expect(held.constants).toContain(text(written).constants[0]);
    }
    expect([many.value, either, one.value, NOTHING].map((base) => memory.isSingle(base))).toEqual([
      ...[false, false, true, false],
    ]);
  });

  test("is added to where that is asked for", () => {
    const { memory, make, text, field } = makeMemory();
    const { heap, value } = make(EMPTY_HEAP, "a");
    const added = memory.add(memory.store(heap, value, field, text("first")), value, field, text("second"));
    expect(memory.load(added, value, field)).toEqual(join(text("first"), text("second")));
  });

  test("is told apart from other fields, and from that of other objects", () => {
    const { memory, objects, constants, make, text, field } = makeMemory();
    const a = make(EMPTY_HEAP, "a");
    const b = make(a.heap, "b");
    const heap = memory.store(b.heap, a.value, field, text("x"));
    expect(memory.load(heap, b.value, field)).toEqual(constants.zero);
    expect(memory.load(heap, a.value, objects.fieldOf("Lacme/Box;->b:I"))).toEqual(constants.zero);
  });

  test("that nothing was written to holds what its object begins with", () => {
    const { memory, objects, constants, find, text } = makeMemory();
    const field = objects.fieldOf("Lacme/Box;->other:Lacme/Box;");
    const slot = objects.fieldOf(".text");
    const read = (object: number, one: number) => memory.read(EMPTY_HEAP, object, one);
    expect(read(find("made"), field)).toEqual(constants.zero);
    expect(read(STATICS, field)).toEqual(text("before Lacme/Box;->other:Lacme/Box;"));
    expect(read(find("store", "store"), field)).toBe(UNKNOWN);
    // What was given may hold an object, or null, and that one another, to a depth.
    let given = find("given", "given");
    for (let depth = 0; depth < 4; depth++) {
      const held = read(given, field);
      expect(held).toEqual(ofGiven(held.objects[0]!));
      given = held.objects[0]!;
      expect(objects.kinds[given]).toBe("given");
    }
    expect(read(given, field)).toBe(UNKNOWN);
    expect(read(find("given", "given"), objects.fieldOf("Lacme/Box;->count:I"))).toBe(UNKNOWN);
    for (const object of [find("made"), STATICS, find("store", "store"), given])
      expect(read(object, slot)).toBe(NOTHING);
  });

  test("of a marked object has its marks, of an unknown one may be anything", () => {
    const { memory, make, text, field } = makeMemory();
    const { heap, value } = make(EMPTY_HEAP, "a");
    const stored = memory.store(heap, value, field, text("x"));
    expect(
      memory.load(stored, { ...marked(3), objects: value.objects, isUnknown: false }, field),
    ).toMatchObject({
      constants: text("x").constants,
      marks: [3],
    });
    expect(memory.load(stored, UNKNOWN, field)).toBe(UNKNOWN);
  });

  test("of an object that is made anew is as new", () => {
    const { memory, constants, make, text, field } = makeMemory();
    const first = make(EMPTY_HEAP, "a");
    expect(memory.exists(EMPTY_HEAP, first.object)).toBe(false);
    const again = make(memory.store(first.heap, first.value, field, text("x")), "a");
    expect(memory.exists(again.heap, again.object)).toBe(true);
    expect(memory.load(again.heap, again.value, field)).toEqual(constants.zero);
  });
});

describe("an element", () => {
  test("is told apart by a constant key, and overwritten there", () => {
    const { memory, make, text } = makeMemory();
    const { heap, value } = make(EMPTY_HEAP, "map");
    let filled = memory.storeElement(heap, value, text("k"), text("first"));
    filled = memory.storeElement(filled, value, text("l"), text("other"));
    filled = memory.storeElement(filled, value, text("k"), text("second"));
    expect(memory.loadElement(filled, value, text("k"))).toEqual(text("second"));
    expect(memory.loadElement(filled, value, text("l"))).toEqual(text("other"));
    expect(memory.loadElement(filled, value, undefined).constants).toEqual(
      join(text("second"), text("other")).constants,
    );
  });

  test.each(["UNKNOWN", "a beginning", "two keys"])(
    "under a key that is not certain is any of them: %s",
    (what) => {
      const { memory, constants, make, text } = makeMemory();
      const { heap, value } = make(EMPTY_HEAP, "map");
      const prefix = { ...NOTHING, constants: [constants.numberOfText("k", true)] };
      const key = { UNKNOWN, "a beginning": prefix, "two keys": join(text("k"), text("l")) }[what]!;
      let filled = memory.storeElement(heap, value, text("k"), text("first"));
      filled = memory.storeElement(filled, value, key, text("second"));
      const [first, second] = [text("first").constants[0], text("second").constants[0]];
      expect(memory.loadElement(filled, value, text("k")).constants).toEqual(
        expect.arrayContaining([first, second]),
      );
      expect(memory.loadElement(filled, value, key).constants).toEqual(
        expect.arrayContaining([first, second]),
      );
      expect(memory.loadElement(filled, value, text("m")).constants.includes(second!)).toBe(
        what !== "two keys",
      );
    },
  );

  test("of two objects is that of either", () => {
    const { memory, make, text } = makeMemory();
    const a = make(EMPTY_HEAP, "a");
    const b = make(a.heap, "b");
    let heap = memory.storeElement(b.heap, a.value, text("k"), text("of a"));
    heap = memory.storeElement(heap, b.value, text("k"), text("of b"));
    const both = join(a.value, b.value);
    expect(memory.loadElement(heap, both, text("k"))).toEqual(join(text("of a"), text("of b")));
    heap = memory.storeElement(heap, both, text("k"), text("of either"));
    expect(memory.loadElement(heap, a.value, text("k"))).toEqual(join(text("of a"), text("of either")));
  });

  test("is gone when all are taken out, and of what may be many is not", () => {
    const { memory, objects, constants, make, text, field } = makeMemory();
    const { heap, value, object } = make(EMPTY_HEAP, "a");
    let filled = memory.storeElement(heap, value, text("k"), text("x"));
    filled = memory.storeElement(filled, value, undefined, text("y"));
    filled = memory.store(filled, value, field, text("kept"));
    const cleared = memory.clearElements(filled, value);
    expect(memory.loadElement(cleared, value, undefined)).toEqual(constants.zero);
    expect(memory.load(cleared, value, field)).toEqual(text("kept"));
    objects.isMany[object] = true;
    expect(memory.clearElements(filled, value)).toBe(filled);
  });
});

describe("two ways that meet", () => {
  test("leave in a field what either put there, or what was there", () => {
    const { memory, constants, make, text, field } = makeMemory();
    const { heap, value } = make(EMPTY_HEAP, "a");
    const [left, right] = ["left", "right"].map((one) => memory.store(heap, value, field, text(one)));
    expect(memory.load(memory.join(left!, right!), value, field)).toEqual(join(text("left"), text("right")));
    expect(memory.load(memory.join(left!, heap), value, field)).toEqual(join(constants.zero, text("left")));
    expect(memory.load(memory.join(heap, left!), value, field)).toEqual(join(constants.zero, text("left")));
  });

  test("leave an object that only one of them made as it is there", () => {
    const { memory, make, text, field } = makeMemory();
    const { heap, value } = make(EMPTY_HEAP, "a");
    const made = memory.store(heap, value, field, text("x"));
    for (const joined of [memory.join(made, EMPTY_HEAP), memory.join(EMPTY_HEAP, made)])
      expect(memory.load(joined, value, field)).toEqual(text("x"));
  });
});

describe("what a value holds", () => {
  test("are the marks of what text and containers are made of; of an object's own fields if asked", () => {
    const { memory, objects, make, field } = makeMemory();
    const inner = make(EMPTY_HEAP, "inner");
    const outer = make(inner.heap, "outer");
    let heap = memory.store(outer.heap, inner.value, objects.fieldOf(".text"), marked(1));
    heap = memory.storeElement(heap, outer.value, undefined, inner.value);
    heap = memory.store(heap, outer.value, field, marked(2));
    expect(memory.heldMarks(heap, outer.value, false).marks).toEqual([1]);
    expect(memory.heldMarks(heap, outer.value, true).marks).toEqual([1, 2]);
    expect(memory.heldMarks(heap, { ...outer.value, ...marked(3), isUnknown: false }, false).marks).toEqual([
      3,
    ]);
  });

  test("come to an end where objects hold one another", () => {
    const { memory, objects, make } = makeMemory();
    const a = make(EMPTY_HEAP, "a");
    const b = make(a.heap, "b");
    const content = objects.fieldOf(".content");
    let heap = memory.store(b.heap, a.value, content, b.value);
    heap = memory.store(heap, b.value, content, join(a.value, marked(1)));
    expect(memory.heldMarks(heap, a.value, false).marks).toEqual([1]);
  });

  test("are known of all that hold it, and are told of by field", () => {
    const { memory, objects, make, find, field } = makeMemory();
    const held: string[] = [];
    memory.onHeld = (place) => held.push(place);
    const preferences = find("preferences", "store");
    objects.storeKinds.set(preferences, "preferences");
    const inner = make(EMPTY_HEAP, "inner");
    const outer = make(inner.heap, "outer");
    let heap = memory.storeElement(outer.heap, outer.value, undefined, inner.value);
    expect(memory.holdsMarks(outer.value)).toBe(false);
    heap = memory.store(heap, inner.value, objects.fieldOf(".content"), marked(1));
    expect([inner.value, outer.value].map((one) => memory.holdsMarks(one))).toEqual([true, true]);
    expect(held).toEqual([]);
    heap = memory.store(heap, outer.value, field, marked(1));
    memory.storeElement(heap, ofObject(preferences), undefined, marked(1));
    expect(held).toEqual(["Lacme/Box;->a:I", "store preferences"]);
  });
});

test("what is read is noted once for each call that is worked on", () => {
  const { memory, objects, make, field } = makeMemory();
  const { heap, object } = make(EMPTY_HEAP, "a");
  memory.reads.length = 0;
  memory.read(heap, object, field);
  memory.read(heap, object, field);
  memory.noteShape(object);
  memory.noteShape(object);
  const cell = objects.cellOf(object, field);
  expect(memory.reads).toEqual([cell, -object - 1]);
  memory.readsFrom = memory.reads.length;
  memory.read(heap, object, field);
  expect(memory.reads).toEqual([cell, -object - 1, cell]);
});
