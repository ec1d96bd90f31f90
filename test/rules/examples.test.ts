import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { compileRuleset } from "../../src/ruleset/compile-ruleset.js";
import { RuleIndex } from "../../src/ruleset/index.js";
import { loadRuleFiles } from "../../src/ruleset/load-ruleset.js";
import { parseRuleFile } from "../../src/ruleset/parse-rule.js";
import { testRules } from "../../src/sdk/index.js";
import { readLabels } from "../accuracy/labels.js";
import { sdkRule, vendor } from "../support/tiny-rules.js";

describe("the rules that ship", () => {
  const started = performance.now();
  const placed = loadRuleFiles(fileURLToPath(new URL("../../rules", import.meta.url)));
  const ruleset = compileRuleset(placed);
  const loading = performance.now() - started;

  test("are there, and load in seconds", () => {
    expect(ruleset.sdks.length).toBeGreaterThan(200);
    expect(ruleset.supportLibraries.length).toBeGreaterThan(200);
    expect(ruleset.apis.length).toBeGreaterThan(60);
    expect(loading).toBeLessThan(15_000); // 1.5 s on an idle machine
  });

  test("each match their examples, alone, and none of their near misses", () => {
    const { rules, examples, complaints } = testRules(placed, new RuleIndex(ruleset));
    expect(complaints).toEqual([]);
    expect(rules).toBe(ruleset.sdks.length + ruleset.supportLibraries.length);
    expect(examples).toBeGreaterThan(2 * rules);
  });

  test("name a real app where a labelled one carries the SDK or library, and none that is not labelled so", () => {
    const carried = new Map(
      readLabels()
        .filter(({ entries }) => entries[0]!.kind === "apk")
        .map(({ entries: [app], parties }) => [
          `${app!.package}/${app!.path}`,
          new Set(parties.map(({ id }) => id)),
        ]),
    );
    const inLabels = new Set([...carried.values()].flatMap((ids) => [...ids]));
    for (const { file } of placed) {
      if (file.kind !== "sdk" && file.kind !== "support-library") continue;
      const { id, examples } = file.rule;
      const named = examples.apps ?? [];
      expect(named.length > 0, id).toBe(inLabels.has(id));
      for (const app of named) expect(carried.get(app), `${app} of ${id}`).toContain(id);
    }
  });
});

describe("an example that does not hold is named, with its line and what to do", () => {
  const complaintsOf = (signatures: string[], present: string, absent: string) => {
    const text = sdkRule("acme", signatures)
      .replace("present: [{ class: Lx/Y; }]", `present: [${present}]`)
      .replace("absent: [{ class: Lx/Z; }]", `absent: [${absent}]`);
    const files = { "vendors/acme.yaml": vendor("acme"), "acme.yaml": text };
    const placed = Object.entries(files).map(([path, content]) => ({
      path,
      text: content,
      file: parseRuleFile(content, path),
    }));
    return testRules(placed, new RuleIndex(compileRuleset(placed))).complaints.map(
      ({ place, problem }) => `${place} ${problem}`,
    );
  };

  test.each([
    ["class-prefix: Lcom/acme/", "{ class: Lcom/acme/Sdk; }", "{ class: Lcom/acmeother/Sdk; }"],
    ["component: com.acme.Upload", "{ component: com.acme.Upload }", "{ component: com.acme.Other }"],
    [
      'authority: "${applicationId}.acme"',
      "{ authority: com.example.app.acme }",
      "{ authority: com.example.app.acne }",
    ],
    [
      "defines-permission: acme.READ",
      "{ defines-permission: acme.READ }",
      "{ defines-permission: acme.WRITE }",
    ],
    ["meta-data: acme_key", "{ meta-data: acme_key }", "{ meta-data: acme_keys }"],
    ["native-library: libacme.so", "{ native-library: libacme.so }", "{ native-library: libacme2.so }"],
    ["file: assets/acme/*.json", "{ file: assets/acme/a.json }", "{ file: assets/acme/b/a.json }"],
    ["string: acme-sdk", "{ string: acme-sdk }", "{ string: acme-sdk-2 }"],
  ])("%s", (signature, present, absent) => {
    expect(complaintsOf([signature], present, absent)).toEqual([]);
    expect(complaintsOf([signature], absent, "{ class: Lx/Z; }")).toEqual([
      expect.stringMatching(/^acme.yaml:14 the rule does not match its own example/),
    ]);
    expect(complaintsOf([signature], present, present)).toEqual([
      expect.stringMatching(/^acme.yaml:15 the rule matches .* which is none of its own/),
    ]);
  });

  test("a host matches nothing by itself", () => {
    expect(
      complaintsOf(["host: in.acme.example"], "{ string: in.acme.example }", "{ class: Lx/Z; }"),
    ).toHaveLength(1);
  });
});
