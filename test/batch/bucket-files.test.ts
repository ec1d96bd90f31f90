import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { bucketFiles } from "../../src/batch/bucket-files.js";
import { openFetcher } from "../../src/batch/fetch-app.js";
import { openS3, type S3 } from "../../src/batch/s3-client.js";
import { type S3Server, startS3Server } from "../support/s3-server.js";

const bytes = new TextEncoder().encode("part ".repeat(10_000));

let server: S3Server;
let s3: S3;

beforeAll(async () => {
  server = await startS3Server();
  for (const [name, value] of Object.entries(server.environment)) vi.stubEnv(name, value);
  s3 = await openS3({ region: "us-east-1", pathStyle: true });
});

afterAll(async () => {
  s3.client.destroy();
  vi.unstubAllEnvs();
  await server.close();
});

describe("a store's files in a bucket", () => {
  test("what is written is read, listed below its folder, and replaced", async () => {
    const files = bucketFiles(s3, `s3://${server.bucket}/fleet/one`);
    await files.write("apps/evaluation=1/part-b.parquet", bytes);
    await files.write("apps/evaluation=1/part-a.parquet", bytes);
    await files.write("apps/evaluation=12/part-c.parquet", bytes);
    await files.write("bycatch-store.json", bytes.subarray(0, 3));
    await files.write("bycatch-store.json", bytes.subarray(0, 4));
    expect(await files.read("apps/evaluation=1/part-b.parquet")).toEqual(bytes);
    expect(await files.read("bycatch-store.json")).toHaveLength(4);
    expect(await files.list("apps/evaluation=1")).toEqual([
      "apps/evaluation=1/part-a.parquet",
      "apps/evaluation=1/part-b.parquet",
    ]);
    expect(await files.list("")).toHaveLength(4);
    expect(await bucketFiles(s3, `s3://${server.bucket}/fleet`).list("one/apps/evaluation=12")).toEqual([
      "one/apps/evaluation=12/part-c.parquet",
    ]);
  });

  test("what is not there is undefined, and a folder of nothing is empty", async () => {
    const files = bucketFiles(s3, `s3://${server.bucket}`);
    expect(await files.read("none")).toBeUndefined();
    expect(await files.list("none")).toEqual([]);
  });

  test("a listing of several pages is followed to its end", async () => {
    // The server of these tests makes its pages' tokens with DES, which Node's OpenSSL no longer has.
    const asked: (string | null)[] = [];
    const pages = createServer((request, response) => {
      const query = new URL(request.url!, "http://x").searchParams;
      asked.push(query.get("continuation-token"));
      const isFirst = asked.length === 1;
      const key = `fleet/apps/${isFirst ? "b" : "a"}.parquet`;
      const next = isFirst ? "<NextContinuationToken>more/+=</NextContinuationToken>" : "";
      response.end(
        `<ListBucketResult><IsTruncated>${isFirst}</IsTruncated>${next}<Contents><Key>${key}</Key></Contents></ListBucketResult>`,
      );
    });
    await new Promise<void>((resolve) => pages.listen(0, "127.0.0.1", resolve));
    vi.stubEnv("AWS_ENDPOINT_URL_S3", `http://127.0.0.1:${(pages.address() as AddressInfo).port}`);
    const other = await openS3({ region: "us-east-1", pathStyle: true });
    try {
      expect(await bucketFiles(other, "s3://apps/fleet").list("apps")).toEqual([
        "apps/a.parquet",
        "apps/b.parquet",
      ]);
      expect(asked).toEqual([null, "more/+="]);
    } finally {
      other.client.destroy();
      pages.close();
      vi.stubEnv("AWS_ENDPOINT_URL_S3", server.environment.AWS_ENDPOINT_URL_S3!);
    }
  });

  test("a bucket that is not there is no empty store", async () => {
    const files = bucketFiles(s3, "s3://nowhere/fleet");
    for (const work of [() => files.read("a"), () => files.list("a"), () => files.write("a", bytes)]) {
      await expect(work()).rejects.toThrow(/^s3:\/\/nowhere\/fleet\/a: S3 answered 404 NoSuchBucket$/);
    }
  });
});

describe("an app in a bucket", () => {
  test("arrives whole, or not at all", async () => {
    const folder = mkdtempSync(join(tmpdir(), "bycatch-s3-apps-"));
    await bucketFiles(s3, `s3://${server.bucket}`).write("apps/a b#1?.apk", bytes);
    const processes = { host: "here", own: process.pid, isRunning: () => false };
    const options = { folder, seconds: 10, idleSeconds: 5, openS3: () => Promise.resolve(s3) };
    const fetcher = await openFetcher({ ...options, mostBytes: bytes.length }, processes);
    const app = await fetcher.fetchApp(`s3://${server.bucket}/apps/a b#1?.apk`);
    expect(new Uint8Array(readFileSync(app.path))).toEqual(bytes);
    expect(app.sha256).toBe(createHash("sha256").update(bytes).digest("hex"));
    await app.release();
    await expect(fetcher.fetchApp(`s3://${server.bucket}/none.apk`)).rejects.toMatchObject({
      code: "not-found",
      isLasting: true,
      message: `s3://${server.bucket}/none.apk: S3 answered 404 NoSuchKey`,
    });
    const small = await openFetcher({ ...options, mostBytes: bytes.length - 1 }, processes);
    await expect(small.fetchApp(`s3://${server.bucket}/apps/a b#1?.apk`)).rejects.toMatchObject({
      code: "too-large",
    });
    rmSync(folder, { recursive: true });
  });

  test("of an environment that names no region is not asked for", async () => {
    for (const [name, value] of Object.entries({ AWS_REGION: "", AWS_CONFIG_FILE: "/none" }))
      vi.stubEnv(name, value);
    await expect(openS3({ region: undefined, pathStyle: true })).rejects.toThrow("names no region");
    vi.unstubAllEnvs();
    for (const [name, value] of Object.entries(server.environment)) vi.stubEnv(name, value);
  });

  test("credentials that are not taken are told without them", async () => {
    vi.stubEnv("AWS_ACCESS_KEY_ID", "someone-else");
    const other = await openS3({ region: "us-east-1", pathStyle: true });
    const error: unknown = await bucketFiles(other, `s3://${server.bucket}`)
      .read("a")
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "refused" });
    expect(inspect(error, { depth: 20 })).not.toMatch(/someone-else|AWS4-HMAC/);
    other.client.destroy();
  });
});
