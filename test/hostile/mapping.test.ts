import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { bytesSource } from "../../src/archive/index.js";
import { type AuditMapping, auditSource, parseMapping, prepareRules } from "../../src/audit.js";
import { FormatError, UsageError } from "../../src/diagnostics/index.js";
import { loadCompiledRules } from "../../src/ruleset/index.js";
import { buildApp } from "../support/app-builder.js";
import { buildDex, type ClassSpec } from "../support/dex-builder.js";
import { fixtureAppPath, readFixtureApp } from "../support/fixture-apps.js";
import { inflateParts, mutate, mutatePart, seededRandom } from "./mutate.js";

const rules = prepareRules(loadCompiledRules(new URL("../../dist/rules.jsonl", import.meta.url)));
const app = readFixtureApp("mapped");
const text = new Uint8Array(readFileSync(fixtureAppPath("mapped/mapping.txt")));

const parse = (bytes: Uint8Array) => parseMapping(bytesSource("mapping.txt", bytes));
const audit = (bytes: Uint8Array, mapping: AuditMapping) =>
  auditSource(bytesSource("app.apk", bytes), rules, { mapping });

describe("an app and its mapping", () => {
  test("DEX files mutated: a result or a FormatError", async () => {
    const parts = inflateParts(app);
    const mapping = await parse(text);
    for (let seed = 0; seed < 400; seed++) {
      await audit(mutatePart(parts, seededRandom(seed)), mapping).catch((error: unknown) => {
        if (!(error instanceof FormatError)) throw error;
      });
    }
  });

  test("the mapping mutated: a result or a UsageError, and most give a result", async () => {
    let results = 0;
    for (let seed = 0; seed < 400; seed++) {
      try {
        await audit(app, await parse(mutate(text, seededRandom(seed))));
        results++;
      } catch (error) {
        if (!(error instanceof UsageError)) throw error;
      }
    }
    expect(results).toBeGreaterThan(40);
  });
});

describe("made to cost", () => {
  const LONGEST = 5;
  const CLASSES = 20_000;
  const idOf = (i: number) => String(i).padStart(5, "0");

  async function cost(list: readonly ClassSpec[], lines: readonly string[]): Promise<number> {
    const bytes = buildApp({ dexFiles: [buildDex([{ classes: list }]).bytes] });
    const mapping = new TextEncoder().encode(lines.join("\n"));
    const started = process.cpuUsage();
    await audit(bytes, await parse(mapping));
    const { user, system } = process.cpuUsage(started);
    return (user + system) / 1e6;
  }

  test("a line of ancestors as long as the file, and a member that none of them has", async () => {
    const list = Array.from({ length: CLASSES }, (_, i) => ({
      descriptor: `La/C${idOf(i)};`,
      superclass: i === 0 ? "Ljava/lang/Object;" : `La/C${idOf(i - 1)};`,
      methods: [{ name: "missing" }],
    }));
    const lines = list.map((_, i) => `com.acme.C${i} -> a.C${idOf(i)}:\n    void m() -> a`);
    expect(await cost(list, lines)).toBeLessThan(LONGEST);
  });

  test("thousands of members below a long line of mapped ancestors", async () => {
    const list = Array.from({ length: 400 }, (_, i) => ({
      descriptor: `La/C${idOf(i)};`,
      superclass: i === 0 ? "Ljava/lang/Object;" : `La/C${idOf(i - 1)};`,
      methods: i < 399 ? [] : Array.from({ length: 60_000 }, (_, j) => ({ name: `m${j}` })),
    }));
    const lines = list.map((_, i) => `com.acme.C${i} -> a.C${idOf(i)}:`);
    expect(await cost(list, lines)).toBeLessThan(LONGEST);
  });

  test("classes that share hundreds of interfaces", async () => {
    const interfaces = Array.from({ length: 900 }, (_, i) => `La/I${idOf(i)};`);
    const list = Array.from({ length: 5_000 }, (_, i) => ({
      descriptor: `La/C${idOf(i)};`,
      interfaces,
      methods: [{ name: "m" }],
    }));
    const lines = interfaces.map((name, i) => `com.acme.I${i} -> ${name.slice(1, -1).replace("/", ".")}:`);
    expect(await cost(list, lines)).toBeLessThan(LONGEST);
  });

  test("classes whose original names are one and the same", async () => {
    const list = Array.from({ length: CLASSES }, (_, i) => ({
      descriptor: `La/C${idOf(i)};`,
      methods: [{ name: "a" }],
    }));
    const lines = list.map((_, i) => `com.acme.Same -> a.C${idOf(i)}:\n    void run() -> a`);
    expect(await cost(list, lines)).toBeLessThan(LONGEST);
  });
});
