import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  evaluationId,
  folderFiles,
  openJournal,
  openStore,
  questions,
  readTable,
} from "../../src/store/index.js";
import { writeFixtureStore } from "../store/fixture-store.js";
import { digestOf, evaluation, tinyRows } from "../store/tiny-rows.js";
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
  const file = join(temporaryFolder(), "rows.jsonl");
  const page = query(...args, "-o", file, "-o", "-");
  expect(page.status, page.stderr).toBe(0);
  const rows = readFileSync(file, "utf8").split("\n").filter(Boolean);
  // Of what flows nothing was looked for in these apps, and they hand over nothing.
  const isOfFlows = name === "flows" || name === "hand-overs";
  if (isOfFlows) expect(page.stderr).toContain("not looked for in these apps (depth referenced)");
  // The header, and a line for each row.
  expect(page.stdout.trimEnd().split("\n")).toHaveLength(rows.length + 1);
  if (name !== "changes" && !isOfFlows) expect(rows).not.toEqual([]);
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
    [["SELECT 1", "-o", "hosts.xlsx"], "hosts.xlsx would not be what .xlsx says", "terminal=hosts.xlsx"],
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

describe("of several evaluations", () => {
  const plain = { ...evaluation, rulesVersion: "111111111111" };
  const shallow = { ...plain, depth: "permitted" } as const;
  const others = [{ ...plain, firstParty: ["com.acme", "\u202e"] }, shallow, { ...plain, tool: "0.9" }];
  let place: string;
  beforeAll(async () => {
    place = mkdtempSync(join(tmpdir(), "bycatch-several-"));
    for (const [at, one] of [others[2]!, plain, others[0]!, shallow].entries()) {
      const stored = await openStore(folderFiles(place), one);
      const part = await stored.writePart([tinyRows(one.depth)]);
      for (const path of [
        `evaluations/${stored.id}.json`,
        `apps/evaluation=${stored.id}/part-${part}.parquet`,
      ])
        utimesSync(join(place, path), 1_000 + at, 1_000 + at);
    }
    await openStore(folderFiles(place), evaluation);
    utimesSync(join(place, `evaluations/${evaluationId(evaluation)}.json`), 500, 500);
  });
  afterAll(() => rmSync(place, { recursive: true }));
  const ask = (...args: readonly string[]) => bycatch(["query", ...args, "--store", place]);

  test("the deep one is asked, and the reader is told how to name the others", () => {
    const { stdout, stderr } = ask("SELECT path FROM apps");
    expect(stdout).toBe("path\nreferenced.apk\n");
    expect(
      stderr,
    ).toBe(`bycatch: of 5 evaluations this is ${evaluationId(plain)} (bycatch 1.2.3, rules 111111111111, depth referenced); others, the last written first:
  --evaluation ${evaluationId(shallow)}  (depth permitted)
  --evaluation ${evaluationId(others[0]!)}  (first party com.acme, \\u{202e})
  --evaluation ${evaluationId(others[2]!)}  (bycatch 0.9)
  --evaluation ${evaluationId(evaluation)}  (rules ${evaluation.rulesVersion}, no app yet)
bycatch: 1 row
`);
  });

  test("the one that is named is asked, and said to be shallow where accesses are asked for", () => {
    const named = (...args: readonly string[]) =>
      ask(...args, "--evaluation", evaluationId(shallow).slice(0, 6));
    const paths = named("SELECT path FROM apps");
    expect([paths.stdout, paths.stderr]).toEqual(["path\npermitted.apk\n", "bycatch: 1 row\n"]);
    const notice =
      "bycatch: what code refers to was not looked for in these apps (depth permitted): no access is no answer\n";
    for (const args of [["who-reads", "precise-location"], ["SELECT count(*) FROM accesses"]])
      expect(named(...args, "-f", "csv").stderr, args[0]).toBe(notice);
    expect(named("flows", "-f", "csv").stderr).toContain("(depth permitted): no flow is no answer");
    expect(named("hand-overs", "-f", "csv").stderr).toContain("(depth permitted): no hand-over is no answer");
    expect(named("hosts", "-f", "csv").stderr).toBe("");
    expect(ask("who-reads", "precise-location").stderr).not.toContain("not looked for");
  });

  test("where no flow was looked for, that is told of flows, and of what a hand-over passes", () => {
    const ofPlain = (...args: readonly string[]) => ask(...args, "--evaluation", evaluationId(plain)).stderr;
    const notice =
      "bycatch: where data goes was not looked for in these apps (depth referenced): no flow is no answer\n";
    for (const args of [["flows", "precise-location", "--apps"], ["SELECT count(*) FROM flows"]])
      expect(ofPlain(...args, "-f", "csv"), args[0]).toBe(notice);
    expect(ofPlain("hand-overs", "-f", "csv")).toBe(
      "bycatch: which values are passed was not looked for in these apps (depth referenced)\n",
    );
  });

  test("what is asked of flows and hand-overs must be known", () => {
    const type = ask("flows", "precise-locatoin");
    expect([type.status, type.stderr]).toEqual([2, expect.stringContaining("precise-location")]);
    const party = ask("hand-overs", "acne");
    expect([party.status, party.stderr]).toEqual([2, expect.stringContaining("acme")]);
    expect(ask("hand-overs", "acme", "--apps").status).toBe(0);
    expect(ask("hand-overs", "").status).toBe(2);
  });

  test("one without an app is refused", () => {
    const { status, stderr, stdout } = ask("top-sdks", "--evaluation", evaluationId(evaluation));
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(`${place} has no app yet of this evaluation`);
  });
});

describe("a run that did not end", () => {
  const rows = (name: string) => JSON.stringify(tinyRows(name));
  test("is not answered of no app", async () => {
    const place = temporaryFolder();
    const stored = await openStore(folderFiles(place), evaluation);
    const ask = () => bycatch(["query", "top-sdks", "--store", place]);
    const none = ask();
    expect([none.status, none.stdout]).toEqual([2, ""]);
    expect(none.stderr).toMatch(
      /has no app yet\n {2}Run bycatch batch first, and let it end, or resume it\./,
    );
    const journal = openJournal(place, stored);
    journal.add(0, 0, digestOf("one"), rows("one"));
    journal.add(0, 1, undefined, rows("locked"));
    journal.close();
    expect(ask().stderr).toMatch(/has no app yet\n {2}A run has finished 2 apps that are not in it yet: /);
    expect(bycatch(["report", "--store", place, "-o", join(place, "page.html")]).stderr).toContain(
      "A run has finished 2 apps",
    );
  });

  test("apps that are in no part are told, each once", async () => {
    const place = temporaryFolder();
    const stored = await openStore(folderFiles(place), evaluation);
    await stored.writePart([tinyRows("one")]);
    const journal = openJournal(place, stored);
    const ask = () => bycatch(["query", "SELECT path FROM apps", "--store", place]);
    // Its part is there, and the file not yet taken away.
    journal.add(0, 0, digestOf("one"), rows("one"));
    expect(ask().stderr).toBe("bycatch: 1 row\n");
    journal.add(1, 256, digestOf("two"), rows("two"));
    journal.add(2, 512, digestOf("two"), rows("two"));
    expect(ask().stderr).toBe(
      "bycatch: a run has finished 1 app more that is not in here yet: let it end, or resume it\nbycatch: 1 row\n",
    );
    await journal.recover();
    const { stdout, stderr } = ask();
    expect([stdout, stderr]).toEqual(["path\none.apk\ntwo.apk\n", "bycatch: 2 rows\n"]);
  });
});

describe("what the store does not know is refused", () => {
  let place: string;
  beforeAll(async () => {
    place = mkdtempSync(join(tmpdir(), "bycatch-known-"));
    const stored = await openStore(folderFiles(place), evaluation);
    await stored.writePart(
      ["1.0", "2.0"].map((name, code) =>
        tinyRows(name, { package_name: "com.acme.app", version_code: `${code + 1}`, version_name: name }),
      ),
    );
  });
  afterAll(() => rmSync(place, { recursive: true }));

  test.each([
    [["apps-with", "adjus"], "no rule that ships and no app", "Did you mean adjust"],
    [["apps-with", "acmes"], "no rule that ships and no app", "acme"],
    [["apps-with", "Zzzzzzzzzzzz"], "no rule that ships and no app", "bycatch rules list"],
    [["changes", "--package", "com.acme.ap"], "no app of this application id", "Did you mean com.acme.app?"],
    [["changes", "--between", "1.0", "2.1"], "--between 2.1: the store has no app of this version", "2.0"],
    [
      ["changes", "--package", "com.acme.app", "--between", "2022.1.2", "2.0"],
      "--between 2022.1.2: the store has no such version of com.acme.app",
      "It has 2.0, 1.0.",
    ],
    [["apps-with", "\u001b[2J"], "query apps-with \\x1b[2J", ""],
  ])("%j", (args, problem, fix) => {
    const { stdout, stderr, status } = bycatch(["query", ...args, "--store", place]);
    expect([stdout, status]).toEqual(["", 2]);
    expect(stderr).toContain(problem);
    expect(stderr).toContain(fix);
  });

  test.each([
    [["apps-with", "adjust"]],
    [["apps-with", "acme"]],
    [["changes", "--package", "com.acme.app", "--between", "1", "2.0"]],
  ])("%j is known, and answered", (args) => {
    const { stderr, status } = bycatch(["query", ...args, "--store", place]);
    expect(status, stderr).toBe(0);
  });
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
