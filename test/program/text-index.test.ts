import fc from "fast-check";
import { expect, test } from "vitest";
import { readDexFiles } from "../../src/dex/index.js";
import { defaultLimits } from "../../src/diagnostics/index.js";
import { URL_TEXT } from "../../src/program/index.js";
import { TextIndex } from "../../src/program/text-index.js";
import { buildDex } from "../support/dex-builder.js";
import { readFixtureDexFiles } from "../support/fixture-apps.js";

const [dex] = readFixtureDexFiles("tracker");
const texts = [...Array(dex!.stringIdsSize).keys()].map((index) => dex!.string(index));
const isUrl = (text: string) => /^(https?|wss?|content):\/\//.test(text);

test("finds exactly the strings that were asked for, and all URLs", () => {
  fc.assert(
    fc.property(fc.subarray(texts), (wanted) => {
      const index = new TextIndex();
      for (const text of wanted) index.add(text);
      const found = index.findInStrings(dex!).texts;
      texts.forEach((text, stringIdx) => {
        const expected = index.find(text) ?? (isUrl(text) ? URL_TEXT : 0);
        expect(found[stringIdx], text).toBe(expected);
      });
    }),
    { numRuns: 30, seed: 1 },
  );
});

test.each([
  ["http://a.example", true],
  ["https://a.example", true],
  ["ws://a.example", true],
  ["wss://a.example", true],
  ["content://a.example", true],
  ["http:/a.example", false],
  ["https:a.example", false],
  ["httpss://a.example", false],
  ["wsss://a.example", false],
  ["w://a.example", false],
  ["contents://a.example", false],
  ["a.example", false],
])("%s: is a URL: %s", (text, expected) => {
  const [built] = readDexFiles(
    buildDex([{ classes: [], strings: [text] }]).bytes,
    "classes.dex",
    defaultLimits,
    [],
  );
  expect(new TextIndex().findInStrings(built!).texts[built!.findStringIdx(text)!]).toBe(
    expected ? URL_TEXT : 0,
  );
});

test("a text has one id, from 1, however often it is added", () => {
  const index = new TextIndex();
  expect([index.add("a"), index.add("b"), index.add("a")]).toEqual([1, 2, 1]);
  expect(index.size).toBe(2);
  expect(index.text(2)).toBe("b");
  expect(index.find("c")).toBeUndefined();
});
