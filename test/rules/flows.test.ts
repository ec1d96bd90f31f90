import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { AndroidClasses, methodKey } from "../../src/program/android-classes.js";
import { compileFlowRules } from "../../src/ruleset/compile-flow-rules.js";
import type { FlowRules, MethodPattern } from "../../src/ruleset/flow-models.js";
import { joinFlowRules } from "../../src/ruleset/index.js";
import { loadRuleFiles } from "../../src/ruleset/load-ruleset.js";

const path = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const androidClasses = new AndroidClasses(readFileSync(path("rules/android-classes.tsv"), "utf8"));
/** Static methods, which nobody overrides and so `android-classes.tsv` leaves out. */
const staticMethods = new Map(
  readFileSync(path("test/rules/android-static-methods.tsv"), "utf8")
    .split("\n")
    .filter((line) => !line.startsWith("#") && line !== "")
    .map((line) => line.split("\t") as [string, string])
    .map(([owner, methods]) => [owner, methods.split(" ")] as const),
);

/** Classes of Android's that are there, and of which `android-classes.tsv` knows nothing. */
const NOT_IN_THE_TABLE = [
  "Landroid/app/job/JobInfo$Builder;",
  "Landroid/app/job/JobParameters;",
  "Landroid/app/job/JobScheduler;",
  "Landroid/app/job/JobService;",
];

const isAndroids = (owner: string) =>
  /^L(android|dalvik|java|javax|org\/json|org\/xmlpull)\//.test(owner) &&
  !owner.startsWith("Landroid/support/");

/** Whether a class or what it extends has such a method; `name/*` is any of that name. */
function hasMethod(owner: string, key: string): boolean {
  const seen = new Set([owner, "Ljava/lang/Object;"]);
  for (const one of seen) {
    for (const above of androidClasses.supersOf(one)) seen.add(above);
    const methods = [...androidClasses.methodsOf(one), ...(staticMethods.get(one) ?? [])];
    if (methods.some((known) => known === key || (key.endsWith("/*") && known.startsWith(key.slice(0, -1)))))
      return true;
  }
  return false;
}

describe("the rules of flows that ship", () => {
  const files = loadRuleFiles(path("rules/flows"));
  let rules: FlowRules;
  beforeAll(() => {
    rules = joinFlowRules(compileFlowRules(files));
  });
  const patterns = (): MethodPattern[] => [
    ...rules.models.map(({ method }) => method),
    ...rules.sources.flatMap((source) => (source.kind === "field" ? [] : [source.pattern])),
  ];

  test("each say what they rest on, and are many", () => {
    expect(rules.models.length).toBeGreaterThan(3000);
    expect(rules.sources.length).toBeGreaterThan(80);
    for (const { file, path: name } of files) {
      expect(file.kind, name).toBe("flow");
      expect(file.kind === "flow" && file.rule.documents, name).toBeTruthy();
    }
  });

  test("name methods of Android's that there are", () => {
    const strangers = patterns()
      .filter(
        ({ owner, name }) => isAndroids(owner) && name !== "<init>" && !NOT_IN_THE_TABLE.includes(owner),
      )
      .filter(({ owner, name, parameters }) => {
        const key = parameters === undefined ? `${name}/*` : methodKey(name, parameters.length);
        return !androidClasses.has(owner) || !hasMethod(owner, key);
      });
    expect(strangers).toEqual([]);
  });

  test("excuse no class that the table knows or that no rule names", () => {
    for (const owner of NOT_IN_THE_TABLE) {
      expect(androidClasses.has(owner), owner).toBe(false);
      expect(
        patterns().some((pattern) => pattern.owner === owner),
        owner,
      ).toBe(true);
    }
  });

  test("model a static method without a receiver", () => {
    const withReceiver = rules.models.filter((model) => {
      const { owner, name, parameters } = model.method;
      if (parameters === undefined || !staticMethods.get(owner)?.includes(methodKey(name, parameters.length)))
        return false;
      const isInstanceToo = [...androidClasses.methodsOf(owner)].includes(methodKey(name, parameters.length));
      const places = [...model.moves, ...model.derives].flatMap(({ from, to }) => [from, to]);
      return !isInstanceToo && (model.returnsItself || places.some(({ root }) => root === "base"));
    });
    expect(withReceiver.map(({ method }) => method)).toEqual([]);
  });

  test("give only data of rules that there are", () => {
    const ids = new Set(readdirSync(path("rules/apis")).map((name) => name.replace(/\.yaml$/, "")));
    for (const { of: id } of rules.sources) if (id !== undefined) expect([...ids]).toContain(id);
  });

  test("cover what the programs call of Android and of libraries, but for what yields data or is the app's own", () => {
    const modelled = new Map<string, MethodPattern[]>();
    for (const pattern of patterns())
      modelled.set(pattern.name, [...(modelled.get(pattern.name) ?? []), pattern]);
    const isModelled = (reference: string) => {
      const [, owner, name, parameters] = /^(.+?)->([^(]+)\(([^)]*)\)/.exec(reference)!;
      const seen = new Set([owner!, "Ljava/lang/Object;"]);
      for (const one of seen) for (const above of androidClasses.supersOf(one)) seen.add(above);
      return (modelled.get(name!) ?? []).some(
        (pattern) =>
          seen.has(pattern.owner) &&
          (pattern.parameters === undefined || pattern.parameters.join("") === parameters),
      );
    };
    expect(calledByPrograms().filter((reference) => !isModelled(reference))).toEqual(LEFT_TO_THE_DEFAULT);
  });
});

/** They are sources, or the app's own code is what such a call comes to. */
const LEFT_TO_THE_DEFAULT = [
  "Landroid/accounts/AccountManager;->getAccounts()[Landroid/accounts/Account;",
  "Landroid/content/ClipboardManager;->getPrimaryClip()Landroid/content/ClipData;",
  "Landroid/content/pm/PackageManager;->getInstalledPackages(I)Ljava/util/List;",
  "Landroid/location/LocationManager;->getLastKnownLocation(Ljava/lang/String;)Landroid/location/Location;",
  "Landroid/net/wifi/WifiInfo;->getMacAddress()Ljava/lang/String;",
  "Landroid/net/wifi/WifiManager;->getConnectionInfo()Landroid/net/wifi/WifiInfo;",
  "Landroid/os/Build;->getSerial()Ljava/lang/String;",
  "Landroid/telephony/TelephonyManager;->getDeviceId()Ljava/lang/String;",
  "Landroid/telephony/TelephonyManager;->getLine1Number()Ljava/lang/String;",
  "Ljava/lang/Runnable;->run()V",
  "Ljava/util/concurrent/Callable;->call()Ljava/lang/Object;",
];

/** Methods that the programs' code names and no program defines. */
function calledByPrograms(): string[] {
  const folder = path("fixtures/programs");
  const called = new Set<string>();
  const defined = new Set<string>();
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    if (!name.endsWith(".smali")) continue;
    const text = readFileSync(join(folder, name), "utf8");
    defined.add(/^\.class .*?(L\S+;)$/m.exec(text)![1]!);
    for (const [, reference] of text.matchAll(/^\s*invoke-\S+ \{[^}]*\}, ([^\s@#]+)/gm))
      called.add(reference!);
  }
  return [...called].filter((reference) => !defined.has(reference.split("->")[0]!)).sort();
}
