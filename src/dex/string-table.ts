import { type ByteView, compareMutf8, decodeMutf8 } from "../bytes/index.js";
import { FormatError } from "../diagnostics/index.js";

/** The longest text that is decoded, in bytes: beyond any real string, below what the engine can hold. */
const MAX_STRING_BYTES = 0x0fff_ffff;

/**
 * The strings of one DEX file, decoded when asked for and then kept.
 *
 * Real strings do not overlap; all that is decoded stays below `budget` bytes, so that a file cannot
 * name one long string a million times. Past it a string throws `limit`.
 */
export class StringTable {
  readonly #view: ByteView;
  readonly #bytes: Buffer;
  readonly #offsets: Uint32Array;
  readonly #decoded: (string | undefined)[];
  #budget: number;
  /** Bytes that comparing neighbours may still cost. */
  #comparisons: number;

  constructor(view: ByteView, stringIds: Uint32Array, budget: number) {
    const { buffer, byteOffset, length } = view.bytes;
    this.#view = view;
    this.#bytes = Buffer.from(buffer, byteOffset, length);
    this.#offsets = stringIds;
    this.#decoded = new Array(stringIds.length);
    this.#budget = budget;
    this.#comparisons = budget;
  }

  /** The text at an index into string_ids. */
  text(stringIdx: number): string {
    const text = this.find(stringIdx);
    if (text === undefined) throw this.#explain(stringIdx);
    return text;
  }

  /** The same; `undefined` where there is no text to read: an error for each of a million would take seconds. */
  find(stringIdx: number): string | undefined {
    return this.#decoded[stringIdx] ?? this.#decode(stringIdx);
  }

  #decode(stringIdx: number): string | undefined {
    const offset = this.#offsets[stringIdx] ?? Infinity;
    const bytes = this.#bytes;
    // Spent: not even looked for, since finding the NUL costs as much as the text is long.
    if (offset >= bytes.length || this.#budget < 0) return undefined;
    const start = textStart(bytes, offset);
    let end = start;
    let ones = 0;
    for (let byte = bytes[end]; byte !== undefined && byte !== 0; byte = bytes[++end]) ones |= byte;
    this.#budget -= end - start;
    if (this.#budget < 0 || end - start > MAX_STRING_BYTES || end >= bytes.length) return undefined;
    const text = ones < 0x80 ? bytes.toString("latin1", start, end) : decodeMutf8(bytes, start, end);
    this.#decoded[stringIdx] = text;
    return text;
  }

  /** Why {@link find} gives no text. */
  #explain(stringIdx: number): FormatError {
    const offset = this.#offsets[stringIdx];
    const structure = "string_data_item";
    if (offset === undefined) {
      const problem = `string_idx ${stringIdx} is not below ${this.#offsets.length}`;
      return new FormatError("bad-offset", { source: this.#view.source, structure: "string_ids" }, problem);
    }
    this.#view.need(offset, 1, structure);
    const bytes = this.#bytes;
    if (this.#budget >= 0 && bytes.indexOf(0, textStart(bytes, offset)) < 0) {
      return this.#view.error("truncated", offset, structure, "has no NUL before the end of the file");
    }
    const problem = "the file's strings add up to far more text than it has bytes";
    return this.#view.error("limit", offset, structure, problem);
  }

  /** Compares `text`, in MUTF-8, with a string by UTF-16 code units, without decoding it. */
  compareText(text: Uint8Array, stringIdx: number): number {
    return compareMutf8(text, 0, this.#bytes, this.#startOf(stringIdx));
  }

  /**
   * Compares two strings by UTF-16 code units, without decoding them. One that is not there is empty.
   * Past the budget all are called equal, which no file in order has.
   */
  compareStrings(stringIdx: number, other: number): number {
    const bytes = this.#bytes;
    const a = this.#startOf(stringIdx);
    const b = this.#startOf(other);
    let same = 0;
    while (same < this.#comparisons && bytes[a + same] === bytes[b + same] && bytes[a + same]) same++;
    this.#comparisons -= same;
    return this.#comparisons > 0 ? compareMutf8(bytes, a + same, bytes, b + same) : 0;
  }

  #startOf(stringIdx: number): number {
    return textStart(this.#bytes, this.#offsets[stringIdx] ?? this.#bytes.length);
  }
}

/** Where the text of the string_data_item at `offset` begins: past utf16_size, which says nothing that the NUL does not. */
export function textStart(bytes: Uint8Array, offset: number): number {
  let at = offset;
  while (at < offset + 4 && bytes[at]! >= 0x80) at++;
  return at + 1;
}
