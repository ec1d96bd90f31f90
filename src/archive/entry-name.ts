import { isUtf8 } from "node:buffer";

/**
 * An entry's name from its raw bytes: UTF-8, whatever the language encoding flag says, as Android has it.
 *
 * Bytes that are not UTF-8 are taken for Latin-1 instead of being replaced: two names that differ stay
 * two names. Android refuses an archive that has one.
 */
export function decodeEntryName(raw: Uint8Array): { name: string; utf8: boolean } {
  const bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.length);
  const utf8 = isUtf8(bytes);
  return { name: bytes.toString(utf8 ? "utf8" : "latin1"), utf8 };
}

/** A name as it may stand in a message: control characters escaped, cut to `textLength` characters. */
export function printableName(name: string, textLength: number): string {
  const cut = name.length > textLength ? `${name.slice(0, textLength)}…` : name;
  return cut.replace(
    /[\0-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
