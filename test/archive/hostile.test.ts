import { deflateRawSync } from "node:zlib";
import { expect, test } from "vitest";
import {
  type ByteSource,
  bytesSource,
  openArchive,
  openNestedArchive,
  readEntry,
  readEntrySync,
} from "../../src/archive/index.js";
import { type Diagnostics, defaultLimits, FormatError, type Limits } from "../../src/diagnostics/index.js";
import { buildZip, extraField, le, utf8 } from "../support/zip-builder.js";
import { brokenFixtures, soundFixtures } from "./archive-fixtures.js";

/** Small enough that a hostile size would show as a `limit`, large enough for every fixture. */
const limits: Limits = { ...defaultLimits, entryBytes: 1 << 20, totalBytes: 1 << 24 };

/** A sweep takes a few seconds, in ms; more on a busy machine. */
const SWEEP_TIMEOUT = 60_000;

const firstParts = [
  { name: "AndroidManifest.xml", content: "manifest ".repeat(20) },
  { name: "resources.arsc", content: "resources ".repeat(20), stored: true, localExtra: new Uint8Array(3) },
  { name: "classes.dex", content: "code ".repeat(30), descriptor: true },
];
const widePlace = openArchive(bytesSource("first", buildZip(firstParts)), limits, []).centralDirectoryOff;

/** Several of everything: stored, deflated, described, zip64, a signing block, a comment. */
const sample = buildZip(
  [
    ...firstParts,
    {
      name: "assets/größe",
      content: "wide",
      stored: true,
      central: { localHeaderOff: 0xffffffff },
      centralExtra: extraField(1, le("8", widePlace)),
    },
  ],
  { beforeDirectory: utf8("signing block"), comment: utf8("a comment"), zip64: true },
);

test("the sample that is spoilt below is sound", () => {
  expect(readAll(bytesSource("sample", sample))).toEqual({ problems: [], diagnostics: [] });
});

test("an archive cut at every byte gives FormatErrors or a note that it was cut, never anything else", () => {
  for (let size = 0; size < sample.length; size++) {
    const { problems, diagnostics } = readAll(bytesSource("cut", sample.subarray(0, size)));
    const spoilt = size < sample.length - "a comment".length;
    expect(problems.length > 0, `cut to ${size} bytes`).toBe(spoilt);
    if (!spoilt) expect(diagnostics[0]?.message).toContain("shorter than declared");
  }
});

test("an archive that lacks its first bytes is never read as if it were whole", () => {
  for (let from = 1; from < sample.length; from++) {
    const { problems, diagnostics } = readAll(bytesSource("cut", sample.subarray(from)));
    expect(problems.length + diagnostics.length, `cut from ${from}`).toBeGreaterThan(0);
  }
});

test(
  "each byte of a small archive, flipped bit by bit, costs at most the part it is in",
  () => {
    for (let at = 0; at < sample.length; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const flipped = sample.slice();
        flipped[at]! ^= 1 << bit;
        readAll(bytesSource("flipped", flipped));
      }
    }
  },
  SWEEP_TIMEOUT,
);

test(
  "every fixture, mutated 300 times by a seeded generator, is read within limits",
  async () => {
    const random = mulberry32(20_261_122);
    const sound = await Promise.all(Object.values(soundFixtures).map(({ bytes }) => bytes));
    for (const bytes of [sample, ...sound, ...Object.values(brokenFixtures)]) {
      if (bytes.length === 0) continue;
      for (let round = 0; round < 300; round++) readAll(bytesSource("mutated", mutate(bytes, random)));
    }
  },
  SWEEP_TIMEOUT,
);

test("the asynchronous reader refuses what the synchronous one refuses, in the same words", async () => {
  for (const [name, bytes] of Object.entries(brokenFixtures)) {
    const archive = openOrNothing(bytes);
    for (const entry of archive?.entries ?? []) {
      if (archive === undefined) continue;
      const sync = outcome(() => readEntrySync(archive, entry, defaultLimits));
      const async = await readEntry(archive, entry, defaultLimits).then(
        (content) => Buffer.from(content).toString(),
        (error: unknown) => String(error),
      );
      expect(async, name).toBe(sync);
    }
  }
});

test("whichever read fails, its error surfaces as it is", async () => {
  const large = buildZip([
    { name: "pad", content: new Uint8Array(70_000), stored: true },
    { name: "a", content: "b" },
  ]);
  let failed = 0;
  for (let nth = 0; ; nth++) {
    const source = failingSource(large, nth);
    try {
      const archive = openArchive(source, defaultLimits, []);
      for (const entry of archive.entries) await readEntry(archive, entry, defaultLimits);
      break;
    } catch (error) {
      expect((error as NodeJS.ErrnoException).code, `read ${nth}`).toBe("EIO");
      failed++;
    }
  }
  // The end, the beginning, two headers, one stored entry's data.
  expect(failed).toBe(5);
});

test("names of 65,535 bytes and control characters stay short and harmless in messages", () => {
  const name = `\x1b[31m${"x".repeat(60_000)}`;
  const archive = openArchive(
    bytesSource("a.zip", buildZip([{ name, data: utf8("\x07"), content: "y" }])),
    limits,
    [],
  );
  const message = outcome(() => readEntrySync(archive, archive.entries[0]!, limits));
  expect(message).toContain("\\u001b[31mxxx");
  expect(message).not.toContain("\x1b");
  expect(message.length).toBeLessThan(limits.textLength + 200);
});

test("limit archiveEntries: the first entries are read, the rest is told", () => {
  const diagnostics: Diagnostics = [];
  const bytes = buildZip(["a", "b", "c"].map((name) => ({ name })));
  const archive = openArchive(bytesSource("a.zip", bytes), { ...limits, archiveEntries: 2 }, diagnostics);
  expect(archive.entries.map(({ name }) => name)).toEqual(["a", "b"]);
  expect(diagnostics).toMatchObject([{ effect: "unread", code: "limit" }]);
});

test("limit entryBytes bounds an entry and the directory", () => {
  const bytes = buildZip([{ name: "a", content: new Uint8Array(100) }]);
  const open = (entryBytes: number) =>
    openArchive(bytesSource("a.zip", bytes), { ...limits, entryBytes }, []);
  const archive = open(100);
  expect(readEntrySync(archive, archive.entries[0]!, { ...limits, entryBytes: 100 }).length).toBe(100);
  expect(outcome(() => readEntrySync(archive, archive.entries[0]!, { ...limits, entryBytes: 99 }))).toContain(
    "limit entryBytes",
  );
  expect(outcome(() => open(46))).toContain("limit entryBytes");
});

test("a size that no deflate stream of that length can have is refused before anything is allocated", () => {
  const lie = { uncompressedSize: 1 << 29 };
  const bytes = buildZip([{ name: "a", content: "some text", local: lie, central: lie }]);
  const archive = openArchive(bytesSource("a.zip", bytes), limits, []);
  expect(outcome(() => readEntrySync(archive, archive.entries[0]!, defaultLimits))).toContain(
    "cannot inflate to the declared 536870912",
  );
});

test("the most that deflate can compress is not taken for a lie", () => {
  const content = new Uint8Array(1 << 20);
  const archive = openArchive(
    bytesSource("a.zip", buildZip([{ name: "a", content, data: deflateRawSync(content) }])),
    limits,
    [],
  );
  expect(Buffer.from(readEntrySync(archive, archive.entries[0]!, limits)).equals(content)).toBe(true);
});

test("limit totalBytes counts every entry read, in nested archives too", async () => {
  const inner = buildZip([{ name: "classes.jar", content: new Uint8Array(1000) }]);
  const outer = buildZip([
    { name: "base.apk", content: inner, stored: true },
    { name: "b", content: "12" },
  ]);
  const archive = openArchive(bytesSource("app.apks", outer), limits, []);
  const tight: Limits = { ...limits, totalBytes: inner.length + 1000 };
  const nested = await openNestedArchive(archive, archive.entries[0]!, tight);
  expect(readEntrySync(nested, nested.entries[0]!, tight).length).toBe(1000);
  expect(archive.budget.spentBytes).toBe(inner.length + 1000);
  expect(outcome(() => readEntrySync(archive, archive.entries[1]!, tight))).toBe(
    "FormatError: b entry: with its 2 bytes more than " +
      `${tight.totalBytes} would be read (limit totalBytes)`,
  );
});

test("parts of a nested archive carry its name", async () => {
  const inner = buildZip([{ name: "classes.dex", content: "x", data: utf8("\x07") }]);
  const outer = buildZip([{ name: "splits/base.apk", content: inner }]);
  const archive = openArchive(bytesSource("app.aab", outer), limits, []);
  const nested = await openNestedArchive(archive, archive.entries[0]!, limits);
  expect(outcome(() => readEntrySync(nested, nested.entries[0]!, limits))).toMatch(
    /^FormatError: splits\/base\.apk!\/classes\.dex /,
  );
});

test("two thousand headers that lie about zip64 give twenty diagnostics and a count", () => {
  const parts = Array.from({ length: 2000 }, (_, index) => ({
    name: `${index}`,
    central: { localHeaderOff: 0xffffffff },
  }));
  const diagnostics: Diagnostics = [];
  const archive = openArchive(bytesSource("a.zip", buildZip(parts)), limits, diagnostics);
  expect(archive.entries).toEqual([]);
  expect(diagnostics.length).toBe(limits.evidencePerItem + 1);
  expect(diagnostics.at(-1)?.message).toContain("1980 more entries");
});

/** Opens, reads everything; anything but a FormatError fails the test. */
function readAll(source: ByteSource): { problems: FormatError[]; diagnostics: Diagnostics } {
  const diagnostics: Diagnostics = [];
  const problems: FormatError[] = [];
  const attempt = <T>(read: () => T): T | undefined => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      problems.push(error);
      return undefined;
    }
  };
  const archive = attempt(() => openArchive(source, limits, diagnostics));
  for (const entry of archive?.entries ?? []) {
    const content = archive && attempt(() => readEntrySync(archive, entry, limits));
    if (content !== undefined) {
      expect(content.length).toBe(entry.uncompressedSize);
      expect(content.byteOffset % 8).toBe(0);
    }
  }
  for (const { effect, code, message } of diagnostics) {
    if (effect === "unread")
      problems.push(new FormatError("bad-value", { source: "", structure: code }, message));
  }
  return { problems, diagnostics };
}

function openOrNothing(bytes: Uint8Array) {
  try {
    return openArchive(bytesSource("a.zip", bytes), defaultLimits, []);
  } catch (error) {
    if (error instanceof FormatError) return undefined;
    throw error;
  }
}

function outcome(read: () => unknown): string {
  try {
    const content = read();
    return content instanceof Uint8Array ? Buffer.from(content).toString() : "no error";
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return String(error);
  }
}

/** One to four changes: a byte, a saturated field, a cut, a piece copied over another. */
function mutate(bytes: Uint8Array, random: () => number): Uint8Array {
  let mutated = bytes.slice();
  const below = (limit: number) => Math.floor(random() * limit);
  for (let change = 0; change <= below(4) && mutated.length > 0; change++) {
    const at = below(mutated.length);
    const kind = below(4);
    if (kind === 0) mutated[at] = below(256);
    else if (kind === 1) mutated.fill(random() < 0.5 ? 0xff : 0, at, at + 4);
    else if (kind === 2) mutated = mutated.slice(0, random() < 0.2 ? at : mutated.length);
    else mutated.copyWithin(at, below(mutated.length), below(mutated.length));
  }
  return mutated;
}

function failingSource(bytes: Uint8Array, nth: number): ByteSource {
  const source = bytesSource("a.zip", bytes);
  let reads = 0;
  return {
    ...source,
    read(offset, length) {
      if (reads++ === nth) throw Object.assign(new Error("EIO: i/o error, read"), { code: "EIO" });
      return source.read(offset, length);
    },
  };
}

/** A small seeded generator: the same sequence on every machine. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
