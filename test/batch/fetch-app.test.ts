import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type AppFetcher, type FetchOptions, openFetcher } from "../../src/batch/fetch-app.js";
import { FetchError, type FetchErrorCode } from "../../src/batch/fetch-error.js";

const bytes = Buffer.from("not an app, but bytes that arrive ".repeat(3_000));
const sha256 = createHash("sha256").update(bytes).digest("hex");
const processes = { host: "here", own: 4242, isRunning: (pid: number) => pid === 77 };

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

let server: Server;
let base: string;
let folder: string;
const handlers = new Map<string, Handler>();
const fetchers: AppFetcher[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    const handler = handlers.get(new URL(request.url!, "http://x").pathname);
    if (handler === undefined) response.writeHead(404).end();
    else handler(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bycatch-fetch-"));
  handlers.clear();
});

afterEach(async () => {
  for (const fetcher of fetchers.splice(0)) await fetcher.close();
  expect(readdirSync(folder).filter((name) => name.startsWith("bycatch-apps-here-4242-"))).toEqual([]);
  rmSync(folder, { recursive: true });
});

async function open(options: Partial<FetchOptions> = {}): Promise<AppFetcher> {
  const fetcher = await openFetcher(
    {
      folder,
      mostBytes: 1 << 20,
      seconds: 10,
      idleSeconds: 5,
      openS3: () => Promise.reject(new Error("no bucket is asked for")),
      ...options,
    },
    processes,
  );
  fetchers.push(fetcher);
  return fetcher;
}

async function failure(fetcher: AppFetcher, location: string): Promise<FetchError> {
  const error = await fetcher.fetchApp(location).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(FetchError);
  expect(filesIn(folder)).toEqual([]);
  return error as FetchError;
}

function filesIn(path: string): string[] {
  return readdirSync(path, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".apk"));
}

describe("over HTTP", () => {
  test("an app arrives as a temporary file, which goes when it is released", async () => {
    handlers.set("/app.apk", (_, response) => response.end(bytes));
    const app = await (await open()).fetchApp(`${base}/app.apk?token=1`);
    expect(readFileSync(app.path)).toEqual(bytes);
    expect(app.sha256).toBe(sha256);
    await app.release();
    expect(existsSync(app.path)).toBe(false);
  });

  test("one without a length arrives, too", async () => {
    handlers.set("/app.apk", (_, response) => {
      response.write(bytes.subarray(0, 10));
      response.end(bytes.subarray(10));
    });
    expect((await (await open()).fetchApp(`${base}/app.apk`)).sha256).toBe(sha256);
  });

  test.each<[status: number, code: FetchErrorCode, isLasting: boolean]>([
    [404, "not-found", true],
    [410, "not-found", true],
    [401, "refused", true],
    [403, "refused", true],
    [408, "server", false],
    [429, "server", false],
    [500, "server", false],
    [503, "server", false],
    [204, "bad-answer", false],
  ])("status %i is %s; lasting: %s", async (status, code, isLasting) => {
    handlers.set("/app.apk", (_, response) => response.writeHead(status).end());
    const error = await failure(await open(), `${base}/app.apk`);
    expect([error.code, error.isLasting]).toEqual([code, isLasting]);
  });

  test("a body that is larger than an app may be is not read to its end", async () => {
    let sent = 0;
    handlers.set("/announced.apk", (_, response) => {
      response.writeHead(200, { "content-length": String(1 << 30) });
      response.write(bytes);
    });
    handlers.set("/endless.apk", (_, response) => {
      const send = () => {
        while (!response.destroyed && response.write(bytes)) sent += bytes.length;
        if (!response.destroyed) response.once("drain", send);
      };
      send();
    });
    const fetcher = await open();
    expect((await failure(fetcher, `${base}/announced.apk`)).code).toBe("too-large");
    expect((await failure(fetcher, `${base}/endless.apk`)).code).toBe("too-large");
    expect(sent).toBeLessThan(100 << 20);
  });

  test("a body that is cut is truncated, and worth another attempt", async () => {
    handlers.set("/announced.apk", (_, response) => {
      response.writeHead(200, { "content-length": String(bytes.length) });
      response.write(bytes.subarray(0, 1_000), () => response.destroy());
    });
    handlers.set("/chunked.apk", (_, response) => {
      response.write(bytes.subarray(0, 1_000), () => response.destroy());
    });
    const fetcher = await open();
    for (const name of ["announced", "chunked"]) {
      const error = await failure(fetcher, `${base}/${name}.apk`);
      expect([error.code, error.isLasting]).toEqual(["truncated", false]);
    }
  });

  test("an app that is larger than the room that is left costs itself alone", async () => {
    const huge = 2 ** 49;
    handlers.set("/app.apk", (_, response) => {
      response.writeHead(200, { "content-length": huge }).write("the first bytes");
    });
    const error = await failure(await open({ mostBytes: huge }), `${base}/app.apk`);
    expect(error).toMatchObject({ code: "no-room", isLasting: false, isOfMachine: false });
  });

  test("what sends nothing, or too slowly, is given up", async () => {
    handlers.set("/silent.apk", () => {});
    handlers.set("/stops.apk", (_, response) => void response.write(bytes));
    handlers.set("/slow.apk", (_, response) => {
      const timer = setInterval(() => response.write("x"), 50);
      response.on("close", () => clearInterval(timer));
    });
    const idle = await open({ idleSeconds: 0.3 });
    expect((await failure(idle, `${base}/silent.apk`)).message).toContain("sent nothing for 0.3 s");
    expect((await failure(idle, `${base}/stops.apk`)).code).toBe("timeout");
    const slow = await open({ seconds: 0.5 });
    expect((await failure(slow, `${base}/slow.apk`)).message).toContain("did not arrive within 0.5 s");
  });

  test("what is no longer wanted is given up with the reason for it", async () => {
    handlers.set("/silent.apk", () => {});
    const stop = new AbortController();
    const fetching = (await open()).fetchApp(`${base}/silent.apk`, stop.signal);
    stop.abort(new Error("stopped"));
    await expect(fetching).rejects.toThrow("stopped");
  });

  test("redirections are followed, with credentials to their own place alone", async () => {
    const seen: (string | undefined)[] = [];
    const other = createServer((request, response) => {
      seen.push(request.headers.authorization);
      response.end(bytes);
    });
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    handlers.set("/a", (request, response) => {
      seen.push(request.headers.authorization);
      response.writeHead(302, { location: "/b" }).end();
    });
    handlers.set("/b", (request, response) => {
      seen.push(request.headers.authorization);
      const { port } = other.address() as AddressInfo;
      response.writeHead(307, { location: `http://127.0.0.1:${port}/c` }).end();
    });
    const app = await (await open()).fetchApp(`${base.replace("//", "//me:p%40ss@")}/a`);
    other.close();
    expect(app.sha256).toBe(sha256);
    const basic = `Basic ${Buffer.from("me:p@ss").toString("base64")}`;
    expect(seen).toEqual([basic, basic, undefined]);
  });

  test("redirections end, and lead to HTTP alone", async () => {
    handlers.set("/circle", (_, response) => response.writeHead(302, { location: "/circle" }).end());
    handlers.set("/file", (_, response) => response.writeHead(302, { location: "file:///etc/passwd" }).end());
    handlers.set("/none", (_, response) => response.writeHead(302).end());
    const fetcher = await open();
    expect((await failure(fetcher, `${base}/circle`)).message).toContain("redirected too often");
    expect((await failure(fetcher, `${base}/file`)).code).toBe("not-allowed");
    expect((await failure(fetcher, `${base}/none`)).message).toContain("redirected to no URL");
  });

  test("an encoding that was not asked for is refused", async () => {
    handlers.set("/app.apk", (_, response) =>
      response.writeHead(200, { "content-encoding": "gzip" }).end(bytes),
    );
    expect((await failure(await open(), `${base}/app.apk`)).code).toBe("bad-answer");
  });

  test("a server that is not there is unreachable, and no message shows credentials", async () => {
    const error = await failure(await open(), "http://me:secret@127.0.0.1:1/app.apk?key=secret#secret");
    expect(error.code).toBe("unreachable");
    expect(error.message).toBe("http://127.0.0.1:1/app.apk: cannot be reached (ECONNREFUSED)");
  });

  test.each([
    ["ftp://me:secret@host/app.apk", "ftp://host/app.apk: is of no scheme"],
    ["http://me:sec/ret@host/app.apk", "http://…: is no URL"],
    ["http://%zz:secret@host/app.apk", "http://host/app.apk: has credentials that are not encoded"],
    ["s3://key:sec/ret@bucket/app.apk", "s3://…: is no bucket's URL"],
    ["s3://bucket", "s3://bucket: names a bucket and no key"],
  ])("%s is that app's fault for good, and costs no other", async (location, problem) => {
    const error = await failure(await open(), location);
    expect(error).toMatchObject({ code: "not-allowed", isLasting: true });
    expect(error.message.startsWith(problem)).toBe(true);
  });
});

describe("a local file", () => {
  test("is taken as it is, and stays", async () => {
    const path = join(folder, "app.bin");
    writeFileSync(path, bytes);
    const app = await (await open()).fetchApp(path);
    expect(app).toMatchObject({ path, sha256 });
    expect(app.isUnchanged()).toBe(true);
    writeFileSync(path, `${bytes}and more`);
    expect(app.isUnchanged()).toBe(false);
    await app.release();
    expect(existsSync(path)).toBe(true);
  });

  test("is bounded, and may be missing", async () => {
    writeFileSync(join(folder, "app.bin"), bytes);
    const fetcher = await open({ mostBytes: 1_000 });
    expect((await failure(fetcher, join(folder, "app.bin"))).code).toBe("too-large");
    expect((await failure(fetcher, join(folder, "none.bin"))).code).toBe("not-found");
    expect((await failure(fetcher, join(folder, "app.bin", "below"))).code).toBe("not-found");
    expect((await failure(fetcher, folder)).message).toBe(`${folder}: is no regular file`);
  });

  test.runIf(existsSync("/proc/self/status"))("is read as far as it is said to reach", async () => {
    const app = await (await open()).fetchApp("/proc/self/status");
    expect(app).toMatchObject({ size: 0, sha256: createHash("sha256").digest("hex") });
  });

  test("must be below the root, links followed", async () => {
    const root = join(folder, "root");
    mkdirSync(root);
    writeFileSync(join(folder, "outside.bin"), bytes);
    writeFileSync(join(root, "inside.bin"), bytes);
    symlinkSync(join(folder, "outside.bin"), join(root, "link.bin"));
    const fetcher = await open({ root });
    expect((await fetcher.fetchApp(join(root, "inside.bin"))).path).toBe(join(root, "inside.bin"));
    for (const path of [
      join(folder, "outside.bin"),
      join(root, "link.bin"),
      join(root, "..", "outside.bin"),
      root,
    ]) {
      expect((await failure(fetcher, path)).code).toBe("not-allowed");
    }
  });
});

test("what processes that died left behind is removed, and nothing else", async () => {
  const left = ["bycatch-apps-here-4242-a", "bycatch-apps-here-66-b"];
  const kept = ["bycatch-apps-here-77-c", "bycatch-apps-there-66-d", "other-66-e"];
  for (const name of [...left, ...kept]) {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, "0.apk"), bytes);
  }
  await open();
  expect(
    readdirSync(folder)
      .filter((name) => !name.startsWith("bycatch-apps-here-4242-"))
      .sort(),
  ).toEqual(kept);
  for (const name of kept) rmSync(join(folder, name), { recursive: true });
});

test("a folder that somebody tidied up is made again", async () => {
  handlers.set("/app.apk", (_, response) => response.end(bytes));
  const fetcher = await open();
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true });
  const app = await fetcher.fetchApp(`${base}/app.apk`);
  expect(new Uint8Array(readFileSync(app.path))).toEqual(new Uint8Array(bytes));
  await app.release();
});
