import { constants } from "node:buffer";
import type { ByteView } from "../bytes/index.js";
import { type Diagnostics, FormatError, type Limits } from "../diagnostics/index.js";
import type { ByteSource } from "./byte-source.js";
import { readCentralDirectory } from "./central-directory.js";
import { type EndOfCentralDirectory, readEndOfCentralDirectory } from "./end-of-central-directory.js";
import { printableName } from "./entry-name.js";
import { diagnoseOpening } from "./oddities.js";

/** One central directory header (APPNOTE 4.3.12), zip64 values put in place. */
export interface ArchiveEntry {
  /** Decoded as Android does: UTF-8. A directory's name ends in a slash. Never safe to use as a path. */
  readonly name: string;
  readonly generalPurposeFlag: number;
  /** 8 is deflated. Android's resource loader takes every other value for stored. */
  readonly compressionMethod: number;
  readonly crc32: number;
  /** In bytes. */
  readonly compressedSize: number;
  /** In bytes, as declared. */
  readonly uncompressedSize: number;
  /** Offset of the local file header in the source. Not checked until the entry is read. */
  readonly localHeaderOff: number;
}

/** How much has been read, of what `Limits.totalBytes` allows. One per audit, shared by its archives. */
export interface ReadBudget {
  /** Declared uncompressed bytes of the entries read so far. */
  spentBytes: number;
}

/** An open archive: its central directory, and where to read the rest. */
export interface Archive {
  readonly source: ByteSource;
  /** In the order of the directory, each name once: of several, the first. */
  readonly entries: readonly ArchiveEntry[];
  /** Offset of the central directory, before which every entry's data must end. */
  readonly centralDirectoryOff: number;
  /** Set for an archive inside an archive: `base.apk!/`; stands before every part's name. */
  readonly partPrefix: string;
  readonly budget: ReadBudget;
  /** Where oddities go that show only when an entry is read. */
  readonly diagnostics: Diagnostics;
  findEntry(name: string): ArchiveEntry | undefined;
}

/** What an archive shares with those opened before it; each has a default. */
export interface OpenOptions {
  readonly budget?: ReadBudget;
  readonly partPrefix?: string;
}

/**
 * Opens an archive: reads its end and its central directory, none of its entries.
 *
 * Throws a {@link FormatError} if there is no directory at all. A directory spoilt midway gives the
 * entries before that place and an `unread` diagnostic; what Android would refuse or read differently
 * is an `odd` one. Limits: `archiveEntries`; `entryBytes` bounds the directory's size.
 */
export function openArchive(
  source: ByteSource,
  limits: Limits,
  diagnostics: Diagnostics,
  options: OpenOptions = {},
): Archive {
  const { end, tail } = readEndOfCentralDirectory(source);
  const bytes = directoryBytes(source, end, tail, limits);
  const directory = readCentralDirectory(bytes, source.name, end, limits);
  diagnoseOpening({ source, end, tail, directory }, limits, diagnostics);
  return {
    source,
    entries: directory.entries,
    centralDirectoryOff: end.cdOff,
    partPrefix: options.partPrefix ?? "",
    budget: options.budget ?? { spentBytes: 0 },
    diagnostics,
    findEntry: (name) => directory.byName.get(name),
  };
}

/**
 * The name of an entry for messages, diagnostics and views of its bytes: the entry's name (control
 * characters escaped, at most `Limits.textLength`), behind the archive's own if it is a nested one:
 * `base.apk!/classes.dex`.
 */
export function partName(archive: Archive, entry: ArchiveEntry, limits: Limits): string {
  return archive.partPrefix + printableName(entry.name, limits.textLength);
}

function directoryBytes(
  source: ByteSource,
  end: EndOfCentralDirectory,
  tail: ByteView,
  limits: Limits,
): Uint8Array {
  const { cdOff, cdSize } = end;
  // Names are cut out of one string of the whole directory, and Node's strings end here.
  const most = Math.min(limits.entryBytes, constants.MAX_STRING_LENGTH);
  if (cdSize > most) {
    throw new FormatError(
      "limit",
      { source: source.name, offset: cdOff, structure: "central directory" },
      `has ${cdSize} bytes, more than ${most} (limit entryBytes)`,
    );
  }
  if (cdOff < tail.base) return source.read(cdOff, cdSize);
  return tail.bytes.subarray(cdOff - tail.base, cdOff - tail.base + cdSize);
}
