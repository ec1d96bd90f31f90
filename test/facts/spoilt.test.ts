import { crc32 } from "node:zlib";
import { describe, expect, test } from "vitest";
import { bytesSource } from "../../src/archive/index.js";
import { auditSource, prepareRules } from "../../src/audit.js";
import { auditFromFacts, auditWithFacts } from "../../src/audit-with-facts.js";
import { loadCompiledRules } from "../../src/ruleset/index.js";
import { MemoryFactStore } from "../support/fact-store.js";
import { readFixtureApp } from "../support/fixture-apps.js";

const rules = prepareRules(loadCompiledRules(new URL("../../dist/rules.jsonl", import.meta.url)));
const bytes = readFixtureApp("multi-dex");
const source = () => bytesSource("multi-dex.apk", bytes);
const sha256 = await source().sha256();
const sound = new MemoryFactStore();
const fresh = JSON.stringify(await auditSource(source(), rules));
await auditWithFacts(source(), rules, { facts: sound });

/** The same facts, one of which is another. */
function withOther(key: string, kept: Uint8Array): MemoryFactStore {
  const facts = new MemoryFactStore();
  for (const [each, value] of sound.kept) facts.write(each, each === key ? kept : value);
  return facts;
}

function flipBit(kept: Uint8Array, bit: number): Uint8Array {
  const flipped = Uint8Array.from(kept);
  flipped[bit >> 3]! ^= 1 << (bit & 7);
  return flipped;
}

/** With a checksum that fits: as someone would write them who means harm. */
function withChecksum(kept: Uint8Array): Uint8Array {
  new DataView(kept.buffer).setUint32(8, crc32(kept.subarray(12)), true);
  return kept;
}

const isFacts = (kept: Uint8Array) => Buffer.from(kept.subarray(0, 4)).toString() === "BCF1";
const files = [...sound.kept].filter(([, kept]) => isFacts(kept));

test("an app and its three DEX files have facts, and the query is kept", () => {
  expect(files.length).toBe(4);
  expect(sound.kept.size).toBe(5);
  expect(JSON.stringify(auditFromFacts(sha256, rules, { facts: sound }))).toBe(fresh);
});

describe.each(files)("facts that are spoilt count as missing: %s", (key, kept) => {
  test("cut at every 97th byte", () => {
    for (let length = 0; length < kept.length; length += 97)
      expect(auditFromFacts(sha256, rules, { facts: withOther(key, kept.slice(0, length)) })).toBeUndefined();
  });

  test("with bytes behind them", () => {
    const longer = new Uint8Array(kept.length + 4);
    longer.set(kept);
    expect(auditFromFacts(sha256, rules, { facts: withOther(key, longer) })).toBeUndefined();
  });

  test("with one bit another", () => {
    for (let bit = 0; bit < kept.length * 8; bit += 61)
      expect(auditFromFacts(sha256, rules, { facts: withOther(key, flipBit(kept, bit)) })).toBeUndefined();
  });

  test("and are made again", async () => {
    const facts = withOther(key, flipBit(kept, 200));
    expect(JSON.stringify(await auditWithFacts(source(), rules, { facts }))).toBe(fresh);
    expect(facts.kept).toEqual(sound.kept);
  });
});

test.each(files)("facts that someone prepared end in a result or in none: %s", async (key, kept) => {
  for (let bit = 32 * 8; bit < kept.length * 8; bit += 17) {
    const facts = withOther(key, withChecksum(flipBit(kept, bit)));
    expect(() => auditFromFacts(sha256, rules, { facts }), `bit ${bit}`).not.toThrow();
  }
  for (let bit = 32 * 8; bit < kept.length * 8; bit += 1999) {
    const facts = withOther(key, withChecksum(flipBit(kept, bit)));
    await expect(auditWithFacts(source(), rules, { facts }), `bit ${bit}`).resolves.toBeDefined();
  }
});

test.each([
  "{}",
  '{"file":{"name":"a"},"entryNames":[],"hasOtherCode":false,"dexFiles":[{}],"diagnostics":[],"texts":[]}',
])("JSON of another shape is no app's facts: %s", async (json) => {
  const [key, kept] = files.find(([, bytes]) => Buffer.from(bytes).includes('"manifest"'))!;
  const other = new Uint8Array(kept.slice(0, 24 + ((json.length + 3) & ~3)));
  new Uint32Array(other.buffer).set([other.length], 1);
  new Uint32Array(other.buffer).set([json.length], 5);
  other.fill(0, 24).set(Buffer.from(json), 24);
  const facts = withOther(key, withChecksum(other));
  expect(auditFromFacts(sha256, rules, { facts })).toBeUndefined();
  expect(JSON.stringify(await auditWithFacts(source(), rules, { facts }))).toBe(fresh);
  expect(facts.kept).toEqual(sound.kept);
});

test("a query that is spoilt is written again with the next facts that are made under it", async () => {
  const [key, query] = [...sound.kept].find(([, kept]) => !isFacts(kept))!;
  const facts = new MemoryFactStore([[key, new Uint8Array()]]);
  await auditWithFacts(source(), rules, { facts });
  expect(facts.kept.get(key)).toEqual(query);
});

test("without facts there is no result from them", () => {
  expect(auditFromFacts(sha256, rules, { facts: new MemoryFactStore() })).toBeUndefined();
  for (const [key] of files) {
    const facts = withOther(key, new Uint8Array());
    facts.kept.delete(key);
    expect(auditFromFacts(sha256, rules, { facts })).toBeUndefined();
  }
});
