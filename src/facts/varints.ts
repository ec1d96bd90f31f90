import { FactsError } from "./facts-error.js";

/** Writes unsigned numbers below 2^32, small ones in few bytes: LEB128. */
export class VarintWriter {
  #bytes = new Uint8Array(1024);
  length = 0;

  write(value: number): void {
    if (this.length + 5 > this.#bytes.length) {
      const grown = new Uint8Array(this.#bytes.length * 2);
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    let left = value;
    for (; left >= 0x80; left >>>= 7) this.#bytes[this.length++] = (left & 0x7f) | 0x80;
    this.#bytes[this.length++] = left;
  }

  take(): Uint8Array {
    return this.#bytes.subarray(0, this.length);
  }
}

/** Reads what {@link VarintWriter} wrote. */
export class VarintReader {
  readonly #bytes: Uint8Array;
  offset: number;

  constructor(bytes: Uint8Array, offset = 0) {
    this.#bytes = bytes;
    this.offset = offset;
  }

  get isAtEnd(): boolean {
    return this.offset >= this.#bytes.length;
  }

  /** @throws FactsError `spoilt` past the end */
  read(): number {
    const bytes = this.#bytes;
    let at = this.offset;
    let byte = bytes[at++]!;
    let value = byte & 0x7f;
    for (let shift = 7; byte >= 0x80 && shift < 35; shift += 7) {
      byte = bytes[at++]!;
      value |= (byte & 0x7f) << shift;
    }
    if (at > bytes.length) throw new FactsError("spoilt", "a number is cut");
    this.offset = at;
    return value >>> 0;
  }
}
