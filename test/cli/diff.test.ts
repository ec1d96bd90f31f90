import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { Difference } from "../../src/policy/index.js";
import { differenceSchema } from "../../src/report/difference-schema.js";
import { fixtureAppPath } from "../support/fixture-apps.js";
import { sdkRule, vendor } from "../support/tiny-rules.js";
import { bycatch, bycatchOnce, executable, gpsDemo, settings, temporaryFolder } from "./run-bycatch.js";

const tracker = fixtureAppPath("tracker.apk");
const mapped = fixtureAppPath("mapped.apk");
const mapping = fixtureAppPath("mapped/mapping.txt");

const diff = (...args: string[]) => bycatch(["diff", ...args]);
const diffJson = (...args: string[]) => {
  const { stdout, stderr, status } = diff("-f", "json", ...args);
  expect([stderr, status]).toEqual(["", 0]);
  return differenceSchema.parse(JSON.parse(stdout)) as Difference;
};
const bare = ({ parties, permissions, caveats }: Difference) => ({ parties, permissions, caveats });
const none = { parties: [], permissions: [], caveats: [] };

/** A file in a folder of its own. */
function write(name: string, text: string | Uint8Array): string {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, text);
  return path;
}
const reportOf = (app: string) => write("build.json", bycatchOnce(["scan", "-f", "json", app]).stdout);
const locks = new Map<string, string>();
function lockOf(app: string): string {
  const path = join(temporaryFolder(), "bycatch.lock");
  if (!locks.has(app)) {
    expect(bycatch(["lock", app, "-o", path]).status).toBe(0);
    locks.set(app, readFileSync(path, "utf8"));
  }
  writeFileSync(path, locks.get(app)!);
  return path;
}

/** The same APK, of which one entry's bytes are other ones. */
function spoil(app: string, entry: string): string {
  const bytes = readFileSync(app);
  const at = bytes.indexOf(Buffer.from(entry)) + entry.length + 40;
  for (let offset = at; offset < at + 60; offset++) bytes[offset]! ^= 0x55;
  return write("spoilt.apk", bytes);
}

describe("what stands for a build", () => {
  test("an APK, its report and its lockfile do not differ, whichever is which", () => {
    const sides = [tracker, reportOf(tracker), lockOf(tracker)];
    for (const before of sides)
      for (const after of sides) {
        const difference = diffJson(before, after);
        expect(bare(difference), `${before} ${after}`).toEqual(none);
      }
  });

  test("a real app and its lockfile do not differ", () => {
    const { stdout, stderr, status } = diff(lockOf(settings), settings, "--exit-code");
    expect([stderr, status]).toEqual(["", 0]);
    expect(stdout).toContain("Nothing that rides along differs.\n");
  });

  test("is told by its content, not by its name", () => {
    const folder = temporaryFolder();
    const [report, lock, apk] = ["app.apk", "lock.apk", "report.txt"].map((name) => join(folder, name));
    copyFileSync(reportOf(tracker), report!);
    copyFileSync(lockOf(tracker), lock!);
    copyFileSync(tracker, apk!);
    const kindOf = (path: string) => diffJson(path, tracker).before.source.kind;
    expect([report!, lock!, apk!].map(kindOf)).toEqual(["report", "lockfile", "apk"]);
  });

  test.skipIf(process.platform === "win32")("may come through pipes, but for an APK", () => {
    const [report, lock] = [reportOf(tracker), lockOf(tracker)];
    const pipe = (command: string) =>
      execFileSync("bash", ["-c", command, executable, process.execPath], {
        encoding: "utf8",
        stdio: "pipe",
      });
    expect(pipe(`"$1" "$0" diff <(cat ${report}) <(cat ${lock}) 2>&1`)).toContain("Nothing that rides along");
    expect(() => pipe(`"$1" "$0" diff <(cat ${tracker}) ${lock}`)).toThrow(
      /is an archive, and was taken for a text/,
    );
  });
});

describe("to a depth", () => {
  const programs = new URL("../../fixtures/programs/", import.meta.url);
  const [before, after] = ["passed-on-not", "passed-on"].map((name) =>
    fileURLToPath(new URL(`third-party/${name}.apk`, programs)),
  ) as [string, string];
  const rules = ["--width", "140", "--rules", fileURLToPath(new URL("rules", programs))];

  test("where data newly goes, of APKs and of a report made to it; more is more", () => {
    const report = join(temporaryFolder(), "report.json");
    expect(bycatch(["scan", before, ...rules, "--depth", "flows", "-o", report]).status).toBe(0);
    for (const old of [before, report]) {
      const { stdout, stderr, status } = diff(old, after, ...rules, "--depth", "flows", "--exit-code");
      expect([stderr, status]).toEqual(["", 1]);
      expect(stdout).toContain(
        "now goes to the network: collect.ebbmark.example, from Brinewave Ads (passed-on)",
      );
    }
    expect(diff(before, after, ...rules).stdout).not.toContain("goes to");
  });

  test("what is newly handed over, against a lockfile of a report made to it", () => {
    const [report, lock] = ["report.json", "bycatch.lock"].map((name) => join(temporaryFolder(), name));
    expect(bycatch(["scan", before, ...rules, "--depth", "flows", "-o", report!]).status).toBe(0);
    expect(bycatch(["lock", report!, "-o", lock!]).status).toBe(0);
    const against = (app: string, ...args: string[]) => diff(lock!, app, ...rules, ...args);
    const { stdout, stderr, status } = against(after, "--depth", "flows", "--exit-code");
    expect([stderr, status]).toEqual(["", 1]);
    expect(stdout).toMatch(/^ {2}\+ handed over +device-or-other-ids$/m);
    expect(stdout).not.toContain("goes to");
    expect(against(after).stdout).not.toContain("handed over");
    expect(against(before, "--depth", "flows", "--exit-code").status).toBe(0);
  });

  test("a report that was made to less is refused", () => {
    const { stderr, status } = diff(reportOf(tracker), tracker, "--depth", "flows");
    expect(status).toBe(2);
    expect(stderr).toContain("is a report that was made with --depth referenced");
  });
});

describe("two builds", () => {
  test("a third party that is new, in each form", () => {
    const args = [gpsDemo, tracker];
    const { parties, caveats } = diffJson(...args);
    expect(caveats.map(({ kind }) => kind)).toEqual(["other-app"]);
    const found = parties.find(({ id }) => id === "unrecognised:com.acme.tracker")!;
    expect(found.changes[0]).toMatchObject({ kind: "appeared", effect: "more" });
    const reads = found.changes.find((change) => "dataType" in change && change.dataType === "contacts")!;
    expect(reads).toMatchObject({
      kind: "newly-accesses",
      evidence: expect.arrayContaining([expect.objectContaining({ entry: "classes.dex" })]),
    });
    expect(diff(...args).stdout).toMatch(/^\+ com\.acme\.tracker +unrecognised\n {2}\+ contacts /m);
    expect(diff(...args, "-f", "markdown").stdout).toContain(
      "- **`com.acme.tracker`** (unrecognised) is new\n",
    );
  });

  test("--exit-code: 1 where there is more, 0 where there is less; without it 0", () => {
    const lock = readFileSync(lockOf(tracker), "utf8");
    const fewer = write(
      "few.lock",
      lock.replace(/^data-access unrecognised:com\.acme\.tracker contacts.*\n/m, ""),
    );
    const status = (...args: string[]) => diff(...args).status;
    expect(lock).not.toBe(readFileSync(fewer, "utf8"));
    expect(status(fewer, tracker, "--exit-code")).toBe(1);
    expect(status(fewer, tracker)).toBe(0);
    expect(status(tracker, fewer, "--exit-code")).toBe(0);
    expect(status(fewer, fewer, "--exit-code")).toBe(0);
  });

  test("each has its own mapping", () => {
    const ids = (...args: string[]) => diffJson(mapped, mapped, ...args).parties.map(({ id }) => id);
    expect(ids()).toEqual([]);
    expect(ids("--mapping", mapping, "--old-mapping", mapping)).toEqual([]);
    const changesOf = (...args: string[]) =>
      diffJson(mapped, mapped, ...args)
        .parties.filter(({ id }) => id === "adjust")
        .flatMap(({ changes }) => changes.map(({ kind }) => kind));
    expect(changesOf("--mapping", mapping)).toContain("appeared");
    expect(changesOf("--old-mapping", mapping)).toContain("left");
    const { stderr, status } = diff(mapped, mapped, "--old-mapping", "no-such.txt");
    expect([status, stderr]).toEqual([2, expect.stringContaining("bycatch: --old-mapping: no-such.txt ")]);
  });

  test("code of the app's own is so on both sides", () => {
    const own = diffJson(gpsDemo, tracker, "--first-party", "com.acme.tracker");
    expect(own.parties.map(({ kind }) => kind)).not.toContain("unrecognised");
  });
});

describe("a side that was not read whole", () => {
  const spoilTracker = () => spoil(tracker, "classes.dex");

  test("is told, nothing is said to have left, and the exit code is 3", () => {
    const { stdout, stderr, status } = diff(tracker, spoilTracker());
    expect([stderr, status]).toEqual(["", 3]);
    expect(stdout).toMatch(/^\? com\.acme\.tracker +unrecognised · not seen any more$/m);
    expect(stdout).toContain("  not read of the new         classes.dex\n");
    expect(stdout).not.toMatch(/no longer|^- /m);
  });

  test("on the old side, what seems new may not be; more is more, and comes before a gap", () => {
    const spoilt = spoilTracker();
    const { stdout, status } = diff(spoilt, tracker);
    expect(status).toBe(3);
    expect(stdout).toMatch(/^\+ com\.acme\.tracker +unrecognised · may not be new$/m);
    expect(diff(spoilt, tracker, "--exit-code").status).toBe(1);
    expect(diff(tracker, spoilt, "--exit-code").status).toBe(3);
  });

  test("an APK that is cut off is none: nothing is compared", () => {
    const bytes = readFileSync(settings);
    const cut = write("cut.apk", bytes.subarray(0, bytes.length - 100_000));
    for (const args of [
      [settings, cut],
      [cut, settings],
    ]) {
      const { stdout, stderr, status } = diff(...args);
      expect([stdout, status]).toEqual(["", 3]);
      expect(stderr).toMatch(/cut\.apk\S* end of central directory record: .*it is cut off/);
    }
  });
});

describe("outputs", () => {
  test("several, by what a path ends in; a file is not coloured", () => {
    const folder = temporaryFolder();
    const [json, md, txt, other] = ["a.json", "a.md", "a.txt", "other"].map((name) => join(folder, name));
    const { stdout, status } = diff(
      gpsDemo,
      tracker,
      "-o",
      json!,
      "-o",
      md!,
      "-o",
      txt!,
      "-o",
      `markdown=${other}`,
    );
    expect([stdout, status]).toEqual(["", 0]);
    const read = (path: string) => readFileSync(path, "utf8");
    expect(differenceSchema.safeParse(JSON.parse(read(json!))).success).toBe(true);
    expect(read(md!)).toMatch(/^<!-- bycatch diff -->\n## Bycatch: what changed\n\n`gpsDemo-debug\.apk` /);
    expect(read(other!)).toBe(read(md!));
    expect(read(txt!)).toBe(diff(gpsDemo, tracker).stdout);
    expect(diff(gpsDemo, tracker, "--color", "always", "--width", "100").stdout).toContain("\x1b[33m+");
  });

  test("the same bytes, every time", () => {
    for (const format of ["terminal", "json", "markdown"])
      expect(diff(gpsDemo, tracker, "-f", format).stdout).toBe(diff(gpsDemo, tracker, "-f", format).stdout);
  });

  test("never over an input", () => {
    const report = reportOf(tracker);
    const { stderr, status } = diff(report, tracker, "-o", report);
    expect([status, stderr]).toEqual([
      2,
      expect.stringContaining("is also an input, and would be overwritten"),
    ]);
  });
});

describe("a mistake", () => {
  test.each<[string, () => readonly string[], RegExp]>([
    ["one side only", () => [tracker], /missing required argument 'new'/],
    ["no such file", () => [tracker, "no-such.apk"], /no-such\.apk: there is no such file/],
    [
      "another format",
      () => [tracker, tracker, "-f", "jsonl"],
      /Allowed choices are terminal, json, markdown/,
    ],
    ["a broken report", () => [write("a.json", "{"), tracker], /is neither an APK nor a JSON report/],
    [
      "a broken lockfile",
      () => [write("a.lock", "lockfile-version 1\nfoo"), tracker],
      /a\.lock:2: a lockfile has no lines/,
    ],
    [
      "a mapping for a lockfile",
      () => [tracker, lockOf(tracker), "--mapping", mapping],
      /--mapping: bycatch\.lock is a lockfile/,
    ],
    [
      "an old mapping for one",
      () => [lockOf(tracker), tracker, "--old-mapping", mapping],
      /--old-mapping: bycatch\.lock is a lockfile/,
    ],
    [
      "--first-party for no APK",
      () => [lockOf(tracker), reportOf(tracker), "--first-party", "com.acme"],
      /--first-party: bycatch\.lock is a lockfile, and build\.json is a report/,
    ],
  ])("%s", (_, args, sentence) => {
    const { stdout, stderr, status } = diff(...args());
    expect([stdout, status]).toEqual(["", 2]);
    expect(stderr).toMatch(sentence);
    expect(stderr).not.toMatch(/\n {4}at /);
  });

  test("of a text that is none of the three", () => {
    const { stderr, status } = diff(tracker, write("notes.txt", "All is well."));
    expect([status, stderr]).toEqual([3, expect.stringMatching(/notes\.txt.*not a ZIP archive/)]);
  });
});

test("--rules are both sides'", () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "vendors"));
  writeFileSync(join(folder, "vendors/tide.yaml"), vendor("tide"));
  writeFileSync(join(folder, "tide.yaml"), sdkRule("tide", ["class-prefix: Lcom/acme/tracker/"]));
  const difference = diffJson(gpsDemo, tracker, "--rules", folder);
  expect(difference.parties.map(({ id }) => id)).toContain("tide");
  expect(difference.before.rulesVersion).toBe(difference.after.rulesVersion);
  expect(bare(diffJson(tracker, tracker, "--rules", folder))).toEqual(none);
  const other = diffJson(reportOf(tracker), tracker, "--rules", folder);
  expect(other.caveats.map(({ kind }) => kind)).toEqual(["other-rules"]);
});
