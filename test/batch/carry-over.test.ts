import { spawn } from "node:child_process";
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from "vitest";
import { type Row, readTable, tableNames } from "../../src/store/index.js";
import { bycatch, executable } from "../cli/run-bycatch.js";
import { fixtureAppPath } from "../support/fixture-apps.js";
import { appWithComment, putFile } from "./distinct-apps.js";
import { listParts } from "./stored-rows.js";

const RULE = `id: acme-wharf
name: Wharf
vendor: adjust
category: analytics
site: https://wharf.example/
signatures:
  - class-prefix: PREFIX
note: Invented for this test.
sources:
  - kind: public-code
    where: invented for this test
    read-on: 2026-11-29
examples:
  present:
    - class: PREFIXA;
  absent:
    - class: Lno/other/A;
`;

/** Where the store is as the first batch left it. Its input index knows the apps where they are, and so they stay there. */
let shared: string;
let folder: string;
let apps: string;

beforeAll(() => {
  shared = newFolder();
  renameSync(join(shared, "out"), join(shared, "left"));
});
afterAll(() => rmSync(shared, { recursive: true, force: true }));

beforeEach(() => {
  folder = shared;
  apps = join(folder, "apps");
  for (const name of ["out", "fresh"]) rmSync(join(folder, name), { recursive: true, force: true });
  cpSync(join(folder, "left"), join(folder, "out"), { recursive: true, preserveTimestamps: true });
});

/** Three apps that can be audited, two of them alike, and one that cannot, and their batch by the rules that ship. */
function newFolder(): string {
  folder = mkdtempSync(join(tmpdir(), "bycatch-carry-over-"));
  apps = join(folder, "apps");
  putFile(apps, "tracker.apk", readFileSync(fixtureAppPath("tracker.apk")));
  putFile(join(apps, "more"), "tracker-2.apk", appWithComment("tracker.apk", "two"));
  putFile(apps, "multi-dex.apk", readFileSync(fixtureAppPath("multi-dex.apk")));
  putFile(apps, "broken.apk", "no archive");
  expect(batch().stdout).toContain("3  audited");
  return folder;
}

/** For a test that changes the apps. */
function useOwnFolder(): void {
  const own = newFolder();
  onTestFinished(() => rmSync(own, { recursive: true, force: true }));
}

const batch = (...args: string[]) =>
  bycatch(["batch", "apps", "--store", "out", "--jobs", "1", ...args], {}, folder);

/** A rule more, which owns the classes of a prefix. */
function rule(prefix: string): string[] {
  const path = join(folder, "wharf.yaml");
  writeFileSync(path, RULE.replaceAll("PREFIX", prefix));
  return ["--rules", path];
}

function evaluations(store: string): string[] {
  return readdirSync(join(folder, store, "evaluations")).flatMap(
    (name) => /^([0-9a-f]{16})\.json$/.exec(name)?.[1] ?? [],
  );
}

/** All rows of an evaluation, whichever parts they are in. */
async function readAll(store: string, evaluation: string) {
  const all: Record<string, string[]> = {};
  for (const table of tableNames) {
    const parts = join(folder, store, table, `evaluation=${evaluation}`);
    const rows: Row[] = [];
    for (const name of readdirSync(parts)) rows.push(...(await readTable(readFileSync(join(parts, name)))));
    all[table] = rows.map((row) => JSON.stringify(row)).sort();
  }
  return all;
}

/** Holds the rows under rules that were just used against those of a batch that has nothing to carry over. */
async function expectFreshRows(rules: readonly string[]): Promise<void> {
  bycatch(["batch", "apps", "--store", "fresh", "--no-facts", "--jobs", "1", ...rules], {}, folder);
  const [fresh] = evaluations("fresh");
  expect(await readAll("out", fresh!)).toEqual(await readAll("fresh", fresh!));
}

test("rows of apps that no changed rule can meet are carried over, and are those of a fresh batch", async () => {
  const rules = rule("Lno/such/");
  const { status, stdout } = batch(...rules);
  expect(stdout).toMatch(
    /^4 {2}apps\n0 {2}audited\n1 {2}failed: 1 format\n3 {2}carried over: nothing that changed/,
  );
  expect(status).toBe(3);
  await expectFreshRows(rules);
  expect(batch(...rules).stdout).toContain("4  in the store already (1 failed");
});

test("an app that a changed rule meets is audited, and others of its part are carried", async () => {
  const rules = rule("Lcom/acme/tracker/");
  const { stdout } = batch(...rules);
  expect(stdout).toMatch(
    /2 {2}audited, all of them from what was kept: [^\n]+\n1 {2}failed: 1 format\n1 {2}carried over/,
  );
  await expectFreshRows(rules);
});

test("rows that were carried over are carried on", async () => {
  batch(...rule("Lno/such/"));
  const rules = rule("Lno/such/either/");
  expect(batch(...rules).stdout).toContain("3  carried over");
  await expectFreshRows(rules);
});

test("an evaluation of few apps does not hide an earlier one of more", async () => {
  const few = bycatch(
    ["batch", "apps/more", "--store", "out", "--jobs", "1", ...rule("Lno/such/")],
    {},
    folder,
  );
  expect(few.stdout).toContain("1  audited");
  expect(batch(...rule("Lno/such/either/")).stdout).toContain("3  carried over");
});

test("an app that has another content or name now is audited", async () => {
  useOwnFolder();
  putFile(join(apps, "more"), "tracker-2.apk", appWithComment("tracker.apk", "three"));
  renameSync(join(apps, "multi-dex.apk"), join(apps, "renamed.apk"));
  const rules = rule("Lno/such/");
  expect(batch(...rules).stdout).toMatch(/2 {2}audited\n1 {2}failed: 1 format\n1 {2}carried over/);
  await expectFreshRows(rules);
});

test.each([
  ["whose facts are gone", () => rmSync(join(folder, "out", "facts"), { recursive: true })],
  ["whose rules are gone", () => removeRules()],
  ["whose rules are spoilt", () => writeFileSync(removeRules(), '{"no":"rules"}')],
  ["whose apps are spoilt", () => spoil("apps")],
  ["one of whose tables is spoilt", () => spoil("parties")],
])("nothing is carried over from an evaluation %s", async (_, prepare) => {
  prepare();
  const rules = rule("Lno/such/");
  const { stdout, stderr } = batch("-q", ...rules);
  expect(stdout).toContain("3  audited");
  expect(stdout).not.toContain("carried");
  expect(stderr).toMatch(/^bycatch: broken.apk: .*\n$/);
});

function spoil(table: string): void {
  for (const part of listParts(join(folder, "out", table)))
    truncateSync(join(folder, "out", table, part), 100);
}

function removeRules(): string {
  const path = join(folder, "out", "evaluations", `${evaluations("out")[0]}.rules.jsonl`);
  rmSync(path);
  return path;
}

test("without facts nothing is carried over, nor where the first party is another", () => {
  const rules = rule("Lno/such/");
  expect(batch("--no-facts", ...rules).stdout).toContain("3  audited");
  expect(batch("--first-party", "com.acme", ...rules).stdout).toContain("3  audited");
});

test("a watch carries over what was there when it began", async () => {
  useOwnFolder();
  const child = spawn(
    process.execPath,
    [executable, "batch", "apps", "--store", "out", "--watch", ...rule("Lno/such/")],
    { cwd: folder },
  );
  onTestFinished(() => void child.kill("SIGKILL"));
  let text = "";
  child.stdout.on("data", (chunk) => {
    text += chunk;
  });
  const countParts = () =>
    evaluations("out")
      .map((id) => listParts(join(folder, "out", "apps", `evaluation=${id}`)).length)
      .reduce((sum, parts) => sum + parts, 0);
  // Of the first evaluation one; then what is carried over, the app that fails, and what is dropped in.
  await expect.poll(countParts, { timeout: 60_000 }).toBeGreaterThan(2);
  putFile(apps, "third.apk", appWithComment("tracker.apk", "three"));
  await expect.poll(countParts, { timeout: 60_000 }).toBeGreaterThan(3);
  const ended = new Promise((resolve) => child.once("close", resolve));
  child.kill("SIGTERM");
  await ended;
  expect(text).toMatch(/1 {2}audited\n1 {2}failed: 1 format\n3 {2}carried over/);
});
