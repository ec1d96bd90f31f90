import type { Limits } from "../diagnostics/index.js";
import type { CallGraph, MethodTable, TypeTable } from "../program/index.js";
import type { FlowModel } from "../ruleset/index.js";
import { applyModel, applyUnmodelled } from "./apply-model.js";
import type { FlowRecorder } from "./flow-recorder.js";
import type { FlowSources } from "./flow-sources.js";
import { Frame } from "./frame.js";
import { type Heap, readCell, writeCell } from "./heap.js";
import { Invocations } from "./invocations.js";
import { Lambdas } from "./lambdas.js";
import { Memory } from "./memory.js";
import { CodeReader, type MethodReference } from "./method-code.js";
import type { ModelIndex } from "./model-index.js";
import { Objects, STATICS } from "./objects.js";
import type { ComponentLookup, FlowLimits, Outcome, Site } from "./outcome.js";
import { outsideCall } from "./outside-call.js";
import { OutsideCode } from "./outside-code.js";
import { addMarksAt } from "./places.js";
import { OfferedCallbacks, Registrations } from "./registrations.js";
import { Relevance } from "./relevance.js";
import { RememberedCalls } from "./remembered-calls.js";
import {
  addMarksOf,
  Constants,
  FORMS,
  isSame,
  join,
  NOTHING,
  ofGiven,
  UNKNOWN,
  type Value,
  withStep,
} from "./values.js";

/** Calls of a method within itself that are gone into. */
const MOST_RECURSION = 3;

/** Collections and texts that Android's own API gives: no class of the app is among them. */
const PLATFORM_RESULT = /^(?:Ljava\/util\/|Ljava\/lang\/(?:CharSequence|Iterable);)/;

/** Calls of methods outside of the app within such calls that are gone into. */
const MOST_OUTSIDE_CALLS = 60;

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
  /** Whether a call of one method by another leads from the app's own code to a third party's. */
  isHandOver: (caller: number, callee: number) => boolean = () => false;
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
  #outsideCalls = 0;
  readonly #stackArguments: (readonly Value[])[] = [];
  readonly #remembered = new RememberedCalls(this);
  readonly #invocations = new Invocations(this);
  /** Types whose static initialisers were not gone into. */
  readonly #openStatics = new Set<number>();
  /** By method: how often it was gone through, and the steps that it took, with those of what it calls. */
  readonly #costs = new Map<number, { runs: number; steps: number }>();
  readonly #merged = new Map<number, readonly Value[]>();
  readonly #entryMethods: ReadonlySet<number>;
  readonly #enum: number;
  /** Objects made so far, each as often as it was. */
  objectsMade = 0;

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
    this.#enum = this.types.numberOf("Ljava/lang/Enum;");
    this.reader = new CodeReader(this.methods, this.constants);
    this.memory = new Memory(
      this.objects,
      this.constants,
      (descriptor) => this.types.numberOf(descriptor),
      (field) => this.reader.initialStatic(field, this.#openStatics),
    );
    this.#entryMethods = new Set(graph.entryPoints.flatMap((one) => one.methods));
    this.relevance = new Relevance(graph, this.reader, models, sources, this.outside);
    this.memory.onHeld = (place) => this.relevance.hold(place);
    this.callbacks = new OfferedCallbacks(this, auditLimits);
  }

  /** Notes that a call is not gone into in full. */
  cutCall(site: Site): void {
    this.recorder.cutCalls.add(`${site.method} ${site.codeUnit}`);
    this.isPartial = true;
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
  make(
    heap: Heap,
    { method, codeUnit, context }: Site,
    type: number,
    isLoop: boolean,
    name = "",
  ): { object: number; heap: Heap } {
    this.objectsMade++;
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
    return ofGiven(
      this.objects.findAt(
        this.objects.givenAt,
        context,
        site,
        "given",
        this.types.numberOf(descriptor),
        false,
      ),
    );
  }

  /** What a method is given by a caller of whom nothing is known: of a parameter no more than its type. */
  parameter(method: number, index: number, descriptor: string): Value {
    if (!descriptor.startsWith("L") || descriptor === "Ljava/lang/String;") return UNKNOWN;
    const type = this.types.numberOf(descriptor);
    return ofGiven(this.objects.find(`parameter ${method} ${index}`, "given", type, false));
  }

  /** What a call of a method outside of the app gives. */
  givenBy({ type, returns }: MethodReference, site: Site): Value {
    const value = this.given(site, returns);
    const name = this.types.names[type]!;
    if (PLATFORM_RESULT.test(returns) && name.startsWith("Landroid/") && this.types.android.has(name))
      for (const object of value.objects) this.objects.isPlatform[object] = true;
    return value;
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

  /**
   * Runs a method of the app.
   *
   * @param from the chain of calls with this one
   */
  call(method: number, given: readonly Value[], heap: Heap, from: number): Outcome {
    let args = given;
    let context = from;
    if (this.methods.isNative(method) || this.methods.codeOffs[method] === 0)
      return this.#passThrough(method, args, heap);
    if (this.outside.has(method)) {
      this.isPartial = true;
      return this.#passThrough(method, args, heap);
    }
    if (!this.#isWorthwhile(method, args)) return this.#passOver(method, args, heap, context);
    let depth = 0;
    let outer: readonly Value[] | undefined;
    this.#stack.forEach((one, index) => {
      if (one !== method) return;
      depth++;
      outer = this.#stackArguments[index];
    });
    if (this.stepsLeft < 0 || depth >= MOST_RECURSION) return this.#passThrough(method, args, heap);
    if (this.#stack.length >= this.limits.depth) return this.#cutMethod(method, args, heap);
    // From the second round on, what changes from call to call is not told apart.
    if (depth >= MOST_RECURSION - 1) args = args.map((value, index) => widen(outer![index] ?? value, value));
    const cost = this.#costs.get(method) ?? { runs: 0, steps: 0 };
    this.#costs.set(method, cost);
    const { merged, cut } = this.limits;
    // A method that is called in many ways is gone through for all of them at once, if that costs much.
    const isCostly = cost.steps > Math.min(cost.runs * merged.stepsOfRun, merged.steps);
    if (cost.runs >= merged.runs && isCostly) {
      const all = this.#merged.get(method);
      args = all === undefined ? args : args.map((value, index) => widen(all[index] ?? value, value));
      this.#merged.set(method, args);
      context = this.objects.enter(0, this.siteNumber(method, 0xff_fffc), method);
    }
    const known = this.#remembered.recall(method, args, heap, context);
    if (known !== undefined) return known;
    if (cost.runs >= cut.runs && cost.steps > cut.steps) return this.#cutMethod(method, given, heap);
    const code = this.reader.codeOf(method);
    if (code === undefined) return this.#cutMethod(method, args, heap);
    this.visited.add(method);
    this.#stack.push(method);
    this.#stackArguments.push(args);
    const readsBefore = this.memory.reads.length;
    const outerFrom = this.memory.readsFrom;
    this.memory.readsFrom = readsBefore;
    const madeBefore = this.objectsMade;
    const stepsBefore = this.stepsLeft;
    const outcome = new Frame(this, method, code, context).run(args, heap);
    cost.runs++;
    cost.steps += stepsBefore - this.stepsLeft;
    this.#stack.pop();
    this.#stackArguments.pop();
    if (this.stepsLeft >= 0)
      this.#remembered.remember(method, args, heap, context, outcome, readsBefore, madeBefore);
    this.memory.readsFrom = outerFrom;
    return outcome;
  }

  /** Whether it can matter what a method does: to a source's value, or to constants and objects that are soon known. */
  #isWorthwhile(method: number, args: readonly Value[]): boolean {
    return (
      this.#entryMethods.has(method) ||
      this.relevance.has(method) ||
      args.some((one) => this.memory.holdsMarks(one)) ||
      this.relevance.isSmall(method) ||
      this.#isMaking(method)
    );
  }

  /** Whether it is what makes things that else would be nothing: a short constructor, or an enum's constants. */
  #isMaking(method: number): boolean {
    const { methods, types } = this;
    if (methods.isConstructor(method)) return this.relevance.isShort(method);
    return (
      methods.signatures[method] === methods.initializer &&
      types.inherits(methods.owners[method]!, this.#enum)
    );
  }

  /** What is passed over gives something of its type. */
  #passOver(method: number, args: readonly Value[], heap: Heap, context: number): Outcome {
    this.#leaveOpen(method, args);
    const text = this.methods.signatureTexts[this.methods.signatures[method]!]!;
    const value = this.given({ method, codeUnit: 0xff_ffff, context }, text.slice(text.indexOf(")") + 1));
    return { value, heap, thrown: NOTHING, thrownHeap: heap };
  }

  /** What a constructor, or a static initialiser, that is not gone into sets is not known. */
  #leaveOpen(method: number, args: readonly Value[]): void {
    if (this.methods.signatures[method] === this.methods.initializer)
      this.#openStatics.add(this.methods.owners[method]!);
    if (!this.methods.isConstructor(method)) return;
    for (const object of args[0]?.objects ?? []) this.objects.isOpen[object] = true;
  }

  /** Passes over a method that is worth going into, and notes that. */
  #cutMethod(method: number, args: readonly Value[], heap: Heap): Outcome {
    this.recorder.cutMethods.add(method);
    this.isPartial = true;
    return this.#passThrough(method, args, heap);
  }

  /** What is not gone into is taken to return what it was given. */
  #passThrough(method: number, args: readonly Value[], heap: Heap): Outcome {
    this.#leaveOpen(method, args);
    const text = this.methods.signatureTexts[this.methods.signatures[method]!]!;
    const returns = text.slice(text.indexOf(")") + 1);
    let value: Value = returns === "V" ? NOTHING : UNKNOWN;
    if (returns !== "V" && returns !== "Z")
      for (const one of args)
        value = addMarksOf(value, withStep(this.memory.heldMarks(heap, one, true), FORMS.assumed, method, 0));
    let after = heap;
    if (this.methods.isNative(method) && !this.methods.isStatic(method)) {
      let kept: Value = NOTHING;
      for (const one of args.slice(1))
        kept = addMarksOf(kept, withStep(this.memory.heldMarks(heap, one, true), FORMS.assumed, method, 0));
      if (kept.marks.length > 0)
        after = this.memory.add(heap, args[0] ?? UNKNOWN, this.objects.fieldOf(".content"), kept);
    }
    return { value, heap: after, thrown: NOTHING, thrownHeap: after };
  }

  /** A call by an instruction, or by what the rules say: goes to each method that it can come to. */
  invoke(
    kind: string,
    reference: MethodReference,
    args: readonly Value[],
    heap: Heap,
    site: Site,
    isLoop: boolean,
  ): Outcome {
    return this.#invocations.invoke(kind, reference, args, heap, site, isLoop);
  }

  /** Runs a method of the app as called from a place. */
  enter(method: number, args: readonly Value[], heap: Heap, site: Site): Outcome {
    const context = this.objects.enter(site.context, this.siteNumber(site.method, site.codeUnit), method);
    const passed = args.map((one) => withStep(one, 0, site.method, site.codeUnit));
    if (
      site.method >= 0 &&
      this.isHandOver(site.method, method) &&
      args.some((one) => this.memory.holdsMarks(one))
    )
      this.recorder.cross(
        site,
        method,
        args.map((one) => this.memory.heldMarks(heap, one, false)),
      );
    return this.call(method, passed, heap, context);
  }

  /** A call of a method that the app does not define, or whose code is not gone into. */
  callOutside(
    reference: MethodReference,
    type: number,
    args: readonly Value[],
    heap: Heap,
    site: Site,
    isLoop: boolean,
    isStatic = false,
  ): Outcome {
    const model =
      this.models.find(type, reference) ??
      (type === reference.type ? undefined : this.models.find(reference.type, reference));
    return this.apply(model, reference, args, heap, site, isLoop, isStatic);
  }

  /** A call outside of the app that only its name and a model are known of. */
  applyByName(
    model: FlowModel,
    receiver: Value,
    args: readonly Value[],
    heap: Heap,
    site: Site,
    isLoop: boolean,
  ): Outcome {
    const { owner, name, parameters, returns } = model.method;
    const reference: MethodReference = {
      type: this.types.numberOf(owner),
      signature: this.methods.numberOfSignature(
        `${name}(${parameters?.join("") ?? ""})${returns ?? "Ljava/lang/Object;"}`,
      ),
      name,
      parameters: parameters ?? args.map(() => "Ljava/lang/Object;"),
      returns: returns ?? "Ljava/lang/Object;",
    };
    return this.apply(model, reference, [receiver, ...args], heap, site, isLoop, false);
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
    const [base, passed] = isStatic ? [undefined, args] : [args[0], args.slice(1)];
    const call = outsideCall(reference, base, passed, site, heap, result);
    for (const { source, yields } of sources)
      for (const place of yields)
        addMarksAt(this, place, this.recorder.mark(source, site.method, site.codeUnit), call);
    return { result: call.result ?? result, heap: call.heap };
  }

  /** Does what rules say of a method, or what is assumed where they say nothing. */
  apply(
    model: FlowModel | undefined,
    reference: MethodReference,
    args: readonly Value[],
    heap: Heap,
    site: Site,
    isLoop: boolean,
    isStatic: boolean,
  ): Outcome {
    const [base, passed] = isStatic ? [undefined, args] : [args[0] ?? UNKNOWN, args.slice(1)];
    const call = { ...outsideCall(reference, base, passed, site, heap), isLoop };
    this.stepsLeft--;
    if (this.#outsideCalls >= MOST_OUTSIDE_CALLS) {
      this.cutCall(site);
    } else {
      // Rules may have a method call another one that rules speak of: a thread runs what it was given, which is a thread.
      this.#outsideCalls++;
      if (model === undefined) applyUnmodelled(this, call);
      else applyModel(this, model, call);
      this.#outsideCalls--;
    }
    return {
      value: call.result ?? this.givenBy(reference, site),
      heap: call.heap,
      thrown: call.thrown,
      thrownHeap: call.heap,
    };
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
