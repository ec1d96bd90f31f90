import { expect } from "vitest";
import { bytesSource } from "../../src/archive/index.js";
import { type AuditOptions, type AuditRules, auditSource, prepareRules } from "../../src/audit.js";
import { auditFromFacts, auditWithFacts } from "../../src/audit-with-facts.js";
import type { AuditResult } from "../../src/findings/index.js";
import { RuleChange } from "../../src/rule-change.js";
import { type Rows, resultRows } from "../../src/store/index.js";
import { MemoryFactStore } from "../support/fact-store.js";
import { compileTinyRules } from "../support/tiny-rules.js";

/** What an audit under changed rules came to. */
interface AfterChange {
  readonly result: AuditResult;
  /** Whether facts alone answered. */
  readonly isFromFacts: boolean;
  /** The DEX files whose code was gone through for the change. */
  readonly walked: readonly string[];
  /** Whether the change of rules may meet the app, by its facts. */
  readonly isMet: boolean;
}

/** Rules of written files, by path, ready to audit by. */
export function prepareTinyRules(files: Readonly<Record<string, string>>): AuditRules {
  return prepareRules(compileTinyRules(files));
}

/** The rows of an app's result, whatever its file. */
export function rowsOf(result: AuditResult): Rows {
  return resultRows({ sha256: "0".repeat(64), path: "app.apk", size: 1 }, result);
}

/** Keeps facts of an app under some rules and audits it under others: whichever way it goes, as `auditSource` does. */
export async function auditAfterChange(
  bytes: Uint8Array,
  before: AuditRules,
  after: AuditRules,
  options: AuditOptions = {},
  facts = new MemoryFactStore(),
): Promise<AfterChange> {
  const source = bytesSource("app.apk", bytes);
  const sha256 = await source.sha256();
  const resultBefore = await auditSource(source, before, options);
  expect(JSON.stringify(await auditWithFacts(source, before, { ...options, facts })), "before").toBe(
    JSON.stringify(resultBefore),
  );
  const result = await auditSource(source, after, options);
  const isMet =
    RuleChange.between(before, after)?.mayMeet(sha256, source.name, { ...options, facts }) ?? true;
  if (!isMet) {
    expect(rowsOf(resultBefore), "not met").toEqual(rowsOf(result));
    const [before, now] = [resultBefore, result].map(({ handOvers, blindSpots }) => ({
      handOvers,
      blindSpots,
    }));
    expect(before, "not met").toEqual(now);
  }
  const fresh = JSON.stringify(result);
  const fromFacts = auditFromFacts(sha256, after, { ...options, facts });
  if (fromFacts !== undefined) expect(JSON.stringify(fromFacts), "from facts").toBe(fresh);
  const walked: string[] = [];
  const onWalk = (part: string) => walked.push(part);
  const withFacts = await auditWithFacts(source, after, { ...options, facts, onWalk });
  expect(JSON.stringify(withFacts), "with facts").toBe(fresh);
  const again = auditFromFacts(sha256, after, { ...options, facts });
  if (again !== undefined) expect(JSON.stringify(again), "from facts, again").toBe(fresh);
  return { result, isFromFacts: fromFacts !== undefined, walked, isMet };
}
