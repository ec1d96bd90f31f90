import { describe, expect, test } from "vitest";
import { parseQueueUrl } from "../../src/batch/queue-address.js";

describe("the URL of a queue", () => {
  test.each([
    ["redis://host", "redis://host:6379/0", { host: "host", port: 6379, db: 0 }],
    ["redis://host/", "redis://host:6379/0", { host: "host", port: 6379, db: 0 }],
    ["redis://host:7000/12", "redis://host:7000/12", { host: "host", port: 7000, db: 12 }],
    ["redis://[::1]:7000/1", "redis://[::1]:7000/1", { host: "::1", port: 7000, db: 1 }],
    ["rediss://host", "rediss://host:6379/0", { host: "host", port: 6379, db: 0, tls: {} }],
    [
      "redis://me:p%40ss%2F@host",
      "redis://host:6379/0",
      { host: "host", port: 6379, db: 0, username: "me", password: "p@ss/" },
    ],
    ["redis://:pass@host", "redis://host:6379/0", { host: "host", port: 6379, db: 0, password: "pass" }],
  ])("%s", (text, shown, options) => {
    expect(parseQueueUrl(text)).toEqual({ shown, options });
  });

  test("credentials beside it are taken where it has none", () => {
    const beside = { username: "other", password: "word" };
    expect(parseQueueUrl("redis://host", beside).options).toMatchObject(beside);
    expect(parseQueueUrl("redis://me:pass@host", beside).options).toMatchObject({
      username: "me",
      password: "pass",
    });
    expect(parseQueueUrl("redis://host", { password: "" }).options).toEqual({
      host: "host",
      port: 6379,
      db: 0,
    });
  });

  test.each([
    "host:6379",
    "apps/",
    "http://me:secret@host",
    "redis://",
    "redis://me:secret@host/name",
    "redis://me:secret@host/12345",
    "redis://me:secret@host?password=secret",
    "redis://me:secret@host/0#secret",
    "redis://me:secret%zz@host",
    "redis://me:secret/more@host",
    "redis://me:secret@host:99999",
  ])("%s is refused, and not shown", (text) => {
    expect(() => parseQueueUrl(text)).toThrow(/^--queue: /);
    expect(() => parseQueueUrl(text)).not.toThrow(/secret/);
  });
});
