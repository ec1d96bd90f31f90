import type { Heap } from "./heap.js";
import type { MethodReference } from "./method-code.js";
import type { Site } from "./outcome.js";
import { NOTHING, type Value } from "./values.js";

/** A call that leaves the app, and what it comes to as far as that was worked out. */
export interface OutsideCall {
  readonly reference: MethodReference;
  /** The receiver; `undefined` of a static method. */
  readonly base: Value | undefined;
  /** Without the receiver. */
  readonly arguments: readonly Value[];
  readonly site: Site;
  readonly isLoop: boolean;
  heap: Heap;
  result: Value | undefined;
  thrown: Value;
}

/** One of which nothing is worked out yet but, it may be, its result; outside of any loop. */
export function outsideCall(
  reference: MethodReference,
  base: Value | undefined,
  args: readonly Value[],
  site: Site,
  heap: Heap,
  result?: Value,
): OutsideCall {
  return { reference, base, arguments: args, site, isLoop: false, heap, result, thrown: NOTHING };
}
