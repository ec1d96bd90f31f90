import type { FlowComputation } from "../ruleset/index.js";
import { numbersOf } from "./arithmetic.js";
import type { Machine } from "./machine.js";
import type { OutsideCall } from "./outside-call.js";
import {
  addMarksOf,
  FORMS,
  isNothing,
  join,
  MOST_CONSTANTS,
  MOST_TEXT,
  NOTHING,
  ofObject,
  UNKNOWN,
  type Value,
  withStep,
} from "./values.js";

/** Texts that a builder is held to be; what more of them have in common is kept. */
const MOST_TEXTS = 4;

/** Works out what the constants of a call come to; marks go with it. */
export function compute(machine: Machine, computation: FlowComputation, call: OutsideCall): void {
  const { constants, memory, objects } = machine;
  const textField = objects.fieldOf(".text");
  const base = call.base;
  const first = call.arguments[0];
  const isConstructor = call.reference.name === "<init>";
  const step = (value: Value, forms = 0) => withStep(value, forms, call.site.method, call.site.codeUnit);
  const ofBase = () => (base === undefined ? NOTHING : textOf(machine, base, "Ljava/lang/String;", call));
  const ofArgument = (index: number) =>
    textOf(machine, call.arguments[index] ?? UNKNOWN, call.reference.parameters[index] ?? "", call);
  const setBase = (text: Value) => {
    if (base !== undefined) call.heap = memory.store(call.heap, base, textField, text);
  };
  /** For builders the base is changed and is the result; for texts the result is another one. */
  const change = (make: (text: string) => string | undefined) => {
    const text = ofBase();
    const changed = step(mapTexts(machine, text, make));
    if (isBuilder(call)) {
      setBase(changed);
      call.result = base;
    } else call.result = changed;
  };
  switch (computation) {
    case "append":
    case "insert": {
      const added = step(ofArgument(computation === "append" ? 0 : 1));
      const text = ofBase();
      setBase(
        computation === "append"
          ? concat(machine, text, added)
          : addMarksOf(addMarksOf(UNKNOWN, text), added),
      );
      call.result = base;
      return;
    }
    case "concat":
      call.result = concat(machine, ofBase(), step(ofArgument(0)));
      return;
    case "text":
      if (isConstructor) setBase(first === undefined ? constants.ofText("") : step(ofArgument(0)));
      else call.result = base === undefined ? step(ofArgument(0)) : step(ofBase());
      return;
    case "format": {
      const at = call.reference.parameters[0] === "Ljava/util/Locale;" ? 1 : 0;
      const [pattern, values] =
        base === undefined ? [ofArgument(at), call.arguments[at + 1]] : [ofBase(), call.arguments[0]];
      call.result = step(format(machine, pattern, values ?? UNKNOWN, call));
      return;
    }
    case "trim":
      change((text) => text.trim());
      return;
    case "lower":
      change((text) => text.toLowerCase());
      return;
    case "upper":
      change((text) => text.toUpperCase());
      return;
    case "reverse":
      change((text) => [...text].reverse().join(""));
      return;
    case "delete-text":
    case "set-length": {
      const limits = call.arguments.map((one) => numbersOf(constants, one)?.[0]);
      if (limits[0] === 0 && computation === "set-length") setBase(constants.ofText(""));
      else change((text) => (limits[0] === undefined ? undefined : text.slice(0, limits[0])));
      call.result = base;
      return;
    }
    case "substring": {
      const limits = call.arguments.map((one) => numbersOf(constants, one));
      const [start, end] = limits;
      const isKnown = limits.every((one) => one?.length === 1);
      const text = mapTexts(machine, ofBase(), (one) =>
        isKnown ? one.slice(start![0], end?.[0]) : undefined,
      );
      call.result = step(text, FORMS.partial);
      return;
    }
    case "replace": {
      const [from, to] = [ofArgument(0), ofArgument(1)].map((one) => onlyText(machine, one));
      const replaced = mapTexts(machine, ofBase(), (text) =>
        from === undefined || to === undefined ? undefined : text.split(from).join(to),
      );
      call.result = step(addMarksOf(replaced, ofArgument(1)));
      return;
    }
    case "equals":
      call.result = compareTexts(
        machine,
        base ?? first ?? UNKNOWN,
        base === undefined ? call.arguments[1] : first,
        call,
      );
      return;
    case "is-empty": {
      const text = onlyText(machine, base === undefined ? ofArgument(0) : ofBase());
      call.result = text === undefined ? constants.either : text === "" ? constants.one : constants.zero;
      return;
    }
    case "package-name":
      call.result = constants.ofText(machine.components.packageName);
      return;
    case "file-name": {
      const last = call.arguments.length - 1;
      const spec = step(ofArgument(last));
      if (isConstructor && base !== undefined)
        call.heap = memory.store(call.heap, base, objects.fieldOf(".spec"), spec);
      else call.result = spec;
      return;
    }
    case "number": {
      const source = base === undefined || isConstructor ? ofArgument(0) : ofBase();
      const text = onlyText(machine, source);
      const number = text !== undefined && /^-?\d{1,9}$/.test(text) ? Number(text) : undefined;
      const value = addMarksOf(number === undefined ? UNKNOWN : constants.ofNumber(number), step(source));
      if (isConstructor) setBase(value);
      else call.result = value;
      return;
    }
  }
}

function isBuilder({ reference }: OutsideCall): boolean {
  return reference.returns !== "Ljava/lang/String;";
}

/** A value as a text: constants, what builders hold, what an object's own toString gives; with the marks of all. */
export function textOf(machine: Machine, value: Value, descriptor: string, call: OutsideCall): Value {
  const { constants, memory, objects, types } = machine;
  let text: Value = value.isUnknown ? UNKNOWN : NOTHING;
  for (const one of value.constants) {
    const constant = constants.list[one]!;
    if (constant.kind === "text") text = join(text, { ...NOTHING, constants: [one] });
    else if (one === 0 && value.objects.length > 0) continue;
    else if (constant.kind === "class") text = join(text, UNKNOWN);
    else text = join(text, constants.ofText(numberText(constant.value, descriptor)));
  }
  for (const object of value.objects) {
    const type = objects.types[object]!;
    const shownBy =
      type >= 0 && types.isDefined(type)
        ? machine.methods.select(type, machine.methods.numberOfSignature("toString()Ljava/lang/String;"))
        : undefined;
    if (shownBy !== undefined) {
      const context = objects.enter(
        call.site.context,
        machine.siteNumber(call.site.method, call.site.codeUnit),
        shownBy,
      );
      const outcome = machine.call(shownBy, [ofObject(object)], call.heap, context);
      call.heap = outcome.heap;
      text = join(text, outcome.value ?? UNKNOWN);
      continue;
    }
    const own = memory.read(call.heap, object, objects.fieldOf(".text"));
    const spec = memory.read(call.heap, object, objects.fieldOf(".spec"));
    const known = join(own, spec);
    text = join(text, isNothing(known) && known.marks.length === 0 ? emptyText(machine, object) : known);
    text = addMarksOf(text, memory.heldMarks(call.heap, ofObject(object), false));
  }
  return addMarksOf(text, value);
}

/** A builder that nothing was put into. */
function emptyText(machine: Machine, object: number): Value {
  const type = machine.objects.types[object]!;
  const isBuilt =
    machine.objects.kinds[object] === "made" &&
    type >= 0 &&
    /^Ljava\/lang\/String/.test(machine.types.names[type]!);
  return isBuilt ? machine.constants.ofText("") : UNKNOWN;
}

function numberText(value: number | bigint, descriptor: string): string {
  if (descriptor === "C") return String.fromCharCode(Number(value));
  if (descriptor === "Z") return value === 0 ? "false" : "true";
  // A number in a box is the number itself.
  return descriptor.startsWith("L") && value === 0 ? "null" : String(value);
}

/** The one text that a value is. */
export function onlyText(machine: Machine, value: Value): string | undefined {
  if (value.isUnknown || value.constants.length !== 1 || value.objects.length > 0) return undefined;
  const constant = machine.constants.list[value.constants[0]!]!;
  return constant.kind === "text" && !constant.isPrefix ? constant.text : undefined;
}

function mapTexts(machine: Machine, value: Value, make: (text: string) => string | undefined): Value {
  let mapped: Value = value.isUnknown || value.objects.length > 0 ? UNKNOWN : NOTHING;
  for (const one of value.constants) {
    const constant = machine.constants.list[one]!;
    const isWhole = constant.kind === "text" && !constant.isPrefix && constant.text.length <= MOST_TEXT;
    const text = isWhole ? make(constant.text) : undefined;
    mapped = join(mapped, text === undefined ? UNKNOWN : machine.constants.ofText(text));
  }
  return addMarksOf(isNothing(mapped) ? UNKNOWN : mapped, value);
}

/** Two texts after one another; where the second is not known the first is kept as what it begins with. */
export function concat(machine: Machine, left: Value, right: Value): Value {
  const { constants } = machine;
  let joined: Value =
    left.isUnknown || left.objects.length > 0 || left.constants.length === 0 ? UNKNOWN : NOTHING;
  const texts = new Map<string, boolean>();
  for (const one of left.constants) {
    const a = constants.list[one]!;
    if (a.kind !== "text") {
      joined = UNKNOWN;
      continue;
    }
    if (a.isPrefix || right.isUnknown || right.objects.length > 0 || right.constants.length === 0)
      texts.set(a.text, true);
    if (a.isPrefix) continue;
    for (const other of right.constants) {
      const b = constants.list[other]!;
      if (b.kind === "text")
        texts.set(
          (a.text + b.text).slice(0, MOST_TEXT),
          b.isPrefix || a.text.length + b.text.length > MOST_TEXT,
        );
      else texts.set(a.text, true);
    }
  }
  if (texts.size > MOST_TEXTS) {
    const shared = [...texts.keys()].reduce(sharedStart);
    texts.clear();
    texts.set(shared, true);
  }
  for (const [text, isPrefix] of texts) {
    if (text === "" && isPrefix) joined = join(joined, UNKNOWN);
    else joined = join(joined, { ...NOTHING, constants: [constants.numberOfText(text, isPrefix)] });
  }
  return addMarksOf(addMarksOf(isNothing(joined) ? UNKNOWN : joined, left), right);
}

function sharedStart(a: string, b: string): string {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return a.slice(0, length);
}

/** What a pattern of `java.util.Formatter` has a value put in for: `%s`, `%2$08x`, `%<tY`. */
const SPECIFIER = /(%(?:\d+\$|<)?[-#+ 0,(]*(?:[1-9]\d*)?(?:\.\d+)?[tT]?[a-zA-Z%])/;
/** Which value it is, and how it is shown. */
const SPECIFIER_PARTS = /^%(?:(\d+(?=\$)|<)\$?)?.*?([a-zA-Z%])$/;

function format(machine: Machine, pattern: Value, values: Value, call: OutsideCall): Value {
  const { constants, memory } = machine;
  let marks: Value = addMarksOf(NOTHING, values);
  const known = onlyText(machine, pattern);
  let text: Value = known === undefined ? UNKNOWN : constants.ofText("");
  if (known !== undefined) {
    let next = 0;
    let last = 0;
    for (const part of known.split(SPECIFIER)) {
      const [, position, conversion] = SPECIFIER_PARTS.exec(part) ?? [];
      if (conversion === undefined) text = concat(machine, text, constants.ofText(part));
      else if (conversion === "%" || conversion === "n")
        text = concat(machine, text, constants.ofText(conversion === "%" ? "%" : "\n"));
      else {
        if (position === undefined) last = next++;
        else if (position !== "<") last = Number.parseInt(position, 10) - 1;
        const value = memory.loadElement(call.heap, values, constants.ofNumber(last));
        const shown = textOf(machine, value, "Ljava/lang/String;", call);
        const isAsItIs = conversion === "s" && /^%(?:\d+\$|<)?s$/.test(part);
        text = concat(machine, text, isAsItIs ? shown : addMarksOf(UNKNOWN, shown));
      }
    }
  }
  if (known !== undefined) return addMarksOf(addMarksOf(text, pattern), marks);
  for (const object of values.objects) {
    const held = memory.loadElement(call.heap, ofObject(object), undefined);
    marks = addMarksOf(marks, textOf(machine, held, "Ljava/lang/Object;", call));
  }
  return addMarksOf(addMarksOf(text, pattern), marks);
}

/** A boolean that is known where both texts are. No mark is left of what is only compared. */
function compareTexts(machine: Machine, left: Value, right: Value | undefined, call: OutsideCall): Value {
  const { constants } = machine;
  const a = textOf(machine, left, "", call);
  const b = textOf(machine, right ?? UNKNOWN, "", call);
  if (a.isUnknown || b.isUnknown || a.constants.length * b.constants.length > MOST_CONSTANTS)
    return constants.either;
  let result: Value = NOTHING;
  for (const x of a.constants)
    for (const y of b.constants) {
      const [first, second] = [constants.list[x]!, constants.list[y]!];
      if ([first, second].some((one) => one.kind !== "text" || one.isPrefix)) return constants.either;
      result = join(result, x === y ? constants.one : constants.zero);
    }
  return isNothing(result) ? constants.either : result;
}
