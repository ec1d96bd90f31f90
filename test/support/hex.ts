/** Bytes written as hex text, one field a line: `64 65 78 0a  // magic`. */
export function hex(text: string): Uint8Array<ArrayBuffer> {
  const digits = text.replace(/\/\/.*$/gm, "").replace(/\s+/g, "");
  if (!/^([0-9a-f]{2})*$/.test(digits)) throw new Error(`not hex: ${digits}`);
  return Uint8Array.from(digits.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
}
