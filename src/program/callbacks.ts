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
    const outside = types.ancestorsOf(type).filter((one) => !types.isDefined(one));
    const found: Callback[] = [];
    for (const [key, methods] of this.#virtualMethods(type)) {
      this.#stepsLeft -= outside.length * methods.length;
      if (this.isCut) return found;
      for (const declaredBy of outside) {
        const name = types.names[declaredBy]!;
        const isDeclared = types.android.has(name)
          ? types.android.methodsOf(name).has(key)
          : declaredBy !== types.object;
        if (!isDeclared) continue;
        for (const method of methods) {
          if (this.#methods.isAbstract(method)) continue;
          found.push({ declaredBy, method });
        }
      }
    }
    return found;
  }

  /** Those of a class and its superclasses in the app, and defaults of interfaces; by name and number of arguments, nearest first. */
  #virtualMethods(type: number): Map<string, number[]> {
    const { types } = this.#methods;
    const found = new Map<string, number[]>();
    const signatures = new Set<number>();
    for (const one of types.ancestorsOf(type)) {
      const { byKey } = this.#methods.methodsOf(one);
      this.#stepsLeft -= byKey.size;
      if (this.isCut) return found;
      for (const [key, methods] of byKey) {
        const list = found.get(key) ?? [];
        found.set(key, list);
        for (const method of methods) {
          const signature = this.#methods.signatures[method]!;
          if (signatures.has(signature)) continue;
          signatures.add(signature);
          list.push(method);
        }
      }
    }
    return found;
  }
}
