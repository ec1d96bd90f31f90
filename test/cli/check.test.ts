import { spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import JSZip from "jszip";
import { describe, expect, test } from "vitest";
import type { Verdict } from "../../src/index.js";
import { fixtureAppPath, readFixtureApp } from "../support/fixture-apps.js";
import { bycatch, executable, gpsDemo, temporaryFolder } from "./run-bycatch.js";

const noContacts = "policy-version: 1\nrules:\n  - id: no-contacts\n    deny: { data-type: contacts }\n";
const noPhotos = "policy-version: 1\nrules:\n  - id: no-photos\n    deny: { data-type: photos }\n";

/** A folder with files, and tracker.apk, whose com.acme.tracker could access contacts. */
function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder();
  copyFileSync(fixtureAppPath("tracker.apk"), join(folder, "app.apk"));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

const run = (folder: string, ...args: string[]) => bycatch(args, {}, folder);
const check = (folder: string, ...args: string[]) => run(folder, "check", "app.apk", ...args);

/** What a scan and a lockfile of the app as it is in such a folder say, by the command that wrote them. */
const written = new Map<string, string>();

function writtenBy(path: string, ...args: string[]): string {
  const command = args.join(" ");
  const known = written.get(command);
  if (known !== undefined) return known;
  const folder = folderOf({});
  expect(run(folder, ...args).status, command).toBe(0);
  const text = readFileSync(join(folder, path), "utf8");
  written.set(command, text);
  return text;
}

/** Puts the app's lockfile into such a folder. */
function lock(folder: string): void {
  writeFileSync(join(folder, "bycatch.lock"), writtenBy("bycatch.lock", "lock", "app.apk"));
}

/** The same app, of which a second DEX file is cut off. */
async function spoil(folder: string): Promise<void> {
  const archive = await JSZip.loadAsync(readFixtureApp("tracker"));
  const dex = await archive.file("classes.dex")!.async("uint8array");
  archive.file("classes2.dex", dex.subarray(0, dex.length >> 1));
  writeFileSync(join(folder, "app.apk"), await archive.generateAsync({ type: "uint8array" }));
}

describe("the exit code", () => {
  test("0: no check failed", () => {
    const { status, stdout, stderr } = check(folderOf({ "bycatch.policy.yaml": noPhotos }));
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toContain("PASS  1 check passed");
  });

  test("1: one failed; what, where it is asked, and on what evidence", () => {
    const { status, stdout, stderr } = check(folderOf({ "bycatch.policy.yaml": noContacts }));
    expect([status, stderr]).toEqual([1, ""]);
    expect(stdout).toContain(`FAIL  1 of 1 check failed

fail  no-contacts  bycatch.policy.yaml:3
      Denied: data-type contacts
      - com.acme.tracker could access contacts (referenced)
        Reads.uriField -> ContactsContract.Contacts.CONTENT_URI in classes.dex
`);
  });

  test("2: nothing to check by, before any work", () => {
    const { status, stdout, stderr } = run(temporaryFolder(), "check", "no.apk");
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(
      "neither bycatch.policy.yaml nor bycatch.lock is in this folder\n  Name a file with --policy",
    );
  });

  test("3: not everything was read, and nothing failed; what fails fails all the same", async () => {
    const folder = folderOf({ "bycatch.policy.yaml": noPhotos, "other.yaml": noContacts });
    await spoil(folder);
    const unknown = check(folder);
    expect(unknown.status).toBe(3);
    expect(unknown.stdout).toMatch(
      /INCOMPLETE {2}no check failed, but not everything was seen[\s\S]*Not read[\s\S]*classes2\.dex/,
    );
    const allowed = check(folder, "--allow-incomplete");
    expect(allowed.status).toBe(0);
    expect(allowed.stdout).toMatch(/PASS {2}[\s\S]*Not read[\s\S]*classes2\.dex/);
    expect(check(folder, "--policy", "other.yaml", "--allow-incomplete").status).toBe(1);
  });

  test("3: no app at all", () => {
    const folder = folderOf({ "bycatch.policy.yaml": noPhotos, "app.apk": "PK" });
    const { status, stdout, stderr } = check(folder);
    expect([status, stdout]).toEqual([3, ""]);
    expect(stderr).toMatch(/^bycatch: app\.apk.*\n$/);
  });

  test("real apps", () => {
    expect(
      bycatch(["check", gpsDemo, "--policy", fixtureAppPath("../../rules/policies/no-location.yaml")]).status,
    ).toBe(1);
    expect(
      bycatch(["check", gpsDemo, "--policy", fixtureAppPath("../../rules/policies/health.yaml")]).status,
    ).toBe(0);
  });
});

describe("a report in the app's place", () => {
  const withReport = (files: Readonly<Record<string, string>>, ...args: string[]) => {
    const folder = folderOf(files);
    const report = writtenBy("r.json", "scan", "app.apk", ...args, "-o", "r.json");
    writeFileSync(join(folder, "report.json"), report);
    return folder;
  };

  test("is judged as the app is, policy and lockfile", () => {
    const folder = withReport({ "bycatch.policy.yaml": noContacts });
    lock(folder);
    const ofApp = check(folder);
    expect(ofApp.status).toBe(1);
    const ofReport = run(folder, "check", "report.json");
    expect([ofReport.status, ofReport.stdout]).toEqual([1, ofApp.stdout]);
  });

  test("does not hide a mistake in the policy", () => {
    const folder = withReport({ "bycatch.policy.yaml": noContacts.replace("contacts }", "contcts }") });
    const { status, stderr } = run(folder, "check", "report.json");
    expect(status).toBe(2);
    expect(stderr).toContain(
      "bycatch.policy.yaml:4:24: data-type: the rules know no data-type `contcts`\n  Did you mean contacts?",
    );
  });

  test("of less depth does not pass in silence", () => {
    const folder = withReport({ "bycatch.policy.yaml": noContacts }, "--depth", "permitted");
    lock(folder);
    const { status, stdout } = run(folder, "check", "report.json");
    expect(status).toBe(3);
    expect(stdout).toMatch(/warn {2}no-contacts[\s\S]*warn {2}lockfile/);
    expect(stdout).toContain("what to do: Scan the app again with --depth referenced.");
  });

  test("of less depth is let pass by no flag: what was not looked for is not what could not be read", () => {
    const folder = withReport({ "bycatch.policy.yaml": noContacts }, "--depth", "permitted");
    lock(folder);
    const form = fixtureAppPath("../data-safety/collects-nothing.csv");
    const { status, stdout } = run(folder, "check", "report.json", "--allow-incomplete", "--form", form);
    expect(status).toBe(3);
    expect(stdout).toContain("INCOMPLETE  no check failed");
    expect(stdout).toContain("Not decided  no-contacts, lockfile, data-safety\n");
    expect(stdout).toContain("no flag lets pass");
    expect(run(folder, "data-safety", "report.json", "--allow-incomplete", "--form", form).status).toBe(3);
    // What depth has no say in is decided.
    writeFileSync(join(folder, "ads.yaml"), noPhotos.replace("data-type: photos", "category: advertising"));
    expect(run(folder, "check", "report.json", "--lock", "x.lock", "--policy", "ads.yaml").status).toBe(2);
    rmSync(join(folder, "bycatch.lock"));
    expect(run(folder, "check", "report.json", "--policy", "ads.yaml").status).toBe(0);
  });

  test.each([
    ["check", "report.json", "--update"],
    ["check", "report.json", "--update", "--allow-incomplete"],
    ["lock", "report.json"],
    ["lock", "report.json", "--allow-incomplete"],
    ["init", "report.json", "--force"],
  ])("of less depth writes no lockfile: %s", (...args) => {
    const folder = withReport({}, "--depth", "permitted");
    const path = join(folder, "bycatch.lock");
    const none = run(folder, ...args);
    expect([none.status, existsSync(path)]).toEqual([3, false]);
    expect(none.stderr).toContain("bycatch.lock is not written: what code could access was not looked for");
    expect(none.stderr).toContain("scan the app again with --depth referenced");
    lock(folder);
    const before = readFileSync(path, "utf8");
    expect(run(folder, ...args).status).toBe(3);
    expect(readFileSync(path, "utf8")).toBe(before);
    // Of a lockfile that has no more, nothing is forgotten.
    if (args[0] === "init") return;
    writeFileSync(
      path,
      before.replace("depth referenced", "depth permitted").replaceAll(/data-access.*\n/g, ""),
    );
    expect(run(folder, ...args).status).toBe(0);
  });

  test("leaves no room for what bears on an audit", () => {
    const folder = withReport({ "bycatch.policy.yaml": noContacts });
    const { status, stderr } = run(folder, "check", "report.json", "--first-party", "com.acme");
    expect(status).toBe(2);
    expect(stderr).toContain("--first-party: report.json is a report");
  });
});

describe("a mistake in the policy", () => {
  test.each<[string, string, RegExp]>([
    ["of form", "policy-version: 2", /^bycatch: bycatch\.policy\.yaml:1:17: /],
    ["of YAML", "policy-version: 1\n\t- x", /^bycatch: bycatch\.policy\.yaml:2:1: /],
    ["of bytes", "\0\xff\xfe\x7fELF", /^bycatch: bycatch\.policy\.yaml:1:\d+: /],
    [
      "a base that does not ship",
      "policy-version: 1\nextends: [kids]",
      /:2:11: no policy `kids` ships\n {2}There are children, health, no-location\./,
    ],
  ])("%s is told before the app is opened", (_, text, complaint) => {
    const { status, stdout, stderr } = run(folderOf({ "bycatch.policy.yaml": text }), "check", "none.apk");
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(complaint);
    expect(stderr).not.toMatch(/\n {4}at /);
  });

  test("a name that no rule knows", () => {
    const folder = folderOf({ "bycatch.policy.yaml": noPhotos.replace("data-type: photos", "sdk: adjsut") });
    const { status, stdout, stderr } = check(folder);
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toBe(
      "bycatch: bycatch.policy.yaml:4:18: sdk: the rules know no sdk `adjsut`\n  Did you mean adjust?\n",
    );
  });

  test("escapes what a terminal obeys", () => {
    const { stderr } = check(folderOf({ "bycatch.policy.yaml": 'policy-version: 1\n"\\e[2J\\u202e": 1' }));
    expect(stderr).toContain("Unrecognized key");
    expect(stderr.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });
});

describe("a file to check by", () => {
  test.each(["--policy", "--lock"])("%s that is not there, or a folder", (flag) => {
    const folder = folderOf({});
    mkdirSync(join(folder, "d"));
    for (const [name, problem] of [
      ["none", "there is no such file"],
      ["d", "cannot be read (EISDIR)"],
    ] as const) {
      const { status, stderr } = check(folder, flag, name);
      expect([status, stderr]).toEqual([2, `bycatch: ${name}: ${problem}\n`]);
    }
  });

  test.skipIf(process.platform === "win32" || process.getuid?.() === 0)("that may not be read", () => {
    const folder = folderOf({ "bycatch.policy.yaml": noPhotos });
    chmodSync(join(folder, "bycatch.policy.yaml"), 0);
    expect(check(folder).stderr).toBe("bycatch: bycatch.policy.yaml: cannot be read (EACCES)\n");
  });

  test.skipIf(process.platform === "win32")("through a pipe", () => {
    const folder = folderOf({ "p.yaml": noContacts });
    const command = 'cat p.yaml | "$0" "$1" check app.apk --policy /dev/stdin';
    const { status, stdout } = spawnSync("sh", ["-c", command, process.execPath, executable], {
      cwd: folder,
      encoding: "utf8",
    });
    expect(status).toBe(1);
    expect(stdout).toContain("fail  no-contacts  stdin:3");
  });

  test("with Windows line ends and a mark in front", () => {
    const folder = folderOf({ "bycatch.policy.yaml": `\uFEFF${noContacts.replaceAll("\n", "\r\n")}` });
    lock(folder);
    const path = join(folder, "bycatch.lock");
    writeFileSync(path, `\uFEFF${readFileSync(path, "utf8").replaceAll("\n", "\r\n")}`);
    const { status, stdout } = check(folder);
    expect(status).toBe(1);
    expect(stdout).toContain("FAIL  1 of 2 checks failed");
    expect(stdout).toContain("bycatch.policy.yaml:3");
  });

  test("that is no lockfile", () => {
    const { status, stderr } = check(folderOf({ "bycatch.lock": "{}" }));
    expect(status).toBe(2);
    expect(stderr).toContain("bycatch.lock:1: ");
  });
});

describe("--update", () => {
  const agreedTo = (folder: string) => readFileSync(join(folder, "bycatch.lock"), "utf8");

  test("agrees to what is there, then to what is new, then to nothing", () => {
    const folder = folderOf({});
    const first = check(folder, "--update");
    expect(first.status).toBe(0);
    expect(first.stderr).toMatch(
      /^bycatch: bycatch\.lock is written: \d+ things that ride along, one a line\n$/,
    );
    const whole = agreedTo(folder);
    expect(whole).toBe(
      run(folder, "lock", "app.apk", "-o", "-x.lock").status === 0 &&
        readFileSync(join(folder, "-x.lock"), "utf8"),
    );

    const line = "data-access unrecognised:com.acme.tracker contacts contacts referenced";
    expect(whole).toContain(`${line}\n`);
    writeFileSync(join(folder, "bycatch.lock"), whole.replace(`${line}\n`, ""));
    const more = check(folder);
    expect(more.status).toBe(1);
    expect(more.stdout).toContain(`      + ${line}\n`);
    expect(more.stdout).toContain("`bycatch check --update` agrees to them");

    const update = check(folder, "--update");
    expect([update.status, update.stderr]).toEqual([
      0,
      `bycatch: bycatch.lock is written; agreed to:\n+ ${line}\n`,
    ]);
    expect(agreedTo(folder)).toBe(whole);
    expect(check(folder, "--update").stderr).toBe(
      "bycatch: bycatch.lock is written, and says what it said\n",
    );
    expect(check(folder).status).toBe(0);
  });

  test("agrees to no policy's problem", () => {
    const folder = folderOf({ "bycatch.policy.yaml": noContacts });
    expect(check(folder, "--update").status).toBe(1);
    expect(existsSync(join(folder, "bycatch.lock"))).toBe(true);
  });

  test("is refused for an app of which not all was read", async () => {
    const folder = folderOf({});
    await spoil(folder);
    const refused = check(folder, "--update");
    expect(refused.status).toBe(3);
    expect(refused.stderr).toMatch(
      /^bycatch: bycatch\.lock is not written: \d+ parts? of the app could not be read, .*--allow-incomplete writes it\n$/,
    );
    expect(existsSync(join(folder, "bycatch.lock"))).toBe(false);
    const allowed = check(folder, "--update", "--allow-incomplete");
    expect(allowed.status).toBe(0);
    expect(existsSync(join(folder, "bycatch.lock"))).toBe(true);
  });

  test("that is refused agrees to nothing: what is new fails by the lockfile as it was", async () => {
    const folder = folderOf({});
    check(folder, "--update");
    const less = agreedTo(folder).replace(/^third-party .*\n/gm, "");
    writeFileSync(join(folder, "bycatch.lock"), less);
    await spoil(folder);
    const { status, stdout } = check(folder, "--update");
    expect(status).toBe(1);
    expect(stdout).toContain("is a new third party");
    expect(agreedTo(folder)).toBe(less);
  });

  test("of a folder that is not there is refused", () => {
    const folder = folderOf({});
    const { status, stderr } = check(folder, "--update", "--lock", "none/bycatch.lock");
    expect(status).toBe(2);
    expect(stderr).toMatch(/^bycatch: .*none.*\n/);
  });

  test("writes through a link, and over nothing that is no lockfile", () => {
    const folder = folderOf({ "bycatch.policy.yaml": noPhotos });
    for (const path of ["app.apk", "bycatch.policy.yaml"]) {
      const before = readFileSync(join(folder, path));
      expect(check(folder, "--update", "--lock", path).status).toBe(2);
      expect(readFileSync(join(folder, path))).toEqual(before);
    }
    if (process.platform === "win32") return;
    check(folder, "--update", "--lock", "real.lock");
    symlinkSync("real.lock", join(folder, "bycatch.lock"));
    expect(check(folder, "--update").status).toBe(0);
    expect(readFileSync(join(folder, "real.lock"), "utf8")).toBe(agreedTo(folder));
  });
});

describe("an exception", () => {
  const policy = `${noContacts}exceptions:\n  - rule: no-contacts\n    because: It is being replaced.\n    owner: core team\n    until: 2026-06-30\n`;

  test("counts until its last day, by --today", () => {
    const folder = folderOf({ "bycatch.policy.yaml": policy });
    const { status, stdout } = check(folder, "--today", "2026-06-30");
    expect(status).toBe(0);
    expect(stdout).toContain(
      "Agreed to\n  com.acme.tracker could access contacts (referenced)\n    core team until 2026-06-30: It is being replaced.\n",
    );
    const after = check(folder, "--today", "2026-07-01");
    expect(after.status).toBe(1);
    expect(after.stdout).toContain("FAIL  2 of 2 checks failed");
    expect(after.stdout.replaceAll(/\s+/g, " ")).toContain(
      "the exception of core team from no-contacts ended on 2026-06-30 (bycatch.policy.yaml:6)",
    );
  });

  test("that ends within 14 days is told", () => {
    const folder = folderOf({ "bycatch.policy.yaml": policy });
    expect(check(folder, "--today", "2026-06-15").stdout).toContain("PASS  2 checks passed\n");
    const { status, stdout } = check(folder, "--today", "2026-06-16");
    expect(status).toBe(0);
    expect(stdout).toContain("PASS  2 checks passed, 1 warning\n");
    expect(stdout).toContain("the exception of core team from no-contacts ends on 2026-06-30");
  });

  test("by the machine's day unless said", () => {
    const folder = folderOf({ "bycatch.policy.yaml": policy.replace("2026-06-30", "2000-01-01") });
    expect(check(folder).status).toBe(1);
    writeFileSync(join(folder, "bycatch.policy.yaml"), policy.replace("2026-06-30", "2999-01-01"));
    expect(check(folder).status).toBe(0);
  });

  test.each(["yesterday", "2026-02-30", "2026-1-1", ""])("a day that is none: %j", (day) => {
    const { status, stderr } = check(folderOf({}), "--today", day);
    expect(status).toBe(2);
    expect(stderr).toContain("write it like 2026-12-31");
  });
});

describe("outputs", () => {
  test("text and JSON at once; a file's is not coloured, and the JSON is the verdict", () => {
    const folder = folderOf({ "bycatch.policy.yaml": noContacts });
    const { status, stdout } = check(folder, "-o", "-", "-o", "v.json", "-o", "v.txt", "--color", "always");
    expect(status).toBe(1);
    expect(stdout).toContain("\x1b[31mFAIL\x1b[39m");
    expect(readFileSync(join(folder, "v.txt"), "utf8")).toBe(stdout.replaceAll(/\x1b\[\d+m/g, ""));
    const verdict: Verdict = JSON.parse(readFileSync(join(folder, "v.json"), "utf8"));
    expect(verdict).toMatchObject({
      schemaVersion: "1.0",
      app: { packageName: "com.example.tracked", versionName: "1.2" },
      outcome: "fail",
      checks: [
        {
          id: "no-contacts",
          kind: "policy",
          outcome: "fail",
          problems: [{ party: "unrecognised:com.acme.tracker" }],
        },
      ],
      unread: [],
    });
    expect(check(folder, "-f", "json").stdout).toBe(readFileSync(join(folder, "v.json"), "utf8"));
  });

  test.each(["app.apk", "./bycatch.policy.yaml", "base.yaml", "bycatch.lock", "new.lock", "mapping.txt"])(
    "never overwrite %s",
    (path) => {
      const folder = folderOf({
        "bycatch.policy.yaml": `extends: [./base.yaml]\n${noPhotos}`,
        "base.yaml": noContacts,
        "mapping.txt": "a.B -> a.a:\n",
      });
      lock(folder);
      const before = existsSync(join(folder, path)) ? readFileSync(join(folder, path)) : undefined;
      const update = path === "new.lock" ? ["--update", "--lock", path] : [];
      const { status, stdout, stderr } = check(
        folder,
        ...update,
        "--mapping",
        "mapping.txt",
        "-o",
        `json=${path}`,
      );
      expect([status, stdout]).toEqual([2, ""]);
      expect(stderr).toBe(`bycatch: --output: ${path} is also an input, and would be overwritten\n`);
      expect(existsSync(join(folder, path)) ? readFileSync(join(folder, path)) : undefined).toEqual(before);
    },
  );

  test("have no path of the machine, however files were named", () => {
    const exception = `exceptions:\n  - { rule: no-photos, because: x, owner: y }\n`;
    const folder = realpathSync(
      folderOf({ "p.yaml": `extends: [./base.yaml]\n${noPhotos}${exception}`, "base.yaml": noContacts }),
    );
    const form = readFileSync(fixtureAppPath("../data-safety/collects-nothing.csv"));
    writeFileSync(join(folder, "form.csv"), form);
    run(folder, "lock", "app.apk", "-o", "good.lock");
    mkdirSync(join(folder, "below"));
    for (const [cwd, before] of [
      [folder, ""],
      [join(folder, ".."), `${basename(folder)}/`],
      [join(folder, "below"), ""],
    ] as const) {
      const files = ["--policy", "p.yaml", "--lock", "good.lock", "--form", "form.csv"];
      const paths = files.map((one) => (one.startsWith("--") ? one : join(folder, one)));
      for (const format of ["terminal", "json", "sarif", "junit", "markdown", "github", "csv"]) {
        const { status, stdout } = run(cwd, "check", join(folder, "app.apk"), ...paths, "-v", "-f", format);
        expect(status).toBe(1);
        expect(stdout).not.toContain(folder);
        if (format !== "json") continue;
        const places = (JSON.parse(stdout) as Verdict).checks.map(({ place }) => place?.file);
        expect(places).toEqual([
          ...["base.yaml", "p.yaml", "good.lock", "form.csv"].map((name) => before + name),
          undefined,
        ]);
      }
    }
  });

  test("to a folder that is not there are refused before any work", () => {
    const { status, stderr } = run(
      folderOf({ "bycatch.policy.yaml": noPhotos }),
      "check",
      "none.apk",
      "-o",
      "d/v.json",
    );
    expect(status).toBe(2);
    expect(stderr).toContain("there is no directory d");
  });
});
