import { readOrUndefined } from "../diagnostics/index.js";
import type { Heap } from "./heap.js";
import type { Machine } from "./machine.js";
import type { MethodCode, MethodReference } from "./method-code.js";
import type { Outcome, Site } from "./outcome.js";
import { NOTHING, ofObject, UNKNOWN, type Value } from "./values.js";

/** What an `invoke-custom` of a lambda or a method reference makes: an object whose one method comes to another one. */
interface Lambda {
  /** The name of the method that it implements. */
  readonly name: string;
  readonly kind: "static" | "virtual" | "constructor";
  readonly target: MethodReference;
  readonly captured: number;
}

/** Lambdas that come to lambdas that are gone into. */
const MOST_DEPTH = 30;

/** Objects of lambdas, by what they come to ("LambdaMetafactory", java.lang.invoke). */
export class Lambdas {
  readonly #known = new Map<number, Lambda>();
  #depth = 0;

  find(object: number): Lambda | undefined {
    return this.#known.get(object);
  }

  /** Makes the object of a call site; unknown where its bootstrap method makes something else. */
  link(
    machine: Machine,
    { dex, dexNumber }: MethodCode,
    callSiteIdx: number,
    args: readonly Value[],
    heap: Heap,
    site: Site,
    isLoop: boolean,
  ): { value: Value; heap: Heap } {
    const values = readOrUndefined(() => dex.callSite(callSiteIdx)) ?? [];
    const [, name, , , implementation] = values;
    if (name?.type !== "string" || implementation?.type !== "method-handle") return { value: UNKNOWN, heap };
    const handle = readOrUndefined(() => dex.methodHandle(implementation.idx));
    const text = dex.findString(name.idx);
    if (handle === undefined || text === undefined || !handle.methodHandleType.startsWith("invoke"))
      return { value: UNKNOWN, heap };
    const made = machine.make(heap, site, -1, isLoop);
    const kind =
      handle.methodHandleType === "invoke-static"
        ? "static"
        : handle.methodHandleType === "invoke-constructor"
          ? "constructor"
          : "virtual";
    this.#known.set(made.object, {
      name: text,
      kind,
      target: machine.reader.reference(dexNumber, handle.fieldOrMethodIdx),
      captured: args.length,
    });
    let after = made.heap;
    args.forEach((value, index) => {
      after = machine.memory.store(
        after,
        ofObject(made.object),
        machine.objects.fieldOf(`.captured ${index}`),
        value,
      );
    });
    return { value: ofObject(made.object), heap: after };
  }

  /** Calls what a lambda comes to, with what it captured first. */
  call(
    machine: Machine,
    object: number,
    args: readonly Value[],
    heap: Heap,
    site: Site,
    isLoop: boolean,
  ): Outcome {
    const { kind, target, captured } = this.#known.get(object)!;
    if (this.#depth >= MOST_DEPTH) return { value: UNKNOWN, heap, thrown: NOTHING, thrownHeap: heap };
    this.#depth++;
    const outcome = this.#call(machine, object, kind, target, captured, args, heap, site, isLoop);
    this.#depth--;
    return outcome;
  }

  #call(
    machine: Machine,
    object: number,
    kind: Lambda["kind"],
    target: MethodReference,
    captured: number,
    args: readonly Value[],
    heap: Heap,
    site: Site,
    isLoop: boolean,
  ): Outcome {
    const held = Array.from({ length: captured }, (_, index) =>
      machine.memory.read(heap, object, machine.objects.fieldOf(`.captured ${index}`)),
    );
    const all = [...held, ...args].slice(0, target.parameters.length + (kind === "virtual" ? 1 : 0));
    if (kind === "constructor") {
      const made = machine.make(heap, site, target.type, isLoop, "lambda");
      const receiver = ofObject(made.object);
      const outcome = machine.invoke("direct", target, [receiver, ...all], made.heap, site, isLoop);
      return { ...outcome, value: outcome.value === undefined ? undefined : receiver };
    }
    const method = machine.methods.findInherited(target.type, target.signature);
    const isDirect = method !== undefined && machine.methods.isPrivate(method);
    return machine.invoke(
      kind === "static" ? "static" : isDirect ? "direct" : "virtual",
      target,
      all,
      heap,
      site,
      isLoop,
    );
  }
}
