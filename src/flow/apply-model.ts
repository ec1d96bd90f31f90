import type { FlowModel, FlowSink, Place } from "../ruleset/index.js";
import { compute } from "./compute.js";
import type { Heap } from "./heap.js";
import { sendIntent, staysInApp } from "./intents.js";
import type { Machine } from "./machine.js";
import type { OutsideCall } from "./outside-call.js";
import { addMarksAt, copyElements, readPlace, writePlace } from "./places.js";
import { reflect } from "./reflection.js";
import { cancelRuns, register, runNow } from "./registrations.js";
import {
  addMarksOf,
  type Drawn,
  FORMS,
  isNothing,
  NOTHING,
  ofObject,
  UNKNOWN,
  type Value,
  withStep,
} from "./values.js";

/** Does what the rules say that a method does. */
export function applyModel(machine: Machine, model: FlowModel, call: OutsideCall): void {
  const { method, codeUnit } = call.site;
  if (model.creates) {
    const descriptor = call.reference.returns;
    const made = machine.make(call.heap, call.site, machine.types.numberOf(descriptor), call.isLoop);
    call.heap = made.heap;
    call.result = ofObject(made.object);
  }
  const isMade = model.creates;
  if (model.computes !== undefined) compute(machine, model.computes, call);
  let isMoved = false;
  const draw = drawKeys(machine, model, call);
  for (const { from, to } of model.moves) {
    const drawn = draw === undefined ? undefined : drawnFrom(draw, from, call);
    if (isAnyElement(from) && isAnyElement(to)) {
      copyElements(machine, from, to, call, drawn);
      continue;
    }
    const wanted = to.root === "result" && to.path.length === 0 ? call.reference.returns : undefined;
    const read = withStep(readPlace(machine, from, call, wanted), 0, method, codeUnit);
    const value = drawn === undefined || isNothing(read) ? read : { ...read, drawn };
    // What is moved takes the place of what was made for want of anything else.
    if (isMade && !isMoved && to.root === "result" && to.path.length === 0 && !isNothing(value))
      call.result = undefined;
    if (to.root === "result" && to.path.length === 0) isMoved = true;
    if (isNothing(value) && value.marks.length === 0) continue;
    writePlace(machine, to, value, call);
  }
  if (model.returnsItself && call.base !== undefined) call.result = call.base;
  if (model.reflects !== undefined) reflect(machine, model.reflects, call);
  for (const { from, to, forms } of model.derives) {
    const value = readPlace(machine, from, call);
    const held = machine.memory.heldMarks(call.heap, value, from.root !== "base");
    addMarksAt(machine, to, withStep(held, forms, method, codeUnit), call);
  }
  for (const run of model.runs) if (run.when === "now") runNow(machine, run, call);
  for (const sink of model.sinks) reachSink(machine, sink, call);
  for (const send of model.sends) sendIntent(machine, send, call);
  for (const place of model.cancels) cancelRuns(machine, readPlace(machine, place, call), call);
  for (const run of model.runs) {
    if (run.when === "soon") runNow(machine, run, call);
    if (run.when !== "now") register(machine, run, call);
  }
  for (const place of model.clears) clear(machine, place, call);
}

/**
 * The draw of a method that gives the keys of one object: those of several that are asked for at once are not told apart.
 */
function drawKeys(
  { memory }: Machine,
  { moves }: FlowModel,
  { base, result }: OutsideCall,
): number | undefined {
  if (base === undefined || result?.objects.length !== 1 || !moves.some(({ from }) => isOfKeys(from)))
    return undefined;
  return memory.isSingle(base) ? result.objects[0]! * 2 ** 26 + base.objects[0]! : undefined;
}

/** Of which entry each time such keys are, and elements that are given together with them. */
function drawnFrom(draw: number, from: Place, { base }: OutsideCall): Drawn | undefined {
  if (isOfKeys(from)) return { draw };
  const isElement = from.root === "base" && from.path.length === 1 && isAnyElement(from);
  return isElement ? { draw, elementOf: base!.objects } : undefined;
}

/** Whether a place is any of the keys of what a method is called on. */
function isOfKeys(place: Place): boolean {
  const [first] = place.path;
  return (
    place.root === "base" &&
    first !== undefined &&
    "slot" in first &&
    first.slot === "keys" &&
    isAnyElement(place)
  );
}

function isAnyElement({ path }: Place): boolean {
  const last = path.at(-1);
  return last !== undefined && "element" in last && last.element === "any";
}

function clear(machine: Machine, place: Place, call: OutsideCall): void {
  const { memory, objects } = machine;
  const last = place.path.at(-1);
  if (last === undefined) {
    call.heap = memory.clearElements(call.heap, readPlace(machine, place, call));
    return;
  }
  const base = readPlace(machine, { ...place, path: place.path.slice(0, -1) }, call);
  if (!memory.isSingle(base)) return;
  if ("slot" in last) call.heap = memory.store(call.heap, base, objects.fieldOf(`.${last.slot}`), NOTHING);
  else if (typeof last.element === "number")
    call.heap = memory.storeElement(call.heap, base, call.arguments[last.element], machine.constants.zero);
  else call.heap = memory.clearElements(call.heap, base);
}

function reachSink(machine: Machine, sink: FlowSink, call: OutsideCall): void {
  if (sink.where === "leaves-app") {
    const intents = sink.takes.map((place) => readPlace(machine, place, call));
    if (intents.every((intent) => staysInApp(machine, intent, call.heap))) return;
  } else if (sink.where !== undefined && isNothing(readPlace(machine, sink.where, call))) return;
  let marks: Value = NOTHING;
  for (const place of sink.takes)
    marks = addMarksOf(marks, machine.memory.heldMarks(call.heap, readPlace(machine, place, call), true));
  if (marks.marks.length === 0) return;
  const hosts =
    sink.host === undefined ? [] : hostsOf(machine, readPlace(machine, sink.host, call), call.heap);
  machine.recorder.sink(
    sink.kind,
    withStep(marks, 0, call.site.method, call.site.codeUnit),
    hosts,
    call.site,
  );
}

/** Hosts of what a text or a URL may be; `unknown` where no constant says. */
function hostsOf(machine: Machine, value: Value, heap: Heap): string[] {
  const { memory, objects, constants } = machine;
  let texts = value;
  for (let round = 0; round < 3 && texts.objects.length > 0; round++) {
    const spec = memory.load(heap, { ...texts, constants: [], isUnknown: false }, objects.fieldOf(".spec"));
    const text = memory.load(heap, { ...texts, constants: [], isUnknown: false }, objects.fieldOf(".text"));
    const isEmpty = isNothing(spec) && isNothing(text);
    texts = {
      ...texts,
      objects: [...new Set([...spec.objects, ...text.objects])].sort((a, b) => a - b),
      constants: [...new Set([...texts.constants, ...spec.constants, ...text.constants])].sort(
        (a, b) => a - b,
      ),
      isUnknown: texts.isUnknown || spec.isUnknown || text.isUnknown || isEmpty,
    };
  }
  const hosts = texts.constants.flatMap((one) => {
    const constant = constants.list[one]!;
    return constant.kind === "text" ? [hostOf(constant.text, constant.isPrefix)] : [];
  });
  return texts.isUnknown || hosts.length === 0 ? [...hosts, "unknown"] : hosts;
}

function hostOf(text: string, isPrefix: boolean): string {
  const [, authority, end] =
    /^(?:[a-z][a-z0-9+.-]*:)?\/\/(?:[^/?#@]*@)?([a-z0-9._-]+)([:/?#]|$)/i.exec(text) ?? [];
  if (authority === undefined)
    return /^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/i.test(text) && !isPrefix ? text.toLowerCase() : "unknown";
  return end === "" && isPrefix ? "unknown" : authority.toLowerCase();
}

/**
 * A method outside of the app that no rule speaks of: what it is given may be in what it returns, and in the object that it
 * was called on. What it is given to call back it may call.
 */
export function applyUnmodelled(machine: Machine, call: OutsideCall): void {
  const { method, codeUnit } = call.site;
  const { returns, name, parameters } = call.reference;
  const { memory } = machine;
  let passed: Value = NOTHING;
  for (const one of call.arguments) passed = addMarksOf(passed, memory.heldMarks(call.heap, one, false));
  const own = call.base === undefined ? NOTHING : memory.heldMarks(call.heap, call.base, false);
  const given = withStep(passed, FORMS.assumed, method, codeUnit);
  if (returns !== "V" && returns !== "Z") {
    const all = addMarksOf(given, withStep(own, FORMS.assumed, method, codeUnit));
    call.result = addMarksOf(machine.givenBy(call.reference, call.site), all);
  } else if (returns === "Z") call.result = UNKNOWN;
  // What was given from outside, a Context or a service, is not taken to keep what it is told.
  const made = call.base?.objects.filter((object) => machine.objects.kinds[object] === "made") ?? [];
  if (call.base !== undefined && made.length > 0 && given.marks.length > 0)
    call.heap = memory.add(
      call.heap,
      { ...call.base, objects: made },
      machine.objects.fieldOf(".content"),
      given,
    );
  if (name !== "<init>" || parameters.length > 0) machine.callbacks.offer(call);
}
