import { crc32 } from "node:zlib";
import { FactsError } from "./facts-error.js";

/** `BCF1`, read as a little-endian word. */
const MAGIC = 0x3146_4342;
const HEADER_WORDS = 4;
/** Of one section in the table: its offset and its length, in bytes. */
const ENTRY_WORDS = 2;

/** By number; {@link joinSections} wants each of them. */
export type Sections = (Uint8Array | Uint16Array | Uint32Array)[];

/**
 * Joins sections into one run of bytes: magic, length of the whole, CRC-32 of all that follows the header, number of
 * sections; their offsets and lengths; the sections, each at a multiple of 4.
 */
export function joinSections(sections: Sections): Uint8Array {
  const start = (HEADER_WORDS + sections.length * ENTRY_WORDS) * 4;
  const length = sections.reduce((end, { byteLength }) => end + padded(byteLength), start);
  const words = new Uint32Array(length / 4);
  const bytes = new Uint8Array(words.buffer);
  words[0] = MAGIC;
  words[1] = length;
  words[3] = sections.length;
  let at = start;
  sections.forEach((section, index) => {
    words[HEADER_WORDS + index * ENTRY_WORDS] = at;
    words[HEADER_WORDS + index * ENTRY_WORDS + 1] = section.byteLength;
    bytes.set(new Uint8Array(section.buffer, section.byteOffset, section.byteLength), at);
    at += padded(section.byteLength);
  });
  words[2] = crc32(bytes.subarray(12));
  return bytes;
}

function padded(length: number): number {
  return (length + 3) & ~3;
}

/** Sections as {@link joinSections} joined them, as arrays over the bytes. */
export class SectionReader {
  readonly #bytes: Uint8Array;
  readonly #words: Uint32Array;

  /**
   * Checks all there is to check before anything is used.
   *
   * @throws FactsError `spoilt`
   */
  constructor(kept: Uint8Array, count: number) {
    if (kept.length % 4 !== 0 || kept.length < (HEADER_WORDS + count * ENTRY_WORDS) * 4)
      throw new FactsError("spoilt", "they are cut");
    this.#bytes = kept.byteOffset % 4 === 0 ? kept : new Uint8Array(kept);
    this.#words = new Uint32Array(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.length >> 2);
    const [magic, length, sum, sections] = this.#words;
    if (magic !== MAGIC || length !== kept.length || sections !== count)
      throw new FactsError("spoilt", "they do not begin as facts do");
    if (crc32(this.#bytes.subarray(12)) !== sum) throw new FactsError("spoilt", "their checksum is another");
  }

  bytes(index: number): Uint8Array {
    const [offset, length] = this.#place(index, 1);
    return new Uint8Array(this.#bytes.buffer, this.#bytes.byteOffset + offset, length);
  }

  halves(index: number): Uint16Array {
    const [offset, length] = this.#place(index, 2);
    return new Uint16Array(this.#bytes.buffer, this.#bytes.byteOffset + offset, length >> 1);
  }

  words(index: number): Uint32Array {
    const [offset, length] = this.#place(index, 4);
    return new Uint32Array(this.#bytes.buffer, this.#bytes.byteOffset + offset, length >> 2);
  }

  #place(index: number, size: number): readonly [offset: number, length: number] {
    const offset = this.#words[HEADER_WORDS + index * ENTRY_WORDS] ?? Infinity;
    const length = this.#words[HEADER_WORDS + index * ENTRY_WORDS + 1] ?? Infinity;
    if (offset % 4 !== 0 || length % size !== 0 || offset + length > this.#bytes.length)
      throw new FactsError("spoilt", "a section is not where it should be");
    return [offset, length];
  }
}
