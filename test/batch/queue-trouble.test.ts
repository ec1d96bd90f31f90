import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { Queue } from "bullmq";
import { Redis } from "ioredis";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { RedisServer } from "../support/redis-server.js";
import { until } from "./bycatch-process.js";
import { describeWithRedis, useQueue } from "./queue-suite.js";
import { tinyApp, writeTinyApps } from "./tiny-apps.js";

describeWithRedis("a queue in trouble", () => {
  const { bench, worker, drain, drainBadly, add, queue, status, rows, expectOnce } = useQueue();

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
      await until(() => readdirSync(join(bench.folder, "temp")).length === 0);
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
      await drainBadly();
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
      await drainBadly();
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
      bench.url = own.url();
      writeTinyApps(join(bench.folder, "apps"), 120);
      await add([join(bench.folder, "apps")], "--apps-per-job", "4");
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

  test("jobs that nobody of ours wrote are dead letters that do nothing", async () => {
    writeTinyApps(join(bench.folder, "apps"), 1);
    await add([join(bench.folder, "apps")]);
    const id = /evaluation ([0-9a-f]{16})/.exec(await add([join(bench.folder, "apps")]))![1]!;
    const client = new Redis(bench.url, { maxRetriesPerRequest: null });
    const raw = new Queue(`apps-${id}`, { connection: client, prefix: "bycatch" });
    const input = { location: "/etc/passwd", name: "x", key: "k" };
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
    const output = await drainBadly();
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
    writeTinyApps(join(bench.folder, "apps"), 2);
    await add([join(bench.folder, "apps")]);
    // A file where the part's folder must be: root may write anywhere else.
    mkdirSync(bench.store, { recursive: true });
    writeFileSync(join(bench.store, "bycatch-store.json"), '{"format":"bycatch-store","version":1}\n');
    writeFileSync(join(bench.store, "parties"), "");
    const stopped = worker();
    expect(await stopped.ended).toBe(2);
    expect(stopped.output).toContain("the store: cannot be used");
    expect((await status()).jobs).toMatchObject({ waiting: 1, active: 0, dead: 0 });
    rmSync(join(bench.store, "parties"));
    await drain();
    await expectOnce(2);
  });
});

function plain(url: string): string {
  return url.replace(/\/\/.*@/, "//");
}
