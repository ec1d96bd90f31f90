import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { openApp } from "../../src/app/index.js";
import { bytesSource } from "../../src/archive/index.js";
import { type DexFile, decodeInstruction, readCodeItem } from "../../src/dex/index.js";
import { type Diagnostics, defaultLimits } from "../../src/diagnostics/index.js";
import { lintRules } from "../../src/ruleset/lint-rules.js";
import { loadRuleFiles } from "../../src/ruleset/load-ruleset.js";
import {
  countPairs,
  findStrayApks,
  Marks,
  type Program,
  programsFolder,
  readPrograms,
} from "./read-program.js";

const programs = readPrograms();
const byName = programs.map((program) => [program.name, program] as const);

interface ApiList {
  readonly sources: readonly {
    readonly method?: string;
    readonly field?: string;
    readonly callback?: string;
  }[];
  readonly sinks: readonly { readonly method: string; readonly kind: string }[];
}
const apis: ApiList = parse(readFileSync(join(programsFolder, "apis.yaml"), "utf8"));
const sourceApis = apis.sources.map(({ method, field, callback }) => method ?? field ?? callback!);
const sinkApis = apis.sinks.map(({ method }) => method);

const ruleFiles = loadRuleFiles(join(programsFolder, "rules"));
const prefixes = ruleFiles.flatMap(({ file }) =>
  file.kind === "sdk" || file.kind === "support-library"
    ? file.rule.signatures.flatMap((signature) =>
        "class-prefix" in signature
          ? [{ prefix: signature["class-prefix"], kind: file.kind, id: file.rule.id }]
          : [],
      )
    : [],
);

/** How a flow is called by the parties at its ends. Where a support library reads, its user is who counts. */
function ownership(source: string, sink: string): string {
  const [from, to] = [source, sink].map((caller) => prefixes.find(({ prefix }) => caller.startsWith(prefix)));
  if (from?.kind === "support-library") return "self-collected";
  if (from === undefined) return to === undefined ? "first-party" : "handed-over";
  return from.id === to?.id ? "self-collected" : "passed-on";
}

/** Packages of programs: nothing of Android's is defined. */
const partyPrefixes = ["Lcom/example/program/", ...prefixes.map(({ prefix }) => prefix)];

const FORMS = ["assumed", "encoded", "encrypted", "hashed", "partial"];
const OWNERSHIPS = ["first-party", "handed-over", "passed-on", "self-collected"];

describe("a mark", () => {
  const read = (line: string) => {
    const marks = new Marks();
    marks.readFile("Main.smali", `.class LMain;\n.method public run()V\n${line}\n${line}\n`);
    return marks;
  };
  const call = "invoke-static {v0, v1}, Landroid/util/Log;->i(Ljava/lang/String;Ljava/lang/String;)I";

  test("is a point of its caller, and the second call of an API in it another", () => {
    const [first, second] = read(`${call} # sink: id leaks to a.example or unknown, hashed`).sinks;
    expect(first).toEqual({
      caller: "LMain;->run()V",
      api: "Landroid/util/Log;->i(Ljava/lang/String;Ljava/lang/String;)I",
      ordinal: 0,
      place: "Main.smali:3",
      verdicts: [{ label: "id", leaks: true, hosts: ["a.example", "unknown"], marks: ["hashed"] }],
    });
    expect(second).toMatchObject({ ordinal: 1, place: "Main.smali:4" });
  });

  test.each([
    [`${call} # sinks: id leaks`, /is no mark/],
    [`${call} # sink: id leak`, /is no verdict/],
    [`${call} # sink: id leaks; imei does not leak`, /`imei does not leak` is no verdict/],
    [`${call} # source: Android id`, /is no label/],
    ['const-string v0, "# sink: id leaks" # sink: id leaks', /none that can be a sink/],
    [".method public onClick()V # sink: id leaks", /none that can be a sink/],
  ])("%s is a mistake, and is named with its line", (line, message) => {
    expect(() => read(line)).toThrow(message);
    expect(() => read(line)).toThrow(/^Main\.smali:3: /);
  });

  test("is no text in a string constant", () => {
    const { sources, sinks } = read('const-string v0, "a # sink: id leaks"');
    expect([sources.size, sinks.length]).toEqual([0, 0]);
  });
});

describe("the programs", () => {
  test("are many, and half of their pairs leak", () => {
    const pairs = programs.map(countPairs);
    const leaks = pairs.reduce((sum, pair) => sum + pair.leaks, 0);
    const clean = pairs.reduce((sum, pair) => sum + pair.clean, 0);
    expect(programs.length).toBeGreaterThanOrEqual(130);
    expect(leaks / (leaks + clean)).toBeGreaterThan(0.4);
    expect(leaks / (leaks + clean)).toBeLessThan(0.6);
  });

  test("are all that there is an APK of", () => {
    expect(findStrayApks()).toEqual([]);
  });

  test("have rules of invented parties that are in order", () => {
    const shipped = loadRuleFiles(fileURLToPath(new URL("../../rules", import.meta.url)));
    expect(lintRules([...shipped, ...ruleFiles])).toEqual([]);
  });
});

describe.each(byName)("%s", (_, program) => {
  const { sources, sinks, expected, counts } = program;

  test("says what it shows, and gives a verdict", () => {
    expect(expected.shows).toMatch(/^[A-Za-z].*\.$/s);
    expect(sources.size).toBeGreaterThan(0);
    expect(sinks.length).toBeGreaterThan(0);
  });

  test("names at each sink what it judges: every source once, each a label of a source", () => {
    for (const { verdicts, place } of sinks) {
      expect(verdicts.map(({ label }) => label).sort(), place).toEqual([...sources.keys()].sort());
    }
  });

  test("marks calls of the listed APIs", () => {
    for (const { api, place } of sinks) expect(sinkApis, place).toContain(asInherited(api));
    for (const { api, place } of [...sources.values()].flat()) {
      const isListed = sourceApis.some((known) => known === api || afterClass(known) === afterClass(api));
      expect(isListed, `${place}: ${api}`).toBe(true);
    }
  });

  test("says where a value goes, at each sink that is the network", () => {
    for (const { api, verdicts, place } of sinks) {
      const isNetwork = apis.sinks.some(({ method, kind }) => method === api && kind === "network");
      for (const { leaks, hosts } of verdicts) expect(hosts.length > 0, place).toBe(leaks && isNetwork);
    }
  });

  test("calls a flow by the parties at its ends", () => {
    for (const sink of sinks) {
      for (const { label, leaks, marks } of sink.verdicts) {
        const owners = marks.filter((mark) => OWNERSHIPS.includes(mark));
        expect(marks.filter((mark) => !FORMS.includes(mark))).toEqual(owners);
        if (!leaks) continue;
        const by = [...new Set(sources.get(label)!.map(({ caller }) => ownership(caller, sink.caller)))];
        if (program.name.startsWith("third-party/")) expect(owners, sink.place).toEqual(by);
        else expect([owners, by], sink.place).toEqual([[], ["first-party"]]);
      }
    }
  });

  test("is an APK of that code and manifest", async () => {
    const { dexFiles, components, diagnostics } = await openProgram(program);
    expect(diagnostics).toEqual([]);
    const { defined, named } = readCode(dexFiles);
    for (const { caller, api, ordinal, place } of [...[...sources.values()].flat(), ...sinks]) {
      expect(defined, place).toContain(caller);
      if (api === caller) continue;
      expect(named.get(`${caller} ${api}`), place).toBe(counts.get(`${caller} ${api}`));
      expect(named.get(`${caller} ${api}`), place).toBeGreaterThan(ordinal);
    }
    // The whole code, so that an APK is not older than its text.
    expect(Object.fromEntries(named)).toEqual(Object.fromEntries(counts));
    for (const method of defined) expect(partyPrefixes).toContain(/^[^;]*\//.exec(method)![0]);
    for (const method of namedMethods(program)) expect(defined, method).toContain(method);
    for (const { component } of expected.reachable ?? []) expect(components).toContain(component);
    for (const label of labelsOf(program)) expect([...sources.keys()]).toContain(label);
  });
});

/** A method of the app's own class, as the framework's class declares it. */
function asInherited(api: string): string {
  const known = sinkApis.find(
    (sink) => api.startsWith("Lcom/example/") && afterClass(sink) === afterClass(api),
  );
  return known ?? api;
}

function afterClass(api: string): string {
  return api.slice(api.indexOf("->"));
}

/** Methods that expected.yaml names: all are the program's own. */
function namedMethods({ expected }: Program): string[] {
  const calls = [
    ...(expected.edges ?? []),
    ...(expected["no-edges"] ?? []),
    ...(expected["handed-over"] ?? []),
  ];
  return [
    ...calls.flatMap(({ from, to }) => [from, to]),
    ...(expected.reachable ?? []).map(({ method }) => method),
    ...(expected.unreachable ?? []),
  ];
}

function labelsOf({ expected }: Program): string[] {
  return [
    ...Object.keys(expected["before-consent"] ?? {}),
    ...(expected["handed-over"] ?? []).flatMap(({ data }) => data),
  ];
}

async function openProgram({ apk }: Program) {
  expect(existsSync(apk), apk).toBe(true);
  const diagnostics: Diagnostics = [];
  const app = openApp(bytesSource(apk, new Uint8Array(readFileSync(apk))), defaultLimits, diagnostics);
  const dexFiles: DexFile[] = [];
  for await (const dex of app.dexFiles()) dexFiles.push(dex);
  const { application, activities, services, receivers, providers } = app.manifest!;
  const components = [...activities, ...services, ...receivers, ...providers].map(({ name }) => name);
  return { dexFiles, components: [...components, application?.name], diagnostics };
}

/** The methods that the DEX files define, and how often each with code names each method or field it calls or reads. */
function readCode(dexFiles: readonly DexFile[]) {
  const defined = new Set<string>();
  const named = new Map<string, number>();
  for (const dex of dexFiles) {
    for (let i = 0; i < dex.classDefsSize; i++) {
      const { directMethods, virtualMethods } = dex.classData(dex.classDef(i));
      for (const { methodIdx, codeOff } of [...directMethods, ...virtualMethods]) {
        const caller = dex.methodRef(methodIdx);
        defined.add(caller);
        if (codeOff === 0) continue;
        for (const api of namedApis(dex, codeOff)) {
          named.set(`${caller} ${api}`, (named.get(`${caller} ${api}`) ?? 0) + 1);
        }
      }
    }
  }
  return { defined, named };
}

function* namedApis(dex: DexFile, codeOff: number): Generator<string> {
  const item = readCodeItem(dex, codeOff);
  for (let at = 0; at < item.insnsSize; ) {
    const { opcode, index, units } = decodeInstruction(dex, item, at);
    if (opcode.invokeKind !== undefined) yield dex.methodRef(index!);
    else if (/^[is]get/.test(opcode.mnemonic)) yield dex.fieldRef(index!);
    at += units;
  }
}
