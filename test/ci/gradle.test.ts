import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { executable, temporaryFolder } from "../cli/run-bycatch.js";
import { javaOptions } from "../support/dx.js";
import { gateFolder } from "../support/gate-folder.js";
import { root } from "./run-action.js";
import { hasTool } from "./tools.js";

const script = join(root, "ci/gradle/bycatch.gradle");

/** A text as Groovy writes it, in which nothing is evaluated. */
const quote = (text: string) => `'${text.replaceAll(/['\\]/g, "\\$&")}'`;

/** Of a module: its `bycatch { }`, and where its build puts which APK. */
interface Module {
  readonly settings: string;
  /** Name of the task that builds. */
  readonly task?: string;
  /** Builds of fixtures/gate by where they end up under `build/outputs/apk`. */
  readonly apks?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
}

/** A project as the Android plugin would have it: modules whose assemble tasks write APKs. */
function writeProject(modules: Readonly<Record<string, Module>>): string {
  const project = gateFolder();
  const names = Object.keys(modules);
  writeFileSync(join(project, "settings.gradle"), `include ${names.map(quote).join(", ")}\n`);
  for (const [name, { settings, task = "assembleRelease", apks = {}, files = {} }] of Object.entries(
    modules,
  )) {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(project, name, path)), { recursive: true });
      writeFileSync(join(project, name, path), text);
    }
    mkdirSync(join(project, name), { recursive: true });
    const copies = Object.entries(apks).map(
      ([path, build]) => `ant.copy(file: "$rootDir/${build}.apk", tofile: "$buildDir/outputs/apk/${path}")`,
    );
    const lines = [
      `apply from: ${quote(script)}`,
      `bycatch { rules = ["$rootDir/rules"]; command = [${quote(process.execPath)}, ${quote(executable)}]; ${settings} }`,
      // Behind the settings, as the Android plugin makes its tasks.
      `afterEvaluate { task ${task} { doLast { ${copies.join("; ")} } } }`,
    ];
    writeFileSync(join(project, name, "build.gradle"), `${lines.join("\n")}\n`);
  }
  return project;
}

function gradle(project: string, ...tasks: string[]) {
  const { status, stdout, stderr } = spawnSync(
    "gradle",
    ["--offline", "--no-daemon", "--continue", ...tasks],
    {
      cwd: project,
      encoding: "utf8",
      env: {
        ...process.env,
        GRADLE_USER_HOME: temporaryFolder(),
        JAVA_TOOL_OPTIONS: javaOptions.join(" "),
      },
    },
  );
  return { status, stdout, stderr, log: stdout + stderr };
}

describe.skipIf(!hasTool("gradle"))("the Gradle task", () => {
  test("builds the variant and checks it: modules that pass, and that do not", () => {
    const project = writeProject({
      clean: { settings: "", apks: { "release/clean-release.apk": "gate-base" } },
      "new-sdk": {
        settings: "",
        apks: { "release/new.apk": "gate-new-sdk", "debug/other.apk": "gate-base" },
      },
    });
    const { status, stdout, stderr } = gradle(project, "bycatchCheck");
    expect(status).not.toBe(0);
    expect(stdout).toMatch(/:clean:assembleRelease\n[\s\S]*:clean:bycatchCheck\n[\s\S]*PASS/);
    expect(stdout).toContain("FAIL");
    expect(stderr).toContain("Execution failed for task ':new-sdk:bycatchCheck'");
    expect(stderr).not.toContain("':clean:");
    expect(stderr).toContain("non-zero exit value 1");
    const reports = (module: string, kind: string) =>
      readFileSync(join(project, module, `build/reports/bycatch/bycatch.${kind}`), "utf8");
    expect(JSON.parse(reports("clean", "json")).outcome).toBe("pass");
    expect(JSON.parse(reports("new-sdk", "json")).outcome).toBe("fail");
    expect(reports("new-sdk", "xml")).toContain("<testsuite");
    expect(reports("new-sdk", "md")).toContain("gannetry-ads");
    expect(reports("new-sdk", "sarif")).toContain('"bycatch.policy.yaml"');
    for (const kind of ["json", "sarif", "xml", "md"])
      expect(reports("new-sdk", kind)).not.toContain(project);
  });

  test("runs whenever the variant is assembled, if that is asked for, and never else", () => {
    const apks = { "release/app.apk": "gate-new-sdk" };
    const project = writeProject({
      asked: { settings: "afterAssemble = true", apks },
      "not-asked": { settings: "", apks },
    });
    const { status, stdout, stderr } = gradle(project, "assembleRelease");
    expect(status).not.toBe(0);
    expect(stdout).toContain(":asked:bycatchCheck");
    expect(stdout).not.toContain(":not-asked:bycatchCheck");
    expect(stderr).toContain("Execution failed for task ':asked:bycatchCheck'");
  });

  test("finds a flavour and its mapping, takes an app by its name, and says all that it is told", () => {
    const say = 'console.log("said " + JSON.stringify(process.argv.slice(2)))';
    const command = `command = [${quote(process.execPath)}, file("say.js")]`;
    const project = writeProject({
      flavour: {
        task: "assembleFreeEuRelease",
        settings: `${command}; variant = "freeEuRelease"; rules = []`,
        apks: { "freeEu/release/a.apk": "gate-base", "freeUs/release/b.apk": "gate-base" },
        files: { "say.js": say, "build/outputs/mapping/freeEuRelease/mapping.txt": "" },
      },
      named: {
        settings: `${command}; app = 'a $(touch pwned).apk'; policy = "p; touch pwned"; lock = "$rootDir/l"; form = "f"; mapping = "m"; rules = ["r1", "r2"]; firstParty = ["com.a"]; allowIncomplete = true`,
        files: { "say.js": say },
      },
      several: { settings: "", apks: { "release/a.apk": "gate-base", "release/b.apk": "gate-base" } },
      none: { settings: "" },
      "no-command": {
        settings: 'command = "no-such-bycatch"',
        apks: { "release/a.apk": "gate-base" },
      },
    });
    const { log, stdout } = gradle(project, "bycatchCheck");
    const said = [...stdout.matchAll(/^said (.*)$/gm)].map(([, json]) => JSON.parse(json!) as string[]);
    const withoutOutputs = said.map((words) => words.filter((word) => !word.startsWith("--output=")));
    expect(withoutOutputs).toEqual([
      [
        "check",
        "--mapping=flavour/build/outputs/mapping/freeEuRelease/mapping.txt",
        "--",
        "flavour/build/outputs/apk/freeEu/release/a.apk",
      ],
      [
        "check",
        "--policy=p; touch pwned",
        "--lock=l",
        "--form=f",
        "--mapping=m",
        "--rules=r1",
        "--rules=r2",
        "--first-party=com.a",
        "--allow-incomplete",
        "--",
        "a $(touch pwned).apk",
      ],
    ]);
    expect(stdout).not.toContain(":named:assembleRelease");
    expect(log).toContain("the variant release there are 2: a.apk, b.apk; set app");
    expect(log).toContain("the variant release there is none; set app");
    expect(log).toContain("no-such-bycatch");
    expect(existsSync(join(project, "pwned"))).toBe(false);
  });
});
