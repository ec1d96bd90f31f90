import { type Heap, joinHeaps, MOST_CELLS, readCell, writeCell } from "./heap.js";
import { type Objects, STATICS } from "./objects.js";
import {
  addMarksOf,
  type Constants,
  FORMS,
  isSame,
  join,
  NOTHING,
  ofGiven,
  UNKNOWN,
  type Value,
  withForms,
  withMarks,
  withStep,
} from "./values.js";

/** Fields of fields of what was given from outside that are told apart. */
const MOST_GIVEN_DEPTH = 4;
/** Objects that are gone through for what hangs on a value. */
const MOST_HELD = 200;

/** Slots that hold what an object of Android's or a library's is made of: all that `toString` can show of it. */
const CONTENTS = /^(?:\[|\.(?:content|text|value|spec|data)$)/;

/** Reads and writes objects of a heap, as the constants and the number of objects that a value can be allow. */
export class Memory {
  readonly objects: Objects;
  readonly #constants: Constants;
  readonly #typeOf: (descriptor: string) => number;
  readonly #pendingIntent: number;
  readonly #initialStatic: (field: string) => Value | undefined;
  /** What was asked for, in order: cells, and below 0 an object (less one) of which all cells were. */
  readonly reads: number[] = [];
  /** Where in {@link reads} a call that is being worked on begins: what it asks for again is not noted again. */
  readsFrom = 0;
  readonly #cellAt: number[] = [];
  readonly #shapeAt: number[] = [];

  constructor(
    objects: Objects,
    constants: Constants,
    typeOf: (descriptor: string) => number,
    initialStatic: (field: string) => Value | undefined,
  ) {
    this.objects = objects;
    this.#constants = constants;
    this.#typeOf = typeOf;
    this.#pendingIntent = typeOf("Landroid/app/PendingIntent;");
    this.#initialStatic = initialStatic;
  }

  noteRead(cell: number): void {
    const at = this.#cellAt[cell];
    if (at !== undefined && at >= this.readsFrom && this.reads[at] === cell) return;
    this.#cellAt[cell] = this.reads.push(cell) - 1;
  }

  noteShape(object: number): void {
    const at = this.#shapeAt[object];
    if (at !== undefined && at >= this.readsFrom && this.reads[at] === -object - 1) return;
    this.#shapeAt[object] = this.reads.push(-object - 1) - 1;
  }

  /** Told of each field, or slot of what outlives a call, that comes to hold a source's value. */
  onHeld: (place: string) => void = () => {};

  /** Notes who holds what, when a value is put to a cell. */
  #note(cell: number, value: Value): void {
    let isMarked = value.marks.length > 0;
    for (const object of value.objects) {
      this.objects.holders[object]!.add(cell);
      if (this.objects.holdsMarks[object]) isMarked = true;
    }
    if (isMarked) this.#noteMarks(cell);
  }

  #noteMarks(cell: number): void {
    const { objects } = this;
    const open = [cell];
    const seen = new Set<number>();
    for (let one = open.pop(); one !== undefined; one = open.pop()) {
      if (seen.has(one)) continue;
      seen.add(one);
      const object = objects.cellObjects[one]!;
      const field = objects.fields[objects.cellFields[one]!]!;
      const kind = objects.kinds[object]!;
      const isContent = field.startsWith("[") || field.startsWith(".");
      if (!isContent) {
        this.onHeld(field);
        continue;
      }
      if (kind === "store") this.onHeld(`store ${objects.storeKinds.get(object)}`);
      if (kind === "statics" || kind === "component" || kind === "given") this.onHeld(field);
      if (kind === "statics" || objects.holdsMarks[object]) continue;
      objects.holdsMarks[object] = true;
      open.push(...objects.holders[object]!);
    }
  }

  /** Whether a value is a source's, or holds one otherwise than in fields of the app's own classes. */
  holdsMarks(value: Value): boolean {
    return (
      value.marks.length > 0 ||
      value.objects.some(
        (object) => this.objects.holdsMarks[object] && this.objects.kinds[object] !== "component",
      )
    );
  }

  readonly #joinCell = (
    heaps: readonly [Heap, Heap],
    cell: number,
    x: Value | undefined,
    y: Value | undefined,
  ): Value | undefined => {
    if (x !== undefined && y !== undefined) return join(x, y);
    const object = this.objects.cellObjects[cell]!;
    // An object that only one of two ways made is what it is there.
    if (this.objects.kinds[object] === "made" && this.objects.cellFields[cell] !== this.objects.existence) {
      const existence = this.objects.cellOf(object, this.objects.existence);
      const other = x === undefined ? heaps[0] : heaps[1];
      if (readCell(other, existence) === undefined) return x ?? y;
    }
    if (this.objects.cellFields[cell] === this.objects.existence) return x ?? y;
    return join(x ?? this.#initial(cell), y ?? this.#initial(cell));
  };

  join(a: Heap, b: Heap): Heap {
    const heaps = [a, b] as const;
    return joinHeaps(a, b, (cell, x, y) => this.#joinCell(heaps, cell, x, y));
  }

  /** What a cell holds that nothing was written to. */
  #initial(cell: number): Value {
    const { objects } = this;
    const object = objects.cellObjects[cell]!;
    const field = objects.fields[objects.cellFields[cell]!]!;
    const isSlot = field.startsWith(".");
    switch (objects.kinds[object]) {
      case "statics":
        return isSlot ? NOTHING : (this.#initialStatic(field) ?? this.#given(object, field));
      case "made":
      case "component":
        if (isSlot) return NOTHING;
        return objects.isOpen[object] && field.startsWith("L")
          ? this.#given(object, field)
          : this.#constants.zero;
      case "given":
        return isSlot ? NOTHING : this.#given(object, field);
      case "store":
        return isSlot ? NOTHING : UNKNOWN;
      default:
        return NOTHING;
    }
  }

  #given(object: number, field: string): Value {
    const { objects } = this;
    const descriptor = field.slice(field.indexOf(":") + 1);
    const depth = objects.depths[object]! + 1;
    if (field.startsWith("[") || !descriptor.startsWith("L") || depth > MOST_GIVEN_DEPTH) return UNKNOWN;
    return ofGiven(objects.find(`${object} ${field}`, "given", this.#typeOf(descriptor), false, depth));
  }

  read(heap: Heap, object: number, field: number): Value {
    const cell = this.objects.cellOf(object, field);
    this.noteRead(cell);
    return this.#ofStore(object, readCell(heap, cell) ?? this.#initial(cell));
  }

  /** What stores of names that are not known hold is assumed to be what is asked for. */
  #ofStore(object: number, value: Value): Value {
    const isAssumed = this.objects.kinds[object] === "store" && this.objects.isMany[object] === true;
    return isAssumed ? withForms(value, FORMS.assumed) : value;
  }

  /** What was written to a field; `undefined` where nothing was. */
  readWritten(heap: Heap, object: number, field: number): Value | undefined {
    const cell = this.objects.cellOf(object, field);
    this.noteRead(cell);
    return readCell(heap, cell);
  }

  /** A field of whatever a value may be. */
  load(heap: Heap, base: Value, field: number): Value {
    let value: Value = base.isUnknown ? UNKNOWN : NOTHING;
    for (const object of base.objects) value = join(value, this.read(heap, object, field));
    return addMarksOf(value, base);
  }

  /** Whether a value is one object for certain. */
  isSingle(base: Value): boolean {
    return base.objects.length === 1 && !base.isUnknown && !this.objects.isMany[base.objects[0]!]!;
  }

  write(heap: Heap, object: number, field: number, value: Value, isStrong: boolean): Heap {
    const cell = this.objects.cellOf(object, field);
    this.#note(cell, value);
    const known = readCell(heap, cell);
    // What cells there were too few for shares the last one: nothing in it is replaced.
    if (isStrong && cell < MOST_CELLS - 1)
      return known !== undefined && isSame(known, value) ? heap : writeCell(heap, cell, value);
    this.noteRead(cell);
    const joined = join(known ?? this.#initial(cell), value);
    return known !== undefined && isSame(known, joined) ? heap : writeCell(heap, cell, joined);
  }

  /** Overwrites where there is one object for certain, adds otherwise. */
  store(heap: Heap, base: Value, field: number, value: Value): Heap {
    const isStrong = this.isSingle(base);
    let stored = heap;
    for (const object of base.objects) stored = this.write(stored, object, field, value, isStrong);
    return stored;
  }

  /** Adds to what there may be. */
  add(heap: Heap, base: Value, field: number, value: Value): Heap {
    let stored = heap;
    for (const object of base.objects) stored = this.write(stored, object, field, value, false);
    return stored;
  }

  /** The fields of elements under what a key may be; `undefined` where it may be any. */
  #elements(key: Value): number[] | undefined {
    if (key.isUnknown || key.objects.length > 0 || key.constants.length === 0) return undefined;
    const known = key.constants.every((constant) => {
      const one = this.#constants.list[constant]!;
      return one.kind !== "text" || !one.isPrefix;
    });
    return known ? key.constants.map((constant) => this.objects.fieldOf(`[${constant}`)) : undefined;
  }

  /** @param isOfClass whether only elements that are objects are asked for, not texts nor numbers */
  loadElement(heap: Heap, base: Value, key: Value | undefined, isOfClass = false): Value {
    let value: Value = base.isUnknown ? UNKNOWN : NOTHING;
    const fields = key === undefined ? undefined : this.#elements(key);
    for (const object of base.objects)
      value = join(value, this.#ofStore(object, this.#readElement(heap, object, fields, isOfClass)));
    value = addMarksOf(value, base);
    if (key?.drawn === undefined || key.drawn.elementOf !== undefined || base.isUnknown) return value;
    return { ...value, drawn: { draw: key.drawn.draw, elementOf: base.objects } };
  }

  #readElement(heap: Heap, object: number, fields: readonly number[] | undefined, isOfClass: boolean): Value {
    const { anyElement } = this.objects;
    const read = (cell: number): Value | undefined => {
      this.noteRead(cell);
      const held = readCell(heap, cell);
      return isOfClass && held !== undefined && held.objects.length === 0 ? undefined : held;
    };
    const any = this.objects.cellOf(object, anyElement);
    let value = read(any) ?? NOTHING;
    if (fields === undefined) {
      this.noteShape(object);
      for (const [field, cell] of this.objects.cells[object]!)
        if (field !== anyElement && this.objects.fields[field]!.startsWith("["))
          value = join(value, read(cell) ?? NOTHING);
      return value === NOTHING || this.objects.kinds[object] !== "made"
        ? join(value, this.#initial(any))
        : value;
    }
    for (const field of fields) {
      const cell = this.objects.cellOf(object, field);
      value = join(value, read(cell) ?? (value === NOTHING ? this.#initial(cell) : NOTHING));
    }
    return value;
  }

  storeElement(heap: Heap, base: Value, key: Value | undefined, value: Value): Heap {
    const { drawn } = value;
    if (drawn?.elementOf !== undefined && key?.drawn?.draw === drawn.draw)
      return this.#storeEntries(heap, base, drawn.elementOf, value);
    const fields = key === undefined ? undefined : this.#elements(key);
    if (fields?.length === 1) return this.store(heap, base, fields[0]!, value);
    let stored = heap;
    for (const field of fields ?? [this.objects.anyElement])
      for (const object of base.objects) stored = this.addElement(stored, object, field, value);
    return stored;
  }

  /** Any entry of some objects is put under its key: all of them are there then, each under its own. */
  #storeEntries(heap: Heap, base: Value, from: readonly number[], value: Value): Heap {
    const { objects } = this;
    const [step] = value.traces;
    const put = new Set<number>();
    const known = new Set<number>();
    let stored = heap;
    let isOpen = value.isUnknown && from.length === 0;
    for (const object of from) {
      isOpen ||= objects.kinds[object] !== "made" || objects.isOpen[object]!;
      this.noteShape(object);
      for (const [field, cell] of [...objects.cells[object]!]) {
        if (!objects.fields[field]!.startsWith("[")) continue;
        this.noteRead(cell);
        const held = readCell(heap, cell);
        if (held === undefined) continue;
        for (const mark of held.marks) put.add(mark);
        for (const one of held.objects) known.add(one);
        const own = step === undefined ? held : withStep(held, 0, step.method, step.codeUnit);
        for (const one of base.objects) stored = this.addElement(stored, one, field, own);
      }
    }
    // They may hold what nobody put there, or no longer do; and the value may come of more than their elements.
    const left = value.objects.filter((one) => !known.has(one));
    const others = withMarks({ ...UNKNOWN, objects: left }, value, (mark) => !put.has(mark));
    if (!isOpen && left.length === 0 && others.marks.length === 0) return stored;
    for (const one of base.objects) stored = this.addElement(stored, one, objects.anyElement, others);
    return stored;
  }

  /** Adds to what an element may be: to nothing, where nobody has put anything. */
  addElement(heap: Heap, object: number, field: number, value: Value): Heap {
    const cell = this.objects.cellOf(object, field);
    this.#note(cell, value);
    this.noteRead(cell);
    const joined = join(readCell(heap, cell) ?? NOTHING, value);
    return writeCell(heap, cell, joined);
  }

  /** Takes all elements out of an object, and slots if they are its text. */
  clearElements(heap: Heap, base: Value): Heap {
    if (!this.isSingle(base)) return heap;
    let cleared = heap;
    for (const [field, cell] of this.objects.cells[base.objects[0]!]!)
      if (this.objects.fields[field]!.startsWith("[")) cleared = writeCell(cleared, cell, undefined);
    return cleared;
  }

  /** Makes an object as if it were new: all that it held is gone. */
  renew(heap: Heap, object: number): Heap {
    let renewed = heap;
    for (const cell of this.objects.cells[object]!.values()) renewed = writeCell(renewed, cell, undefined);
    return writeCell(renewed, this.objects.cellOf(object, this.objects.existence), this.#constants.one);
  }

  exists(heap: Heap, object: number): boolean {
    return readCell(heap, this.objects.cellOf(object, this.objects.existence)) !== undefined;
  }

  /**
   * The marks of a value and of what hangs on it.
   *
   * @param withFields whether of the app's own objects too; else only what text or a container's contents show
   */
  heldMarks(heap: Heap, value: Value, withFields: boolean): Value {
    let marks: Value = addMarksOf(NOTHING, value);
    const seen = new Set(value.objects);
    for (const object of seen) {
      if (seen.size > MOST_HELD) break;
      const kind = this.objects.kinds[object];
      if (kind === "component" || kind === "registration" || object === STATICS) continue;
      // Whoever holds a PendingIntent can have it sent, and cannot look into it.
      if (this.objects.types[object] === this.#pendingIntent) continue;
      this.noteShape(object);
      for (const [field, cell] of this.objects.cells[object]!) {
        const name = this.objects.fields[field]!;
        if (!withFields && !CONTENTS.test(name)) continue;
        this.noteRead(cell);
        const held = readCell(heap, cell);
        if (held === undefined) continue;
        marks = addMarksOf(marks, this.#ofStore(object, held));
        for (const one of held.objects) seen.add(one);
      }
    }
    return marks;
  }
}
