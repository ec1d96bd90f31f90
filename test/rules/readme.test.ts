import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { flowModelSchema } from "../../src/ruleset/flow-schema.js";
import { parseRuleFile } from "../../src/ruleset/parse-rule.js";
import { sdkRuleSchema, signatureSchema } from "../../src/ruleset/schema.js";

const readme = readFileSync(new URL("../../rules/README.md", import.meta.url), "utf8");
const examples = [...readme.matchAll(/```yaml\n(# rules\/(\S+\.yaml)[^\n]*\n[\s\S]*?)```/g)].map(
  ([, text, path]) => ({ text: text!, path: path! }),
);

test("the examples of rules/README.md are rules", () => {
  expect(examples.map(({ path, text }) => `${path} ${parseRuleFile(text, path).kind}`)).toEqual([
    "sdks/analytics/acme-analytics.yaml sdk",
    "apis/advertising-id.yaml api",
    "flows/acme-events.yaml flow",
    "hand-overs/acme-analytics.yaml hand-over",
  ]);
});

test("the example of flows shows every key that a model may have, but for what few need, and each is told", () => {
  const rare = ["computes", "sends", "reflects"];
  for (const key of Object.keys(flowModelSchema.shape)) {
    if (key === "method") continue;
    if (!rare.includes(key)) expect(examples[2]!.text, key).toMatch(new RegExp(`^ {4}${key}:`, "m"));
    expect(readme, key).toContain(`\`${key}\``);
  }
});

test("the example of an SDK shows every key that such a rule may have, but for notes, and each kind of signature is told", () => {
  const [sdk] = examples;
  const keys = Object.keys(sdkRuleSchema.shape).filter((key) => key !== "note");
  for (const key of keys) expect(sdk!.text, key).toMatch(new RegExp(`^${key}:`, "m"));
  for (const { shape } of signatureSchema.options) {
    for (const kind of Object.keys(shape)) expect(readme, kind).toContain(`\`${kind}\``);
  }
});
