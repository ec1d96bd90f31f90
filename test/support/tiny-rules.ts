import { compileRuleSources } from "../../src/ruleset/compile-rule-sources.js";
import { compileRuleset } from "../../src/ruleset/compile-ruleset.js";
import { RuleIndex, type RuleSources, type Ruleset } from "../../src/ruleset/index.js";
import { parseRuleFile } from "../../src/ruleset/parse-rule.js";

/** A ruleset of written rule files, by path. */
export function compileTinyRules(files: Readonly<Record<string, string>>): Ruleset {
  return compileRuleset(placeTinyRules(files));
}

/** What else they say. */
export function compileTinySources(files: Readonly<Record<string, string>>, base?: RuleSources): RuleSources {
  return compileRuleSources(placeTinyRules(files), base);
}

/** The same, indexed. */
export function indexTinyRules(files: Readonly<Record<string, string>>): RuleIndex {
  return new RuleIndex(compileTinyRules(files));
}

function placeTinyRules(files: Readonly<Record<string, string>>) {
  return Object.entries(files).map(([path, text]) => ({ path, file: parseRuleFile(text, path) }));
}

const SOURCES = `
sources:
  - kind: platform-reference
    where: a rule for tests
    read-on: 2026-11-22
`;

/** The YAML of an SDK's rule: what every rule must have, and these signatures, in YAML. */
export function sdkRule(id: string, signatures: readonly string[], more = ""): string {
  return `
id: ${id}
name: ${id}
vendor: ${id}
category: analytics
site: https://${id}.example/
signatures: [${signatures.map((signature) => `{ ${signature} }`).join(", ")}]
${more}${SOURCES}examples:
  present: [{ class: Lx/Y; }]
  absent: [{ class: Lx/Z; }]
`;
}

/** The YAML of a support library's rule. */
export function supportLibraryRule(id: string, signatures: readonly string[], more = ""): string {
  return `
id: ${id}
name: ${id}
signatures: [${signatures.map((signature) => `{ ${signature} }`).join(", ")}]
${more}${SOURCES}examples:
  present: [{ class: Lx/Y; }]
  absent: [{ class: Lx/Z; }]
`;
}

/** The YAML of what methods are given: these calls, in YAML. */
export function handOverRule(id: string, calls: string): string {
  return `
id: ${id}
name: ${id}
calls:
${calls}${SOURCES}`;
}

/** The YAML of a vendor. */
export function vendor(id: string, more = ""): string {
  return `{ id: ${id}, name: ${id} Inc.${more} }`;
}

/** The YAML of a rule of sensitive APIs. */
export function apiRule(id: string, dataType: string, apis: string, more = ""): string {
  return `
id: ${id}
name: ${id}
data-type: ${dataType}
${more}
apis:
${apis.replace(/^\n/, "")}
${SOURCES}`;
}

/** Data types for rules of tests. */
export function dataTypes(...ids: readonly string[]): string {
  const items = ids.map(
    (id) => `  - { id: ${id}, name: ${id}, category: c, play-question-id: q, play-response-id: r }`,
  );
  return `${SOURCES}data-types:\n${items.join("\n")}\n`;
}

/** Permissions for rules of tests: each `name protection [opens,…]`. */
export function permissions(...lines: readonly string[]): string {
  const items = lines.map((line) => {
    const [name, protection, opens] = line.split(" ");
    return `  - { name: ${name}, protection: ${protection}${opens === undefined ? "" : `, opens: [${opens}]`} }`;
  });
  return `${SOURCES}permissions:\n${items.join("\n")}\n`;
}
