import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  evaluationId,
  folderFiles,
  openJournal,
  openStore,
  type PartFiles,
  partBuilder,
  type Row,
  type Rows,
  readTable,
  type TableName,
  tableNames,
} from "../../src/store/index.js";
import { digestOf, evaluation, failedRows, tinyRows, unreadableRows } from "./tiny-rows.js";

const id = evaluationId(evaluation);
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bycatch-journal-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function open(files: PartFiles = folderFiles(folder), mostOfAPart?: number) {
  const store = await openStore(files, evaluation);
  return { store, journal: openJournal(folder, store, partBuilder, mostOfAPart) };
}

const chunkFile = (chunk: number) => join(folder, "journal", id, `${String(chunk).padStart(8, "0")}.jsonl`);

/** All rows of a table, part by part in the order of their names. */
async function readRows(name: TableName): Promise<Row[]> {
  const files = folderFiles(folder);
  const rows: Row[] = [];
  for (const path of await files.list(`${name}/evaluation=${id}`))
    rows.push(...(await readTable((await files.read(path))!)));
  return rows;
}

const pathsOf = (rows: readonly Row[]) => rows.map(({ path }) => path);

/** Every file of the parts, by path. */
async function readParts(): Promise<Record<string, string>> {
  const files = folderFiles(folder);
  const parts: Record<string, string> = {};
  for (const name of tableNames)
    for (const path of await files.list(name))
      parts[path] = Buffer.from((await files.read(path))!).toString("base64");
  return parts;
}

function add(
  journal: ReturnType<typeof openJournal>,
  chunk: number,
  position: number,
  { apps, ...rows }: Rows,
): void {
  const [{ app } = {}] = apps;
  journal.add(chunk, position, (app ?? undefined) as string | undefined, JSON.stringify({ ...rows, apps }));
}

test("a sealed chunk is a part, and its file is gone", async () => {
  const { journal } = await open();
  add(journal, 0, 0, tinyRows("one"));
  add(journal, 0, 1, failedRows("two"));
  expect(existsSync(chunkFile(0))).toBe(true);
  await journal.seal(0);
  expect(pathsOf(await readRows("apps"))).toEqual(["one.apk", "two.apk"]);
  expect(readdirSync(join(folder, "journal", id))).toEqual([]);
});

test("the same bytes, in whatever order apps finish", async () => {
  const apps = ["a", "b", "c", "d"].map((name, position) => ({ position, rows: tinyRows(name) }));
  const orders = [apps, apps.toReversed(), [apps[2]!, apps[0]!, apps[3]!, apps[1]!]];
  const seen = new Set<string>();
  for (const order of orders) {
    const { journal } = await open();
    for (const { position, rows } of order) add(journal, 3, position, rows);
    await journal.seal(3);
    seen.add(JSON.stringify(await readParts()));
    rmSync(folder, { recursive: true });
  }
  expect(seen.size).toBe(1);
});

test("the same content under two names is one row: that of the first in the list", async () => {
  const { journal } = await open();
  add(journal, 0, 1, tinyRows("one", { path: "copy.apk" }));
  add(journal, 0, 0, tinyRows("one"));
  add(journal, 1, 2, tinyRows("one", { path: "third.apk" }));
  add(journal, 1, 3, tinyRows("two"));
  // Not waited for one by one: the first counts nevertheless.
  await Promise.all([journal.seal(0), journal.seal(1)]);
  expect(pathsOf(await readRows("apps")).sort()).toEqual(["one.apk", "two.apk"]);
  expect((await readRows("hosts")).map(({ app }) => app).sort()).toEqual(
    [digestOf("one"), digestOf("two")].sort(),
  );
});

test("a chunk of apps with very much in them becomes several parts, always the same", async () => {
  const seen = new Set<string>();
  for (const order of [
    ["a", "b", "c", "d"],
    ["d", "b", "c", "a"],
  ]) {
    const { journal } = await open(undefined, 3_000);
    for (const name of order) add(journal, 0, name.charCodeAt(0), tinyRows(name));
    await journal.seal(0);
    expect(pathsOf(await readRows("apps")).sort()).toEqual(["a.apk", "b.apk", "c.apk", "d.apk"]);
    expect(await folderFiles(folder).list("apps")).toHaveLength(2);
    seen.add(JSON.stringify(await readParts()));
    rmSync(folder, { recursive: true });
  }
  expect(seen.size).toBe(1);
});

test("files that could not be read have no content to be the same", async () => {
  const { journal } = await open();
  add(journal, 0, 0, unreadableRows("one"));
  add(journal, 0, 1, unreadableRows("two"));
  await journal.seal(0);
  expect(pathsOf(await readRows("apps"))).toEqual(["one.apk", "two.apk"]);
});

test("a chunk without apps makes no part", async () => {
  const { journal } = await open();
  await journal.seal(7);
  expect(await readParts()).toEqual({});
});

test("names that are hostile are rows like others", async () => {
  const path = '"},{\u2028\n\x1b[31m\\.apk\u0000';
  const { journal } = await open();
  add(journal, 0, 0, tinyRows("one", { path, package_name: "__proto__" }));
  await journal.seal(0);
  expect(await readRows("apps")).toMatchObject([{ path, package_name: "__proto__" }]);
});

test("rows that are not one line are refused", async () => {
  const { journal } = await open();
  const rows = JSON.stringify(tinyRows("one"), undefined, 1);
  expect(() => journal.add(0, 0, digestOf("one"), rows)).toThrow("line break");
  expect(existsSync(chunkFile(0))).toBe(false);
});

describe("a run that died", () => {
  /** Files that refuse from an operation on, before they do it or after: as if the process had died there. */
  function dyingFiles(operations: number, when: "before" | "after"): PartFiles {
    const files = folderFiles(folder);
    let left = operations;
    const orDie = async <T>(operate: () => Promise<T>): Promise<T> => {
      if (left <= 0 && when === "before") throw new Error("died");
      if (left < 0) throw new Error("died");
      const result = await operate();
      if (left-- <= 0) throw new Error("died");
      return result;
    };
    return {
      read: (path) => orDie(() => files.read(path)),
      list: (path) => orDie(() => files.list(path)),
      write: (path, bytes) => orDie(() => files.write(path, bytes)),
    };
  }

  /** A run of three chunks, with content that is there twice, a failed app and one without a digest. */
  async function run(files: PartFiles, mostOfAPart?: number): Promise<void> {
    const { journal } = await open(files, mostOfAPart);
    try {
      add(journal, 0, 1, tinyRows("b"));
      add(journal, 0, 0, tinyRows("a"));
      add(journal, 1, 3, tinyRows("a", { path: "copy of a.apk" }));
      add(journal, 1, 2, unreadableRows("locked"));
      add(journal, 1, 4, failedRows("slow"));
      await journal.seal(0);
      await journal.seal(1);
      add(journal, 2, 5, tinyRows("c"));
      await journal.seal(2);
    } finally {
      journal.close();
    }
  }

  /** What the journal and the parts of a run say after it died, by path: no app twice, none lost that was added. */
  async function expectRecovered(whatHappened: string, mostOfAPart?: number): Promise<void> {
    const { journal } = await open(undefined, mostOfAPart);
    await journal.recover();
    const paths = pathsOf(await readRows("apps")).sort();
    const before = ["a.apk", "b.apk", "locked.apk", "slow.apk"];
    expect([before, [...before.slice(0, 2), "c.apk", ...before.slice(2)]], whatHappened).toContainEqual(
      paths,
    );
    const expected = ["a", "b", ...(paths.includes("c.apk") ? ["c"] : [])].map(digestOf).sort();
    for (const name of ["parties", "hosts"] as const)
      expect((await readRows(name)).map(({ app }) => app).sort(), whatHappened).toEqual(expected);
    const left = existsSync(join(folder, "journal", id)) ? readdirSync(join(folder, "journal", id)) : [];
    expect(left, whatHappened).toEqual([]);
    // Once more changes nothing.
    const parts = await readParts();
    expect(await (await open()).journal.recover()).toBe(0);
    expect(await readParts(), whatHappened).toEqual(parts);
  }

  test.each([
    ["before", undefined],
    ["after", undefined],
    // Each chunk becomes several parts.
    ["before", 900],
    ["after", 900],
  ] as const)("%s any of its operations on files loses nothing (parts of %s bytes)", async (when, most) => {
    let deaths = 0;
    for (let operations = 2; ; operations += most === undefined ? 1 : 3) {
      rmSync(folder, { recursive: true, force: true });
      // The store itself is there: what is added before it is made cannot be.
      await open();
      const died = await run(dyingFiles(operations, when), most).then(
        () => false,
        () => true,
      );
      await expectRecovered(`died ${when} operation ${operations}`, most);
      if (!died) break;
      deaths++;
    }
    expect(deaths).toBeGreaterThan(10);
  });

  test("and died again while it was being recovered", async () => {
    for (const first of [9, 18]) {
      for (let second = 2; second < 30; second += 3) {
        rmSync(folder, { recursive: true, force: true });
        await open();
        await run(dyingFiles(first, "after")).catch(() => undefined);
        const again = await open(dyingFiles(second, "before")).catch(() => undefined);
        await again?.journal.recover().catch(() => undefined);
        await expectRecovered(`died after ${first}, and before ${second}`);
      }
    }
  });

  test("in the middle of a line loses that app and no other", async () => {
    const { journal } = await open();
    add(journal, 0, 0, tinyRows("a"));
    add(journal, 0, 1, tinyRows("b"));
    journal.close();
    const whole = readFileSync(chunkFile(0));
    const second = whole.indexOf("\n") + 1;
    for (let size = second; size < whole.length - 1; size += 41) {
      rmSync(folder, { recursive: true, force: true });
      const next = await open();
      mkdirSync(join(folder, "journal", id), { recursive: true });
      writeFileSync(chunkFile(0), whole);
      truncateSync(chunkFile(0), size);
      expect(await next.journal.recover(), `cut to ${size}`).toBe(1);
      expect(pathsOf(await readRows("apps"))).toEqual(["a.apk"]);
    }
  });

  test("a file to which it went on adding after half a line keeps what is whole", async () => {
    const { journal } = await open();
    add(journal, 0, 0, tinyRows("a"));
    journal.close();
    appendFileSync(chunkFile(0), '{"position":1,"app":"00');
    add(journal, 0, 2, tinyRows("c"));
    await journal.seal(0);
    expect(pathsOf(await readRows("apps"))).toEqual(["a.apk", "c.apk"]);
  });

  test.each([
    "null",
    "[]",
    "{}",
    '{"part":1,"positions":[]}',
    '{"part":"00"}',
    '{"position":-0.5,"app":null,"rows":{}}',
    '{"position":0,"app":null,"rows":null}',
    '{"position":0,"app":1,"rows":{"apps":[]}}',
  ])("a line that says %s is passed over", async (line) => {
    const { journal } = await open();
    add(journal, 0, 0, tinyRows("a"));
    journal.close();
    appendFileSync(chunkFile(0), `${line}\n`);
    expect(await journal.recover()).toBe(1);
    expect(pathsOf(await readRows("apps"))).toEqual(["a.apk"]);
  });

  test("of a bycatch that knew fewer tables is passed over: its apps are audited again", async () => {
    const { journal } = await open();
    const { flows: _, hand_overs: __, ...older } = tinyRows("one");
    journal.add(0, 0, digestOf("one"), JSON.stringify(older));
    add(journal, 0, 1, tinyRows("two"));
    journal.close();
    const { journal: next, store } = await open();
    expect(await next.recover()).toBe(1);
    expect([...(await store.findDone()).keys()]).toEqual([digestOf("two")]);
  });

  test("other files beside the chunks are left alone", async () => {
    mkdirSync(join(folder, "journal", id), { recursive: true });
    writeFileSync(join(folder, "journal", id, "notes.txt"), "mine");
    expect(await (await open()).journal.recover()).toBe(0);
    expect(readFileSync(join(folder, "journal", id, "notes.txt"), "utf8")).toBe("mine");
  });
});

test("another evaluation's journal is not this one's", async () => {
  const { journal } = await open();
  add(journal, 0, 0, tinyRows("a"));
  journal.close();
  const other = await openStore(folderFiles(folder), { ...evaluation, tool: "9.9.9" });
  expect(await openJournal(folder, other).recover()).toBe(0);
  expect(await (await open()).journal.recover()).toBe(1);
});
