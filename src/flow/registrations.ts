import type { Limits } from "../diagnostics/index.js";
import { Callbacks, JAVASCRIPT_INTERFACE } from "../program/index.js";
import type { FlowRun, Place } from "../ruleset/index.js";
import type { Heap } from "./heap.js";
import type { Machine } from "./machine.js";
import { STATICS } from "./objects.js";
import type { Site } from "./outcome.js";
import { type OutsideCall, outsideCall } from "./outside-call.js";
import { addMarksAt, readPlace, writePlace } from "./places.js";
import { addMarksOf, join, NOTHING, ofObject, UNKNOWN, type Value, withStep } from "./values.js";

const ACC_BRIDGE = 0x40;

/** Callbacks of one object that Android is held to know of. */
const MOST_OFFERED = 20;

/** A call that Android will make, as it was asked for; the values of it are in the heap. */
interface Registration {
  readonly run: FlowRun;
  readonly call: Pick<OutsideCall, "reference" | "site">;
  readonly argumentCount: number;
}

/** The calls that Android has been asked to make. */
export class Registrations {
  readonly #known = new Map<number, Registration>();
  /** Methods that were looked for by name. */
  readonly found = new Map<string, number | undefined>();
  readonly #numbers = new Map<FlowRun, number>();
  readonly #offered = new Map<string, FlowRun>();

  /** A number of each run that rules speak of, or that was offered. */
  numberOf(run: FlowRun): number {
    let number = this.#numbers.get(run);
    if (number === undefined) {
      number = this.#numbers.size;
      this.#numbers.set(run, number);
    }
    return number;
  }

  /** The run of a callback of what is handed over. */
  offer(argument: number, method: string): FlowRun {
    const key = `${argument} ${method}`;
    let run = this.#offered.get(key);
    if (run === undefined) {
      run = { when: "often", object: { root: argument, path: [] }, method, arguments: [] };
      this.#offered.set(key, run);
    }
    return run;
  }

  add(object: number, registration: Registration): void {
    this.#known.set(object, registration);
  }

  /** The call of a registration, with the values that it holds now. */
  restore(machine: Machine, object: number, heap: Heap): { run: FlowRun; call: OutsideCall } {
    const { run, call, argumentCount } = this.#known.get(object)!;
    const slot = (name: string) => machine.memory.read(heap, object, machine.objects.fieldOf(name));
    const base = slot(".base");
    return {
      run,
      call: outsideCall(
        call.reference,
        base === NOTHING ? undefined : base,
        Array.from({ length: argumentCount }, (_, index) => slot(`.argument ${index}`)),
        call.site,
        heap,
        slot(".result"),
      ),
    };
  }
}

/** What the component that runs has asked for; what the Application and providers have, under 0. */
function pendingField({ objects, component }: Machine, of = component): number {
  return objects.fieldOf(`.pending ${of}`);
}

/** Has Android make a call later. */
export function register(machine: Machine, run: FlowRun, call: OutsideCall): void {
  const { memory, objects } = machine;
  const { site } = call;
  const key = `registration ${machine.siteNumber(site.method, site.codeUnit)} ${site.context} ${machine.registrations.numberOf(run)}`;
  const object = objects.find(key, "registration", -1, true);
  machine.registrations.add(object, {
    run,
    call: { reference: call.reference, site },
    argumentCount: call.arguments.length,
  });
  const keep = (name: string, value: Value | undefined) => {
    if (value !== undefined)
      call.heap = memory.write(call.heap, object, objects.fieldOf(name), value, !call.isLoop);
  };
  keep(".base", call.base);
  keep(".result", call.result);
  for (const [index, value] of call.arguments.entries()) keep(`.argument ${index}`, value);
  call.heap = memory.write(call.heap, STATICS, pendingField(machine), ofObject(object), false);
}

/** Makes a call at once; on another thread it may as well not have been made yet. */
export function runNow(machine: Machine, run: FlowRun, call: OutsideCall): void {
  const before = call.heap;
  perform(machine, run, call);
  if (run.when === "soon") call.heap = machine.memory.join(before, call.heap);
}

/** Takes back what an object was registered for. */
export function cancelRuns(machine: Machine, cancelled: Value, call: OutsideCall): void {
  const { memory } = machine;
  if (!memory.isSingle(cancelled)) return;
  const field = pendingField(machine);
  const pending = memory.read(call.heap, STATICS, field);
  const left = pending.objects.filter((object) => {
    const { run, call: registered } = machine.registrations.restore(machine, object, call.heap);
    const target = readPlace(machine, run.object, registered);
    return target.objects.length !== 1 || target.objects[0] !== cancelled.objects[0];
  });
  if (left.length !== pending.objects.length)
    call.heap = memory.write(call.heap, STATICS, field, { ...pending, objects: left }, true);
}

/** What Android may call once nothing else runs: each once or more, or not at all. */
export function runPending(machine: Machine, heap: Heap): Heap {
  const { memory } = machine;
  const field = pendingField(machine);
  let after = heap;
  for (let round = 0; round < 4; round++) {
    const before = after;
    for (const object of memory.read(after, STATICS, field).objects) {
      const { run, call } = machine.registrations.restore(machine, object, after);
      perform(machine, run, call);
      after = memory.join(after, call.heap);
    }
    if (after === before) break;
  }
  return after;
}

/** Calls what a run names, on each object that it can be. */
function perform(machine: Machine, run: FlowRun, call: OutsideCall): void {
  const { site } = call;
  const target = readPlace(machine, run.object, call);
  const args = run.arguments.map((place) =>
    withStep(readPlace(machine, place, call), 0, site.method, site.codeUnit),
  );
  let result: Value | undefined;
  for (const object of target.objects) {
    const outcome = callByName(machine, ofObject(object), run.method, args, run.arguments, call);
    if (outcome !== undefined) result = result === undefined ? outcome : join(result, outcome);
  }
  if (run.result !== undefined && result !== undefined) writePlace(machine, run.result, result, call);
}

/**
 * Calls a method of an object as Android would.
 *
 * @param method name, with or without a descriptor
 * @returns what it returns; `undefined` where there is no such method
 */
export function callByName(
  machine: Machine,
  receiver: Value,
  method: string,
  args: readonly Value[],
  places: readonly Place[],
  call: OutsideCall,
): Value | undefined {
  const { objects, methods } = machine;
  const object = receiver.objects[0]!;
  const lambda = machine.lambdas.find(object);
  if (lambda !== undefined) {
    if (!method.startsWith(lambda.name)) return undefined;
    const outcome = machine.lambdas.call(machine, object, args, call.heap, call.site, call.isLoop);
    call.heap = outcome.heap;
    return outcome.value;
  }
  if (method === "*") {
    for (const one of methods.findAnnotated(objects.types[object]!, JAVASCRIPT_INTERFACE))
      callMethod(machine, one, receiver, [], [], call);
    return undefined;
  }
  const found = findByName(machine, objects.types[object]!, method, args.length);
  if (found === undefined) {
    const model = machine.models.findByName(objects.types[object]!, method, args.length);
    if (model === undefined) return undefined;
    const outcome = machine.applyByName(model, receiver, args, call.heap, call.site, call.isLoop);
    call.heap = outcome.heap;
    return outcome.value;
  }
  return callMethod(machine, found, receiver, args, places, call);
}

function callMethod(
  machine: Machine,
  method: number,
  receiver: Value,
  args: readonly Value[],
  places: readonly Place[],
  call: OutsideCall,
): Value {
  const passed = fillArguments(machine, method, args, places, call);
  const { method: caller, codeUnit, context } = call.site;
  const entered = machine.objects.enter(context, machine.siteNumber(caller, codeUnit), method);
  const outcome = machine.call(method, [receiver, ...passed], call.heap, entered);
  call.heap = outcome.value === undefined ? call.heap : outcome.heap;
  return outcome.value ?? NOTHING;
}

/** Arguments as a method declares them; of what nobody knows its type is. What it is a source of has its marks. */
function fillArguments(
  machine: Machine,
  method: number,
  args: readonly Value[],
  places: readonly Place[],
  call: OutsideCall,
): Value[] {
  const reference = machine.reader.referenceTo(method);
  const passed = reference.parameters.map((descriptor, index): Value => {
    const value = args[index];
    if (value !== undefined && places[index]?.root !== "unknown") return value === NOTHING ? UNKNOWN : value;
    return machine.parameter(method, index, descriptor);
  });
  return markEntry(machine, method, passed, call);
}

/** Adds the marks of the sources that a method's parameters are where Android calls it. */
export function markEntry(
  machine: Machine,
  method: number,
  args: readonly Value[],
  at: { heap: Heap },
): Value[] {
  const marked = [...args];
  for (const { source, yields } of machine.sources.onEntry(method)) {
    const mark = machine.recorder.mark(source, method, 0);
    for (const place of yields) {
      const index = place.root;
      if (typeof index !== "number" || index >= marked.length) continue;
      if (place.path.length === 0) marked[index] = addMarksOf(marked[index]!, mark);
      else {
        const site = { method, codeUnit: 0, context: 0 };
        const call = outsideCall(machine.reader.referenceTo(method), undefined, marked, site, at.heap);
        addMarksAt(machine, place, mark, call);
        at.heap = call.heap;
      }
    }
  }
  return marked;
}

/** The method of a class that Android means by a name: one that the compiler made to stand for another one goes first. */
export function findByName(
  machine: Machine,
  type: number,
  method: string,
  argumentCount: number,
): number | undefined {
  const { methods, types } = machine;
  if (type < 0 || !types.isDefined(type)) return undefined;
  if (method.includes("(")) return methods.select(type, methods.numberOfSignature(method));
  const key = `${type} ${method} ${argumentCount}`;
  const known = machine.registrations.found;
  if (!known.has(key)) known.set(key, searchByName(machine, type, method, argumentCount));
  return known.get(key);
}

function searchByName(
  machine: Machine,
  type: number,
  method: string,
  argumentCount: number,
): number | undefined {
  const { methods, types } = machine;
  for (const one of types.ancestorsOf(type)) {
    const fitting = methods
      .methodsOf(one)
      .virtual.filter(
        (candidate) =>
          methods.nameOf(methods.signatures[candidate]!) === method &&
          !methods.isAbstract(candidate) &&
          methods.keyOf(candidate) === `${method}/${argumentCount}`,
      );
    if (fitting.length > 0)
      return fitting.find((candidate) => (methods.accessFlags[candidate]! & ACC_BRIDGE) !== 0) ?? fitting[0];
  }
  return undefined;
}

/** Callbacks of what is handed over to methods that no rule speaks of. */
export class OfferedCallbacks {
  readonly #machine: Machine;
  readonly #callbacks: Callbacks;

  constructor(machine: Machine, limits: Limits) {
    this.#machine = machine;
    this.#callbacks = new Callbacks(machine.methods, limits);
  }

  /** Registers what a new object overrides of code that is not gone into: whoever made it there may call it. */
  offerMade(object: number, site: Site, heap: Heap): Heap {
    const { objects, methods } = this.#machine;
    const callbacks = this.#machine.outside.callbacksOf(objects.types[object]!);
    if (callbacks.length === 0) return heap;
    const reference = this.#machine.reader.referenceTo(callbacks[0]!);
    const call = outsideCall(reference, undefined, [ofObject(object)], site, heap);
    for (const one of callbacks)
      register(
        this.#machine,
        this.#machine.registrations.offer(0, methods.signatureTexts[methods.signatures[one]!]!),
        call,
      );
    return call.heap;
  }

  /** Registers what the type of each argument declares and its object overrides. */
  offer(call: OutsideCall): void {
    const { types, objects, methods } = this.#machine;
    const context = types.numberOf("Landroid/content/Context;");
    call.reference.parameters.forEach((descriptor, index) => {
      const value = call.arguments[index];
      if (value === undefined || !descriptor.startsWith("L")) return;
      const parameter = types.numberOf(descriptor);
      const isFollowed = types.isDefined(parameter) && !this.#machine.outside.hasType(parameter);
      if (isFollowed || parameter === types.object || types.inherits(parameter, context)) return;
      const declaring = new Set(types.ancestorsOf(parameter).filter((one) => one !== types.object));
      for (const object of value.objects) {
        const type = objects.types[object]!;
        if (type < 0 || !types.isDefined(type)) continue;
        const offered = this.#callbacks.of(type).filter((one) => declaring.has(one.declaredBy));
        const own = types.isDefined(parameter) ? this.#machine.outside.callbacksOf(type) : [];
        const texts = new Set(
          [...offered.map((one) => one.method), ...own].map(
            (one) => methods.signatureTexts[methods.signatures[one]!]!,
          ),
        );
        for (const text of [...texts].slice(0, MOST_OFFERED))
          register(this.#machine, this.#machine.registrations.offer(index, text), call);
      }
    });
  }
}
