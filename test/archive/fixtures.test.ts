import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { bytesSource, openArchive, partName, readEntry, readEntrySync } from "../../src/archive/index.js";
import { type Diagnostics, defaultLimits, FormatError } from "../../src/diagnostics/index.js";
import { brokenFixtures, contents, soundFixtures } from "./archive-fixtures.js";

const FOLDER = new URL("../../fixtures/archives/", import.meta.url);
const limits = defaultLimits;

const built = [
  ...Object.entries(soundFixtures).map(([name, { bytes }]) => ({ path: `ok/${name}`, bytes })),
  ...Object.entries(brokenFixtures).map(([name, bytes]) => ({ path: `broken/${name}`, bytes })),
];

if (process.env.UPDATE_GOLDEN === "1") {
  for (const { path, bytes } of built) {
    mkdirSync(new URL(".", new URL(path, FOLDER)), { recursive: true });
    writeFileSync(new URL(path, FOLDER), await bytes);
  }
}

test("the committed archives are those that archive-fixtures.ts builds, no more and no fewer", async () => {
  const committed = ["ok", "broken"].flatMap((folder) =>
    readdirSync(new URL(folder, FOLDER)).map((name) => `${folder}/${name}`),
  );
  expect(committed.sort()).toEqual(built.map(({ path }) => path).sort());
  for (const { path, bytes } of built) {
    expect(Buffer.from(await bytes).equals(readFileSync(new URL(path, FOLDER))), path).toBe(true);
  }
});

test("README.md tells of every archive", () => {
  const readme = readFileSync(new URL("README.md", FOLDER), "utf8");
  const untold = built
    .map(({ path }) => path.replace(/^\w+\//, ""))
    .filter((name) => !readme.includes(`\`${name}\``));
  expect(untold).toEqual([]);
});

test.each(Object.entries(soundFixtures))(
  "ok/%s gives its entries, and these oddities",
  async (name, { oddities }) => {
    const diagnostics: Diagnostics = [];
    const archive = openArchive(bytesSource(name, readFixture(`ok/${name}`)), limits, diagnostics);
    for (const [entryName, text] of Object.entries(contents)) {
      const entry = archive.findEntry(entryName);
      if (entry === undefined) throw new Error(`${entryName} is missing`);
      const content = await readEntry(archive, entry, limits);
      expect(Buffer.from(content).toString(), entryName).toBe(text);
      expect(content.byteOffset % 8, "alignment").toBe(0);
    }
    expect(diagnostics.map(({ effect }) => effect)).toEqual(oddities.map(() => "odd"));
    oddities.forEach((piece, index) => {
      expect(diagnostics[index]?.message).toContain(piece);
    });
  },
);

test.each(Object.keys(brokenFixtures))("broken/%s is refused with the code in its name", (name) => {
  const { codes, read } = readAll(name, readFixture(`broken/${name}`));
  expect(codes).toEqual([name.slice(0, name.indexOf("--"))]);
  // What is spoilt is one entry or the whole archive, never the entry before it.
  expect(read.every((entry) => entry === "AndroidManifest.xml")).toBe(true);
});

test("a broken entry leaves the others readable", () => {
  const whole = [
    "truncated--empty-file.zip",
    "truncated--cut-download.zip",
    "truncated--cut-behind-nested-archive.zip",
    "bad-magic--png.zip",
  ];
  const noDirectory = [
    "bad-magic--no-directory-there.zip",
    "bad-offset--directory-behind-end.zip",
    "bad-offset--zip64-end.zip",
  ];
  for (const name of Object.keys(brokenFixtures)) {
    const expected = [...whole, ...noDirectory].includes(name) ? [] : ["AndroidManifest.xml"];
    expect(readAll(name, readFixture(`broken/${name}`)).read, name).toEqual(expected);
  }
});

function readAll(name: string, bytes: Uint8Array): { codes: string[]; read: string[] } {
  const diagnostics: Diagnostics = [];
  const codes: string[] = [];
  const read: string[] = [];
  const note = (error: unknown) => {
    if (!(error instanceof FormatError)) throw error;
    codes.push(error.code);
  };
  try {
    const archive = openArchive(bytesSource(name, bytes), limits, diagnostics);
    for (const entry of archive.entries) {
      try {
        readEntrySync(archive, entry, limits);
        read.push(partName(archive, entry, limits));
      } catch (error) {
        note(error);
      }
    }
  } catch (error) {
    note(error);
  }
  codes.push(...diagnostics.filter(({ effect }) => effect === "unread").map(({ code }) => code));
  return { codes, read };
}

function readFixture(path: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(path, FOLDER)));
}
