import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { XMLParser } from "fast-xml-parser";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { temporaryFolder } from "../cli/run-bycatch.js";
import { gateFolder } from "../support/gate-folder.js";
import { root } from "./run-action.js";

interface Job {
  readonly variables: Readonly<Record<string, string>>;
  readonly before_script: readonly string[];
  readonly script: readonly string[];
  readonly artifacts: {
    readonly when: string;
    readonly paths: readonly string[];
    readonly reports: { readonly junit: string };
  };
}

const { ".bycatch": job } = parse(readFileSync(join(root, "ci/gitlab/bycatch.gitlab-ci.yml"), "utf8")) as {
  ".bycatch": Job;
};

/** Runs script lines as GitLab's runner does: one after the other in one shell that stops at what fails. */
function runLines(lines: readonly string[], folder: string, variables: Readonly<Record<string, string>>) {
  const script = ["set -eo pipefail", ...lines].join("\n");
  return spawnSync("bash", ["-c", script], {
    cwd: folder,
    encoding: "utf8",
    env: { PATH: process.env.PATH, HOME: folder, CI: "true", ...job.variables, ...variables },
  });
}

/** A repository with the app, where Bycatch is cloned already. */
function clonedFolder(): string {
  const folder = gateFolder();
  symlinkSync(root, join(folder, ".bycatch"));
  return folder;
}

function expand(path: string, variables = job.variables): string {
  return path.replaceAll(/\$(\w+)/g, (_, name: string) => variables[name]!);
}

describe("the GitLab job", () => {
  test("keeps its reports whatever the verdict", () => {
    expect(job.artifacts.when).toBe("always");
    expect(job.artifacts.paths.map((path) => expand(path))).toEqual(["bycatch-reports"]);
    expect(expand(job.artifacts.reports.junit)).toBe("bycatch-reports/bycatch.xml");
  });

  test("passes a clean build", () => {
    const folder = clonedFolder();
    const variables = { BYCATCH_APP: "gate-base.apk", BYCATCH_RULES: "rules" };
    const { status, stdout, stderr } = runLines([...job.before_script, ...job.script], folder, variables);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toContain("PASS");
    for (const kind of ["xml", "sarif", "md", "json"])
      expect(existsSync(join(folder, `bycatch-reports/bycatch.${kind}`)), kind).toBe(true);
  });

  test("fails another by check's exit code, with a report of its tests", () => {
    const folder = clonedFolder();
    const variables = {
      BYCATCH_APP: "*-new-sdk.apk",
      BYCATCH_RULES: "rules",
      BYCATCH_REPORTS: "$(touch pwned) of mine",
    };
    const { status } = runLines(job.script, folder, variables);
    expect(status).toBe(1);
    expect(existsSync(join(folder, "pwned"))).toBe(false);
    const junit = expand(job.artifacts.reports.junit, { ...job.variables, ...variables });
    const report = new XMLParser({ ignoreAttributes: false }).parse(
      readFileSync(join(folder, junit), "utf8"),
    );
    expect(JSON.stringify(report)).toContain("no-advertising");
  });

  test("leaves no report of an earlier run where there is no verdict", () => {
    const folder = clonedFolder();
    mkdirSync(join(folder, "bycatch-reports"));
    writeFileSync(join(folder, "bycatch-reports/bycatch.xml"), "old");
    const { status } = runLines(job.script, folder, { BYCATCH_APP: "none.apk" });
    expect(status).toBe(2);
    expect(existsSync(join(folder, "bycatch-reports/bycatch.xml"))).toBe(false);
  });

  test("clones what it is told to, once, and installs it", () => {
    const upstream = temporaryFolder();
    mkdirSync(join(upstream, "ci"));
    writeFileSync(join(upstream, "ci/install.sh"), "echo installed\n");
    const git = (...args: string[]) => {
      const identity = ["-c", "user.name=a", "-c", "user.email=a@b.example", "-c", "init.defaultBranch=main"];
      expect(spawnSync("git", [...identity, ...args], { cwd: upstream }).status).toBe(0);
    };
    git("init", "--quiet");
    git("add", ".");
    git("commit", "--quiet", "-m", "one");
    git("tag", "v1");
    const folder = temporaryFolder();
    const variables = { BYCATCH_REPOSITORY: `file://${upstream}`, BYCATCH_REF: "v1" };
    for (const _ of ["cloned", "there already"]) {
      const { status, stdout } = runLines(job.before_script, folder, variables);
      expect({ status, stdout }).toEqual({ status: 0, stdout: "installed\n" });
    }
    const unnamed = runLines(job.before_script, temporaryFolder(), {});
    expect(unnamed.status).not.toBe(0);
    expect(unnamed.stderr).toContain("BYCATCH_REPOSITORY: is where Bycatch is cloned from");
  });
});
