/**
 * ZIP as Android's own loader reads it. Comes in: a {@link ByteSource}, a file or bytes. Goes out: an
 * {@link Archive}, its entries in the order of its central directory, and the inflated bytes of those
 * asked for. Where Android and the ZIP specification read an archive differently, Android counts
 * (libziparchive's zip_archive.cc, and AssetsProvider.cpp for compression methods); what Android would
 * refuse is read if it can be, and recorded as an oddity. Never: looks into an entry, extracts to
 * disk, writes, follows a name as a path, or reads an entry nobody asked for.
 */
export {
  type Archive,
  type ArchiveEntry,
  type OpenOptions,
  openArchive,
  partName,
  type ReadBudget,
} from "./archive.js";
export { type ByteSource, bytesSource, openFileSource } from "./byte-source.js";
export { openNestedArchive, readEntry, readEntrySync } from "./read-entry.js";
