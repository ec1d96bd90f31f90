import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type Database,
  folderFiles,
  openDatabase,
  openStore,
  type Question,
  type QuestionName,
  questions,
  type Row,
  type Rows,
  readTable,
  tableNames,
  tables,
} from "../../src/store/index.js";
import { writeFixtureStore } from "./fixture-store.js";
import { evaluation, failedRows, tinyRows } from "./tiny-rows.js";

let root: string;
let database: Database;
/** All rows, as another reader of Parquet has them. */
const rows: Record<string, Row[]> = {};
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "bycatch-questions-"));
  const files = folderFiles(join(root, "fixtures"));
  await writeFixtureStore(join(root, "fixtures"));
  for (const name of tableNames) {
    rows[name] = [];
    for (const path of await files.list(name))
      rows[name].push(...(await readTable((await files.read(path))!)));
  }
  database = await openDatabase(join(root, "fixtures"));
});
afterAll(() => {
  database.close();
  rmSync(root, { recursive: true });
});

const ask = (name: QuestionName, options: Partial<Parameters<Question["sql"]>[0]> = {}, of = database) =>
  of.query((questions[name] as Question).sql({ values: [], ...options }));

/** Counts by a key, greatest first, then by key. */
function countBy(list: readonly Row[], key: string): [unknown, number][] {
  const counts = new Map<unknown, Set<unknown>>();
  for (const row of list) counts.set(row[key], (counts.get(row[key]) ?? new Set()).add(row.app));
  return [...counts]
    .map(([value, apps]): [unknown, number] => [value, apps.size])
    .sort((one, other) => other[1] - one[1] || (String(one[0]) < String(other[0]) ? -1 : 1));
}

describe("numbers of apps are those that counting by hand gives", () => {
  const read = () => rows.apps!.filter(({ status }) => status !== "failed").length;

  test("top-sdks", async () => {
    const answer = await ask("top-sdks");
    expect(answer.map(({ party, apps }) => [party, apps])).toEqual(
      countBy(
        rows.parties!.filter(({ kind }) => kind === "sdk"),
        "party",
      ),
    );
    expect(answer.length).toBeGreaterThan(2);
    // Eight fixture apps; one more failed, and one could not be read.
    expect(new Set(answer.map(({ of_apps }) => of_apps))).toEqual(new Set([8]));
    expect(read()).toBe(8);
    expect(answer[0]).toMatchObject({ percent: 12.5, packages: 1 });
  });

  test("unrecognised", async () => {
    const answer = await ask("unrecognised");
    const unrecognised = countBy(
      rows.parties!.filter(({ kind }) => kind === "unrecognised"),
      "party",
    );
    const ofAnswer = answer.map(({ party, apps }) => [party, apps]);
    expect(ofAnswer.sort()).toEqual(unrecognised.sort());
    for (const { party, apps_with_access } of answer) {
      const reads = rows.accesses!.filter((one) => one.party === party && one.yields_nothing === false);
      expect(apps_with_access, String(party)).toBe(new Set(reads.map(({ app }) => app)).size);
    }
  });

  test("vendors", async () => {
    const answer = await ask("vendors");
    expect(answer.map(({ vendor, apps }) => [vendor, apps])).toEqual(
      countBy(
        rows.parties!.filter(({ kind, vendor }) => kind === "sdk" && vendor !== null),
        "vendor",
      ),
    );
    expect(answer.find(({ vendor }) => vendor === "adjust")).toMatchObject({
      name: "Adjust GmbH",
      owned_by: "AppLovin Corporation",
      country: "DE",
      sdks: 1,
    });
    expect(answer.find(({ vendor }) => vendor === "applovin")).toMatchObject({ owned_by: null });
  });

  test("hosts and permissions", async () => {
    const hosts = await ask("hosts");
    expect(hosts.map(({ host, apps }) => [host, apps])).toEqual(countBy(rows.hosts!, "host"));
    const permissions = await ask("permissions");
    const count = (isImplied: boolean) =>
      new Map(
        countBy(
          rows.permissions!.filter(({ implied_because }) => (implied_because !== null) === isImplied),
          "permission",
        ),
      );
    const [requested, implied] = [count(false), count(true)];
    expect(implied.size).toBeGreaterThan(0);
    for (const row of permissions)
      expect([row.requested, row.implied], String(row.permission)).toEqual([
        requested.get(row.permission) ?? 0,
        implied.get(row.permission) ?? 0,
      ]);
    expect(permissions).toHaveLength(new Set([...requested.keys(), ...implied.keys()]).size);
  });

  test.each(["precise-location", "contacts", "device-or-other-ids"])("who-reads %s", async (dataType) => {
    const answer = await ask("who-reads", { values: [dataType] });
    expect(answer.length).toBeGreaterThan(1);
    for (const { party, referenced, yields_nothing, permitted } of answer) {
      const calls = rows.accesses!.filter((one) => one.party === party && one.data_type === dataType);
      const apps = [...new Set(calls.map(({ app }) => app))];
      const without = apps.filter((app) =>
        calls.every((one) => one.app !== app || one.yields_nothing === true),
      );
      const open = rows.findings!.filter(
        (one) => one.party === party && one.data_type === dataType && one.rung === "permitted",
      );
      expect({ referenced, yields_nothing, permitted }, String(party)).toEqual({
        referenced: apps.length - without.length,
        yields_nothing: without.length,
        permitted: open.length,
      });
    }
    const byApp = await ask("who-reads", { values: [dataType], apps: true });
    const sum = answer.reduce(
      (total, { referenced, yields_nothing, permitted }) =>
        total + Number(referenced) + Number(yields_nothing) + Number(permitted),
      0,
    );
    expect(byApp).toHaveLength(sum);
  });

  test("who-reads tells code that yields nothing from code that could read", async () => {
    const answer = await ask("who-reads", { values: ["precise-location"] });
    // fixtures/apps/permissions: neverForLocation leaves nothing of a Bluetooth scan.
    expect(answer.find(({ party }) => party === "unrecognised:com.bluescan")).toMatchObject({
      referenced: 0,
      yields_nothing: 1,
    });
  });

  test("what is not among the fixtures is in no app", async () => {
    expect(await ask("who-reads", { values: ["health-info"] })).toEqual([]);
    expect(await ask("apps-with", { values: ["it's not there"] })).toEqual([]);
  });
});

test("apps-with lists the apps", async () => {
  expect(await ask("apps-with", { values: ["unrecognised:com.acme.tracker"] })).toMatchObject([
    {
      package_name: "com.example.tracked",
      version_name: "1.2",
      version_code: "7",
      path: "tracker.apk",
      could_read: expect.arrayContaining(["precise-location", "contacts"]),
    },
  ]);
});

test("failures are told with their reasons", async () => {
  expect(await ask("failures")).toEqual([
    {
      status: "failed",
      reason: "timeout",
      path: "slow.apk",
      package_name: null,
      message: "it took longer than 1 s",
    },
    {
      status: "failed",
      reason: "unreadable",
      path: "locked.apk",
      package_name: null,
      message: "permission denied",
    },
  ]);
});

test("tables are all there, with how many rows they have and what their columns hold", async () => {
  const answer = await ask("tables");
  expect(answer.map(({ table, rows: number }) => [table, number])).toEqual(
    Object.keys(tables).map((name) => [name, rows[name]!.length]),
  );
  const columns = await ask("tables", { values: ["permissions"] });
  expect(columns.map(({ column, holds }) => [column, holds])).toEqual(
    tables.permissions.columns.map(({ name, description }) => [name, description]),
  );
});

describe("changes", () => {
  /** A version of an app: what it has of each kind. */
  function version(
    packageName: string,
    code: string | null,
    { parties = [], data = [], permissions = [], hosts = [], columns = {} }: Contents,
  ): Rows {
    const { apps, parties: known } = tinyRows(`${packageName} ${code}`);
    const app = apps[0]!.app!;
    return {
      ...failedRows("none"),
      apps: [
        {
          ...apps[0],
          package_name: packageName,
          version_code: code,
          version_name: `v${code}`,
          status: "audited",
          reason: null,
          message: null,
          ...columns,
        },
      ],
      parties: parties.map(([party, kind, of]) => ({
        ...known[0],
        app,
        party,
        kind,
        name: `<${party}>`,
        version: of,
      })),
      // As an audit makes them: a finding of a third party, an access of whoever's code it is.
      findings: data
        .filter(([party]) => party !== "first-party")
        .map(([party, dataType, rung, nothing]) => ({
          ...{ app, finding: `data-access/${party}/${dataType}`, kind: "data-access", party, rung },
          ...{ data_type: dataType, permissions: [], confidence: "certain", limits: [], evidence: [] },
          yields_nothing: nothing ?? false,
          ...reach(rung),
        })),
      accesses: data
        .filter(([, , rung]) => rung !== "permitted")
        .map(([party, dataType, rung, nothing]) => ({
          ...{ app, party, api: "Lx;->y()V", yields: dataType, data_type: dataType, confidence: "certain" },
          ...{ call_sites: 1, limits: [], evidence: [], yields_nothing: nothing ?? false },
          ...reach(rung),
        })),
      permissions: permissions.map(([permission, last]) => ({
        ...{ app, permission, protection: "normal", max_sdk_version: last ?? null, flags: [] },
        ...{ implied_because: null, declared_by: [], used_by: [] },
      })),
      hosts: hosts.map((host) => ({ app, party: "acme", host, sites: 1, urls: [], evidence: [] })),
    };
  }

  const reach = (rung: string): Row =>
    rung === "reachable"
      ? { component: "a.Main", component_kind: "activity", chain: ["La/Main;->b()V"], before_consent: false }
      : { component: null, component_kind: null, chain: null, before_consent: null };

  interface Contents {
    readonly parties?: readonly (readonly [party: string, kind: string, version: string | null])[];
    readonly data?: readonly (readonly [party: string, type: string, rung: string, nothing?: boolean])[];
    readonly permissions?: readonly (readonly [permission: string, last?: number])[];
    readonly hosts?: readonly string[];
    readonly columns?: Row;
  }

  let opened: Database;
  beforeAll(async () => {
    const store = await openStore(folderFiles(join(root, "changes")), evaluation);
    await store.writePart([
      version("com.a", "9", {
        parties: [
          ["acme", "sdk", "1.0"],
          ["gone", "sdk", null],
          ["androidx", "support-library", "1"],
          ["first-party", "first-party", null],
        ],
        data: [
          ["acme", "contacts", "permitted"],
          ["acme", "sms-or-mms", "referenced", true],
          ["acme", "calendar", "referenced"],
        ],
        permissions: [["P.STAYS"], ["P.GOES"], ["P.ENDS"]],
        hosts: ["stays.example", "goes.example"],
      }),
      version("com.a", "10", { parties: [["acme", "sdk", "1.5"]] }),
      // After 10 by number, before it as text; and beyond 2^63.
      version("com.a", "20000000000000000000", {
        parties: [
          ["acme", "sdk", "2.0"],
          ["unrecognised:org.new", "unrecognised", null],
        ],
        data: [
          ["acme", "contacts", "referenced"],
          ["acme", "sms-or-mms", "referenced", true],
          ["acme", "calendar", "reachable"],
          ["first-party", "photos", "referenced", true],
          ["first-party", "photos", "referenced"],
          ["first-party", "videos", "referenced", true],
          // What can run and yields nothing makes none that yields something reachable.
          ["first-party", "audio", "referenced"],
          ["first-party", "audio", "reachable", true],
          ["first-party", "emails", "reachable", true],
        ],
        permissions: [["P.STAYS"], ["P.ENDS", 28], ["P.COMES"]],
        hosts: ["stays.example", "comes.example"],
      }),
      // Of one version only, of none that is a number, and of none at all.
      version("com.b", "1", { hosts: ["only.example"] }),
      version("com.c", null, { hosts: ["one.example"] }),
      version("com.c", "x", { hosts: ["other.example"] }),
      version("com.d", "1", { hosts: ["d.example"] }),
      version("com.d", "2", { columns: { status: "incomplete" } }),
    ]);
    await store.writePart([failedRows("failed")]);
    opened = await openDatabase(join(root, "changes"));
  });
  afterAll(() => opened.close());

  const a = { package_name: "com.a", old: "v9", new: "v20000000000000000000", complete: true };
  const firstToLast = [
    {
      ...a,
      what: "party",
      change: "came",
      party: "unrecognised:org.new",
      item: null,
      before: null,
      after: "there",
    },
    { ...a, what: "party", change: "changed", party: "acme", item: "<acme>", before: "1.0", after: "2.0" },
    { ...a, what: "party", change: "went", party: "gone", item: "<gone>", before: "there", after: null },
    ...[
      ["audio", "referenced"],
      ["emails", "reachable, yields nothing"],
      ["photos", "referenced"],
      ["videos", "referenced, yields nothing"],
    ].map(([item, after]) => ({
      ...{ ...a, what: "data", change: "came", party: "first-party", item, before: null, after },
    })),
    {
      ...a,
      what: "data",
      change: "changed",
      party: "acme",
      item: "calendar",
      before: "referenced",
      after: "reachable",
    },
    {
      ...a,
      what: "data",
      change: "changed",
      party: "acme",
      item: "contacts",
      before: "permitted",
      after: "referenced",
    },
    {
      ...a,
      what: "permission",
      change: "came",
      party: null,
      item: "P.COMES",
      before: null,
      after: "requested",
    },
    {
      ...a,
      what: "permission",
      change: "changed",
      party: null,
      item: "P.ENDS",
      before: "requested",
      after: "up to API 28",
    },
    {
      ...a,
      what: "permission",
      change: "went",
      party: null,
      item: "P.GOES",
      before: "requested",
      after: null,
    },
    {
      ...a,
      what: "host",
      change: "came",
      party: "acme",
      item: "comes.example",
      before: null,
      after: "named",
    },
    { ...a, what: "host", change: "went", party: "acme", item: "goes.example", before: "named", after: null },
  ];

  test("from the first to the last version of each app; an incomplete one is told as such", async () => {
    expect(await ask("changes", {}, opened)).toEqual([
      ...firstToLast,
      {
        ...{ package_name: "com.d", old: "v1", new: "v2", complete: false },
        ...{ what: "host", change: "went", party: "acme", item: "d.example", before: "named", after: null },
      },
    ]);
    expect(await ask("changes", { packageName: "com.a" }, opened)).toEqual(firstToLast);
  });

  test("between two versions, by code or name, of the apps that have both", async () => {
    const answer = await ask("changes", { between: ["9", "v10"] }, opened);
    expect(answer.filter(({ what }) => what === "party")).toMatchObject([
      { package_name: "com.a", old: "v9", new: "v10", change: "changed", before: "1.0", after: "1.5" },
      { party: "gone", change: "went" },
    ]);
    expect(await ask("changes", { between: ["9", "77"] }, opened)).toEqual([]);
    expect(await ask("changes", { between: ["9", "9"] }, opened)).toEqual([]);
    // Backwards, what went comes.
    const back = await ask("changes", { between: ["v10", "9"] }, opened);
    expect(back.find(({ party }) => party === "gone")).toMatchObject({ change: "came", after: "there" });
  });
});

test("a value is a value, whatever stands in it", async () => {
  const values = ["x' OR 1 = 1; DROP VIEW apps; --\0\n"];
  for (const name of ["who-reads", "apps-with"] as const) expect(await ask(name, { values })).toEqual([]);
  expect(await ask("changes", { packageName: values[0]!, between: [values[0]!, values[0]!] })).toEqual([]);
});
