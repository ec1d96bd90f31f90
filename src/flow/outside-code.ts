import { findScriptMethods, type MethodTable } from "../program/index.js";

/** Code that an app carries and that is not gone into, as rules say: it counts as Android's own. */
export class OutsideCode {
  readonly #methods: MethodTable;
  readonly #packages: readonly string[];
  readonly #known = new Map<number, boolean>();
  readonly #callbacks = new Map<number, readonly number[]>();

  /** @param packages as smali has them, with a slash at the end */
  constructor(methods: MethodTable, packages: readonly string[]) {
    this.#methods = methods;
    this.#packages = packages;
  }

  hasType(type: number): boolean {
    let isOutside = this.#known.get(type);
    if (isOutside === undefined) {
      const name = this.#methods.types.names[type]!;
      isOutside = this.#packages.some((one) => name.startsWith(one));
      this.#known.set(type, isOutside);
    }
    return isOutside;
  }

  has(method: number): boolean {
    return this.hasType(this.#methods.owners[method]!);
  }

  /** Methods of a class, and of those of the app above it, that override methods of such code, or that scripts can call. */
  callbacksOf(type: number): readonly number[] {
    let callbacks = this.#callbacks.get(type);
    if (callbacks === undefined) {
      callbacks = [...this.#findCallbacks(type), ...findScriptMethods(this.#methods, type)];
      this.#callbacks.set(type, callbacks);
    }
    return callbacks;
  }

  #findCallbacks(type: number): number[] {
    const { types } = this.#methods;
    const ancestors = types.ancestorsOf(type).filter((one) => types.isDefined(one));
    const outside = ancestors.filter((one) => this.hasType(one));
    if (outside.length === 0) return [];
    const found: number[] = [];
    const signatures = new Set<number>();
    for (const one of ancestors) {
      if (this.hasType(one)) continue;
      for (const method of this.#methods.methodsOf(one).virtual) {
        const signature = this.#methods.signatures[method]!;
        if (signatures.has(signature) || this.#methods.isAbstract(method)) continue;
        signatures.add(signature);
        if (outside.some((above) => this.#methods.methodsOf(above).bySignature.has(signature)))
          found.push(method);
      }
    }
    return found;
  }
}
