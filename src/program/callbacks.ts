import type { Limits } from "../diagnostics/index.js";
import type { MethodTable } from "./method-table.js";

/** A method that overrides one of a class that the app does not define. */
export interface Callback {
  /** The type that declares it: Android's, or one that nobody carries. */
  readonly declaredBy: number;
  readonly method: number;
}

/** The callbacks of an app's classes: what Android, and who else is not in the app, can call of an object. */
export class Callbacks {
  readonly #methods: MethodTable;
  readonly #known = new Map<number, readonly Callback[]>();
  #stepsLeft: number;

  constructor(methods: MethodTable, limits: Limits) {
    this.#methods = methods;
    this.#stepsLeft = limits.callGraphSteps;
  }

  /** Whether `Limits.callGraphSteps` were used up: there are more of them then. */
  get isCut(): boolean {
    return this.#stepsLeft < 0;
  }

  /**
   * Of a class that the app defines, its own and inherited ones. Of a type that is neither in the app nor Android's nothing
   * is known: any method may be its.
   */
  of(type: number): readonly Callback[] {
    const known = this.#known.get(type);
    if (known !== undefined) return known;
    // Superclasses first: what they have is inherited, and they have it for all of their subclasses.
    const { types } = this.#methods;
    for (const one of types.superclassesOf(type).toReversed())
      if (types.isDefined(one) && !this.#known.has(one)) this.#known.set(one, this.#find(one));
    const found = this.#known.get(type) ?? this.#find(type);
    this.#known.set(type, found);
    return found;
  }

  #find(type: number): Callback[] {
    const superclass = this.#methods.types.superclassOf(type);
    const inherited = superclass === undefined ? undefined : this.#known.get(superclass);
    const addsNothing = inherited !== undefined && this.#methods.types.supersOf(type).length === 1;
    return addsNothing ? this.#override(type, inherited) : this.#findAll(type);
  }

  /** Of a class that extends another and implements nothing more: what it inherits, but for what it overrides. */
  #override(type: number, inherited: readonly Callback[]): Callback[] {
    const { virtual } = this.#methods.methodsOf(type);
    if (virtual.length === 0) return [...inherited];
    const outside = this.#methods.types.outsideAncestorsOf(type);
    this.#stepsLeft -= virtual.length * outside.length + inherited.length;
    const own = new Set(virtual.map((method) => this.#methods.signatures[method]!));
    return [
      ...virtual
        .filter((method) => !this.#methods.isAbstract(method))
        .flatMap((method) => this.#declaring(outside, method)),
      ...inherited.filter(({ method }) => !own.has(this.#methods.signatures[method]!)),
    ];
  }

  /** Those of the types that declare a method. */
  #declaring(outside: readonly number[], method: number): Callback[] {
    const signature = this.#methods.signatures[method]!;
    return outside.flatMap((declaredBy) =>
      this.#declares(declaredBy, signature) ? [{ declaredBy, method }] : [],
    );
  }

  #findAll(type: number): Callback[] {
    const { types } = this.#methods;
    const ancestors = types.ancestorsOf(type);
    const outside = types.outsideAncestorsOf(type);
    const found: Callback[] = [];
    const signatures = new Set<number>();
    // Its own, those of its superclasses in the app, and defaults of interfaces; of one signature the nearest counts.
    for (const one of ancestors) {
      const { virtual } = this.#methods.methodsOf(one);
      this.#stepsLeft -= virtual.length * outside.length;
      if (this.isCut) break;
      for (const method of virtual) {
        const signature = this.#methods.signatures[method]!;
        if (signatures.has(signature)) continue;
        signatures.add(signature);
        if (this.#methods.isAbstract(method)) continue;
        found.push(...this.#declaring(outside, method));
      }
    }
    return found;
  }

  #declares(type: number, signature: number): boolean {
    const { types } = this.#methods;
    const known = types.androidMethodsOf(type);
    if (known === undefined) return type !== types.object;
    return known.has(this.#methods.keyOfSignature(signature));
  }
}
