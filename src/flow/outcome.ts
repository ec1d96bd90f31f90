import type { Heap } from "./heap.js";
import type { Value } from "./values.js";

/** What a call comes to. */
export interface Outcome {
  /** `undefined` where it never returns. */
  readonly value: Value | undefined;
  readonly heap: Heap;
  /** What it throws; {@link NOTHING} where that is nothing that is known of. */
  readonly thrown: Value;
  readonly thrownHeap: Heap;
}

/** Where in the code something happens, and under which chain of calls. */
export interface Site {
  readonly method: number;
  readonly codeUnit: number;
  readonly context: number;
}

/** What one method has come to: times that it was gone through, and instructions with those of what it calls. Both count. */
export interface MethodCost {
  readonly runs: number;
  readonly steps: number;
}

/** Named limits of a run. */
export interface FlowLimits {
  /** Instructions gone through. */
  readonly steps: number;
  /** Calls within calls. */
  readonly depth: number;
  /** Methods that one call may come to. */
  readonly targets: number;
  /** From when on a method is gone through for all ways in which it is called at once, not for each. */
  readonly merged: MethodCost;
  /** From when on it is not gone through any more. */
  readonly cut: MethodCost;
  /** Outcomes remembered of one method, and cells that one may depend on. */
  readonly remembered: number;
  readonly rememberedCells: number;
}

export const defaultFlowLimits: Omit<FlowLimits, "steps"> = {
  depth: 50,
  targets: 8,
  merged: { runs: 16, steps: 10_000 },
  cut: { runs: 32, steps: 50_000 },
  remembered: 12,
  rememberedCells: 2000,
};

/** Components of the manifest, as intents name them. */
export interface ComponentLookup {
  readonly packageName: string;
  /** Types of components by class name, dotted; by action of a filter. */
  byName(name: string): readonly number[];
  byAction(action: string, kind: string): readonly number[];
  byAuthority(authority: string): readonly number[];
}
