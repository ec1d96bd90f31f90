/** UTF-16LE text of `length` code units at `offset`. The caller has checked the bounds. */
export function decodeUtf16(bytes: Uint8Array, offset: number, length: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + offset, length * 2).toString("utf16le");
}
