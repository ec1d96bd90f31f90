import { beforeAll, describe, expect, test } from "vitest";
import { bytesSource } from "../../src/archive/index.js";
import { type AuditMapping, parseMapping, prepareRules } from "../../src/audit.js";
import { type DexFile, readDexFiles } from "../../src/dex/index.js";
import { defaultLimits } from "../../src/diagnostics/index.js";
import type { AuditResult } from "../../src/findings/index.js";
import { loadCompiledRules } from "../../src/ruleset/index.js";
import { measureRenamed } from "../accuracy/measure-renamed.js";
import { auditBytes } from "../support/fixture-apps.js";
import { hasProguard, renameJars } from "../support/proguard.js";
import { buildSdkApp, compileJar, compileSdks, readJars } from "./build-sdk-apps.js";
import { readVerdicts } from "./verdict.js";

// Real SDKs, all renamed into one package by a real tool: with its mapping the audit says of each what it says
// of the SDK as its vendor published it.

const APP = "older";
const ids = ["adjust-4.24.0", "jpush-3.0.9", "kochava-3.4.0"];
const rules = prepareRules(loadCompiledRules(new URL("../../dist/rules.jsonl", import.meta.url)));
const sdks = readVerdicts().filter(({ id }) => ids.includes(id));
const compiled = await compileSdks(sdks);
const missing = "missing" in compiled ? compiled.missing : hasProguard() ? undefined : "there is no proguard";

if (missing !== undefined) {
  if (process.env.CI) throw new Error(`names cannot be restored by a real mapping: ${missing}`);
  console.warn(`\nNOT TESTED: real mappings: ${missing}`);
  test.skip(`real mappings: ${missing}`, () => {});
} else {
  describe(`${ids.join(", ")}, renamed into one package by ProGuard`, () => {
    const limits = { ...defaultLimits, evidencePerItem: 10_000 };
    let published: AuditResult;
    let renamed: Uint8Array;
    let renamedDex: Uint8Array;
    let publishedDex: readonly Uint8Array[];
    let mapping: AuditMapping;
    let adjustMapping: AuditMapping;

    const auditRenamed = (options: { readonly mapping?: AuditMapping } = {}) =>
      auditBytes("app.apk", renamed, rules, { limits, ...options });

    beforeAll(async () => {
      const jars = (await Promise.all(sdks.map(readJars))).flat();
      const { jar, mapping: text } = await renameJars(jars);
      renamedDex = (await compileJar(jar)).dex;
      renamed = buildSdkApp(APP, [renamedDex]);
      publishedDex = await Promise.all(jars.map(async (each) => (await compileJar(each)).dex));
      published = await auditBytes("app.apk", buildSdkApp(APP, publishedDex), rules, { limits });
      mapping = await parseMapping(bytesSource("mapping.txt", text));
      const alone = await renameJars(await readJars(sdks[0]!));
      adjustMapping = await parseMapping(bytesSource("mapping.txt", alone.mapping));
    }, 120_000);

    test("without it no class is given to a wrong party, and many find theirs by strings, circles and users", async () => {
      const { classes, parties, wrong } = await measureRenamed(renamed, rules, mapping);
      expect(wrong).toEqual([]);
      expect(parties.wrong).toBe(0);
      // Not one class has kept its name here, as a component would: the rest is nobody's.
      expect(classes.right).toBeGreaterThan(100);
    });

    test("with it the parties are those of the published SDKs, and all they access", async () => {
      const result = await auditRenamed({ mapping });
      expect(result.app.mapping!.classes).toBe(result.app.classes);
      expect(result.diagnostics).toEqual([]);
      expect(outline(result)).toEqual(outline(published));
      expect(published.accesses.length).toBeGreaterThan(40);
    });

    test("every class, method and field that its code names is called what it was", () => {
      const [dex] = readDexFiles(renamedDex, "classes.dex", defaultLimits, [], mapping.names);
      const names = (files: readonly DexFile[]) => [...new Set(files.flatMap(namesOf))].sort();
      const original = publishedDex.flatMap((bytes) => readDexFiles(bytes, "classes.dex", defaultLimits, []));
      expect(names([dex!])).toEqual(names(original));
    });

    test("another build's mapping is told from it", async () => {
      const { diagnostics } = await auditRenamed({ mapping: adjustMapping });
      expect(diagnostics.map(({ code }) => code)).toEqual(["other-mapping"]);
    });
  });
}

function namesOf(dex: DexFile): string[] {
  const list = (size: number, name: (idx: number) => string) =>
    Array.from({ length: size }, (_, idx) => name(idx));
  return [
    ...list(dex.methodIdsSize, (idx) => dex.methodRef(idx)),
    ...list(dex.fieldIdsSize, (idx) => dex.fieldRef(idx)),
    ...list(dex.typeIdsSize, (idx) => dex.typeDescriptor(idx)),
  ];
}

/**
 * Parties, accesses with every place, hosts and findings. Places without code units: local variables' names,
 * which ProGuard drops, change what registers dx takes.
 */
function outline({ parties, accesses, hosts, findings, coverage }: AuditResult) {
  return {
    classes: coverage.classes,
    parties: parties.map(({ id, version, confidence, classes }) => ({ id, version, confidence, classes })),
    accesses: accesses.map(({ party, api, confidence, callSites, limits, evidence }) => ({
      party,
      api,
      confidence,
      callSites,
      limits,
      places: evidence.map(({ kind, caller, value }) => `${kind} ${caller} ${value}`).sort(),
    })),
    hosts: hosts.map(({ party, host, sites }) => `${party} ${host} ${sites}`).sort(),
    findings: findings.map(({ id, confidence, rung }) => `${id} ${rung} ${confidence}`),
  };
}
