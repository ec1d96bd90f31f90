import type { MethodTable } from "../program/index.js";
import type { FlowModel } from "../ruleset/index.js";
import type { MethodReference } from "./method-code.js";

/** Models of methods, found by the class that a call names and those above it. */
export class ModelIndex {
  readonly #methods: MethodTable;
  /** By name, then by the class that they are of. */
  readonly #byName = new Map<string, Map<string, FlowModel[]>>();
  readonly #known = new Map<number, Map<number, FlowModel | undefined>>();

  constructor(models: readonly FlowModel[], methods: MethodTable) {
    this.#methods = methods;
    for (const model of models) {
      const ofName = this.#byName.get(model.method.name) ?? new Map<string, FlowModel[]>();
      this.#byName.set(model.method.name, ofName);
      ofName.set(model.method.owner, [...(ofName.get(model.method.owner) ?? []), model]);
    }
  }

  /** The model of a call on a type: of the nearest class, and of that class the one that says most. */
  find(type: number, reference: MethodReference): FlowModel | undefined {
    const ofType = this.#known.get(type) ?? new Map<number, FlowModel | undefined>();
    this.#known.set(type, ofType);
    if (ofType.has(reference.signature)) return ofType.get(reference.signature);
    const found = this.#find(this.#methods.types.ancestorsOf(type), reference);
    ofType.set(reference.signature, found);
    return found;
  }

  /** The model of a method that the app itself carries. */
  findOwn(type: number, reference: MethodReference): FlowModel | undefined {
    return this.#byName.has(reference.name) ? this.#find([type], reference) : undefined;
  }

  /** The model of a method that is known by its name and the number of its arguments alone. */
  findByName(type: number, method: string, argumentCount: number): FlowModel | undefined {
    if (type < 0) return undefined;
    const ofName = this.#byName.get(method.includes("(") ? method.slice(0, method.indexOf("(")) : method);
    if (ofName === undefined) return undefined;
    for (const one of this.#methods.types.ancestorsOf(type))
      for (const model of ofName.get(this.#methods.types.names[one]!) ?? [])
        if ((model.method.parameters?.length ?? argumentCount) === argumentCount) return model;
    return undefined;
  }

  #find(types: readonly number[], reference: MethodReference): FlowModel | undefined {
    const ofName = this.#byName.get(reference.name);
    if (ofName === undefined) return undefined;
    for (const type of types) {
      const fitting = (ofName.get(this.#methods.types.names[type]!) ?? []).filter((model) =>
        fits(model, reference),
      );
      if (fitting.length > 0)
        return fitting.find((model) => model.method.parameters !== undefined) ?? fitting[0];
    }
    return undefined;
  }
}

function fits({ method }: FlowModel, reference: MethodReference): boolean {
  const { parameters, returns } = method;
  return (
    (returns === undefined || returns === reference.returns || reference.returns.startsWith("L")) &&
    (parameters === undefined ||
      (parameters.length === reference.parameters.length &&
        parameters.every((descriptor, index) => descriptor === reference.parameters[index])))
  );
}
