import { createHash } from "node:crypto";
import { readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import type { AppInput, Audited, AuditInput, RunOptions, Tally, Unwanted } from "../../src/batch/index.js";
import { runBatch } from "../../src/batch/index.js";
import { failureRows, folderFiles, openInputIndex, openJournal, openStore } from "../../src/store/index.js";
import { temporaryFolder } from "../cli/run-bycatch.js";
import { putFile } from "./distinct-apps.js";
import { digestParts, listParts, readRows } from "./stored-rows.js";

let apps: string;
let out: string;

beforeEach(() => {
  apps = temporaryFolder();
  out = temporaryFolder();
});

/** Puts files and names them as inputs, in this order. */
function put(files: Readonly<Record<string, string>>): AppInput[] {
  return Object.entries(files).map(([name, text]) => ({ path: putFile(apps, name, text), name }));
}

type IsWanted = (sha256: string, size: number) => boolean;

/**
 * A pool without processes: a file's text says what becomes of it. Each app takes as long as the last number in it
 * says, and `before` or `after` its digest is asked for.
 */
class PoolOfTexts {
  readonly audited: string[] = [];
  readonly given: AuditInput[] = [];

  audit(input: AuditInput): Promise<Audited>;
  audit(input: AuditInput, isWanted: IsWanted): Promise<Audited | Unwanted>;
  async audit(input: AuditInput, isWanted: IsWanted = () => true): Promise<Audited | Unwanted> {
    this.given.push(input);
    const bytes = readIfThere(input.path);
    if (bytes === undefined) {
      const failure = { reason: "unreadable", message: "there is no such file" } as const;
      const rows = failureRows({ sha256: undefined, path: input.name, size: undefined }, failure);
      return { status: "failed", ...failure, rowsJson: JSON.stringify(rows) };
    }
    const text = bytes.toString();
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    const wait = Number(/(\d+)ms/.exec(input.name)?.[1] ?? 0);
    if (input.name.includes("slow to digest")) await pause(wait);
    const file = { sha256, size: bytes.length };
    if (!isWanted(sha256, bytes.length)) return { status: "unwanted", ...file };
    if (!input.name.includes("slow to digest")) await pause(wait);
    this.audited.push(input.name);
    if (text.startsWith("timeout")) {
      const failure = { reason: "timeout", message: "too slow" } as const;
      const rows = failureRows({ ...file, path: input.name }, failure);
      return { ...file, status: "failed", ...failure, rowsJson: JSON.stringify(rows) };
    }
    const rows = failureRows({ ...file, path: input.name }, { reason: "format", message: "" });
    const audited = { ...rows.apps[0]!, status: "audited", reason: null, message: null };
    return { ...file, status: "audited", rowsJson: JSON.stringify({ ...rows, apps: [audited] }) };
  }
}

function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

interface Run {
  readonly tally: Tally;
  readonly pool: PoolOfTexts;
}

async function run(inputs: readonly AppInput[], options: Partial<RunOptions> = {}): Promise<Run> {
  const evaluation = { tool: "1", rulesVersion: "r", depth: "referenced", firstParty: [] } as const;
  const store = await openStore(folderFiles(out), evaluation);
  const journal = openJournal(out, store);
  const index = openInputIndex(out);
  onTestFinished(() => journal.close());
  await journal.recover();
  const pool = new PoolOfTexts();
  const tally = await runBatch(inputs, {
    store,
    journal,
    index,
    pool,
    processes: 4,
    retriesFailed: false,
    stop: new AbortController().signal,
    ...options,
  });
  index.close();
  return { tally: { ...tally }, pool };
}

const paths = async () => (await readRows(out, "apps")).map(({ path }) => path);

describe("a run", () => {
  test("gives a row an app, in their order, whichever is finished first", async () => {
    const inputs = put({ "a 800ms": "1", "b 200ms": "2", "c 500ms": "3", "d 1ms": "4" });
    const { tally, pool } = await run(inputs);
    expect(pool.audited).toEqual(["d 1ms", "b 200ms", "c 500ms", "a 800ms"]);
    expect(await paths()).toEqual(["a 800ms", "b 200ms", "c 500ms", "d 1ms"]);
    expect(tally).toMatchObject({ audited: 4, skipped: 0, duplicates: 0 });
  });

  test("makes parts of 256 apps, the same bytes whatever runs at a time", async () => {
    const files = Object.fromEntries(
      Array.from({ length: 300 }, (_, index) => [`${index} ${index % 7}ms`, `${index}`]),
    );
    const inputs = put(files);
    await run(inputs, { processes: 9 });
    const many = digestParts(out);
    expect(listParts(out).filter((path) => path.startsWith("apps/"))).toHaveLength(2);
    out = temporaryFolder();
    await run(inputs, { processes: 1 });
    expect(digestParts(out)).toEqual(many);
  });

  test("skips what the store has, without reading it, and what is the same under another name", async () => {
    const inputs = put({ a: "1", b: "2" });
    await run(inputs);
    const more = [...inputs, ...put({ c: "1", d: "3" })];
    const { tally, pool } = await run(more);
    expect(tally).toMatchObject({ audited: 1, skipped: 3, duplicates: 0 });
    expect(pool.given.map(({ name }) => name)).toEqual(["c", "d"]);
    expect(pool.audited).toEqual(["d"]);
    expect((await paths()).sort()).toEqual(["a", "b", "d"]);
  });

  test("reads a file again that was changed, and gives the pool a digest that it knows", async () => {
    const inputs = put({ a: "1", b: "timeout" });
    await run(inputs);
    writeFileSync(join(apps, "a"), "2");
    utimesSync(join(apps, "a"), 1, 1);
    const { pool } = await run(inputs, { retriesFailed: true });
    expect(pool.audited).toEqual(["a", "b"]);
    const sha256 = createHash("sha256").update("timeout").digest("hex");
    expect(pool.given).toMatchObject([{ name: "a" }, { name: "b", known: { sha256, size: 7 } }]);
    expect(pool.given[0]).not.toHaveProperty("known");
  });
});

describe("of equal files the first has the row", () => {
  test("in a part, and in all", async () => {
    const same = Array.from({ length: 300 }, (_, index) => [`app ${index + 100}`, "1"]);
    const { tally } = await run(put(Object.fromEntries(same)));
    expect(await paths()).toEqual(["app 100"]);
    expect(tally).toMatchObject({ audited: 1, duplicates: 299 });
  });

  test("also where a later one is finished before the first is read", async () => {
    const { tally } = await run(put({ "a slow to digest 50ms": "1", b: "1", c: "2" }));
    expect(await paths()).toEqual(["a slow to digest 50ms", "c"]);
    expect(tally).toMatchObject({ audited: 2, duplicates: 1 });
  });

  test("also where a later one is still being audited then", async () => {
    const { tally } = await run(put({ "a slow to digest 30ms": "1", "b 80ms": "1" }));
    expect(await paths()).toEqual(["a slow to digest 30ms"]);
    expect(tally).toMatchObject({ audited: 1, duplicates: 1 });
  });
});

describe("what failed", () => {
  test("stays so until it is to be tried again, and then has one row", async () => {
    const inputs = put({ a: "1", b: "timeout", c: "timeout too" });
    expect((await run(inputs)).tally).toMatchObject({ audited: 1, failed: { timeout: 2 } });
    expect((await run(inputs)).tally).toMatchObject({ audited: 0, skipped: 3, skippedFailed: 2 });
    const { tally, pool } = await run(inputs, { retriesFailed: true });
    expect(pool.audited).toEqual(["b", "c"]);
    expect(tally).toMatchObject({ skipped: 1, skippedFailed: 0, failed: { timeout: 2 } });
    expect((await paths()).sort()).toEqual(["a", "b", "c"]);
  });

  test("of apps that this run is not about is left alone", async () => {
    const inputs = put({ a: "timeout", b: "timeout too" });
    await run(inputs);
    await run(inputs.slice(0, 1), { retriesFailed: true });
    expect((await paths()).sort()).toEqual(["a", "b"]);
  });

  test("in another folder is left alone, though it is called the same", async () => {
    const named = (path: string, text: string) => ({ ...put({ [path]: text })[0]!, name: "app" });
    const inputs = [named("one", "timeout"), named("other", "timeout too")];
    await run(inputs);
    const { pool } = await run(inputs.slice(0, 1), { retriesFailed: true });
    expect(pool.audited).toEqual(["app"]);
    const rows = await readRows(out, "apps");
    const digests = ["timeout", "timeout too"].map((text) => createHash("sha256").update(text).digest("hex"));
    expect(rows.map(({ app }) => app).sort()).toEqual(digests.sort());
  });

  test("for it could not be read is tried by each run, and has one row", async () => {
    const inputs = [...put({ a: "1" }), { path: join(apps, "none"), name: "none" }];
    await run(inputs);
    const { tally } = await run(inputs);
    expect(tally).toMatchObject({ skipped: 1, failed: { unreadable: 1 } });
    expect((await paths()).sort()).toEqual(["a", "none"]);
    put({ none: "2" });
    await run(inputs);
    const rows = await readRows(out, "apps");
    expect(rows.map(({ path, status }) => `${path} ${status}`).sort()).toEqual(["a audited", "none audited"]);
  });

  test("for it changed while it was read is no app's content", async () => {
    const inputs = put({ a: "half", b: "1" });
    const pool = new PoolOfTexts();
    const audit = pool.audit.bind(pool);
    pool.audit = (async (input: AuditInput, isWanted: IsWanted) => {
      const audited = await audit(input, isWanted);
      if (input.name === "a") writeFileSync(input.path, "the whole of it");
      return audited;
    }) as typeof pool.audit;
    const { tally } = await run(inputs, { pool });
    expect(tally).toMatchObject({ audited: 1, failed: { unreadable: 1 } });
    const rows = await readRows(out, "apps");
    expect(rows[0]).toMatchObject({ app: null, path: "a", reason: "unreadable" });
    expect(rows[0]!.message).toBe("a changed while it was being read");
    await run(inputs);
    expect((await readRows(out, "apps")).map(({ status }) => status)).toEqual(["audited", "audited"]);
  });
});

test("a run that is stopped finishes what is under way, and what it finished is in a part", async () => {
  const names = Array.from({ length: 40 }, (_, index) => [`${index} 10ms`, `${index}`]);
  const inputs = put(Object.fromEntries(names));
  const stop = new AbortController();
  const onApp = () => stop.abort();
  const { tally, pool } = await run(inputs, { stop: stop.signal, onApp });
  expect(tally.audited).toBe(pool.given.length);
  expect(tally.audited).toBeLessThan(20);
  expect(await paths()).toHaveLength(tally.audited);
  const rest = await run(inputs);
  expect(rest.tally).toMatchObject({ skipped: tally.audited, audited: 40 - tally.audited });
  expect(new Set(await paths()).size).toBe(40);
});

test("a pool that fails ends the run, and what was finished is not lost", async () => {
  const inputs = put({ a: "1", b: "2", "c 20ms": "3", d: "4" });
  const pool = new PoolOfTexts();
  const audit = pool.audit.bind(pool);
  pool.audit = (async (input: AuditInput, isWanted: IsWanted) => {
    if (input.name === "d") throw new Error("no process");
    return audit(input, isWanted);
  }) as typeof pool.audit;
  await expect(run(inputs, { pool })).rejects.toThrow("no process");
  const { tally } = await run(inputs);
  expect(tally.skipped).toBeGreaterThanOrEqual(2);
  expect((await paths()).sort()).toEqual(["a", "b", "c 20ms", "d"]);
});
