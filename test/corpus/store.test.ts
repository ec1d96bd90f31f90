import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { prepareRules } from "../../src/audit.js";
import type { AuditResult } from "../../src/findings/index.js";
import { loadCompiledRules, shippedDepthData } from "../../src/ruleset/index.js";
import {
  type Database,
  folderFiles,
  openDatabase,
  openJournal,
  openStore,
  type QuestionOptions,
  questions,
  type Row,
  readTable,
  resultRows,
  tableNames,
} from "../../src/store/index.js";
import { fixtureEvaluation } from "../store/fixture-store.js";
import { corpus, findCorpusFile } from "../support/fetch-corpus.js";
import { auditBytes } from "../support/fixture-apps.js";

const rules = prepareRules(loadCompiledRules(new URL("../../dist/rules.jsonl", import.meta.url)));
const folder = mkdtempSync(join(tmpdir(), "bycatch-corpus-store-"));
/** What each app's audit said: the numbers of the store are held against it. */
const results = new Map<string, AuditResult>();
let database: Database;

beforeAll(async () => {
  const store = await openStore(folderFiles(folder), fixtureEvaluation);
  const journal = openJournal(folder, store);
  for (const entry of corpus.filter(({ kind }) => kind === "apk")) {
    const path = findCorpusFile(entry);
    if (path === undefined || results.has(entry.sha256)) continue;
    const bytes = new Uint8Array(readFileSync(path));
    expect(createHash("sha256").update(bytes).digest("hex")).toBe(entry.sha256);
    const result = await auditBytes(basename(path), bytes, rules);
    const file = { sha256: entry.sha256, path: `${entry.package}/${entry.path}`, size: bytes.length };
    journal.add(results.size >> 3, results.size, entry.sha256, JSON.stringify(resultRows(file, result)));
    results.set(entry.sha256, result);
  }
  for (let chunk = 0; chunk <= results.size >> 3; chunk++) await journal.seal(chunk);
  database = await openDatabase(folder);
});
afterAll(() => {
  database.close();
  rmSync(folder, { recursive: true });
});

const ask = (name: "top-sdks" | "who-reads" | "changes", options: Partial<QuestionOptions> = {}) =>
  database.query(questions[name].sql({ values: [], ...options }));

test("every app of the corpus has its row", async () => {
  expect(results.size).toBeGreaterThan(3);
  const rows = await database.query("SELECT app, package_name FROM apps ORDER BY app");
  const expected = [...results].map(([app, result]) => ({
    app,
    package_name: result.app.packageName ?? null,
  }));
  expect(rows).toEqual(expected.sort((one, other) => (one.app < other.app ? -1 : 1)));
});

test.each(tableNames)("%s: DuckDB reads what another reader of Parquet reads", async (name) => {
  const files = folderFiles(folder);
  const rows: Row[] = [];
  for (const path of await files.list(name)) rows.push(...(await readTable((await files.read(path))!)));
  expect(await database.query(`SELECT * FROM ${name}`)).toEqual(rows);
  // Of flows there are none at this depth: the test below looks for them.
  if (name !== "flows") expect(rows).not.toEqual([]);
});

test("flows of a real app are in the store as its audit has them", async (context) => {
  const entry = corpus.find(({ path }) => path === "apks/ApiDemos-debug.apk");
  const path = entry && findCorpusFile(entry);
  if (path === undefined) {
    if (process.env.CI) throw new Error("ApiDemos is not there");
    return context.skip("NOT TESTED: ApiDemos could not be fetched");
  }
  const shipped = new URL("../../dist/rules.jsonl", import.meta.url);
  const deep = prepareRules(loadCompiledRules(shipped), shippedDepthData(shipped));
  const bytes = new Uint8Array(readFileSync(path));
  const result = await auditBytes(basename(path), bytes, deep, { depth: "flows" });
  const place = join(folder, "deep");
  const store = await openStore(folderFiles(place), { ...fixtureEvaluation, depth: "flows" });
  await store.writePart([resultRows({ sha256: entry!.sha256, path: "a.apk", size: bytes.length }, result)]);
  const opened = await openDatabase(place);
  expect(await opened.query("SELECT flow, path, hosts FROM flows")).toEqual(
    result.flows!.map(({ id, path, sink }) => ({ flow: id, path, hosts: sink.hosts ?? [] })),
  );
  expect(result.flows).not.toEqual([]);
  opened.close();
});

test("top-sdks has the numbers of the audits themselves", async () => {
  const apps = new Map<string, number>();
  for (const { parties } of results.values())
    for (const { id, kind } of parties) if (kind === "sdk") apps.set(id, (apps.get(id) ?? 0) + 1);
  const answer = await ask("top-sdks");
  expect(new Map(answer.map(({ party, apps }) => [party, apps]))).toEqual(apps);
  expect(new Set(answer.map(({ of_apps }) => of_apps))).toEqual(new Set([results.size]));
});

test.each(["precise-location", "device-or-other-ids", "contacts"])(
  "who-reads %s has the third parties that the audits found, by rung and by what is left",
  async (dataType) => {
    const expected: string[] = [];
    for (const { findings, parties } of results.values())
      for (const finding of findings) {
        if (finding.kind !== "data-access" || finding.dataType !== dataType) continue;
        expect(["sdk", "unrecognised"]).toContain(parties.find(({ id }) => id === finding.party)?.kind);
        const isNothing = finding.limits.some(({ leaves }) => leaves === "nothing");
        expected.push(`${finding.party} ${finding.rung} ${isNothing}`);
      }
    const answer = await ask("who-reads", { values: [dataType], apps: true });
    const third = answer.filter(({ kind }) => kind === "sdk" || kind === "unrecognised");
    expect(
      third.map(({ party, rung, yields_nothing }) => `${party} ${rung} ${yields_nothing}`).sort(),
    ).toEqual(expected.sort());
  },
);

describe("changes", () => {
  test.for(["io.appium.settings", "io.appium.uiautomator2.server", "io.appium.android.apis"])(
    "%s: from the first to the last version as the audits have them",
    async (packageName, context) => {
      const versions = [...results.values()]
        .filter(({ app }) => app.packageName === packageName)
        .sort((one, other) => Number(one.app.versionCode) - Number(other.app.versionCode));
      const [first, last] = [versions[0], versions.at(-1)];
      if (first === undefined || last === undefined || first.app.versionCode === last.app.versionCode) {
        if (process.env.CI) throw new Error(`the corpus has not two versions of ${packageName}`);
        return context.skip(`NOT TESTED: two versions of ${packageName} could not be fetched`);
      }
      const named = ({ permissions, hosts }: AuditResult) => [
        ...permissions.map(({ name }) => `permission ${name}`),
        ...hosts.map(({ party, host }) => `host ${party} ${host}`),
      ];
      const [before, after] = [new Set(named(first)), new Set(named(last))];
      const expected = [
        ...[...before].filter((one) => !after.has(one)).map((one) => `went ${one}`),
        ...[...after].filter((one) => !before.has(one)).map((one) => `came ${one}`),
      ];
      const answer = await ask("changes", { packageName });
      const told = answer
        .filter(({ what, change }) => (what === "permission" || what === "host") && change !== "changed")
        .map(({ change, what, party, item }) =>
          [change, what, party, item].filter((one) => one !== null).join(" "),
        );
      expect(told.sort()).toEqual(expected.sort());
      expect(told).not.toEqual([]);
    },
  );
});
