import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Queue } from "bullmq";
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { listEvaluations, openQueue, type QueueStatus } from "../../src/batch/app-queue.js";
import { bucketFiles } from "../../src/batch/bucket-files.js";
import { parseQueueUrl } from "../../src/batch/queue-address.js";
import { openQueueConnection } from "../../src/batch/queue-connection.js";
import { openS3 } from "../../src/batch/s3-client.js";
import { folderFiles, type PartFiles, type Row, readTable } from "../../src/store/index.js";
import { findRedis, RedisServer } from "../support/redis-server.js";
import { startS3Server } from "../support/s3-server.js";
import { tinyApp, writeTinyApps } from "../support/tiny-apps.js";
import { BycatchProcess, runBycatch, until } from "./bycatch-process.js";

const installed = findRedis();
if (installed === undefined) {
  if (process.env.CI) throw new Error("redis-server is not installed (Debian package redis-server)");
  console.warn("\nNOT TESTED: queues, as redis-server is not installed (Debian package redis-server)");
}

describe.skipIf(installed === undefined)("a queue", () => {
  let redis: RedisServer;
  let folder: string;
  let store: string;
  let database = 0;
  let url: string;
  const running: BycatchProcess[] = [];

  beforeAll(async () => {
    redis = await RedisServer.start();
  });

  afterAll(() => redis.close());

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "bycatch-queue-"));
    store = join(folder, "out");
    url = redis.url(database++);
  });

  afterEach(async () => {
    for (const child of running.splice(0)) {
      child.kill("SIGCONT");
      child.kill("SIGKILL");
      await child.ended;
    }
    rmSync(folder, { recursive: true, force: true });
  });

  function worker(...args: string[]): BycatchProcess {
    const defaults = [
      "--queue",
      url,
      "--store",
      store,
      "--jobs",
      "1",
      "--lock",
      "2",
      "--temp",
      join(folder, "temp"),
    ];
    const child = new BycatchProcess(["worker", ...defaults, ...args]);
    running.push(child);
    return child;
  }

  /** Works until nothing is left. */
  async function drain(...args: string[]): Promise<string> {
    const child = worker("--until-empty", ...args);
    expect(await child.ended, child.output).toBe(0);
    return child.output;
  }

  async function add(places: readonly string[], ...args: string[]): Promise<string> {
    const { code, output } = await runBycatch([
      "batch",
      ...places,
      "--queue",
      url,
      "--backoff",
      "0",
      ...args,
    ]);
    expect(code, output).toBe(0);
    return output;
  }

  async function queue(...args: string[]): Promise<string> {
    const { code, output } = await runBycatch(["queue", ...args, "--queue", url]);
    expect(code, output).toBe(0);
    return output;
  }

  /** What `queue status` counts, without a process for each look. */
  async function status(): Promise<QueueStatus> {
    const connection = await openQueueConnection(parseQueueUrl(url), () => undefined);
    try {
      const [evaluation] = await listEvaluations(connection);
      const opened = await openQueue(connection, evaluation!.id, () => undefined);
      const counts = await opened.status();
      await opened.close();
      return counts;
    } finally {
      await connection.close();
    }
  }

  /** The rows of apps in the store, by their path. */
  async function rows(files: PartFiles = folderFiles(store)): Promise<Row[]> {
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

  test("a thousand apps over four workers become a thousand rows, each once", async () => {
    const apps = join(folder, "apps");
    writeTinyApps(apps, 1_000);
    expect(await add([apps])).toContain("1000 apps were added");
    expect(await add([apps])).toContain("0 apps were added");
    const workers = Array.from({ length: 4 }, () => worker("--until-empty", "--quiet"));
    for (const each of workers) expect(await each.ended, each.output).toBe(0);
    await expectOnce(1_000);
    const [{ jobs, apps: counts }] = JSON.parse(await queue("status", "-f", "json"));
    expect(jobs).toEqual({ waiting: 0, active: 0, delayed: 0, dead: 0 });
    expect(counts).toEqual({ audited: 1_000, incomplete: 0, failed: 0, known: 0 });
    const shares = workers.map(({ output }) => Number(/(\d+) audited/.exec(output)?.[1]));
    expect(shares.reduce((sum, share) => sum + share)).toBe(1_000);
  });

  test("the same content is one row: at two paths, in two jobs, and in a queue that was cleared", async () => {
    for (const name of ["a", "b"]) {
      writeTinyApps(join(folder, name), 3);
      copyFileSync(join(folder, name, "0000.apk"), join(folder, name, "copy.apk"));
    }
    await add([join(folder, "a"), join(folder, "b")], "--apps-per-job", "4");
    await drain();
    await expectOnce(3);
    expect((await status()).apps).toMatchObject({ audited: 3, incomplete: 0, failed: 0, known: 5 });
    await queue("clear");
    expect(await queue("status")).toContain("No apps were added");
    await add([join(folder, "a")]);
    await drain();
    await expectOnce(3);
    // Another store has none of it.
    store = join(folder, "other");
    await queue("clear");
    await add([join(folder, "a")]);
    await drain();
    await expectOnce(3);
  });

  test("an app that is no app is a row that says so, and keeps no other from its own", async () => {
    writeTinyApps(join(folder, "apps"), 2);
    writeFileSync(join(folder, "apps", "bad.apk"), "no archive");
    await add([join(folder, "apps")]);
    await drain();
    expect((await rows()).map(({ path, status, reason }) => [path, status, reason])).toEqual([
      ["0000.apk", "audited", null],
      ["0001.apk", "audited", null],
      ["bad.apk", "failed", "format"],
    ]);
    const waited = await runBycatch(["batch", join(folder, "apps"), "--queue", url, "--wait"]);
    expect(waited.output).toMatch(
      /0 apps were added .*3 were added before\n.*2 audited, 0 incomplete, 1 failed/,
    );
    expect(waited.code).toBe(3);
  });

  describe("with a server that can be slow, or refuse", () => {
    let server: Server;
    let base: string;
    /** How a path is answered; a small app of the path's number unless said. */
    const answers = new Map<string, (response: ServerResponse) => void>();
    const asked: string[] = [];
    const held: ServerResponse[] = [];

    beforeAll(async () => {
      server = createServer((request, response) => {
        const path = request.url!;
        asked.push(path);
        const number = Number(/\d+/.exec(path)?.[0] ?? 0);
        (answers.get(path) ?? (() => response.end(tinyApp(number))))(response);
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      base = `http://me:secret-word@127.0.0.1:${(server.address() as AddressInfo).port}`;
    });

    afterAll(() => {
      server.closeAllConnections();
      server.close();
    });

    beforeEach(() => {
      answers.clear();
      asked.length = held.length = 0;
    });

    /** Lets the first request for a path wait; the next ones are answered. */
    function hold(path: string): void {
      answers.set(path, (response) => {
        held.push(response);
        answers.delete(path);
      });
    }

    test("a worker that is killed in mid-app gives its apps back, and none is lost or twice", async () => {
      hold("/3.apk");
      const urls = Array.from({ length: 8 }, (_, index) => `${base}/${index}.apk`);
      await add(urls, "--apps-per-job", "4");
      const killed = worker();
      await until(() => held.length > 0);
      killed.kill("SIGKILL");
      await killed.ended;
      await drain();
      await expectOnce(8);
      expect(asked.filter((path) => path === "/3.apk")).toHaveLength(2);
      // What the killed one left is swept by the next one on its machine.
      await until(() => readdirSync(join(folder, "temp")).length === 0);
    });

    test("apps over which workers die are parted, so that one takes no others with it", async () => {
      await add([0, 1, 2].map((number) => `${base}/${number}.apk`));
      for (let death = 1; death <= 2; death++) {
        hold("/1.apk");
        const killed = worker();
        await until(() => held.length === death);
        killed.kill("SIGKILL");
        await killed.ended;
      }
      await drain();
      await expectOnce(3);
      expect((await status()).apps).toMatchObject({ audited: 3, handedOn: 3 });
    });

    test("a worker that was stopped for too long writes nothing of what is another's by then", async () => {
      hold("/1.apk");
      await add([`${base}/0.apk`, `${base}/1.apk`, `${base}/2.apk`]);
      const asleep = worker();
      await until(() => held.length > 0);
      asleep.kill("SIGSTOP");
      await drain();
      await expectOnce(3);
      const before = await rows();
      asleep.kill("SIGCONT");
      held[0]!.end(tinyApp(99));
      // It goes on with what comes next.
      await add([`${base}/4.apk`]);
      await asleep.writes(/1 audited/);
      asleep.kill("SIGTERM");
      expect(await asleep.ended, asleep.output).toBe(0);
      await expectOnce(4);
      expect(await rows()).toEqual(expect.arrayContaining(before));
    });

    test("SIGTERM: a worker finishes what it can, gives back what it cannot, and ends in time", async () => {
      hold("/2.apk");
      await add(Array.from({ length: 6 }, (_, index) => `${base}/${index}.apk`));
      const stopped = worker("--grace", "0.5");
      await until(() => held.length > 0 && asked.length > 3);
      stopped.kill("SIGTERM");
      expect(await stopped.ended, stopped.output).toBe(0);
      expect(stopped.output).toContain("gives back the others");
      const { jobs } = await status();
      expect(jobs).toMatchObject({ waiting: 1, active: 0, dead: 0 });
      await drain();
      await expectOnce(6);
      expect((await status()).apps).toMatchObject({ audited: 6 });
    });

    test("what cannot be fetched is tried again by itself, and is a dead letter in the end", async () => {
      const refuse = (status: number) => (response: ServerResponse) => response.writeHead(status).end();
      answers.set("/1.apk?token=secret-word", refuse(503));
      answers.set("/2.apk", refuse(404));
      answers.set("/3.apk", (response) => {
        answers.delete("/3.apk");
        refuse(500)(response);
      });
      await add(
        [`${base}/0.apk`, `${base}/1.apk?token=secret-word`, `${base}/2.apk`, `${base}/3.apk`],
        "--attempts",
        "3",
      );
      await drain();
      expect((await rows()).map(({ path }) => path)).toEqual([0, 3].map((n) => `${plain(base)}/${n}.apk`));
      // Once with the others, and three times alone; what is not there is not asked for so often.
      expect(asked.filter((path) => path.startsWith("/1.apk"))).toHaveLength(4);
      expect(asked.filter((path) => path === "/2.apk")).toHaveLength(2);
      const letters = JSON.parse(await queue("dead", "-f", "json")) as {
        apps: string[];
        reason: string;
        attempts: number;
      }[];
      expect(letters.map(({ apps, reason, attempts }) => [apps, reason, attempts]).sort()).toEqual([
        [[`${plain(base)}/1.apk`], `${plain(base)}/1.apk: the server cannot give it now (503)`, 3],
        [[`${plain(base)}/2.apk`], `${plain(base)}/2.apk: the server has none (404)`, 1],
      ]);
      expect(await queue("dead")).not.toContain("secret-word");
      answers.clear();
      expect(await queue("retry", `${plain(base)}/1.apk`)).toContain("1 dead letter is tried anew");
      await drain();
      await expectOnce(3);
      expect((await status()).jobs).toMatchObject({ dead: 1 });
      expect(await queue("retry")).toContain("1 dead letter is tried anew");
      await drain();
      await expectOnce(4);
      expect(await queue("dead")).toContain("There are no dead letters.");
    });
  });

  test("a Redis that dies and comes back is waited for, and nothing is lost", async () => {
    const own = await RedisServer.start();
    try {
      url = own.url();
      writeTinyApps(join(folder, "apps"), 120);
      await add([join(folder, "apps")], "--apps-per-job", "4");
      const workers = [worker(), worker()];
      for (const each of workers) await each.writes(/audited/);
      await own.kill();
      for (const each of workers)
        await each.writes(/the connection to redis:\/\/127\.0\.0\.1:\d+\/0 is lost/);
      await own.start();
      const empty = async () => Object.values((await status()).jobs).every((count) => count === 0);
      await until(empty);
      for (const each of workers) {
        each.kill("SIGTERM");
        expect(await each.ended, each.output).toBe(0);
        expect(each.output.match(/is lost/g)).toHaveLength(1);
        expect(each.output.match(/\/0 is back\n/g)).toHaveLength(1);
      }
      await expectOnce(120);
      expect((await status()).apps).toMatchObject({ audited: 120, failed: 0 });
    } finally {
      await own.close();
    }
  });

  test("no output shows a password, whatever goes wrong", async () => {
    const own = await RedisServer.start("secret-word");
    try {
      const apps = join(folder, "apps");
      writeTinyApps(apps, 1);
      const good = own.url().replace("//", "//:secret-word@");
      const wrong = own.url().replace("//", "//someone:secret-word-2@");
      const runs: [args: string[], code: number, env?: NodeJS.ProcessEnv][] = [
        [["batch", apps, "--queue", good], 0],
        [["batch", apps, "--queue"], 0, { BYCATCH_QUEUE: own.url(), REDIS_PASSWORD: "secret-word" }],
        [["queue", "status"], 0, { BYCATCH_QUEUE: good }],
        [["worker", "--queue", wrong, "--store", store], 2],
        [["worker", "--queue", own.url(), "--store", store], 2],
        [["queue", "status", "--queue", good.replace(/:\d+\//, ":1/")], 2],
        [["queue", "status", "--queue", `${good}?x=secret-word`], 2],
        [["queue", "status", "--queue", `${good}/secret-word`], 2],
        [["queue", "status", "--queue", "redis://me:secret-word%zz@host"], 2],
        [["queue", "status", "--queue", "redis://me:secret/word@host"], 2],
        [["queue", "status", "--queue", "http://me:secret-word@host"], 2],
        [["worker", "--queue", good, "--store", store, "--until-empty", "--temp", join(folder, "temp")], 0],
      ];
      for (const [args, code, env] of runs) {
        const run = await runBycatch(args, env);
        expect(run.code, `${args}: ${run.output}`).toBe(code);
        expect(run.output).not.toMatch(/secret|someone/);
        expect(run.output).not.toBe("");
      }
      await expectOnce(1);
    } finally {
      await own.close();
    }
  });

  test("apps in a bucket, and a store in one", async () => {
    const server = await startS3Server();
    for (const [name, value] of Object.entries(server.environment)) vi.stubEnv(name, value);
    const s3 = await openS3({ region: "us-east-1", pathStyle: true });
    try {
      const bucket = `s3://${server.bucket}`;
      const apps = bucketFiles(s3, `${bucket}/apks`);
      for (let number = 0; number < 3; number++) await apps.write(`2026/${number}.apk`, tinyApp(number));
      await apps.write("2026/notes.txt", Buffer.from("no app"));
      store = `${bucket}/fleet/out`;
      const env = server.environment;
      const added = await runBycatch(
        [
          "batch",
          `${bucket}/apks/`,
          `${bucket}/apks/none.apk`,
          "--queue",
          url,
          "--s3-path-style",
          "--attempts",
          "2",
        ],
        env,
      );
      expect(added.output).toContain("4 apps were added");
      const worked = await runBycatch(
        [
          "worker",
          "--queue",
          url,
          "--store",
          store,
          "--s3-path-style",
          "--until-empty",
          "--temp",
          join(folder, "temp"),
        ],
        env,
      );
      expect(worked.code, worked.output).toBe(0);
      await expectOnce(3, bucketFiles(s3, store));
      expect(await queue("dead")).toContain(`${bucket}/apks/none.apk: S3 answered 404 NoSuchKey`);
      expect(readdirSync(join(folder, "temp"))).toEqual([]);
    } finally {
      s3.client.destroy();
      vi.unstubAllEnvs();
      await server.close();
    }
  });

  test("what workers do not read: files outside of their root", async () => {
    mkdirSync(join(folder, "root"));
    writeTinyApps(join(folder, "root"), 1);
    writeTinyApps(join(folder, "other"), 2);
    await add([join(folder, "root"), join(folder, "other")], "--attempts", "2");
    await drain("--root", join(folder, "root"));
    await expectOnce(1);
    const dead = await queue("dead");
    expect(dead).toContain("is not below the folder that this worker may read");
    expect(dead).not.toContain(join(folder, "root", "0000.apk"));
  });

  test("a worker of another evaluation takes nothing, and says what it needs", async () => {
    writeTinyApps(join(folder, "apps"), 1);
    await add([join(folder, "apps")], "--first-party", "com.acme");
    const output = await drain();
    expect(output).toMatch(/apps were added for [0-9a-f]{16} alone: to take those, a worker needs/);
    expect(await rows()).toEqual([]);
    await drain("--first-party", "com.acme");
    await expectOnce(1);
  });

  test("jobs that nobody of ours wrote are dead letters that do nothing", async () => {
    writeTinyApps(join(folder, "apps"), 1);
    await add([join(folder, "apps")]);
    const id = /evaluation ([0-9a-f]{16})/.exec(await add([join(folder, "apps")]))![1]!;
    const client = new Redis(url, { maxRetriesPerRequest: null });
    const raw = new Queue(`apps-${id}`, { connection: client, prefix: "bycatch" });
    const input = { location: "/etc/passwd", name: "x" };
    const jobs: unknown[] = [
      "text",
      { version: 2, evaluation: id, inputs: [input] },
      { version: 1, evaluation: id, inputs: [] },
      { version: 1, evaluation: id, inputs: [{ ...input, location: 5 }] },
      { version: 1, evaluation: id, inputs: [{ ...input, location: "x".repeat(10_000) }] },
      { version: 1, evaluation: "../../../../x", inputs: [input] },
      { version: 1, evaluation: "0".repeat(16), inputs: [input] },
      { version: 1, evaluation: id, inputs: [{ ...input, location: "gopher://me:secret-word@host/x" }] },
    ];
    for (const data of jobs) await raw.add("\x1b[31m", data);
    await raw.close();
    client.disconnect();
    const output = await drain();
    await expectOnce(1);
    const letters = JSON.parse(await queue("dead", "-f", "json")) as { reason: string }[];
    const reasons = letters.map(({ reason }) => reason);
    expect(reasons.filter((reason) => reason === "is no job of bycatch, or of another version")).toHaveLength(
      6,
    );
    expect(
      reasons.filter((reason) => reason.startsWith("was made for the evaluation 0000000000000000")),
    ).toHaveLength(1);
    expect(reasons.filter((reason) => reason.startsWith("gopher://host/x: is of no scheme"))).toHaveLength(1);
    expect(output + (await queue("dead"))).not.toMatch(/secret-word|\x1b/);
  });

  test("a store that cannot be written stops the worker, and its job goes back", async () => {
    writeTinyApps(join(folder, "apps"), 2);
    await add([join(folder, "apps")]);
    // A file where the part's folder must be: root may write anywhere else.
    mkdirSync(store, { recursive: true });
    writeFileSync(join(store, "parties"), "");
    const stopped = worker();
    expect(await stopped.ended).toBe(2);
    expect(stopped.output).toContain("the store: cannot be used");
    expect((await status()).jobs).toMatchObject({ waiting: 1, active: 0, dead: 0 });
    rmSync(join(store, "parties"));
    await drain();
    await expectOnce(2);
  });
});

function plain(url: string): string {
  return url.replace(/\/\/.*@/, "//");
}
