import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { prepareRules } from "../../src/audit.js";
import { defaultLimits } from "../../src/diagnostics/index.js";
import { loadCompiledRules } from "../../src/ruleset/index.js";
import { buildApp } from "../support/app-builder.js";
import { auditBytes, auditFixture, fixtureAppPath, readFixtureEntries } from "../support/fixture-apps.js";
import { outlineResult } from "../support/outline-result.js";

const rules = prepareRules(loadCompiledRules(new URL("../../dist/rules.jsonl", import.meta.url)));

const apps = readdirSync(fixtureAppPath(""))
  .filter((name) => existsSync(fixtureAppPath(`${name}/AndroidManifest.xml`)))
  .sort();
const judged = apps.filter((name) => existsSync(fixtureAppPath(`${name}/expected.yaml`)));

describe("apps of fixtures/apps, with the rules that ship", () => {
  test("are all judged: by expected.yaml, or with many manifests by permissions.test.ts", () => {
    expect(apps.filter((name) => !judged.includes(name))).toEqual(["permissions"]);
  });

  test.each(judged)("%s is what a person says it is", async (name) => {
    const expected = parse(readFileSync(fixtureAppPath(`${name}/expected.yaml`), "utf8"));
    expect(outlineResult(await auditFixture(name, rules))).toEqual(expected);
  });

  test.each(apps)("%s: every access and every finding shows where it was seen", async (name) => {
    const { accesses, findings, app, coverage } = await auditFixture(name, rules);
    for (const { evidence, callSites } of [...accesses]) {
      expect(evidence.length).toBe(Math.min(callSites, defaultLimits.evidencePerItem));
      for (const { caller, codeUnit, entry } of evidence) {
        expect(caller).toMatch(/^L.+;->.+\(.*\)/);
        expect(codeUnit).toBeGreaterThanOrEqual(0);
        expect(app.dexFiles.map((file) => file.name)).toContain(entry);
      }
    }
    for (const { evidence } of findings) expect(evidence.length).toBeGreaterThan(0);
    const classes = Object.values(coverage.classes).reduce((sum, count) => sum + count, 0);
    expect(classes).toBe(app.classes);
  });
});

describe("what the user calls first party", () => {
  test("is, over what was found", async () => {
    const { parties } = await auditFixture("lookalikes", rules, { firstParty: ["com.facebookish", "io"] });
    expect(parties.find(({ id }) => id === "first-party")!.classes).toBe(3);
    expect(parties.map(({ id }) => id)).not.toContain("unrecognised:com.facebookish");
  });

  test("is, over an SDK's rule", async () => {
    const { parties, findings } = await auditFixture("switched-off", rules, { firstParty: ["com.facebook"] });
    expect(parties.find(({ id }) => id === "first-party")!.classes).toBe(3);
    expect(findings.some(({ id }) => id.startsWith("data-access/facebook-core/"))).toBe(false);
    expect(parties.map(({ id }) => id)).not.toContain("facebook-core");
  });

  test("is, over a part of an SDK; what is left stays the SDK's", async () => {
    const named = { firstParty: ["com.facebook.internal"] };
    const { parties } = await auditFixture("switched-off", rules, named);
    expect(parties.find(({ id }) => id === "facebook-core")).toMatchObject({ kind: "sdk", classes: 1 });
    expect(parties[0]!.ownSdks).toEqual([
      {
        id: "facebook-core",
        kind: "sdk",
        name: "Facebook SDK core",
        why: "named",
        version: "11.3.0",
        confidence: "certain",
        classes: 1,
        evidence: [
          { kind: "class", entry: "classes.dex", value: "Lcom/facebook/internal/AttributionIdentifiers;" },
        ],
      },
    ]);
  });
});

describe("SDKs that are the app makers' own", () => {
  test("stay in the result, with what they were seen by: their vendor builds the app", async () => {
    const [own, ...others] = (await auditFixture("built-by-vendor", rules)).parties;
    expect(own!.ownSdks).toMatchObject([
      {
        id: "amazon-aps",
        why: "own-vendor",
        confidence: "certain",
        classes: 1,
        evidence: [{ kind: "class", value: "Lcom/amazon/device/ads/DtbGeoLocation;" }],
      },
    ]);
    expect(others.filter((party) => party.ownSdks !== undefined)).toEqual([]);
  });

  test("stay in the result: the user named all their code, the manifest tells of them too", async () => {
    const { parties } = await auditFixture("switched-off", rules, { firstParty: ["com.facebook"] });
    expect(parties[0]!.ownSdks).toMatchObject([
      { id: "facebook-core", why: "named", version: "11.3.0", classes: 2 },
    ]);
    expect(parties[0]!.ownSdks![0]!.evidence.map(({ kind }) => kind)).toContain("meta-data");
  });

  test("are told only where there are any", async () => {
    for (const { ownSdks } of (await auditFixture("tracker", rules)).parties) expect(ownSdks).toBeUndefined();
  });
});

describe("renamed code", () => {
  test("is told by its share, and its classes are counted", async () => {
    const { coverage } = await auditFixture("renamed", rules);
    expect(coverage.classes).toMatchObject({ "first-party": 1, unrecognised: 0, unattributed: 4 });
    // Four methods of 7 code units, all of them renamed, and one of 4.
    expect(coverage.codeUnits).toMatchObject({ "first-party": 4, unrecognised: 0, unattributed: 28 });
    expect(coverage.attributedShare).toBe(0.125); // 4 of 32
  });

  test("lets nobody say that all is attributed", async () => {
    const { coverage } = await auditFixture("no-third-parties", rules);
    expect(coverage.attributedShare).toBe(1);
  });
});

describe("a result", () => {
  test("is the same, byte for byte, in every run", async () => {
    for (const name of apps) {
      const [first, second] = [await auditFixture(name, rules), await auditFixture(name, rules)];
      expect(JSON.stringify(first), name).toBe(JSON.stringify(second));
    }
  });

  test("is the same beside other audits in the process as alone", async () => {
    const alone = [];
    for (const name of apps) alone.push(JSON.stringify(await auditFixture(name, rules)));
    const together = await Promise.all(apps.map((name) => auditFixture(name, rules)));
    expect(together.map((result) => JSON.stringify(result))).toEqual(alone);
  });

  test("is the same from rules that were indexed again", async () => {
    const again = prepareRules(loadCompiledRules(new URL("../../dist/rules.jsonl", import.meta.url)));
    expect(JSON.stringify(await auditFixture("tracker", again))).toBe(
      JSON.stringify(await auditFixture("tracker", rules)),
    );
  });

  test.each(apps)("of %s does not depend on the order of the archive's entries", async (name) => {
    const entries = readFixtureEntries(name);
    const files = Object.fromEntries(entries.map((entry) => [entry.name, entry.content]));
    const results = [];
    for (const arrange of [<Item>(items: Item[]) => items, <Item>(items: Item[]) => [...items].reverse()]) {
      const { app, ...result } = await auditBytes("app.apk", buildApp({ files, arrange }), rules);
      results.push(JSON.stringify({ ...result, app: { ...app, files: [] } }));
    }
    expect(results[1]).toBe(results[0]);
  });

  test("at depth permitted rests on the manifest, and says so", async () => {
    const { depth, accesses, findings } = await auditFixture("tracker", rules, { depth: "permitted" });
    expect(depth).toBe("permitted");
    expect(accesses).toEqual([]);
    expect(new Set(findings.map(({ rung }) => rung))).toEqual(new Set(["permitted"]));
  });
});

describe("what could not be read", () => {
  test("a manifest that is not there: no permission is judged, and that is said", async () => {
    const dexFiles = readFixtureEntries("tracker").flatMap(({ name, content }) =>
      name.endsWith(".dex") ? [content] : [],
    );
    const result = await auditBytes("app.apk", buildApp({ dexFiles }), rules);
    expect(result.diagnostics.map(({ effect, code, part }) => [effect, code, part])).toEqual([
      ["unread", "missing-part", "AndroidManifest.xml"],
    ]);
    expect(result.permissions).toEqual([]);
    const limits = result.accesses.flatMap((access) => access.limits.map(({ kind }) => kind));
    expect(new Set(limits)).toEqual(new Set(["unknown"]));
  });

  test("a DEX file: nothing is called unused, and the file is named", async () => {
    const [dex] = readFixtureEntries("no-third-parties").flatMap(({ name, content }) =>
      name.endsWith(".dex") ? [content] : [],
    );
    const app = buildApp({
      manifest: { packageName: "com.example.plain", usesPermissions: ["android.permission.READ_CONTACTS"] },
      dexFiles: [dex!, new TextEncoder().encode("not code")],
    });
    const whole = await auditBytes(
      "app.apk",
      buildApp({
        manifest: { packageName: "com.example.plain", usesPermissions: ["android.permission.READ_CONTACTS"] },
        dexFiles: [dex!],
      }),
      rules,
    );
    expect(whole.findings.map(({ kind }) => kind)).toEqual(["unused-permission"]);
    const cut = await auditBytes("app.apk", app, rules);
    expect(cut.findings).toEqual([]);
    expect(cut.coverage.unread).toEqual(["classes2.dex"]);
  });
});

describe("limits", () => {
  test("evidencePerItem: the number seen stays exact", async () => {
    const { accesses } = await auditFixture("tracker", rules, {
      limits: { ...defaultLimits, evidencePerItem: 2 },
    });
    const androidId = accesses.find(({ yields }) => yields === "android-id")!;
    expect(androidId.callSites).toBe(18);
    expect(androidId.evidence).toHaveLength(2);
  });

  test("dexFiles: what was left out is named", async () => {
    const { diagnostics, coverage } = await auditFixture("multi-dex", rules, {
      limits: { ...defaultLimits, dexFiles: 2 },
    });
    expect(diagnostics).toContainEqual(
      expect.objectContaining({ effect: "unread", code: "limit", part: "classes3.dex" }),
    );
    expect(coverage.unread).toEqual(["classes3.dex"]);
  });

  test("constantSearchSteps: said, and other uses stay", async () => {
    const { diagnostics, accesses } = await auditFixture("tracker", rules, {
      limits: { ...defaultLimits, constantSearchSteps: 0 },
    });
    expect(diagnostics.length).toBeGreaterThan(0);
    for (const { effect, code, message } of diagnostics) {
      expect([effect, code]).toEqual(["unread", "limit"]);
      expect(message).toContain("constantSearchSteps");
    }
    expect(accesses.map(({ yields }) => yields)).not.toContain("android-id");
    expect(accesses.map(({ yields }) => yields)).toContain("contacts");
  });

  test("diagnostics: the last one says how many are left out, and every part is named all the same", async () => {
    const limits = { ...defaultLimits, constantSearchSteps: 0, diagnostics: 3 };
    const all = await auditFixture("tracker", rules, { limits: { ...limits, diagnostics: 1_000 } });
    const cut = await auditFixture("tracker", rules, { limits });
    expect(cut.diagnostics).toHaveLength(3);
    expect(cut.diagnostics.slice(0, 2)).toEqual(all.diagnostics.slice(0, 2));
    expect(cut.diagnostics[2]).toMatchObject({ effect: "unread", code: "limit", part: "tracker.apk" });
    expect(cut.diagnostics[2]!.message).toContain(`${all.diagnostics.length - 2} more`);
    expect(cut.coverage.unread).toEqual(["classes.dex"]);
  });

  test("entryBytes: what is over it is not read, and is named", async () => {
    const { coverage, parties } = await auditFixture("tracker", rules, {
      limits: { ...defaultLimits, entryBytes: 3_000 },
    });
    expect(coverage.unread).toContain("classes.dex");
    expect(parties.map(({ id }) => id)).toEqual(["first-party"]);
  });
});
