import { ByteView } from "../bytes/index.js";
import { FormatError, type Limits } from "../diagnostics/index.js";
import { type Archive, type ArchiveEntry, partName } from "./archive.js";
import { ENCRYPTED_FLAGS } from "./central-directory.js";
import { decodeEntryName } from "./entry-name.js";
import { pushOddity } from "./oddities.js";
import { resolveZip64, type Zip64Fields } from "./zip64-extended-information.js";

/** An entry's data as the archive holds it. */
export interface EntryData {
  /** Compressed if {@link deflated}; may be a view of a larger read. */
  readonly bytes: Uint8Array;
  /** Whether {@link bytes} are to be inflated; otherwise they are what the entry holds. */
  readonly deflated: boolean;
}

const HEADER = "local file header";
const HEADER_SIZE = 30;
const HEADER_SIGNATURE = 0x04034b50;
/** Room for an ordinary entry's extra field, so that one read gets header and data; a longer one costs another. */
const EXTRA_GUESS = 64;

const DESCRIPTOR = "data descriptor";
/** With its optional signature and 64-bit sizes. */
const DESCRIPTOR_SIZE = 24;
const DESCRIPTOR_SIGNATURE = 0x08074b50;
const DESCRIPTOR_FLAG = 0x0008;
const DEFLATED = 8;

/** One entry being located: what every step below needs. */
interface Place {
  readonly archive: Archive;
  readonly entry: ArchiveEntry;
  readonly part: string;
}

/**
 * Reads an entry's local file header and data, as libziparchive's FindEntry finds them: method, sizes
 * and place come from the central directory, only the lengths of name and extra field from the header.
 *
 * What disagrees is recorded as `archive-oddity` and read all the same, by the central directory.
 * Throws {@link FormatError}: `bad-offset` for data that does not end before the central directory,
 * `bad-magic` without a header, `unsupported` for a method that cannot be an Android trick.
 */
export function readEntryData(archive: Archive, entry: ArchiveEntry, limits: Limits): EntryData {
  const place: Place = { archive, entry, part: partName(archive, entry, limits) };
  const deflated = entry.compressionMethod === DEFLATED;
  // A stored entry is read on its own, into memory of its own.
  const window = readWindow(place, deflated ? entry.compressedSize + DESCRIPTOR_SIZE : DESCRIPTOR_SIZE);
  const nameSize = window.u16(26, HEADER);
  const extraSize = window.u16(28, HEADER);
  const dataOff = entry.localHeaderOff + HEADER_SIZE + nameSize + extraSize;
  const size = checkedDataSize(place, dataOff, deflated);
  compareHeaders(place, window, nameSize, extraSize);
  const bytes = readData(place, window, dataOff, size);
  if ((window.u16(6, HEADER) & DESCRIPTOR_FLAG) !== 0) compareDescriptor(place, window, dataOff + size);
  return { bytes, deflated };
}

/** The header with its name, and as much behind it as the entry is expected to need. */
function readWindow({ archive, entry, part }: Place, dataSize: number): ByteView {
  const { source, centralDirectoryOff } = archive;
  const offset = entry.localHeaderOff;
  if (offset < 0 || offset + HEADER_SIZE > centralDirectoryOff) {
    const problem = `lies at 0x${offset.toString(16)}, not before the central directory at 0x${centralDirectoryOff.toString(16)}`;
    throw new FormatError("bad-offset", { source: part, structure: HEADER }, problem);
  }
  const wanted = HEADER_SIZE + Buffer.byteLength(entry.name) + EXTRA_GUESS + dataSize;
  const size = Math.min(wanted, source.size - offset);
  const window = new ByteView(source.read(offset, size), source.name, offset);
  if (window.u32(0, HEADER) !== HEADER_SIGNATURE) {
    const problem = `no signature at 0x${offset.toString(16)} of ${source.name}; Android refuses the entry`;
    throw new FormatError("bad-magic", { source: part, structure: HEADER }, problem);
  }
  return window;
}

/** How many bytes of data to read: Android takes `uncompressedSize` of anything that is not deflated. */
function checkedDataSize(place: Place, dataOff: number, deflated: boolean): number {
  const { archive, entry, part } = place;
  const { compressedSize, uncompressedSize, compressionMethod } = entry;
  const room = archive.centralDirectoryOff - dataOff;
  const size = deflated ? compressedSize : uncompressedSize;
  if (size > room) {
    const needs = `needs ${size} bytes, but the central directory begins ${Math.max(room, 0)} bytes behind its header`;
    const known = deflated || compressionMethod === 0;
    throw new FormatError(
      known ? "bad-offset" : "unsupported",
      { source: part, structure: "entry data" },
      known ? needs : `compression method ${compressionMethod} is not read, and taken for stored it ${needs}`,
    );
  }
  if (!deflated && compressedSize !== uncompressedSize) {
    const problem = `is not deflated, yet has ${compressedSize} bytes compressed and ${uncompressedSize} uncompressed; Android reads the latter`;
    pushOddity(archive.diagnostics, { part, structure: "central directory header" }, problem);
  }
  return size;
}

/** From the window where it holds all, otherwise by a read of its own. */
function readData({ archive }: Place, window: ByteView, dataOff: number, size: number): Uint8Array {
  const at = dataOff - window.base;
  if (at + size <= window.length) return window.bytes.subarray(at, at + size);
  return archive.source.read(dataOff, size);
}

function compareHeaders(place: Place, window: ByteView, nameSize: number, extraSize: number): void {
  const { archive, entry, part } = place;
  const odd = (problem: string) => pushOddity(archive.diagnostics, { part, structure: HEADER }, problem);
  const header = wholeHeader(place, window, nameSize, extraSize);
  const { name } = decodeEntryName(header.bytes.subarray(HEADER_SIZE, HEADER_SIZE + nameSize));
  if (name !== entry.name) odd("the name is not the central directory's; Android refuses the entry");
  const flag = header.u16(6, HEADER);
  if ((flag & ~entry.generalPurposeFlag & ENCRYPTED_FLAGS) !== 0) {
    odd("the encryption flag is set, only here; Android ignores it");
  }
  const method = header.u16(8, HEADER);
  if (method !== entry.compressionMethod) {
    odd(
      `compression method ${method}, but ${entry.compressionMethod} in the central directory, which counts for Android`,
    );
  }
  if ((flag & DESCRIPTOR_FLAG) !== 0) return;
  const sizes = localSizes(header, nameSize, extraSize);
  if (sizes === undefined) odd("a zip64 extra field is missing; Android refuses the entry");
  else compareSizes(place, HEADER, { ...sizes, crc32: header.u32(14, HEADER) });
}

/** The window, or a longer read if name and extra field do not end within it. */
function wholeHeader(
  { archive, entry }: Place,
  window: ByteView,
  nameSize: number,
  extraSize: number,
): ByteView {
  const size = HEADER_SIZE + nameSize + extraSize;
  if (size <= window.length) return window;
  const { source } = archive;
  return new ByteView(source.read(entry.localHeaderOff, size), source.name, entry.localHeaderOff);
}

function localSizes(header: ByteView, nameSize: number, extraSize: number): Zip64Fields | undefined {
  const fields = {
    compressedSize: header.u32(18, HEADER),
    uncompressedSize: header.u32(22, HEADER),
    localHeaderOff: undefined,
  };
  try {
    return resolveZip64(fields, header, HEADER_SIZE + nameSize, extraSize);
  } catch (error) {
    // Worth a note only: the sizes of the central directory count.
    if (!(error instanceof FormatError)) throw error;
    return undefined;
  }
}

/** Behind the data; checked by libziparchive when it extracts, not by the resource loader. */
function compareDescriptor(place: Place, window: ByteView, descriptorOff: number): void {
  const { source } = place.archive;
  const at = descriptorOff - window.base;
  const size = Math.min(DESCRIPTOR_SIZE, source.size - descriptorOff);
  const inside = at >= 0 && at + size <= window.length;
  const descriptor = inside
    ? window.view(at, size, DESCRIPTOR)
    : new ByteView(source.read(descriptorOff, size), source.name, descriptorOff);
  const { compressedSize, uncompressedSize } = place.entry;
  const wide = compressedSize >= 0xffffffff || uncompressedSize >= 0xffffffff;
  const start = descriptor.u32(0, DESCRIPTOR) === DESCRIPTOR_SIGNATURE ? 4 : 0;
  const word = (offset: number) => descriptor.u32(start + offset, DESCRIPTOR);
  // A 64-bit size is compared by halves: a nonsensical one is no reason to stop.
  const size64 = (offset: number) => word(offset) + word(offset + 4) * 2 ** 32;
  compareSizes(place, DESCRIPTOR, {
    crc32: word(0),
    compressedSize: wide ? size64(4) : word(4),
    uncompressedSize: wide ? size64(12) : word(8),
  });
}

function compareSizes(
  { archive, entry, part }: Place,
  structure: string,
  found: { crc32: number; compressedSize: number; uncompressedSize: number },
): void {
  const differing = (["crc32", "compressedSize", "uncompressedSize"] as const)
    .filter((field) => found[field] !== entry[field])
    .map((field) => `${field} 0x${found[field].toString(16)}, not 0x${entry[field].toString(16)}`);
  if (differing.length === 0) return;
  const refusal =
    structure === HEADER ? "Android refuses the entry" : "Android's code loader refuses the entry";
  const problem = `${differing.join(", ")} as in the central directory; ${refusal}`;
  pushOddity(archive.diagnostics, { part, structure }, problem);
}
