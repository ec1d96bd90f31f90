import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { audit, UsageError } from "../../src/index.js";
import { fixtureAppPath, readFixtureApp } from "../support/fixture-apps.js";

const app = fixtureAppPath("mapped.apk");
const path = fixtureAppPath("mapped/mapping.txt");

test("a mapping is given by its path or as bytes, and is part of the input", async () => {
  const byPath = await audit(app, { mapping: path });
  const bytes = new Uint8Array(readFileSync(path));
  const byBytes = await audit(
    { name: "mapped.apk", bytes: readFixtureApp("mapped") },
    { mapping: { name: "mapping.txt", bytes } },
  );
  expect(JSON.stringify(byBytes)).toBe(JSON.stringify(byPath));
  expect(byPath.app.mapping).toMatchObject({ name: "mapping.txt", classes: 8 });
  expect((await audit(app)).app.mapping).toBeUndefined();
});

test("one that is no mapping is the user's mistake, named by file and line", async () => {
  const mapping = { name: "mapping.txt", bytes: new TextEncoder().encode("\nhello\n") };
  await expect(audit(app, { mapping })).rejects.toThrow(UsageError);
  await expect(audit(app, { mapping })).rejects.toThrow(/^mapping\.txt:2: is no line of a mapping/);
  await expect(audit(app, { mapping: "no/mapping.txt" })).rejects.toThrow("ENOENT");
});
