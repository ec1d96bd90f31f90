import { type Heap, readCell } from "./heap.js";
import type { Memory } from "./memory.js";
import { isSame, type Value } from "./values.js";

/** What of a heap, and of the objects that there are, a run depended on. */
export class Dependence {
  readonly #cells: readonly number[];
  readonly #held: readonly (Value | undefined)[];
  /** Objects of which all cells were asked for, and how many these were. */
  readonly #shapes: readonly number[];
  readonly #sizes: readonly number[];

  /**
   * @param reads as {@link Memory.reads} has them, each once
   * @param heap that the run began with
   */
  constructor(reads: ReadonlySet<number>, heap: Heap, memory: Memory) {
    this.#cells = [...reads].filter((one) => one >= 0);
    this.#held = this.#cells.map((cell) => readCell(heap, cell));
    this.#shapes = [...reads].filter((one) => one < 0).map((one) => -one - 1);
    this.#sizes = this.#shapes.map((object) => memory.objects.cells[object]!.size);
  }

  /** Whether all of it is as it was. */
  holdsIn(heap: Heap, { objects }: Memory): boolean {
    return (
      this.#cells.every((cell, index) => isSame(readCell(heap, cell), this.#held[index])) &&
      this.#shapes.every((object, index) => objects.cells[object]!.size === this.#sizes[index])
    );
  }

  /** Notes it as read: whoever uses a run again depends on what that depended on. */
  noteAgain(memory: Memory): void {
    for (const cell of this.#cells) memory.noteRead(cell);
    for (const object of this.#shapes) memory.noteShape(object);
  }
}
