import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { loadRuleFiles } from "../../src/ruleset/load-ruleset.js";
import { parseRuleFile } from "../../src/ruleset/parse-rule.js";
import { sdkRule, vendor } from "../support/tiny-rules.js";
import { type LintLists, lintRules, type NestedPrefixes } from "./lint-rules.js";

const readYaml = (name: string) => parse(readFileSync(new URL(name, import.meta.url), "utf8"));

const lists: LintLists = {
  ...(readYaml("lint-lists.yaml") as Omit<LintLists, "nested">),
  nested: readYaml("nested-prefixes.yaml") as NestedPrefixes[],
};

test("the shipped rules are in order", () => {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  const rules = loadRuleFiles(join(root, "rules")).map((rule) => ({
    ...rule,
    path: relative(root, rule.path),
  }));
  expect(lintRules(rules, lists)).toEqual([]);
});

describe("a mistake is named, with what to do", () => {
  const lint = (files: Record<string, string>, more: Partial<LintLists> = {}) =>
    lintRules(
      Object.entries(files).map(([path, text]) => ({ path, file: parseRuleFile(text, path) })),
      { ...lists, nested: [], ...more },
    );
  const acme = (signature: string, more = "") => ({ "acme.yaml": sdkRule("acme", [signature], more) });

  test.each([
    ["a root that many share", "class-prefix: Lcom/google/firebase/", /holds more than this product/],
    ["a single word", "class-prefix: Lacme/", /single word/],
    ["an inner class", "class-prefix: Lcom/acme/Sdk$Builder;", /goes with its outermost/],
    ["a common native library", "native-library: libnative-lib.so", /many libraries have/],
    ["a shared host", "host: googleapis.com", /anybody's code/],
    ["somebody's bucket", "host: acme.s3.amazonaws.com", /anybody's code/],
    ["a page to read", "host: docs.acme.example", /pages to read/],
  ])("%s", (_, signature, complaint) => {
    expect(lint(acme(signature))).toEqual([expect.stringMatching(complaint)]);
  });

  test("a note to the authors, a switch without a source", () => {
    expect(lint(acme("class-prefix: Lcom/acme/", "note: com.acme.old is left out.\n"))).toEqual([
      expect.stringMatching(/YAML comment/),
    ]);
    const switches = 'switches: [{ meta-data: acme_enabled, off: "false", effect: Nothing is sent. }]\n';
    expect(lint(acme("class-prefix: Lcom/acme/", switches))).toEqual([expect.stringMatching(/no source/)]);
  });

  test("a rule inside another, unless the pair is listed; a pair that is no more", () => {
    const files = {
      "acme.yaml": sdkRule("acme", ["class-prefix: Lcom/acme/"]),
      "push.yaml": sdkRule("push", ["class-prefix: Lcom/acme/push/"]),
    };
    const pair = { inner: "push", outer: "acme", why: "another product" };
    expect(lint(files)).toEqual([expect.stringMatching(/^push.yaml: .* stands in a package of acme/)]);
    expect(lint(files, { nested: [pair] })).toEqual([]);
    expect(lint(acme("class-prefix: Lcom/acme/"), { nested: [pair] })).toEqual([
      expect.stringMatching(/Remove the pair/),
    ]);
    const component = { ...files, "push.yaml": sdkRule("push", ["component: com.acme.PushService"]) };
    expect(lint(component)).toEqual([
      expect.stringMatching(/com.acme.PushService stands in a package of acme/),
    ]);
  });

  test("a prefix below one of its own rule's, but for what another rule stands between", () => {
    const two = ["class-prefix: Lcom/acme/", "class-prefix: Lcom/acme/adapters/acme/"];
    expect(lint({ "acme.yaml": sdkRule("acme", two) })).toEqual([
      expect.stringMatching(/below another prefix/),
    ]);
    const nested = [
      { inner: "adapters", outer: "acme", why: "glue" },
      { inner: "acme", outer: "adapters", why: "its own" },
    ];
    const adapters = sdkRule("adapters", ["class-prefix: Lcom/acme/adapters/"]);
    expect(lint({ "acme.yaml": sdkRule("acme", two), "adapters.yaml": adapters }, { nested })).toEqual([]);
  });

  test("one name in two rules", () => {
    const files = {
      "acme.yaml": sdkRule("acme", ["meta-data: com.acme.KEY"]),
      "other.yaml": sdkRule("other", ["meta-data: com.acme.KEY"]),
    };
    expect(lint(files)).toEqual([expect.stringMatching(/^other.yaml: .* is also in acme/)]);
  });

  test("a vendor without a site, without a rule, with a word for an app", () => {
    const file = { "v.yaml": vendor("v", ", own-apps: [com]") };
    expect(lint(file)).toEqual([
      expect.stringMatching(/no site/),
      expect.stringMatching(/no rule names/),
      expect.stringMatching(/single word/),
    ]);
  });
});
