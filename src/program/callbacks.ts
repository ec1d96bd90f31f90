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
    const found = this.#find(type);
    this.#known.set(type, found);
    return found;
  }

  #find(type: number): Callback[] {
    const { types } = this.#methods;
    const ancestors = types.ancestorsOf(type);
    const outside = ancestors.filter((one) => !types.isDefined(one));
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
        for (const declaredBy of outside)
          if (this.#declares(declaredBy, signature)) found.push({ declaredBy, method });
      }
    }
    return found;
  }

  #declares(type: number, signature: number): boolean {
    const { types } = this.#methods;
    const name = types.names[type]!;
    if (!types.android.has(name)) return type !== types.object;
    return types.android.methodsOf(name).has(this.#methods.keyOfSignature(signature));
  }
}
