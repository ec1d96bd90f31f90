import type { ByteView } from "../bytes/index.js";

/** Size of a header_item up to version 040. */
export const HEADER_SIZE = 0x70;
/** Size of a header_item from version 041 on. */
export const HEADER_SIZE_V41 = 0x78;
/** First version whose offsets count from the start of a container of several DEX files. */
export const CONTAINER_VERSION = 41;

const ENDIAN_CONSTANT = 0x12345678;
const REVERSE_ENDIAN_CONSTANT = 0x78563412;

/** header_item: sizes count elements, offsets count from the first byte of {@link DexFile.bytes}. */
export interface HeaderItem {
  /** 35 to 41. */
  readonly version: number;
  /** Adler-32, as stored: a device does not check it when it loads an app, and neither do we. */
  readonly checksum: number;
  /** In bytes, as stored. */
  readonly fileSize: number;
  /** In bytes, as stored. */
  readonly headerSize: number;
  readonly linkSize: number;
  readonly linkOff: number;
  readonly mapOff: number;
  readonly stringIdsSize: number;
  readonly stringIdsOff: number;
  readonly typeIdsSize: number;
  readonly typeIdsOff: number;
  readonly protoIdsSize: number;
  readonly protoIdsOff: number;
  readonly fieldIdsSize: number;
  readonly fieldIdsOff: number;
  readonly methodIdsSize: number;
  readonly methodIdsOff: number;
  readonly classDefsSize: number;
  readonly classDefsOff: number;
  readonly dataSize: number;
  readonly dataOff: number;
  /** In bytes; `undefined` before version 041. */
  readonly containerSize: number | undefined;
  /** Where this header lies in its container; 0 before version 041. */
  readonly headerOffset: number;
}

/** Reads the header_item at `offset`. Throws on other magic, a version or byte order that is not read. */
export function readHeaderItem(view: ByteView, offset: number): HeaderItem {
  const version = readVersion(view, offset);
  view.need(offset, version < CONTAINER_VERSION ? HEADER_SIZE : HEADER_SIZE_V41, "header_item");
  const word = (delta: number) => view.u32(offset + delta, "header_item");
  checkEndianTag(view, offset + 0x28, word(0x28));
  return {
    version,
    checksum: word(0x08),
    fileSize: word(0x20),
    headerSize: word(0x24),
    linkSize: word(0x2c),
    linkOff: word(0x30),
    mapOff: word(0x34),
    stringIdsSize: word(0x38),
    stringIdsOff: word(0x3c),
    typeIdsSize: word(0x40),
    typeIdsOff: word(0x44),
    protoIdsSize: word(0x48),
    protoIdsOff: word(0x4c),
    fieldIdsSize: word(0x50),
    fieldIdsOff: word(0x54),
    methodIdsSize: word(0x58),
    methodIdsOff: word(0x5c),
    classDefsSize: word(0x60),
    classDefsOff: word(0x64),
    dataSize: word(0x68),
    dataOff: word(0x6c),
    containerSize: version < CONTAINER_VERSION ? undefined : word(0x70),
    headerOffset: version < CONTAINER_VERSION ? 0 : word(0x74),
  };
}

function readVersion(view: ByteView, offset: number): number {
  view.need(offset, 8, "header_item");
  const magic = Buffer.from(view.bytes.subarray(offset, offset + 8)).toString("latin1");
  const digits = /^dex\n(\d\d\d)\0$/.exec(magic)?.[1];
  if (digits !== undefined) {
    const version = Number(digits);
    // 036 is Dalvik's own, of Android 3: laid out like 035.
    if (version >= 35 && version <= 41) return version;
    throw view.error("unsupported", offset, "header_item", `version ${digits} is not read, only 035 to 041`);
  }
  if (/^(dey\n|cdex)/.test(magic)) {
    const kind = magic.startsWith("cdex") ? "compact DEX" : "optimised DEX (ODEX)";
    throw view.error("unsupported", offset, "header_item", `${kind} is made on a device and is not read`);
  }
  throw view.error("bad-magic", offset, "header_item", "does not begin with dex\\n, a version and NUL");
}

function checkEndianTag(view: ByteView, offset: number, endianTag: number): void {
  if (endianTag === ENDIAN_CONSTANT) return;
  if (endianTag === REVERSE_ENDIAN_CONSTANT) {
    throw view.error("unsupported", offset, "header_item", "big-endian DEX is not read, nor does any device");
  }
  throw view.error(
    "bad-value",
    offset,
    "header_item",
    `endian_tag is 0x${endianTag.toString(16)}, not 0x12345678`,
  );
}
