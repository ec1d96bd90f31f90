import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { type Context, interpolate, isTrue } from "./expressions.js";

/** The checkout, which is the action. */
export const root = fileURLToPath(new URL("../../", import.meta.url));

export interface Step {
  readonly id?: string;
  readonly name: string;
  readonly if?: string;
  readonly shell?: string;
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly uses?: string;
  readonly with?: Readonly<Record<string, string>>;
}

/** action.yml, as far as a composite action goes. */
export interface Action {
  readonly name: string;
  readonly description: string;
  readonly inputs: Readonly<
    Record<string, { readonly description: string; readonly required?: boolean; readonly default?: string }>
  >;
  readonly outputs: Readonly<Record<string, { readonly description: string; readonly value: string }>>;
  readonly runs: { readonly using: string; readonly steps: readonly Step[] };
}

export const action = parse(readFileSync(join(root, "action.yml"), "utf8")) as Action;

export interface ActionRun {
  /** Whether the job would go on. */
  readonly isSuccess: boolean;
  /** Exit code of the step that failed; 0 where none did. */
  readonly status: number;
  /** What the runner shows of all steps. */
  readonly log: string;
  readonly summary: string;
  readonly outputs: Readonly<Record<string, string>>;
  /** Other actions that it would run, with what they are given. */
  readonly used: readonly { readonly uses: string; readonly with: Readonly<Record<string, string>> }[];
}

/**
 * Runs the action's steps as a runner does: in bash, in the workspace, with GitHub's environment files. Steps that
 * use another action are not run.
 *
 * @param workspace the repository that is checked
 * @param home of the runner's own files
 */
export function runAction(
  inputs: Readonly<Record<string, string>>,
  workspace: string,
  home: string,
): ActionRun {
  const context: Record<string, string> = {};
  for (const [name, input] of Object.entries(action.inputs))
    context[`inputs.${name}`] = inputs[name] ?? input.default ?? "";
  for (const name of Object.keys(inputs))
    if (!(name in action.inputs)) throw new Error(`the action has no input ${name}`);
  mkdirSync(join(home, "temp"), { recursive: true });
  const summary = join(home, "summary.md");
  writeFileSync(summary, "");
  const used: ActionRun["used"][number][] = [];
  let log = "";
  let status = 0;
  for (const [index, step] of action.runs.steps.entries()) {
    if (status !== 0 || !isTrue(step.if, context)) continue;
    if (step.uses !== undefined) {
      used.push({ uses: step.uses, with: interpolateAll(step.with ?? {}, context) });
      continue;
    }
    const outputFile = join(home, `output-${index}`);
    const script = join(home, `step-${index}.sh`);
    writeFileSync(outputFile, "");
    writeFileSync(script, step.run!);
    const run = spawnSync("bash", ["--noprofile", "--norc", "-eo", "pipefail", script], {
      cwd: workspace,
      encoding: "utf8",
      env: {
        HOME: home,
        PATH: process.env.PATH,
        CI: "true",
        GITHUB_ACTIONS: "true",
        GITHUB_ACTION_PATH: root,
        GITHUB_WORKSPACE: workspace,
        GITHUB_OUTPUT: outputFile,
        GITHUB_STEP_SUMMARY: summary,
        GITHUB_ENV: join(home, "env"),
        RUNNER_TEMP: join(home, "temp"),
        ...interpolateAll(step.env ?? {}, context),
      },
    });
    log += run.stdout + run.stderr;
    status = run.status ?? -1;
    for (const [name, value] of readOutputs(outputFile)) context[`steps.${step.id}.outputs.${name}`] = value;
  }
  const outputs = Object.entries(action.outputs).map(([name, { value }]) => [
    name,
    interpolate(value, context),
  ]);
  return {
    isSuccess: status === 0,
    status,
    log,
    summary: readFileSync(summary, "utf8"),
    outputs: Object.fromEntries(outputs),
    used,
  };
}

function interpolateAll(texts: Readonly<Record<string, string>>, context: Context): Record<string, string> {
  return Object.fromEntries(
    Object.entries(texts).map(([name, text]) => [name, interpolate(String(text), context)]),
  );
}

/** Lines `name=value` of an output file, the only form that the action writes. */
function readOutputs(file: string): [name: string, value: string][] {
  return readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [, name, value] = /^([a-z-]+)=(.*)$/.exec(line) ?? [];
      if (name === undefined) throw new Error(`no output: ${line}`);
      return [name, value!];
    });
}
