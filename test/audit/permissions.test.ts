import { describe, expect, test } from "vitest";
import { prepareRules } from "../../src/audit.js";
import type { AuditResult } from "../../src/findings/index.js";
import { loadCompiledRules } from "../../src/ruleset/index.js";
import { buildApp, type ManifestShape } from "../support/app-builder.js";
import { auditBytes, auditFixture, readFixtureEntries } from "../support/fixture-apps.js";
import { outlineResult } from "../support/outline-result.js";

/*
 * fixtures/apps/permissions has one third party for each kind of data; its code stays, and the manifest
 * changes. What each case expects was judged by Android's documentation of the permission.
 */

const rules = prepareRules(loadCompiledRules(new URL("../../dist/rules.jsonl", import.meta.url)));
const dexFiles = readFixtureEntries("permissions")
  .filter(({ name }) => name.endsWith(".dex"))
  .map(({ content }) => content);

const A = "android.permission";
const FINE = `${A}.ACCESS_FINE_LOCATION`;
const COARSE = `${A}.ACCESS_COARSE_LOCATION`;
const AD_ID = "com.google.android.gms.permission.AD_ID";

function auditWith(shape: ManifestShape): Promise<AuditResult> {
  const manifest = { packageName: "com.example.permissions", ...shape };
  return auditBytes("app.apk", buildApp({ manifest, dexFiles }), rules);
}

/** The accesses of one third party, without its name. */
async function accessesOf(party: string, shape: ManifestShape): Promise<string[]> {
  const start = `unrecognised:${party}: `;
  const { accesses } = outlineResult(await auditWith(shape));
  return accesses.filter((line) => line.startsWith(start)).map((line) => line.slice(start.length));
}

/** The ids of the findings of one kind. */
async function findingsOf(kind: string, shape: ManifestShape): Promise<string[]> {
  const { findings } = await auditWith(shape);
  return findings.filter((finding) => finding.kind === kind).map(({ id }) => id.slice(kind.length + 1));
}

describe("location", () => {
  test.each<[string, ManifestShape, string]>([
    [
      "with FINE it is precise",
      { usesPermissions: [FINE] },
      "precise-location by location, certain, 1 sites",
    ],
    [
      "with COARSE only it is approximate",
      { usesPermissions: [COARSE] },
      "approximate-location by location, certain, 1 sites",
    ],
    [
      "with neither the call yields nothing",
      {},
      `approximate-location by location, certain, 1 sites [permission-missing nothing ${FINE} ${COARSE}]`,
    ],
    [
      "with FINE up to Android 9 newer devices give nothing",
      { usesPermissions: [{ name: FINE, maxSdkVersion: 28 }] },
      `precise-location by location, certain, 1 sites [permission-max-sdk sometimes ${FINE} ${COARSE}]`,
    ],
  ])("%s", async (_what, shape, expected) => {
    expect(await accessesOf("com.locateur", shape)).toEqual([expected]);
  });
});

describe("the advertising id", () => {
  const free = "device-or-other-ids by advertising-id, certain, 1 sites";

  test("needs AD_ID from target 33 on", async () => {
    expect(await accessesOf("com.adwatch", { targetSdkVersion: 32 })).toEqual([free, free]);
    expect(await accessesOf("com.adwatch", { targetSdkVersion: 33 })).toEqual(
      [free, free].map((line) => `${line} [permission-missing nothing ${AD_ID}]`),
    );
    expect(await accessesOf("com.adwatch", { targetSdkVersion: 33, usesPermissions: [AD_ID] })).toEqual([
      free,
      free,
    ]);
  });

  test("without it is a missing permission, and no other one is made of it", async () => {
    expect(await findingsOf("missing-permission", { targetSdkVersion: 33 })).toContain(
      `unrecognised:com.adwatch/${AD_ID}`,
    );
    expect(await findingsOf("missing-permission", { targetSdkVersion: 32 })).not.toContain(
      `unrecognised:com.adwatch/${AD_ID}`,
    );
  });
});

describe("a Bluetooth scan", () => {
  const OLD = [`${A}.BLUETOOTH`, `${A}.BLUETOOTH_ADMIN`].map((name) => ({ name, maxSdkVersion: 30 }));
  const SCAN = `${A}.BLUETOOTH_SCAN`;
  const free = "precise-location by bluetooth-scan, likely, 1 sites";

  test("is free with all that each Android asks for", async () => {
    expect(await accessesOf("com.bluescan", { usesPermissions: [...OLD, SCAN, FINE] })).toEqual([free]);
  });

  test("yields less with neverForLocation", async () => {
    const never = { name: SCAN, neverForLocation: true };
    expect(await accessesOf("com.bluescan", { usesPermissions: [...OLD, never, FINE] })).toEqual([
      `${free} [never-for-location partial ${SCAN}]`,
    ]);
  });

  test("has its new permission from the old ones in an app that targets Android 11", async () => {
    const shape = { targetSdkVersion: 30, usesPermissions: [`${A}.BLUETOOTH`, `${A}.BLUETOOTH_ADMIN`, FINE] };
    expect(await accessesOf("com.bluescan", shape)).toEqual([free]);
    const { permissions } = await auditWith(shape);
    expect(permissions.find(({ name }) => name === SCAN)?.impliedBy).toMatchObject({ sinceSdkVersion: 31 });
  });
});

describe("installed apps", () => {
  test("are partial from Android 11 on for apps that target it and lack QUERY_ALL_PACKAGES", async () => {
    const free = "installed-apps by installed-apps, certain, 1 sites";
    const all = `${A}.QUERY_ALL_PACKAGES`;
    expect(await accessesOf("com.shelf", { targetSdkVersion: 29 })).toEqual([free]);
    expect(await accessesOf("com.shelf", { targetSdkVersion: 30 })).toEqual([
      `${free} [permission-missing partial ${all}]`,
    ]);
    expect(await accessesOf("com.shelf", { targetSdkVersion: 30, usesPermissions: [all] })).toEqual([free]);
  });
});

describe("the IMEI", () => {
  test("is closed since Android 10, with or without the permission", async () => {
    const lines = await accessesOf("com.phoneid", { usesPermissions: [`${A}.READ_PHONE_STATE`] });
    expect(lines.filter((line) => line.includes("imei-meid"))).toEqual([
      "device-or-other-ids by imei-meid, certain, 1 sites [api-level sometimes]",
    ]);
    const newOnly = await accessesOf("com.phoneid", {
      usesPermissions: [`${A}.READ_PHONE_STATE`],
      minSdkVersion: 29,
    });
    expect(newOnly.filter((line) => line.includes("imei-meid"))).toEqual([
      "device-or-other-ids by imei-meid, certain, 1 sites [api-level nothing]",
    ]);
  });
});

describe("findings about permissions", () => {
  test("one that no code uses", async () => {
    const shape = { usesPermissions: [`${A}.READ_CALENDAR`, `${A}.INTERNET`, `${A}.READ_CONTACTS`] };
    expect(await findingsOf("unused-permission", shape)).toEqual([`${A}.READ_CALENDAR`]);
  });

  test("one that only a third party uses", async () => {
    const shape = { usesPermissions: [`${A}.READ_CONTACTS`] };
    expect(await findingsOf("piggy-back-permission", shape)).toEqual([
      `unrecognised:com.peoplebook/${A}.READ_CONTACTS`,
    ]);
  });

  test("one that several share: each is named", async () => {
    expect(await findingsOf("piggy-back-permission", { usesPermissions: [FINE] })).toEqual([
      `unrecognised:com.bluescan/${FINE}`,
      `unrecognised:com.locateur/${FINE}`,
      `unrecognised:com.wifimap/${FINE}`,
    ]);
  });

  test("those that are missing, all that one call needs together", async () => {
    // getScanResults needs a location permission and ACCESS_WIFI_STATE.
    const missing = await findingsOf("missing-permission", {});
    expect(missing.filter((id) => id.includes("wifimap"))).toEqual([
      `unrecognised:com.wifimap/${A}.ACCESS_WIFI_STATE+${A}.ACCESS_FINE_LOCATION+${A}.ACCESS_COARSE_LOCATION`,
    ]);
    const one = await findingsOf("missing-permission", { usesPermissions: [FINE] });
    expect(one.filter((id) => id.includes("wifimap"))).toEqual([
      `unrecognised:com.wifimap/${A}.ACCESS_WIFI_STATE`,
    ]);
  });

  test("a permission asked for on other devices only opens nothing", async () => {
    const shape = { minSdkVersion: 24, usesPermissions: [{ name: `${A}.READ_CONTACTS`, maxSdkVersion: 22 }] };
    expect(await accessesOf("com.peoplebook", shape)).toEqual([
      `contacts by contacts, likely, 1 sites [permission-max-sdk nothing ${A}.READ_CONTACTS]`,
    ]);
  });

  test("the manifest that aapt built asks for nothing: every call that needs a permission says so", async () => {
    const { accesses, permissions } = await auditFixture("permissions", rules);
    expect(permissions).toEqual([]);
    for (const { limits, api } of accesses) {
      expect(
        limits.some(({ kind }) => kind === "permission-missing"),
        api,
      ).toBe(true);
    }
  });
});
