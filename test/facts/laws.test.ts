import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { bytesSource } from "../../src/archive/index.js";
import { type AuditOptions, type AuditRules, auditSource, prepareRules } from "../../src/audit.js";
import { auditFromFacts, auditWithFacts } from "../../src/audit-with-facts.js";
import type { AuditResult } from "../../src/findings/index.js";
import { loadCompiledRules } from "../../src/ruleset/index.js";
import { MemoryFactStore } from "../support/fact-store.js";
import { corpus, findCorpusFile } from "../support/fetch-corpus.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const loadRules = () => prepareRules(loadCompiledRules(join(root, "dist", "rules.jsonl")));
const rules = loadRules();

const fixtures = readdirSync(join(root, "fixtures"), { recursive: true, encoding: "utf8" })
  // fixtures/programs holds hundreds that are alike to all but a flow analysis.
  .filter((name) => /\.(apk|zip)$/.test(name) && !name.startsWith("programs"))
  .map((name) => join(root, "fixtures", name));
const real = corpus.flatMap((entry) => (entry.kind === "apk" ? (findCorpusFile(entry) ?? []) : []));

/** The result as it is written; what a file that is no app is refused with. */
async function outcomeOf(audit: () => AuditResult | undefined | Promise<AuditResult>): Promise<string> {
  try {
    return JSON.stringify(await audit(), undefined, 1) ?? "undefined";
  } catch (error) {
    return `${error}`;
  }
}

interface Outcomes {
  readonly fresh: string;
  readonly cold: string;
  readonly warm: string;
  readonly fromFacts: string;
  readonly walks: readonly string[];
}

async function auditAllWays(
  name: string,
  bytes: Uint8Array,
  used: AuditRules,
  facts: MemoryFactStore,
  options: AuditOptions = {},
): Promise<Outcomes> {
  const source = () => bytesSource(name, bytes);
  const walks: string[] = [];
  const given = { ...options, facts, onWalk: (part: string) => walks.push(part) };
  const fresh = await outcomeOf(() => auditSource(source(), used, options));
  const cold = await outcomeOf(() => auditWithFacts(source(), used, given));
  const walked = [...walks];
  const warm = await outcomeOf(() => auditWithFacts(source(), used, given));
  const sha256 = await source().sha256();
  const fromFacts = await outcomeOf(() => auditFromFacts(sha256, used, given));
  return { fresh, cold, warm, fromFacts, walks: walked };
}

describe("an audit that uses facts comes to what one that does not comes to", () => {
  test.each([...fixtures, ...real].map((path) => [basename(path), path]))("%s", async (name, path) => {
    const bytes = new Uint8Array(readFileSync(path));
    const { fresh, cold, warm, fromFacts } = await auditAllWays(name, bytes, rules, new MemoryFactStore());
    expect(cold).toBe(fresh);
    expect(warm).toBe(fresh);
    if (fresh.startsWith("{") && real.includes(path)) expect(fromFacts).toBe(fresh);
  });
});
