import { describe, expect, test } from "vitest";
import { parseBucketUrl, parseLocation, showLocation } from "../../src/batch/app-location.js";

describe("where an app is", () => {
  test.each([
    ["app.apk", { kind: "file", path: "app.apk" }],
    ["C:\\apps\\a.apk", { kind: "file", path: "C:\\apps\\a.apk" }],
    ["/odd:/path", { kind: "file", path: "/odd:/path" }],
    ["s3://bucket/a b/%20#?.apk", { kind: "s3", bucket: "bucket", key: "a b/%20#?.apk" }],
    ["S3://bucket/a\n.apk", { kind: "s3", bucket: "bucket", key: "a\n.apk" }],
  ])("%j", (text, location) => {
    expect(parseLocation(text)).toEqual(location);
  });

  test.each([
    "s3://bucket",
    "s3://bucket/",
    "s3:///key",
    "ftp://host/a",
    "file:///etc/passwd",
    "http://",
    "https://a b/",
  ])("%s is refused", (text) => {
    expect(() => parseLocation(text)).toThrow(/UsageError|: (?:is|names)/);
  });

  test.each([
    ["https://me:secret@host:8443/@scope/a.apk?token=secret#secret", "https://host:8443/@scope/a.apk"],
    ["HTTP://me@host/a.apk", "http://host/a.apk"],
    ["https://me:sec/ret@host/a.apk", "https://…"],
    ["https:\\\\me:secret@host/a.apk", "https://host/a.apk"],
    ["redis://me:secret@host/0", "redis://host/0"],
    ["s3://key:secret@bucket/a.apk", "s3://…"],
    ["s3://bucket/a?b.apk", "s3://bucket/a?b.apk"],
    ["/a/b?c.apk", "/a/b?c.apk"],
  ])("%s is shown as %s", (text, shown) => {
    expect(showLocation(text)).toBe(shown);
  });

  test("a bucket's prefix", () => {
    expect(parseBucketUrl("s3://bucket")).toEqual({ bucket: "bucket", key: "" });
    expect(parseBucketUrl("s3://bucket/a/b/")).toEqual({ bucket: "bucket", key: "a/b/" });
    expect(() => parseBucketUrl("s3://b/a")).toThrow("s3://…: is no bucket's URL");
  });
});
