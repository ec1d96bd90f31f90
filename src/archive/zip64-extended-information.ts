import type { ByteView } from "../bytes/index.js";

const ZIP64 = "zip64 extended information extra field";
const ZIP64_HEADER_ID = 0x0001;
const SATURATED = 0xffffffff;

/** The fields of a header that a zip64 extra field may replace, as the header has them. */
export interface Zip64Fields {
  readonly uncompressedSize: number;
  readonly compressedSize: number;
  /** `undefined` in a local header, which has none. */
  readonly localHeaderOff: number | undefined;
}

/**
 * Replaces the header fields that hold 0xffffffff by their 64-bit values (APPNOTE 4.5.3), or returns
 * them as they are.
 *
 * The extra field is looked at only if a field asks for it, as in libziparchive: malformed extra fields
 * are common in APKs and mean nothing. Values are present in order, each only if its header field is
 * saturated; but a field of 24 or 28 bytes holds all three, as Go's writer leaves them. Throws
 * {@link FormatError} `bad-value` where the values are not there.
 */
export function resolveZip64(
  fields: Zip64Fields,
  view: ByteView,
  extraOff: number,
  extraSize: number,
): Zip64Fields {
  const { uncompressedSize, compressedSize, localHeaderOff } = fields;
  if (uncompressedSize !== SATURATED && compressedSize !== SATURATED && localHeaderOff !== SATURATED)
    return fields;
  const field = findZip64Field(view, extraOff, extraSize);
  const complete = field.size === 24 || field.size === 28;
  let at = 0;
  const resolve = (value: number): number => {
    if (value !== SATURATED && !complete) return value;
    if (at + 8 > field.size)
      throw view.error("bad-value", field.offset, ZIP64, "holds fewer values than the header needs");
    const wide = view.u64(field.offset + at, ZIP64);
    at += 8;
    return wide;
  };
  return {
    uncompressedSize: resolve(uncompressedSize),
    compressedSize: resolve(compressedSize),
    localHeaderOff: localHeaderOff === undefined ? undefined : resolve(localHeaderOff),
  };
}

function findZip64Field(
  view: ByteView,
  extraOff: number,
  extraSize: number,
): { offset: number; size: number } {
  for (let at = 0; at + 4 <= extraSize; ) {
    const id = view.u16(extraOff + at, ZIP64);
    const size = view.u16(extraOff + at + 2, ZIP64);
    at += 4;
    if (at + size > extraSize) break;
    if (id === ZIP64_HEADER_ID) return { offset: extraOff + at, size };
    at += size;
  }
  throw view.error(
    "bad-value",
    extraOff,
    ZIP64,
    "not found, though a header field of 0xffffffff refers to it",
  );
}
