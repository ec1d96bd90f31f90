import { encodeMutf8 } from "../bytes/index.js";
import { FormatError } from "../diagnostics/index.js";
import type { StringTable } from "./string-table.js";

/**
 * Finds positions by text in a list of strings that the specification wants in order.
 *
 * The order is checked once, at the first search. A list out of order, which Android refuses, is
 * searched through a map of all its texts; of two equal texts the first counts.
 */
export class StringIndex {
  readonly #table: StringTable;
  readonly #size: number;
  /** Position to index into string_ids; `undefined` where the two are the same. */
  readonly #stringIdxs: Uint32Array | undefined;
  #isSorted: boolean | undefined;
  #positions: Map<string, number> | undefined;

  constructor(table: StringTable, size: number, stringIdxs?: Uint32Array) {
    this.#table = table;
    this.#size = size;
    this.#stringIdxs = stringIdxs;
  }

  /** The position of `text`. A string whose bytes are not MUTF-8 is never found. */
  find(text: string): number | undefined {
    this.#isSorted ??= this.#checkOrder();
    return this.#isSorted ? this.#search(encodeMutf8(text)) : this.#allPositions().get(text);
  }

  /** The position of the first text that is not below `text`; `undefined` where the list is in no order. */
  findStart(text: string): number | undefined {
    this.#isSorted ??= this.#checkOrder();
    if (!this.#isSorted) return undefined;
    const bytes = encodeMutf8(text);
    let low = 0;
    let high = this.#size;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#table.compareText(bytes, this.#stringIdx(middle)) > 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #stringIdx(position: number): number {
    return this.#stringIdxs === undefined ? position : this.#stringIdxs[position]!;
  }

  #checkOrder(): boolean {
    for (let i = 1; i < this.#size; i++) {
      if (this.#table.compareStrings(this.#stringIdx(i - 1), this.#stringIdx(i)) >= 0) return false;
    }
    return true;
  }

  #search(text: Uint8Array): number | undefined {
    let low = 0;
    let high = this.#size - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const order = this.#table.compareText(text, this.#stringIdx(middle));
      if (order === 0) return middle;
      if (order < 0) high = middle - 1;
      else low = middle + 1;
    }
    return undefined;
  }

  #allPositions(): Map<string, number> {
    if (this.#positions !== undefined) return this.#positions;
    const positions = new Map<string, number>();
    for (let i = 0; i < this.#size; i++) {
      const text = this.#readText(i);
      if (text !== undefined && !positions.has(text)) positions.set(text, i);
    }
    this.#positions = positions;
    return positions;
  }

  #readText(position: number): string | undefined {
    try {
      return this.#table.text(this.#stringIdx(position));
    } catch (error) {
      // An unreadable string equals no text.
      if (!(error instanceof FormatError)) throw error;
      return undefined;
    }
  }
}
