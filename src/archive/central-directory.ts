import { ByteView } from "../bytes/index.js";
import { FormatError, type Limits } from "../diagnostics/index.js";
import type { ArchiveEntry } from "./archive.js";
import type { EndOfCentralDirectory } from "./end-of-central-directory.js";
import { decodeEntryName } from "./entry-name.js";
import { resolveZip64 } from "./zip64-extended-information.js";

const HEADER = "central directory header";
const HEADER_SIZE = 46;
const HEADER_SIGNATURE = 0x02014b50;
const SATURATED = 0xffffffff;
const DIRECTORY = "central directory";

/** General purpose bits 0, 6 and 13: encrypted, strongly encrypted, masked local headers. */
export const ENCRYPTED_FLAGS = 0x2041;
/** Names that need a second look: not ASCII, with a NUL, a backslash or two dots, or absolute. */
const SUSPECT_NAME = /[\0\\\x80-\xff]|\.\.|^\//;

/** The central directory's entries, and what was odd about it. */
export interface CentralDirectory {
  /** Each name once. */
  readonly entries: readonly ArchiveEntry[];
  readonly byName: ReadonlyMap<string, ArchiveEntry>;
  /** Entries left out because an earlier one has their name. */
  readonly repeated: readonly ArchiveEntry[];
  /** Entries that are other than nearly all are, for whoever words what is odd; repeated ones included. */
  readonly suspects: readonly { readonly entry: ArchiveEntry; readonly utf8: boolean }[];
  /**
   * Why entries are missing: the place where the directory is spoilt, or single headers that are; no
   * more than `Limits.evidencePerItem`.
   */
  readonly spoilt: readonly FormatError[];
  /** Single headers that are spoilt, beyond those in {@link spoilt}. */
  readonly spoiltMore: number;
  /** Set if a further header follows the last one that the end of central directory record counts. */
  readonly hiddenOff: number | undefined;
}

/** A {@link CentralDirectory} while it is read. */
interface Reading {
  readonly entries: ArchiveEntry[];
  readonly byName: Map<string, ArchiveEntry>;
  readonly repeated: ArchiveEntry[];
  readonly suspects: { entry: ArchiveEntry; utf8: boolean }[];
  readonly spoilt: FormatError[];
  spoiltMore: number;
}

/** The variable parts of one header, in the directory's bytes. */
interface HeaderPlace {
  readonly nameOff: number;
  readonly nameSize: number;
  readonly extraSize: number;
}

/**
 * Reads the directory's headers in order, as many as the end of central directory record counts and
 * `Limits.archiveEntries` allows.
 *
 * Android refuses an archive with one bad header; here the headers before it count, and {@link
 * CentralDirectory.spoilt} says what is missing.
 */
export function readCentralDirectory(
  bytes: Uint8Array,
  source: string,
  end: EndOfCentralDirectory,
  limits: Limits,
): CentralDirectory {
  const view = new ByteView(bytes, source, end.cdOff);
  const reading: Reading = {
    entries: [],
    byName: new Map(),
    repeated: [],
    suspects: [],
    spoilt: [],
    spoiltMore: 0,
  };
  const stopped = readHeaders(view, end, reading, limits);
  return { ...reading, hiddenOff: stopped === undefined ? undefined : findHidden(view, stopped) };
}

/**
 * Returns the offset behind the last counted header, `undefined` if the walk ended before it.
 *
 * 20,000 headers must cost a few milliseconds in a process that has just started: fixed fields are
 * checked at once and read without a check each, and names are cut out of one string with one
 * character a byte, which copies nothing.
 */
function readHeaders(
  view: ByteView,
  end: EndOfCentralDirectory,
  reading: Reading,
  limits: Limits,
): number | undefined {
  const { bytes } = view;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
  const data = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const entriesSize = Math.min(end.entriesSize, limits.archiveEntries);
  let at = 0;
  for (let read = 0; read < entriesSize; read++) {
    if (at + HEADER_SIZE > bytes.length || data.getUint32(at, true) !== HEADER_SIGNATURE) {
      reading.spoilt.push(spoiltFrom(view, at, end.entriesSize - read, end.entriesSize));
      return undefined;
    }
    const nameOff = at + HEADER_SIZE;
    const nameSize = data.getUint16(at + 28, true);
    const extraSize = data.getUint16(at + 30, true);
    const next = nameOff + nameSize + extraSize + data.getUint16(at + 32, true);
    if (next > bytes.length) {
      reading.spoilt.push(spoiltFrom(view, at, end.entriesSize - read, end.entriesSize));
      return undefined;
    }
    const entry: ArchiveEntry = {
      name: text.slice(nameOff, nameOff + nameSize),
      generalPurposeFlag: data.getUint16(at + 8, true),
      compressionMethod: data.getUint16(at + 10, true),
      crc32: data.getUint32(at + 16, true),
      compressedSize: data.getUint32(at + 20, true),
      uncompressedSize: data.getUint32(at + 24, true),
      localHeaderOff: data.getUint32(at + 42, true),
    };
    if (needsSecondLook(entry, end)) {
      addUnusualEntry(view, end, reading, limits, entry, { nameOff, nameSize, extraSize });
    } else addEntry(reading, entry);
    at = next;
  }
  if (entriesSize === end.entriesSize) return at;
  const problem = `counts ${end.entriesSize} entries; only the first ${entriesSize} are read (limit archiveEntries)`;
  reading.spoilt.push(view.error("limit", at, DIRECTORY, problem));
  return undefined;
}

/** Whether a header is other than nearly all are: its name, its flags, its method, its sizes or its place. */
function needsSecondLook(entry: ArchiveEntry, end: EndOfCentralDirectory): boolean {
  return (
    SUSPECT_NAME.test(entry.name) ||
    end.shift !== 0 ||
    (entry.generalPurposeFlag & ENCRYPTED_FLAGS) !== 0 ||
    (entry.compressionMethod & ~8) !== 0 ||
    entry.compressedSize === SATURATED ||
    entry.uncompressedSize === SATURATED ||
    entry.localHeaderOff === SATURATED ||
    entry.localHeaderOff >= end.cdOff
  );
}

function addEntry({ byName, entries, repeated }: Reading, entry: ArchiveEntry): void {
  if (byName.has(entry.name)) {
    repeated.push(entry);
    return;
  }
  byName.set(entry.name, entry);
  entries.push(entry);
}

/** Puts 64-bit values and a name that is not ASCII in place. */
function addUnusualEntry(
  view: ByteView,
  end: EndOfCentralDirectory,
  reading: Reading,
  limits: Limits,
  raw: ArchiveEntry,
  { nameOff, nameSize, extraSize }: HeaderPlace,
): void {
  const wide = resolveOrCount(view, reading, limits, raw, nameOff + nameSize, extraSize);
  if (wide === undefined) return;
  const { compressedSize, uncompressedSize, localHeaderOff = 0 } = wide;
  const { name, utf8 } = decodeEntryName(view.bytes.subarray(nameOff, nameOff + nameSize));
  const entry = {
    ...raw,
    name,
    compressedSize,
    uncompressedSize,
    localHeaderOff: localHeaderOff + end.shift,
  };
  reading.suspects.push({ entry, utf8 });
  addEntry(reading, entry);
}

/** A header whose 64-bit values are missing costs its entry only: the next header's place is known. */
function resolveOrCount(
  view: ByteView,
  reading: Reading,
  limits: Limits,
  raw: ArchiveEntry,
  extraOff: number,
  extraSize: number,
) {
  try {
    return resolveZip64(raw, view, extraOff, extraSize);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    if (reading.spoilt.length < limits.evidencePerItem) reading.spoilt.push(error);
    else reading.spoiltMore++;
    return undefined;
  }
}

function spoiltFrom(view: ByteView, at: number, missing: number, entriesSize: number): FormatError {
  const rest = `${missing} of ${entriesSize} entries are not read`;
  if (at + HEADER_SIZE <= view.length && view.u32(at, HEADER) !== HEADER_SIGNATURE) {
    return view.error("bad-magic", at, HEADER, `signature not found; ${rest}`);
  }
  return view.error("truncated", at, HEADER, `reaches beyond the end of the central directory; ${rest}`);
}

/** java.util.zip reads on to the end of the directory; Android stops at the count. */
function findHidden(view: ByteView, at: number): number | undefined {
  if (at + HEADER_SIZE > view.length || view.u32(at, HEADER) !== HEADER_SIGNATURE) return undefined;
  return view.base + at;
}
