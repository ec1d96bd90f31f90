import { ByteView } from "../bytes/index.js";
import { FormatError } from "../diagnostics/index.js";
import type { ByteSource } from "./byte-source.js";
import { DESCRIBED_SIZE, describeFile } from "./describe-file.js";

/** Where the central directory is and how many entries it should hold. */
export interface EndOfCentralDirectory {
  /** Offset of the end of central directory record in the source. */
  readonly eocdOff: number;
  /** Offset of the central directory in the source. */
  readonly cdOff: number;
  /** In bytes. */
  readonly cdSize: number;
  /** Number of entries, as Android counts them unless {@link oddities} says otherwise. */
  readonly entriesSize: number;
  /** To be added to every local header's offset: not 0 if bytes were put before an archive. */
  readonly shift: number;
  /** What Android's loader thinks of differently, each with its place. */
  readonly oddities: readonly { readonly offset: number; readonly problem: string }[];
}

const EOCD = "end of central directory record";
const EOCD_SIZE = 22;
const EOCD_SIGNATURE = Uint8Array.of(0x50, 0x4b, 5, 6);
/** A comment's size is 16 bits. */
const TAIL_SIZE = EOCD_SIZE + 0xffff;

const ZIP64_LOCATOR = "zip64 end of central directory locator";
const ZIP64_LOCATOR_SIZE = 20;
const ZIP64_LOCATOR_SIGNATURE = 0x07064b50;
const ZIP64_EOCD = "zip64 end of central directory record";
const ZIP64_EOCD_SIZE = 56;
const ZIP64_EOCD_SIGNATURE = 0x06064b50;

const CENTRAL_SIGNATURE = 0x02014b50;
const LOCAL_SIGNATURE = 0x04034b50;

/** The last part of a file, with all that is needed to read elsewhere in it. */
interface Tail {
  readonly source: ByteSource;
  readonly view: ByteView;
}

type Directory = Omit<EndOfCentralDirectory, "oddities"> & { readonly oddity?: string };

/** The end of an archive, of which only the tail was read, and that tail. */
export interface ArchiveEnd {
  readonly end: EndOfCentralDirectory;
  /** The last bytes of the source; `base` is their offset. The central directory may lie inside. */
  readonly tail: ByteView;
}

/**
 * Finds the end of central directory record as libziparchive does: the last signature within the
 * comment's reach of the end of the file, which must describe a directory before it.
 *
 * Where Android would refuse that record (bytes after the comment, bytes before the archive) but a
 * directory is there all the same, it is used and the oddity noted. Throws {@link FormatError}
 * `truncated` for the beginning of an archive without its end, `bad-magic` for anything else.
 */
export function readEndOfCentralDirectory(source: ByteSource): ArchiveEnd {
  const tailOff = Math.max(0, source.size - TAIL_SIZE);
  const view = new ByteView(source.read(tailOff, source.size - tailOff), source.name, tailOff);
  const tail: Tail = { source, view };
  let refusal: FormatError | undefined;
  let empty: EndOfCentralDirectory | undefined;
  for (let at = lastSignature(view, view.length - EOCD_SIZE); at >= 0; at = lastSignature(view, at - 1)) {
    try {
      const end = readEnd(tail, at, refusal ?? empty);
      // A whole archive stored in another that is cut off behind it: not what was asked for.
      if (end.shift !== 0 && !endsAtEnd(tail, at)) continue;
      if (end.entriesSize > 0) return { end, tail: view };
      empty ??= end;
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      refusal ??= error;
    }
  }
  if (refusal === undefined && empty !== undefined) return { end: empty, tail: view };
  throw refusal ?? notAnArchive(tail);
}

/** `passedOver` is why a record nearer to the end of the file is not used, if there is one. */
function readEnd(
  tail: Tail,
  at: number,
  passedOver: FormatError | EndOfCentralDirectory | undefined,
): EndOfCentralDirectory {
  const { oddity, ...where } = locateDirectory(tail, at);
  const oddities = trailingOddities(tail, at);
  if (passedOver !== undefined) {
    const why = passedOver instanceof FormatError ? passedOver.message : "it counts no entries";
    const problem = `the last end record is no good (${why}), so an earlier one is used; Android refuses the archive`;
    oddities.push({ offset: where.eocdOff, problem });
  }
  if (oddity !== undefined) oddities.push({ offset: where.cdOff, problem: oddity });
  return { ...where, oddities };
}

function lastSignature(view: ByteView, from: number): number {
  // To lastIndexOf, a negative position would count from the end.
  if (from < 0) return -1;
  return Buffer.from(view.bytes.buffer, view.bytes.byteOffset, view.length).lastIndexOf(EOCD_SIGNATURE, from);
}

/** Whether the record's comment ends where the file does. */
function endsAtEnd({ source, view }: Tail, at: number): boolean {
  return view.base + at + EOCD_SIZE + view.u16(at + 20, EOCD) === source.size;
}

function locateDirectory(tail: Tail, at: number): Directory {
  const { view } = tail;
  const count = view.u16(at + 10, EOCD);
  const cdSize = view.u32(at + 12, EOCD);
  const cdOff = view.u32(at + 16, EOCD);
  // libziparchive looks at these two only; the count alone does not make it look for zip64.
  if (cdSize === 0xffffffff || cdOff === 0xffffffff) return locateZip64Directory(tail, at);
  const directory = placeDirectory(tail, at, view.base + at, { cdOff, cdSize, entriesSize: count });
  return count === 0xffff ? recountedDirectory(tail, at, directory) : directory;
}

/**
 * Writers such as java.util.zip put only the count into the zip64 record of an archive with more than
 * 65,534 small entries. Android then stops at entry 65,535; other readers do not.
 */
function recountedDirectory(tail: Tail, at: number, directory: Directory): Directory {
  try {
    const zip64 = locateZip64Directory(tail, at);
    if (zip64.cdOff !== directory.cdOff || zip64.entriesSize <= 0xffff) return directory;
    const oddity = `holds ${zip64.entriesSize} entries by its zip64 record; Android reads only the first 65535`;
    return { ...zip64, oddity };
  } catch (error) {
    // Exactly 65,535 entries and no zip64 record.
    if (!(error instanceof FormatError)) throw error;
    return directory;
  }
}

function locateZip64Directory(tail: Tail, at: number): Directory {
  const eocdOff = tail.view.base + at;
  const locatorOff = eocdOff - ZIP64_LOCATOR_SIZE;
  const locator = readView(tail.source, locatorOff, ZIP64_LOCATOR_SIZE, ZIP64_LOCATOR);
  if (locator.u32(0, ZIP64_LOCATOR) !== ZIP64_LOCATOR_SIGNATURE) {
    throw locator.error("bad-magic", 0, ZIP64_LOCATOR, "signature not found");
  }
  const { record, recordOff } = readZip64Record(tail.source, locator.u64(8, ZIP64_LOCATOR), locatorOff);
  const entriesSize = record.u64(32, ZIP64_EOCD);
  const cdSize = record.u64(40, ZIP64_EOCD);
  const cdOff = record.u64(48, ZIP64_EOCD);
  return placeDirectory(tail, at, recordOff, { cdOff, cdSize, entriesSize });
}

function readZip64Record(source: ByteSource, declaredOff: number, locatorOff: number) {
  // The second place is for bytes put before a finished archive.
  for (const recordOff of [declaredOff, locatorOff - ZIP64_EOCD_SIZE]) {
    if (recordOff < 0 || recordOff > locatorOff - ZIP64_EOCD_SIZE) continue;
    const record = readView(source, recordOff, ZIP64_EOCD_SIZE, ZIP64_EOCD);
    if (record.u32(0, ZIP64_EOCD) === ZIP64_EOCD_SIGNATURE) return { record, recordOff };
  }
  throw new FormatError(
    "bad-offset",
    { source: source.name, offset: locatorOff, structure: ZIP64_LOCATOR },
    `no ${ZIP64_EOCD} at 0x${declaredOff.toString(16)}`,
  );
}

/** Checks that a directory lies where it is said to, or right before `limitOff`, shifted. */
function placeDirectory(
  tail: Tail,
  at: number,
  limitOff: number,
  declared: { cdOff: number; cdSize: number; entriesSize: number },
): Directory {
  const eocdOff = tail.view.base + at;
  const { cdOff, cdSize, entriesSize } = declared;
  if (cdOff + cdSize > limitOff) {
    throw tail.view.error(
      "bad-offset",
      at,
      EOCD,
      `the central directory (0x${cdOff.toString(16)}, ${cdSize} bytes) reaches beyond 0x${limitOff.toString(16)}`,
    );
  }
  if (entriesSize === 0) return { eocdOff, cdOff, cdSize, entriesSize, shift: 0 };
  if (hasSignature(tail, cdOff, CENTRAL_SIGNATURE)) return { eocdOff, cdOff, cdSize, entriesSize, shift: 0 };
  const shiftedOff = limitOff - cdSize;
  if (hasSignature(tail, shiftedOff, CENTRAL_SIGNATURE)) {
    const shift = shiftedOff - cdOff;
    const oddity = `lies ${shift} bytes behind where the archive says; Android refuses the archive`;
    return { eocdOff, cdOff: shiftedOff, cdSize, entriesSize, shift, oddity };
  }
  throw new FormatError(
    "bad-magic",
    { source: tail.source.name, offset: cdOff, structure: "central directory header" },
    "signature not found where the end of central directory record points",
  );
}

function hasSignature(tail: Tail, offset: number, signature: number): boolean {
  const { source, view } = tail;
  if (offset + 4 > source.size) return false;
  if (offset >= view.base) return view.u32(offset - view.base, "signature") === signature;
  return readView(source, offset, 4, "signature").u32(0, "signature") === signature;
}

function readView(source: ByteSource, offset: number, size: number, structure: string): ByteView {
  if (offset < 0) {
    throw new FormatError(
      "truncated",
      { source: source.name, structure },
      "there is no room for it in the file",
    );
  }
  return new ByteView(source.read(offset, size), source.name, offset);
}

function trailingOddities(tail: Tail, at: number): { offset: number; problem: string }[] {
  const { source, view } = tail;
  const offset = view.base + at + EOCD_SIZE + view.u16(at + 20, EOCD);
  if (offset === source.size) return [];
  const problem =
    offset < source.size
      ? `${source.size - offset} bytes follow the archive; Android refuses the archive`
      : `the archive comment is ${offset - source.size} bytes shorter than declared; Android refuses the archive`;
  return [{ offset: Math.min(offset, source.size), problem }];
}

/** Says what the file seems to be, for people who gave the wrong one. */
function notAnArchive({ source, view }: Tail): FormatError {
  if (source.size === 0) {
    return new FormatError(
      "truncated",
      { source: source.name, structure: "file" },
      "is empty, not an archive",
    );
  }
  const first = view.base === 0 ? view.bytes.subarray(0, DESCRIBED_SIZE) : source.read(0, DESCRIBED_SIZE);
  const begins = new ByteView(first, source.name);
  if (first.length >= 4 && begins.u32(0, "local file header") === LOCAL_SIGNATURE) {
    const problem =
      "the file begins like a ZIP archive, but has no such record within 64 KiB of its end: it is cut off, or something large was appended";
    return view.error("truncated", view.length, EOCD, problem);
  }
  const what = describeFile(first);
  return begins.error(
    "bad-magic",
    0,
    EOCD,
    what === undefined ? "not a ZIP archive" : `not a ZIP archive, it seems to be ${what}`,
  );
}
