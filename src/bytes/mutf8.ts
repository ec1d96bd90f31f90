/**
 * Text in modified UTF-8 ("MUTF-8" in the DEX format specification) from `start` to `end`.
 *
 * NUL is `c0 80`, a supplementary character is two encoded surrogates. Bytes that fit no pattern
 * become U+FFFD: such a string can still be told from most others, and costs only itself.
 */
export function decodeMutf8(bytes: Uint8Array, start: number, end: number): string {
  for (let at = start; at < end; at++) {
    if (bytes[at]! >= 0x80) return decodeNonAscii(bytes, start, end);
  }
  return asBuffer(bytes).toString("latin1", start, end);
}

function decodeNonAscii(bytes: Uint8Array, start: number, end: number): string {
  // A code unit takes one byte or more, so there is room.
  const units = new Uint16Array(end - start);
  let size = 0;
  let at = start;
  while (at < end) {
    const first = bytes[at++]!;
    if (first < 0x80) units[size++] = first;
    else if (first >> 5 === 0b110 && isContinuation(bytes, at, end)) {
      units[size++] = ((first & 0x1f) << 6) | (bytes[at++]! & 0x3f);
    } else if (
      first >> 4 === 0b1110 &&
      isContinuation(bytes, at, end) &&
      isContinuation(bytes, at + 1, end)
    ) {
      units[size++] = ((first & 0x0f) << 12) | ((bytes[at]! & 0x3f) << 6) | (bytes[at + 1]! & 0x3f);
      at += 2;
    } else units[size++] = 0xfffd;
  }
  return Buffer.from(units.buffer, 0, size * 2).toString("utf16le");
}

function isContinuation(bytes: Uint8Array, at: number, end: number): boolean {
  return at < end && bytes[at]! >> 6 === 0b10;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** `text` in modified UTF-8, without a terminator. A lone surrogate is encoded like any other unit. */
export function encodeMutf8(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length * 3);
  let size = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit !== 0 && unit < 0x80) bytes[size++] = unit;
    else if (unit < 0x800) {
      bytes[size++] = 0xc0 | (unit >> 6);
      bytes[size++] = 0x80 | (unit & 0x3f);
    } else {
      bytes[size++] = 0xe0 | (unit >> 12);
      bytes[size++] = 0x80 | ((unit >> 6) & 0x3f);
      bytes[size++] = 0x80 | (unit & 0x3f);
    }
  }
  return bytes.subarray(0, size);
}

/**
 * Compares two texts in modified UTF-8 by their UTF-16 code units, the order that the DEX format
 * prescribes: negative, zero or positive. Each ends at a NUL byte or at the end of its bytes.
 */
export function compareMutf8(a: Uint8Array, aStart: number, b: Uint8Array, bStart: number): number {
  for (let i = 0; ; i++) {
    const x = a[aStart + i] ?? 0;
    const y = b[bStart + i] ?? 0;
    if (x !== y) return rank(x) - rank(y);
    if (x === 0) return 0;
  }
}

/** Bytes sort like the code units they begin, except `c0 80`, which is NUL: after the end, before all else. */
function rank(byte: number): number {
  return byte === 0xc0 ? 0.5 : byte;
}
