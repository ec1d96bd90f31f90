import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { openApp } from "../../src/app/index.js";
import { bytesSource } from "../../src/archive/index.js";
import { auditSource, prepareRules } from "../../src/audit.js";
import { auditFromFacts, auditWithFacts } from "../../src/audit-with-facts.js";
import { type DexFile, decodeInstruction, readCodeItem, visitCode } from "../../src/dex/index.js";
import { defaultLimits } from "../../src/diagnostics/index.js";
import { RuleChange } from "../../src/rule-change.js";
import { loadCompiledRules, type Ruleset } from "../../src/ruleset/index.js";
import { MemoryFactStore } from "../support/fact-store.js";
import { fixtureAppPath } from "../support/fixture-apps.js";
import { rowsOf } from "./audit-after-change.js";
import { realApps } from "./real-apps.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const shipped = loadCompiledRules(join(root, "dist", "rules.jsonl")).toRuleset();

/** The names in a DEX file, and the texts that its code loads, read without anything that facts are made with. */
interface Names {
  readonly all: ReadonlySet<string>;
  readonly loaded: ReadonlySet<string>;
}

/** A change of rules, and the DEX files that must be gone through again for it. */
interface Change {
  readonly change: (rules: Ruleset) => Ruleset;
  readonly walks: (names: Names, ofApp: readonly Names[]) => boolean;
}

const nothing = () => false;
const hasAll =
  (...texts: string[]) =>
  ({ all }: Names) =>
    texts.every((text) => all.has(text));
const hasAny =
  (...texts: string[]) =>
  ({ all }: Names) =>
    texts.some((text) => all.has(text));
const isInApp = (text: string, ofApp: readonly Names[]) => ofApp.some(({ all }) => all.has(text));

/** Another version of the rules, with one more API of a data type. */
function addApi(rules: Ruleset, api: Ruleset["apis"][number]["apis"][number]): Ruleset {
  const [first, ...others] = rules.apis;
  return { ...rules, rulesVersion: "changed", apis: [{ ...first!, apis: [...first!.apis, api] }, ...others] };
}

/** Another version of the rules, with one more call that is given an e-mail address. */
function addCall(rules: Ruleset, call: { readonly method: string } | { readonly name: string }): Ruleset {
  const gives = [{ index: 0, "data-type": "email-address" }];
  const added = { id: "zz", name: "zz", calls: [{ ...call, gives }] };
  return { ...rules, rulesVersion: "changed", handOvers: [...rules.handOvers, added] };
}

function addSignatures(
  rules: Ruleset,
  ...signatures: Ruleset["sdks"][number]["signatures"][number][]
): Ruleset {
  const [first, ...others] = rules.sdks;
  return {
    ...rules,
    rulesVersion: "changed",
    sdks: [{ ...first!, signatures: [...first!.signatures, ...signatures] }, ...others],
  };
}

const changes: Record<string, Change> = {
  "nothing but their version": { change: (rules) => ({ ...rules, rulesVersion: "changed" }), walks: nothing },
  "a rule less": {
    change: (rules) => ({
      ...rules,
      sdks: [],
      supportLibraries: rules.supportLibraries.slice(1),
      componentClasses: [],
    }),
    walks: nothing,
  },
  "no API at all": { change: (rules) => ({ ...rules, apis: [] }), walks: nothing },
  "other class prefixes": {
    change: (rules) =>
      addSignatures(rules, { "class-prefix": "Landroidx/" }, { "class-prefix": "Lkotlin/jvm/" }),
    walks: nothing,
  },
  "a class apart from its package": {
    change: (rules) => addSignatures(rules, { "class-prefix": "Lkotlin/Unit;" }),
    walks: hasAll("Lkotlin/Unit;"),
  },
  "other permissions": {
    change: (rules) => ({ ...rules, permissions: rules.permissions.slice(0, 20) }),
    walks: nothing,
  },
  "a component, a meta-data, a file and a host": {
    change: (rules) =>
      addSignatures(
        rules,
        { component: "io.appium.settings.Settings" },
        { "meta-data": "com.facebook.sdk.ApplicationId" },
        { file: "META-INF/*.version" },
        { host: "no-app-names.example" },
      ),
    walks: nothing,
  },
  "a string that some code loads": {
    change: (rules) => addSignatures(rules, { string: "close" }),
    walks: ({ loaded }) => loaded.has("close"),
  },
  "a string that is a name in the code": {
    change: (rules) => addSignatures(rules, { string: "Ljava/lang/Object;" }),
    walks: ({ loaded }) => loaded.has("Ljava/lang/Object;"),
  },
  "a string that no code loads": {
    change: (rules) => addSignatures(rules, { string: "no app has this text" }),
    walks: nothing,
  },
  "an API that is called": {
    change: (rules) =>
      addApi(rules, { method: "Ljava/lang/StringBuilder;->append(J)Ljava/lang/StringBuilder;" }),
    walks: ({ all, loaded }, ofApp) =>
      all.has("Ljava/lang/StringBuilder;") ||
      loaded.has("append") ||
      loaded.has("java.lang.StringBuilder") ||
      (all.has("append") && all.has("J") && isInApp("Ljava/lang/StringBuilder;", ofApp)),
  },
  "an API that nobody calls": {
    change: (rules) => addApi(rules, { method: "Lno/such/Thing;->neverNamed(I)V" }),
    walks: nothing,
  },
  "an API whose name others have": {
    change: (rules) => addApi(rules, { method: "Lno/such/Thing;->toString()Ljava/lang/String;" }),
    walks: ({ loaded }) => loaded.has("toString"),
  },
  "an API that subclasses inherit": {
    change: (rules) => addApi(rules, { method: "Landroid/content/Context;->getPackageName(*)*" }),
    walks: ({ all, loaded }) => loaded.has("getPackageName") || all.has("getPackageName"),
  },
  "an API with an argument": {
    change: (rules) =>
      addApi(rules, {
        method: "Landroid/content/Context;->getSystemService(Ljava/lang/String;)Ljava/lang/Object;",
        argument: { index: 0, "one-of": ["audio"] },
      }),
    walks: ({ loaded, all }) =>
      loaded.has("audio") ||
      isNewMethod(all, "getSystemService", ["Ljava/lang/String;", "Ljava/lang/Object;"]),
  },
  "a method that is given something": {
    change: (rules) => addCall(rules, { method: "Lkotlin/jvm/internal/Intrinsics;->areEqual(*)*" }),
    walks: hasAny("Lkotlin/jvm/internal/Intrinsics;", "areEqual"),
  },
  "a method that nobody calls, given something": {
    change: (rules) => addCall(rules, { method: "Lno/such/Thing;->neverNamed(*)*" }),
    walks: nothing,
  },
  "a name of methods that are given something": {
    change: (rules) => addCall(rules, { name: "setTag" }),
    walks: hasAll("setTag"),
  },
  "nothing that anybody is given": { change: (rules) => ({ ...rules, handOvers: [] }), walks: nothing },
  "a blind spot": {
    change: (rules) => ({
      ...rules,
      rulesVersion: "changed",
      blindSpots: [...rules.blindSpots, { kind: "reflection", method: "Ljava/lang/Object;->getClass(*)*" }],
    }),
    walks: hasAny("Ljava/lang/Object;", "getClass"),
  },
  "a field": {
    change: (rules) => addApi(rules, { field: "Landroid/os/Build$VERSION;->SDK_INT:I" }),
    walks: ({ all, loaded }) =>
      all.has("Landroid/os/Build$VERSION;") ||
      loaded.has("SDK_INT") ||
      loaded.has("android.os.Build$VERSION"),
  },
  "an override": {
    change: (rules) => addApi(rules, { override: "Landroid/app/Activity;->onCreate(Landroid/os/Bundle;)V" }),
    walks: ({ all }, ofApp) =>
      ["onCreate", "Landroid/os/Bundle;", "V"].every((name) => all.has(name)) &&
      ["Activity", "ListActivity", "TabActivity", "ActivityGroup"].some((name) =>
        isInApp(`Landroid/app/${name};`, ofApp),
      ),
  },
};

/** Whether rules that ship ask for it already; then nothing is new of it but its argument. */
function isNewMethod(all: ReadonlySet<string>, name: string, types: readonly string[]): boolean {
  const isKnown = shipped.apis.some(({ apis }) =>
    apis.some(({ method, argument }) => argument !== undefined && method?.includes(`->${name}(`)),
  );
  return !isKnown && [name, ...types].every((text) => all.has(text));
}

async function readDexFiles(name: string, bytes: Uint8Array): Promise<DexFile[]> {
  const dexFiles: DexFile[] = [];
  for await (const dex of openApp(bytesSource(name, bytes), defaultLimits, []).dexFiles()) dexFiles.push(dex);
  return dexFiles;
}

function readNames(dex: DexFile): Names {
  const all = new Set(Array.from({ length: dex.stringIdsSize }, (_, index) => dex.string(index)));
  const loaded = new Set<string>();
  visitCode(
    dex,
    (_method, _class, codeOff) => {
      const code = readCodeItem(dex, codeOff);
      for (let at = 0; at < code.insnsSize; ) {
        const { opcode, index, units } = decodeInstruction(dex, code, at);
        if (opcode.referenceKind === "string") loaded.add(dex.string(index!));
        at += units;
      }
    },
    [],
  );
  return { all, loaded };
}

const apps: [string, string][] = [
  ...["multi-dex", "renamed-sdk", "tracker", "lookalikes"].map((name): [string, string] => [
    name,
    fixtureAppPath(`${name}.apk`),
  ]),
  ...realApps,
];

/** The facts of an app under the rules that ship, and its names, read once. */
async function prepareApp(name: string, bytes: Uint8Array) {
  const facts = new MemoryFactStore();
  const result = await auditWithFacts(bytesSource(name, bytes), prepareRules(shipped), { facts });
  const dexFiles = await readDexFiles(name, bytes);
  return {
    result,
    kept: facts.kept,
    sources: dexFiles.map((dex) => dex.source),
    names: dexFiles.map(readNames),
  };
}

describe.each(apps)("%s, when the rules change", (name, path) => {
  const bytes = new Uint8Array(readFileSync(path));
  let prepared: Awaited<ReturnType<typeof prepareApp>>;
  beforeAll(async () => {
    prepared = await prepareApp(name, bytes);
  });

  test.each(Object.entries(changes))("%s", async (_, { change: changeRules, walks }) => {
    const after = prepareRules(changeRules(shipped));
    const { result, kept, sources, names } = prepared;
    const facts = new MemoryFactStore(kept);
    const source = () => bytesSource(name, bytes);
    const sha256 = await source().sha256();
    const expected = sources.filter((_, index) => walks(names[index]!, names));

    const audit = await auditSource(source(), after);
    const fresh = JSON.stringify(audit);
    const change = RuleChange.between(prepareRules(shipped), after);
    if (change?.mayMeet(sha256, name, { facts }) === false) expect(rowsOf(result)).toEqual(rowsOf(audit));
    const fromFacts = auditFromFacts(sha256, after, { facts });
    expect(fromFacts === undefined).toBe(expected.length > 0);
    if (fromFacts !== undefined) expect(JSON.stringify(fromFacts)).toBe(fresh);

    const walked: string[] = [];
    const audited = await auditWithFacts(source(), after, { facts, onWalk: (part) => walked.push(part) });
    expect(JSON.stringify(audited)).toBe(fresh);
    expect(walked).toEqual(expected);
    expect(JSON.stringify(auditFromFacts(sha256, after, { facts }))).toBe(fresh);
  });
});
