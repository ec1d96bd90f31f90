import type { ByteView } from "./byte-view.js";

/**
 * Reads LEB128 values one after another ("LEB128" in the DEX format specification).
 *
 * A value takes at most five bytes and holds 32 bits. Like AOSP's leb128.h, the fifth byte always
 * ends a value and its four high bits are dropped: a device runs such a file, so we must read it.
 */
export class Leb128Reader {
  readonly #view: ByteView;
  readonly #bytes: Uint8Array;
  readonly #length: number;
  /** Offset of the next byte, in the view. */
  offset: number;

  constructor(view: ByteView, offset: number) {
    this.#view = view;
    this.#bytes = view.bytes;
    this.#length = view.length;
    this.offset = offset;
  }

  /** uleb128, 0 to 2^32 - 1. */
  unsigned(structure: string): number {
    const bytes = this.#bytes;
    let at = this.offset;
    // Written out, and checked once: most of reading class_data_items is spent here. A byte past the
    // end is undefined, which ends the value, and the check throws.
    let byte = bytes[at++]!;
    let value = byte & 0x7f;
    if (byte >= 0x80) {
      byte = bytes[at++]!;
      value |= (byte & 0x7f) << 7;
      if (byte >= 0x80) {
        byte = bytes[at++]!;
        value |= (byte & 0x7f) << 14;
        if (byte >= 0x80) {
          byte = bytes[at++]!;
          value |= (byte & 0x7f) << 21;
          if (byte >= 0x80) value |= bytes[at++]! << 28;
        }
      }
    }
    if (at > this.#length) this.#view.need(this.offset, at - this.offset, structure);
    this.offset = at;
    return value >>> 0;
  }

  /** uleb128p1: NO_INDEX (-1) is encoded as 0. */
  unsignedPlusOne(structure: string): number {
    return this.unsigned(structure) - 1;
  }

  /** sleb128, -2^31 to 2^31 - 1. */
  signed(structure: string): number {
    const start = this.offset;
    const value = this.unsigned(structure);
    // Five bytes fill all 32 bits; fewer leave the high ones to the sign.
    const unused = Math.max(0, 32 - (this.offset - start) * 7);
    return (value << unused) >> unused;
  }
}
