import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { evaluationId, folderFiles, openStore, questions, readTable } from "../../src/store/index.js";
import { fixtureEvaluation, writeFixtureStore } from "../store/fixture-store.js";
import { evaluation, tinyRows } from "../store/tiny-rows.js";
import { bycatch, temporaryFolder } from "./run-bycatch.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
let store: string;
beforeAll(async () => {
  store = mkdtempSync(join(tmpdir(), "bycatch-query-"));
  await writeFixtureStore(store);
});
afterAll(() => rmSync(store, { recursive: true }));

const query = (...args: readonly string[]) => bycatch(["query", ...args, "--store", store]);

test.each(Object.keys(questions))("%s is answered, in a table for people and as rows", (name) => {
  const values: Record<string, string> = { "who-reads": "precise-location", "apps-with": "adjust" };
  const args = [name, ...(values[name] === undefined ? [] : [values[name]])];
  const page = query(...args);
  expect(page.status, page.stderr).toBe(0);
  const lines = query(...args, "-f", "jsonl");
  expect([lines.status, lines.stderr]).toEqual([0, ""]);
  const rows = lines.stdout.split("\n").filter(Boolean);
  // The header, and a line for each row.
  expect(page.stdout.trimEnd().split("\n")).toHaveLength(rows.length + 1);
  if (name !== "changes") expect(rows).not.toEqual([]);
  expect(page.stderr).toContain(`${rows.length} row`);
});

test("help lists every question", () => {
  const { stdout, status } = bycatch(["query", "--help"]);
  expect(status).toBe(0);
  for (const name of Object.keys(questions)) expect(stdout).toMatch(new RegExp(`^  ${name} `, "m"));
});

test("what numbers are out of is told", () => {
  expect(query("top-sdks").stderr).toBe("bycatch: of 8 apps, not counting 2 that failed\nbycatch: 3 rows\n");
});

test("SQL is answered", () => {
  const { stdout, stderr, status } = query(
    "SELECT status, count(*) AS n FROM apps GROUP BY ALL ORDER BY ALL",
  );
  expect({ stdout, stderr, status }).toEqual({
    stdout: "status   n\naudited  8\nfailed   2\n",
    stderr: "bycatch: 2 rows\n",
    status: 0,
  });
});

test("a question's SQL can be had without a store, and gives the same answer", () => {
  const { stdout, status } = bycatch(["query", "who-reads", "precise-location", "--sql"]);
  expect(status).toBe(0);
  expect(query(stdout, "-f", "csv").stdout).toBe(query("who-reads", "precise-location", "-f", "csv").stdout);
});

describe("forms", () => {
  const sql = "SELECT 9007199254740993 AS big, unnest(['=1', 'b']) AS text, [1] AS list, NULL AS none";

  test.each([
    ["csv", "big,text,list,none\r\n9007199254740993,'=1,[1],\r\n9007199254740993,b,[1],\r\n"],
    [
      "jsonl",
      '{"big":"9007199254740993","text":"=1","list":[1],"none":null}\n{"big":"9007199254740993","text":"b","list":[1],"none":null}\n',
    ],
    [
      "json",
      '[\n{"big":"9007199254740993","text":"=1","list":[1],"none":null},\n{"big":"9007199254740993","text":"b","list":[1],"none":null}\n]\n',
    ],
  ])("%s", (format, text) => {
    expect(query(sql, "-f", format).stdout).toBe(text);
    const file = join(temporaryFolder(), `answer.${format}`);
    const { stdout, status } = query(sql, "-o", file);
    expect([stdout, status]).toEqual(["", 0]);
    expect(readFileSync(file, "utf8")).toBe(text);
  });

  test("json of many batches and of none is one array", () => {
    const many = JSON.parse(query("SELECT range AS n FROM range(10000)", "-f", "json").stdout);
    expect(many).toHaveLength(10_000);
    expect(many.at(-1)).toEqual({ n: 9_999 });
    expect(query("SELECT 1 WHERE false", "-f", "json").stdout).toBe("[\n]\n");
  });

  test("parquet, and several at once", async () => {
    const folder = temporaryFolder();
    const [parquet, csv] = [join(folder, "a.parquet"), join(folder, "a.csv")];
    writeFileSync(parquet, "an old one");
    expect(query("SELECT path, size FROM apps ORDER BY path", "-o", parquet, "-o", csv).status).toBe(0);
    const rows = await readTable(readFileSync(parquet));
    expect(rows).toHaveLength(10);
    expect(rows[0]).toMatchObject({ path: "advertising-id-client.apk" });
    expect(readFileSync(csv, "utf8").split("\r\n")).toHaveLength(12);
    expect(readdirSync(folder).sort()).toEqual(["a.csv", "a.parquet"]);
  });

  test("a query that fails leaves the old file, and nothing beside it", () => {
    const folder = temporaryFolder();
    for (const name of ["a.parquet", "a.csv"]) writeFileSync(join(folder, name), "old");
    const sql = "SELECT CASE WHEN range > 9000 THEN error('late') ELSE range END AS n FROM range(10000)";
    for (const name of ["a.parquet", "a.csv"]) {
      const { status, stderr } = query(sql, "-o", join(folder, name));
      expect(status).toBe(2);
      expect(stderr).toContain("late");
      expect(readFileSync(join(folder, name), "utf8")).toBe("old");
    }
    expect(readdirSync(folder).sort()).toEqual(["a.csv", "a.parquet"]);
  });

  test("--limit holds in every form", async () => {
    const sql = "SELECT range AS n FROM range(10000)";
    expect(query(sql, "--limit", "3").stdout).toBe("n\n0\n1\n2\n");
    expect(query(sql, "--limit", "3", "-f", "csv").stdout).toBe("n\r\n0\r\n1\r\n2\r\n");
    expect(query(sql, "--limit", "3000", "-f", "jsonl").stdout.split("\n")).toHaveLength(3_001);
    const file = join(temporaryFolder(), "a.parquet");
    expect(query(sql, "--limit", "3", "-o", file).status).toBe(0);
    expect(await readTable(readFileSync(file))).toEqual([{ n: 0 }, { n: 1 }, { n: 2 }]);
  });

  test("a table for people ends somewhere, and says so", () => {
    const { stdout, stderr } = query("SELECT range AS n FROM range(5000)");
    expect(stdout.split("\n")).toHaveLength(1_002);
    expect(stderr).toContain("the first 1000 rows");
  });

  test("a table is as wide as it must be, or as it is told", () => {
    const sql = `SELECT '${"wide ".repeat(30)}' AS a, 1 AS b`;
    expect(query(sql).stdout.split("\n")[1]).toHaveLength(153);
    expect(query(sql, "--width", "60").stdout.split("\n")[1]).toHaveLength(60);
  });
});

test("hostile text is shown as text, also in what DuckDB says of it", async () => {
  const place = temporaryFolder();
  const hostile = "\u001b[2J\u202egnp\u009b.apk\nbycatch: all is well";
  await (await openStore(folderFiles(place), evaluation)).writePart([tinyRows("one", { path: hostile })]);
  for (const args of [
    ["SELECT path FROM apps"],
    ["SELECT path::INTEGER FROM apps"],
    ["SELECT path FROM apps", "-f", "json"],
    ["SELECT path FROM apps", "-f", "csv"],
    ["\u001b[2J\u202e SELECT"],
    ["\u001b[2J"],
    ["who-reads", "\u001b[2J"],
    ["tables", "\u001b[2J"],
  ]) {
    const { stdout, stderr } = bycatch(["query", ...args, "--store", place]);
    expect(stdout + stderr, args.join(" ")).not.toMatch(
      /[\u0000-\u0009\u000b\u000c\u000e-\u001f\u0080-\u009f\u202e]/,
    );
  }
  expect(
    JSON.parse(bycatch(["query", "SELECT path FROM apps", "-f", "json", "--store", place]).stdout),
  ).toEqual([{ path: hostile }]);
});

describe("what is the user's mistake", () => {
  test.each([
    [["top-sdk"], "there is no such question", "Did you mean top-sdks?"],
    [["zzzzzzzzz"], "there is no such question", "bycatch query --help"],
    [["who-reads"], "needs <data-type>", ""],
    [["who-reads", "precise-locations"], "there is no such thing", "Did you mean precise-location"],
    [["top-sdks", "x"], 'takes no "x"', ""],
    [["tables", "app"], "there is no such thing", "Did you mean apps"],
    [["top-sdks", "--apps"], "--apps: does not go with query top-sdks", ""],
    [["SELECT 1", "--apps"], "--apps: does not go with SQL", ""],
    [["hosts", "--package", "x"], "--package: does not go with query hosts", ""],
    [["changes", "--between", "1"], "takes two versions, and not 1", ""],
    [["SELECT", "1", "AS", "n"], "there is no such question", ""],
    [["SELECT 1", "x"], "stands behind the SQL", "Quote the whole statement."],
    [["SELEC * FROM apps"], "syntax error at or near", "LINE 1: SELEC * FROM apps"],
    [["SELECT nope FROM apps"], 'column "nope" not found', "^"],
    [["DROP VIEW apps"], "DROP statements are not run", ""],
    [["SELECT 1", "-f", "parquet"], "not for standard output", "-o answer.parquet"],
    [["SELECT 1", "-o", "/nowhere/x.csv"], "there is no directory", ""],
    [["SELECT 1", "--evaluation", "ffff"], "the store has no evaluation ffff", "It has "],
    [["SELECT 1", "--limit", "0"], "It is a number from 1", ""],
  ])("%j", (args, problem, fix) => {
    const { stdout, stderr, status } = query(...args);
    expect([stdout, status]).toEqual(["", 2]);
    expect(stderr).toContain(problem);
    expect(stderr).toContain(fix);
  });

  test("no store is named, or one that is none", () => {
    const none = bycatch(["query", "top-sdks"]);
    expect([none.status, none.stderr]).toEqual([2, expect.stringContaining("--store: is missing")]);
    const folder = temporaryFolder();
    const other = bycatch(["query", "top-sdks", "--store", folder]);
    expect([other.status, other.stderr]).toEqual([2, expect.stringContaining(`${folder} is no store`)]);
    mkdirSync(join(folder, "bycatch-store.json"));
    const spoilt = bycatch(["query", "top-sdks", "--store", folder]);
    expect([spoilt.status, spoilt.stderr]).toEqual([2, expect.stringContaining("cannot be read (EISDIR)")]);
    const url = bycatch(["query", "top-sdks", "--store", "s3://key:secret@bucket/x"]);
    expect([url.status, url.stderr]).toEqual([
      2,
      expect.stringContaining("is a URL, and bycatch query reads folders"),
    ]);
    expect(url.stderr).not.toContain("secret");
  });
});

test("of several evaluations that of this bycatch is asked, and the reader is told", async () => {
  const place = temporaryFolder();
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const own = { ...fixtureEvaluation, tool: version };
  for (const [name, one] of [
    ["own", own],
    ["other", evaluation],
  ] as const)
    await (await openStore(folderFiles(place), one)).writePart([tinyRows(name)]);
  const ask = (...args: readonly string[]) =>
    bycatch(["query", "SELECT path FROM apps", "--store", place, ...args]);
  const { stdout, stderr } = ask();
  expect(stdout).toBe("path\nown.apk\n");
  expect(stderr).toContain(`of 2 evaluations this is ${evaluationId(own)} (bycatch ${version}`);
  const other = ask("--evaluation", evaluationId(evaluation).slice(0, 6));
  expect([other.stdout, other.stderr]).toEqual(["path\nother.apk\n", "bycatch: 1 row\n"]);
});

test("without DuckDB the user is told how to have it", () => {
  const folder = temporaryFolder();
  for (const name of ["dist", "bin", "package.json"])
    cpSync(join(root, name), join(folder, name), { recursive: true });
  mkdirSync(join(folder, "node_modules"));
  const { stderr, status } = bycatch(
    ["query", "top-sdks", "--store", store],
    {},
    folder,
    join(folder, "bin/bycatch.js"),
  );
  expect(status).toBe(2);
  expect(stderr).toContain("npm install @duckdb/node-api");
  expect(existsSync(join(folder, ".tmp"))).toBe(false);
});

test("nothing is written to the working folder", () => {
  const folder = temporaryFolder();
  bycatch(["query", "SELECT * FROM accesses ORDER BY ALL", "--store", store], {}, folder);
  expect(readdirSync(folder)).toEqual([]);
});
