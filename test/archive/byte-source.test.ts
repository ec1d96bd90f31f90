import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import {
  type ByteSource,
  bytesSource,
  openArchive,
  openFileSource,
  readEntrySync,
} from "../../src/archive/index.js";
import { defaultLimits } from "../../src/diagnostics/index.js";
import { buildZip } from "../support/zip-builder.js";

const folder = mkdtempSync(join(tmpdir(), "bycatch-archive-"));
afterAll(() => rmSync(folder, { recursive: true }));

const path = join(folder, "ten.bin");
const bytes = Uint8Array.from({ length: 10 }, (_, index) => index);
writeFileSync(path, bytes);

describe.each([
  ["openFileSource", () => openFileSource(path)],
  ["bytesSource", () => bytesSource("ten.bin", bytes)],
])("%s", (_, open: () => ByteSource) => {
  test("has a name without folders, a size, and reads anywhere", () => {
    const source = open();
    expect([source.name, source.size]).toEqual(["ten.bin", 10]);
    expect(source.read(3, 4)).toEqual(Uint8Array.of(3, 4, 5, 6));
    expect(source.read(10, 0)).toEqual(new Uint8Array());
    expect(source.read(0, 1).constructor).toBe(Uint8Array);
    source.close();
    source.close();
  });

  test.each([
    [0, 11],
    [10, 1],
    [11, 0],
    [-1, 1],
    [0, -1],
    [2 ** 53, 1],
  ])("%i, %i is truncated", (offset, length) => {
    const source = open();
    expect(() => source.read(offset, length)).toThrow(expect.objectContaining({ code: "truncated" }));
    source.close();
  });
});

test("a file that shrinks while it is read is truncated", () => {
  const shrinking = join(folder, "shrinking.bin");
  writeFileSync(shrinking, bytes);
  const source = openFileSource(shrinking);
  truncateSync(shrinking, 5);
  expect(() => source.read(3, 4)).toThrow("needs 4 bytes, but the file ends at 0x5");
  source.close();
});

test("what the system refuses surfaces in its own words", () => {
  expect(() => openFileSource(join(folder, "nothing"))).toThrow(expect.objectContaining({ code: "ENOENT" }));
  expect(() => openFileSource(folder)).toThrow(expect.objectContaining({ code: "EISDIR" }));
});

test.runIf(process.platform !== "win32")("a named pipe is unsupported, and does not block", () => {
  const pipe = join(folder, "pipe");
  execFileSync("mkfifo", [pipe]);
  expect(() => openFileSource(pipe)).toThrow(expect.objectContaining({ code: "unsupported" }));
});

test("opening reads the end and the beginning, an entry is one read, a large stored one two", () => {
  const content = Uint8Array.from({ length: 200_000 }, (_, index) => (index * index) >> 3);
  const zip = buildZip([
    { name: "stored", content, stored: true },
    { name: "deflated", content },
    { name: "small", content: "x", stored: true },
    { name: "described", content, descriptor: true },
  ]);
  const { source, reads } = counting(zip);
  const archive = openArchive(source, defaultLimits, []);
  expect(reads.splice(0).map(({ length }) => length)).toEqual([65_557, 16]);
  const readsOf = (name: string) => {
    const entry = archive.findEntry(name);
    if (entry === undefined) throw new Error(`${name} is missing`);
    readEntrySync(archive, entry, defaultLimits);
    return reads.splice(0).length;
  };
  expect(["stored", "deflated", "small", "described"].map(readsOf)).toEqual([2, 1, 1, 1]);
});

test("a directory beyond the tail costs one more read, and little more than itself", () => {
  const zip = buildZip(
    Array.from({ length: 3000 }, (_, index) => ({ name: `res/drawable/${index}.png`, content: "x" })),
  );
  const { source, reads } = counting(zip);
  const archive = openArchive(source, defaultLimits, []);
  const directorySize = zip.length - 22 - archive.centralDirectoryOff;
  expect(reads.map(({ length }) => length)).toEqual([65_557, 4, directorySize, 16]);
});

test("a small archive is read once", () => {
  const { source, reads } = counting(buildZip([{ name: "a", content: "b" }]));
  openArchive(source, defaultLimits, []);
  expect(reads.length).toBe(1);
});

function counting(content: Uint8Array) {
  const source = bytesSource("a.zip", content);
  const reads: { offset: number; length: number }[] = [];
  const read = (offset: number, length: number) => {
    reads.push({ offset, length });
    return source.read(offset, length);
  };
  return { source: { ...source, read }, reads };
}
