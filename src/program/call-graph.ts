import type { EntryPoint } from "./entry-points.js";
import type { MethodTable } from "./method-table.js";

/**
 * Which methods of an app can run, and who calls whom. Between a method and those that it calls there may be a node that
 * stands for what they have in common: a call on a type, which comes to the methods of the classes that there are objects
 * of; or that Android is given objects of a type, whose callbacks it may call.
 */
export interface CallGraph {
  readonly methods: MethodTable;
  readonly entryPoints: readonly EntryPoint[];
  /** The node that leads to what each of them runs: its methods, and the static initialiser of its class. */
  readonly entryNodes: readonly number[];
  /** How many nodes there are. */
  readonly size: number;
  /** The method that a node stands for; -1 where it is none. */
  methodOf(node: number): number;
  /** The node of a method; `undefined` where it cannot run. */
  nodeOf(method: number): number | undefined;
  /** Nodes that a node leads to, in the order of the code. */
  successorsOf(node: number): readonly number[];
  readonly limits: CallGraphLimits;
}

/** What the graph does not know, counted. */
export interface CallGraphLimits {
  /** Calls of reflection whose class is not known, by the method that makes them. */
  readonly unresolvedReflection: readonly number[];
  /** Native methods that can be called. */
  readonly nativeMethods: readonly number[];
  /** Whether `Limits.callGraphSteps` were used up: more can run then than the graph says. */
  readonly isCut: boolean;
}

/** The methods that a method of a graph may call, by number, each once. */
export function calleesOf(graph: CallGraph, method: number): number[] {
  const node = graph.nodeOf(method);
  if (node === undefined) return [];
  const callees = new Set<number>();
  const passed = new Set<number>();
  const follow = (from: number) => {
    for (const next of graph.successorsOf(from)) {
      const callee = graph.methodOf(next);
      if (callee >= 0) callees.add(callee);
      else if (!passed.has(next)) {
        passed.add(next);
        follow(next);
      }
    }
  };
  follow(node);
  return [...callees].sort((a, b) => a - b);
}
