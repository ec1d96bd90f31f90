import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, sep } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { UsageError } from "../../src/diagnostics/index.js";
import { buildPart } from "../../src/store/build-part.js";
import {
  type Database,
  evaluationId,
  folderFiles,
  openDatabase,
  openStore,
  type Row,
  readTable,
  STORE_VERSION,
  tableNames,
  tables,
} from "../../src/store/index.js";
import { readFixtureApp } from "../support/fixture-apps.js";
import { poison } from "../support/hostile-text.js";
import { auditedRows, fixtureEvaluation, writeFixtureStore } from "./fixture-store.js";
import { evaluation, tinyRows, unreadableRows } from "./tiny-rows.js";

let root: string;
/** Its name has what SQL and globs would take for their own. */
let folder: string;
let database: Database;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "bycatch-database-"));
  folder = join(root, "it's [1] *store?");
  await writeFixtureStore(folder);
  database = await openDatabase(folder);
});
afterAll(() => {
  database.close();
  rmSync(root, { recursive: true });
});

const refusal = (sql: string) => database.query(sql).catch((error: unknown) => error);

describe.each(tableNames)("%s", (name) => {
  test("is read as another reader of Parquet reads it", async () => {
    const files = folderFiles(folder);
    const rows: Row[] = [];
    for (const path of await files.list(name)) rows.push(...(await readTable((await files.read(path))!)));
    // Of hand-overs and flows these apps have none: test/store/flow-tables.test.ts has.
    const isEmpty = name === "diagnostics" || name === "hand_overs" || name === "flows";
    if (!isEmpty) expect(rows).not.toEqual([]);
    expect(await database.query(`SELECT * FROM ${name}`)).toEqual(rows);
  });

  test("has the columns of the table, with their types, also where there are no rows or no parts", async () => {
    const empty = join(root, `empty-${name}`);
    await openStore(folderFiles(empty), evaluation);
    const failures = join(root, `failures-${name}`);
    await (await openStore(folderFiles(failures), evaluation)).writePart([unreadableRows("one")]);
    const types = await describeColumns(database, name);
    expect(types.map(([column]) => column)).toEqual(tables[name].columns.map((column) => column.name));
    for (const other of [empty, failures]) {
      const opened = await openDatabase(other);
      expect(await describeColumns(opened, name)).toEqual(types);
      expect(await opened.query(`SELECT count(*) AS n FROM ${name}`)).toEqual([
        { n: other === failures && name === "apps" ? 1 : 0 },
      ]);
      opened.close();
    }
  });
});

async function describeColumns(opened: Database, name: string): Promise<[unknown, unknown][]> {
  const rows = await opened.query(`DESCRIBE ${name}`);
  return rows.map(({ column_name, column_type }) => [column_name, column_type]);
}

test("lists are lists and JSON is JSON to a query", async () => {
  expect(
    await database.query("SELECT DISTINCT unnest(used_by) AS party FROM permissions ORDER BY party LIMIT 1"),
  ).toEqual([{ party: expect.stringMatching(/^[a-z-]+/) }]);
  const [row] = await database.query("SELECT evidence->0->>'kind' AS kind FROM parties WHERE kind = 'sdk'");
  expect(row?.kind).toMatch(/^[a-z-]+$/);
});

test("values are plain data: integers beyond 2^53 are text, no number is not null", async () => {
  const sql = `SELECT 9007199254740991::BIGINT AS a, 9007199254740993::BIGINT AS b, sum(range) AS c, 1.50 AS d,
    12345678901234567.5 AS e, 'NaN'::DOUBLE AS f, [1, NULL] AS g, {'x': 1::BIGINT} AS h, MAP {'k': 'v'} AS i,
    '{"a":[1]}'::JSON AS j, DATE '2026-01-02' AS k, NULL AS l, true AS m, 1 AS a FROM range(3)`;
  expect(await database.query(sql)).toEqual([
    {
      ...{ a: 9007199254740991, b: "9007199254740993", c: 3, d: 1.5, e: "12345678901234567.5", f: "NaN" },
      ...{ g: [1, null], h: { x: 1 }, i: { k: "v" }, j: { a: [1] }, k: "2026-01-02", l: null, m: true },
      "a:1": 1,
    },
  ]);
  const { columns } = await database.select("SELECT 1 AS n, 1.5 AS d, 'x' AS t, '1'::JSON AS j");
  expect(columns).toEqual([
    { name: "n", type: "INTEGER", isNumber: true },
    { name: "d", type: "DECIMAL(2,1)", isNumber: true },
    { name: "t", type: "VARCHAR", isNumber: false },
    { name: "j", type: "JSON", isNumber: false },
  ]);
});

test("half of a surrogate pair in an app's texts spoils no query, and is one character in every column", async () => {
  const place = join(root, "hostile");
  const rows = await auditedRows("tracker", readFixtureApp("tracker"), (result) => poison(result));
  await (await openStore(folderFiles(place), evaluation)).writePart([tinyRows("one"), rows]);
  const opened = await openDatabase(place);
  for (const name of tableNames) expect(await opened.query(`FROM ${name}`)).toEqual(expect.any(Array));
  const used = "SELECT DISTINCT unnest(used_by) AS party FROM permissions";
  const [joined] = await opened.query(`SELECT count(*) AS n FROM (${used}) ANTI JOIN parties USING (party)`);
  expect(joined).toEqual({ n: 0 });
  expect(await opened.query(used)).toContainEqual({ party: expect.stringContaining("\ufffd") });
  opened.close();
});

test("a long answer is read as it comes", async () => {
  const { batches } = await database.select("SELECT * FROM range(1000000000)");
  let rows = 0;
  for await (const batch of batches) if ((rows += batch.length) > 10_000) break;
  expect(rows).toBeLessThan(20_000);
});

describe("a query reaches nothing but the parts", () => {
  beforeAll(() => writeFileSync(join(root, "secret.csv"), "a,b\n1,2\n"));

  test.each([
    ["a file beside the store", () => `SELECT * FROM read_csv('${join(root, "secret.csv")}')`],
    ["a file of the system", () => "SELECT * FROM read_text('/etc/hostname')"],
    ["a way out of the store", () => `FROM read_text(${quote(join(partFolder(), "../../../secret.csv"))})`],
    ["other files of the store", () => `FROM read_text(${quote(join(folder, "bycatch-store.json"))})`],
    ["names of files", () => `FROM glob(${quote(join(root, "*"))})`],
    ["the network", () => "FROM read_csv('https://example.com/x.csv')"],
    ["an object store", () => "FROM read_parquet('s3://bucket/x.parquet')"],
  ])("not %s", async (_, sql) => {
    expect(await refusal(sql())).toMatchObject({
      name: "UsageError",
      problem: expect.stringContaining("Error"),
    });
  });

  test.each([
    ["COPY", () => `COPY (SELECT 1) TO ${quote(join(partFolder(), "part-x.parquet"))}`],
    ["EXPLAIN", () => `EXPLAIN ANALYZE COPY (SELECT 1) TO ${quote(join(partFolder(), "part-x.parquet"))}`],
    ["ATTACH", () => `ATTACH ${quote(join(partFolder(), "x.db"))}`],
    ["SET", () => "SET threads = 1"],
    ["LOAD", () => "LOAD httpfs"],
    ["LOAD", () => "INSTALL httpfs"],
    ["CREATE", () => "CREATE OR REPLACE VIEW apps AS SELECT 1"],
    ["DROP", () => "DROP VIEW apps"],
  ])("%s is not run", async (kind, sql) => {
    expect(await refusal(sql())).toMatchObject({ problem: `${kind} statements are not run` });
    expect(existsSync(join(partFolder(), "part-x.parquet"))).toBe(false);
  });

  test("what was locked stays so for whoever has the connection", async () => {
    await expect(database.exportParquet("SELECT 1 AS n", join(root, "x.parquet"))).rejects.toThrow(
      /Permission/,
    );
    expect(existsSync(join(root, "x.parquet"))).toBe(false);
  });

  const partFolder = () => join(folder, `apps/evaluation=${evaluationId(fixtureEvaluation)}`);
  const quote = (text: string) => `'${text.replaceAll("'", "''")}'`;
});

test.each([
  ["", "there is no SQL"],
  [" -- nothing\n ; ", "there is no SQL"],
  ["/* x **/ /***/;", "there is no SQL"],
  ["SELECT 1; SELECT 2", "there are 2 statements"],
  ["SELECT $1", "the statement has parameters"],
  ["SELEC 1", "syntax error"],
  ["SELECT nope FROM apps", 'Referenced column "nope" not found'],
  ["SELECT\n  nope\nFROM apps", "LINE 2:"],
  ["SELECT 'x'::INTEGER", "Could not convert"],
  ["SELECT error('no')", "no"],
])("%j is the user's mistake", async (sql, problem) => {
  const error = await refusal(sql);
  expect(error).toBeInstanceOf(UsageError);
  expect((error as UsageError).problem).toContain(problem);
});

test.each([
  "SELECT 1 AS n;",
  "SELECT 1 AS n -- a comment",
  "FROM (VALUES (1)) t(n)",
  "WITH t AS (SELECT 1 AS n) FROM t",
])("%s is one statement, and can be exported", async (sql) => {
  expect(await database.query(sql)).toEqual([{ n: 1 }]);
  const exportPath = join(root, "it's.parquet");
  const exporting = await openDatabase(folder, { exportPath });
  expect(await exporting.exportParquet(sql, exportPath)).toBe(1);
  exporting.close();
  expect(await readTable(readFileSync(exportPath))).toEqual([{ n: 1 }]);
});

describe("parts", () => {
  test("that are not whole are not read", async () => {
    const place = join(root, "half");
    const store = await openStore(folderFiles(place), evaluation);
    await store.writePart([tinyRows("one")]);
    const whole = await buildPart([tinyRows("two")]);
    const files = folderFiles(place);
    for (const [table, bytes] of whole.tables)
      if (table !== "apps")
        await files.write(`${table}/evaluation=${store.id}/part-${whole.name}.parquet`, bytes);
    const opened = await openDatabase(place);
    expect(await opened.query("SELECT count(*) AS n FROM parties")).toEqual([{ n: 1 }]);
    opened.close();
  });

  test.each(["st*", "st?", "[s]tore", "s[!t]", "["])(
    "in a folder called %s are read, and no neighbour's",
    async (name) => {
      for (const called of [name, "store", "st*", "sto", "sx"])
        await (await openStore(folderFiles(join(root, "globs", called)), evaluation)).writePart(
          [tinyRows(called)],
          "same",
        );
      const opened = await openDatabase(join(root, "globs", name));
      expect(await opened.query("SELECT path FROM apps")).toEqual([{ path: `${name}.apk` }]);
      opened.close();
    },
  );

  test.skipIf(sep === "\\")("in a folder that DuckDB cannot be told of are refused", async () => {
    const place = join(root, "back\\slash*");
    await (await openStore(folderFiles(place), evaluation)).writePart([tinyRows("one")]);
    await expect(openDatabase(place)).rejects.toThrow(/DuckDB cannot read a folder .*back\\slash\*/);
  });

  test("are files with a part's name: others count for nothing", async () => {
    const place = join(root, "strangers");
    const store = await openStore(folderFiles(place), evaluation);
    const name = await store.writePart([tinyRows("one")]);
    const apps = join(place, `apps/evaluation=${store.id}`);
    for (const other of ["part-*", "part-?", `part-${name} (copy)`])
      copyFileSync(join(apps, `part-${name}.parquet`), join(apps, `${other}.parquet`));
    const opened = await openDatabase(place);
    expect(await opened.query("SELECT path FROM apps")).toEqual([{ path: "one.apk" }]);
    opened.close();
    writeFileSync(join(apps, "notes.parquet"), "no Parquet");
    expect((await (await openStore(folderFiles(place), evaluation)).findDone()).size).toBe(1);
  });

  test("that lack a file or are no Parquet are told", async () => {
    const place = join(root, "broken");
    const store = await openStore(folderFiles(place), evaluation);
    const name = await store.writePart([tinyRows("one")]);
    const hosts = join(place, `hosts/evaluation=${store.id}/part-${name}.parquet`);
    writeFileSync(hosts, "PAR1");
    await expect(openDatabase(place)).rejects.toThrow(UsageError);
    rmSync(hosts);
    await expect(openDatabase(place)).rejects.toThrow(/hosts\/.* is missing/);
  });

  describe("of a bycatch that did not know a table", () => {
    /** A store with a part of each version, `1.0` of which had neither hand-overs nor flows; and its parts' names. */
    async function writeBoth(name: string): Promise<readonly [place: string, id: string, parts: string[]]> {
      const place = join(root, name);
      const files = folderFiles(place);
      const store = await openStore(files, evaluation);
      const parts = [await store.writePart([tinyRows("one")]), await store.writePart([tinyRows("two")])];
      const parties = `parties/evaluation=${store.id}/part-${parts[0]}.parquet`;
      await files.write(parties, withVersion((await files.read(parties))!, "1.0"));
      for (const table of ["hand_overs", "flows"])
        rmSync(join(place, `${table}/evaluation=${store.id}/part-${parts[0]}.parquet`));
      return [place, store.id, parts];
    }

    /** A table's file as one of another version, whose name is as long. */
    function withVersion(bytes: Uint8Array, version: string): Uint8Array {
      const [text, own] = [Buffer.from(bytes).toString("latin1"), "bycatch.store"];
      const at = text.indexOf(STORE_VERSION, text.indexOf(own));
      expect(at).toBeGreaterThan(0);
      return Buffer.from(text.slice(0, at) + version + text.slice(at + version.length), "latin1");
    }

    test("have no rows there, and that is told", async () => {
      const [place] = await writeBoth("two versions");
      const opened = await openDatabase(place);
      expect(opened.partsWithout).toEqual(
        new Map([
          ["hand_overs", 1],
          ["flows", 1],
        ]),
      );
      expect(await opened.query("SELECT path FROM apps ORDER BY path")).toEqual([
        { path: "one.apk" },
        { path: "two.apk" },
      ]);
      for (const table of ["hand_overs", "flows"]) expect(await opened.query(`FROM ${table}`)).toEqual([]);
      opened.close();
    });

    test("are no excuse for a part that had it, nor for a table that was always there", async () => {
      const [place, id, [old, now]] = await writeBoth("lost");
      rmSync(join(place, `flows/evaluation=${id}/part-${now}.parquet`));
      await expect(openDatabase(place)).rejects.toThrow(
        `flows/evaluation=${id}/part-${now}.parquet is missing`,
      );
      const [other, , [older]] = await writeBoth("lost hosts");
      expect(older).toBe(old);
      rmSync(join(other, `hosts/evaluation=${id}/part-${old}.parquet`));
      await expect(openDatabase(other)).rejects.toThrow(
        `hosts/evaluation=${id}/part-${old}.parquet is missing`,
      );
    });

    test("take new parts, and their apps are still known", async () => {
      const [place] = await writeBoth("goes on");
      rmSync(join(place, "flows"), { recursive: true });
      rmSync(join(place, "hand_overs"), { recursive: true });
      const store = await openStore(folderFiles(place), evaluation);
      expect((await store.findDone()).size).toBe(2);
      const [old] = await store.listParts();
      expect(await store.readPart(old!)).toBeUndefined();
      await store.writePart([tinyRows("three")]);
      expect((await store.findDone()).size).toBe(3);
    });
  });

  test("of a bycatch that knew fewer columns have nothing there", async () => {
    const place = join(root, "older");
    const store = await openStore(folderFiles(place), evaluation);
    const name = await store.writePart([tinyRows("one")]);
    const exportPath = join(place, `apps/evaluation=${store.id}/part-${name}.parquet`);
    const other = await openDatabase(folder, { exportPath });
    await other.exportParquet("SELECT app, path, status FROM apps LIMIT 1", exportPath);
    other.close();
    const opened = await openDatabase(place);
    expect(await opened.query("SELECT status, reason, unread FROM apps")).toEqual([
      { status: "audited", reason: null, unread: null },
    ]);
    opened.close();
  });
});

describe("of several evaluations", () => {
  const others = [
    { ...evaluation, tool: "1.0.0" },
    { ...evaluation, tool: "2.0.0" },
    { ...evaluation, tool: "3.0.0" },
    { ...evaluation, depth: "permitted" },
    { ...evaluation, firstParty: ["com.acme"] },
  ] as const;
  const ids = others.map(evaluationId);
  /** A store with an app of each, those named first written first. */
  async function writeStore(name: string, order: readonly number[]): Promise<string> {
    const place = join(root, name);
    for (const [at, number] of order.entries()) {
      const store = await openStore(folderFiles(place), others[number]!);
      const part = await store.writePart([tinyRows(`app ${number}`)]);
      const time = 1_800_000_000 + at;
      utimesSync(join(place, `apps/evaluation=${store.id}/part-${part}.parquet`), time, time);
      utimesSync(join(place, `evaluations/${store.id}.json`), 1_000, 1_000);
    }
    return place;
  }
  let place: string;
  beforeAll(async () => {
    place = await writeStore("several", [0, 2, 1]);
  });

  test.each([
    ["that which was written last", [0, 2, 1], {}, 1],
    ["the one that is named", [0, 2, 1], { id: ids[0] }, 0],
    ["the one whose beginning is named", [0, 2, 1], { id: ids[0]!.slice(0, 8) }, 0],
    ["the deep one, and not a shallow one that was written after it", [0, 3], {}, 0],
    ["the plain one, and not one with a first party that was written after it", [0, 4], {}, 0],
    ["the shallow one that is named", [0, 3], { id: ids[3] }, 3],
    ["the last, where none is deep and plain", [4, 3], {}, 3],
  ])("%s is read", async (_, order, options, expected) => {
    const opened = await openDatabase(await writeStore(`of ${order.join()}`, order), options);
    expect(opened.evaluation).toMatchObject({ id: ids[expected], evaluation: others[expected] });
    expect(opened.evaluations).toHaveLength(order.length);
    expect(await opened.query("SELECT path FROM apps")).toEqual([{ path: `app ${expected}.apk` }]);
    opened.close();
  });

  test("one that is not there is refused", async () => {
    await expect(openDatabase(place, { id: "ffff" })).rejects.toThrow(`It has`);
    await expect(openDatabase(place, { id: "../x" })).rejects.toThrow(UsageError);
    await expect(openDatabase(place, { id: "" })).rejects.toThrow(UsageError);
  });
});

test("a folder that is no store, or none at all, is refused", async () => {
  await expect(openDatabase(root)).rejects.toThrow(/is no store: it has no bycatch-store.json/);
  await expect(openDatabase(join(root, "nowhere"))).rejects.toThrow(UsageError);
});
