/**
 * Text in modified UTF-8 ("MUTF-8" in the DEX format specification) from `start` to `end`.
 *
 * NUL is `c0 80`, a supplementary character is two encoded surrogates. Bytes that fit no pattern
 * become U+FFFD: such a string can still be told from every other, and costs only itself.
 */
export function decodeMutf8(bytes: Uint8Array, start: number, end: number): string {
  for (let at = start; at < end; at++) {
    if (bytes[at]! >= 0x80) return decodeNonAscii(bytes, start, end);
  }
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString("latin1");
}

function decodeNonAscii(bytes: Uint8Array, start: number, end: number): string {
  const units: number[] = [];
  let at = start;
  while (at < end) {
    const first = bytes[at++]!;
    if (first < 0x80) units.push(first);
    else if (first >> 5 === 0b110 && isContinuation(bytes, at, end)) {
      units.push(((first & 0x1f) << 6) | (bytes[at++]! & 0x3f));
    } else if (first >> 4 === 0b1110 && isContinuation(bytes, at, end) && isContinuation(bytes, at + 1, end)) {
      units.push(((first & 0x0f) << 12) | ((bytes[at]! & 0x3f) << 6) | (bytes[at + 1]! & 0x3f));
      at += 2;
    } else units.push(0xfffd);
  }
  return fromCodeUnits(units);
}

function isContinuation(bytes: Uint8Array, at: number, end: number): boolean {
  return at < end && bytes[at]! >> 6 === 0b10;
}

function fromCodeUnits(units: number[]): string {
  let text = "";
  // In runs: a call takes its arguments on the stack.
  for (let at = 0; at < units.length; at += 4096) text += String.fromCharCode(...units.slice(at, at + 4096));
  return text;
}
