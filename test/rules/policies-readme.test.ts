import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { findingKinds } from "../../src/findings/index.js";
import { joinPolicies, parsePolicy } from "../../src/policy/parse-policy.js";
import { type PolicyFile, policySchema } from "../../src/policy/policy-schema.js";
import { sdkCategories } from "../../src/ruleset/index.js";

const readme = readFileSync(new URL("../../rules/policies/README.md", import.meta.url), "utf8");

test("the example of rules/policies/README.md is a policy", async () => {
  const [, text] = /```yaml\n(# example: policy\n[\s\S]*?)```/.exec(readme)!;
  const base = await parsePolicy(
    readFileSync(new URL("../../rules/policies/no-location.yaml", import.meta.url), "utf8"),
    "no-location.yaml",
    () => false,
  );
  const policy = joinPolicies([base, await parsePolicy(text!, "README.md", () => false)], {
    has: () => true,
    suggest: () => [],
  });
  expect(policy.rules.map(({ id }) => id)).toEqual([
    "no-location-permission",
    "no-location-access",
    "no-data-broker",
    "phone-state-is-ours",
    "consent-first",
    "ads-measurement-is-off",
    "no-id-before-consent",
  ]);
  expect(policy.exceptions).toHaveLength(1);
});

test("every key and every category is told", () => {
  const { rules, exceptions, ...top } = policySchema.shape;
  const rule = rules.unwrap().element.shape;
  const keys = [
    ...Object.keys(top),
    ...Object.keys(rule),
    ...Object.keys(exceptions.unwrap().element.shape),
    ...Object.keys(rule.require.unwrap().shape),
  ];
  for (const key of keys) expect(readme, key).toMatch(new RegExp(`\`${key}\`|\\b${key}:`));
  for (const category of sdkCategories) expect(readme).toContain(`\`${category}\``);
});

test("why something is asked says what code could do, and never that it does", () => {
  const folder = new URL("../../rules/policies/", import.meta.url);
  const reasons = readdirSync(folder)
    .filter((name) => name.endsWith(".yaml"))
    .flatMap((name) => (parse(readFileSync(new URL(name, folder), "utf8")) as PolicyFile).rules ?? [])
    .map(({ because = "" }) => because);
  const claim = /(?<!\b(?:could|can) )\b(?:reads?|collects?|sends?|tells?|hold|begins? to \w+)\b/;
  expect(reasons.length).toBeGreaterThan(15);
  for (const text of [...reasons, findingKinds["missing-permission"].why]) expect(text).not.toMatch(claim);
});
