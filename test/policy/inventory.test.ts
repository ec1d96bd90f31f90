import { describe, expect, test } from "vitest";
import type { AuditResult } from "../../src/index.js";
import { indexFacts, renderEntry, takeInventory } from "../../src/policy/index.js";
import { keyOf } from "../../src/policy/inventory.js";
import { empty, incomplete, speedTest } from "../report/example-results.js";
import {
  access,
  buildResult,
  call,
  givenTo,
  missingPermission,
  party,
  permission,
  permissionFinding,
  permitted,
} from "../support/result-builder.js";

const linesOf = (result: AuditResult) => takeInventory(result).entries.map(renderEntry);

const own = party("first-party", "com.example", { kind: "first-party" });
const nobody = party("unattributed", "unattributed", { kind: "unattributed" });
const library = party("okhttp", "OkHttp", { kind: "support-library" });

describe("who counts", () => {
  test("third parties, known or not, with their version; nobody else", () => {
    const result = buildResult({
      parties: [
        own,
        nobody,
        library,
        party("zed", "Zed"),
        party("adjust", "Adjust", { version: "4.28" }),
        party("unrecognised:com.acme", "com.acme", { kind: "unrecognised" }),
      ],
    });
    expect(linesOf(result)).toEqual([
      "third-party adjust 4.28",
      "third-party unrecognised:com.acme",
      "third-party zed",
    ]);
  });

  test("an access of whoever it is, a library too: what takes its name would hide behind it", () => {
    const parties = [own, nobody, library, party("adjust", "Adjust")];
    const accesses = parties.map(({ id }) => access(id, "contacts", "Lapi;->get()V", `L${id};->a()V`));
    expect(linesOf(buildResult({ parties, accesses }))).toEqual([
      "third-party adjust",
      "data-access adjust contacts contacts referenced",
      "data-access first-party contacts contacts referenced",
      "data-access okhttp contacts contacts referenced",
      "data-access unattributed contacts contacts referenced",
    ]);
  });

  test("a host that code names which is not the app's own", () => {
    const parties = [own, nobody, library, party("adjust", "Adjust")];
    const hosts = parties.map(({ id }) => ({
      party: id,
      host: `${id}.example`,
      sites: 1,
      urls: [],
      evidence: [],
    }));
    expect(linesOf(buildResult({ parties, hosts }))).toEqual([
      "third-party adjust",
      "host adjust adjust.example",
      "host okhttp okhttp.example",
      "host unattributed unattributed.example",
    ]);
  });

  test("each kind of data by itself: one identifier is not another", () => {
    const [imei, serial] = ["imei-meid", "device-serial"].map((yields) =>
      access("adjust", "device-or-other-ids", `Lapi;->${yields}()V`, "La;->a()V", { yields }),
    );
    const parties = [party("adjust", "Adjust")];
    expect(linesOf(buildResult({ parties, accesses: [imei!, serial!, imei!] }))).toEqual([
      "third-party adjust",
      "data-access adjust device-or-other-ids device-serial referenced",
      "data-access adjust device-or-other-ids imei-meid referenced",
    ]);
  });

  test("a vow that a permission is not for the location, where every request makes it", () => {
    const scan = (...flags: string[][]) =>
      buildResult({
        permissions: flags.map((usesPermissionFlags) => permission("SCAN", { usesPermissionFlags })),
      });
    expect(linesOf(scan(["neverForLocation"]))).toEqual([
      "permission SCAN never-for-location likely-by first-party",
    ]);
    expect(linesOf(scan(["neverForLocation"], []))).toEqual(["permission SCAN likely-by first-party"]);
    expect(linesOf(scan([], ["neverForLocation"]))).toEqual(["permission SCAN likely-by first-party"]);
  });

  test("what permissions open, and what is said of permissions, follows from the rest", () => {
    const result = buildResult({
      parties: [party("adjust", "Adjust")],
      findings: [permitted("adjust", "contacts", "P"), permissionFinding("unused-permission", "P")],
    });
    expect(linesOf(result)).toEqual(["third-party adjust"]);
  });
});

describe("accesses", () => {
  const missing = { limits: [missingPermission("P")] };
  const late = {
    limits: [{ kind: "api-level" as const, leaves: "sometimes" as const, message: "Old devices only." }],
  };
  const parties = [own, party("adjust", "Adjust")];
  const three = (...parts: object[]) =>
    ["adjust", "first-party"].flatMap((id) =>
      parts.map((part, index) => access(id, "contacts", `Lapi;->get${index}()V`, "La;->a()V", part)),
    );

  test.each<[string, object[], string]>([
    ["one that is free", [{}], ""],
    ["one that gives less on some devices", [late], ""],
    ["none that yields anything", [missing, missing], " yields-nothing"],
    ["one that is blocked, and one that is free", [missing, {}], ""],
    ["the other way round", [{}, missing], ""],
  ])("%s", (_, parts, end) => {
    expect(linesOf(buildResult({ parties, accesses: three(...parts) })).slice(1)).toEqual([
      `data-access adjust contacts contacts referenced${end}`,
      `data-access first-party contacts contacts referenced${end}`,
    ]);
  });
});

describe("permissions", () => {
  const by = (...names: [string, "certain" | "likely" | "possible"][]) =>
    names.map(([id, confidence]) => ({ party: id, confidence }));

  test.each<[string, Parameters<typeof permission>[1], string]>([
    ["the app's", {}, "permission P likely-by first-party"],
    [
      "of whom it is likeliest to be",
      { declaredBy: by(["zed", "likely"], ["first-party", "possible"], ["adjust", "likely"]) },
      "permission P likely-by adjust zed",
    ],
    [
      "where nobody is likelier than possible",
      { declaredBy: by(["zed", "possible"], ["adjust", "possible"]) },
      "permission P likely-by adjust zed",
    ],
    ["up to a level", { maxSdkVersion: 30 }, "permission P until-sdk 30 likely-by first-party"],
    [
      "added by Android",
      { declaredBy: [], impliedBy: { because: "for old apps", sinceSdkVersion: 1 } },
      "permission P by android",
    ],
  ])("%s", (_, parts, line) => {
    expect(linesOf(buildResult({ permissions: [permission("P", parts)] }))).toEqual([line]);
  });

  test("one that is requested several times counts for as long as any", () => {
    const levels = [30, 18, undefined, 28];
    const requested = levels.map((level) =>
      permission("P", level === undefined ? {} : { maxSdkVersion: level }),
    );
    expect(linesOf(buildResult({ permissions: requested }))).toEqual(["permission P likely-by first-party"]);
    expect(
      linesOf(buildResult({ permissions: requested.filter(({ maxSdkVersion }) => maxSdkVersion) })),
    ).toEqual(["permission P until-sdk 30 likely-by first-party"]);
  });
});

test("two things have one key only if they are one, whatever their names", () => {
  const host = (id: string, name: string) => keyOf({ kind: "host", party: id, host: name });
  expect(host("a b", "c")).not.toBe(host("a", "b c"));
  expect(host('a" "b', "c")).not.toBe(host("a", 'b" "c'));
});

test("of the example: what a lockfile says", () => {
  expect(linesOf(speedTest())).toEqual([
    "third-party buoy",
    "third-party gull-push 5.2",
    "third-party harbor-ads 9.8.3",
    "third-party lookout-mediation",
    "third-party mast 1.4.0",
    "third-party plankton 21.0.0",
    "third-party unrecognised:com.acme.tracker",
    "third-party unrecognised:org.other",
    "permission android.permission.ACCESS_COARSE_LOCATION by android",
    "permission android.permission.ACCESS_FINE_LOCATION likely-by first-party",
    "permission android.permission.ACCESS_WIFI_STATE likely-by first-party",
    "permission android.permission.QUERY_ALL_PACKAGES likely-by first-party",
    "permission android.permission.READ_CALL_LOG likely-by first-party gull-push",
    "permission android.permission.READ_CONTACTS until-sdk 30 likely-by first-party",
    "data-access androidx contacts contacts referenced yields-nothing",
    "data-access first-party precise-location precise-location referenced",
    "data-access gull-push other-user-generated-content other-user-generated-content referenced",
    "data-access harbor-ads device-or-other-ids advertising-id referenced yields-nothing",
    "data-access harbor-ads device-or-other-ids android-id referenced",
    "data-access harbor-ads installed-apps installed-apps referenced",
    "data-access harbor-ads precise-location location referenced",
    "data-access mast crash-logs crash-logs referenced",
    "data-access plankton device-or-other-ids imei-meid referenced yields-nothing",
    "data-access plankton diagnostics diagnostics referenced",
    "data-access unattributed device-or-other-ids device-or-other-ids referenced",
    "data-access unrecognised:com.acme.tracker installed-apps installed-apps referenced",
    "host androidx developer.android.com",
    "host harbor-ads bid.harbor.example",
    "host harbor-ads cdn.harbor.example",
    "host harbor-ads log.harbor.example",
    "host harbor-ads sync.harbor.example",
    "host plankton in.plankton.example",
  ]);
});

test("the head: app, rules, depth, share, and what was not read", () => {
  const { entries: _, ...head } = takeInventory(incomplete());
  const { app, tool, depth, coverage } = incomplete();
  expect(coverage.unread.length).toBeGreaterThan(0);
  expect(head).toEqual({
    ...(app.packageName === undefined ? {} : { packageName: app.packageName }),
    rulesVersion: tool.rulesVersion,
    depth,
    attributedShare: coverage.attributedShare,
    unread: coverage.unread,
  });
  expect(takeInventory(empty())).toMatchObject({ attributedShare: 1, unread: [] });
});

describe("what a result says of an entry", () => {
  const missing = { limits: [missingPermission("P")] };
  const at = (name: string) => ({ evidence: [call(`Lapi;->${name}()V`, "La;->a()V")] });
  const result = buildResult({
    parties: [own, party("adjust", "Adjust")],
    accesses: ["adjust", "first-party"].flatMap((id) => [
      access(id, "contacts", "Lapi;->blocked()V", "La;->a()V", { ...missing, ...at("blocked") }),
      access(id, "contacts", "Lapi;->free()V", "La;->a()V", at("free")),
    ]),
    hosts: [{ party: "adjust", host: "a.example", sites: 1, urls: [], ...at("host") }],
    findings: [givenTo("adjust", "user-ids")],
    permissions: [permission("P")],
  });
  const factsOf = indexFacts(result);
  const factsOfAll = takeInventory(result).entries.map(
    (entry) => [renderEntry(entry), factsOf(entry)] as const,
  );

  test("evidence of each, what is limited least first", () => {
    expect(factsOfAll.map(([line, { evidence }]) => [line, evidence[0]!.value])).toEqual([
      ["third-party adjust", "Lcom/adjust/Main;"],
      ["permission P likely-by first-party", "P"],
      ["data-access adjust contacts contacts referenced", "Lapi;->free()V"],
      ["data-access first-party contacts contacts referenced", "Lapi;->free()V"],
      ["data-hand-over adjust user-ids", "Landroid/Api;->get()V"],
      ["host adjust a.example", "Lapi;->host()V"],
    ]);
  });

  test("a limit, only where it stands before all of it", () => {
    expect(factsOfAll.map(([, { limits }]) => limits)).toEqual(factsOfAll.map(() => []));
    const blocked = buildResult({
      parties: [own],
      accesses: [access("first-party", "contacts", "Lapi;->blocked()V", "La;->a()V", missing)],
    });
    const [entry] = takeInventory(blocked).entries;
    expect(indexFacts(blocked)(entry!).limits).toEqual(missing.limits);
  });

  test("of a permission that Android adds, nothing: the manifest has no line of it", () => {
    const factsOfPermission = (impliedBy: NonNullable<Parameters<typeof permission>[1]>["impliedBy"]) => {
      const implied = buildResult({
        permissions: [permission("P", { declaredBy: [], impliedBy: impliedBy! })],
      });
      return indexFacts(implied)(takeInventory(implied).entries[0]!).evidence;
    };
    expect(factsOfPermission({ permission: "Q", because: "Q has it", sinceSdkVersion: 1 })).toEqual([]);
    expect(factsOfPermission({ because: "the target is old", sinceSdkVersion: 1 })).toEqual([]);
  });

  test("nothing of what it has not", () => {
    expect(factsOf({ kind: "host", party: "adjust", host: "b.example" })).toEqual({
      evidence: [],
      limits: [],
    });
    expect(factsOf({ kind: "third-party", party: "__proto__" })).toEqual({ evidence: [], limits: [] });
  });
});
