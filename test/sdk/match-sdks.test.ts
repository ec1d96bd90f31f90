// biome-ignore-all lint/suspicious/noTemplateCurlyInString: `${applicationId}` is the rules' own.
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { defaultLimits } from "../../src/diagnostics/index.js";
import { PackageTable } from "../../src/program/index.js";
import type { RuleIndex } from "../../src/ruleset/index.js";
import { matchSdks, type SdkMatch, type SeenString } from "../../src/sdk/index.js";
import { buildManifest, fakeApp } from "../support/app-builder.js";
import { indexTinyRules, sdkRule, supportLibraryRule, vendor } from "../support/tiny-rules.js";

/** What was seen in an app, written down. */
interface WrittenEvidence {
  readonly package?: string;
  readonly classes?: readonly string[];
  readonly services?: readonly string[];
  readonly providers?: Readonly<Record<string, string>>;
  readonly metaData?: Readonly<Record<string, string>>;
  readonly permissions?: readonly string[];
  readonly files?: readonly string[];
  readonly strings?: readonly string[];
}

const rules = indexTinyRules({
  "vendors/acme.yaml": vendor("acme"),
  "vendors/bolt.yaml": vendor("bolt"),
  "vendors/core.yaml": vendor("core"),
  "acme.yaml": sdkRule("acme", [
    "class-prefix: Lcom/acme/analytics/",
    "class-prefix: Lcom/acme/Starter;",
    "component: com.acme.analytics.UploadService",
    'authority: "${applicationId}.acme-init"',
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

function matchWritten(yaml: string, index: RuleIndex = rules): SdkMatch[] {
  const evidence = parse(yaml) as WrittenEvidence;
  const packages = new PackageTable(index.classesApart());
  for (const descriptor of evidence.classes ?? []) addClass(packages, index, descriptor);
  const manifest = buildManifest({
    ...(evidence.package === undefined ? {} : { packageName: evidence.package }),
    services: evidence.services ?? [],
    providers: evidence.providers ?? {},
    metaData: evidence.metaData ?? {},
    permissions: evidence.permissions ?? [],
  });
  const app = fakeApp(manifest, evidence.files);
  const strings = (evidence.strings ?? []).map(
    (text): SeenString => ({ text, evidence: () => ({ kind: "string", entry: "classes.dex", value: text }) }),
  );
  return matchSdks(app, packages, strings, index, defaultLimits);
}

/** As `addClasses` does with a class of a DEX file. */
function addClass(packages: PackageTable, index: RuleIndex, descriptor: string): void {
  const isApart = index.classesApart().includes(descriptor);
  packages.names.push(isApart ? descriptor : descriptor.slice(0, descriptor.lastIndexOf("/") + 1));
  packages.classes.push(1);
  packages.codeUnits.push(0);
  packages.examples.push(descriptor);
  packages.exampleEntries.push("classes.dex");
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
      "{ package: org.app, providers: { x.P: org.app.acme-init } }",
      ["acme likely: authority org.app.acme-init"],
    ],
    [
      "one authority of several",
      'providers: { x.P: "other;com.acme.shared" }',
      ["acme likely: authority com.acme.shared"],
    ],
    [
      "a permission that the app defines",
      "{ package: org.app, permissions: [org.app.permission.ACME] }",
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
    expect(outline(matchWritten(yaml))).toEqual(expected);
  });
});

describe("no witness", () => {
  test.each([
    ["a package that begins alike", "classes: [Lcom/acme/analyticsdemo/Client;]"],
    ["a package above", "classes: [Lcom/acme/Client;]"],
    ["a class that begins like the one named", "classes: [Lcom/acme/Starters;]"],
    ["another company's with a package of that name", "classes: [Lorg/com/acme/analytics/Client;]"],
    ["a component whose name goes on", "services: [com.acme.analytics.UploadServiceX]"],
    ["another app's authority", "{ package: org.app, providers: { x.P: org.other.acme-init } }"],
    [
      "an authority with the app's package inside",
      "{ package: org.app, providers: { x.P: x.org.app.acme-init } }",
    ],
    ["a package that begins like the app's", "{ package: org.app, providers: { x.P: org.appx.acme-init } }"],
    ["a library elsewhere", "files: [assets/libacme.so, lib/libacme.so, lib/x86/sub/libacme.so]"],
    ["a pattern's star across a slash", "files: [assets/acme/sub/config.json]"],
    ["a pattern's dot", "files: [assets/acme/configXjson]"],
    ["part of a string", "strings: [com.acme.analytics/1.0.1, xcom.acme.analytics/1.0]"],
    ["a host alone", "strings: [collect.acme.example]"],
    ["nothing", "{}"],
  ])("%s", (_what, yaml) => {
    expect(outline(matchWritten(yaml))).toEqual([]);
  });
});

describe("several witnesses", () => {
  test("of one kind are worth no more than one", () => {
    expect(outline(matchWritten("files: [acme.properties, assets/acme/a.json]"))).toEqual([
      "acme possible: file acme.properties, file assets/acme/a.json",
    ]);
  });

  test("of two kinds are worth a step more, the strongest first", () => {
    expect(
      outline(matchWritten("{ files: [acme.properties], metaData: { com.acme.analytics.KEY: k } }")),
    ).toEqual(["acme likely: meta-data com.acme.analytics.KEY, file acme.properties"]);
    expect(
      outline(matchWritten("{ files: [acme.properties], services: [com.acme.analytics.UploadService] }")),
    ).toEqual(["acme certain: component com.acme.analytics.UploadService, file acme.properties"]);
  });

  test("of a class and something else are no surer than certain", () => {
    expect(
      matchWritten("{ files: [acme.properties], classes: [Lcom/acme/analytics/C;] }")[0]!.confidence,
    ).toBe("certain");
  });
});

test("the longest prefix of all rules has a class, in whatever order the rules stand", () => {
  const yaml =
    "classes: [Lcom/acme/analytics/bolt/B;, Lcom/acme/analytics/shaded/S;, Lcom/acme/analytics/A;]";
  expect(outline(matchWritten(yaml))).toEqual([
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
  expect(outline(matchWritten("classes: [Lio/shared/AcmeReceiver;]", index))).toEqual([
    "acme certain: class Lio/shared/AcmeReceiver;",
  ]);
  expect(outline(matchWritten("classes: [Lio/shared/Other;]", index))).toEqual([]);
});

test("evidence past the limit is not kept", () => {
  const packages = new PackageTable();
  for (let i = 0; i < 30; i++) addClass(packages, rules, `Lcom/acme/analytics/p${i}/C;`);
  const app = fakeApp(undefined);
  const [match] = matchSdks(app, packages, [], rules, { ...defaultLimits, evidencePerItem: 4 });
  expect(match!.evidence).toHaveLength(4);
});
