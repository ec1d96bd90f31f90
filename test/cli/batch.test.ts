import { type ChildProcess, spawn } from "node:child_process";
import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import type { AuditResult } from "../../src/findings/index.js";
import { tableNames } from "../../src/store/index.js";
import { appWithComment, putDistinctApps, putFile } from "../batch/distinct-apps.js";
import { digestParts, listParts, readRows } from "../batch/stored-rows.js";
import { bycatch, executable, gpsDemo, temporaryFolder } from "./run-bycatch.js";

let folder: string;
let apps: string;
let out: string;

beforeEach(() => {
  folder = temporaryFolder();
  apps = join(folder, "apps");
  out = join(folder, "out");
  mkdirSync(apps);
});

const batch = (...args: string[]) =>
  bycatch(["batch", "apps", "--store", "out", "--jobs", "1", ...args], {}, folder);

/** Starts a batch and leaves it running; it is gone after the test. */
function startBatch(...args: string[]): {
  child: ChildProcess;
  ended: Promise<number | null>;
  text(): string;
} {
  const child = spawn(process.execPath, [executable, "batch", "apps", "--store", "out", ...args], {
    cwd: folder,
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  return { child, ended, text: () => text };
}

const paths = async () => (await readRows(out, "apps")).map(({ path }) => path as string);

/** Lines of the journals: apps that are finished and in no part. */
function journaled(): number {
  try {
    return readdirSync(join(out, "journal"), { recursive: true, encoding: "utf8" })
      .filter((path) => path.endsWith(".jsonl"))
      .map((path) => readFileSync(join(out, "journal", path), "utf8").split("\n").length - 1)
      .reduce((sum, lines) => sum + lines, 0);
  } catch {
    return 0;
  }
}

describe("a batch", () => {
  test("tells how it went and what is next; its rows are those of a scan", async () => {
    putDistinctApps(apps, 3);
    putFile(apps, "gps.apk", readFileSync(gpsDemo));
    putFile(apps, "bundle.aab", "");
    const { status, stdout, stderr } = batch("--quiet");
    expect(stderr).toBe("bycatch: 1 file that ends in .aab passed over: not read yet\n");
    expect(stdout).toMatch(
      /^4 {2}apps\n4 {2}audited\n[\d.]+ apps per second, \d:\d\d:\d\d\nevaluation [0-9a-f]{16}: bycatch \S+, rules \S+, depth referenced\n\nNext:\n {2}bycatch query top-sdks --store out\n$/,
    );
    expect(status).toBe(0);
    const { findings } = JSON.parse(
      bycatch(["scan", "-f", "json", join(apps, "app-001.apk")]).stdout,
    ) as AuditResult;
    expect(findings.length).toBeGreaterThan(5);
    const app = (await readRows(out, "apps"))[1]!.app;
    const stored = (await readRows(out, "findings")).filter((row) => row.app === app);
    expect(stored.map(({ finding }) => finding)).toEqual(findings.map(({ id }) => id));
    expect(await paths()).toEqual(["app-000.apk", "app-001.apk", "app-002.apk", "gps.apk"]);
    // All that it leaves is told of.
    const [, layout] = /^## Layout\n\n```\n(.*?)^```$/ms.exec(readFileSync("docs/store.md", "utf8"))!;
    for (const name of readdirSync(out)) expect(layout).toMatch(new RegExp(`(^|\\s)${name}\\b`));
  });

  test("of apps of which one is spoilt ends with 3, and says why; again, too, and audits nothing", async () => {
    putDistinctApps(apps, 2);
    putFile(apps, "\x1b[2Jevil\u202e.apk", "no archive");
    const first = batch();
    expect(first.status).toBe(3);
    expect(first.stdout).toContain("3  apps\n2  audited\n1  failed: 1 format\n");
    expect(first.stdout).toContain("  bycatch query failures --store out\n");
    expect(first.stderr).toMatch(/^bycatch: \\x1b\[2Jevil\\u\{202e\}\.apk: format: .+$/m);
    const again = batch();
    expect([again.status, again.stderr]).toEqual([3, ""]);
    expect(again.stdout).not.toContain("apps per second");
    expect(again.stdout).toMatch(
      /0 {2}audited\n3 {2}in the store already \(1 failed, which --retry-failed audits again\)/,
    );
    expect(await paths()).toHaveLength(3);
    const retried = batch("--retry-failed");
    expect(retried.stdout).toContain("0  audited\n1  failed: 1 format\n2  in the store already\n");
    expect(await paths()).toHaveLength(3);
  });

  test("with a place that could not be looked into ends with 3, whatever the apps are", () => {
    putDistinctApps(apps, 1);
    symlinkSync("self.apk", join(apps, "self.apk"));
    const { status, stdout, stderr } = batch();
    expect([status, stderr]).toEqual([
      3,
      expect.stringContaining("self.apk: is a link that leads back to itself"),
    ]);
    expect(stdout).toContain("1  app\n1  audited\n1  place that could not be looked into\n");
  });

  test("writes the same bytes whatever the number of processes", () => {
    putDistinctApps(apps, 30);
    putFile(apps, "a-copy.apk", appWithComment("tracker.apk", "app-007.apk"));
    putFile(apps, "spoilt.apk", "no archive");
    expect(batch("--jobs", "1").stdout).toContain("1  with the content of another\n");
    const one = digestParts(out);
    rmSync(out, { recursive: true });
    expect(batch("--jobs", "4").status).toBe(3);
    expect(digestParts(out)).toEqual(one);
  });

  test("of a list of files from standard input", async () => {
    putDistinctApps(apps, 3);
    const args = [executable, "batch", "-", "--store", "out", "--quiet"];
    const child = spawn(process.execPath, args, { cwd: folder });
    child.stdin.end("apps/app-002.apk\0apps/app-000.apk\0apps/none.apk\0");
    const status = await new Promise((resolve) => child.once("close", resolve));
    expect(status).toBe(3);
    const rows = await readRows(out, "apps");
    expect(rows.map(({ path, status }) => `${path} ${status}`)).toEqual([
      "apps/app-000.apk audited",
      "apps/app-002.apk audited",
      "apps/none.apk failed",
    ]);
  });

  test("by other rules audits anew, beside what was, and reads no file again", async () => {
    for (const name of putDistinctApps(apps, 5)) utimesSync(join(apps, name), 1, 1);
    expect(batch().status).toBe(0);
    // Whoever reads one now finds no app, which only its content tells.
    for (const name of readdirSync(apps)) {
      const path = join(apps, name);
      writeFileSync(path, Buffer.alloc(statSync(path).size));
      utimesSync(path, 1, 1);
    }
    const { stdout } = batch("--first-party", "com.acme");
    expect(stdout).toContain("\n5  audited, all of them from what was kept: their files were not read\n");
    // A query would take the evaluation that is this bycatch's own.
    const [, evaluation] = /^evaluation (\w+): .*, first party com\.acme$/m.exec(stdout)!;
    expect(stdout).toContain(`  bycatch query top-sdks --store out --evaluation ${evaluation}\n`);
    expect(readdirSync(join(out, "evaluations"))).toContain(`${evaluation}.json`);
    const parts = listParts(out).filter((path) => path.startsWith("apps/"));
    expect(parts).toHaveLength(2);
    const kinds = (await readRows(out, "parties")).filter(({ name }) => name === "com.acme.tracker");
    expect(kinds).toHaveLength(5);
  });

  test("follows flows, by a user's own rules of them where there are; each is an evaluation of its own", async () => {
    const program = new URL("../../fixtures/programs/straight/moves.apk", import.meta.url);
    putFile(apps, "moves.apk", readFileSync(program));
    expect(batch("--depth", "flows").status).toBe(0);
    const flows = await readRows(out, "flows");
    expect(flows).toMatchObject([{ kind: "first-party", sink_kind: "log" }]);
    // It takes the place of the rule that ships, by which what is logged leaves.
    const rule = "id: outlets\nname: Nothing leaves\nmodels:\n  - method: Lcom/acme/Log;->log()V\n";
    putFile(folder, "outlets.yaml", Buffer.from(rule));
    const own = batch("--depth", "flows", "--rules", "outlets.yaml");
    expect(own.stdout + own.stderr).not.toContain("in the store already");
    expect(await readRows(out, "apps")).toHaveLength(2);
    expect(await readRows(out, "flows")).toEqual(flows);
    // Without looking for flows these rules are those that ship.
    for (const args of [[], ["--rules", "outlets.yaml"]]) expect(batch(...args).status).toBe(0);
    expect(readdirSync(join(out, "flows"))).toHaveLength(3);
  });

  test("gives the same rows with facts and without", () => {
    putDistinctApps(apps, 3);
    putFile(apps, "gps.apk", readFileSync(gpsDemo));
    batch("--no-facts", "--first-party", "com.acme");
    expect(readdirSync(out)).not.toContain("facts");
    const without = digestParts(out);
    rmSync(out, { recursive: true });
    batch();
    rmSync(join(out, "apps"), { recursive: true });
    for (const table of tableNames) rmSync(join(out, table), { recursive: true, force: true });
    batch("--first-party", "com.acme");
    expect(readdirSync(out)).toContain("facts");
    expect(digestParts(out)).toEqual(without);
  });
});

describe("what is wrong is said before any work", () => {
  const refusals: readonly [string, string[], string][] = [
    ["no such folder", ["none"], "none: there is no such file or folder"],
    ["a folder without apps", ["apps"], "apps: there is no app"],
    ["no jobs", ["apps", "--jobs", "0"], "It is a number from 1"],
    ["too little memory", ["apps", "--memory", "10"], "It is a number from 256"],
    ["a list that is watched", ["-", "--watch"], "a list from standard input cannot be watched"],
    ["an app to be fetched", ["s3://bucket/apps/"], "URLs and buckets go to workers, by a queue"],
    ["rules that are not there", ["apps", "--rules", "none.yaml"], "there is no file or directory none.yaml"],
  ];

  test.each(refusals)("%s", (_, args, message) => {
    const { status, stderr } = bycatch(["batch", ...args, "--store", "out"], {}, folder);
    expect([status, stderr]).toEqual([2, expect.stringContaining(message)]);
  });

  test("no store", () => {
    expect(bycatch(["batch", "apps"], {}, folder)).toMatchObject({ status: 2 });
  });

  test("a store that is none", () => {
    putDistinctApps(apps, 1);
    putFile(out, "bycatch-store.json", "{}");
    const { status, stderr } = batch();
    expect([status, stderr]).toEqual([
      2,
      expect.stringContaining("its bycatch-store.json is of something else"),
    ]);
  });

  test.each([
    ["a file", "apps/app-000.apk", "is a file, and no folder"],
    ["in a file", "apps/app-000.apk/out", "app-000.apk is a file, and no folder"],
    ["a folder of something else", "apps", "apps is no store and not empty: it has no bycatch-store.json"],
    ["where no folder can be", "/proc/none/out", "/proc/none/out cannot be used (ENOENT, mkdir)"],
    ["a bucket", "s3://bucket/out", "s3://bucket/out is a URL, and a store is written into a folder"],
  ])("a store that is %s", (_, store, problem) => {
    putDistinctApps(apps, 1);
    const { status, stderr } = bycatch(["batch", "apps", "--store", store], {}, folder);
    expect([status, stderr]).toEqual([2, expect.stringContaining("bycatch: --store: ")]);
    expect(stderr).toContain(problem);
    expect(stderr).not.toContain("goes on");
    expect(readdirSync(folder)).toEqual(["apps"]);
    expect(readdirSync(apps)).toEqual(["app-000.apk"]);
  });

  test("but a folder is a store's that is new, or holds what a run left that ended at once", () => {
    putDistinctApps(apps, 1);
    putFile(out, ".part-bycatch-store.json.0.tmp", "{");
    mkdirSync(join(out, "lost+found"));
    expect(batch().status).toBe(0);
    const { status, stdout } = bycatch(["batch", "apps", "--store", "deep/er/out"], {}, folder);
    expect([status, stdout]).toEqual([0, expect.stringContaining("1  audited\n")]);
  });
});

describe("a store's lock", () => {
  const lock = (holder: object | string) =>
    putFile(out, "batch.lock", typeof holder === "string" ? holder : JSON.stringify(holder));

  test("keeps another run off while it is held", async () => {
    putDistinctApps(apps, 1);
    const { child, ended, text } = startBatch("--watch");
    await expect.poll(() => readdirIfThere(out).includes("batch.lock"), { timeout: 30_000 }).toBe(true);
    const second = batch();
    expect([second.status, second.stderr]).toEqual([
      2,
      expect.stringContaining(`out is being written by another run (process ${child.pid})`),
    ]);
    child.kill("SIGTERM");
    expect([await ended, text()]).toEqual([0, expect.any(String)]);
    expect(readdirSync(out)).not.toContain("batch.lock");
  });

  test("of a process that is gone, or another that has its number, is taken over", () => {
    putDistinctApps(apps, 1);
    const host = readFileSync("/proc/sys/kernel/hostname", "utf8").trim();
    lock({ host, pid: 4_194_300, started: "1" });
    expect(batch().status).toBe(0);
    lock({ host, pid: process.pid, started: "1" });
    expect(batch().status).toBe(0);
    lock("{");
    expect(batch().status).toBe(0);
  });

  test("of another machine is respected", () => {
    putDistinctApps(apps, 1);
    lock({ host: "elsewhere", pid: 1 });
    expect(batch()).toMatchObject({ status: 2, stderr: expect.stringContaining("process 1 on elsewhere") });
  });
});

function readdirIfThere(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

describe("a run that is broken off", () => {
  test("by kill -9 loses the apps under way only; the next has none twice, and none is missing", async () => {
    const names = putDistinctApps(apps, 400);
    const { child, ended } = startBatch("--jobs", "2");
    await expect.poll(journaled, { timeout: 60_000, interval: 5 }).toBeGreaterThan(40);
    child.kill("SIGKILL");
    await ended;
    const finished = journaled();
    const { status, stdout, stderr } = batch();
    expect(status).toBe(0);
    const saved = Number(/(\d+) apps saved of a run that was broken off/.exec(stderr)?.[1] ?? 0);
    expect(saved).toBeGreaterThan(40);
    // The last line may be half of one.
    expect(saved).toBeGreaterThanOrEqual(finished - 1);
    expect(stdout).toContain(`${saved}  in the store already`);
    expect((await paths()).sort()).toEqual(names);
  });

  test("leaves no process behind", async () => {
    putDistinctApps(apps, 400);
    const { child, ended } = startBatch("--jobs", "2");
    await expect.poll(journaled, { timeout: 60_000, interval: 5 }).toBeGreaterThan(10);
    const children = childrenOf(child.pid!);
    expect(children.length).toBe(2);
    child.kill("SIGKILL");
    await ended;
    await expect.poll(() => children.filter(isAlive), { timeout: 10_000 }).toEqual([]);
  });

  test("by SIGTERM finishes the apps under way, says so, and ends with 3", async () => {
    const names = putDistinctApps(apps, 400);
    const { child, ended, text } = startBatch("--jobs", "2");
    await expect.poll(journaled, { timeout: 60_000, interval: 5 }).toBeGreaterThan(10);
    child.kill("SIGTERM");
    expect(await ended).toBe(3);
    expect(text()).toContain("stopping when the apps under way are finished; once more to stop at once");
    const audited = Number(/(\d+) {2}audited/.exec(text())?.[1]);
    expect(text()).toMatch(new RegExp(`^ *${400 - audited} {2}left: the same command goes on$`, "m"));
    expect(await paths()).toHaveLength(audited);
    expect(journaled()).toBe(0);
    expect(batch().status).toBe(0);
    expect((await paths()).sort()).toEqual(names);
  });
});

function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").map(Number);
}

function isAlive(pid: number): boolean {
  try {
    // One that waits to be collected is none.
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch {
    return false;
  }
}

describe("a watch", () => {
  test("audits what is there, and what is dropped, when it is whole; a part comes when all is quiet", async () => {
    putDistinctApps(apps, 2);
    const { child, ended, text } = startBatch("--watch");
    await expect.poll(paths, { timeout: 30_000, interval: 200 }).toHaveLength(2);
    const bytes = appWithComment("tracker.apk", "slow");
    const path = putFile(apps, "below/slow.apk", "");
    // Slower than what a file must be still for between two pieces, it would be read half.
    for (let done = 0; done < bytes.length; done += 1_000) {
      appendFileSync(path, bytes.subarray(done, done + 1_000));
      await pause(300);
    }
    expect(statSync(path).size).toBe(bytes.length);
    await expect.poll(paths, { timeout: 30_000, interval: 200 }).toContain("below/slow.apk");
    child.kill("SIGINT");
    expect(await ended).toBe(0);
    expect(text()).toContain("bycatch: watches apps until it is stopped by SIGINT (Ctrl-C) or SIGTERM\n");
    expect(text()).toContain("3  apps\n3  audited\n");
    expect((await readRows(out, "apps")).map(({ status }) => status)).toEqual(Array(3).fill("audited"));
  });

  test("takes an app again that failed, when it is another", async () => {
    const { child, ended } = startBatch("--watch");
    putFile(apps, "late.apk", "no archive yet");
    const statuses = async () => (await readRows(out, "apps")).map(({ status }) => status);
    await expect.poll(statuses, { timeout: 30_000, interval: 200 }).toEqual(["failed"]);
    putFile(apps, "late.apk", appWithComment("tracker.apk", "late"));
    await expect.poll(statuses, { timeout: 30_000, interval: 200 }).toEqual(["audited"]);
    child.kill("SIGTERM");
    expect(await ended).toBe(0);
  });
});
