import { describe, expect, test } from "vitest";
import { type ArchiveEntry, bytesSource, openArchive, readEntrySync } from "../../src/archive/index.js";
import { resolveZip64 } from "../../src/archive/zip64-extended-information.js";
import { ByteView } from "../../src/bytes/index.js";
import { type Diagnostics, defaultLimits, FormatError } from "../../src/diagnostics/index.js";
import { buildZip, concat, extraField, le } from "../support/zip-builder.js";

/** For archives of 65,535 entries, in ms: building one takes a second, more on a busy machine. */
const SLOW = 60_000;

/** One stored entry `a` that holds `hi`, every field written out. */
const ARCHIVE = hex(`
  50 4b 03 04   # local file header signature
  0a 00         # version needed to extract
  00 00         # general purpose bit flag
  00 00         # compression method: stored
  00 00 21 00   # last mod file time, date
  ac 2a 93 d8   # crc-32
  02 00 00 00   # compressed size
  02 00 00 00   # uncompressed size
  01 00         # file name length
  00 00         # extra field length
  61            # file name: a
  68 69         # data: hi
  50 4b 01 02   # central file header signature, at 0x21
  14 03         # version made by
  0a 00         # version needed to extract
  00 00         # general purpose bit flag
  00 00         # compression method
  00 00 21 00   # last mod file time, date
  ac 2a 93 d8   # crc-32
  02 00 00 00   # compressed size
  02 00 00 00   # uncompressed size
  01 00         # file name length
  00 00         # extra field length
  03 00         # file comment length
  00 00         # disk number start
  00 00         # internal file attributes
  00 00 a4 81   # external file attributes
  00 00 00 00   # relative offset of local header
  61            # file name: a
  78 79 7a      # file comment: xyz
  50 4b 05 06   # end of central dir signature, at 0x53
  00 00 00 00   # number of this disk, of the disk with the directory
  01 00 01 00   # entries on this disk, entries
  32 00 00 00   # size of the central directory
  21 00 00 00   # offset of start of central directory
  02 00         # .ZIP file comment length
  2e 2e         # .ZIP file comment
`);

test("an archive written out byte by byte is read field by field", () => {
  const { archive, diagnostics } = open(ARCHIVE);
  expect(archive.entries).toEqual([
    {
      name: "a",
      generalPurposeFlag: 0,
      compressionMethod: 0,
      crc32: 0xd8932aac,
      compressedSize: 2,
      uncompressedSize: 2,
      localHeaderOff: 0,
    },
  ]);
  expect(archive.centralDirectoryOff).toBe(0x21);
  expect(readEntrySync(archive, only(archive.entries), defaultLimits)).toEqual(Uint8Array.of(0x68, 0x69));
  expect(diagnostics).toEqual([]);
});

test("an archive of nothing opens, with a word that Android refuses it", () => {
  const { archive, diagnostics } = open(buildZip([]));
  expect(archive.entries).toEqual([]);
  expect(diagnostics.map(({ message }) => message)).toEqual([
    "test.zip@0x0 archive: holds no entries; Android refuses the archive",
  ]);
});

test("findEntry compares whole names, case and all", () => {
  const { archive } = open(buildZip([{ name: "lib/libA.so" }, { name: "lib/" }]));
  expect(archive.findEntry("lib/libA.so")?.localHeaderOff).toBe(0);
  expect(archive.findEntry("lib/")).toBe(archive.entries[1]);
  for (const name of ["lib/liba.so", "lib", "/lib/libA.so", ""])
    expect(archive.findEntry(name)).toBeUndefined();
});

test("of several entries of one name the first counts, wherever they stand", () => {
  const parts = ["first", "second", "third"].map((content) => ({ name: "a", content }));
  const { archive, diagnostics } = open(buildZip([{ name: "b" }, ...parts]));
  expect(archive.entries.map(({ name }) => name)).toEqual(["b", "a"]);
  const entry = archive.findEntry("a");
  if (entry === undefined) throw new Error("a is missing");
  expect(Buffer.from(readEntrySync(archive, entry, defaultLimits)).toString()).toBe("first");
  expect(diagnostics).toMatchObject([{ effect: "odd", code: "duplicate", part: "test.zip" }]);
});

test.each([
  ["nothing", "", "truncated", "is empty"],
  ["a PNG", "89 50 4e 47 0d 0a 1a 0a 00 00 00 0d 49 48 44 52", "bad-magic", "a PNG image"],
  ["a DEX file", "64 65 78 0a 30 33 35 00", "bad-magic", "a DEX file on its own"],
  ["gzip", "1f 8b 08 00", "bad-magic", "a gzip file"],
  ["HTML", "ef bb bf 0a 3c 48 54 4d 4c 3e", "bad-magic", "a web page"],
  ["zeros", "00 00 00 00 00 00 00 00 00", "bad-magic", "zeros"],
  ["the beginning of an archive", "50 4b 03 04 0a 00", "truncated", "cut off"],
  ["anything else", "01", "bad-magic", "not a ZIP archive"],
])("%s is refused in words that tell what it is", (_, text, code, words) => {
  const error = refusal(() => open(hex(text)));
  expect(error.code).toBe(code);
  expect(error.message).toContain(words);
  expect(error.message).toMatch(/^test\.zip/);
});

describe("zip64 extended information", () => {
  const S = 0xffffffff;
  const all = { uncompressedSize: 1, compressedSize: 2, localHeaderOff: 3 };

  test.each([
    ["nothing saturated, extra field not looked at", all, le("1", 9), all],
    ["the size", { ...all, uncompressedSize: S }, zip64(7), { ...all, uncompressedSize: 7 }],
    ["the place", { ...all, localHeaderOff: S }, zip64(7), { ...all, localHeaderOff: 7 }],
    [
      "values in order",
      { ...all, uncompressedSize: S, localHeaderOff: S },
      zip64(7, 8),
      { uncompressedSize: 7, compressedSize: 2, localHeaderOff: 8 },
    ],
    ["beyond 32 bits", { ...all, localHeaderOff: S }, zip64(2 ** 40), { ...all, localHeaderOff: 2 ** 40 }],
    [
      "all three though one is asked for",
      { ...all, localHeaderOff: S },
      zip64(4, 5, 6),
      { uncompressedSize: 4, compressedSize: 5, localHeaderOff: 6 },
    ],
    [
      "behind another field",
      { ...all, compressedSize: S },
      concat([extraField(9, le("4", 1)), zip64(7)]),
      { ...all, compressedSize: 7 },
    ],
  ])("%s", (_, fields, extra, expected) => {
    expect(resolveZip64(fields, new ByteView(extra, "x"), 0, extra.length)).toEqual(expected);
  });

  test.each([
    ["no field", new Uint8Array()],
    ["another field", extraField(9, le("8", 1))],
    ["a field longer than the extra field", le("228", 1, 9, 0)],
    ["too few values", zip64()],
    ["a value beyond any file", extraField(1, hex("00 00 00 00 00 00 00 80"))],
  ])("%s is a bad value", (_, extra) => {
    const fields = { ...all, localHeaderOff: S };
    const error = refusal(() => resolveZip64(fields, new ByteView(extra, "x"), 0, extra.length));
    expect(error.code).toBe("bad-value");
  });

  function zip64(...values: number[]): Uint8Array {
    return extraField(1, le("8".repeat(values.length), ...values));
  }
});

test(
  "more than 65,535 entries: the count of the zip64 record is used, and Android's is told",
  () => {
    const parts = Array.from({ length: 65_536 }, (_, index) => ({ name: `${index}`, stored: true }));
    const { archive, diagnostics } = open(buildZip(parts, { zip64: "count-only" }));
    expect(archive.entries.length).toBe(65_536);
    expect(diagnostics.map(({ message }) => message)).toEqual([
      expect.stringContaining("holds 65536 entries by its zip64 record; Android reads only the first 65535"),
    ]);
  },
  SLOW,
);

test(
  "exactly 65,535 entries need no zip64 record",
  () => {
    const parts = Array.from({ length: 65_535 }, (_, index) => ({ name: `${index}`, stored: true }));
    const { archive, diagnostics } = open(buildZip(parts));
    expect(archive.entries.length).toBe(65_535);
    expect(diagnostics).toEqual([]);
  },
  SLOW,
);

function open(bytes: Uint8Array) {
  const diagnostics: Diagnostics = [];
  return { archive: openArchive(bytesSource("test.zip", bytes), defaultLimits, diagnostics), diagnostics };
}

function only(entries: readonly ArchiveEntry[]): ArchiveEntry {
  if (entries[0] === undefined || entries.length !== 1) throw new Error(`${entries.length} entries, not one`);
  return entries[0];
}

function refusal(read: () => unknown): FormatError {
  try {
    read();
  } catch (error) {
    if (error instanceof FormatError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

/** Bytes from hex text; `#` begins a comment. */
function hex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text.replace(/#.*/g, "").replace(/\s+/g, ""), "hex"));
}
