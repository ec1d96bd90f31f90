import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { audit, type CheckOptions, check, lock, UsageError } from "../../src/index.js";
import { temporaryFolder } from "../cli/run-bycatch.js";
import { fixtureAppPath } from "../support/fixture-apps.js";

const result = await audit(fixtureAppPath("tracker.apk"));
const today = "2026-12-31";
const form = fileURLToPath(new URL("../../fixtures/data-safety/collects-nothing.csv", import.meta.url));

function write(text: string): string {
  const path = join(temporaryFolder(), "file");
  writeFileSync(path, text);
  return path;
}

test("a build is checked by a policy, a lockfile and a form", async () => {
  const policy = write("policy-version: 1\nrules:\n  - { id: a, deny: { data-type: contacts } }\n");
  const { outcome, checks } = await check(result, { policy, lockfile: write(lock(result)), form, today });
  expect(outcome).toBe("fail");
  expect(checks.map(({ id, outcome }) => [id, outcome])).toEqual([
    ["a", "fail"],
    ["lockfile", "pass"],
    ["data-safety", "pass"],
  ]);
  expect((await check(result, { form, today })).checks[0]!.problems).toContainEqual(
    expect.objectContaining({ dataType: "contacts", severity: "warning" }),
  );
});

describe("what is not given right is a UsageError", () => {
  test.each([
    undefined,
    "",
    "2026-02-29",
    "1900-02-29",
    "2026-00-01",
    "2026-13-01",
    "2026-01-00",
    "2026-1-1",
    new Date(),
    null,
  ])("today is %j", async (day) => {
    const options = { form, today: day } as CheckOptions;
    await expect(check(result, options)).rejects.toThrow(UsageError);
    await expect(check(result, options)).rejects.toThrow(
      /^check: `today` is no day\n {2}Write it like "2026-12-31"\./,
    );
  });

  test.each(["2028-02-29", "2000-02-29", "2026-12-31"])("%s is a day", async (day) => {
    expect((await check(result, { form, today: day })).outcome).toBe("pass");
  });

  test("nothing to check by", async () => {
    await expect(check(result, { today })).rejects.toThrow(UsageError);
    await expect(check(result, { today })).rejects.toThrow(/^check: there is nothing to check by\n/);
  });

  test("a policy that asks nothing", async () => {
    const policy = write("policy-version: 1\n");
    await expect(check(result, { policy, today })).rejects.toThrow(/: asks nothing: it has no rules\n/);
  });

  test("a form with a mistake", async () => {
    await expect(check(result, { form: write("x\n"), today })).rejects.toThrow(UsageError);
  });
});
