/** Where a value came by on its way from a source: the newest step, and those before it. */
export interface Trace {
  readonly method: number;
  readonly codeUnit: number;
  readonly previous: Trace | undefined;
}

/** What became of a source's value; bits of a mark. */
export const FORMS = { partial: 1, encoded: 2, encrypted: 4, hashed: 8, assumed: 16 } as const;

const FORM_BITS = 5;

/**
 * That a value is a key, or an element, of an entry that code comes to as it goes over all entries of something: which entry
 * that is is not known, but key and element of one draw belong together.
 */
export interface Drawn {
  /** Tells draws apart: number of the keys that were asked for, and of the object whose keys they are. */
  readonly draw: number;
  /** Objects that the element is one of; absent of a key. */
  readonly elementOf?: readonly number[];
}

/**
 * All that a register or a place of the heap may hold: objects, constants, and whether it may be something that nothing is
 * known of. Marks tell which sources it was computed from. Nothing in it at all: there is no such value.
 */
export interface Value {
  /** Abstract objects, ascending. */
  readonly objects: readonly number[];
  /** By number in {@link Constants}, ascending. */
  readonly constants: readonly number[];
  readonly isUnknown: boolean;
  /** Whether it may be more constants than are told apart; none of them is listed then, nor is any that comes later. */
  readonly isAnyConstant?: true;
  /** Ascending. */
  readonly marks: readonly number[];
  /** By mark. */
  readonly traces: readonly Trace[];
  readonly drawn?: Drawn;
}

/** Of an empty value; never changed. */
const NONE = Object.freeze([] as never[]);
/** By number in {@link Constants}. */
const NULL = [0];

/** No value at all. */
export const NOTHING: Value = { objects: NONE, constants: NONE, isUnknown: false, marks: NONE, traces: NONE };

export const UNKNOWN: Value = { ...NOTHING, isUnknown: true };

/** The mark of a source in some forms. */
export function markOf(source: number, forms: number): number {
  return (source << FORM_BITS) | forms;
}

export function sourceOfMark(mark: number): number {
  return mark >> FORM_BITS;
}

export function formsOfMark(mark: number): number {
  return mark & ((1 << FORM_BITS) - 1);
}

export type Constant =
  | { readonly kind: "number"; readonly value: number | bigint }
  /** `isPrefix`: what follows is not known. */
  | { readonly kind: "text"; readonly text: string; readonly isPrefix: boolean }
  /** `type` by its number in the type table. */
  | { readonly kind: "class"; readonly type: number };

/** Constants by number; 0 is the number 0, and null. */
export class Constants {
  readonly #numbers = new Map<string, number>();
  readonly list: Constant[] = [];
  readonly zero: Value;
  readonly one: Value;
  /** 0 or 1. */
  readonly either: Value;

  constructor() {
    this.zero = this.ofNumber(0);
    this.one = this.ofNumber(1);
    this.either = { ...NOTHING, constants: [this.zero.constants[0]!, this.one.constants[0]!] };
  }

  #intern(key: string, constant: Constant): number {
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const number = this.list.push(constant) - 1;
    this.#numbers.set(key, number);
    return number;
  }

  ofNumber(value: number | bigint): Value {
    return { ...NOTHING, constants: [this.#intern(`n${value}`, { kind: "number", value })] };
  }

  numberOfText(text: string, isPrefix = false): number {
    return this.#intern(`${isPrefix ? "p" : "t"}${text}`, { kind: "text", text, isPrefix });
  }

  /** Of a long text only the beginning is told apart. */
  ofText(text: string): Value {
    const isLong = text.length > MOST_TEXT;
    return { ...NOTHING, constants: [this.numberOfText(isLong ? text.slice(0, MOST_TEXT) : text, isLong)] };
  }

  ofClass(type: number): Value {
    return { ...NOTHING, constants: [this.#intern(`c${type}`, { kind: "class", type })] };
  }
}

/** An object that was given from outside, where null may have been given instead. */
export function ofGiven(object: number): Value {
  return { ...NOTHING, objects: [object], constants: NULL };
}

export function ofObject(object: number): Value {
  return { ...NOTHING, objects: [object] };
}

export function isNothing(value: Value): boolean {
  return !value.isUnknown && value.objects.length === 0 && value.constants.length === 0;
}

/** Characters of a text that are told apart. */
export const MOST_TEXT = 500;

/** How much one value can hold; what is more than that is not known. */
export const MOST_CONSTANTS = 8;
export const MOST_OBJECTS = 24;
export const MOST_MARKS = 64;

/** What may be one or the other. */
export function join(a: Value, b: Value): Value {
  if (a === b || b === NOTHING) return a;
  if (a === NOTHING) return b;
  if (isWithin(b, a)) return a;
  let objects = unite(a.objects, b.objects);
  let constants = unite(a.constants, b.constants);
  let isUnknown = a.isUnknown || b.isUnknown;
  const isAnyConstant = a.isAnyConstant || b.isAnyConstant || constants.length > MOST_CONSTANTS;
  if (isAnyConstant) {
    constants = NONE;
    isUnknown = true;
  }
  if (objects.length > MOST_OBJECTS) {
    objects = objects.slice(0, MOST_OBJECTS);
    isUnknown = true;
  }
  const { marks, traces } = a;
  const drawn = joinDrawn(a, b);
  const joined = { objects, constants, isUnknown, marks, traces, ...(drawn && { drawn }) };
  return addMarksOf(isAnyConstant ? { ...joined, isAnyConstant } : joined, b);
}

function joinDrawn({ drawn: a }: Value, { drawn: b }: Value): Drawn | undefined {
  if (a === undefined || a.draw !== b?.draw) return undefined;
  if (a.elementOf === undefined || b.elementOf === undefined)
    return a.elementOf === b.elementOf ? a : undefined;
  return { draw: a.draw, elementOf: unite(a.elementOf, b.elementOf) };
}

/** Whether one value is of no other entries than another one says. */
function isWithinDrawn(value: Value, whole: Value): boolean {
  if (whole.drawn === undefined) return true;
  const { draw, elementOf } = whole.drawn;
  if (value.drawn?.draw !== draw) return false;
  if (elementOf === undefined || value.drawn.elementOf === undefined)
    return elementOf === value.drawn.elementOf;
  return includesAll(elementOf, value.drawn.elementOf);
}

/** A value with the marks of another one in addition. */
export function addMarksOf(value: Value, from: Value): Value {
  if (from.marks.length === 0 || includesAll(value.marks, from.marks)) return value;
  if (value.marks.length === 0) return { ...value, marks: from.marks, traces: from.traces };
  const marks: number[] = [];
  const traces: Trace[] = [];
  let i = 0;
  let j = 0;
  while (i < value.marks.length || j < from.marks.length) {
    const left = value.marks[i] ?? Number.POSITIVE_INFINITY;
    const right = from.marks[j] ?? Number.POSITIVE_INFINITY;
    if (marks.length === MOST_MARKS) break;
    marks.push(Math.min(left, right));
    traces.push(left <= right ? value.traces[i]! : from.traces[j]!);
    if (left <= right) i++;
    if (right <= left) j++;
  }
  return { ...value, marks, traces };
}

/** A value with those of another one's marks that are asked for. */
export function withMarks(value: Value, from: Value, isAsked: (mark: number) => boolean): Value {
  const indices = [...from.marks.keys()].filter((index) => isAsked(from.marks[index]!));
  const marks = indices.map((index) => from.marks[index]!);
  return addMarksOf(value, { ...NOTHING, marks, traces: indices.map((index) => from.traces[index]!) });
}

/** A value one step further, its marks in some forms more. */
export function withStep(value: Value, forms: number, method: number, codeUnit: number): Value {
  if (value.marks.length === 0) return value;
  const found = new Map<number, Trace>();
  value.marks.forEach((mark, index) => {
    const previous = value.traces[index]!;
    const isHere = previous.method === method && previous.codeUnit === codeUnit;
    const next = mark | forms;
    if (!found.has(next)) found.set(next, isHere ? previous : { method, codeUnit, previous });
  });
  const marks = [...found.keys()].sort((a, b) => a - b);
  return { ...value, marks, traces: marks.map((mark) => found.get(mark)!) };
}

/** Whether two values are the same, however they came to be. */
export function isSame(a: Value | undefined, b: Value | undefined): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined) return false;
  return (
    a.isUnknown === b.isUnknown &&
    a.isAnyConstant === b.isAnyConstant &&
    a.drawn?.draw === b.drawn?.draw &&
    isEqual(a.drawn?.elementOf ?? NONE, b.drawn?.elementOf ?? NONE) &&
    isEqual(a.objects, b.objects) &&
    isEqual(a.constants, b.constants) &&
    isEqual(a.marks, b.marks)
  );
}

/** Whether one value says nothing that another one does not. */
export function isWithin(value: Value, whole: Value): boolean {
  return (
    (!value.isUnknown || whole.isUnknown) &&
    isWithinDrawn(value, whole) &&
    includesAll(whole.objects, value.objects) &&
    (whole.isAnyConstant || (!value.isAnyConstant && includesAll(whole.constants, value.constants))) &&
    includesAll(whole.marks, value.marks)
  );
}

function isEqual(a: readonly number[], b: readonly number[]): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function includesAll(all: readonly number[], some: readonly number[]): boolean {
  if (some.length === 0 || some === all) return true;
  if (some.length > all.length) return false;
  let at = 0;
  for (const one of some) {
    while (at < all.length && all[at]! < one) at++;
    if (all[at] !== one) return false;
  }
  return true;
}

function unite(a: readonly number[], b: readonly number[]): readonly number[] {
  if (includesAll(a, b)) return a;
  if (includesAll(b, a)) return b;
  const all: number[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const left = a[i] ?? Number.POSITIVE_INFINITY;
    const right = b[j] ?? Number.POSITIVE_INFINITY;
    all.push(Math.min(left, right));
    if (left <= right) i++;
    if (right <= left) j++;
  }
  return all;
}

/** A value that nothing is known of, where there is none. */
export function orUnknown(value: Value): Value {
  return isNothing(value) ? addMarksOf(UNKNOWN, value) : value;
}

/** Without marks: of a value's size nothing of it is left. */
export function withoutMarks(value: Value): Value {
  return value.marks.length === 0 ? value : { ...value, marks: [], traces: [] };
}

/** A value whose marks are in some forms more. */
export function withForms(value: Value, forms: number): Value {
  if (value.marks.every((mark) => (mark & forms) === forms)) return value;
  const [first] = value.traces;
  return withStep(value, forms, first!.method, first!.codeUnit);
}
