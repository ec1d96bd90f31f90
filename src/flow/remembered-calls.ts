import { Dependence } from "./dependence.js";
import { changedCells, type Heap, writeCell } from "./heap.js";
import type { Machine } from "./machine.js";
import type { Outcome } from "./outcome.js";
import { isSame, NOTHING, type Value } from "./values.js";

/** What a call came to once that throws nothing, and what of the heap that depended on. */
interface Remembered {
  readonly context: number;
  /** Whether objects were made, which are others under another chain of calls. */
  readonly makesObjects: boolean;
  readonly arguments: readonly Value[];
  readonly dependence: Dependence;
  readonly value: Value | undefined;
  readonly written: readonly number[];
  readonly values: readonly (Value | undefined)[];
}

/** Outcomes of calls, each used again where all that it depended on is the same. */
export class RememberedCalls {
  readonly #machine: Machine;
  readonly #known = new Map<number, Remembered[]>();
  #version = 0;

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  /** What the call comes to, where everything that it depended on is as it was. */
  recall(method: number, args: readonly Value[], heap: Heap, context: number): Outcome | undefined {
    if (this.#version !== this.#machine.relevance.version) {
      this.#known.clear();
      this.#version = this.#machine.relevance.version;
    }
    for (const one of this.#known.get(method) ?? []) {
      if (one.makesObjects && one.context !== context) continue;
      if (!args.every((value, index) => isSame(value, one.arguments[index]!))) continue;
      if (!one.dependence.holdsIn(heap, this.#machine.memory)) continue;
      one.dependence.noteAgain(this.#machine.memory);
      if (one.makesObjects) this.#machine.objectsMade++;
      let after = heap;
      one.written.forEach((cell, index) => {
        after = writeCell(after, cell, one.values[index]);
      });
      return { value: one.value, heap: after, thrown: NOTHING, thrownHeap: after };
    }
    return undefined;
  }

  /**
   * Keeps what a call came to.
   *
   * @param readsBefore where in what was read that begins which was read for it
   * @param madeBefore objects that were made before it
   */
  remember(
    method: number,
    args: readonly Value[],
    heap: Heap,
    context: number,
    outcome: Outcome,
    readsBefore: number,
    madeBefore: number,
  ): void {
    if (this.#machine.memory.reads.length - readsBefore > this.#machine.limits.rememberedCells * 2) return;
    const reads = new Set(this.#machine.memory.reads.slice(readsBefore));
    if (reads.size > this.#machine.limits.rememberedCells) return;
    const written: number[] = [];
    const values: (Value | undefined)[] = [];
    changedCells(heap, outcome.heap, (cell, _before, after) => {
      written.push(cell);
      values.push(after);
    });
    // A heap to throw with is the whole heap of that time: only what throws nothing can be put onto another one.
    if (outcome.thrown !== NOTHING || written.length > this.#machine.limits.rememberedCells) return;
    if (this.#version !== this.#machine.relevance.version) return;
    const known = this.#known.get(method) ?? [];
    this.#known.set(method, known);
    if (known.length >= this.#machine.limits.remembered) known.shift();
    known.push({
      context,
      makesObjects: this.#machine.objectsMade !== madeBefore,
      arguments: args,
      dependence: new Dependence(reads, heap, this.#machine.memory),
      value: outcome.value,
      written,
      values,
    });
  }
}
