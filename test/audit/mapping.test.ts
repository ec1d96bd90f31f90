import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { bytesSource } from "../../src/archive/index.js";
import { type AuditMapping, auditSource, parseMapping, prepareRules } from "../../src/audit.js";
import type { AuditResult } from "../../src/findings/index.js";
import { auditResultSchema } from "../../src/report/audit-result-schema.js";
import { renderTerminal } from "../../src/report/index.js";
import { loadCompiledRules, shippedDepthData } from "../../src/ruleset/index.js";
import { buildApp } from "../support/app-builder.js";
import { buildDex, type DexSpec } from "../support/dex-builder.js";
import { auditBytes, auditFixture, fixtureAppPath } from "../support/fixture-apps.js";
import { outlineResult } from "../support/outline-result.js";

const rules = prepareRules(loadCompiledRules(new URL("../../dist/rules.jsonl", import.meta.url)));
const text = readFileSync(fixtureAppPath("mapped/mapping.txt"), "utf8");

function mappingOf(lines: string): Promise<AuditMapping> {
  return parseMapping(bytesSource("mapping.txt", new TextEncoder().encode(lines)));
}

describe("an app whose mapping is given", () => {
  test("is what a person says it is", async () => {
    const expected = parse(readFileSync(fixtureAppPath("mapped/expected-with-mapping.yaml"), "utf8"));
    const result = await auditFixture("mapped", rules, { mapping: await mappingOf(text) });
    expect(outlineResult(result)).toEqual(expected);
    expect(result.coverage.attributedShare).toBe(1);
  });

  test("shows original names in its evidence", async () => {
    const { accesses } = await auditFixture("mapped", rules, { mapping: await mappingOf(text) });
    const places = accesses.flatMap(({ evidence }) =>
      evidence.map(({ caller, value }) => `${caller} ${value}`),
    );
    const info =
      "Lcom/google/android/gms/ads/identifier/AdvertisingIdClient$Info;->getId()Ljava/lang/String;";
    const adjust = "Lcom/adjust/sdk/Adjust;";
    expect(new Set(places)).toEqual(
      new Set([
        `${adjust}->loadClient()V forName("com.google.android.gms.ads.identifier.AdvertisingIdClient")`,
        `${adjust}->readId(Landroid/content/Context;)V Lcom/google/android/gms/ads/identifier/AdvertisingIdClient;->getAdvertisingIdInfo(Landroid/content/Context;)Lcom/google/android/gms/ads/identifier/AdvertisingIdClient$Info;`,
        `${adjust}->readId(Landroid/content/Context;)V ${info}`,
        `${adjust}->readInheritedId(Lcom/adjust/sdk/AdInfo;)V ${info}`,
        `${adjust}->readLocation(Lcom/google/android/gms/location/FusedLocationProviderClient;)V Lcom/google/android/gms/location/FusedLocationProviderClient;->getLastLocation(*)*`,
        "Lcom/adjust/sdk/Sensors;->locate(Landroid/location/LocationManager;)V Landroid/location/LocationManager;->getLastKnownLocation(Ljava/lang/String;)Landroid/location/Location;",
      ]),
    );
  });

  test("tells so in its reports, and by the mapping's hash", async () => {
    const mapping = await mappingOf(text);
    const result = await auditFixture("mapped", rules, { mapping });
    expect(result.app.mapping).toEqual({ name: "mapping.txt", sha256: mapping.sha256, classes: 8 });
    auditResultSchema.parse(JSON.parse(JSON.stringify(result)));
    const page = renderTerminal(result, { color: false, width: 80, detail: "verbose" });
    expect(page).toContain("\noriginal names of 8 classes restored by mapping.txt\n");
    expect(page).toContain(`\nmapping SHA-256 ${mapping.sha256}\n`);
    expect(JSON.stringify(await auditFixture("mapped", rules, { mapping }))).toBe(JSON.stringify(result));
  });

  test("and one whose mapping renames nothing are audited as without", async () => {
    const plain = await auditFixture("tracker", rules);
    const kept = [...new Set(plain.parties.flatMap(({ evidence }) => evidence))]
      .filter(({ kind }) => kind === "class")
      .map(({ value }) => value.slice(1, -1).replaceAll("/", "."));
    const lines = kept.map((name) => `${name} -> ${name}:`).join("\n");
    const { app, ...rest } = await auditFixture("tracker", rules, { mapping: await mappingOf(lines) });
    expect(app.mapping!.classes).toBe(0);
    expect({ ...rest, app: { ...app, mapping: undefined } }).toEqual({
      ...plain,
      app: { ...plain.app, mapping: undefined },
    });
  });
});

describe("a mapping that is another build's", () => {
  async function told(lines: string, app = "mapped"): Promise<string[]> {
    const { diagnostics } = await auditFixture(app, rules, { mapping: await mappingOf(lines) });
    expect(
      new Set(diagnostics.map(({ effect, code, part }) => `${effect} ${code} ${part}`)).size,
    ).toBeLessThan(2);
    return diagnostics.map(({ message }) => message);
  }

  test("names no class at all", async () => {
    expect(await told("# compiler: R8\n")).toEqual(["mapping.txt names no class, so no name was restored"]);
  });

  test("names none of this app's", async () => {
    expect(await told("com.acme.X -> x.y:\n")).toEqual([
      "mapping.txt names no class of this app, so no name was restored: it is probably another build's",
    ]);
    expect(await told("com.example.mapped.Main -> com.example.mapped.Main:\n")).toEqual([]);
  });

  const bytes = (dex: DexSpec) =>
    buildApp({ manifest: { packageName: "com.example.x" }, dexFiles: [buildDex([dex]).bytes] });
  const messages = ({ diagnostics }: AuditResult) => diagnostics.map(({ message }) => message);

  test.each([
    [
      "the id that R8 left in its marker",
      '~~R8{"compilation-mode":"release","pg-map-id":"4be8256"}',
      "4be8256",
    ],
    [
      "the hash that the id begins",
      "r8-map-id-4be82561ad6ce216e1334c2143d280d8f812fcb21d7b3179135be0392f39fe15",
      "4be8256",
    ],
  ])("has not %s", async (_, marker, id) => {
    const app = bytes({ classes: [{ descriptor: "La/b;" }], strings: [marker] });
    const audit = async (own: string) =>
      messages(
        await auditBytes("app.apk", app, rules, {
          mapping: await mappingOf(`# pg_map_id: ${own}\ncom.acme.Sdk -> a.b:\n`),
        }),
      );
    expect(await audit(id)).toEqual([]);
    expect(await audit("1234567")).toEqual([
      expect.stringMatching(
        /^mapping\.txt is another build's, so restored names may be wrong: its id is 1234567, and the app asks for 4be8256/,
      ),
    ]);
  });

  test("has members of other signatures", async () => {
    const methods = Array.from({ length: 30 }, (_, i) => ({ name: `m${i}`, parameters: ["I"] }));
    const app = bytes({ classes: [{ descriptor: "La/b;", methods }] });
    const lines = (type: string) =>
      `com.acme.Sdk -> a.b:\n${methods.map(({ name }, i) => `    void x${i}(${i < 10 ? "int" : type}) -> ${name}`).join("\n")}`;
    const audit = async (type: string) =>
      messages(await auditBytes("app.apk", app, rules, { mapping: await mappingOf(lines(type)) }));
    expect(await audit("int")).toEqual([]);
    expect(await audit("long")).toEqual([
      "mapping.txt is probably another build's, so restored names may be wrong: 20 members that it names have other types in the app, and only 10 have the same",
    ]);
  });
});

test("a component whose name was taken away gets it back", async () => {
  const app = buildApp({
    manifest: { packageName: "com.example.x", receivers: ["a.b", "z.Other"] },
    dexFiles: [buildDex([{ classes: [{ descriptor: "La/b;" }] }]).bytes],
  });
  const mapping = await mappingOf("com.adjust.sdk.AdjustReferrerReceiver -> a.b:");
  const { parties } = await auditSource(bytesSource("app.apk", app), rules, { mapping });
  expect(parties.map(({ id }) => id)).toContain("adjust");
});

test("what can run is what can without a mapping, moved methods too, and is told by original names", async () => {
  const TELEPHONY = "Landroid/telephony/TelephonyManager;";
  const app = buildApp({
    manifest: { packageName: "com.example.x", application: "com.example.x.App" },
    dexFiles: [
      buildDex([
        {
          classes: [
            {
              descriptor: "Lcom/example/x/App;",
              superclass: "Landroid/app/Application;",
              methods: [{ name: "<clinit>", code: (ids) => [0x0071, ids.method("La/b;", "a"), 0, 0x000e] }],
            },
            {
              descriptor: "La/b;",
              methods: [
                { name: "a", code: (ids) => [0x106e, ids.method(TELEPHONY, "getDeviceId"), 0, 0x000e] },
              ],
            },
          ],
          refs: [{ owner: TELEPHONY, method: { name: "getDeviceId", returns: "Ljava/lang/String;" } }],
        },
      ]).bytes,
    ],
  });
  const mapping = await mappingOf("com.acme.Host -> a.b:\n    void com.acme.Sdk.start() -> a\n");
  const shippedRules = new URL("../../dist/rules.jsonl", import.meta.url);
  const all = prepareRules(loadCompiledRules(shippedRules), shippedDepthData(shippedRules));
  const chainsOf = async (options: { mapping?: AuditMapping }) => {
    const audited = await auditSource(bytesSource("app.apk", app), all, { depth: "reachable", ...options });
    for (const { reach, evidence } of audited.accesses) expect(reach?.chain.at(-1)).toBe(evidence[0]!.caller);
    return audited.accesses.map(({ reach }) => reach?.beforeConsent?.chain);
  };
  const clinit = "Lcom/example/x/App;-><clinit>()V";
  expect(await chainsOf({})).toEqual([[clinit, "La/b;->a()V"]]);
  expect(await chainsOf({ mapping })).toEqual([[clinit, "Lcom/acme/Sdk;->start()V"]]);
});
