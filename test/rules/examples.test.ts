// biome-ignore-all lint/suspicious/noTemplateCurlyInString: `${applicationId}` is the rules' own.
import { basename, dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { compileRuleset } from "../../src/ruleset/compile-ruleset.js";
import { RuleIndex } from "../../src/ruleset/index.js";
import { loadRuleFiles } from "../../src/ruleset/load-ruleset.js";
import { matchWritten, type WrittenApp } from "../support/written-evidence.js";

const directory = fileURLToPath(new URL("../../rules", import.meta.url));
const started = performance.now();
const placed = loadRuleFiles(directory);
const ruleset = compileRuleset(placed);
const loading = performance.now() - started;
const rules = new RuleIndex(ruleset);

const parties = placed.flatMap(({ path, file }) =>
  file.kind === "sdk" || file.kind === "support-library" ? [{ path, ...file }] : [],
);

type Example = (typeof parties)[number]["rule"]["examples"]["present"][number];

/** What the examples of rules take for the app's package. */
const APPLICATION_ID = "com.example.app";

/** An app in which nothing but one example was seen. */
function appOf(example: Example): WrittenApp {
  const [kind, written] = Object.entries(example)[0] as [string, string];
  const value = written.replace("${applicationId}", APPLICATION_ID);
  const manifest = (shape: WrittenApp["manifest"]) => ({
    manifest: { packageName: APPLICATION_ID, ...shape },
  });
  switch (kind) {
    case "class":
      return { classes: [value] };
    case "component":
      return manifest({ services: [value] });
    case "authority":
      return manifest({ providers: { "com.example.app.Provider": value } });
    case "defines-permission":
      return manifest({ permissions: [value] });
    case "meta-data":
      return manifest({ metaData: { [value]: "value" } });
    case "native-library":
      return { files: [`lib/arm64-v8a/${value}`] };
    case "file":
      return { files: [value] };
    case "string":
      return { strings: [value] };
    default:
      throw new Error(`no app is written for an example of kind ${kind}`);
  }
}

function matchedBy(example: Example): string[] {
  return matchWritten(appOf(example), rules).map(({ party }) => party.rule.id);
}

describe("the rules that ship", () => {
  test("are there, and load in seconds", () => {
    expect(ruleset.sdks.length).toBeGreaterThan(200);
    expect(ruleset.supportLibraries.length).toBeGreaterThan(200);
    expect(ruleset.apis.length).toBeGreaterThan(60);
    expect(loading).toBeLessThan(15_000); // 1.5 s on an idle machine
  });

  test("each match every example of what is present, alone", () => {
    const missed = parties.flatMap(({ path, rule }) =>
      rule.examples.present
        .filter((example) => !matchedBy(example).includes(rule.id))
        .map((example) => `${path}: ${JSON.stringify(example)}`),
    );
    expect(missed).toEqual([]);
  });

  test("match no example of what is absent", () => {
    const matched = parties.flatMap(({ path, rule }) =>
      rule.examples.absent
        .filter((example) => matchedBy(example).includes(rule.id))
        .map((example) => `${path}: ${JSON.stringify(example)}`),
    );
    expect(matched).toEqual([]);
  });

  test("have a class of theirs among the examples where they claim classes", () => {
    const without = parties.filter(
      ({ rule }) =>
        rule.signatures.some((signature) => "class-prefix" in signature) &&
        !rule.examples.present.some((example) => "class" in example),
    );
    expect(without.map(({ path }) => path)).toEqual([]);
  });

  test("are named like their files, and SDKs stand in the folder of their category", () => {
    for (const { path, file } of placed) {
      if (!("id" in file.rule)) continue;
      expect(basename(path), path).toBe(`${file.rule.id}.yaml`);
      const folder = { sdk: "sdks", "support-library": "support-libraries", vendor: "vendors", api: "apis" }[
        file.kind as string
      ];
      const place = file.kind === "sdk" ? dirname(dirname(path)) : dirname(path);
      expect(basename(place), path).toBe(folder);
      if (file.kind === "sdk") expect(basename(dirname(path)), path).toBe(file.rule.category);
    }
  });

  test("name no vendor that has no rule, and data types that some API or permission yields", () => {
    const used = new Set([
      ...parties.map(({ rule }) => rule.vendor),
      ...ruleset.vendors.map(({ parent }) => parent),
    ]);
    expect(ruleset.vendors.map(({ id }) => id).filter((id) => !used.has(id))).toEqual([]);
    const known = new Set(ruleset.dataTypes.map(({ id }) => id));
    for (const rule of ruleset.apis) expect(known, rule.id).toContain(rule["data-type"]);
  });

  test("ask of an API one permission or another, or all: never both at once, nor neither", () => {
    for (const rule of ruleset.apis) {
      for (const need of [...(rule.needs ?? []), ...rule.apis.flatMap((api) => api.needs ?? [])]) {
        const forms = [need["any-of"], need["all-of"]].filter((names) => names !== undefined);
        expect(forms, rule.id).toHaveLength(1);
      }
    }
  });

  test("name permissions that rules/permissions.yaml knows", () => {
    const known = new Set(ruleset.permissions.map(({ name }) => name));
    const needed = ruleset.apis.flatMap((rule) =>
      [...(rule.needs ?? []), ...rule.apis.flatMap((api) => api.needs ?? [])].flatMap((need) =>
        [...(need["any-of"] ?? []), ...(need["all-of"] ?? [])].map((name) => `${rule.id}: ${name}`),
      ),
    );
    expect([...new Set(needed)].filter((line) => !known.has(line.slice(line.indexOf(" ") + 1)))).toEqual([]);
  });

  test("ask for no content URI by a string signature: one text has one meaning", () => {
    const uris = ruleset.apis.flatMap((rule) => rule.apis.flatMap((api) => api["content-uri"] ?? []));
    const strings = [...rules.valuesOf("string")];
    expect(strings.filter((text) => uris.some((uri) => text.startsWith(uri)))).toEqual([]);
  });
});
