import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { PartThread } from "../../src/batch/part-thread.js";
import { partBuilder } from "../../src/store/index.js";
import { renderApp } from "../../src/store/journal-lines.js";
import { digestOf, tinyRows } from "../store/tiny-rows.js";

const program = new URL("../../dist/make-parts.js", import.meta.url);
let folder: string;
let thread: PartThread;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bycatch-part-thread-"));
  thread = new PartThread(program);
});
afterEach(async () => {
  await thread.close();
  rmSync(folder, { recursive: true, force: true });
});

function writeChunk(names: readonly string[]): string {
  const path = join(folder, "00000000.jsonl");
  const lines = names.map((name, index) => renderApp(index, digestOf(name), JSON.stringify(tinyRows(name))));
  writeFileSync(path, `${lines.join("\n")}\n{"torn`);
  return path;
}

test("a part is the one that this thread would make", async () => {
  const path = writeChunk(["one", "two", "three"]);
  const lines = await thread.listLines(path);
  expect(lines).toEqual(await partBuilder.listLines(path));
  expect(lines.apps).toHaveLength(3);
  const part = await thread.buildPart(path, lines.apps.slice(1));
  expect(part).toEqual(await partBuilder.buildPart(path, lines.apps.slice(1)));
  expect([...part.done.keys()]).toEqual([digestOf("two"), digestOf("three")]);
});

test("what the system refuses is told as it is in this thread, and the next one is made", async () => {
  await expect(thread.listLines(join(folder, "none.jsonl"))).rejects.toMatchObject({
    code: "ENOENT",
    syscall: "open",
  });
  const path = writeChunk(["one"]);
  const [app] = (await thread.listLines(path)).apps;
  await expect(thread.buildPart(path, [{ ...app!, offset: 3 }])).rejects.toThrow("journal changed");
  expect((await thread.listLines(path)).apps).toHaveLength(1);
});

test("what is asked of a thread that ends is rejected", async () => {
  const asked = thread.listLines(writeChunk(["one"]));
  await Promise.all([expect(asked).rejects.toThrow("has ended"), thread.close()]);
});

test("a thread that cannot start is told", async () => {
  const none = new PartThread(new URL("file:///nowhere/make-parts.js"));
  await expect(none.listLines("a")).rejects.toThrow(/Cannot find module|make-parts/);
});
