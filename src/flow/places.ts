import type { PathStep, Place } from "../ruleset/index.js";
import { textOf } from "./compute.js";
import type { Machine } from "./machine.js";
import { STATICS } from "./objects.js";
import type { OutsideCall } from "./outside-call.js";
import {
  addMarksOf,
  type Drawn,
  isNothing,
  join,
  NOTHING,
  ofObject,
  UNKNOWN,
  type Value,
  withStep,
} from "./values.js";

/** The value at the root of a place. */
export function rootOf(machine: Machine, { root }: Place, call: OutsideCall): Value {
  if (root === "base") return call.base ?? NOTHING;
  if (root === "result") return call.result ?? NOTHING;
  if (root === "unknown") return UNKNOWN;
  if (typeof root === "number") return call.arguments[root] ?? UNKNOWN;
  if ("static" in root) return ofStatic(machine, root.static, call);
  const key = call.arguments[root.key] ?? UNKNOWN;
  return root.store === "provider" ? ofProvider(machine, key, call) : storeOf(machine, root.store, key, call);
}

/** What a slot of the whole app holds; of one that nobody filled an object that is there once. */
function ofStatic(machine: Machine, name: string, call: OutsideCall): Value {
  const { memory, objects } = machine;
  const held = memory.read(call.heap, STATICS, objects.fieldOf(`.${name}`));
  if (!isNothing(held)) return held;
  const object = objects.find(`static ${name}`, "store", -1, true);
  objects.storeKinds.set(object, name);
  return ofObject(object);
}

/** The app's own content providers that a URI names. */
function ofProvider(machine: Machine, uri: Value, call: OutsideCall): Value {
  const text = textOf(machine, uri, "Landroid/net/Uri;", call);
  let providers: Value = NOTHING;
  for (const one of text.constants) {
    const constant = machine.constants.list[one]!;
    const authority =
      constant.kind === "text" ? /^content:\/\/([^/?#]+)/.exec(constant.text)?.[1] : undefined;
    if (authority === undefined) continue;
    for (const type of machine.components.byAuthority(authority))
      providers = join(providers, ofObject(machine.objects.ofComponent(type)));
  }
  return providers;
}

/**
 * What outlives everything, by kind and name. What has a name that is not known is taken to be what the same class reads
 * and writes under such a name: that all are one would have any party read what any other one has written.
 */
function storeOf(machine: Machine, kind: string, key: Value, call: OutsideCall): Value {
  const { objects } = machine;
  const text = textOf(machine, key, "Ljava/lang/String;", call);
  let stores: Value = NOTHING;
  const add = (name: string | undefined) => {
    const object = objects.find(`${kind} ${name ?? `? ${classOfSite(machine, call)}`}`, "store", -1, true);
    objects.storeKinds.set(object, kind);
    if (name === undefined) objects.isMany[object] = true;
    stores = join(stores, ofObject(object));
  };
  for (const one of text.constants) {
    const constant = machine.constants.list[one]!;
    add(constant.kind === "text" && !constant.isPrefix ? `=${nameOfStore(kind, constant.text)}` : undefined);
  }
  if (text.isUnknown || text.constants.length === 0) add(undefined);
  return stores;
}

function classOfSite({ methods, types }: Machine, { site }: OutsideCall): string {
  const owner = methods.owners[site.method];
  const name = owner === undefined ? "" : types.names[owner]!;
  return name.replace(/\$.*/, "");
}

/** A file by its name, wherever it lies; a table by its own, also where a statement names it. */
function nameOfStore(kind: string, text: string): string {
  if (kind === "files") return text.slice(text.lastIndexOf("/") + 1);
  if (kind !== "tables") return text;
  return /\b(?:from|into|update|table(?:\s+if\s+not\s+exists)?)\s+["`[]?(\w+)/i.exec(text)?.[1] ?? text;
}

/** Of an element the result is only what is one of a class: no text and no number. */
const OF_CLASS = /^L(?!java\/lang\/|java\/io\/Serializable;)/;

/**
 * What is at a place; {@link NOTHING} where nothing was ever put.
 *
 * @param descriptor type of what is asked for, where only that can be given
 */
export function readPlace(machine: Machine, place: Place, call: OutsideCall, descriptor = ""): Value {
  const isOfClass = OF_CLASS.test(descriptor);
  let value = rootOf(machine, place, call);
  place.path.forEach((step, index) => {
    value = follow(machine, value, step, call, isOfClass && index === place.path.length - 1);
  });
  return value;
}

function follow(machine: Machine, value: Value, step: PathStep, call: OutsideCall, isOfClass = false): Value {
  const { memory, objects } = machine;
  if ("slot" in step) {
    const held = memory.load(call.heap, value, objects.fieldOf(`.${step.slot}`));
    // Of what is not known a slot holds nothing that is.
    return held.isUnknown && value.isUnknown && held.objects.length === 0
      ? { ...held, isUnknown: held.constants.length > 0 || held.isAnyConstant === true }
      : held;
  }
  const key = typeof step.element === "number" ? (call.arguments[step.element] ?? UNKNOWN) : undefined;
  return memory.loadElement(call.heap, value, key, isOfClass);
}

/** The object that the last step of a place is of; on the way to it parts of objects are made that are not there yet. */
function reach(machine: Machine, place: Place, call: OutsideCall): Value {
  const { memory, objects } = machine;
  let base = rootOf(machine, place, call);
  for (const step of place.path.slice(0, -1)) {
    if ("slot" in step) {
      const field = objects.fieldOf(`.${step.slot}`);
      for (const object of base.objects) {
        if (!isNothing(memory.read(call.heap, object, field))) continue;
        const part = objects.find(`part ${object} ${field}`, "made", -1, true);
        if (objects.isMany[object]) objects.isMany[part] = true;
        else call.heap = memory.renew(call.heap, part);
        call.heap = memory.write(call.heap, object, field, ofObject(part), !objects.isMany[object]);
      }
    }
    base = follow(machine, base, step, call);
  }
  return base;
}

/** Puts a value to a place. Of a root only the result can be set. */
export function writePlace(machine: Machine, place: Place, value: Value, call: OutsideCall): void {
  const { memory, objects } = machine;
  const { root, path } = place;
  if (path.length === 0) {
    if (root === "result") call.result = call.result === undefined ? value : join(call.result, value);
    else if (typeof root === "object" && "static" in root)
      call.heap = memory.write(call.heap, STATICS, objects.fieldOf(`.${root.static}`), value, false);
    return;
  }
  const base = reach(machine, place, call);
  const last = path.at(-1)!;
  if ("slot" in last) {
    call.heap = memory.store(call.heap, base, objects.fieldOf(`.${last.slot}`), value);
    return;
  }
  if (last.element === "new") appendElement(machine, base, value, call);
  else {
    const key = last.element === "any" ? undefined : (call.arguments[last.element] ?? UNKNOWN);
    call.heap = memory.storeElement(call.heap, base, key, value);
  }
}

/**
 * Puts all elements of one object under the same keys of another.
 *
 * @param drawn what is known of which entry each is of
 */
export function copyElements(
  machine: Machine,
  from: Place,
  to: Place,
  call: OutsideCall,
  drawn?: Drawn,
): void {
  const { memory, objects } = machine;
  const source = reach(machine, from, call);
  const target =
    to.root === "result" && to.path.length === 1 ? (call.result ?? NOTHING) : reach(machine, to, call);
  const isStrong = memory.isSingle(source) && memory.isSingle(target);
  for (const object of source.objects) {
    memory.noteShape(object);
    for (const [field] of [...objects.cells[object]!]) {
      const name = objects.fields[field]!;
      if (!name.startsWith("[") && name !== "size") continue;
      const held = memory.readWritten(call.heap, object, field);
      if (held === undefined) continue;
      const copied = addMarksOf(
        withStep(held, 0, call.site.method, call.site.codeUnit),
        addMarksOf(NOTHING, source),
      );
      for (const one of target.objects)
        call.heap =
          drawn === undefined
            ? memory.write(call.heap, one, field, copied, isStrong && field !== objects.anyElement)
            : memory.addElement(call.heap, one, field, { ...copied, drawn });
    }
  }
  // Nobody put the elements there of what came from outside, nor the keys of what was read from a text.
  const isOpen =
    source.objects.length === 0 ? source.isUnknown || isNothing(source) : hasOpenElements(machine, source);
  if (!isOpen && source.marks.length === 0) return;
  const open = addMarksOf(UNKNOWN, source);
  const value = drawn === undefined ? open : { ...open, drawn };
  call.heap = memory.storeElement(call.heap, target, undefined, value);
}

function hasOpenElements({ objects }: Machine, value: Value): boolean {
  return value.objects.some((object) => objects.kinds[object] === "given");
}

/** Where the number of elements is known the new one is told apart. */
function appendElement(machine: Machine, base: Value, value: Value, call: OutsideCall): void {
  const { memory, objects, constants } = machine;
  const sizeField = objects.fieldOf("size");
  if (!memory.isSingle(base)) {
    call.heap = memory.storeElement(call.heap, base, undefined, value);
    call.heap = memory.add(call.heap, base, sizeField, UNKNOWN);
    return;
  }
  const size = memory.read(call.heap, base.objects[0]!, sizeField);
  const at = size.isUnknown || size.constants.length !== 1 ? undefined : constants.list[size.constants[0]!]!;
  if (at?.kind !== "number") {
    call.heap = memory.storeElement(call.heap, base, undefined, value);
    return;
  }
  call.heap = memory.storeElement(call.heap, base, size, value);
  call.heap = memory.store(call.heap, base, sizeField, constants.ofNumber(Number(at.value) + 1));
}

/** Adds marks to what is at a place: to the result, or to what its objects are made of. */
export function addMarksAt(machine: Machine, place: Place, marks: Value, call: OutsideCall): void {
  if (marks.marks.length === 0) return;
  const { memory, objects } = machine;
  if (place.path.length === 0 && place.root === "result") {
    call.result = addMarksOf(call.result ?? machine.given(call.site, call.reference.returns), marks);
    return;
  }
  const last = place.path.at(-1);
  if (last === undefined) {
    const base = rootOf(machine, place, call);
    call.heap = memory.add(call.heap, base, objects.fieldOf(".content"), marks);
    return;
  }
  const base = reach(machine, place, call);
  const known = follow(machine, base, last, call);
  if ("slot" in last) {
    const value = addMarksOf(isNothing(known) ? UNKNOWN : known, marks);
    call.heap = memory.add(call.heap, base, objects.fieldOf(`.${last.slot}`), value);
    return;
  }
  // What is made of something is no longer the nothing that an element is at first.
  const value = addMarksOf(join(known, UNKNOWN), marks);
  const key = typeof last.element === "number" ? call.arguments[last.element] : undefined;
  call.heap = memory.storeElement(call.heap, base, key, value);
}
