import { describe, expect, test } from "vitest";
import { bytesSource } from "../../src/archive/index.js";
import { auditSource, prepareRules } from "../../src/audit.js";
import { auditFromFacts, auditWithFacts } from "../../src/audit-with-facts.js";
import { FormatError } from "../../src/diagnostics/index.js";
import type { AuditResult } from "../../src/findings/index.js";
import { loadCompiledRules } from "../../src/ruleset/index.js";
import { loadApps } from "../hostile/attempt.js";
import { inflateParts, mutatePart, seededRandom } from "../hostile/mutate.js";
import { MemoryFactStore } from "../support/fact-store.js";

const rules = prepareRules(loadCompiledRules(new URL("../../dist/rules.jsonl", import.meta.url)));
const MUTATIONS = 500;

async function outcomeOf(audit: () => Promise<AuditResult>): Promise<string> {
  try {
    return JSON.stringify(await audit());
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return error.message;
  }
}

describe("with facts, mutated manifests, resource tables and DEX files come to what they come to without", () => {
  const apps = loadApps();
  const each = Math.ceil(MUTATIONS / apps.length);

  test.each(apps.map((app) => [app.name, app.bytes] as const))("%s", async (_, bytes) => {
    const parts = inflateParts(bytes);
    // One store for all: what is kept of one must not be taken for another's.
    const facts = new MemoryFactStore();
    let kept = 0;
    for (let seed = 0; seed < each; seed++) {
      const source = bytesSource("sample.apk", mutatePart(parts, seededRandom(seed)));
      const fresh = await outcomeOf(() => auditSource(source, rules));
      expect(await outcomeOf(() => auditWithFacts(source, rules, { facts })), `cold, seed ${seed}`).toBe(
        fresh,
      );
      expect(await outcomeOf(() => auditWithFacts(source, rules, { facts })), `warm, seed ${seed}`).toBe(
        fresh,
      );
      const fromFacts = auditFromFacts(await source.sha256(), rules, { facts });
      if (fromFacts === undefined) continue;
      kept++;
      expect(JSON.stringify(fromFacts), `from facts, seed ${seed}`).toBe(fresh);
    }
    expect(kept).toBeGreaterThan(0);
  });
});
