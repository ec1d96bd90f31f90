import { firstUnit, INSTRUCTION_UNITS, insnsSizeAt, payloadUnits } from "../dex/index.js";
import { type Limits, readOrUndefined } from "../diagnostics/index.js";
import type { CallGraph } from "./call-graph.js";
import type { Callbacks } from "./callbacks.js";
import { ACTION, ACTIONS } from "./code-actions.js";
import type { EntryPoint } from "./entry-points.js";
import { BRIDGE, HANDED, JAVASCRIPT_INTERFACE, MADE_BY_NAME, TRIGGERS } from "./framework-calls.js";
import { type MethodTable, parameterTypes } from "./method-table.js";
import { classDescriptor } from "./reference-query.js";
import { findScriptMethods } from "./script-methods.js";

const NONE = -1;

/** Callbacks that are given an activity or a view. */
const TOLD_OF_ACTIVITY = /\(.*L(?:android\/app\/Activity|android\/view\/View);.*\)/;

/** Calls that take back what was handed over. */
const TAKES_BACK = /^(?:remove|unregister|cancel)/;

/** Calls of reflection that name a class or a method. */
const REFLECTS = /^(?:forName|loadClass|getMethod|getDeclaredMethod)$/;

/**
 * Builds a graph by rapid type analysis ("Fast static analysis of C++ virtual function calls", Bacon and Sweeney 1996):
 * from the entry points on, a call on a type comes to the methods of those classes below it that code which can run makes
 * objects of. Static initialisers run where a class is first used. What Android is handed over may be called back by it.
 */
export class CallGraphBuilder {
  readonly #methods: MethodTable;
  readonly #callbacks: Callbacks;
  readonly #entryPoints: readonly EntryPoint[];
  readonly #isBeforeActivities: boolean;
  /** By node: the method that it stands for; {@link NONE} where it is none of the app's. */
  readonly #methodOf: number[] = [];
  readonly #successors: number[][] = [];
  /** Successors of nodes that are no methods of the app. */
  readonly #targets: (Set<number> | undefined)[] = [];
  /** By type: it and its ancestors. */
  readonly #above: (ReadonlySet<number> | undefined)[] = [];
  /** Node by method. */
  readonly #nodeOfMethod: (number | undefined)[] = [];
  readonly #queue: number[] = [];
  /** Classes of which there are objects, by each type that they are of. */
  readonly #objects: number[][] = [];
  readonly #isInstantiated: boolean[] = [];
  readonly #isInitialized: boolean[] = [];
  /** Nodes of calls on a type, by signature. */
  readonly #dispatches: (Map<number, number> | undefined)[] = [];
  /** By node of a call on a type: what is called. */
  readonly #signatureOf = new Map<number, number>();
  /** By type: the node of what Android is handed over by it. */
  readonly #handOvers: (number | undefined)[] = [];
  /** Types whose methods Android may call of what it is handed over, by node. */
  readonly #declaring = new Map<number, ReadonlySet<number>>();
  /** Node by DEX file and method_ids index: of virtual calls, and of static and direct ones. */
  readonly #virtualNodes: Int32Array[];
  readonly #plainNodes: Int32Array[];
  /** By node: the node whose code was seen to lead to it last. */
  readonly #lastFrom: number[] = [];
  /** The node of an entry point, by its type, and the entry points that were not entered yet. */
  readonly #entryNodeOf = new Map<number, number>();
  readonly #closed = new Map<number, EntryPoint>();
  readonly #providers: number[] = [];
  /** The node of what scripts of a WebView can call. */
  #bridge: number | undefined;
  readonly #reflectors = new Set<number>();
  readonly #unresolvedReflection: number[] = [];
  readonly #nativeMethods: number[] = [];
  /** By DEX file: components by the string_ids index of their names. */
  readonly #componentTexts: ReadonlyMap<number, number>[];
  #from = NONE;
  /** Below 0 where the rest of the graph is left out. */
  #stepsLeft: number;

  constructor(
    methods: MethodTable,
    callbacks: Callbacks,
    entryPoints: readonly EntryPoint[],
    limits: Limits,
    isBeforeActivities = false,
  ) {
    this.#isBeforeActivities = isBeforeActivities;
    this.#stepsLeft = limits.callGraphSteps;
    this.#methods = methods;
    this.#callbacks = callbacks;
    this.#entryPoints = entryPoints;
    const idLists = () => methods.types.dexFiles.map((dex) => new Int32Array(dex.methodIdsSize).fill(NONE));
    this.#virtualNodes = idLists();
    this.#plainNodes = idLists();
    this.#componentTexts = methods.types.dexFiles.map(
      (dex) =>
        new Map(
          entryPoints.flatMap(({ component, type }) => {
            const index = dex.findStringIdx(component);
            return index === undefined ? [] : [[index, type] as const];
          }),
        ),
    );
  }

  build(): CallGraph {
    const entryNodes = this.#entryPoints.map(() => this.#addNode(NONE));
    this.#entryPoints.forEach((entryPoint, index) => {
      this.#entryNodeOf.set(entryPoint.type, entryNodes[index]!);
      this.#closed.set(entryPoint.type, entryPoint);
      if (entryPoint.kind === "provider") this.#providers.push(entryNodes[index]!);
    });
    for (const { type, isOpen } of this.#entryPoints) if (isOpen) this.#enter(type);
    for (let at = 0; at < this.#queue.length && this.#stepsLeft >= 0; at++) this.#scan(this.#queue[at]!);
    const successors = this.#successors;
    this.#targets.forEach((targets, node) => {
      if (targets !== undefined) successors[node] = [...targets];
    });
    return {
      methods: this.#methods,
      entryPoints: this.#entryPoints,
      entryNodes,
      size: successors.length,
      methodOf: (node) => this.#methodOf[node]!,
      nodeOf: (method) => this.#nodeOfMethod[method],
      successorsOf: (node) => successors[node]!,
      limits: {
        unresolvedReflection: this.#unresolvedReflection,
        nativeMethods: this.#nativeMethods,
        isCut: this.#stepsLeft < 0 || this.#callbacks.isCut,
      },
    };
  }

  /** Lets an entry point run. */
  #enter(type: number): void {
    const entryPoint = this.#closed.get(type);
    if (!this.#closed.delete(type)) return;
    const from = this.#from;
    this.#from = this.#entryNodeOf.get(type)!;
    this.#instantiate(type);
    for (const method of entryPoint!.methods) this.#lead(this.#nodeOf(method));
    this.#from = from;
  }

  /** Code names a component, which can be started by it. */
  #startComponent(type: number): void {
    this.#enter(type);
    this.#lead(this.#entryNodeOf.get(type)!);
  }

  #addNode(method: number): number {
    this.#methodOf.push(method);
    this.#lastFrom.push(NONE);
    return this.#successors.push([]) - 1;
  }

  /** The node of a method, which can run from then on. */
  #nodeOf(method: number): number {
    const known = this.#nodeOfMethod[method];
    if (known !== undefined) return known;
    const node = this.#addNode(method);
    this.#nodeOfMethod[method] = node;
    if (this.#methods.isNative(method)) this.#nativeMethods.push(method);
    else if (this.#methods.codeOffs[method] !== 0) this.#queue.push(method);
    return node;
  }

  /** Adds a successor to the node whose code is being read; each once. */
  #lead(to: number): void {
    if (this.#lastFrom[to] === this.#from) return;
    this.#lastFrom[to] = this.#from;
    this.#successors[this.#from]!.push(to);
  }

  #scan(method: number): void {
    const { types } = this.#methods;
    const owner = this.#methods.owners[method]!;
    const dexNumber = types.dexNumberOf(owner);
    const dex = types.dexFiles[dexNumber]!;
    const codeOff = this.#methods.codeOffs[method]!;
    const units = dex.codeUnits;
    const start = firstUnit(codeOff);
    const end = start + insnsSizeAt(dex, codeOff);
    if (!this.#spend(end - start)) return;
    this.#from = this.#nodeOf(method);
    const texts: number[] = [];
    let reflects = false;
    for (let at = start; at < end; ) {
      const unit = units[at]!;
      const opcode = unit & 0xff;
      const index = units[at + 1]!;
      switch (ACTIONS[opcode]) {
        case ACTION.payload: {
          const size = unit === 0 ? 0 : payloadUnits(units, at);
          if (size > 0) {
            at += size;
            continue;
          }
          break;
        }
        case ACTION.string:
          texts.push(index);
          break;
        case ACTION.classConstant:
          this.#nameClass(types.ofTypeIdx(dexNumber, index));
          break;
        case ACTION.newInstance:
          this.#instantiate(types.ofTypeIdx(dexNumber, index));
          break;
        case ACTION.staticField:
          if (index < dex.fieldIdsSize)
            this.#initialize(types.ofTypeIdx(dexNumber, dex.ownFieldClassIdx(index)));
          break;
        case ACTION.virtual:
          reflects = this.#call(this.#virtualNode(dexNumber, index)) || reflects;
          break;
        case ACTION.super:
          this.#callSuper(owner, dexNumber, index);
          break;
        case ACTION.direct:
        case ACTION.static:
          reflects = this.#call(this.#plainNode(dexNumber, index)) || reflects;
          break;
        case ACTION.custom:
          this.#callCustom(dexNumber, index);
          break;
      }
      at += INSTRUCTION_UNITS[opcode]!;
    }
    if (texts.length > 0) this.#nameComponents(dexNumber, texts);
    if (reflects) this.#followReflection(method, dexNumber, texts);
  }

  /** @returns whether it is a call of reflection */
  #call(node: number): boolean {
    this.#lead(node);
    return this.#reflectors.has(node);
  }

  /** `const-class`: a component that is named can be started; of some others libraries make objects. */
  #nameClass(type: number): void {
    if (this.#entryNodeOf.has(type)) {
      this.#startComponent(type);
      return;
    }
    const { types } = this.#methods;
    if (!types.isDefined(type) || !this.#isMadeByName(type)) return;
    const constructors = this.#methods.constructorsOf(type);
    if (constructors.length === 0) return;
    this.#instantiate(type);
    for (const one of constructors) this.#lead(this.#nodeOf(one));
    for (const { declaredBy, method } of this.#callbacks.of(type))
      if (!types.isKnown(declaredBy)) this.#lead(this.#nodeOf(method));
  }

  /** Whether libraries make objects of a class that they are given: of a fragment, a worker, an initializer. */
  #isMadeByName(type: number): boolean {
    const { types } = this.#methods;
    return types.ancestorsOf(type).some((one) => MADE_BY_NAME.has(types.names[one]!));
  }

  /** Texts that are names of components: an intent can be made by them. */
  #nameComponents(dexNumber: number, texts: readonly number[]): void {
    for (const index of texts) {
      const type = this.#componentTexts[dexNumber]!.get(index);
      if (type !== undefined) this.#startComponent(type);
    }
  }

  #spend(steps: number): boolean {
    this.#stepsLeft -= steps;
    return this.#stepsLeft >= 0;
  }

  /** Makes it known that there are objects of a class. */
  #instantiate(type: number): void {
    const { types } = this.#methods;
    if (this.#isInstantiated[type] || !types.isDefined(type)) return;
    this.#isInstantiated[type] = true;
    this.#initialize(type);
    if (!this.#spend(types.ancestorsOf(type).length)) return;
    for (const method of findScriptMethods(this.#methods, type)) this.#lead(this.#nodeOf(method));
    for (const above of types.ancestorsOf(type)) {
      (this.#objects[above] ??= []).push(type);
      for (const node of this.#dispatches[above]?.values() ?? []) this.#dispatchTo(node, type);
      if (above === types.object) this.#offerToScripts(type);
      const node = this.#handOvers[above];
      if (node !== undefined) this.#callBack(node, type);
    }
  }

  /** Static initialisers run where the class is first used, those of superclasses before. */
  #initialize(type: number): void {
    const { types } = this.#methods;
    for (
      let at: number | undefined = type;
      at !== undefined && !this.#isInitialized[at] && types.isDefined(at);
      at = types.superclassOf(at)
    ) {
      this.#isInitialized[at] = true;
      const initializer = this.#methods.methodsOf(at).bySignature.get(this.#methods.initializer);
      if (initializer === undefined) continue;
      this.#lead(this.#nodeOf(initializer));
    }
  }

  #virtualNode(dexNumber: number, methodIdx: number): number {
    return this.#nodeOfIdx(this.#virtualNodes, dexNumber, methodIdx, (type, signature) =>
      this.#dispatchNode(type, signature),
    );
  }

  /** Of a static or direct call, by which the class of the method is used. */
  #plainNode(dexNumber: number, methodIdx: number): number {
    return this.#nodeOfIdx(this.#plainNodes, dexNumber, methodIdx, (type, signature) => {
      this.#initialize(type);
      const method = this.#methods.findInherited(type, signature);
      if (method !== undefined) return this.#nodeOf(method);
      const node = this.#addNode(NONE);
      this.#callOutside(node, type, signature);
      return node;
    });
  }

  /** The node that a method_ids index was given, or is. */
  #nodeOfIdx(
    known: readonly Int32Array[],
    dexNumber: number,
    methodIdx: number,
    make: (type: number, signature: number) => number,
  ): number {
    const nodes = known[dexNumber]!;
    const { types } = this.#methods;
    const dex = types.dexFiles[dexNumber]!;
    if (methodIdx >= nodes.length) return this.#addNode(NONE);
    if (nodes[methodIdx] === NONE)
      nodes[methodIdx] = make(
        types.ofTypeIdx(dexNumber, dex.ownMethodClassIdx(methodIdx)),
        this.#methods.signatureOf(dexNumber, methodIdx),
      );
    return nodes[methodIdx]!;
  }

  #dispatchNode(type: number, signature: number): number {
    const ofType = (this.#dispatches[type] ??= new Map<number, number>());
    const known = ofType.get(signature);
    if (known !== undefined) return known;
    // A private method is called as it is, also by invoke-virtual of newer compilers.
    const own = this.#methods.findInherited(type, signature);
    const node = this.#addNode(NONE);
    ofType.set(signature, node);
    this.#signatureOf.set(node, signature);
    if (own === undefined) this.#callOutside(node, type, signature);
    else if (this.#methods.isPrivate(own)) this.#addTarget(node, this.#nodeOf(own));
    for (const one of this.#objects[type] ?? []) this.#dispatchTo(node, one);
    return node;
  }

  #dispatchTo(node: number, type: number): void {
    if (!this.#spend(this.#methods.types.ancestorsOf(type).length)) return;
    const signature = this.#signatureOf.get(node)!;
    const method = this.#methods.select(type, signature);
    if (method !== undefined) this.#addTarget(node, this.#nodeOf(method));
    else this.#runOutside(node, type, signature);
  }

  /**
   * A method that an object has from a class outside of the app: it may call what the object overrides of that class and of
   * those above it, as Thread.start calls run.
   */
  #runOutside(node: number, type: number, signature: number): void {
    const { types } = this.#methods;
    const own = this.#callbacks.of(type);
    if (own.length === 0 || !this.#spend(own.length)) return;
    const key = this.#methods.keyOfSignature(signature);
    // Of what nobody carries nothing is known: any method may be its.
    const declaring = types
      .outsideAncestorsOf(type)
      .find((one) => types.androidMethodsOf(one)?.has(key) ?? one !== types.object);
    if (declaring === undefined || declaring === types.object) return;
    if (TRIGGERS[types.names[declaring]!]?.test(key) === false) return;
    const above = (this.#above[declaring] ??= new Set(types.ancestorsOf(declaring)));
    for (const { declaredBy, method } of own)
      if (declaredBy !== types.object && above.has(declaredBy) && this.#canRun(method))
        this.#addTarget(node, this.#nodeOf(method));
  }

  #addTarget(node: number, target: number): void {
    (this.#targets[node] ??= new Set()).add(target);
  }

  #callSuper(owner: number, dexNumber: number, methodIdx: number): void {
    const { types } = this.#methods;
    const dex = types.dexFiles[dexNumber]!;
    if (methodIdx >= dex.methodIdsSize) return;
    const signature = this.#methods.signatureOf(dexNumber, methodIdx);
    const named = types.ofTypeIdx(dexNumber, dex.ownMethodClassIdx(methodIdx));
    const superclass = types.superclassOf(owner);
    const method =
      (superclass === undefined ? undefined : this.#methods.select(superclass, signature)) ??
      this.#methods.select(named, signature);
    if (method !== undefined) this.#lead(this.#nodeOf(method));
  }

  /** `invoke-custom`: what a lambda or a method reference comes to stands among the arguments of its bootstrap method. */
  #callCustom(dexNumber: number, callSiteIdx: number): void {
    const dex = this.#methods.types.dexFiles[dexNumber]!;
    const values = readOrUndefined(() => dex.callSite(callSiteIdx)) ?? [];
    for (const value of values) {
      if (value.type !== "method-handle") continue;
      const handle = readOrUndefined(() => dex.methodHandle(value.idx));
      if (handle === undefined || !handle.methodHandleType.startsWith("invoke")) continue;
      this.#lead(this.#virtualNode(dexNumber, handle.fieldOrMethodIdx));
      this.#lead(this.#plainNode(dexNumber, handle.fieldOrMethodIdx));
    }
  }

  /** A call that leaves the app: Android may call back what it is handed over. */
  #callOutside(node: number, type: number, signature: number): void {
    const { types } = this.#methods;
    const text = this.#methods.signatureTexts[signature]!;
    if (REFLECTS.test(this.#methods.nameOf(signature))) this.#reflectors.add(node);
    const handed =
      HANDED[`${types.names[type]}->${text}`] ?? (TAKES_BACK.test(text) ? [] : parameterTypes(text));
    for (const descriptor of new Set(handed.map((one) => one.replace(/^\[+/, "")))) {
      if (!descriptor.startsWith("L")) continue;
      const parameter = types.numberOf(descriptor);
      if (!types.isDefined(parameter)) this.#addTarget(node, this.#handOverNode(parameter));
    }
    if (text === BRIDGE) this.#addTarget(node, this.#bridgeNode());
    if (types.names[type] === "Landroid/content/ContentResolver;")
      for (const provider of this.#providers) this.#addTarget(node, provider);
  }

  /** What a WebView is handed over for its scripts: any object may be it, and of it what is annotated can be called. */
  #bridgeNode(): number {
    if (this.#bridge === undefined) {
      this.#bridge = this.#addNode(NONE);
      for (const one of this.#objects[this.#methods.types.object] ?? []) this.#offerToScripts(one);
    }
    return this.#bridge;
  }

  #offerToScripts(type: number): void {
    if (this.#bridge === undefined) return;
    for (const method of this.#methods.findAnnotated(type, JAVASCRIPT_INTERFACE))
      this.#addTarget(this.#bridge, this.#nodeOf(method));
  }

  /** Objects passed as a type: Android knows no more of them than that, and calls what that type declares. */
  #handOverNode(type: number): number {
    const known = this.#handOvers[type];
    if (known !== undefined) return known;
    const { types } = this.#methods;
    const node = this.#addNode(NONE);
    this.#handOvers[type] = node;
    const declaring = types.ancestorsOf(type).filter((one) => one === type || one !== types.object);
    this.#declaring.set(node, new Set(declaring));
    for (const one of this.#objects[type] ?? []) this.#callBack(node, one);
    return node;
  }

  #callBack(node: number, type: number): void {
    const declaring = this.#declaring.get(node)!;
    if (!this.#spend(this.#callbacks.of(type).length)) return;
    for (const { declaredBy, method } of this.#callbacks.of(type))
      if (declaring.has(declaredBy) && this.#canRun(method)) this.#addTarget(node, this.#nodeOf(method));
  }

  /** Before there is an activity nothing is told of one, nor of a view. */
  #canRun(method: number): boolean {
    return !this.#isBeforeActivities || !TOLD_OF_ACTIVITY.test(this.#methods.reference(method));
  }

  /** Classes and methods that the method loads by constant names; where it has none, nobody knows which it means. */
  #followReflection(method: number, dexNumber: number, texts: readonly number[]): void {
    const { types } = this.#methods;
    const dex = types.dexFiles[dexNumber]!;
    const names = texts.map((index) => readOrUndefined(() => dex.string(index)) ?? "");
    const found = names.flatMap((name) => types.findDefined(classDescriptor(name)) ?? []);
    if (found.length === 0) this.#unresolvedReflection.push(method);
    for (const type of found) {
      this.#instantiate(type);
      for (const one of this.#methods.methodsOf(type).all) {
        const name = this.#methods.nameOf(this.#methods.signatures[one]!);
        if (name === "<init>" || names.includes(name)) this.#lead(this.#nodeOf(one));
      }
    }
  }
}
