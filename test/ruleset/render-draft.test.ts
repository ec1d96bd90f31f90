import fc from "fast-check";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { parseRuleFile } from "../../src/ruleset/parse-rule.js";
import { renderDraft } from "../../src/ruleset/render-draft.js";
import type { RuleDraft } from "../../src/ruleset/rule-draft.js";

const draft: RuleDraft = {
  id: "acme-sdk",
  name: "Acme SDK",
  vendor: "acme",
  category: "analytics",
  signatures: [
    { kind: "class-prefix", value: "Lcom/acme/sdk/", comment: "12 classes" },
    { kind: "component", value: "com.acme.sdk.UploadService" },
  ],
  version: [
    {
      kind: "field",
      value: "Lcom/acme/sdk/BuildConfig;->VERSION_NAME:Ljava/lang/String;",
      comment: "here 1.2.3",
    },
  ],
  providers: ["com.acme.sdk.InitProvider"],
  examples: {
    present: [{ class: "Lcom/acme/sdk/Sdk;" }, { component: "com.acme.sdk.UploadService" }],
    absent: [{ class: "Lcom/acme/sdkdemo/Main;" }],
  },
  source: "app.apk (SHA-256 0123)",
  readOn: "2026-11-25",
};

test("a draft is a rule that parses, with what was seen in comments", () => {
  const yaml = renderDraft(draft);
  const file = parseRuleFile(yaml, "acme-sdk.yaml");
  expect(file).toMatchObject({
    kind: "sdk",
    rule: {
      id: "acme-sdk",
      signatures: [{ "class-prefix": "Lcom/acme/sdk/" }, { component: "com.acme.sdk.UploadService" }],
      version: [{ field: "Lcom/acme/sdk/BuildConfig;->VERSION_NAME:Ljava/lang/String;" }],
      "auto-init": [{ provider: "com.acme.sdk.InitProvider" }],
    },
  });
  expect(yaml).toContain("  - class-prefix: Lcom/acme/sdk/ # 12 classes\n");
  expect(yaml).toContain("VERSION_NAME:Ljava/lang/String; # here 1.2.3\n");
});

test.each([
  "---",
  "--- a",
  "...",
  "- a",
  "a: b",
  "a #b",
  "null",
  "1e3",
  "~",
  "%a",
  "\u2028",
  "\x85a",
  " a",
  "a ",
  "a:",
  "",
])("%j is read as what it is", (value) => {
  const yaml = renderDraft({
    ...draft,
    name: value,
    signatures: [{ kind: "component", value, comment: value }],
  });
  const read = parse(yaml) as { name: string; signatures: unknown };
  expect([read.name, read.signatures]).toEqual([value, [{ component: value }]]);
});

test("whatever an app calls things stays what it is, and one line", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "binary", minLength: 1 }),
      fc.string({ unit: "binary" }),
      (value, comment) => {
        fc.pre(value.isWellFormed() && comment.isWellFormed());
        const signatures = [{ kind: "component", value, comment }];
        const yaml = renderDraft({ ...draft, signatures, name: value });
        const read = parse(yaml) as { name: string; signatures: unknown };
        expect(read.signatures).toEqual([{ component: value }]);
        expect(read.name).toBe(value);
        expect(yaml.split("\n")).toHaveLength(
          renderDraft({ ...draft, signatures: draft.signatures.slice(0, 1) }).split("\n").length,
        );
      },
    ),
  );
});
