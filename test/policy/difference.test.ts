import { describe, expect, test } from "vitest";
import type { AuditResult } from "../../src/index.js";
import {
  type ComparedBuild,
  compareBuilds,
  type Difference,
  hasMore,
  type PartyChange,
  parseLockfile,
  renderLockfile,
  takeInventory,
} from "../../src/policy/index.js";
import { speedTest } from "../report/example-results.js";
import {
  access,
  buildResult,
  givenTo,
  missingPermission,
  party,
  permission,
  type ResultParts,
} from "../support/result-builder.js";

const tool = { name: "bycatch", version: "1.2.3" };
const API = "Landroid/Api;->get()V";

const apk = (result: AuditResult, name = "app.apk"): ComparedBuild => ({
  source: { kind: "apk", name },
  inventory: takeInventory(result),
  result,
});
const lock = (result: AuditResult): ComparedBuild => ({
  source: { kind: "lockfile", name: "bycatch.lock" },
  inventory: parseLockfile(renderLockfile(takeInventory(result)), "bycatch.lock"),
});
const compare = (before: ResultParts, after: ResultParts) =>
  compareBuilds(apk(buildResult(before)), apk(buildResult(after)), tool);

/** A change in few words. */
function outline(change: PartyChange): string {
  const about =
    "dataType" in change
      ? change.dataType
      : "host" in change
        ? change.host
        : "dataTypes" in change
          ? [...change.dataTypes, ...change.events].join()
          : "";
  const doubt = change.mayBeIn === undefined ? "" : `maybe in ${change.mayBeIn}`;
  return [change.effect, change.kind, about, doubt].filter(Boolean).join(" ");
}
const outlines = ({ parties }: Difference) =>
  Object.fromEntries(parties.map(({ id, changes }) => [id, changes.map(outline)]));
const ofPermissions = ({ permissions }: Difference) =>
  permissions.map(({ effect, kind, permission: name, mayBeIn = "" }) =>
    `${effect} ${kind} ${name} ${mayBeIn}`.trim(),
  );
const kinds = ({ caveats }: Difference) => caveats.map(({ kind }) => kind);

const own = party("first-party", "com.example", { kind: "first-party" });
const adjust = party("adjust", "Adjust", {
  version: "4.28",
  vendor: { id: "adjust", name: "Adjust GmbH", parent: { id: "applovin", name: "AppLovin" } },
  category: "attribution",
});
const reads = (id: string, dataType: string, parts: Parameters<typeof access>[4] = {}) =>
  access(id, dataType, API, `Lcom/${id}/Main;->start()V`, parts);
const deep = { parties: [own, adjust], depth: "flows" } as const;
const given = { ...deep, findings: [givenTo("adjust", "user-ids")] };

describe("what a third party is handed over, by a lockfile's lines", () => {
  const [without, whole] = [buildResult(deep), buildResult(given)];
  const more = { adjust: ["more newly-handed user-ids"] };
  const less = { adjust: ["less no-longer-handed user-ids"] };

  test("is new, or gone, where both sides were looked at for it", () => {
    const difference = compareBuilds(lock(without), apk(whole), tool);
    expect(outlines(difference)).toEqual(more);
    expect(hasMore(difference)).toBe(true);
    const [{ evidence }] = whole.findings as [AuditResult["findings"][0]];
    expect(difference.parties[0]!.changes).toEqual([
      { kind: "newly-handed", effect: "more", dataTypes: ["user-ids"], events: [], evidence },
    ]);
    expect(outlines(compareBuilds(lock(whole), apk(without), tool))).toEqual(less);
    expect(outlines(compareBuilds(lock(whole), apk(whole), tool))).toEqual({});
  });

  test("also of an old build, and of two lockfiles, without evidence", () => {
    for (const before of [apk(without), lock(without)]) {
      const difference = compareBuilds(before, lock(whole), tool);
      expect(outlines(difference)).toEqual(more);
      expect(difference.parties[0]!.changes[0]).toMatchObject({ evidence: [] });
    }
    expect(outlines(compareBuilds(apk(whole), lock(without), tool))).toEqual(less);
  });

  test("is told between two results by flows and calls alone", () => {
    expect(outlines(compare(deep, given))).toEqual({});
    expect(outlines(compare(given, deep))).toEqual({});
  });

  test("is not compared with a side that was not looked at for it", () => {
    const shallow = buildResult({ ...deep, depth: "reachable" });
    expect(outlines(compareBuilds(lock(shallow), apk(whole), tool))).toEqual({});
    expect(outlines(compareBuilds(lock(whole), apk(shallow), tool))).toEqual({});
  });

  test("may still be there where flows were cut", () => {
    const cut = { effect: "unread", code: "limit", part: "flows", message: "cut" } as const;
    const after = buildResult({ ...deep, diagnostics: [cut] });
    expect(outlines(compareBuilds(lock(whole), apk(after), tool))).toEqual({
      adjust: ["less no-longer-handed user-ids maybe in after"],
    });
  });
});

const names = (id: string, host: string) => ({ party: id, host, sites: 1, urls: [], evidence: [] });
const blocked = { limits: [missingPermission("P")] };
const unread = (part: string) => ({
  diagnostics: [{ effect: "unread" as const, code: "truncated" as const, part, message: part }],
});

describe("a party", () => {
  test("that appeared: all that is its own, with name, vendor, evidence and limits", () => {
    const difference = compare(
      {},
      {
        parties: [adjust],
        accesses: [reads("adjust", "contacts"), reads("adjust", "photos", blocked)],
        hosts: [names("adjust", "app.adjust.com")],
      },
    );
    expect(outlines(difference)).toEqual({
      adjust: [
        "more appeared",
        "more newly-accesses contacts",
        "more newly-accesses photos",
        "more host-gained app.adjust.com",
      ],
    });
    const [{ changes, ...about }] = difference.parties as [Difference["parties"][0]];
    expect(about).toEqual({
      id: "adjust",
      kind: "sdk",
      name: "Adjust",
      vendor: adjust.vendor,
      category: "attribution",
    });
    expect(changes[0]).toMatchObject({ version: "4.28", evidence: adjust.evidence });
    expect(changes[1]).toMatchObject({
      after: { rung: "referenced", yieldsNothing: false },
      limits: [],
      evidence: [{ value: API, caller: "Lcom/adjust/Main;->start()V" }],
    });
    expect(changes[2]).toMatchObject({ after: { yieldsNothing: true }, limits: blocked.limits });
  });

  test("that left is known by what the old side says of it", () => {
    const difference = compare({ parties: [adjust], accesses: [reads("adjust", "contacts")] }, {});
    expect(difference.parties).toEqual([
      {
        id: "adjust",
        kind: "sdk",
        name: "Adjust",
        vendor: adjust.vendor,
        category: "attribution",
        changes: [
          { kind: "left", effect: "less", version: "4.28", evidence: [] },
          {
            kind: "no-longer-accesses",
            effect: "less",
            dataType: "contacts",
            yields: "contacts",
            before: { rung: "referenced", yieldsNothing: false },
            limits: [],
            evidence: [],
          },
        ],
      },
    ]);
  });

  test("that stayed: version, accesses, what they yield, hosts", () => {
    const difference = compare(
      {
        parties: [adjust, own],
        accesses: [
          reads("adjust", "contacts"),
          reads("adjust", "photos", blocked),
          reads("adjust", "videos"),
          reads("adjust", "emails"),
          reads("first-party", "contacts"),
        ],
        hosts: [names("adjust", "old.example"), names("adjust", "same.example")],
      },
      {
        parties: [{ ...adjust, version: "5.0" }, own],
        accesses: [
          reads("adjust", "calendar-events"),
          reads("adjust", "photos"),
          reads("adjust", "videos", blocked),
          reads("adjust", "emails"),
          reads("first-party", "photos"),
        ],
        hosts: [names("adjust", "new.example"), names("adjust", "same.example")],
      },
    );
    expect(outlines(difference)).toEqual({
      adjust: [
        "more newly-accesses calendar-events",
        "more now-yields photos",
        "more host-gained new.example",
        "less no-longer-accesses contacts",
        "less now-yields-nothing videos",
        "less host-lost old.example",
        "other version-changed",
      ],
      "first-party": ["more newly-accesses photos", "less no-longer-accesses contacts"],
    });
    expect(difference.parties[0]!.changes.at(-1)).toEqual({
      kind: "version-changed",
      effect: "other",
      from: "4.28",
      to: "5.0",
    });
  });

  test("whose version one side does not know", () => {
    const { version: _, ...without } = adjust;
    const [lost] = compare({ parties: [adjust] }, { parties: [without] }).parties;
    expect(lost!.changes).toEqual([{ kind: "version-changed", effect: "other", from: "4.28" }]);
    const [found] = compare({ parties: [without] }, { parties: [adjust] }).parties;
    expect(found!.changes).toEqual([{ kind: "version-changed", effect: "other", to: "4.28" }]);
  });

  test("of the makers, of nobody and of nobody known: by their ids", () => {
    const nobody = party("unattributed", "unattributed", { kind: "unattributed" });
    const acme = party("unrecognised:com.acme", "com.acme", { kind: "unrecognised" });
    const parties = [own, nobody, acme, adjust];
    const result = buildResult({ parties, accesses: parties.map(({ id }) => reads(id, "contacts")) });
    const kindsOf = (difference: Difference) =>
      Object.fromEntries(difference.parties.map(({ id, kind }) => [id, kind]));
    const expected = {
      adjust: "sdk",
      "unrecognised:com.acme": "unrecognised",
      "first-party": "first-party",
      unattributed: "unattributed",
    };
    const byLocks = compareBuilds(lock(buildResult()), lock(result), tool);
    expect(kindsOf(byLocks)).toEqual(expected);
    expect(byLocks.parties.filter((one) => "name" in one || "vendor" in one)).toEqual([]);
    expect(kindsOf(compareBuilds(lock(buildResult()), apk(result), tool))).toEqual(expected);
  });
});

test("third parties first; those first that have most of what weighs most", () => {
  const ids = ["a", "b", "c", "d", "e", "f"];
  const before = { parties: [own, ...ids.slice(2).map((id) => party(id, id, { version: "1" }))] };
  const after = {
    parties: [own, ...ids.map((id) => party(id, id, { version: id === "c" ? "2" : "1" }))],
    accesses: [
      reads("first-party", "contacts"),
      reads("first-party", "photos"),
      reads("b", "contacts"),
      // What yields nothing weighs nothing.
      reads("a", "contacts", blocked),
      reads("a", "photos", blocked),
      reads("d", "contacts"),
      reads("e", "contacts"),
      reads("e", "photos"),
    ],
    hosts: [names("f", "1"), names("f", "2"), names("d", "1")],
  };
  const difference = compare(before, after);
  expect(difference.parties.map(({ id }) => id)).toEqual(["b", "a", "e", "d", "f", "c", "first-party"]);
});

describe("permissions", () => {
  test("gained, lost, for longer or less long, brought by others; what is asked for first", () => {
    const by = (...ids: string[]) => ({
      declaredBy: ids.map((id) => ({ party: id, confidence: "likely" as const })),
    });
    const normal = { protection: "normal" as const };
    const difference = compare(
      {
        parties: [adjust],
        permissions: [
          permission("LOST"),
          permission("LONGER", { maxSdkVersion: 28 }),
          permission("SHORTER"),
          permission("SAME"),
          permission("OTHERS"),
        ],
      },
      {
        parties: [adjust],
        permissions: [
          permission("A_NORMAL", normal),
          permission("GAINED", { ...by("adjust"), maxSdkVersion: 30 }),
          permission("LONGER"),
          permission("SHORTER", { maxSdkVersion: 28 }),
          permission("SAME"),
          permission("OTHERS", by("adjust", "first-party")),
        ],
      },
    );
    expect(difference.parties).toEqual([]);
    expect(ofPermissions(difference)).toEqual([
      "more permission-gained GAINED",
      "more permission-gained A_NORMAL",
      "more requested-for-more LONGER",
      "less permission-lost LOST",
      "less requested-for-fewer SHORTER",
      "other brought-by-others OTHERS",
    ]);
    expect(difference.permissions[0]).toEqual({
      kind: "permission-gained",
      effect: "more",
      permission: "GAINED",
      protection: "dangerous",
      after: { maxSdkVersion: 30, by: [{ party: "adjust", name: "Adjust" }] },
    });
    expect(difference.permissions.at(-1)).toMatchObject({
      before: { by: [{ party: "first-party" }] },
      after: { by: [{ party: "adjust", name: "Adjust" }, { party: "first-party" }] },
    });
  });
});

describe("what was not read", () => {
  const full = {
    parties: [adjust],
    accesses: [reads("adjust", "contacts")],
    permissions: [permission("P")],
    hosts: [names("adjust", "h")],
  };
  const { version: _, ...unversioned } = adjust;
  const less = { parties: [unversioned] };

  test("of the new side may hold what is not seen any more", () => {
    const difference = compare(full, { ...less, ...unread("classes2.dex") });
    expect(outlines(difference)).toEqual({
      adjust: ["less no-longer-accesses contacts maybe in after", "less host-lost h maybe in after"],
    });
    // The manifest was read; and no version is told by code that was not.
    expect(ofPermissions(difference)).toEqual(["less permission-lost P"]);
    expect(kinds(difference)).toEqual(["unread"]);
    expect(difference.after.unread).toEqual(["classes2.dex"]);
  });

  test("of the old side may hold what seems new", () => {
    const difference = compare({ ...unread("classes2.dex") }, full);
    expect(outlines(difference)).toEqual({
      adjust: [
        "more appeared maybe in before",
        "more newly-accesses contacts maybe in before",
        "more host-gained h maybe in before",
      ],
    });
    expect(ofPermissions(difference)).toEqual(["more permission-gained P"]);
    expect(hasMore(difference)).toBe(true);
  });

  test("of a side that has more takes nothing from it", () => {
    const difference = compare({}, { ...full, ...unread("classes2.dex") });
    expect(outlines(difference)).toEqual({
      adjust: ["more appeared", "more newly-accesses contacts", "more host-gained h"],
    });
  });

  test.each(["AndroidManifest.xml", "app.apk"])("%s may hold permissions", (part) => {
    expect(ofPermissions(compare(full, { ...full, permissions: [], ...unread(part) }))).toEqual([
      "less permission-lost P after",
    ]);
    expect(ofPermissions(compare({ ...full, permissions: [], ...unread(part) }, full))).toEqual([
      "more permission-gained P before",
    ]);
  });

  test("says nothing of who brings what, but that Android does", () => {
    const bringers = (parts: Parameters<typeof permission>[1]) => ({
      ...full,
      permissions: [permission("P", parts)],
    });
    const byAdjust = bringers({ declaredBy: [{ party: "adjust", confidence: "likely" }] });
    const android = bringers({ declaredBy: [], impliedBy: { because: "old", sinceSdkVersion: 1 } });
    expect(compare(byAdjust, full).permissions).toHaveLength(1);
    expect(compare(byAdjust, { ...full, ...unread("classes2.dex") }).permissions).toEqual([]);
    expect(compare({ ...byAdjust, ...unread("classes2.dex") }, full).permissions).toEqual([]);
    expect(compare(android, { ...full, ...unread("classes2.dex") }).permissions).toHaveLength(1);
  });
});

describe("what may come from something else than the build is told", () => {
  const result = buildResult({ parties: [adjust], accesses: [reads("adjust", "contacts")] });

  test("nothing, of two builds of an app by the same rules", () => {
    expect(compareBuilds(apk(result), apk(result), tool).caveats).toEqual([]);
  });

  test("other rules", () => {
    const other = { ...result, tool: { ...result.tool, rulesVersion: "fedcba9876543210" } };
    expect(kinds(compareBuilds(apk(result), apk(other), tool))).toEqual(["other-rules"]);
  });

  test("two apps; not where one is not known", () => {
    const named = (packageName: string | undefined) =>
      apk({ ...result, app: { ...result.app, packageName } });
    const difference = compareBuilds(named("com.a"), named("com.b"), tool);
    expect(difference.caveats).toEqual([
      { kind: "other-app", message: "These are two apps: com.a and com.b." },
    ]);
    expect(kinds(compareBuilds(named("com.a"), named(undefined), tool))).toEqual([]);
  });

  test("another depth: what goes further is not compared, either way", () => {
    const shallow = buildResult({ parties: [adjust], depth: "permitted" });
    const difference = compareBuilds(apk(shallow), apk(result), tool);
    expect([difference.parties, kinds(difference)]).toEqual([[], ["other-depth"]]);
    expect(difference.caveats[0]!.message).toContain("The old side was looked at to the rung permitted only");
    const back = compareBuilds(apk(result), apk(shallow), tool);
    expect([back.parties, kinds(back)]).toEqual([[], ["other-depth"]]);
    expect(back.caveats[0]!.message).toContain("The new side");
  });

  test("of two depths that both see code, all is compared but how far it goes", () => {
    const chain = { component: "a.B", kind: "activity", chain: ["La;->a()V"] } as const;
    const of = (depth: "referenced" | "reachable", reach = {}) =>
      apk(
        buildResult({
          parties: [adjust],
          depth,
          accesses: [access(adjust.id, "contacts", "La/B;->c()V", "Lx;->y()V", reach)],
        }),
      );
    const deep = of("reachable", { reach: chain });
    expect(compareBuilds(of("referenced"), deep, tool)).toMatchObject({
      parties: [],
      caveats: [{ kind: "other-depth" }],
    });
    expect(compareBuilds(of("reachable"), deep, tool)).toMatchObject({
      parties: [
        {
          changes: [
            { kind: "reaches-further", before: { rung: "referenced" }, after: { rung: "reachable" } },
          ],
        },
      ],
      caveats: [],
    });
  });

  test.each([
    [1, 0.96, undefined],
    [1, 0.95, "--mapping"],
    [0.84, 0.79, "--mapping"],
    [0.9, 0.5, "--mapping"],
    [0.5, 0.54, undefined],
    [0.5, 0.9, "--old-mapping"],
  ])("a share of attributed code of %d and of %d: %s", (was, is, flag) => {
    const sharing = (attributedShare: number) =>
      apk({ ...result, coverage: { ...result.coverage, attributedShare } });
    const { caveats } = compareBuilds(sharing(was), sharing(is), tool);
    expect(caveats.map(({ kind, message }) => [kind, / (--\S+) /.exec(message)?.[1]])).toEqual(
      flag === undefined ? [] : [["other-share", flag]],
    );
  });
});

describe("laws, by the example", () => {
  const whole = speedTest();
  const none = buildResult({ app: whole.app });

  test("a build differs in nothing from itself, nor from its own lockfile", () => {
    for (const [one, other] of [
      [apk(whole), apk(whole)],
      [lock(whole), apk(whole)],
      [apk(whole), lock(whole)],
      [lock(whole), lock(whole)],
    ] as const) {
      const { parties, permissions, caveats } = compareBuilds(one, other, tool);
      expect({ parties, permissions, caveats }).toEqual({ parties: [], permissions: [], caveats: [] });
    }
  });

  test("a lockfile in place of its build changes nothing but what is known of it", () => {
    const bare = ({ parties, permissions }: Difference) => [
      parties.map(({ id, kind, changes }) => [id, kind, changes.map(outline)]),
      ofPermissions({ permissions } as Difference).sort(),
    ];
    const expected = bare(compareBuilds(apk(none), apk(whole), tool));
    expect(bare(compareBuilds(lock(none), apk(whole), tool))).toEqual(expected);
    expect(bare(compareBuilds(apk(none), lock(whole), tool))).toEqual(expected);
    expect(bare(compareBuilds(lock(none), lock(whole), tool))).toEqual(expected);
  });

  test("each change of a build that has more shows its evidence, and has more alone", () => {
    const difference = compareBuilds(apk(none), apk(whole), tool);
    const changes = difference.parties.flatMap((one) => one.changes);
    expect(changes.length).toBeGreaterThan(15);
    expect(changes.filter(({ effect }) => effect !== "more")).toEqual([]);
    expect(changes.filter((change) => "dataType" in change && change.evidence.length === 0)).toEqual([]);
    expect(hasMore(difference)).toBe(true);
    expect(hasMore(compareBuilds(apk(whole), apk(none), tool))).toBe(false);
  });

  test("a new version is no more", () => {
    const difference = compare({ parties: [adjust] }, { parties: [{ ...adjust, version: "5" }] });
    expect([difference.parties.length, hasMore(difference)]).toEqual([1, false]);
  });
});

test("the sides: source, app, rules, depth, share", () => {
  const result = speedTest();
  const {
    before,
    after,
    tool: by,
    schemaVersion,
  } = compareBuilds(lock(result), apk(result, "new.apk"), tool);
  expect(before).toEqual({
    source: { kind: "lockfile", name: "bycatch.lock" },
    packageName: "com.example.speedtest",
    rulesVersion: "0123456789abcdef",
    depth: "referenced",
    attributedShare: Math.floor(result.coverage.attributedShare * 100) / 100,
    unread: [],
  });
  expect(after).toMatchObject({
    source: { kind: "apk", name: "new.apk" },
    versionName: "5.4.1",
    versionCode: "504001",
    attributedShare: result.coverage.attributedShare,
  });
  expect([by, schemaVersion]).toEqual([tool, "1.0"]);
});
