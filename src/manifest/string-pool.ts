import { type ByteView, decodeMutf8, decodeUtf16 } from "../bytes/index.js";
import type { Limits } from "../diagnostics/index.js";
import { readResChunkHeader } from "./res-chunk.js";

const STRING_POOL_HEADER_SIZE = 28;
const UTF8_FLAG = 1 << 8;

/** How often over its bytes a pool may be read through strings that overlap; in real pools none do. */
const REUSE = 16;

/**
 * `ResStringPool`: strings by index, decoded when asked for and then kept.
 *
 * As in AOSP's `ResStringPool::stringAt`, a string whose length or end lies outside the pool is no
 * string: {@link get} gives `undefined` for it, and only whoever refers to it loses something. What is
 * decoded stays in proportion to the pool's size, however its strings overlap.
 */
export class StringPool {
  readonly #view: ByteView;
  readonly #stringCount: number;
  readonly #offsets: number;
  readonly #stringsStart: number;
  readonly #utf8: boolean;
  readonly #decoded = new Map<number, string | undefined>();
  /** In bytes. */
  #budget: number;

  /** @param view Exactly the pool's chunk. Throws FormatError where Android refuses the whole pool. */
  constructor(view: ByteView, limits: Limits) {
    const structure = "ResStringPool_header";
    const { headerSize } = readResChunkHeader(view, 0, structure, STRING_POOL_HEADER_SIZE);
    const stringCount = view.u32(8, structure);
    if (stringCount > limits.stringPoolStrings) {
      throw view.error("limit", 8, structure, `${stringCount} strings, above stringPoolStrings`);
    }
    view.need(headerSize, stringCount * 4, "ResStringPool_header offsets");
    this.#view = view;
    this.#budget = REUSE * view.length;
    this.#stringCount = stringCount;
    this.#offsets = headerSize;
    this.#utf8 = (view.u32(16, structure) & UTF8_FLAG) !== 0;
    this.#stringsStart = view.u32(20, structure);
    if (stringCount > 0 && this.#stringsStart + 2 > view.length) {
      throw view.error("bad-offset", 20, structure, `stringsStart is 0x${this.#stringsStart.toString(16)}`);
    }
  }

  /**
   * The string at `index`; `undefined` where there is none, as for the index -1 that means none.
   *
   * @throws FormatError `limit` once overlapping strings have added up to far more text than the pool has
   */
  get(index: number): string | undefined {
    if (index >= this.#stringCount) return undefined;
    const known = this.#decoded.get(index);
    if (known !== undefined || this.#decoded.has(index)) return known;
    const text = this.#decode(index);
    this.#decoded.set(index, text);
    return text;
  }

  #decode(index: number): string | undefined {
    const { bytes } = this.#view;
    const offset = this.#offsets + index * 4;
    const at = this.#stringsStart + this.#view.u32(offset, "ResStringPool_header offsets");
    const found = this.#budget < 0 ? undefined : this.#utf8 ? findUtf8(bytes, at) : findUtf16(bytes, at);
    if (found !== undefined) this.#budget -= found.end - found.start;
    if (this.#budget < 0) {
      throw this.#view.error(
        "limit",
        offset,
        "ResStringPool",
        "its strings add up to far more text than it has bytes",
      );
    }
    if (found === undefined || !found.isSound) return undefined;
    return this.#utf8
      ? decodeUtf8(bytes, found.start, found.end)
      : decodeUtf16(bytes, found.start, (found.end - found.start) / 2);
  }
}

/** Where a string's text lies, in bytes, and whether its declared length agrees. */
interface Stretch {
  readonly start: number;
  readonly end: number;
  readonly isSound: boolean;
}

/** One length of one or two units of which the first's top bit says that a second follows. */
interface PoolLength {
  readonly length: number;
  readonly next: number;
}

function findUtf8(bytes: Uint8Array, at: number): Stretch | undefined {
  const characters = readUtf8Length(bytes, at);
  const encoded = characters && readUtf8Length(bytes, characters.next);
  if (encoded === undefined) return undefined;
  const start = encoded.next;
  if (bytes[start + encoded.length] === 0) return { start, end: start + encoded.length, isSound: true };
  const end = bytes.indexOf(0, start);
  if (end < 0) return { start, end: Math.max(start, bytes.length), isSound: false };
  // aapt cut lengths above 0x7fff to 15 bits; stringAt accepts the string if those bits agree.
  return { start, end, isSound: ((end - start) & 0x7fff) === encoded.length };
}

function readUtf8Length(bytes: Uint8Array, at: number): PoolLength | undefined {
  const first = bytes[at];
  if (first === undefined) return undefined;
  if (first < 0x80) return { length: first, next: at + 1 };
  const second = bytes[at + 1];
  return second === undefined ? undefined : { length: ((first & 0x7f) << 8) | second, next: at + 2 };
}

function decodeUtf8(bytes: Uint8Array, start: number, end: number): string {
  for (let at = start; at < end; at++) {
    // aapt writes UTF-8; other tools write surrogates one by one, as in MUTF-8, which has no such byte.
    if (bytes[at]! >= 0xf0)
      return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString("utf8");
  }
  return decodeMutf8(bytes, start, end);
}

function findUtf16(bytes: Uint8Array, at: number): Stretch | undefined {
  const first = unit(bytes, at);
  if (first === undefined) return undefined;
  let length = first;
  let start = at + 2;
  if (first >= 0x8000) {
    const second = unit(bytes, start);
    if (second === undefined) return undefined;
    length = (first & 0x7fff) * 0x10000 + second;
    start += 2;
  }
  const end = start + length * 2;
  return unit(bytes, end) === 0 ? { start, end, isSound: true } : undefined;
}

function unit(bytes: Uint8Array, at: number): number | undefined {
  return at + 1 < bytes.length ? bytes[at]! | (bytes[at + 1]! << 8) : undefined;
}
