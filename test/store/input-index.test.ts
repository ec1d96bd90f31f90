import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type InputFile, openInputIndex } from "../../src/store/index.js";
import { digestOf } from "./tiny-rows.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bycatch-inputs-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const place = () => join(folder, "inputs/index.jsonl");
const file = (path: string): InputFile => ({
  path,
  size: 10,
  mtimeNs: 1_790_000_000_123_456_789n,
  inode: 18_446_744_073_709_551_615n,
});

/** What a run finds of a file. */
function find(one: InputFile): string | undefined {
  const index = openInputIndex(folder);
  const found = index.find(one);
  index.close();
  return found;
}

function add(...paths: readonly string[]): void {
  const index = openInputIndex(folder);
  for (const path of paths) index.add(file(path), digestOf(path));
  index.close();
}

test("a later run knows a file, whatever its name", () => {
  const hostile = '/apps/"\n\\,\u2028\u{1f4a5}\x1b[31m.apk';
  add("/apps/one.apk", hostile);
  expect(find(file("/apps/one.apk"))).toBe(digestOf("/apps/one.apk"));
  expect(find(file(hostile))).toBe(digestOf(hostile));
  expect(find(file("/apps/two.apk"))).toBeUndefined();
  expect(find(file("__proto__"))).toBeUndefined();
});

test.each([
  ["size", { size: 11 }],
  ["time, by a nanosecond", { mtimeNs: 1_790_000_000_123_456_790n }],
  ["inode", { inode: 18_446_744_073_709_551_614n }],
])("a file of another %s is read again", (_, change) => {
  add("/one.apk");
  expect(find({ ...file("/one.apk"), ...change })).toBeUndefined();
});

test("what was noted last counts", () => {
  const index = openInputIndex(folder);
  index.add({ ...file("/one.apk"), size: 9 }, digestOf("old"));
  index.add(file("/one.apk"), digestOf("new"));
  index.close();
  expect(find(file("/one.apk"))).toBe(digestOf("new"));
  expect(find({ ...file("/one.apk"), size: 9 })).toBeUndefined();
});

test("a line cut anywhere costs itself and no other", () => {
  add("/one.apk", "/two.apk");
  const whole = readFileSync(place());
  const second = whole.indexOf("\n") + 1;
  for (let size = second; size < whole.length; size++) {
    rmSync(place());
    appendFileSync(place(), whole);
    truncateSync(place(), size);
    add("/three.apk");
    expect(find(file("/one.apk")), `cut to ${size}`).toBe(digestOf("/one.apk"));
    expect(find(file("/two.apk")), `cut to ${size}`).toBeUndefined();
    expect(find(file("/three.apk")), `cut to ${size}`).toBe(digestOf("/three.apk"));
  }
});

test.each(["nonsense", "null", "{}", '["/one.apk",10,"1","2","no digest"]', '["/one.apk"]'])(
  "a line that says %s is passed over",
  (line) => {
    add("/one.apk");
    appendFileSync(place(), `${line}\n`);
    expect(find(file("/one.apk"))).toBe(digestOf("/one.apk"));
  },
);

test("it does not grow with every run", () => {
  for (let run = 0; run < 10; run++) add("/one.apk");
  expect(readFileSync(place(), "utf8").split("\n").length).toBeLessThan(5);
});
