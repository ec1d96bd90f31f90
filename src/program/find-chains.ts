import type { CallGraph } from "./call-graph.js";
import type { EntryPoint } from "./entry-points.js";

/** How a method can come to run: the shortest way, and of those of one length the first in the order of the code. */
export interface CallChain {
  readonly entryPoint: EntryPoint;
  /** Methods from what Android calls to the one that was asked for. */
  readonly methods: readonly number[];
}

/** The shortest chains of a graph from its entry points, found all at once. */
export class CallChains {
  readonly #graph: CallGraph;
  /** By node: the node before it; -1 of what nothing leads to. */
  readonly #before: Int32Array;
  /** By node: the entry point, -1 where it cannot be reached. */
  readonly #entryOf: Int32Array;

  /** @param isAsked of entry points: the others lead nowhere */
  constructor(graph: CallGraph, isAsked: (entryPoint: EntryPoint) => boolean = () => true) {
    this.#graph = graph;
    this.#before = new Int32Array(graph.size).fill(-1);
    this.#entryOf = new Int32Array(graph.size).fill(-1);
    this.#search(isAsked);
  }

  /** Breadth first by methods: a node between two methods is no step. */
  #search(isAsked: (entryPoint: EntryPoint) => boolean): void {
    const { entryNodes, entryPoints } = this.#graph;
    let layer: number[] = [];
    entryNodes.forEach((node, index) => {
      if (!isAsked(entryPoints[index]!)) return;
      this.#entryOf[node] = index;
      layer.push(node);
    });
    while (layer.length > 0) {
      const next: number[] = [];
      for (let at = 0; at < layer.length; at++) this.#follow(layer[at]!, layer, next);
      layer = next;
    }
  }

  /** What is no method stays in the layer that it is found in. */
  #follow(node: number, layer: number[], next: number[]): void {
    for (const to of this.#graph.successorsOf(node)) {
      if (this.#entryOf[to] !== -1) continue;
      this.#entryOf[to] = this.#entryOf[node]!;
      this.#before[to] = node;
      if (this.#graph.methodOf(to) >= 0) next.push(to);
      else layer.push(to);
    }
  }

  /** The chain that leads to a method; `undefined` where none does. */
  find(method: number): CallChain | undefined {
    const node = this.#graph.nodeOf(method);
    if (node === undefined || this.#entryOf[node] === -1) return undefined;
    const methods: number[] = [];
    for (let at = node; at !== -1; at = this.#before[at]!) {
      const one = this.#graph.methodOf(at);
      if (one >= 0) methods.push(one);
    }
    return { entryPoint: this.#graph.entryPoints[this.#entryOf[node]!]!, methods: methods.reverse() };
  }
}
