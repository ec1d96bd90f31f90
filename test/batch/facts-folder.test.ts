import { mkdirSync, mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { FactsFolder } from "../../src/batch/facts-folder.js";
import { temporaryFolder } from "../cli/run-bycatch.js";

const key = `ab${"0".repeat(62)}`;

test("facts are files below the first two digits of their key, whole, and replaced", () => {
  const folder = temporaryFolder();
  const [one, other] = [new FactsFolder(join(folder, "facts")), new FactsFolder(join(folder, "facts"))];
  expect(one.read(key)).toBeUndefined();
  one.write(key, new Uint8Array([1, 2]));
  expect([...other.read(key)!]).toEqual([1, 2]);
  other.write(key, new Uint8Array([3]));
  expect([...one.read(key)!]).toEqual([3]);
  expect(readdirSync(join(folder, "facts"), { recursive: true })).toEqual(["ab", join("ab", key)]);
});

test("what cannot be kept, or read, is missing", () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "file"), "");
  const nowhere = new FactsFolder(join(folder, "file"));
  nowhere.write(key, new Uint8Array([1]));
  expect(nowhere.read(key)).toBeUndefined();
  mkdirSync(join(folder, "facts", "ab", key), { recursive: true });
  const taken = new FactsFolder(join(folder, "facts"));
  taken.write(key, new Uint8Array([1]));
  expect(taken.read(key)).toBeUndefined();
  expect(readdirSync(join(folder, "facts", "ab"))).toEqual([key]);
});

test("what writers that were killed left behind is in nobody's way", () => {
  const folder = temporaryFolder();
  // As two writers that are killed at the same place leave it.
  mkdirSync(join(folder, "ab"));
  const unfinished = [1, 2].map(() => mkdtempSync(join(folder, "ab", `${key}.`)));
  for (const left of unfinished) writeFileSync(join(left, key), "half");
  const facts = new FactsFolder(folder);
  expect(facts.read(key)).toBeUndefined();
  facts.write(key, new Uint8Array([1]));
  expect([...facts.read(key)!]).toEqual([1]);
  expect(readdirSync(join(folder, "ab")).length).toBe(3);
});
