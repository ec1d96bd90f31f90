/** A growing list of 32-bit integers: for what is found in code, thousands at a time. */
export class IntList {
  #values = new Int32Array(256);
  length = 0;

  push(value: number): void {
    if (this.length === this.#values.length) {
      const grown = new Int32Array(this.#values.length * 2);
      grown.set(this.#values);
      this.#values = grown;
    }
    this.#values[this.length++] = value;
  }

  /** The value at an index below {@link length}. */
  at(index: number): number {
    return this.#values[index]!;
  }

  /** Its values, in order, until it grows. */
  [Symbol.iterator](): Iterator<number> {
    return this.#values.subarray(0, this.length).values();
  }

  set(index: number, value: number): void {
    this.#values[index] = value;
  }
}
