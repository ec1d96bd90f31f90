import { copyFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { fixtureAppPath } from "../support/fixture-apps.js";
import { bycatch, settings, temporaryFolder } from "./run-bycatch.js";

/** A folder with an app and, where it is given, a lockfile. */
function folderOf(lock?: string): string {
  const folder = temporaryFolder();
  copyFileSync(fixtureAppPath("tracker.apk"), join(folder, "app.apk"));
  if (lock !== undefined) writeFileSync(join(folder, "bycatch.lock"), lock);
  return folder;
}

const lock = (folder: string, ...args: string[]) => bycatch(["lock", "app.apk", ...args], {}, folder);
const written = (folder: string, name = "bycatch.lock") => readFileSync(join(folder, name), "utf8");

test("writes what rides along, one thing a line", () => {
  const folder = folderOf();
  const { status, stdout, stderr } = lock(folder);
  expect([status, stdout]).toEqual([0, ""]);
  expect(stderr).toMatch(/^bycatch: bycatch\.lock is written: \d+ things that ride along, one a line\n$/);
  const lines = written(folder).split("\n");
  expect(lines.filter((line) => /^(app|third-party|data-access .* contacts)/.test(line))).toEqual([
    "app com.example.tracked",
    "third-party unrecognised:com.acme.tracker",
    "data-access unrecognised:com.acme.tracker contacts contacts referenced",
  ]);
  expect(bycatch(["check", "app.apk"], {}, folder).status).toBe(0);
});

test("the same bytes again, and of the app's report", () => {
  const folder = folderOf();
  lock(folder);
  const first = written(folder);
  expect(lock(folder).stderr).toBe("bycatch: bycatch.lock is written, and says what it said\n");
  expect(written(folder)).toBe(first);
  writeFileSync(join(folder, "report.json"), bycatch(["scan", "-f", "json", "app.apk"], {}, folder).stdout);
  expect(bycatch(["lock", "report.json", "-o", "other.lock"], {}, folder).status).toBe(0);
  expect(written(folder, "other.lock")).toBe(first);
});

test("another app's build: each line that changes is told", () => {
  const folder = folderOf();
  lock(folder);
  const { stderr } = bycatch(["lock", settings, "-o", "bycatch.lock"], {}, folder);
  expect(stderr).toContain("bycatch.lock is written; agreed to:\n");
  expect(stderr).toContain("\n- third-party unrecognised:com.acme.tracker\n");
});

describe("a lockfile with a mistake is written anew, as its complaint says", () => {
  const old = "lockfile-version 1\nrules x\ndepth referenced\nattributed-share 1.00\n";

  test.each([
    [
      "a merge left unfinished",
      `${old}<<<<<<< HEAD\n=======\n>>>>>>> b\n`,
      "bycatch.lock:5: a merge was left unfinished here",
    ],
    [
      "a line that is none",
      `${old}tracker acme\n`,
      "bycatch.lock:5: a lockfile has no lines that begin with `tracker`",
    ],
    [
      "another version",
      old.replace("version 1", "version 9"),
      "bycatch.lock:1: this is a lockfile of version 9",
    ],
  ])("%s", (_, text, complaint) => {
    const folder = folderOf(text);
    expect(bycatch(["check", "app.apk"], {}, folder).stderr).toContain(complaint);
    const { status, stderr } = lock(folder);
    expect(status).toBe(0);
    expect(stderr).toContain(`${complaint}`);
    expect(stderr).toMatch(
      /; what it allowed is not compared\nbycatch: bycatch\.lock is written: \d+ things/,
    );
    expect(bycatch(["check", "app.apk"], {}, folder).status).toBe(0);
  });
});

test.each(["app.apk", "notes.txt", "empty"])("never writes over %s", (name) => {
  const folder = folderOf();
  writeFileSync(join(folder, "notes.txt"), "third-party libraries of ours\n");
  writeFileSync(join(folder, "empty"), " ");
  const before = readFileSync(join(folder, name));
  const { status, stderr } = lock(folder, "-o", name);
  expect(status).toBe(2);
  expect(stderr).toMatch(/is also an input|is no lockfile, and is not written over\n {2}Remove it/);
  expect(readFileSync(join(folder, name))).toEqual(before);
});

test("what cannot be written is the user's to mend, and leaves nothing behind", () => {
  const folder = folderOf();
  const { status, stderr } = lock(folder, "-o", "none/bycatch.lock");
  expect(status).toBe(2);
  expect(stderr).toContain("none/bycatch.lock cannot be written (ENOENT)");
  expect(existsSync(join(folder, "none"))).toBe(false);
});
