import type { CallGraph } from "../program/call-graph.js";
import { calleesOf } from "../program/call-graph.js";
import type { MethodTable } from "../program/method-table.js";
import type { TypeTable } from "../program/type-table.js";
import type { Limits } from "../diagnostics/index.js";
import type { FlowModel } from "../ruleset/index.js";
import { applyModel, applyUnmodelled, type OutsideCall } from "./apply-model.js";
import { type Heap, readCell, writeCell, changedCells } from "./heap.js";
import { Frame } from "./frame.js";
import type { FlowRecorder } from "./flow-recorder.js";
import type { FlowSources } from "./flow-sources.js";
import { Memory } from "./memory.js";
import { Lambdas } from "./lambdas.js";
import { CodeReader, type MethodReference } from "./method-code.js";
import type { ModelIndex } from "./model-index.js";
import { OutsideCode } from "./outside-code.js";
import { addMarksAt } from "./places.js";
import { Relevance } from "./relevance.js";
import { OfferedCallbacks, Registrations } from "./registrations.js";
import { Objects, STATICS } from "./objects.js";
import { addMarksOf, Constants, FORMS, isSame, join, NOTHING, ofGiven, UNKNOWN, type Value, withStep } from "./values.js";

/** What a call comes to. */
export interface Outcome {
  /** `undefined` where it never returns. */
  readonly value: Value | undefined;
  readonly heap: Heap;
  /** What it throws; {@link NOTHING} where that is nothing that is known of. */
  readonly thrown: Value;
  readonly thrownHeap: Heap;
}

/** Where in the code something happens, and under which chain of calls. */
export interface Site {
  readonly method: number;
  readonly codeUnit: number;
  readonly context: number;
}

/** What a call came to once, and what of the heap that depended on. */
interface Remembered {
  readonly context: number;
  /** Whether objects were made, which are others under another chain of calls. */
  readonly makesObjects: boolean;
  readonly arguments: readonly Value[];
  readonly cells: readonly number[];
  readonly held: readonly (Value | undefined)[];
  readonly shapes: readonly number[];
  readonly shapeSizes: readonly number[];
  readonly value: Value | undefined;
  readonly written: readonly number[];
  readonly values: readonly (Value | undefined)[];
  readonly thrown: Value;
  readonly thrownHeap: Heap;
}

/** Named limits of a run. */
export interface FlowLimits {
  /** Instructions gone through. */
  readonly steps: number;
  /** Calls within calls. */
  readonly depth: number;
  /** Methods that one call may come to. */
  readonly targets: number;
  /** Times that one method is gone through for each way in which it is called; and as often for all at once. */
  readonly runs: number;
  /** Outcomes remembered of one method, and cells that one may depend on. */
  readonly remembered: number;
  readonly rememberedCells: number;
}

export const defaultFlowLimits: Omit<FlowLimits, "steps"> = {
  depth: 50,
  targets: 8,
  runs: 16,
  remembered: 12,
  rememberedCells: 2000,
};

/** Calls of a method within itself that are gone into. */
const MOST_RECURSION = 3;

/** Runs methods of an app on abstract values, by what their code and the rules of flows say. */
export class Machine {
  readonly graph: CallGraph;
  readonly methods: MethodTable;
  readonly types: TypeTable;
  readonly constants = new Constants();
  readonly objects = new Objects();
  readonly reader: CodeReader;
  readonly memory: Memory;
  readonly models: ModelIndex;
  readonly sources: FlowSources;
  readonly recorder: FlowRecorder;
  readonly limits: FlowLimits;
  /** Steps left; below 0 nothing more is gone into. */
  stepsLeft: number;
  /** Type of the component that runs; 0 of the Application, and of providers. */
  component = 0;
  /** Whether something that can run was not gone into. */
  isPartial = false;
  /** Types of workers that the app has asked for. */
  readonly startedWorkers = new Set<number>();
  /** Methods that were gone through. */
  readonly visited = new Set<number>();
  /** Components that an intent can be sent to, and what it says of their filters. */
  readonly components: ComponentLookup;
  readonly lambdas = new Lambdas();
  readonly registrations = new Registrations();
  readonly relevance: Relevance;
  /** Code of the app that is not gone into. */
  readonly outside: OutsideCode;
  readonly callbacks: OfferedCallbacks;
  readonly #sites = new Map<number, number>();
  readonly #stack: number[] = [];
  readonly #stackArguments: (readonly Value[])[] = [];
  readonly #remembered = new Map<number, Remembered[]>();
  readonly #callees = new Map<number, ReadonlyMap<number, readonly number[]>>();
  readonly #runs = new Map<number, number>();
  readonly #merged = new Map<number, readonly Value[]>();
  readonly #entryMethods: ReadonlySet<number>;
  #rememberedVersion = 0;
  #objectsMade = 0;

  constructor(
    graph: CallGraph,
    models: ModelIndex,
    sources: FlowSources,
    components: ComponentLookup,
    recorder: FlowRecorder,
    limits: FlowLimits,
    auditLimits: Limits,
    outsidePackages: readonly string[],
  ) {
    this.outside = new OutsideCode(graph.methods, outsidePackages);
    this.graph = graph;
    this.methods = graph.methods;
    this.types = graph.methods.types;
    this.models = models;
    this.sources = sources;
    this.components = components;
    this.recorder = recorder;
    this.limits = limits;
    this.stepsLeft = limits.steps;
    this.reader = new CodeReader(this.methods, this.constants);
    this.memory = new Memory(
      this.objects,
      this.constants,
      (descriptor) => this.types.numberOf(descriptor),
      (field) => this.reader.initialStatic(field),
    );
    this.#entryMethods = new Set(graph.entryPoints.flatMap((one) => one.methods));
    this.relevance = new Relevance(graph, this.reader, models, sources, this.outside);
    this.memory.onHeld = (place) => this.relevance.hold(place);
    this.callbacks = new OfferedCallbacks(this, auditLimits);
  }

  siteNumber(method: number, codeUnit: number): number {
    const key = method * 0x100_0000 + codeUnit;
    let number = this.#sites.get(key);
    if (number === undefined) {
      number = this.#sites.size;
      this.#sites.set(key, number);
    }
    return number;
  }

  /** Makes an object where an instruction says so. */
  make(heap: Heap, { method, codeUnit, context }: Site, type: number, isLoop: boolean, name = ""): { object: number; heap: Heap } {
    this.#objectsMade++;
    const site = this.siteNumber(method, codeUnit);
    const object =
      name === ""
        ? this.objects.findAt(this.objects.madeAt, context, site, "made", type, true)
        : this.objects.find(`${site} ${context} ${name}`, "made", type, true);
    if (isLoop && this.memory.exists(heap, object)) {
      this.objects.isMany[object] = true;
      return { object, heap };
    }
    return { object, heap: this.memory.renew(heap, object) };
  }

  /** What a method outside of the app gives: nothing more than its type is known. */
  given({ method, codeUnit, context }: Site, descriptor: string): Value {
    if (descriptor === "V") return NOTHING;
    if (!descriptor.startsWith("L") || descriptor === "Ljava/lang/String;") return UNKNOWN;
    const site = this.siteNumber(method, codeUnit);
    return ofGiven(this.objects.findAt(this.objects.givenAt, context, site, "given", this.types.numberOf(descriptor), false));
  }

  /** Runs the static initialisers that the use of a class brings about. */
  initialize(type: number, heap: Heap, context: number): Heap {
    let after = heap;
    const chain = this.types.superclassesOf(type);
    for (let at = chain.length - 1; at >= 0; at--) {
      const one = chain[at]!;
      if (!this.types.isDefined(one) || this.outside.hasType(one)) continue;
      const initializer = this.methods.methodsOf(one).bySignature.get(this.methods.initializer);
      if (initializer === undefined) continue;
      const field = this.objects.fieldOf(`.initialized ${one}`);
      const cell = this.objects.cellOf(STATICS, field);
      this.memory.noteRead(cell);
      if (readCell(after, cell) !== undefined) continue;
      after = writeCell(after, cell, this.constants.one);
      const entered = this.objects.enter(context, this.siteNumber(initializer, 0xff_ffff), initializer);
      after = this.call(initializer, [], after, entered).heap;
    }
    return after;
  }

  /** Runs a method of the app. `context` is the chain of calls with this one. */
  call(method: number, given: readonly Value[], heap: Heap, from: number): Outcome {
    let args = given;
    let context = from;
    if (this.methods.isNative(method) || this.methods.codeOffs[method] === 0) return this.#passThrough(method, args, heap);
    if (this.outside.has(method)) this.isPartial = true;
    if (this.outside.has(method)) return this.#passThrough(method, args, heap);
    if (!this.#isWorthwhile(method, args)) return this.#passOver(method, heap, context);
    let depth = 0;
    let outer: readonly Value[] | undefined;
    this.#stack.forEach((one, index) => {
      if (one !== method) return;
      depth++;
      outer = this.#stackArguments[index];
    });
    if (this.stepsLeft < 0 || depth >= MOST_RECURSION || this.#stack.length >= this.limits.depth)
      return this.#passThrough(method, args, heap);
    // From the second round on, what changes from call to call is not told apart.
    if (depth >= MOST_RECURSION - 1) args = args.map((value, index) => widen(outer![index] ?? value, value));
    const runs = this.#runs.get(method) ?? 0;
    // A method that is called in many ways is gone through for all of them at once from then on.
    if (runs >= this.limits.runs) {
      const all = this.#merged.get(method);
      args = all === undefined ? args : args.map((value, index) => widen(all[index] ?? value, value));
      this.#merged.set(method, args);
      context = this.objects.enter(0, this.siteNumber(method, 0xff_fffc), method);
    }
    const known = this.#recall(method, args, heap, context);
    if (known !== undefined) return known;
    if (runs >= this.limits.runs * 2) {
      this.recorder.cutMethods.add(method);
      this.isPartial = true;
      return this.#passThrough(method, args, heap);
    }
    this.#runs.set(method, runs + 1);
    const code = this.reader.codeOf(method);
    if (code === undefined) return this.#passThrough(method, args, heap);
    this.visited.add(method);
    this.#stack.push(method);
    this.#stackArguments.push(args);
    const readsBefore = this.memory.reads.length;
    const outerFrom = this.memory.readsFrom;
    this.memory.readsFrom = readsBefore;
    const madeBefore = this.#objectsMade;
    const outcome = new Frame(this, method, code, context).run(args, heap);
    this.#stack.pop();
    this.#stackArguments.pop();
    if (this.stepsLeft >= 0) this.#remember(method, args, heap, context, outcome, readsBefore, madeBefore);
    this.memory.readsFrom = outerFrom;
    return outcome;
  }

  /** Whether it can matter what a method does: to a source's value, or to constants and objects that are soon known. */
  #isWorthwhile(method: number, args: readonly Value[]): boolean {
    return (
      this.#entryMethods.has(method) ||
      this.relevance.has(method) ||
      args.some((one) => this.memory.holdsMarks(one)) ||
      this.relevance.isSmall(method)
    );
  }

  /** What is passed over gives something of its type. */
  #passOver(method: number, heap: Heap, context: number): Outcome {
    const text = this.methods.signatureTexts[this.methods.signatures[method]!]!;
    const value = this.given({ method, codeUnit: 0xff_ffff, context }, text.slice(text.indexOf(")") + 1));
    return { value, heap, thrown: NOTHING, thrownHeap: heap };
  }

  /** What is not gone into is taken to return what it was given. */
  #passThrough(method: number, args: readonly Value[], heap: Heap): Outcome {
    const text = this.methods.signatureTexts[this.methods.signatures[method]!]!;
    const returns = text.slice(text.indexOf(")") + 1);
    let value: Value = returns === "V" ? NOTHING : UNKNOWN;
    if (returns !== "V" && returns !== "Z")
      for (const one of args)
        value = addMarksOf(value, withStep(this.memory.heldMarks(heap, one, true), FORMS.assumed, method, 0));
    let after = heap;
    if (this.methods.isNative(method) && !this.methods.isStatic(method)) {
      let kept: Value = NOTHING;
      for (const one of args.slice(1)) kept = addMarksOf(kept, withStep(this.memory.heldMarks(heap, one, true), FORMS.assumed, method, 0));
      if (kept.marks.length > 0) after = this.memory.add(heap, args[0] ?? UNKNOWN, this.objects.fieldOf(".content"), kept);
    }
    return { value, heap: after, thrown: NOTHING, thrownHeap: after };
  }

  #recall(method: number, args: readonly Value[], heap: Heap, context: number): Outcome | undefined {
    if (this.#rememberedVersion !== this.relevance.version) {
      this.#remembered.clear();
      this.#rememberedVersion = this.relevance.version;
    }
    for (const one of this.#remembered.get(method) ?? []) {
      if (one.makesObjects && one.context !== context) continue;
      if (!args.every((value, index) => isSame(value, one.arguments[index]!))) continue;
      if (!one.cells.every((cell, index) => isSame(readCell(heap, cell), one.held[index]))) continue;
      if (!one.shapes.every((object, index) => this.objects.cells[object]!.size === one.shapeSizes[index])) continue;
      for (const cell of one.cells) this.memory.noteRead(cell);
      for (const object of one.shapes) this.memory.noteShape(object);
      if (one.makesObjects) this.#objectsMade++;
      let after = heap;
      one.written.forEach((cell, index) => {
        after = writeCell(after, cell, one.values[index]);
      });
      return { value: one.value, heap: after, thrown: one.thrown, thrownHeap: one.thrown === NOTHING ? after : one.thrownHeap };
    }
    return undefined;
  }

  #remember(
    method: number,
    args: readonly Value[],
    heap: Heap,
    context: number,
    outcome: Outcome,
    readsBefore: number,
    madeBefore: number,
  ): void {
    if (this.memory.reads.length - readsBefore > this.limits.rememberedCells * 2) return;
    const reads = new Set(this.memory.reads.slice(readsBefore));
    if (reads.size > this.limits.rememberedCells) return;
    const cells = [...reads].filter((one) => one >= 0);
    const shapes = [...reads].filter((one) => one < 0).map((one) => -one - 1);
    const written: number[] = [];
    const values: (Value | undefined)[] = [];
    changedCells(heap, outcome.heap, (cell, _before, after) => {
      written.push(cell);
      values.push(after);
    });
    // A heap to throw with is the whole heap of that time: only what throws nothing can be put onto another one.
    if (outcome.thrown !== NOTHING || written.length > this.limits.rememberedCells) return;
    if (this.#rememberedVersion !== this.relevance.version) return;
    const known = this.#remembered.get(method) ?? [];
    this.#remembered.set(method, known);
    if (known.length >= this.limits.remembered) known.shift();
    known.push({
      context,
      makesObjects: this.#objectsMade !== madeBefore,
      arguments: args,
      cells,
      held: cells.map((cell) => readCell(heap, cell)),
      shapes,
      shapeSizes: shapes.map((object) => this.objects.cells[object]!.size),
      value: outcome.value,
      written,
      values,
      thrown: outcome.thrown,
      thrownHeap: outcome.thrownHeap,
    });
  }

  /** A call by an instruction, or by what the rules say: goes to each method that it can come to. */
  invoke(kind: string, reference: MethodReference, args: readonly Value[], heap: Heap, site: Site, isLoop: boolean): Outcome {
    if (kind === "static") {
      const initialized = this.initialize(reference.type, heap, site.context);
      return this.#invokePlain(reference, args, initialized, site, isLoop, true);
    }
    if (kind === "direct") return this.#invokePlain(reference, args, heap, site, isLoop, false);
    if (kind === "super") {
      const superclass = this.types.superclassOf(this.methods.owners[site.method]!);
      const method =
        (superclass === undefined ? undefined : this.methods.select(superclass, reference.signature)) ??
        this.methods.select(reference.type, reference.signature);
      if (method !== undefined && !this.outside.has(method)) return this.enter(method, args, heap, site);
      const type = superclass ?? reference.type;
      return this.#callOutside({ ...reference, type }, type, args, heap, site, isLoop);
    }
    return this.#invokeVirtual(reference, args, heap, site, isLoop);
  }

  #invokePlain(reference: MethodReference, args: readonly Value[], heap: Heap, site: Site, isLoop: boolean, isStatic: boolean): Outcome {
    const method = this.methods.findInherited(reference.type, reference.signature);
    if (method !== undefined && this.outside.has(method)) this.isPartial = true;
    if (method === undefined || this.outside.has(method))
      return this.#callOutside(reference, reference.type, args, heap, site, isLoop, isStatic);
    const model = this.models.findOwn(this.methods.owners[method]!, reference);
    if (model !== undefined) return this.#apply(model, reference, args, heap, site, isLoop, isStatic);
    return this.enter(method, args, heap, site);
  }

  /** Runs a method of the app as called from a place. */
  enter(method: number, args: readonly Value[], heap: Heap, site: Site): Outcome {
    const context = this.objects.enter(site.context, this.siteNumber(site.method, site.codeUnit), method);
    const passed = args.map((one) => withStep(one, 0, site.method, site.codeUnit));
    return this.call(method, passed, heap, context);
  }

  #invokeVirtual(reference: MethodReference, args: readonly Value[], heap: Heap, site: Site, isLoop: boolean): Outcome {
    const base = args[0] ?? UNKNOWN;
    /** Objects by the method that they go to, -1 being outside of the app. */
    const targets = new Map<number, number[]>();
    const outside: number[] = [];
    const lead = (method: number, object: number) => {
      const known = targets.get(method);
      if (known === undefined) targets.set(method, [object]);
      else known.push(object);
    };
    let isOpen = base.isUnknown;
    const outcomes: Outcome[] = [];
    for (const object of base.objects) {
      if (this.lambdas.find(object)?.name === reference.name) {
        outcomes.push(this.lambdas.call(this, object, args.slice(1), heap, site, isLoop));
        continue;
      }
      const type = this.objects.types[object]!;
      const method = type >= 0 && this.types.isDefined(type) ? this.methods.select(type, reference.signature) : undefined;
      if (method !== undefined && !this.outside.has(method)) lead(method, object);
      else outside.push(object);
      if (!this.objects.isExact[object]) isOpen = true;
    }
    if (isOpen) {
      const all = this.#candidates(site.method, reference);
      const relevant = all.filter((method) => this.relevance.has(method));
      const candidates = all.length > this.limits.targets ? relevant : all;
      if (candidates.length > this.limits.targets) {
        this.recorder.tooManyTargets(site);
        this.isPartial = true;
      }
      for (const method of candidates.slice(0, this.limits.targets)) if (!targets.has(method)) targets.set(method, []);
    }
    for (const [method, objects] of [...targets].sort(([a], [b]) => a - b)) {
      const receiver: Value =
        objects.length === 0
          ? { ...base, objects: this.#narrow(base, method), constants: [] }
          : { ...base, objects, constants: [], isUnknown: false };
      const passed = [receiver, ...args.slice(1)];
      const model = this.models.findOwn(this.methods.owners[method]!, reference);
      outcomes.push(
        model !== undefined
          ? this.#apply(model, reference, passed, heap, site, isLoop, false)
          : this.enter(method, passed, heap, site),
      );
    }
    if (outside.length > 0 || (targets.size === 0 && outcomes.length === 0)) {
      const receiver = targets.size === 0 ? base : { ...base, objects: outside };
      const exact = outside.length > 0 ? this.objects.types[outside[0]!]! : -1;
      const type = exact >= 0 && this.types.inherits(exact, reference.type) ? exact : reference.type;
      outcomes.push(this.#callOutside(reference, type, [receiver, ...args.slice(1)], heap, site, isLoop));
    }
    return this.joinOutcomes(outcomes);
  }

  /** Objects whose class may have that method. */
  #narrow(base: Value, method: number): readonly number[] {
    const owner = this.methods.owners[method]!;
    return base.objects.filter((object) => {
      const type = this.objects.types[object]!;
      return type < 0 || !this.objects.isExact[object] || this.types.inherits(type, owner);
    });
  }

  /** Methods of the app that the call graph has a call of a method lead to, by what is called. */
  #candidates(caller: number, reference: MethodReference): readonly number[] {
    if (caller < 0) return [];
    let bySignature = this.#callees.get(caller);
    if (bySignature === undefined) {
      const made = new Map<number, number[]>();
      for (const callee of calleesOf(this.graph, caller)) {
        const signature = this.methods.signatures[callee]!;
        made.set(signature, [...(made.get(signature) ?? []), callee]);
      }
      bySignature = made;
      this.#callees.set(caller, made);
    }
    return (bySignature.get(reference.signature) ?? []).filter((method) => {
      const owner = this.methods.owners[method]!;
      return !this.methods.isStatic(method) && !this.outside.has(method) && (this.types.inherits(owner, reference.type) || this.types.inherits(reference.type, owner));
    });
  }

  joinOutcomes(outcomes: readonly Outcome[]): Outcome {
    const [first, ...others] = outcomes;
    let joined = first!;
    for (const one of others) {
      const value = joined.value === undefined ? one.value : one.value === undefined ? joined.value : join(joined.value, one.value);
      const heap =
        joined.value === undefined ? one.heap : one.value === undefined ? joined.heap : this.memory.join(joined.heap, one.heap);
      const thrownHeap =
        joined.thrown === NOTHING ? one.thrownHeap : one.thrown === NOTHING ? joined.thrownHeap : this.memory.join(joined.thrownHeap, one.thrownHeap);
      joined = { value, heap, thrown: join(joined.thrown, one.thrown), thrownHeap };
    }
    return joined;
  }

  #callOutside(reference: MethodReference, type: number, args: readonly Value[], heap: Heap, site: Site, isLoop: boolean, isStatic = false): Outcome {
    const model = this.models.find(type, reference) ?? (type === reference.type ? undefined : this.models.find(reference.type, reference));
    return this.#apply(model, reference, args, heap, site, isLoop, isStatic);
  }

  /** A call outside of the app that only its name and a model are known of. */
  applyByName(model: FlowModel, receiver: Value, args: readonly Value[], heap: Heap, site: Site, isLoop: boolean): Outcome {
    const { owner, name, parameters, returns } = model.method;
    const reference: MethodReference = {
      type: this.types.numberOf(owner),
      signature: this.methods.numberOfSignature(`${name}(${parameters?.join("") ?? ""})${returns ?? "Ljava/lang/Object;"}`),
      name,
      parameters: parameters ?? args.map(() => "Ljava/lang/Object;"),
      returns: returns ?? "Ljava/lang/Object;",
    };
    return this.#apply(model, reference, [receiver, ...args], heap, site, isLoop, false);
  }

  /** Adds the marks of the sources that an instruction is to its result. */
  markResult({ method, codeUnit }: Site, value: Value): Value {
    let marked = value;
    for (const { source } of this.sources.at(method, codeUnit))
      marked = addMarksOf(marked, this.recorder.mark(source, method, codeUnit));
    return marked;
  }

  /** Adds the marks of the sources that a call is to where they put their value. */
  markCall(
    site: Site,
    reference: MethodReference,
    args: readonly Value[],
    isStatic: boolean,
    result: Value,
    heap: Heap,
  ): { result: Value; heap: Heap } {
    const sources = this.sources.at(site.method, site.codeUnit);
    if (sources.length === 0) return { result, heap };
    const call: OutsideCall = {
      reference,
      base: isStatic ? undefined : args[0],
      arguments: isStatic ? args : args.slice(1),
      site,
      isLoop: false,
      heap,
      result,
      thrown: NOTHING,
    };
    for (const { source, yields } of sources)
      for (const place of yields) addMarksAt(this, place, this.recorder.mark(source, site.method, site.codeUnit), call);
    return { result: call.result ?? result, heap: call.heap };
  }

  #apply(model: FlowModel | undefined, reference: MethodReference, args: readonly Value[], heap: Heap, site: Site, isLoop: boolean, isStatic: boolean): Outcome {
    const call: OutsideCall = {
      reference,
      base: isStatic ? undefined : (args[0] ?? UNKNOWN),
      arguments: isStatic ? args : args.slice(1),
      site,
      isLoop,
      heap,
      result: undefined,
      thrown: NOTHING,
    };
    if (model === undefined) applyUnmodelled(this, call);
    else applyModel(this, model, call);
    return { value: call.result ?? this.given(site, reference.returns), heap: call.heap, thrown: call.thrown, thrownHeap: call.heap };
  }
}

/** What may be one value or the other, constants that differ not being told apart. */
function widen(before: Value, value: Value): Value {
  if (isSame(before, value)) return value;
  const joined = join(before, value);
  return joined.constants.length > before.constants.length || joined.constants.length > value.constants.length
    ? { ...joined, constants: [], isUnknown: true }
    : joined;
}

/** Components of the manifest, as intents name them. */
export interface ComponentLookup {
  readonly packageName: string;
  /** Types of components by class name, dotted; by action of a filter. */
  byName(name: string): readonly number[];
  byAction(action: string, kind: string): readonly number[];
  byAuthority(authority: string): readonly number[];
}
