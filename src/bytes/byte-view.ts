import { FormatError } from "../diagnostics/index.js";

/**
 * A bounds-checked little-endian window onto bytes; offsets count from the window's first byte.
 *
 * Every read past the end throws a {@link FormatError} `truncated` that names the structure. Nothing
 * is copied: sub-views share the bytes. Hot loops check a run's bounds once with {@link need} and
 * then read {@link bytes} directly.
 */
export class ByteView {
  readonly bytes: Uint8Array;
  /** Name of the file or archive entry, for messages. */
  readonly source: string;
  /** Offset of this window in {@link source}, added to offsets in messages. */
  readonly base: number;
  readonly #data: DataView;

  constructor(bytes: Uint8Array, source: string, base = 0) {
    this.bytes = bytes;
    this.source = source;
    this.base = base;
    this.#data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** In bytes. */
  get length(): number {
    return this.bytes.length;
  }

  /** Throws unless `size` bytes at `offset` are inside the window. */
  need(offset: number, size: number, structure: string): void {
    if (offset >= 0 && size >= 0 && offset + size <= this.bytes.length) return;
    throw this.error(
      "truncated",
      offset,
      structure,
      `needs ${size} bytes, but the file ends at 0x${(this.base + this.bytes.length).toString(16)}`,
    );
  }

  u8(offset: number, structure: string): number {
    this.need(offset, 1, structure);
    return this.bytes[offset]!;
  }

  u16(offset: number, structure: string): number {
    this.need(offset, 2, structure);
    return this.#data.getUint16(offset, true);
  }

  u32(offset: number, structure: string): number {
    this.need(offset, 4, structure);
    return this.#data.getUint32(offset, true);
  }

  i32(offset: number, structure: string): number {
    this.need(offset, 4, structure);
    return this.#data.getInt32(offset, true);
  }

  f32(offset: number, structure: string): number {
    this.need(offset, 4, structure);
    return this.#data.getFloat32(offset, true);
  }

  /** An unsigned 64-bit value; beyond 2^53 it is no place or size in any file, and throws `bad-value`. */
  u64(offset: number, structure: string): number {
    this.need(offset, 8, structure);
    const value = this.#data.getBigUint64(offset, true);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) {
      throw this.error("bad-value", offset, structure, `0x${value.toString(16)} is beyond any file`);
    }
    return Number(value);
  }

  /** The window of `size` bytes at `offset`. */
  view(offset: number, size: number, structure: string): ByteView {
    this.need(offset, size, structure);
    return new ByteView(this.bytes.subarray(offset, offset + size), this.source, this.base + offset);
  }

  /** A {@link FormatError} at an offset of this window. */
  error(code: FormatError["code"], offset: number, structure: string, problem: string): FormatError {
    return new FormatError(code, { source: this.source, offset: this.base + offset, structure }, problem);
  }
}
