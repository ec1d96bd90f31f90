import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../cli/run-bycatch.js";
import { root } from "./run-action.js";
import { hasTool } from "./tools.js";

const settings = join(root, "ci/settings.sh");

/** What `bycatch` would be run with, one item an argument. */
function readArguments(env: Readonly<Record<string, string>>, files: readonly string[] = ["app.apk"]) {
  const folder = temporaryFolder();
  for (const file of files) {
    mkdirSync(join(folder, file, ".."), { recursive: true });
    writeFileSync(join(folder, file), "");
  }
  const script = 'set -euo pipefail; source "$1"; add_settings; printf "%s\\0" "${arguments[@]}"';
  // A bash whose input is a socket takes itself for one at the end of a network, and reads what its user has for that.
  const { status, stdout, stderr } = spawnSync("bash", ["--norc", "-c", script, "bash", settings], {
    cwd: folder,
    encoding: "utf8",
    env: { PATH: process.env.PATH, ...env },
  });
  expect(readdirSync(folder).sort()).toEqual([...new Set(files.map((file) => file.split("/")[0]!))].sort());
  return { status, stderr, arguments: stdout.split("\0").slice(0, -1) };
}

test("what is not set is not said", () => {
  const empty = Object.fromEntries(
    ["POLICY", "LOCK", "MAPPING", "FORM", "RULES", "FIRST_PARTY"].map((name) => [`BYCATCH_${name}`, ""]),
  );
  for (const env of [{}, empty])
    expect(readArguments({ ...env, BYCATCH_APP: "app.apk" }).arguments).toEqual(["check", "--", "app.apk"]);
});

test("each setting is an option, and lines are several", () => {
  const env = {
    BYCATCH_APP: "app.apk",
    BYCATCH_POLICY: "p.yaml",
    BYCATCH_LOCK: "l.lock",
    BYCATCH_MAPPING: "mapping.txt",
    BYCATCH_FORM: "form.csv",
    BYCATCH_RULES: "\n one\r\n\n\ttwo and more\n",
    BYCATCH_FIRST_PARTY: "com.a\ncom.b",
    BYCATCH_ALLOW_INCOMPLETE: "true",
  };
  expect(readArguments(env).arguments).toEqual([
    "check",
    "--policy=p.yaml",
    "--lock=l.lock",
    "--mapping=mapping.txt",
    "--form=form.csv",
    "--rules=one",
    "--rules=two and more",
    "--first-party=com.a",
    "--first-party=com.b",
    "--allow-incomplete",
    "--",
    "app.apk",
  ]);
});

test.each([
  "$(touch pwned)",
  "`touch pwned`",
  "a;touch pwned",
  '"',
  "'",
  "$HOME",
  "*",
  "a  b",
  "--update",
  "\\n",
  "{a,b}",
  "~",
  "!!",
])("%j is one argument, as it stands", (value) => {
  const env = { BYCATCH_APP: "app.apk", BYCATCH_POLICY: value, BYCATCH_RULES: value };
  expect(readArguments(env).arguments).toEqual([
    "check",
    `--policy=${value}`,
    `--rules=${value}`,
    "--",
    "app.apk",
  ]);
});

test("a path goes before a pattern, and a pattern is for one file", () => {
  const files = ["out/a b.apk", "out/[ab].apk", "out/deep/c.apk"];
  const app = (pattern: string) => readArguments({ BYCATCH_APP: pattern }, files);
  expect(app("out/[ab].apk").arguments.at(-1)).toBe("out/[ab].apk");
  expect(app("out/a*.apk").arguments.at(-1)).toBe("out/a b.apk");
  expect(app("**/c.apk").arguments.at(-1)).toBe("out/deep/c.apk");
  expect(app("out/*.apk")).toMatchObject({ status: 2, stderr: expect.stringContaining("2 files match") });
  expect(app("out/*.aab")).toMatchObject({ status: 2, stderr: expect.stringContaining("no file matches") });
  expect(app("")).toMatchObject({ status: 2, stderr: expect.stringContaining("name the APK") });
});

const scripts = readdirSync(join(root, "ci"), { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".sh"))
  .map((path) => `ci/${path}`);

test.each(scripts)("%s stops at what fails, unless it is sourced", (path) => {
  const text = readFileSync(join(root, path), "utf8");
  expect(text).toMatch(
    path === "ci/settings.sh" ? /^# shellcheck shell=bash\n/ : /^#!.*\n(#.*\n)*set -euo pipefail\n/,
  );
});

test.skipIf(!hasTool("shellcheck"))("shellcheck has nothing to say of the scripts", () => {
  const { status, stdout } = spawnSync("shellcheck", ["-x", ...scripts], { cwd: root, encoding: "utf8" });
  expect({ status, stdout }).toEqual({ status: 0, stdout: "" });
});
