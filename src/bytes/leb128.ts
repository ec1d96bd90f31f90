import type { ByteView } from "./byte-view.js";

/**
 * Reads LEB128 values one after another ("LEB128" in the DEX format specification).
 *
 * A value takes at most five bytes and holds 32 bits; what lies beyond bit 31 is dropped, as in
 * AOSP's leb128.h. A sixth byte would be a `bad-value`.
 */
export class Leb128Reader {
  readonly #view: ByteView;
  /** Offset of the next byte, in the view. */
  offset: number;

  constructor(view: ByteView, offset: number) {
    this.#view = view;
    this.offset = offset;
  }

  /** uleb128, 0 to 2^32 - 1. */
  unsigned(structure: string): number {
    return this.#bits(structure).value >>> 0;
  }

  /** uleb128p1: NO_INDEX (-1) is encoded as 0. */
  unsignedPlusOne(structure: string): number {
    return this.unsigned(structure) - 1;
  }

  /** sleb128, -2^31 to 2^31 - 1. */
  signed(structure: string): number {
    const { value, shift, last } = this.#bits(structure);
    return shift < 32 && (last & 0x40) !== 0 ? value | (-1 << shift) : value | 0;
  }

  #bits(structure: string): { value: number; shift: number; last: number } {
    const start = this.offset;
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#view.u8(this.offset, structure);
      this.offset++;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return { value, shift: shift + 7, last: byte };
    }
    throw this.#view.error("bad-value", start, structure, "a LEB128 value is longer than five bytes");
  }
}
