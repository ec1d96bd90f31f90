import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { bucketFiles } from "../../src/batch/bucket-files.js";
import { openS3 } from "../../src/batch/s3-client.js";
import { RedisServer } from "../support/redis-server.js";
import { startS3Server } from "../support/s3-server.js";
import { runBycatch } from "./bycatch-process.js";
import { describeWithRedis, useQueue } from "./queue-suite.js";
import { tinyApp, writeTinyApps } from "./tiny-apps.js";

describeWithRedis("a queue", () => {
  const { bench, worker, drain, drainBadly, add, queue, status, rows, expectOnce } = useQueue();

  test("a thousand apps over four workers become a thousand rows, each once", async () => {
    const apps = join(bench.folder, "apps");
    writeTinyApps(apps, 1_000);
    expect(await add([apps])).toContain("1000 apps were added");
    expect(await add([apps])).toContain("0 apps were added");
    const workers = Array.from({ length: 4 }, () => worker("--until-empty", "--quiet"));
    for (const each of workers) expect(await each.ended, each.output).toBe(0);
    await expectOnce(1_000);
    const [{ jobs, apps: counts }] = JSON.parse(await queue("status", "-f", "json"));
    expect(jobs).toEqual({ waiting: 0, active: 0, delayed: 0, dead: 0 });
    const done = { audited: 1_000, incomplete: 0, failed: 0, known: 0 };
    expect(counts).toEqual({ waiting: 0, active: 0, delayed: 0, dead: 0, ...done });
    const shares = workers.map(({ output }) => Number(/(\d+) audited/.exec(output)?.[1]));
    expect(shares.reduce((sum, share) => sum + share)).toBe(1_000);
  });

  test("the same content is one row: at two paths, in two jobs, and in a queue that was cleared", async () => {
    for (const name of ["a", "b"]) {
      writeTinyApps(join(bench.folder, name), 3);
      copyFileSync(join(bench.folder, name, "0000.apk"), join(bench.folder, name, "copy.apk"));
    }
    await add([join(bench.folder, "a"), join(bench.folder, "b")], "--apps-per-job", "3");
    expect(await queue("status")).toMatch(
      /jobs: 3 waiting, .*\n {2}apps: 8 waiting, 0 active, 0 to be tried again, 0 dead\n/,
    );
    await drain();
    await expectOnce(3);
    expect((await status()).apps).toMatchObject({ audited: 3, incomplete: 0, failed: 0, known: 5 });
    await queue("clear");
    expect(await queue("status")).toContain("No apps were added");
    await add([join(bench.folder, "a")]);
    await drain();
    await expectOnce(3);
    // Another store has none of it.
    bench.store = join(bench.folder, "other");
    await queue("clear");
    await add([join(bench.folder, "a")]);
    await drain();
    await expectOnce(3);
  });

  test("an app that is no app is a row that says so, and keeps no other from its own", async () => {
    writeTinyApps(join(bench.folder, "apps"), 2);
    writeFileSync(join(bench.folder, "apps", "bad.apk"), "no archive");
    await add([join(bench.folder, "apps")]);
    await drainBadly();
    expect((await rows()).map(({ path, status, reason }) => [path, status, reason])).toEqual([
      ["0000.apk", "audited", null],
      ["0001.apk", "audited", null],
      ["bad.apk", "failed", "format"],
    ]);
    const waited = await runBycatch(["batch", join(bench.folder, "apps"), "--queue", bench.url, "--wait"]);
    expect(waited.output).toMatch(
      /0 apps were added .*3 were added before\n.*2 audited, 0 incomplete, 1 failed/,
    );
    expect(waited.code).toBe(3);
  });

  test("a file that changed is another app, and dead letters that are forgotten can be added again", async () => {
    const apps = join(bench.folder, "apps");
    writeTinyApps(apps, 1);
    await add([apps]);
    await drain();
    writeFileSync(join(apps, "0000.apk"), tinyApp(7));
    expect(await add([apps])).toContain("1 app was added");
    await drain();
    await expectOnce(2);
    const none = "http://127.0.0.1:1/none.apk";
    await add([none], "--attempts", "1");
    expect(await drainBadly()).toContain("1 dead letter: bycatch queue dead lists them");
    expect(await add([none])).toContain("0 apps were added");
    expect(await queue("clear", "--dead")).toMatch(/1 dead letter of \w+ is forgotten/);
    expect(await add([none])).toContain("1 app was added");
    expect((await status()).jobs).toMatchObject({ waiting: 1, dead: 0 });
  });

  test("what came too late is added again, and is no dead letter any more", async () => {
    const late = join(bench.folder, "late.apk");
    writeFileSync(late, tinyApp(1));
    await add([late], "--attempts", "1");
    rmSync(late);
    await drainBadly();
    expect((await status()).jobs).toMatchObject({ waiting: 0, dead: 1 });
    expect(await queue("status")).toContain("apps: 0 waiting, 0 active, 0 to be tried again, 1 dead\n");
    writeFileSync(late, tinyApp(2));
    expect(await add([late])).toContain("1 app was added");
    await drain();
    await expectOnce(1);
    expect((await status()).jobs).toMatchObject({ waiting: 0, dead: 0 });
  });

  test("a bucket that cannot be reached is told as the user's to mend", async () => {
    for (const [env, problem] of [
      [{ AWS_REGION: "", AWS_CONFIG_FILE: "/none" }, /names no region/],
      [{ AWS_ENDPOINT_URL_S3: "localhost:9000" }, /is no URL of http/],
      [
        { AWS_ENDPOINT_URL_S3: "http://127.0.0.1:1", AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "b" },
        /ECONNREFUSED/,
      ],
    ] as const) {
      const { code, output } = await runBycatch(["batch", "s3://bucket/apks/", "--queue", bench.url], env);
      expect(output).toMatch(problem);
      expect(output).not.toContain("a bug in bycatch");
      expect(code).toBe(2);
    }
  });

  test("no output shows a password, whatever goes wrong", async () => {
    const own = await RedisServer.start("secret-word");
    try {
      const apps = join(bench.folder, "apps");
      writeTinyApps(apps, 1);
      const good = own.url().replace("//", "//:secret-word@");
      const wrong = own.url().replace("//", "//someone:secret-word-2@");
      const runs: [args: string[], code: number, env?: NodeJS.ProcessEnv][] = [
        [["batch", apps, "--queue", good], 0],
        [["batch", apps, "--queue"], 0, { BYCATCH_QUEUE: own.url(), REDIS_PASSWORD: "secret-word" }],
        [["queue", "status"], 0, { BYCATCH_QUEUE: good }],
        [["worker", "--queue", wrong, "--store", bench.store], 2],
        [["worker", "--queue", own.url(), "--store", bench.store], 2],
        [["queue", "status", "--queue", good.replace(/:\d+\//, ":1/")], 2],
        [["queue", "status", "--queue", `${good}?x=secret-word`], 2],
        [["queue", "status", "--queue", `${good}/secret-word`], 2],
        [["queue", "status", "--queue", "redis://me:secret-word%zz@host"], 2],
        [["queue", "status", "--queue", "redis://me:secret/word@host"], 2],
        [["queue", "status", "--queue", "http://me:secret-word@host"], 2],
        [
          [
            "worker",
            "--queue",
            good,
            "--store",
            bench.store,
            "--until-empty",
            "--temp",
            join(bench.folder, "temp"),
          ],
          0,
        ],
      ];
      for (const [args, code, env] of runs) {
        const run = await runBycatch(args, env);
        expect(run.code, `${args}: ${run.output}`).toBe(code);
        expect(run.output).not.toMatch(/secret|someone/);
        expect(run.output).not.toBe("");
        // A worker that has no queue leaves nothing behind.
        if (args[0] === "worker") expect(existsSync(bench.store)).toBe(code === 0);
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
      bench.store = `${bucket}/fleet/out`;
      const env = server.environment;
      const added = await runBycatch(
        [
          "batch",
          `${bucket}/apks/`,
          `${bucket}/apks/none.apk`,
          "--queue",
          bench.url,
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
          bench.url,
          "--store",
          bench.store,
          "--s3-path-style",
          "--until-empty",
          "--temp",
          join(bench.folder, "temp"),
        ],
        env,
      );
      expect(worked.code, worked.output).toBe(3);
      await expectOnce(3, bucketFiles(s3, bench.store));
      expect(await queue("dead")).toContain(`${bucket}/apks/none.apk: S3 answered 404 NoSuchKey`);
      expect(readdirSync(join(bench.folder, "temp"))).toEqual([]);
    } finally {
      s3.client.destroy();
      vi.unstubAllEnvs();
      await server.close();
    }
  });

  test("what workers do not read: files outside of their root", async () => {
    mkdirSync(join(bench.folder, "root"));
    writeTinyApps(join(bench.folder, "root"), 1);
    writeTinyApps(join(bench.folder, "other"), 2);
    await add([join(bench.folder, "root"), join(bench.folder, "other")], "--attempts", "2");
    await drainBadly("--root", join(bench.folder, "root"));
    await expectOnce(1);
    const dead = await queue("dead");
    expect(dead).toContain("is not below the folder that this worker may read");
    expect(dead).not.toContain(join(bench.folder, "root", "0000.apk"));
  });

  test("a worker of another evaluation takes nothing, and says what it needs", async () => {
    writeTinyApps(join(bench.folder, "apps"), 1);
    await add([join(bench.folder, "apps")], "--first-party", "com.acme");
    const output = await drainBadly();
    expect(output).toContain("1 job waits for workers of other evaluations");
    expect(output).toMatch(/apps were added for [0-9a-f]{16} alone: to take those, a worker needs/);
    expect(await rows()).toEqual([]);
    await drain("--first-party", "com.acme");
    await expectOnce(1);
  });
});
