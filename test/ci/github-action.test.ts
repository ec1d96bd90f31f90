import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { temporaryFolder } from "../cli/run-bycatch.js";
import { gateFolder } from "../support/gate-folder.js";
import { interpolate, isTrue } from "./expressions.js";
import { type ActionRun, action, root, runAction } from "./run-action.js";

const guide = readFileSync(join(root, "ci/README.md"), "utf8");

function run(inputs: Readonly<Record<string, string>>, workspace = gateFolder()): ActionRun {
  return runAction({ rules: "rules", ...inputs }, workspace, temporaryFolder());
}

/** Lines that a runner would take for commands: none between `stop-commands` and its end. */
function commandsOf(log: string): string[] {
  const commands: string[] = [];
  let end: string | undefined;
  for (const line of log.split("\n").map((one) => one.trimStart())) {
    if (end !== undefined) {
      if (line === `::${end}::`) end = undefined;
    } else if (line.startsWith("::") || line.includes("##[")) {
      commands.push(line);
      end = /^::stop-commands::(.+)$/.exec(line)?.[1];
    }
  }
  return commands;
}

describe("action.yml", () => {
  test("is a composite action, each step of which has a name and one thing to do", () => {
    expect(action.runs.using).toBe("composite");
    for (const step of action.runs.steps) {
      expect(step.name).toBeTruthy();
      expect([step.run, step.uses].filter((one) => one !== undefined)).toHaveLength(1);
      if (step.run !== undefined) expect(step.shell).toBe("bash");
      else expect(step.uses).toMatch(/^[\w-]+\/[\w/-]+@v\d+$/);
    }
  });

  test("writes no expression into a script: it would be run", () => {
    for (const { run = "" } of action.runs.steps) expect(run).not.toContain("${{");
  });

  test.each(Object.keys(action.inputs))("input %s is described, documented and used", (name) => {
    const { description, required, default: fallback } = action.inputs[name]!;
    expect(description.length).toBeGreaterThan(10);
    expect(required === true || fallback !== undefined).toBe(true);
    expect(guide).toContain(`| \`${name}\` |`);
    expect(JSON.stringify(action.runs.steps)).toMatch(new RegExp(`inputs\\.${name}\\b(?!-)`));
  });

  test.each(Object.keys(action.outputs))("output %s is described and documented", (name) => {
    expect(action.outputs[name]!.description.length).toBeGreaterThan(10);
    expect(guide).toContain(`\`${name}\``);
  });
});

test("the guide's snippets are YAML, and give the action no input that it does not have", () => {
  const snippets = [...guide.matchAll(/```yaml\n(.*?)```/gs)].map(([, text]) => parse(text!));
  const steps = snippets.flatMap((snippet) => (Array.isArray(snippet) ? snippet : (snippet.steps ?? [])));
  const uses = steps.filter(({ uses }) => uses?.startsWith("OWNER/bycatch@"));
  expect(uses).toHaveLength(2);
  for (const { with: inputs } of uses) {
    expect(Object.keys(action.inputs)).toEqual(expect.arrayContaining(Object.keys(inputs)));
    expect(inputs.app).toBeTruthy();
  }
});

describe("the action's steps", () => {
  test("pass a clean build, with a summary and files", () => {
    const { isSuccess, log, summary, outputs, used } = run({ app: "gate-base.apk" });
    expect({ isSuccess, used }).toEqual({ isSuccess: true, used: [] });
    expect(outputs).toMatchObject({ outcome: "pass", "exit-code": "0" });
    expect(log).toContain("PASS");
    expect(summary).toMatch(/passed/);
    expect(JSON.parse(readFileSync(outputs["sarif-file"]!, "utf8")).version).toBe("2.1.0");
    expect(JSON.parse(readFileSync(outputs["json-file"]!, "utf8")).outcome).toBe("pass");
    expect(readFileSync(outputs["markdown-file"]!, "utf8")).toBe(summary);
  });

  test("fail a build with a new SDK by check's exit code, after all was published", () => {
    const { status, log, summary, outputs, used } = run({ app: "gate-new-sdk.apk", "upload-sarif": "true" });
    expect(status).toBe(1);
    expect(outputs).toMatchObject({ outcome: "fail", "exit-code": "1" });
    expect(summary).toContain("+ third-party gannetry-ads 5.1.0");
    expect(used).toEqual([
      {
        uses: expect.stringMatching(/^github\/codeql-action\/upload-sarif@/),
        with: { sarif_file: outputs["sarif-file"], category: "bycatch" },
      },
    ]);
    const commands = commandsOf(log);
    expect(commands.filter((line) => line.startsWith("::error ")).length).toBeGreaterThan(3);
    expect(commands).toContainEqual(expect.stringMatching(/^::error file=bycatch\.policy\.yaml,line=9,/));
    expect(commands.filter((line) => line.startsWith("::group::"))).toHaveLength(1);
    expect(commands.filter((line) => line === "::endgroup::")).toHaveLength(1);
  });

  test("say that there is no verdict on a file that is cut off", () => {
    const workspace = gateFolder();
    const whole = readFileSync(join(workspace, "gate-base.apk"));
    writeFileSync(join(workspace, "cut.apk"), whole.subarray(0, 1500));
    const { status, log, summary, outputs, used } = run(
      { app: "cut.apk", "upload-sarif": "true" },
      workspace,
    );
    expect(status).toBe(3);
    expect(outputs).toEqual({
      outcome: "incomplete",
      "exit-code": "3",
      "sarif-file": "",
      "markdown-file": "",
      "json-file": "",
    });
    expect(used).toEqual([]);
    expect(log).toContain("it is cut off");
    expect(summary).toContain("no verdict");
    expect(commandsOf(log).filter((line) => line.startsWith("::error "))).toHaveLength(1);
  });

  test("end as a wrong command line does where a setting is wrong", () => {
    const workspace = gateFolder();
    for (const [inputs, words] of [
      [{ app: "none-*.apk" }, "no file matches none-\\*.apk"],
      [{ app: "gate-*.apk" }, "3 files match"],
      [{ app: "gate-base.apk", "allow-incomplete": "yes" }, "true or false, not yes"],
      [{ app: "gate-base.apk", policy: "no-such.yaml" }, "no-such.yaml"],
    ] as const) {
      const { status, log, outputs } = run(inputs, workspace);
      expect({ status, outcome: outputs.outcome }, words).toEqual({ status: 2, outcome: "error" });
      expect(log).toContain(words);
    }
  });

  test("take a pattern that one file matches, several rules, and another policy", () => {
    const workspace = gateFolder();
    mkdirSync(join(workspace, "build/apk"), { recursive: true });
    renameSync(join(workspace, "gate-new-sdk.apk"), join(workspace, "build/apk/gate new.apk"));
    mkdirSync(join(workspace, "more"));
    renameSync(join(workspace, "rules/vendors"), join(workspace, "more/vendors"));
    rmSync(join(workspace, "bycatch.policy.yaml"));
    writeFileSync(join(workspace, "other.yaml"), "policy-version: 1\nrules: []\n");
    const inputs = {
      app: "build/*/*.apk",
      rules: "rules\n  more  \r\n\n",
      policy: "other.yaml",
      "first-party": "com.gannetry",
    };
    const { status, outputs, log } = run(inputs, workspace);
    expect(status, log).toBe(1);
    const { checks } = JSON.parse(readFileSync(outputs["json-file"]!, "utf8"));
    const told = checks.flatMap(({ problems }: { problems: { id: string }[] }) =>
      problems.map(({ id }) => id),
    );
    expect(told).toContain("lockfile/permission/com.google.android.gms.permission.AD_ID");
    expect(told).not.toContain("lockfile/third-party/gannetry-ads");
  });
});

describe("hostile values", () => {
  const hostile = [
    "$(touch pwned)",
    "`touch pwned`",
    "a b; touch pwned",
    '"; touch pwned; "',
    "'; touch pwned; '",
    "x\ntouch pwned\n",
    "--help",
    "--output=pwned",
    "-",
    "$HOME/*",
    "${{ github.token }}",
    "\\",
  ];

  test.each(hostile)("%j is only ever a name", (value) => {
    const others = ["policy", "lock", "mapping", "rules"].map((name) => [name, value]);
    for (const inputs of [
      { app: value },
      { app: "gate-base.apk", "allow-incomplete": value },
      { app: "gate-base.apk", ...Object.fromEntries(others) },
    ]) {
      const workspace = gateFolder();
      const before = readdirSync(workspace);
      const { status, outputs } = run(inputs, workspace);
      const about = JSON.stringify(inputs);
      expect({ status, outcome: outputs.outcome }, about).toEqual({ status: 2, outcome: "error" });
      expect(readdirSync(workspace), about).toEqual(before);
    }
  });

  test.each([
    "$(touch pwned).apk",
    "a b.apk",
    "[x].apk",
    "-rf.apk",
    "new\nline.apk",
    "::set-env name=A::b.apk",
    "a ##[set-output name=exit-code]0.apk",
  ])("%j is a file like any other", (name) => {
    const workspace = gateFolder();
    renameSync(join(workspace, "gate-new-sdk.apk"), join(workspace, name));
    const { status, log, outputs } = run({ app: name }, workspace);
    expect({ status, outcome: outputs.outcome }, log).toEqual({ status: 1, outcome: "fail" });
    expect(existsSync(join(workspace, "pwned"))).toBe(false);
    for (const line of commandsOf(log))
      expect(line).toMatch(/^::(?:group|endgroup|stop-commands|[0-9a-f]{32}|error|warning|notice)\b/);
  });
});

describe("install.sh", () => {
  /** A checkout with nothing but the script, and an npm that says what it was asked. */
  function bareCheckout(): string {
    const folder = temporaryFolder();
    mkdirSync(join(folder, "ci"));
    mkdirSync(join(folder, "bin"));
    writeFileSync(join(folder, "ci/install.sh"), readFileSync(join(root, "ci/install.sh")));
    writeFileSync(join(folder, "bin/npm"), '#!/bin/sh\necho "$@" >>"$(dirname "$0")/../asked"\n', {
      mode: 0o755,
    });
    return folder;
  }

  function install(folder: string) {
    return spawnSync("bash", [join(folder, "ci/install.sh")], {
      cwd: temporaryFolder(),
      encoding: "utf8",
      env: { ...process.env, PATH: `${join(folder, "bin")}:${process.env.PATH}` },
    });
  }

  test("builds a checkout that is not built", () => {
    const folder = bareCheckout();
    expect(install(folder).status).toBe(0);
    expect(readFileSync(join(folder, "asked"), "utf8")).toBe("ci --include=dev --no-audit --no-fund\n");
  });

  test("leaves one that is", () => {
    const folder = bareCheckout();
    mkdirSync(join(folder, "dist"));
    writeFileSync(join(folder, "dist/cli.js"), "");
    expect(install(folder).status).toBe(0);
    expect(existsSync(join(folder, "asked"))).toBe(false);
  });

  test("says that Node is too old, or not there", () => {
    const folder = bareCheckout();
    writeFileSync(join(folder, "bin/node"), "#!/bin/sh\nexit 1\n", { mode: 0o755 });
    const { status, stderr } = install(folder);
    expect(status).toBe(2);
    expect(stderr).toContain("needs Node 20.19 or later");
    expect(existsSync(join(folder, "asked"))).toBe(false);
  });
});

describe("the evaluator of these tests", () => {
  const context = { "inputs.a": "x", "inputs.b": "", "steps.one.outputs.two-three": "true" };

  test.each([
    ["inputs.a == 'X'", true],
    ["inputs.a != 'x'", false],
    ["inputs.b", false],
    ["!inputs.b && steps.one.outputs.two-three", true],
    ["inputs.b || (inputs.a == 'y' || 'it''s')", true],
    ["${{ inputs.a == 'x' && inputs.b != '' }}", false],
  ])("%s", (expression, expected) => expect(isTrue(expression, context)).toBe(expected));

  test("replaces, and knows what is not there", () => {
    expect(interpolate("<${{ inputs.a }}|${{inputs.b}}>", context)).toBe("<x|>");
    expect(() => interpolate("${{ inputs.none }}", context)).toThrow("inputs.none");
    expect(() => isTrue("inputs.a === 'x'", context)).toThrow();
    expect(() => isTrue("inputs.a inputs.b", context)).toThrow("not understood");
  });
});
