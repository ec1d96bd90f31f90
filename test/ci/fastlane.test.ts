import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { executable } from "../cli/run-bycatch.js";
import { gateFolder } from "../support/gate-folder.js";
import { root } from "./run-action.js";
import { hasTool } from "./tools.js";

const stands = fileURLToPath(new URL("fastlane.rb", import.meta.url));

interface LaneRun {
  readonly options?: Readonly<Record<string, unknown>>;
  readonly context?: Readonly<Record<string, string>>;
  readonly env?: NodeJS.ProcessEnv;
}

/** Runs the lane in `fastlane/` of a project, as fastlane does. */
function runLane(project: string, { options = {}, context = {}, env = {} }: LaneRun) {
  mkdirSync(join(project, "fastlane"), { recursive: true });
  const given = { command: [process.execPath, executable], rules: "rules", ...options };
  const lane = join(root, "ci/fastlane/bycatch.rb");
  const { status, stdout, stderr } = spawnSync(
    "ruby",
    ["-w", stands, lane, JSON.stringify(given), JSON.stringify(context)],
    { cwd: join(project, "fastlane"), encoding: "utf8", env: { ...process.env, ...env } },
  );
  return { isStopped: status === 7, status, stdout, stderr };
}

describe.skipIf(!hasTool("ruby"))("the lane", () => {
  test("goes on where the build passes", () => {
    const { status, stdout, stderr } = runLane(gateFolder(), { options: { app: "gate-base.apk" } });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toMatch(/PASS[\s\S]*success: bycatch: gate-base\.apk may ship\nlane goes on/);
  });

  test("stops where it fails, and has written what it was asked for", () => {
    const project = gateFolder();
    const options = { app: "gate-new-sdk.apk", output: ["verdict.json", "verdict.sarif"] };
    const { isStopped, stdout } = runLane(project, { options });
    expect(isStopped).toBe(true);
    expect(stdout).toContain("user error: bycatch: gate-new-sdk.apk must not ship");
    expect(JSON.parse(readFileSync(join(project, "verdict.json"), "utf8")).outcome).toBe("fail");
    expect(existsSync(join(project, "verdict.sarif"))).toBe(true);
  });

  test("checks what gradle built last, if no app is named", () => {
    const project = gateFolder();
    const context = { GRADLE_APK_OUTPUT_PATH: join(project, "gate-new-sdk.apk") };
    expect(runLane(project, { context }).isStopped).toBe(true);
    expect(runLane(project, { context, options: { app: "gate-base.apk" } }).status).toBe(0);
    expect(runLane(project, {}).stdout).toContain("user error: bycatch: no APK was built in this run");
  });

  test("stops where the app could not be read, or nothing was checked", () => {
    const project = gateFolder();
    writeFileSync(join(project, "cut.apk"), readFileSync(join(project, "gate-base.apk")).subarray(0, 1500));
    expect(runLane(project, { options: { app: "cut.apk" } }).stdout).toContain("could not be read whole");
    const wrong = runLane(project, { options: { app: "gate-base.apk", policy: "none.yaml" } });
    expect(wrong.stdout).toContain("user error: bycatch: there is no verdict on gate-base.apk (exit code 2)");
  });

  test("says all that it is told, and no shell sees it", () => {
    const project = gateFolder();
    const app = "a $(touch pwned) b.apk";
    renameSync(join(project, "gate-base.apk"), join(project, app));
    writeFileSync(join(project, "say.js"), "console.log(JSON.stringify(process.argv.slice(2)))");
    const options = {
      app,
      command: undefined,
      policy: "p; touch pwned",
      lock: "l",
      form: "f",
      mapping: "m",
      rules: ["r1", "r2"],
      first_party: "com.a",
      allow_incomplete: true,
    };
    const { stdout } = runLane(project, {
      options,
      env: { BYCATCH_COMMAND: `'${process.execPath}' say.js` },
    });
    expect(JSON.parse(stdout.split("\n")[0]!)).toEqual([
      "check",
      "--policy=p; touch pwned",
      "--lock=l",
      "--form=f",
      "--mapping=m",
      "--rules=r1",
      "--rules=r2",
      "--first-party=com.a",
      "--allow-incomplete",
      "--output=-",
      "--",
      app,
    ]);
    expect(existsSync(join(project, "pwned"))).toBe(false);
  });
});
