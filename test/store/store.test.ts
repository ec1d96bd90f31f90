import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { UsageError } from "../../src/diagnostics/index.js";
import { buildPart, carryPart } from "../../src/store/build-part.js";
import { evaluationId, folderFiles, openStore, readTable, tableNames } from "../../src/store/index.js";
import { digestOf, evaluation, failedRows, tinyRows, unreadableRows } from "./tiny-rows.js";

const id = evaluationId(evaluation);
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bycatch-store-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const open = () => openStore(folderFiles(folder), evaluation);

/** What stands in `apps`, all parts of them. */
async function readApps() {
  const files = folderFiles(folder);
  const rows = [];
  for (const path of await files.list(`apps/evaluation=${id}`))
    rows.push(...(await readTable((await files.read(path))!)));
  return rows;
}

describe("opening", () => {
  test("makes a store that says what it is, once", async () => {
    await open();
    await open();
    expect(JSON.parse(readFileSync(join(folder, "bycatch-store.json"), "utf8"))).toEqual({
      format: "bycatch-store",
      version: 1,
    });
    expect(JSON.parse(readFileSync(join(folder, `evaluations/${id}.json`), "utf8"))).toEqual(evaluation);
    expect(await folderFiles(folder).list("")).toEqual(["bycatch-store.json", `evaluations/${id}.json`]);
  });

  test.each([
    ["of another version", '{"format":"bycatch-store","version":2}', "store of another version"],
    ["of something else", '{"format":"else","version":1}', "of something else"],
    ["no object", "null", "of something else"],
    ["no JSON", "{", "of something else"],
  ])("refuses one %s", async (_, text, problem) => {
    const files = folderFiles(folder);
    await files.write("bycatch-store.json", new TextEncoder().encode(text));
    await expect(open()).rejects.toThrow(UsageError);
    await expect(open()).rejects.toThrow(problem);
    expect(await files.list("")).toEqual(["bycatch-store.json"]);
  });
});

describe("a part", () => {
  test("has all tables, apps last, and its name is of its content", async () => {
    const written: string[] = [];
    const files = folderFiles(folder);
    const write = (path: string, bytes: Uint8Array) => {
      written.push(path);
      return files.write(path, bytes);
    };
    const store = await openStore({ ...files, write }, evaluation);
    written.length = 0;
    const name = await store.writePart([tinyRows("one"), failedRows("two")]);
    expect(name).toMatch(/^[0-9a-f]{16}$/);
    expect(written).toEqual(tableNames.map((table) => `${table}/evaluation=${id}/part-${name}.parquet`));
    expect(written.at(-1)).toMatch(/^apps\//);
    const hosts = await readTable((await files.read(`hosts/evaluation=${id}/part-${name}.parquet`))!);
    expect(hosts).toEqual(tinyRows("one").hosts);
  });

  test("written twice is there once; other content has another name", async () => {
    const store = await open();
    const name = await store.writePart([tinyRows("one")]);
    const before = await folderFiles(folder).list("");
    expect(await store.writePart([tinyRows("one")])).toBe(name);
    expect(await folderFiles(folder).list("")).toEqual(before);
    expect(await store.writePart([tinyRows("one", { size: 101 })])).not.toBe(name);
  });

  test("with a name given replaces the one of that name", async () => {
    const store = await open();
    await store.writePart([tinyRows("one")], "00ff");
    await store.writePart([tinyRows("two"), tinyRows("three")], "00ff");
    expect((await readApps()).map(({ path }) => path)).toEqual(["two.apk", "three.apk"]);
    await expect(store.writePart([], "../00ff")).rejects.toThrow("no part's name");
  });
});

test("what is done is known by its digest, to who wrote it and to who comes later", async () => {
  const store = await open();
  expect([...(await store.findDone())]).toEqual([]);
  await store.writePart([tinyRows("one"), failedRows("two"), unreadableRows("three")]);
  await store.writePart([tinyRows("four", { status: "incomplete" })]);
  const done = [
    [digestOf("one"), "audited"],
    [digestOf("two"), "failed"],
    [digestOf("four"), "incomplete"],
  ].sort();
  expect([...(await store.findDone())].sort()).toEqual(done);
  expect([...(await (await open()).findDone())].sort()).toEqual(done);
  const other = await openStore(folderFiles(folder), { ...evaluation, tool: "9.9.9" });
  expect([...(await other.findDone())]).toEqual([]);
});

test("failed apps can be taken out, to be audited again", async () => {
  const store = await open();
  await store.writePart([tinyRows("one"), failedRows("two"), unreadableRows("three")]);
  await store.writePart([failedRows("four")]);
  await store.findDone();
  expect(await store.dropFailed(({ app }) => app === null)).toBe(1);
  expect(await store.dropFailed(({ reason }) => reason === "crash")).toBe(0);
  expect((await readApps()).map(({ path }) => path).sort()).toEqual(["four.apk", "one.apk", "two.apk"]);
  expect(await store.dropFailed(() => true)).toBe(2);
  expect(await readApps()).toEqual(JSON.parse(JSON.stringify(tinyRows("one").apps)));
  expect([...(await store.findDone()).keys()]).toEqual([digestOf("one")]);
});

describe("what apps are judged by", () => {
  test("is kept once, and known by the code that judged", async () => {
    const store = await open();
    await store.keepJudge("code", "rules");
    await store.keepJudge("other code", "other rules");
    expect(await store.readJudge("code")).toBeUndefined();
    expect(await store.readJudge("other code")).toBe("other rules");
    await store.writePart([tinyRows("one")]);
    await store.keepJudge("third code", "third rules");
    expect(await store.readJudge("other code")).toBe("other rules");
    expect(await store.readJudge("third code")).toBeUndefined();
  });

  test("is not believed where it is spoilt", async () => {
    const store = await open();
    await store.keepJudge("code", "rules");
    const path = join(folder, `evaluations/${id}.rules.jsonl`);
    writeFileSync(path, readFileSync(path, "utf8").replace("rules\n", "rulez\n"));
    expect(await store.readJudge("code")).toBeUndefined();
    writeFileSync(path, "");
    expect(await store.readJudge("code")).toBeUndefined();
  });

  test("of an evaluation that has parts already nobody knows", async () => {
    const store = await open();
    await store.writePart([tinyRows("one")]);
    await store.keepJudge("code", "rules");
    expect(await store.readJudge("code")).toBeUndefined();
  });
});

describe("a part that is carried", () => {
  test("has the same bytes where all of its apps are", async () => {
    const part = await buildPart([tinyRows("one"), tinyRows("two")]);
    const carried = await carryPart(part.name, part.tables, () => true);
    expect(carried).toEqual(part);
  });

  test("has what would be made of those that are, a byte order mark at the beginning of a text, too", async () => {
    const one = tinyRows("one", { path: "\ufeffone.apk", version_name: "\ufeff1.0" });
    const part = await buildPart([one, tinyRows("two"), failedRows("three")]);
    const carried = await carryPart(part.name, part.tables, (app) => app === digestOf("one"));
    expect(carried).toEqual(await buildPart([one]));
  });

  test("is not made of tables that are spoilt", async () => {
    const part = await buildPart([tinyRows("one")]);
    const tables = new Map(part.tables).set("parties", part.tables.get("parties")!.subarray(0, 100));
    await expect(carryPart(part.name, tables, () => true)).rejects.toThrow();
  });
});
