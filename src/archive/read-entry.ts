import { inflateRaw, inflateRawSync, type ZlibOptions } from "node:zlib";
import { FormatError, type Limits } from "../diagnostics/index.js";
import { type Archive, type ArchiveEntry, type OpenOptions, openArchive, partName } from "./archive.js";
import { bytesSource } from "./byte-source.js";
import { type EntryData, readEntryData } from "./local-file-header.js";

const DATA = "deflated data";
/** One byte of deflated data yields at most four matches of 258 bytes. */
const MOST_INFLATED = 1032;
/** zlib counts in 32 bits, and needs one byte more than it fills to notice too much. */
const MOST_BYTES = 2 ** 31 - 2;
/** Node's smallest output buffer. */
const LEAST_CHUNK = 64;

/**
 * Reads an entry's content, inflated on zlib's thread pool into one buffer of the declared size.
 *
 * The bytes start at a multiple of 8 in their buffer, so that wider arrays can be laid over them, and
 * are never written to: those of a stored entry may be shared with the archive. The CRC is not checked;
 * Android does not either. Rejects with {@link FormatError} `bad-compression` if the data does not
 * inflate to exactly the declared size, `limit` for `entryBytes` and `totalBytes`, or what locating it
 * threw. Disagreements between headers go to the archive's diagnostics.
 */
export async function readEntry(archive: Archive, entry: ArchiveEntry, limits: Limits): Promise<Uint8Array> {
  const part = partName(archive, entry, limits);
  const { bytes, deflated } = takeEntryData(archive, entry, limits, part);
  if (!deflated) return aligned(bytes);
  const inflated = await new Promise<Buffer>((resolve, reject) => {
    inflateRaw(bytes, inflateOptions(entry), (error, result) => {
      if (error === null) resolve(result);
      else reject(compressionError(error, entry, part));
    });
  });
  return checkedContent(inflated, entry, part);
}

/** As {@link readEntry}, on the caller's thread. */
export function readEntrySync(archive: Archive, entry: ArchiveEntry, limits: Limits): Uint8Array {
  const part = partName(archive, entry, limits);
  const { bytes, deflated } = takeEntryData(archive, entry, limits, part);
  return deflated ? checkedContent(inflate(bytes, entry, part), entry, part) : aligned(bytes);
}

/**
 * Opens an archive that is an entry of another: an APK in a bundle, a JAR in an AAR.
 *
 * Its bytes are held in memory. It shares the outer archive's budget and diagnostics, and its parts are
 * named `outer entry!/inner entry`. How deep archives may nest is for the caller to say.
 */
export async function openNestedArchive(
  archive: Archive,
  entry: ArchiveEntry,
  limits: Limits,
): Promise<Archive> {
  const part = partName(archive, entry, limits);
  const source = bytesSource(part, await readEntry(archive, entry, limits));
  const options: OpenOptions = { budget: archive.budget, partPrefix: `${part}!/` };
  return openArchive(source, limits, archive.diagnostics, options);
}

/** Checks the declared sizes, then reads: nothing is allocated for what could not be true. */
function takeEntryData(archive: Archive, entry: ArchiveEntry, limits: Limits, part: string): EntryData {
  const { compressedSize, uncompressedSize, compressionMethod } = entry;
  const most = Math.min(limits.entryBytes, MOST_BYTES);
  const size = compressionMethod === 8 ? Math.max(compressedSize, uncompressedSize) : uncompressedSize;
  if (size > most) throw beyond(part, `declares ${size} bytes, more than ${most} (limit entryBytes)`);
  if (archive.budget.spentBytes + uncompressedSize > limits.totalBytes) {
    throw beyond(
      part,
      `with its ${uncompressedSize} bytes more than ${limits.totalBytes} would be read (limit totalBytes)`,
    );
  }
  if (compressionMethod === 8 && uncompressedSize > compressedSize * MOST_INFLATED) {
    throw badCompression(part, `${compressedSize} bytes cannot inflate to the declared ${uncompressedSize}`);
  }
  const data = readEntryData(archive, entry, limits);
  archive.budget.spentBytes += uncompressedSize;
  return data;
}

function inflate(bytes: Uint8Array, entry: ArchiveEntry, part: string): Buffer {
  try {
    return inflateRawSync(bytes, inflateOptions(entry));
  } catch (error) {
    throw compressionError(error, entry, part);
  }
}

/** One buffer with room for one byte too many: Node neither grows nor joins buffers. */
function inflateOptions({ uncompressedSize }: ArchiveEntry): ZlibOptions {
  return {
    chunkSize: Math.max(LEAST_CHUNK, uncompressedSize + 1),
    maxOutputLength: Math.max(1, uncompressedSize),
  };
}

function checkedContent(inflated: Buffer, { uncompressedSize }: ArchiveEntry, part: string): Uint8Array {
  if (inflated.length !== uncompressedSize) {
    throw badCompression(part, `inflates to ${inflated.length} bytes, not the declared ${uncompressedSize}`);
  }
  return aligned(inflated);
}

/** zlib's complaints about the data; anything else is not the file's fault and stays what it is. */
function compressionError(error: unknown, { uncompressedSize }: ArchiveEntry, part: string): unknown {
  if (!(error instanceof Error)) return error;
  const code = (error as NodeJS.ErrnoException).code;
  if (code === "ERR_BUFFER_TOO_LARGE") {
    return badCompression(part, `inflates to more than the declared ${uncompressedSize} bytes`, error);
  }
  if (code === "Z_DATA_ERROR" || code === "Z_BUF_ERROR") return badCompression(part, error.message, error);
  return error;
}

/** Never a Buffer, whose `slice` shares where a Uint8Array's copies. */
function aligned(bytes: Uint8Array): Uint8Array {
  if (bytes.byteOffset % 8 !== 0) return new Uint8Array(bytes);
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}

function badCompression(part: string, problem: string, cause?: Error): FormatError {
  const place = { source: part, structure: DATA };
  return new FormatError("bad-compression", place, problem, cause === undefined ? {} : { cause });
}

function beyond(part: string, problem: string): FormatError {
  return new FormatError("limit", { source: part, structure: "entry" }, problem);
}
