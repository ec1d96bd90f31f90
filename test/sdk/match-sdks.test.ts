// biome-ignore-all lint/suspicious/noTemplateCurlyInString: `${applicationId}` is the rules' own.
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { defaultLimits } from "../../src/diagnostics/index.js";
import type { RuleIndex } from "../../src/ruleset/index.js";
import type { SdkMatch } from "../../src/sdk/index.js";
import type { ManifestShape } from "../support/app-builder.js";
import { indexTinyRules, sdkRule, supportLibraryRule, vendor } from "../support/tiny-rules.js";
import { matchWritten, type WrittenApp } from "../support/written-evidence.js";

/** What was seen in an app, written down; the rest is the manifest's. */
type WrittenEvidence = Pick<WrittenApp, "classes" | "files" | "strings"> & ManifestShape;

const rules = indexTinyRules({
  "vendors/acme.yaml": vendor("acme"),
  "vendors/bolt.yaml": vendor("bolt"),
  "vendors/core.yaml": vendor("core"),
  "acme.yaml": sdkRule("acme", [
    "class-prefix: Lcom/acme/analytics/",
    "class-prefix: Lcom/acme/Starter;",
    "component: com.acme.analytics.UploadService",
    'authority: "${applicationId}.acme-init"',
    'authority: "com.acme.files.${applicationId}"',
    "authority: com.acme.shared",
    "meta-data: com.acme.analytics.KEY",
    'defines-permission: "${applicationId}.permission.ACME"',
    "native-library: libacme.so",
    "file: assets/acme/*.json",
    "file: acme.properties",
    "string: com.acme.analytics/1.0",
    "host: collect.acme.example",
  ]),
  "bolt.yaml": sdkRule("bolt", ["class-prefix: Lcom/acme/analytics/bolt/", "class-prefix: Lcom/bolt/"]),
  "core.yaml": supportLibraryRule("core", [
    "class-prefix: Lcom/acme/analytics/shaded/",
    "class-prefix: Lorg/core/",
  ]),
});

function match(yaml: string, index: RuleIndex = rules): SdkMatch[] {
  const { classes, files, strings, ...manifest } = parse(yaml) as WrittenEvidence;
  return matchWritten({ classes, files, strings, manifest }, index);
}

function outline(matches: readonly SdkMatch[]): string[] {
  return matches.map(({ party, confidence, evidence }) => {
    const seen = evidence.map(({ kind, value }) => `${kind} ${value}`).join(", ");
    return `${party.rule.id} ${confidence}: ${seen}`;
  });
}

describe("one witness", () => {
  test.each([
    [
      "a class",
      "classes: [Lcom/acme/analytics/Client;]",
      ["acme certain: class Lcom/acme/analytics/Client;"],
    ],
    [
      "a class deeper down",
      "classes: [Lcom/acme/analytics/a/b/C;]",
      ["acme certain: class Lcom/acme/analytics/a/b/C;"],
    ],
    ["one class by name", "classes: [Lcom/acme/Starter;]", ["acme certain: class Lcom/acme/Starter;"]],
    [
      "a service",
      "services: [com.acme.analytics.UploadService]",
      ["acme likely: component com.acme.analytics.UploadService"],
    ],
    ["an authority", "providers: { x.P: com.acme.shared }", ["acme likely: authority com.acme.shared"]],
    [
      "an authority of the app's package",
      "{ packageName: org.app, providers: { x.P: org.app.acme-init } }",
      ["acme likely: authority org.app.acme-init"],
    ],
    [
      "one authority of several",
      'providers: { x.P: "other;com.acme.shared" }',
      ["acme likely: authority com.acme.shared"],
    ],
    [
      "an authority that ends with the app's package",
      "{ packageName: org.app, providers: { x.P: com.acme.files.org.app } }",
      ["acme likely: authority com.acme.files.org.app"],
    ],
    [
      "a permission that the app defines",
      "{ packageName: org.app, permissions: [org.app.permission.ACME] }",
      ["acme likely: defines-permission org.app.permission.ACME"],
    ],
    [
      "a meta-data name",
      "metaData: { com.acme.analytics.KEY: k }",
      ["acme possible: meta-data com.acme.analytics.KEY"],
    ],
    [
      "a library, for any processor",
      "files: [lib/arm64-v8a/libacme.so]",
      ["acme possible: native-library libacme.so"],
    ],
    ["a file", "files: [acme.properties]", ["acme possible: file acme.properties"]],
    [
      "a file of a pattern",
      "files: [assets/acme/config.json]",
      ["acme possible: file assets/acme/config.json"],
    ],
    ["a string", "strings: [com.acme.analytics/1.0]", ["acme possible: string com.acme.analytics/1.0"]],
  ])("%s", (_what, yaml, expected) => {
    expect(outline(match(yaml))).toEqual(expected);
  });
});

describe("no witness", () => {
  test.each([
    ["a package that begins alike", "classes: [Lcom/acme/analyticsdemo/Client;]"],
    ["a package above", "classes: [Lcom/acme/Client;]"],
    ["a class that begins like the one named", "classes: [Lcom/acme/Starters;]"],
    ["another company's with a package of that name", "classes: [Lorg/com/acme/analytics/Client;]"],
    ["a component whose name goes on", "services: [com.acme.analytics.UploadServiceX]"],
    ["another app's authority", "{ packageName: org.app, providers: { x.P: org.other.acme-init } }"],
    [
      "an authority with the app's package inside",
      "{ packageName: org.app, providers: { x.P: x.org.app.acme-init } }",
    ],
    [
      "a package that begins like the app's",
      "{ packageName: org.app, providers: { x.P: org.appx.acme-init } }",
    ],
    ["a library elsewhere", "files: [assets/libacme.so, lib/libacme.so, lib/x86/sub/libacme.so]"],
    ["a pattern's star across a slash", "files: [assets/acme/sub/config.json]"],
    ["a pattern's dot", "files: [assets/acme/configXjson]"],
    ["part of a string", "strings: [com.acme.analytics/1.0.1, xcom.acme.analytics/1.0]"],
    ["a host alone", "strings: [collect.acme.example]"],
    ["nothing", "{}"],
  ])("%s", (_what, yaml) => {
    expect(outline(match(yaml))).toEqual([]);
  });
});

describe("several witnesses", () => {
  test("of one kind are worth no more than one", () => {
    expect(outline(match("files: [acme.properties, assets/acme/a.json]"))).toEqual([
      "acme possible: file acme.properties, file assets/acme/a.json",
    ]);
  });

  test("of two kinds are worth a step more, the strongest first", () => {
    expect(outline(match("{ files: [acme.properties], metaData: { com.acme.analytics.KEY: k } }"))).toEqual([
      "acme likely: meta-data com.acme.analytics.KEY, file acme.properties",
    ]);
    expect(
      outline(match("{ files: [acme.properties], services: [com.acme.analytics.UploadService] }")),
    ).toEqual(["acme likely: component com.acme.analytics.UploadService, file acme.properties"]);
  });

  test("of a class and something else are no surer than certain", () => {
    expect(match("{ files: [acme.properties], classes: [Lcom/acme/analytics/C;] }")[0]!.confidence).toBe(
      "certain",
    );
  });
});

test("the longest prefix of all rules has a class, in whatever order the rules stand", () => {
  const yaml =
    "classes: [Lcom/acme/analytics/bolt/B;, Lcom/acme/analytics/shaded/S;, Lcom/acme/analytics/A;]";
  expect(outline(match(yaml))).toEqual([
    "acme certain: class Lcom/acme/analytics/A;",
    "bolt certain: class Lcom/acme/analytics/bolt/B;",
    "core certain: class Lcom/acme/analytics/shaded/S;",
  ]);
});

test("a component's class is its party's where no prefix has it", () => {
  const index = indexTinyRules({
    "vendors/acme.yaml": vendor("acme"),
    "acme.yaml": sdkRule("acme", ["component: io.shared.AcmeReceiver"]),
  });
  expect(outline(match("classes: [Lio/shared/AcmeReceiver;]", index))).toEqual([
    "acme certain: class Lio/shared/AcmeReceiver;",
  ]);
  expect(outline(match("classes: [Lio/shared/Other;]", index))).toEqual([]);
});

test("evidence past the limit is not kept", () => {
  const classes = Array.from({ length: 30 }, (_, index) => `Lcom/acme/analytics/p${index}/C;`);
  const [found] = matchWritten({ classes }, rules);
  expect(found!.evidence).toHaveLength(defaultLimits.evidencePerItem);
});

test("a package of nothing but what the build generates is no witness", () => {
  const [found] = matchWritten(
    { classes: ["Lcom/acme/analytics/R;"], generated: ["Lcom/acme/analytics/R;"] },
    rules,
  );
  expect(found).toBeUndefined();
  const both = {
    classes: ["Lcom/acme/analytics/R;", "Lcom/acme/analytics/Client;"],
    generated: ["Lcom/acme/analytics/R;"],
  };
  expect(outline(matchWritten(both, rules))).toEqual(["acme certain: class Lcom/acme/analytics/Client;"]);
});

describe("what the app's makers' own code names", () => {
  const found = (holder: string) =>
    outline(matchWritten({ strings: ["com.acme.analytics/1.0"], holder }, rules, ["Lorg/shop/"]));

  test("is no witness for an SDK; in renamed code it is", () => {
    expect(found("Lorg/shop/Settings;")).toEqual([]);
    expect(found("La/b;")).toEqual(["acme possible: string com.acme.analytics/1.0"]);
  });

  test("nor is it in the code of another party that a rule knows", () => {
    expect(found("Lcom/bolt/Adapter;")).toEqual([]);
    expect(found("Lcom/acme/analytics/Client;")).toEqual(["acme possible: string com.acme.analytics/1.0"]);
  });
});
