/** A set of numbers from which the lowest is taken first: a binary heap, and who is in it. */
export class LowestFirst {
  readonly #heap: number[] = [];
  readonly #members = new Set<number>();

  /** Adds a number that is not yet in it. */
  add(value: number): void {
    if (this.#members.has(value)) return;
    this.#members.add(value);
    const heap = this.#heap;
    let at = heap.push(value) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (heap[above]! <= value) break;
      heap[at] = heap[above]!;
      at = above;
    }
    heap[at] = value;
  }

  /** Takes the lowest number out; `undefined` if there is none. */
  take(): number | undefined {
    const heap = this.#heap;
    const lowest = heap[0];
    const last = heap.pop();
    if (lowest === undefined || last === undefined) return undefined;
    this.#members.delete(lowest);
    if (heap.length > 0) this.#sink(last);
    return lowest;
  }

  clear(): void {
    this.#heap.length = 0;
    this.#members.clear();
  }

  /** Puts a number at the top and lets it down to its place. */
  #sink(value: number): void {
    const heap = this.#heap;
    let at = 0;
    for (;;) {
      let below = at * 2 + 1;
      if (below >= heap.length) break;
      if (below + 1 < heap.length && heap[below + 1]! < heap[below]!) below++;
      if (heap[below]! >= value) break;
      heap[at] = heap[below]!;
      at = below;
    }
    heap[at] = value;
  }
}
