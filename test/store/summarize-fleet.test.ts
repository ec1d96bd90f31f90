import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import {
  type FleetSummary,
  failureRows,
  fleetLimits,
  folderFiles,
  openDatabase,
  openStore,
  type Rows,
  resultRows,
  summarizeFleet,
} from "../../src/store/index.js";
import { hostileText } from "../support/hostile-text.js";
import {
  access,
  buildResult,
  call,
  missingPermission,
  party,
  permission,
  permissionFinding,
  permitted,
  type ResultParts,
} from "../support/result-builder.js";
import { writeFixtureStore } from "./fixture-store.js";
import { evaluation } from "./tiny-rows.js";

const google = {
  id: "google",
  name: "Google LLC",
  parent: { id: "alphabet", name: "Alphabet Inc." },
  country: "US",
};
const youtube = { id: "youtube", name: "YouTube", parent: { id: "alphabet", name: "Alphabet Inc." } };
const acme = { id: "acme", name: "Acme GmbH", country: "DE" };

const LOCATION =
  "Landroid/location/LocationManager;->getLastKnownLocation(Ljava/lang/String;)Landroid/location/Location;";
const CALLER = "Lcom/acme/Main;->run()V";
const FINE = "android.permission.ACCESS_FINE_LOCATION";

/** An app's rows; its SHA-256 is that of its path. */
function app(path: string, parts: ResultParts = {}): Rows {
  const sha256 = createHash("sha256").update(path).digest("hex");
  return resultRows({ sha256, path, size: 1_000 }, buildResult(parts));
}

const firstParty = party("first-party", "com.example.app", { kind: "first-party" });
const analytics = party("acme-analytics", "Acme Analytics", { vendor: acme, category: "analytics" });
const ads = party("google-ads", "Google Ads", { vendor: google, category: "advertising" });
const player = party("youtube-player", "YouTube player", { vendor: youtube, category: "social" });
const okhttp = party("okhttp", "OkHttp", { kind: "support-library" });
const tracker = party("unrecognised:com.tracker", "com.tracker", { kind: "unrecognised" });

const location = (owner: string, parts = {}) => access(owner, "precise-location", LOCATION, CALLER, parts);
const adId = (owner: string) => access(owner, "device-or-other-ids", "Lx;->getId()V", CALLER);
const blocked = { limits: [missingPermission(FINE)] };
const unread = { effect: "unread", code: "truncated", part: "classes2.dex", message: "cut" } as const;

const named = (packageName: string, versionCode: string, versionName = versionCode) => ({
  packageName,
  versionCode,
  versionName,
});

/** Eight files of four apps. */
const apps: readonly Rows[] = [
  app("one-1.apk", {
    app: named("com.one", "9"),
    parties: [firstParty, okhttp, { ...analytics, version: "1.9.0" }, ads],
    accesses: [
      location("acme-analytics"),
      location("google-ads", blocked),
      adId("google-ads"),
      location("first-party"),
    ],
    permissions: [
      permission(FINE, {
        declaredBy: [{ party: "google-ads", confidence: "likely" }],
        usedBy: ["acme-analytics"],
      }),
      permission("android.permission.INTERNET", { protection: "normal" }),
    ],
    findings: [permissionFinding("piggy-back-permission", FINE, "acme-analytics")],
    hosts: [
      {
        party: "acme-analytics",
        host: "sdk.acme.example",
        sites: 1,
        urls: [],
        evidence: [call("x", CALLER)],
      },
      { party: "first-party", host: "www.one.example", sites: 1, urls: [], evidence: [call("x", CALLER)] },
    ],
  }),
  app("one-2.apk", {
    app: named("com.one", "10"),
    parties: [firstParty, { ...analytics, version: "1.12.0-beta" }, tracker],
    accesses: [location("acme-analytics", blocked), adId("unrecognised:com.tracker")],
    hosts: [
      {
        party: "acme-analytics",
        host: "sdk.acme.example",
        sites: 3,
        urls: [],
        evidence: [call("x", CALLER)],
      },
      {
        party: "unrecognised:com.tracker",
        host: "sdk.acme.example",
        sites: 1,
        urls: [],
        evidence: [call("x", CALLER)],
      },
    ],
    permissions: [permission(FINE, { impliedBy: { because: "Android adds it", sinceSdkVersion: 1 } })],
  }),
  // The same version once more: the path that comes first speaks for it.
  app("one-2b.apk", { app: named("com.one", "10"), parties: [firstParty] }),
  app("one-3.apk", {
    app: named("com.one", "12345678901234567890"),
    parties: [firstParty, ads],
    diagnostics: [unread],
  }),
  app("two.apk", {
    app: named("com.two", "1"),
    parties: [firstParty, { ...analytics, version: "1.9.0" }, player, tracker],
    accesses: [location("youtube-player", blocked), adId("unrecognised:com.tracker")],
    findings: [permitted("acme-analytics", "contacts", "android.permission.READ_CONTACTS")],
  }),
  app("three.apk", { app: named("com.three", "1"), parties: [firstParty] }),
  failureRows({ sha256: "ff".repeat(32), path: "bad.apk", size: 3 }, { reason: "format", message: "no ZIP" }),
  failureRows(
    { sha256: undefined, path: "locked.apk", size: undefined },
    { reason: "unreadable", message: "no" },
  ),
];

const root = mkdtempSync(join(tmpdir(), "bycatch-fleet-"));
afterAll(() => rmSync(root, { recursive: true }));

/** The summary of a store with these parts. */
async function summarize(name: string, parts: readonly (readonly Rows[])[]): Promise<FleetSummary> {
  const folder = join(root, name);
  const store = await openStore(folderFiles(folder), evaluation);
  for (const part of parts) await store.writePart(part);
  const database = await openDatabase(folder);
  try {
    return await summarizeFleet(database, {
      id: database.evaluation!.id,
      ...database.evaluation!.evaluation,
    });
  } finally {
    database.close();
  }
}

let summary: FleetSummary;
beforeAll(async () => {
  summary = await summarize("written", [apps.slice(0, 3), apps.slice(3)]);
});

test("apps are counted, those that could not be read apart", () => {
  expect(summary.apps).toMatchObject({
    total: 8,
    audited: 5,
    incomplete: 1,
    failed: 2,
    failures: {
      total: 2,
      rows: [
        { reason: "format", apps: 1 },
        { reason: "unreadable", apps: 1 },
      ],
    },
    packages: 3,
    withThirdParty: 4,
    withAccess: 3,
    thirdParties: { median: 1.5, most: 3 },
  });
  expect(summary.apps.attributedShare.median).toBe(1);
  expect(summary.apps.attributedShare.histogram.reduce((sum, count) => sum + count)).toBe(6);
  expect(summary.evaluation).toEqual({ id: expect.stringMatching(/^[0-9a-f]{16}$/), ...evaluation });
});

test("SDKs are counted by app, with what their code refers to and is not kept from", () => {
  expect(summary.sdks).toEqual({
    total: 3,
    rows: [
      {
        id: "acme-analytics",
        name: "Acme Analytics",
        vendor: "Acme GmbH",
        company: "Acme GmbH",
        category: "analytics",
        apps: 3,
        dataTypes: ["precise-location"],
      },
      expect.objectContaining({ id: "google-ads", apps: 2, dataTypes: ["device-or-other-ids"] }),
      expect.objectContaining({ id: "youtube-player", apps: 1, dataTypes: [] }),
    ],
  });
  expect(summary.categories.rows).toEqual([
    { category: "analytics", sdks: 1, apps: 3 },
    { category: "advertising", sdks: 1, apps: 2 },
    { category: "social", sdks: 1, apps: 1 },
  ]);
});

test("companies have the vendors that they own", () => {
  expect(summary.companies).toEqual({
    total: 2,
    rows: [
      {
        id: "acme",
        name: "Acme GmbH",
        apps: 3,
        sdks: 1,
        vendors: { total: 1, rows: [{ id: "acme", name: "Acme GmbH", apps: 3 }] },
        dataTypes: ["precise-location"],
      },
      {
        id: "alphabet",
        name: "Alphabet Inc.",
        apps: 3,
        sdks: 2,
        vendors: {
          total: 2,
          rows: [
            { id: "google", name: "Google LLC", apps: 2 },
            { id: "youtube", name: "YouTube", apps: 1 },
          ],
        },
        dataTypes: ["device-or-other-ids"],
      },
    ],
  });
});

describe("how far code reaches", () => {
  test("an app counts once for a data type, where the evidence goes furthest", () => {
    expect(summary.dataTypes.rows).toEqual([
      // one-1 and, of the tracker, one-2 and two.
      { dataType: "device-or-other-ids", referenced: 3, permitted: 0, yieldsNothing: 0, parties: 2 },
      // one-1 by Acme, though it yields Google nothing; one-2 and two yield nothing. The first party is none.
      { dataType: "precise-location", referenced: 1, permitted: 0, yieldsNothing: 2, parties: 3 },
      { dataType: "contacts", referenced: 0, permitted: 1, yieldsNothing: 0, parties: 0 },
    ]);
  });

  test("by vendor, in the order of the data types", () => {
    expect(summary.vendors).toEqual({
      total: 3,
      rows: [
        {
          id: "acme",
          name: "Acme GmbH",
          company: undefined,
          country: "DE",
          apps: 3,
          cells: [
            { dataType: "precise-location", referenced: 1, permitted: 0, yieldsNothing: 1 },
            { dataType: "contacts", referenced: 0, permitted: 1, yieldsNothing: 0 },
          ],
        },
        expect.objectContaining({ id: "google", company: "Alphabet Inc.", apps: 2 }),
        expect.objectContaining({
          id: "youtube",
          cells: [{ dataType: "precise-location", referenced: 0, permitted: 0, yieldsNothing: 1 }],
        }),
      ],
    });
    expect(summary.unrecognised).toEqual({
      apps: 2,
      cells: [{ dataType: "device-or-other-ids", referenced: 2, permitted: 0, yieldsNothing: 0 }],
    });
  });
});

test("permissions: requested, added by Android, brought by others, used by third parties alone", () => {
  expect(summary.permissions.rows).toEqual([
    {
      permission: FINE,
      protection: "dangerous",
      requested: 1,
      implied: 1,
      broughtByOthers: 1,
      usedByThirdPartiesOnly: 1,
    },
    expect.objectContaining({
      permission: "android.permission.INTERNET",
      requested: 1,
      implied: 0,
      broughtByOthers: 0,
    }),
  ]);
});

test("hosts of third parties, and who names them", () => {
  expect(summary.hosts).toEqual({
    total: 1,
    rows: [
      {
        host: "sdk.acme.example",
        apps: 2,
        parties: {
          total: 2,
          rows: [
            { id: "acme-analytics", name: "Acme Analytics" },
            { id: "unrecognised:com.tracker", name: "com.tracker" },
          ],
        },
      },
    ],
  });
});

test("versions are ordered as versions, not as text", () => {
  expect(summary.versions).toEqual({
    total: 1,
    rows: [
      {
        id: "acme-analytics",
        name: "Acme Analytics",
        apps: 3,
        known: 3,
        oldest: "1.9.0",
        newest: "1.12.0-beta",
        versions: {
          total: 2,
          rows: [
            { version: "1.9.0", apps: 2 },
            { version: "1.12.0-beta", apps: 1 },
          ],
        },
      },
    ],
  });
});

test("a version is newer than what came before its release, and 10 than 9", async () => {
  const versions = ["1.0.0-rc1", "1.0.0", "1.0.0-beta2", "0.10.1"];
  const all = await summarize("releases", [
    versions.map((version, index) =>
      app(`${index}.apk`, {
        app: named(`com.release${index}`, "1"),
        parties: [firstParty, { ...analytics, version }],
      }),
    ),
  ]);
  expect(all.versions.rows[0]).toMatchObject({ oldest: "0.10.1", newest: "1.0.0" });
});

test("a text that is no version is neither the oldest nor the newest", async () => {
  const all = await summarize("texts", [
    ["1.2", "garbage", "9".repeat(26), `1.${"9".repeat(26)}`, "1.10-garbage"].map((version, index) =>
      app(`${index}.apk`, {
        app: named(`com.text${index}`, "1"),
        parties: [firstParty, { ...analytics, version }],
      }),
    ),
    [
      app("none.apk", {
        app: named("com.none", "1"),
        parties: [firstParty, party("none", "None", { kind: "sdk", version: "garbage" })],
      }),
    ],
  ]);
  expect(all.versions.rows).toMatchObject([
    { id: "acme-analytics", known: 5, oldest: "1.2", newest: "1.10-garbage", versions: { total: 5 } },
    { id: "none", known: 1, oldest: undefined, newest: undefined, versions: { total: 1 } },
  ]);
});

test("outliers", () => {
  const { outliers } = summary;
  const counts = outliers.mostThirdParties.map(({ path, thirdParties }) => `${path} ${thirdParties}`);
  expect([counts[0], counts.slice(1, 3).sort(), counts[3], counts.length]).toEqual([
    "two.apk 3",
    ["one-1.apk 2", "one-2.apk 2"],
    "one-3.apk 1",
    4,
  ]);
  expect(outliers.mostDataTypes[0]).toMatchObject({
    packageName: "com.one",
    path: "one-1.apk",
    dataTypes: 2,
  });
  const incomplete = outliers.mostThirdParties.filter(({ isIncomplete }) => isIncomplete);
  expect(incomplete.map(({ path }) => path)).toEqual(["one-3.apk"]);
  expect(outliers.leastAttributed).toEqual([]);
  expect(outliers.rareSdks).toMatchObject({
    total: 1,
    rows: [{ id: "youtube-player", app: { packageName: "com.two", path: "two.apk" } }],
  });
  expect(outliers.unrecognised).toEqual({
    total: 1,
    rows: [{ name: "com.tracker", packages: 2, apps: 2, dataTypes: ["device-or-other-ids"] }],
  });
});

describe("versions of one app", () => {
  test("are in the order of their codes, and say what came and went", () => {
    expect(summary.trends).toEqual({
      total: 1,
      rows: [
        {
          packageName: "com.one",
          versions: {
            total: 3,
            rows: [
              {
                versionCode: "9",
                versionName: "9",
                isIncomplete: false,
                thirdParties: 2,
                dataTypes: 2,
                permissions: 2,
                came: undefined,
                went: undefined,
              },
              {
                versionCode: "10",
                versionName: "10",
                isIncomplete: false,
                thirdParties: 2,
                dataTypes: 1,
                permissions: 0,
                came: { total: 1, rows: ["com.tracker"] },
                went: { total: 1, rows: ["Google Ads"] },
              },
              {
                versionCode: "12345678901234567890",
                versionName: "12345678901234567890",
                isIncomplete: true,
                thirdParties: 1,
                dataTypes: 0,
                permissions: 0,
                came: { total: 1, rows: ["Google Ads"] },
                // It was not read whole: what is missing may be in what was not.
                went: undefined,
              },
            ],
          },
        },
      ],
    });
  });

  test("what was not read before is not said to have come", async () => {
    const trend = await summarize("after-incomplete", [
      [
        app("a.apk", { app: named("com.a", "1"), parties: [firstParty], diagnostics: [unread] }),
        app("b.apk", { app: named("com.a", "2"), parties: [firstParty, ads] }),
        app("c.apk", { app: named("com.a", "three"), parties: [firstParty, ads] }),
      ],
    ]);
    const [first, second, ...more] = trend.trends.rows[0]!.versions.rows;
    expect(first).toMatchObject({ isIncomplete: true, came: undefined, went: undefined });
    expect(second).toMatchObject({ came: undefined, went: { total: 0, rows: [] } });
    expect(more, "a code that is no number has no place").toEqual([]);
  });
});

test("the summary does not depend on which part has which app, nor on their order", async () => {
  expect(await summarize("one-part", [[...apps].reverse()])).toEqual(summary);
  expect(
    await summarize(
      "many-parts",
      apps.map((rows) => [rows]),
    ),
  ).toEqual(summary);
});

test("lists end at their limits and say how many there are", async () => {
  const many = Array.from({ length: 400 }, (_, index) => {
    const id = String(index).padStart(3, "0");
    const vendor = { id: `vendor-${id}`, name: `Vendor ${id}` };
    return app(`${id}.apk`, {
      app: named(`com.app${index % 30}`, String(index)),
      parties: [
        firstParty,
        party(`sdk-${id}`, `SDK ${id}`, { vendor, version: id, category: "utility" }),
        party(`unrecognised:com.t${index % 70}`, `com.t${index % 70}`, { kind: "unrecognised" }),
        party("everywhere", "Everywhere", { version: `1.${id}` }),
      ],
      accesses: [access(`sdk-${id}`, `type-${id}`, "Lx;->y()V", CALLER)],
      permissions: [permission(`com.example.${id}`)],
      hosts: [
        { party: `sdk-${id}`, host: `${id}.example`, sites: 1, urls: [], evidence: [call("x", CALLER)] },
      ],
    });
  });
  const all = await summarize("many", [many.slice(0, 200), many.slice(200)]);
  const sizes = {
    sdks: [401, fleetLimits.sdks],
    companies: [400, fleetLimits.companies],
    vendors: [400, fleetLimits.vendors],
    dataTypes: [400, fleetLimits.dataTypes],
    permissions: [400, fleetLimits.permissions],
    hosts: [400, fleetLimits.hosts],
    versions: [401, fleetLimits.versionedSdks],
    trends: [30, fleetLimits.trends],
  } as const;
  for (const [list, [total, rows]] of Object.entries(sizes)) {
    const top = all[list as keyof typeof sizes];
    expect([top.total, top.rows.length], list).toEqual([total, rows]);
  }
  expect(all.outliers.rareSdks).toMatchObject({ total: 400 });
  expect(all.outliers.rareSdks.rows).toHaveLength(fleetLimits.rareSdks);
  expect(all.outliers.unrecognised.total).toBe(70);
  expect(all.outliers.mostThirdParties).toHaveLength(fleetLimits.outliers);
  expect(all.versions.rows[0]).toMatchObject({ id: "everywhere", oldest: "1.000", newest: "1.399" });
  expect(all.versions.rows[0]!.versions).toMatchObject({ total: 400 });
  expect(all.trends.rows[0]!.versions).toMatchObject({ total: 14 });
  // The newest are kept, in their order.
  expect(all.trends.rows[0]!.versions.rows.map(({ versionCode }) => Number(versionCode))).toEqual(
    Array.from({ length: fleetLimits.versionsOfApp }, (_, index) => 30 * (index + 4)),
  );
  expect(JSON.stringify(all).length).toBeLessThan(200_000);
});

test("texts from apps are data and bounded, whatever they say", async () => {
  const long = "'; DROP VIEW apps; --".repeat(100);
  const hostile = await summarize("hostile", [
    [1, 2].map((code) =>
      app(`${hostileText}${code}.apk`, {
        app: named(`${long}`, String(code), hostileText),
        parties: [
          firstParty,
          { ...analytics, version: `${"9".repeat(60)}.1` },
          party(`unrecognised:${long}`, long, { kind: "unrecognised" }),
        ],
        hosts: [{ party: "acme-analytics", host: long, sites: 1, urls: [], evidence: [call("x", CALLER)] }],
        permissions: [permission(long)],
      }),
    ),
  ]);
  expect(hostile.trends.rows[0]?.packageName).toBe(`${long.slice(0, fleetLimits.text - 1)}…`);
  expect(hostile.hosts.rows[0]?.host).toHaveLength(fleetLimits.text);
  expect(hostile.versions.rows[0]?.versions.rows[0]?.version).toBe(`${"9".repeat(60)}.1`);
  expect(JSON.stringify(hostile).length).toBeLessThan(20_000);
});

test("a store of failures alone has nothing to tell, and tells that", async () => {
  const nothing = await summarize("failures", [apps.slice(6)]);
  expect(nothing.apps).toMatchObject({ total: 2, failed: 2, withThirdParty: 0, packages: 0 });
  expect(nothing.apps.attributedShare.median).toBeUndefined();
  expect(nothing.sdks).toEqual({ total: 0, rows: [] });
});

test("apps that were audited are counted as their results say", async () => {
  const folder = mkdtempSync(join(tmpdir(), "bycatch-fleet-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  await writeFixtureStore(folder);
  const database = await openDatabase(folder);
  onTestFinished(() => database.close());
  const fixtures = await summarizeFleet(database, { id: database.evaluation!.id });
  const results = await database.query<{ app: string; kind: string }>("SELECT app, kind FROM parties");
  const third = results.filter(({ kind }) => kind === "sdk" || kind === "unrecognised");
  expect(fixtures.apps.total).toBe(10);
  expect(fixtures.apps.withThirdParty).toBe(new Set(third.map(({ app: one }) => one)).size);
});
