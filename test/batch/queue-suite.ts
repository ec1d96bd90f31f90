import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect } from "vitest";
import { listQueuedEvaluations, openQueue, type QueueStatus } from "../../src/batch/app-queue.js";
import { parseQueueUrl } from "../../src/batch/queue-address.js";
import { openQueueConnection } from "../../src/batch/queue-connection.js";
import { folderFiles, type PartFiles, type Row, readTable } from "../../src/store/index.js";
import { findRedis, RedisServer } from "../support/redis-server.js";
import { BycatchProcess, runBycatch } from "./bycatch-process.js";

/** A suite that needs Redis: where it is missing it is not run, which is said; in CI that is a failure. */
export function describeWithRedis(name: string, suite: () => void): void {
  const isInstalled = findRedis() !== undefined;
  if (!isInstalled && process.env.CI) {
    throw new Error("redis-server is not installed (Debian package redis-server)");
  }
  if (!isInstalled) {
    console.warn(`\nNOT TESTED: ${name}, as redis-server is not installed (Debian package redis-server)`);
  }
  describe.skipIf(!isInstalled)(name, suite);
}

/** For each test of a suite: a queue, a folder, a place for a store; and processes that end with it. */
export function useQueue() {
  const bench = { folder: "", store: "", url: "" };
  let redis: RedisServer;
  let database = 0;
  const running: BycatchProcess[] = [];

  beforeAll(async () => {
    redis = await RedisServer.start();
  });

  afterAll(() => redis.close());

  beforeEach(() => {
    bench.folder = mkdtempSync(join(tmpdir(), "bycatch-queue-"));
    bench.store = join(bench.folder, "out");
    bench.url = redis.url(database++);
  });

  afterEach(async () => {
    for (const child of running.splice(0)) {
      child.kill("SIGCONT");
      child.kill("SIGKILL");
      await child.ended;
    }
    rmSync(bench.folder, { recursive: true, force: true });
  });

  function worker(...args: string[]): BycatchProcess {
    const defaults = [
      "--queue",
      bench.url,
      "--store",
      bench.store,
      "--jobs",
      "1",
      "--lock",
      "2",
      "--temp",
      join(bench.folder, "temp"),
    ];
    const child = new BycatchProcess(["worker", ...defaults, ...args]);
    running.push(child);
    return child;
  }

  /** Works until nothing is left, and all went well. */
  const drain = (...args: string[]) => drainTo(0, ...args);

  /** Works until nothing is left that this worker can do, and not all went well. */
  const drainBadly = (...args: string[]) => drainTo(3, ...args);

  async function drainTo(code: number, ...args: string[]): Promise<string> {
    const child = worker("--until-empty", ...args);
    expect(await child.ended, child.output).toBe(code);
    return child.output;
  }

  async function add(places: readonly string[], ...args: string[]): Promise<string> {
    const { code, output } = await runBycatch([
      "batch",
      ...places,
      "--queue",
      bench.url,
      "--backoff",
      "0",
      ...args,
    ]);
    expect(code, output).toBe(0);
    return output;
  }

  async function queue(...args: string[]): Promise<string> {
    const { code, output } = await runBycatch(["queue", ...args, "--queue", bench.url]);
    expect(code, output).toBe(0);
    return output;
  }

  /** What `queue status` counts, without a process for each look. */
  async function status(): Promise<QueueStatus> {
    const connection = await openQueueConnection(parseQueueUrl(bench.url), () => undefined);
    try {
      const [evaluation] = await listQueuedEvaluations(connection);
      const opened = await openQueue(connection, evaluation!.id, () => undefined);
      const counts = await opened.status();
      await opened.close();
      return counts;
    } finally {
      await connection.close();
    }
  }

  /** The rows of apps in the store, by their path. */
  async function rows(files: PartFiles = folderFiles(bench.store)): Promise<Row[]> {
    const found: Row[] = [];
    for (const path of await files.list("apps")) found.push(...(await readTable((await files.read(path))!)));
    return found.sort((a, b) => (String(a.path) < String(b.path) ? -1 : 1));
  }

  /** That each app has one row. */
  async function expectOnce(count: number, files?: PartFiles): Promise<void> {
    const found = await rows(files);
    expect(found).toHaveLength(count);
    expect(new Set(found.map(({ app }) => app)).size).toBe(count);
  }

  return { bench, worker, drain, drainBadly, add, queue, status, rows, expectOnce };
}
