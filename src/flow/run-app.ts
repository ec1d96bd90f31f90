import type { EntryPoint } from "../program/index.js";
import { Dependence } from "./dependence.js";
import { EMPTY_HEAP, type Heap, isSameHeap } from "./heap.js";
import { givenIntent, sentTo, waitingField } from "./intents.js";
import type { Machine } from "./machine.js";
import { STATICS } from "./objects.js";
import { markEntry, runPending } from "./registrations.js";
import { isNothing, join, NOTHING, ofGiven, ofObject, UNKNOWN, type Value } from "./values.js";

/** Rounds over all components, and over the callbacks of one, after which nothing more is taken to change. */
const MOST_ROUNDS = 4;

/** In the order in which Android calls them ("The activity lifecycle"); what stands in none of these comes in between. */
const BEGIN = ["attachBaseContext", "attach", "onCreate"];
const START = [
  "onRestart",
  "onStart",
  "onRestoreInstanceState",
  "onActivityResult",
  "onNewIntent",
  "onPostCreate",
  "onResume",
  "onPostResume",
];
const STOP = ["onPause", "onSaveInstanceState", "onStop"];
const END = ["onDestroy"];

/** Callbacks that save an activity's state, or are given it. */
const KEEP_STATE = new Set([
  "onCreate",
  "onRestoreInstanceState",
  "onSaveInstanceState",
  "onPostCreate",
  "onViewStateRestored",
]);

/** Runs the components of an app as Android does, until nothing changes. @returns what the heap may hold in the end */
export function runApp(machine: Machine): Heap {
  return new AppRun(machine).run();
}

class AppRun {
  readonly #machine: Machine;
  /** By type of a component: what its last run depended on. */
  readonly #visits = new Map<number, { readonly version: number; readonly dependence: Dependence }>();

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  run(): Heap {
    const entryPoints = this.#machine.graph.entryPoints.map((one) => this.#withCallbacks(one));
    const application = entryPoints.find(({ kind }) => kind === "application");
    let heap: Heap = EMPTY_HEAP;
    // What is made with the process: the Application first, before it is told of it the providers.
    const context = application === undefined ? undefined : this.#component(application);
    const { memory, objects, types } = this.#machine;
    const given = objects.find("application", "given", types.numberOf("Landroid/app/Application;"), true);
    heap = memory.write(heap, STATICS, objects.fieldOf(".application"), context ?? ofObject(given), true);
    if (application !== undefined) {
      heap = this.#make(application, heap);
      heap = this.#callAll(application, ["attachBaseContext"], heap);
    }
    const providers = entryPoints.filter(
      ({ kind, isOpen }) => (kind === "provider" || kind === "initializer") && isOpen,
    );
    for (const provider of providers) {
      heap = this.#make(provider, heap);
      heap = this.#callAll(provider, ["attachInfo", "onCreate", "create"], heap);
      heap = runPending(this.#machine, heap);
    }
    if (application !== undefined) {
      heap = this.#callAll(application, ["onCreate"], heap);
      heap = runPending(this.#machine, heap);
    }
    const others = entryPoints.filter(
      ({ kind }) => kind !== "application" && kind !== "provider" && kind !== "initializer",
    );
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const before = heap;
      for (const one of others) heap = this.#visit(one, heap);
      for (const type of this.#machine.startedWorkers) heap = this.#visit(this.#workerOf(type), heap);
      for (const provider of providers) heap = this.#serve(provider, heap);
      if (application !== undefined) heap = this.#serve(application, heap);
      if (isSameHeap(before, heap) || this.#machine.stepsLeft < 0) break;
    }
    return heap;
  }

  /** A worker: a class that is made and run by a library when the app has asked for it. */
  #workerOf(type: number): EntryPoint {
    const { methods, types } = this.#machine;
    const work = types
      .superclassesOf(type)
      .flatMap((one) => methods.methodsOf(one).virtual)
      .filter(
        (one) =>
          /^(?:doWork|startWork|createWork)$/.test(methods.nameOf(methods.signatures[one]!)) &&
          !methods.isAbstract(one),
      );
    const component = types.names[type]!;
    return {
      kind: "service",
      component,
      type,
      methods: [...methods.constructorsOf(type), ...work],
      isBeforeConsent: false,
      isOpen: false,
    };
  }

  /** An entry point with what its class overrides of code that is not gone into, and without that code. */
  #withCallbacks(entryPoint: EntryPoint): EntryPoint {
    const { outside } = this.#machine;
    const all = new Set([...entryPoint.methods, ...outside.callbacksOf(entryPoint.type)]);
    return {
      ...entryPoint,
      methods: [...all].filter((method) => !outside.has(method)).sort((a, b) => a - b),
    };
  }

  #component({ type }: EntryPoint): Value {
    return ofObject(this.#machine.objects.ofComponent(type));
  }

  /** Makes the object of a component: its fields are new, static ones are not. */
  #make(entryPoint: EntryPoint, heap: Heap): Heap {
    const { objects, memory, methods } = this.#machine;
    const component = this.#component(entryPoint);
    let after = this.#machine.initialize(entryPoint.type, heap, 0);
    after = memory.renew(after, component.objects[0]!);
    const made = entryPoint.methods.find((method) => methods.isConstructor(method));
    if (made === undefined) return after;
    const context = objects.enter(0, this.#machine.siteNumber(made, 0xff_fffe), made);
    const outcome = this.#machine.call(
      made,
      this.#fill(made, component, undefined, after).args,
      after,
      context,
    );
    return outcome.value === undefined ? after : outcome.heap;
  }

  /** Runs a component, unless all that it depends on is as it was when it was run before. */
  #visit(entryPoint: EntryPoint, heap: Heap): Heap {
    const { memory, relevance } = this.#machine;
    const known = this.#visits.get(entryPoint.type);
    if (known?.version === relevance.version && known.dependence.holdsIn(heap, memory)) return heap;
    memory.reads.length = 0;
    memory.readsFrom = 0;
    const after = this.#runComponent(entryPoint, heap);
    const dependence = new Dependence(new Set(memory.reads), heap, memory);
    this.#visits.set(entryPoint.type, { version: relevance.version, dependence });
    return after;
  }

  /** A component from its beginning to its end; the heap joins what it may have been left with at any time. */
  #runComponent(entryPoint: EntryPoint, before: Heap): Heap {
    const { memory, types } = this.#machine;
    const { kind, type, isOpen } = entryPoint;
    const sent = sentTo(this.#machine, type, before);
    const isWorker = kind !== "view" && types.isDefined(type);
    if (!isOpen && isNothing(sent) && isWorker) return before;
    this.#machine.component = type;
    const isFromOutside = isOpen && kind !== "view";
    const given = isFromOutside ? givenIntent(this.#machine, type) : undefined;
    const intent = given === undefined ? sent : join(sent, given);
    let heap = this.#make(entryPoint, before);
    const component = this.#component(entryPoint);
    const intentSlot = this.#machine.objects.fieldOf(".intent");
    heap = memory.write(heap, component.objects[0]!, intentSlot, intent, true);
    heap = this.#callAll(entryPoint, BEGIN, heap, intent);
    heap = memory.join(heap, runPending(this.#machine, heap));
    const middle = this.#middleOf(entryPoint);
    let all = memory.join(before, heap);
    // A receiver is made anew for each intent.
    const rounds = kind === "receiver" ? 1 : MOST_ROUNDS;
    for (let round = 0; round < rounds; round++) {
      const start = heap;
      for (const name of START) heap = this.#callMaybe(entryPoint, name, heap, intent);
      all = memory.join(all, heap);
      for (let inner = 0; inner < (kind === "receiver" ? 1 : 3); inner++) {
        const begun = heap;
        heap = memory.join(heap, runPending(this.#machine, heap));
        for (const name of middle) heap = memory.join(heap, this.#callAll(entryPoint, [name], heap, intent));
        if (isSameHeap(begun, heap)) break;
      }
      all = memory.join(all, heap);
      heap = memory.join(heap, this.#bind(entryPoint, heap));
      for (const name of STOP) {
        heap = this.#callAll(entryPoint, [name], heap, intent);
        all = memory.join(all, heap);
        const idle = runPending(this.#machine, heap);
        heap = memory.join(heap, idle);
      }
      all = memory.join(all, heap);
      heap = memory.join(start, heap);
      if (isSameHeap(start, heap) || this.#machine.stepsLeft < 0) break;
    }
    heap = this.#callAll(entryPoint, END, heap, intent);
    heap = memory.join(heap, runPending(this.#machine, heap));
    all = memory.join(all, heap);
    this.#machine.component = 0;
    return this.#answer(entryPoint, all);
  }

  /** Callbacks that are called at any time between being started and being stopped. */
  #middleOf({ methods: all }: EntryPoint): string[] {
    const { methods } = this.#machine;
    const inOrder = new Set([...BEGIN, ...START, ...STOP, ...END, "<init>", "onBind", "<clinit>"]);
    const names = all.map((method) => methods.nameOf(methods.signatures[method]!));
    return [...new Set(names)].filter((name) => !inOrder.has(name));
  }

  /** A component that lives as long as the process: what it is asked for at any time. */
  #serve(entryPoint: EntryPoint, heap: Heap): Heap {
    const { memory } = this.#machine;
    let after = heap;
    for (const name of this.#middleOf(entryPoint))
      after = memory.join(after, this.#callAll(entryPoint, [name], after));
    return memory.join(after, runPending(this.#machine, after));
  }

  #callMaybe(entryPoint: EntryPoint, name: string, heap: Heap, intent: Value): Heap {
    const isCertain =
      name === "onStart" || name === "onResume" || name === "onPostCreate" || name === "onPostResume";
    const after = this.#callAll(entryPoint, [name], heap, intent);
    const settled = isCertain ? after : this.#machine.memory.join(heap, after);
    return after === heap ? heap : this.#machine.memory.join(settled, runPending(this.#machine, settled));
  }

  /** Calls the methods of those names that Android calls of the component. */
  #callAll(entryPoint: EntryPoint, names: readonly string[], heap: Heap, intent?: Value): Heap {
    const { methods, objects } = this.#machine;
    const component = this.#component(entryPoint);
    let after = heap;
    for (const name of names)
      for (const method of entryPoint.methods) {
        if (methods.nameOf(methods.signatures[method]!) !== name) continue;
        const { args, heap: filled } = this.#fill(method, component, intent, after);
        const context = objects.enter(0, this.#machine.siteNumber(method, 0xff_fffd), method);
        const outcome = this.#machine.call(method, args, filled, context);
        if (outcome.value !== undefined) after = outcome.heap;
        else if (outcome.thrown !== NOTHING) after = this.#machine.memory.join(after, outcome.thrownHeap);
        if (name === "onBind" && outcome.value !== undefined)
          after = this.#connect(entryPoint, outcome.value, after);
      }
    return after;
  }

  /** Arguments that Android calls a method with: the intent where one is asked for, else what nothing is known of. */
  #fill(
    method: number,
    component: Value,
    intent: Value | undefined,
    heap: Heap,
  ): { args: Value[]; heap: Heap } {
    const { methods, reader } = this.#machine;
    const reference = reader.referenceTo(method);
    const own = reference.parameters.map((descriptor, index): Value => {
      if (
        descriptor === "Landroid/content/Intent;" &&
        intent !== undefined &&
        reference.name !== "onActivityResult"
      )
        return isNothing(intent) ? UNKNOWN : intent;
      if (descriptor === "Landroid/content/Intent;" && reference.name === "onActivityResult")
        return this.#resultOf(component, heap);
      if (descriptor === "Landroid/app/job/JobParameters;" && intent !== undefined && !isNothing(intent))
        return intent;
      if (descriptor === "Landroid/os/Bundle;" && KEEP_STATE.has(reference.name))
        return this.#savedState(component);
      return this.#machine.parameter(method, index, descriptor);
    });
    const at = { heap };
    const marked = markEntry(this.#machine, method, own, at);
    return { args: methods.isStatic(method) ? marked : [component, ...marked], heap: at.heap };
  }

  /** What a component saves before it goes and is given back when it is made anew. */
  #savedState(component: Value): Value {
    const { objects, types } = this.#machine;
    const bundle = types.numberOf("Landroid/os/Bundle;");
    const object = objects.find(`state ${component.objects[0]}`, "store", bundle, true);
    objects.storeKinds.set(object, "saved-state");
    return ofGiven(object);
  }

  /** The intent that a component is told as another one's result. */
  #resultOf(component: Value, heap: Heap): Value {
    const { memory, objects, types } = this.#machine;
    const intent = types.numberOf("Landroid/content/Intent;");
    const given = ofObject(objects.find(`result ${component.objects[0]}`, "given", intent, true));
    return join(given, memory.read(heap, STATICS, objects.fieldOf(`.answer ${component.objects[0]}`)));
  }

  /** Tells whoever waits for a component's result what it set. */
  #answer({ type }: EntryPoint, heap: Heap): Heap {
    const { memory, objects } = this.#machine;
    const waiting = memory.read(heap, STATICS, waitingField(this.#machine, type));
    if (isNothing(waiting)) return heap;
    const result = memory.read(heap, objects.ofComponent(type), objects.fieldOf(".result"));
    let after = heap;
    if (!isNothing(result))
      for (const one of waiting.objects)
        after = memory.write(after, STATICS, objects.fieldOf(`.answer ${one}`), result, false);
    return after;
  }

  /** Binds a service that was asked for, and gives its binder to those who asked. */
  #bind(entryPoint: EntryPoint, heap: Heap): Heap {
    return this.#callAll(entryPoint, ["onBind"], heap, sentTo(this.#machine, entryPoint.type, heap));
  }

  #connect({ type }: EntryPoint, binder: Value, heap: Heap): Heap {
    const { memory, objects } = this.#machine;
    const after = memory.write(heap, STATICS, objects.fieldOf(`.binder ${type}`), binder, false);
    return memory.add(after, sentTo(this.#machine, type, heap), objects.fieldOf(".binder"), binder);
  }
}
