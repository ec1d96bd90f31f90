import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { explain, findSubjects, Knowledge, type Subject } from "../../src/explain/index.js";
import { renderExplanation, renderExplanationJson } from "../../src/report/index.js";
import { compileRuleSources } from "../../src/ruleset/compile-rule-sources.js";
import { compileRuleset } from "../../src/ruleset/compile-ruleset.js";
import { RuleIndex } from "../../src/ruleset/index.js";
import { loadRuleFiles } from "../../src/ruleset/load-ruleset.js";

const placed = loadRuleFiles(fileURLToPath(new URL("../../rules", import.meta.url)));
const ruleset = compileRuleset(placed);
const knowledge = new Knowledge(new RuleIndex(ruleset), compileRuleSources(placed));

const withKind = (kind: Subject["kind"], items: readonly { readonly id: string }[]) =>
  items.map(({ id }) => [kind, id] as const);

const all = [
  ...withKind("sdk", ruleset.sdks),
  ...withKind("support-library", ruleset.supportLibraries),
  ...withKind("vendor", ruleset.vendors),
  ...withKind("data-type", ruleset.dataTypes),
  ...withKind("api", ruleset.apis),
  ...[...knowledge.permissionNames].map((name) => ["permission", name] as const),
];

test("all that ships can be explained, in both forms, in a second or two", () => {
  expect(all.length).toBeGreaterThan(1_300);
  const started = process.cpuUsage();
  const told = all.map(([kind, id]) => {
    const [subject, ...alsoNamed] = findSubjects(`${kind}:${id}`, knowledge);
    const explanation = explain(subject!, knowledge, alsoNamed);
    const text = renderExplanation(explanation, { color: false, width: 80, isVerbose: false });
    return { kind, id, is: explanation.is, text, json: renderExplanationJson(explanation) };
  });
  const { user, system } = process.cpuUsage(started);
  expect((user + system) / 1e6).toBeLessThan(8); // 1.4 s on an idle machine
  for (const { kind, id, is, text, json } of told) {
    expect(is, id).toMatch(/[^.]\.$/);
    expect(text.includes("undefined") || text.includes("[object"), text).toBe(false);
    expect(JSON.parse(json)).toMatchObject({ subject: { kind, id } });
  }
});

test("every rule has a source with a date, and whoever is explained by its id comes first", () => {
  for (const { id } of ruleset.sdks) {
    const [subject] = findSubjects(id, knowledge);
    expect(subject).toMatchObject({ kind: "sdk", id });
    expect(explain(subject!, knowledge).sources[0]?.readOn, id).toMatch(/^\d{4}-\d{2}-\d{2}$/);
  }
});
