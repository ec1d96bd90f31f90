import { copyFileSync, mkdirSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { type Audited, AuditPool, type PoolSettings } from "../../src/batch/index.js";
import { type Rows, tableNames } from "../../src/store/index.js";
import { temporaryFolder } from "../cli/run-bycatch.js";
import { fixtureAppPath } from "../support/fixture-apps.js";

const program = new URL("../../dist/audit-process.js", import.meta.url);
/** The same, but misbehaves over apps whose names say how. */
const misbehaving = new URL("misbehaving-process.js", import.meta.url);

const pools: AuditPool[] = [];

afterEach(async () => {
  for (const pool of pools.splice(0)) await pool.close();
});

function openPool(settings: Partial<PoolSettings> = {}): AuditPool {
  const pool = new AuditPool({
    program,
    processes: 2,
    firstParty: [],
    depth: "referenced",
    seconds: 60,
    mebibytes: 1_024,
    ...settings,
  });
  pools.push(pool);
  return pool;
}

/** An app of the fixtures, under a name that may say something to {@link misbehaving}. */
const input = (name = "tracker.apk") => ({ path: fixtureAppPath("tracker.apk"), name });

const rowsOf = ({ rowsJson }: Audited) => JSON.parse(rowsJson) as Rows;
const outcome = ({ status, reason, message }: Audited) => [status, reason, message];

describe("an app", () => {
  test("comes back as rows of all tables", async () => {
    const audited = await openPool().audit(input("below/tracker.apk"));
    expect(audited).toMatchObject({ status: "audited", size: 4746, packageName: "com.example.tracked" });
    const rows = rowsOf(audited);
    expect(Object.keys(rows).sort()).toEqual([...tableNames].sort());
    expect(rows.apps).toMatchObject([
      { app: audited.sha256, path: "below/tracker.apk", size: 4746, status: "audited", reason: null },
    ]);
    expect(rows.parties.map(({ party }) => party)).toContain("unrecognised:com.acme.tracker");
  });

  test("that is spoilt is a row that says so, with its digest", async () => {
    const path = join(temporaryFolder(), "cut.apk");
    copyFileSync(fixtureAppPath("tracker.apk"), path);
    truncateSync(path, 4_000);
    const audited = await openPool().audit({ path, name: "some/where/cut.apk" });
    expect(outcome(audited)).toEqual(["failed", "format", expect.stringMatching(/^cut\.apk@?.* /)]);
    expect(audited.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(rowsOf(audited)).toMatchObject({
      apps: [{ app: audited.sha256, path: "some/where/cut.apk", size: 4_000, reason: "format" }],
      findings: [],
    });
  });

  test("that cannot be read is one without a digest, and without a path of the machine", async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, "folder.apk"));
    const pool = openPool();
    const missing = await pool.audit({ path: join(folder, "none.apk"), name: "none.apk" });
    expect(outcome(missing)).toEqual(["failed", "unreadable", "none.apk: there is no such file"]);
    expect(missing.sha256).toBeUndefined();
    const directory = await pool.audit({ path: join(folder, "folder.apk"), name: "folder.apk" });
    expect(outcome(directory)).toMatchObject(["failed", "unreadable", expect.any(String)]);
    expect(missing.rowsJson + directory.rowsJson).not.toContain(folder);
  });

  test("that is not wanted is not audited; its digest is told", async () => {
    const asked: string[] = [];
    const answer = await openPool().audit(input(), (sha256, size) => {
      asked.push(`${sha256} ${size}`);
      return false;
    });
    expect(answer).toEqual({ status: "unwanted", sha256: expect.any(String), size: 4746 });
    expect(asked).toEqual([`${answer.sha256} 4746`]);
  });
});

/** The others of a run in which an app misbehaves: all audited, whatever it does. */
async function auditAround(pool: AuditPool, name: string): Promise<Audited> {
  const names = Array.from({ length: 50 }, (_, index) => (index === 20 ? name : `app-${index}.apk`));
  const audited = await Promise.all(names.map((name) => pool.audit(input(name))));
  const [bad] = audited.splice(20, 1);
  expect(new Set(audited.map(({ status }) => status))).toEqual(new Set(["audited"]));
  expect(audited.map((one) => rowsOf(one).apps[0]!.path)).toEqual(names.filter((_, index) => index !== 20));
  return bad!;
}

describe("an app takes only its process with it", () => {
  test("that never ends", async () => {
    const pool = openPool({ program: misbehaving, seconds: 2 });
    const hung = await auditAround(pool, "hang.apk");
    expect(outcome(hung)).toEqual(["failed", "timeout", "not finished after 2 s"]);
    expect(rowsOf(hung).apps).toMatchObject([{ path: "hang.apk", status: "failed", reason: "timeout" }]);
  });

  test("that needs more memory than is allowed, outside of V8's heap", async () => {
    const eaten = await auditAround(openPool({ program: misbehaving, mebibytes: 300 }), "eat.apk");
    expect(outcome(eaten)).toEqual(["failed", "memory", "needs more than 300 MiB of memory"]);
  });

  test("that fills V8's heap", async () => {
    const full = await auditAround(openPool({ program: misbehaving, mebibytes: 300 }), "heap.apk");
    expect(outcome(full)).toEqual(["failed", "memory", "needs more than 300 MiB of memory"]);
  });

  test("that meets a bug in Node", async () => {
    const aborted = await auditAround(openPool({ program: misbehaving }), "abort.apk");
    expect(outcome(aborted)).toEqual([
      "failed",
      "crash",
      expect.stringMatching(/^the process that audited it ended: SIG(ABRT|TRAP|ILL)/),
    ]);
  });

  test("over which an error is caught by nobody, told without the machine's paths", async () => {
    const thrown = await auditAround(openPool({ program: misbehaving }), "throw.apk");
    expect(outcome(thrown)).toEqual([
      "failed",
      "crash",
      "the process that audited it ended: exit code 1, TypeError: of no kind, in file.js",
    ]);
  });
});

describe("a process that is killed from outside", () => {
  test("with its first app: the app failed, and the next one gets a new process", async () => {
    const pool = openPool({ program: misbehaving, processes: 1 });
    const audited = pool.audit(input("hang.apk"));
    await expect.poll(() => pool.pids.length, { timeout: 20_000 }).toBe(1);
    process.kill(pool.pids[0]!, "SIGKILL");
    expect(outcome(await audited)).toEqual(["failed", "crash", "the process that audited it ended: SIGKILL"]);
    expect((await pool.audit(input())).status).toBe("audited");
  });

  test("while it waits: nobody notices", async () => {
    const pool = openPool({ processes: 1 });
    await pool.audit(input());
    const [pid] = pool.pids;
    process.kill(pid!, "SIGKILL");
    expect((await pool.audit(input())).status).toBe("audited");
    expect(pool.pids).not.toEqual([pid]);
  });
});

test("what a used process dies of is asked of a new one, as apps before may be to blame", async () => {
  const pool = openPool({ program: misbehaving, processes: 1 });
  await pool.audit(input());
  const audited = pool.audit(input("hang.apk"));
  const [first] = pool.pids;
  process.kill(first!, "SIGKILL");
  await expect.poll(() => pool.pids.filter((pid) => pid !== first).length, { timeout: 20_000 }).toBe(1);
  process.kill(pool.pids[0]!, "SIGKILL");
  expect(outcome(await audited)).toMatchObject(["failed", "crash", expect.stringContaining("SIGKILL")]);
});

test("a process that reads hostile files knows no credentials", async () => {
  vi.stubEnv("REDIS_PASSWORD", "tide");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "ebb");
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
  const { message } = await openPool({ program: misbehaving }).audit(input("tell.apk"));
  expect(message).toContain("told undefined undefined");
});

test("a program that cannot run is our fault, and no app's", async () => {
  const path = join(temporaryFolder(), "broken.mjs");
  writeFileSync(path, "throw new Error('broken');");
  const pool = openPool({ program: new URL(`file://${path}`) });
  await expect(pool.audit(input())).rejects.toThrow(
    "a process that audits could not be started: exit code 1, Error: broken",
  );
});

test("a pool that is closed while a process is starting starts no other", async () => {
  const starting = openPool({ program: misbehaving });
  const refused = expect(starting.audit(input())).rejects.toThrow();
  await starting.close();
  await expect(starting.audit(input())).rejects.toThrow("the pool was closed");
  await refused;
  expect(starting.pids).toEqual([]);
});

test("a pool that is closed leaves no process, and audits nothing more", async () => {
  const pool = openPool({ program: misbehaving });
  const hanging = pool.audit(input("hang.apk"));
  const refused = expect(hanging).rejects.toThrow("the pool was closed");
  await expect.poll(() => pool.pids.length, { timeout: 20_000 }).toBe(1);
  const [pid] = pool.pids;
  await pool.close();
  await refused;
  expect(() => process.kill(pid!, 0)).toThrow("ESRCH");
  await expect(pool.audit(input())).rejects.toThrow("the pool was closed");
});
