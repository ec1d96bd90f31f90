import { calleesOf } from "../program/index.js";
import type { Heap } from "./heap.js";
import type { Machine } from "./machine.js";
import type { MethodReference } from "./method-code.js";
import { joinOutcomes, type Outcome, type Site } from "./outcome.js";
import { UNKNOWN, type Value } from "./values.js";

/** Finds the methods that a call comes to, by the runtime's rules and what its receiver can be. */
export class Invocations {
  readonly #machine: Machine;
  readonly #callees = new Map<number, ReadonlyMap<number, readonly number[]>>();

  constructor(machine: Machine) {
    this.#machine = machine;
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
    if (kind === "static") {
      const initialized = this.#machine.initialize(reference.type, heap, site.context);
      return this.#invokePlain(reference, args, initialized, site, isLoop, true);
    }
    if (kind === "direct") return this.#invokePlain(reference, args, heap, site, isLoop, false);
    if (kind === "super") {
      const superclass = this.#machine.types.superclassOf(this.#machine.methods.owners[site.method]!);
      const method =
        (superclass === undefined
          ? undefined
          : this.#machine.methods.select(superclass, reference.signature)) ??
        this.#machine.methods.select(reference.type, reference.signature);
      if (method !== undefined && !this.#machine.outside.has(method))
        return this.#machine.enter(method, args, heap, site);
      const type = superclass ?? reference.type;
      return this.#machine.callOutside({ ...reference, type }, type, args, heap, site, isLoop);
    }
    return this.#invokeVirtual(reference, args, heap, site, isLoop);
  }

  #invokePlain(
    reference: MethodReference,
    args: readonly Value[],
    heap: Heap,
    site: Site,
    isLoop: boolean,
    isStatic: boolean,
  ): Outcome {
    const method = this.#machine.methods.findInherited(reference.type, reference.signature);
    if (method !== undefined && this.#machine.outside.has(method)) this.#machine.isPartial = true;
    if (method === undefined || this.#machine.outside.has(method))
      return this.#machine.callOutside(reference, reference.type, args, heap, site, isLoop, isStatic);
    const model = this.#machine.models.findOwn(this.#machine.methods.owners[method]!, reference);
    if (model !== undefined) return this.#machine.apply(model, reference, args, heap, site, isLoop, isStatic);
    return this.#machine.enter(method, args, heap, site);
  }

  #invokeVirtual(
    reference: MethodReference,
    args: readonly Value[],
    heap: Heap,
    site: Site,
    isLoop: boolean,
  ): Outcome {
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
      if (this.#machine.lambdas.find(object)?.name === reference.name) {
        outcomes.push(this.#machine.lambdas.call(this.#machine, object, args.slice(1), heap, site, isLoop));
        continue;
      }
      const type = this.#machine.objects.types[object]!;
      const method =
        type >= 0 && this.#machine.types.isDefined(type)
          ? this.#machine.methods.select(type, reference.signature)
          : undefined;
      if (method !== undefined && !this.#machine.outside.has(method)) lead(method, object);
      else outside.push(object);
      if (!this.#machine.objects.isExact[object] && !this.#machine.objects.isPlatform[object]) isOpen = true;
    }
    if (isOpen) {
      const all = this.#candidates(site.method, reference);
      const relevant = all.filter((method) => this.#machine.relevance.has(method));
      const candidates = all.length > this.#machine.limits.targets ? relevant : all;
      if (candidates.length > this.#machine.limits.targets) {
        this.#machine.cutCall(site);
      }
      for (const method of candidates.slice(0, this.#machine.limits.targets))
        if (!targets.has(method)) targets.set(method, []);
    }
    for (const [method, objects] of [...targets].sort(([a], [b]) => a - b)) {
      const receiver: Value =
        objects.length === 0
          ? { ...base, objects: this.#narrow(base, method), constants: [] }
          : { ...base, objects, constants: [], isUnknown: false };
      const passed = [receiver, ...args.slice(1)];
      const model = this.#machine.models.findOwn(this.#machine.methods.owners[method]!, reference);
      outcomes.push(
        model !== undefined
          ? this.#machine.apply(model, reference, passed, heap, site, isLoop, false)
          : this.#machine.enter(method, passed, heap, site),
      );
    }
    if (outside.length > 0 || (targets.size === 0 && outcomes.length === 0)) {
      const receiver = targets.size === 0 ? base : { ...base, objects: outside };
      const exact = outside.length > 0 ? this.#machine.objects.types[outside[0]!]! : -1;
      const type = exact >= 0 && this.#machine.types.inherits(exact, reference.type) ? exact : reference.type;
      outcomes.push(
        this.#machine.callOutside(reference, type, [receiver, ...args.slice(1)], heap, site, isLoop),
      );
    }
    return joinOutcomes(outcomes, this.#machine.memory);
  }

  /** Objects whose class may have that method. */
  #narrow(base: Value, method: number): readonly number[] {
    const owner = this.#machine.methods.owners[method]!;
    return base.objects.filter((object) => {
      const type = this.#machine.objects.types[object]!;
      return type < 0 || !this.#machine.objects.isExact[object] || this.#machine.types.inherits(type, owner);
    });
  }

  /** Methods of the app that the call graph has a call of a method lead to, by what is called. */
  #candidates(caller: number, reference: MethodReference): readonly number[] {
    if (caller < 0) return [];
    let bySignature = this.#callees.get(caller);
    if (bySignature === undefined) {
      const made = new Map<number, number[]>();
      for (const callee of calleesOf(this.#machine.graph, caller)) {
        const signature = this.#machine.methods.signatures[callee]!;
        made.set(signature, [...(made.get(signature) ?? []), callee]);
      }
      bySignature = made;
      this.#callees.set(caller, made);
    }
    return (bySignature.get(reference.signature) ?? []).filter((method) => {
      const owner = this.#machine.methods.owners[method]!;
      return (
        !this.#machine.methods.isStatic(method) &&
        !this.#machine.outside.has(method) &&
        (this.#machine.types.inherits(owner, reference.type) ||
          this.#machine.types.inherits(reference.type, owner))
      );
    });
  }
}
