import type { Heap } from "./heap.js";
import { join, NOTHING, type Value } from "./values.js";

/** What a call comes to. */
export interface Outcome {
  /** `undefined` where it never returns. */
  readonly value: Value | undefined;
  readonly heap: Heap;
  /** What it throws; {@link NOTHING} where that is nothing that is known of. */
  readonly thrown: Value;
  readonly thrownHeap: Heap;
}

/** What a call comes to that may come to any of some; one that never returns, or throws nothing, adds no heap of that end. */
export function joinOutcomes(
  outcomes: readonly Outcome[],
  memory: { join(a: Heap, b: Heap): Heap },
): Outcome {
  return outcomes.reduce((all, one) => {
    const { value, thrown } = one;
    const returned =
      all.value === undefined
        ? { value, heap: one.heap }
        : value === undefined
          ? { value: all.value, heap: all.heap }
          : { value: join(all.value, value), heap: memory.join(all.heap, one.heap) };
    const thrownHeap =
      all.thrown === NOTHING
        ? one.thrownHeap
        : thrown === NOTHING
          ? all.thrownHeap
          : memory.join(all.thrownHeap, one.thrownHeap);
    return { ...returned, thrown: join(all.thrown, thrown), thrownHeap };
  });
}

/** Where in the code something happens, and under which chain of calls. */
export interface Site {
  readonly method: number;
  readonly codeUnit: number;
  readonly context: number;
}

/** Named limits of a run. */
export interface FlowLimits {
  /** Instructions gone through. */
  readonly steps: number;
  /** Calls within calls. */
  readonly depth: number;
  /** Methods that one call may come to. */
  readonly targets: number;
  /**
   * When a method is gone through for all ways in which it is called at once and not for each: after so many runs, if they
   * take more instructions on average than `stepsOfRun` or more than `steps` in all, with those of what it calls.
   */
  readonly merged: { readonly runs: number; readonly stepsOfRun: number; readonly steps: number };
  /** When it is not gone through any more: after so many runs that have taken more instructions than that. */
  readonly cut: { readonly runs: number; readonly steps: number };
  /** Outcomes remembered of one method, and cells that one may depend on. */
  readonly remembered: number;
  readonly rememberedCells: number;
}

export const defaultFlowLimits: Omit<FlowLimits, "steps"> = {
  depth: 50,
  targets: 8,
  merged: { runs: 16, stepsOfRun: 50, steps: 10_000 },
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
