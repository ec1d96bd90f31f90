/**
 * Bounds-checked views, LEB128, MUTF-8 and UTF-16. Comes in: bytes. Goes out: numbers and text.
 * Knows no file format.
 */
export { ByteView } from "./byte-view.js";
export { Leb128Reader } from "./leb128.js";
export { compareMutf8, decodeMutf8, encodeMutf8 } from "./mutf8.js";
export { decodeUtf16 } from "./utf16.js";
