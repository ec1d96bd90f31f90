import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { folderFiles } from "../../src/store/index.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bycatch-files-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const bytes = (text: string) => new TextEncoder().encode(text);

test("what was written is read and listed, below the folder asked for", async () => {
  const files = folderFiles(join(folder, "made"));
  expect(await files.list("")).toEqual([]);
  expect(await files.read("a/b")).toBeUndefined();
  await files.write("b/x=2/two", bytes("two"));
  await files.write("b/x=1/one", bytes("one"));
  await files.write("a", bytes("a"));
  expect(await files.list("b")).toEqual(["b/x=1/one", "b/x=2/two"]);
  expect(await files.list("b/x=1")).toEqual(["b/x=1/one"]);
  expect(await files.list("a/below")).toEqual([]);
  expect(await files.list("")).toEqual(["a", "b/x=1/one", "b/x=2/two"]);
  expect(Buffer.from((await files.read("b/x=2/two"))!).toString()).toBe("two");
  expect(await files.read("a/below")).toBeUndefined();
});

test("a file is replaced, and nothing else is left", async () => {
  const files = folderFiles(folder);
  await files.write("a/one", bytes("old"));
  await files.write("a/one", bytes("new"));
  expect(readFileSync(join(folder, "a/one"), "utf8")).toBe("new");
  expect(readdirSync(join(folder, "a"))).toEqual(["one"]);
});

test("many may write the same file at once: it is one of theirs", async () => {
  const files = folderFiles(folder);
  await Promise.all(Array.from({ length: 20 }, (_, n) => files.write("a/one", bytes(`${n}`.repeat(1_000)))));
  expect(readFileSync(join(folder, "a/one"), "utf8")).toMatch(/^(\d\d?)\1{999}$/);
  expect(readdirSync(join(folder, "a"))).toEqual(["one"]);
});

test("what a killed writer left is not listed, and is in nobody's way", async () => {
  const files = folderFiles(folder);
  mkdirSync(join(folder, "a"));
  writeFileSync(join(folder, "a/.part-one.0.tmp"), "half");
  await files.write("a/one", bytes("whole"));
  expect(await files.list("a")).toEqual(["a/one"]);
  expect(readFileSync(join(folder, "a/one"), "utf8")).toBe("whole");
});

test("a place that cannot be written is told, and keeps what it has", async () => {
  const files = folderFiles(folder);
  mkdirSync(join(folder, "a/one"), { recursive: true });
  await expect(files.write("a/one", bytes("x"))).rejects.toThrow(/EISDIR|ENOTEMPTY|EPERM/);
  expect(readdirSync(join(folder, "a"))).toEqual(["one"]);
});
