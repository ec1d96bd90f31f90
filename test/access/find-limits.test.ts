import { describe, expect, test } from "vitest";
import { judgeUse } from "../../src/access/find-limits.js";
import { type AskedApi, buildApiQuery, Holdings } from "../../src/access/index.js";
import type { Party } from "../../src/sdk/index.js";
import { buildManifest, type ManifestShape } from "../support/app-builder.js";
import { apiRule, dataTypes, indexTinyRules, permissions, sdkRule, vendor } from "../support/tiny-rules.js";

const FINE = "android.permission.ACCESS_FINE_LOCATION";
const COARSE = "android.permission.ACCESS_COARSE_LOCATION";
const SCAN = "android.permission.BLUETOOTH_SCAN";
const OLD_BLUETOOTH = "android.permission.BLUETOOTH";
const AD_ID = "com.google.android.gms.permission.AD_ID";
const PHONE = "android.permission.READ_PHONE_STATE";
const PRIVILEGED = "android.permission.READ_PRIVILEGED_PHONE_STATE";
const ALL_PACKAGES = "android.permission.QUERY_ALL_PACKAGES";

const index = indexTinyRules({
  "data-types.yaml": dataTypes("precise-location", "approximate-location", "ids", "apps"),
  "permissions.yaml": permissions(`${PRIVILEGED} signature`, `${FINE} dangerous`),
  "vendors/acme.yaml": vendor("acme"),
  "acme.yaml": sdkRule(
    "acme",
    ["class-prefix: Lcom/acme/"],
    `switches:
  - { meta-data: com.acme.location, off: "false", effect: No location is read., data-types: [precise-location] }
  - { meta-data: com.acme.start, off: "false", effect: The SDK does not start. }
`,
  ),
  "location.yaml": apiRule(
    "location",
    "precise-location",
    "  - method: La/A;->location()V",
    `degrades-to: { data-type: approximate-location, when-missing: ${FINE} }
needs:
  - any-of: [${FINE}, ${COARSE}]`,
  ),
  "scan.yaml": apiRule(
    "scan",
    "precise-location",
    "  - method: La/A;->scan()V",
    `needs:
  - { all-of: [${OLD_BLUETOOTH}], to-device: 30 }
  - { all-of: [${SCAN}], from-device: 31 }`,
  ),
  "ids.yaml": apiRule(
    "ids",
    "ids",
    `  - method: La/A;->adId()V
    needs: [{ all-of: [${AD_ID}], from-target: 33 }]
  - method: La/A;->imei()V
    until: 28
    needs: [{ all-of: [${PHONE}], from-device: 23 }]
  - method: La/A;->serial()V
    needs: [{ all-of: [${PRIVILEGED}], from-target: 28, from-device: 26 }]
  - method: La/A;->name()V
    target-until: 31
  - method: La/A;->topics()V
    since: 33
  - method: La/A;->free()V`,
  ),
  "apps.yaml": apiRule(
    "apps",
    "apps",
    "  - method: La/A;->apps()V",
    `needs:
  - { all-of: [${ALL_PACKAGES}], from-target: 30, from-device: 30, otherwise: partial }`,
  ),
});

const asked = buildApiQuery(index).apisOfTarget.flat();
const stranger: Party = {
  id: "x",
  kind: "unrecognised",
  name: "x",
  confidence: "certain",
  classes: 1,
  codeUnits: 1,
  evidence: [],
};
const acme: Party = { ...stranger, id: "acme", kind: "sdk", rule: index.parties[0]! };

function judge(member: string, shape: ManifestShape | undefined, party = stranger) {
  const api: AskedApi = asked.find(({ reference }) => reference === `La/A;->${member}()V`)!;
  const manifest = shape === undefined ? undefined : buildManifest(shape);
  return judgeUse(api, party, new Holdings(manifest, index.ruleset.permissions));
}

function outline(member: string, shape: ManifestShape | undefined, party = stranger): string[] {
  const { dataType, limits } = judge(member, shape, party);
  const lines = limits.map(({ kind, leaves, sinceSdkVersion }) =>
    [kind, leaves, ...(sinceSdkVersion === undefined ? [] : [sinceSdkVersion])].join(" "),
  );
  return [dataType, ...lines];
}

describe("location, which one of two permissions opens", () => {
  test.each<[string, ManifestShape, string[]]>([
    ["neither", {}, ["approximate-location", "permission-missing nothing"]],
    ["fine", { usesPermissions: [FINE] }, ["precise-location"]],
    ["coarse only", { usesPermissions: [COARSE] }, ["approximate-location"]],
    ["both", { usesPermissions: [FINE, COARSE] }, ["precise-location"]],
    [
      "fine, up to an old device",
      { usesPermissions: [{ name: FINE, maxSdkVersion: 28 }] },
      ["precise-location", "permission-max-sdk sometimes 29"],
    ],
    [
      "fine up to an old device, coarse always",
      { usesPermissions: [{ name: FINE, maxSdkVersion: 28 }, COARSE] },
      ["precise-location", "permission-max-sdk partial 29"],
    ],
    [
      "fine, for devices that the app does not run on",
      { usesPermissions: [{ name: FINE, maxSdkVersion: 22 }], minSdkVersion: 24 },
      ["approximate-location", "permission-max-sdk nothing"],
    ],
    [
      "fine, for devices that the app does not run on, and coarse",
      { usesPermissions: [{ name: FINE, maxSdkVersion: 22 }, COARSE], minSdkVersion: 24 },
      ["approximate-location"],
    ],
    [
      "fine from Android 6 on, in an app for older devices too",
      { usesPermissions: [{ name: FINE, minSdkVersion: 23 }], minSdkVersion: 16 },
      ["precise-location", "permission-max-sdk sometimes"],
    ],
  ])("%s", (_what, shape, expected) => {
    expect(outline("location", shape)).toEqual(expected);
  });
});

describe("the advertising id", () => {
  test("needs its permission from target 33 on", () => {
    expect(outline("adId", { targetSdkVersion: 32 })).toEqual(["ids"]);
    expect(outline("adId", { targetSdkVersion: 33 })).toEqual(["ids", "permission-missing nothing"]);
    expect(outline("adId", { targetSdkVersion: 33, usesPermissions: [AD_ID] })).toEqual(["ids"]);
  });
});

describe("a scan, with one permission for old devices and one for new", () => {
  const both = [{ name: OLD_BLUETOOTH, maxSdkVersion: 30 }, SCAN];

  test("is free with both, the old one ending where it is no more needed", () => {
    expect(outline("scan", { usesPermissions: both })).toEqual(["precise-location"]);
  });

  test("is limited where either is missing, on its devices", () => {
    expect(outline("scan", { usesPermissions: [SCAN] })).toEqual([
      "precise-location",
      "permission-missing sometimes",
    ]);
    expect(outline("scan", { usesPermissions: [OLD_BLUETOOTH] })).toEqual([
      "precise-location",
      "permission-missing sometimes 31",
    ]);
  });

  test("does not ask for the old one of an app for new devices only", () => {
    expect(outline("scan", { usesPermissions: [SCAN], minSdkVersion: 31 })).toEqual(["precise-location"]);
  });

  test("yields less with neverForLocation", () => {
    const never = [
      { name: OLD_BLUETOOTH, maxSdkVersion: 30 },
      { name: SCAN, neverForLocation: true },
    ];
    expect(outline("scan", { usesPermissions: never })).toEqual([
      "precise-location",
      "never-for-location partial",
    ]);
  });
});

describe("limits of the API itself", () => {
  test("an API that newer devices have closed", () => {
    const held = { usesPermissions: [PHONE] };
    expect(outline("imei", { ...held, minSdkVersion: 28 })).toEqual(["ids", "api-level sometimes 29"]);
    expect(outline("imei", { ...held, minSdkVersion: 29 })).toEqual(["ids", "api-level nothing 29"]);
  });

  test("an API that older devices do not have", () => {
    expect(outline("topics", { minSdkVersion: 33 })).toEqual(["ids"]);
    expect(outline("topics", { minSdkVersion: 32 })).toEqual(["ids", "api-level sometimes"]);
    expect(judge("topics", { minSdkVersion: 32 }, stranger).limits[0]).toMatchObject({ untilSdkVersion: 32 });
  });

  test("an API closed to apps by their target", () => {
    expect(outline("name", { targetSdkVersion: 31 })).toEqual(["ids"]);
    expect(outline("name", { targetSdkVersion: 32 })).toEqual(["ids", "target-sdk sometimes 32"]);
    // A device that knows no API level above 31 does not ask for it.
    expect(outline("name", { minSdkVersion: 32, targetSdkVersion: 32 })).toEqual([
      "ids",
      "target-sdk nothing",
    ]);
  });

  test("a need that leaves less is partial", () => {
    expect(outline("apps", { targetSdkVersion: 29 })).toEqual(["apps"]);
    expect(outline("apps", { targetSdkVersion: 30 })).toEqual(["apps", "permission-missing partial 30"]);
    expect(outline("apps", { targetSdkVersion: 30, usesPermissions: [ALL_PACKAGES] })).toEqual(["apps"]);
  });

  test("no need, no limit", () => {
    expect(outline("free", {})).toEqual(["ids"]);
  });
});

describe("a switch in the manifest", () => {
  const held = { usesPermissions: [FINE] };

  test.each<[string, Record<string, string | boolean>, string[]]>([
    ["off", { "com.acme.location": false }, ["precise-location", "switched-off partial"]],
    ["off, as text", { "com.acme.location": "false" }, ["precise-location", "switched-off partial"]],
    ["on", { "com.acme.location": true }, ["precise-location"]],
    ["another one, that names no data", { "com.acme.start": false }, ["precise-location"]],
    ["none", {}, ["precise-location"]],
  ])("%s", (_what, metaData, expected) => {
    expect(outline("location", { ...held, metaData }, acme)).toEqual(expected);
  });

  test("concerns the SDK that has it, and the data that it names", () => {
    const metaData = { "com.acme.location": false };
    expect(outline("location", { ...held, metaData }, stranger)).toEqual(["precise-location"]);
    expect(outline("location", { usesPermissions: [COARSE], metaData }, acme)).toEqual([
      "approximate-location",
    ]);
    expect(outline("free", { metaData }, acme)).toEqual(["ids"]);
  });
});

test("without a manifest nothing is said but that it is not known", () => {
  expect(outline("location", undefined)).toEqual(["precise-location", "unknown sometimes"]);
});

test.each<[string, ManifestShape, string]>([
  [
    "location",
    {},
    "Without ACCESS_FINE_LOCATION or ACCESS_COARSE_LOCATION, which the app does not request, it yields nothing.",
  ],
  ["adId", {}, "Without AD_ID, which the app does not request, it yields nothing."],
  [
    "serial",
    {},
    "Without READ_PRIVILEGED_PHONE_STATE, which only the system's own apps can hold, it yields nothing on API level 26 (Android 8.0) and later.",
  ],
  [
    "scan",
    { usesPermissions: [SCAN] },
    "Without BLUETOOTH, which the app does not request, it yields nothing up to API level 30 (Android 11).",
  ],
  [
    "location",
    { usesPermissions: [{ name: FINE, maxSdkVersion: 22 }] },
    "Without ACCESS_FINE_LOCATION or ACCESS_COARSE_LOCATION, which the app requests for other devices only, it yields nothing.",
  ],
  [
    "apps",
    {},
    "Without QUERY_ALL_PACKAGES, which the app does not request, the data is incomplete on API level 30 (Android 11) and later.",
  ],
])("%s, with %o, in words", (member, shape, message) => {
  expect(judge(member, shape).limits[0]!.message).toBe(message);
});
