import { changedCells, type Heap, readCell, writeCell } from "./heap.js";
import type { Machine } from "./machine.js";
import type { Outcome } from "./outcome.js";
import { isSame, NOTHING, type Value } from "./values.js";

/** What a call came to once, and what of the heap that depended on. */
interface Remembered {
  readonly context: number;
  /** Whether objects were made, which are others under another chain of calls. */
  readonly makesObjects: boolean;
  readonly arguments: readonly Value[];
  readonly cells: readonly number[];
  readonly held: readonly (Value | undefined)[];
  readonly shapes: readonly number[];
  readonly shapeSizes: readonly number[];
  readonly value: Value | undefined;
  readonly written: readonly number[];
  readonly values: readonly (Value | undefined)[];
  readonly thrown: Value;
  readonly thrownHeap: Heap;
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
      if (!one.cells.every((cell, index) => isSame(readCell(heap, cell), one.held[index]))) continue;
      if (
        !one.shapes.every(
          (object, index) => this.#machine.objects.cells[object]!.size === one.shapeSizes[index],
        )
      )
        continue;
      for (const cell of one.cells) this.#machine.memory.noteRead(cell);
      for (const object of one.shapes) this.#machine.memory.noteShape(object);
      if (one.makesObjects) this.#machine.objectsMade++;
      let after = heap;
      one.written.forEach((cell, index) => {
        after = writeCell(after, cell, one.values[index]);
      });
      return {
        value: one.value,
        heap: after,
        thrown: one.thrown,
        thrownHeap: one.thrown === NOTHING ? after : one.thrownHeap,
      };
    }
    return undefined;
  }

  /** Keeps what a call came to; `from` is where what was read for it begins. */
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
    const cells = [...reads].filter((one) => one >= 0);
    const shapes = [...reads].filter((one) => one < 0).map((one) => -one - 1);
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
      cells,
      held: cells.map((cell) => readCell(heap, cell)),
      shapes,
      shapeSizes: shapes.map((object) => this.#machine.objects.cells[object]!.size),
      value: outcome.value,
      written,
      values,
      thrown: outcome.thrown,
      thrownHeap: outcome.thrownHeap,
    });
  }
}
