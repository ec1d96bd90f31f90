import { existsSync } from "node:fs";
import { UsageError } from "../diagnostics/index.js";
import type { AuditResult, Rung } from "../findings/index.js";
import {
  applyExceptions,
  type CheckResult,
  checkForm,
  checkLockfile,
  compareInventories,
  evaluatePolicy,
  type Inventory,
  isHigherRung,
  makeVerdict,
  type Policy,
  type PolicyFiles,
  parseLockfile,
  readUserFile,
  renderChange,
  renderLockfile,
  sayLookedFor,
  takeInventory,
  type Verdict,
} from "../policy/index.js";
import { renderVerdict, renderVerdictJson } from "../report/index.js";
import { type ColorChoice, findWidth, tell, tellFailure, wantsColor } from "./console.js";
import type { Ending } from "./exit-codes.js";
import { loadForm } from "./load-form.js";
import { loadRules } from "./load-rules.js";
import { nameFile } from "./name-file.js";
import { type Output, parseOutputs, protectInputs, type VerdictFormat, verdictFormats } from "./outputs.js";
import { type AppOptions, depthAtLeast, readApp } from "./read-app.js";
import { ReportFile } from "./report-file.js";
import { removeStale } from "./stale-outputs.js";
import { writeOutput } from "./write-output.js";

/** Where a policy and a lockfile are looked for unless they are named. */
export const DEFAULT_POLICY = "bycatch.policy.yaml";
export const DEFAULT_LOCKFILE = "bycatch.lock";

/** `bycatch check`'s options, as commander hands them over. */
export interface CheckOptions extends AppOptions {
  readonly rules?: readonly string[];
  readonly policy?: string;
  readonly lock?: string;
  readonly form?: string;
  readonly update?: boolean;
  readonly allowIncomplete?: boolean;
  readonly today?: string;
  readonly format: VerdictFormat;
  readonly output?: readonly string[];
  readonly verbose?: boolean;
  readonly color: ColorChoice;
  readonly width?: number;
}

/** Files beside the bundle that a check needs. */
export interface ShippedFiles extends PolicyFiles {
  /** The compiled rules. */
  readonly rules: URL;
}

/**
 * `bycatch check`: whether a build may ship, by a policy and a lockfile.
 *
 * @param input an APK, which is audited, or the JSON report of one
 * @throws UsageError before any work starts, or where an output refuses
 */
export async function check(input: string, options: CheckOptions, shipped: ShippedFiles): Promise<Ending> {
  const outputs = parseOutputs(options.output ?? [], options.format, verdictFormats);
  const unwritten = new Set(outputs);
  const inputs = [input, options.form, options.mapping, ...(options.rules ?? [])].filter(
    (path) => path !== undefined,
  );
  try {
    return await judge(input, options, shipped, { outputs, unwritten, inputs });
  } finally {
    removeStale(unwritten, inputs);
  }
}

/** What a run reads and writes: of both more is known as it goes on. */
interface Files {
  readonly outputs: readonly Output<VerdictFormat>[];
  readonly unwritten: Set<Output<VerdictFormat>>;
  readonly inputs: string[];
}

async function judge(
  input: string,
  options: CheckOptions,
  shipped: ShippedFiles,
  { outputs, unwritten, inputs }: Files,
): Promise<Ending> {
  const policyPath = options.policy ?? (existsSync(DEFAULT_POLICY) ? DEFAULT_POLICY : undefined);
  const lockPath =
    options.lock ?? (existsSync(DEFAULT_LOCKFILE) || options.update ? DEFAULT_LOCKFILE : undefined);
  if (policyPath === undefined && lockPath === undefined && options.form === undefined)
    throw new UsageError(
      "check",
      `there is nothing to check by: neither ${DEFAULT_POLICY} nor ${DEFAULT_LOCKFILE} is in this folder`,
      "Name a file with --policy, --lock or --form, or write both with `bycatch init app.apk`.",
    );
  inputs.push(...[policyPath, lockPath].filter((path) => path !== undefined));
  protectInputs(outputs, inputs);
  const hasLock = lockPath !== undefined && (!options.update || existsSync(lockPath));
  const lock = hasLock ? parseLockfile(readUserFile(lockPath), lockPath) : undefined;
  const loadedPolicy = policyPath === undefined ? undefined : await loadUserPolicy(policyPath, shipped);
  inputs.push(...(loadedPolicy?.paths ?? []));
  protectInputs(outputs, inputs);
  const rules = await loadRules(options.rules ?? [], shipped.rules);
  let joined: Policy | undefined;
  const joinPolicy = () => {
    const join = () => (loadedPolicy === undefined ? NO_POLICY : nameFiles(loadedPolicy.join(rules().index)));
    return (joined ??= join());
  };
  // The names in a policy are looked up before an app is audited: a mistake costs no audit.
  const rulesAfterPolicy = () => {
    joinPolicy();
    return rules();
  };
  const result = await readApp(
    input,
    rulesAfterPolicy,
    options,
    depthAtLeast(loadedPolicy?.depth, lock?.depth),
  );
  if ("ending" in result) {
    tellFailure(result);
    return result.ending;
  }
  // A report is read without the rules.
  const policy = joinPolicy();
  const allowIncomplete = options.allowIncomplete ?? false;
  const checks: CheckResult[] = evaluatePolicy(policy, result);
  if (lockPath !== undefined) {
    const isAgreed = options.update && updateLockfile(lockPath, result, allowIncomplete, lock);
    const now = takeInventory(result);
    const agreed = isAgreed ? now : (lock ?? { ...now, depth: LOCKED_DEPTH });
    checks.push(checkLockfile(agreed, nameFile(lockPath), result));
  }
  if (options.form !== undefined) {
    const { dataTypes } = rules().index.compiled.header;
    checks.push(checkForm(result, dataTypes, await loadForm(options.form, dataTypes)));
  }
  if (checks.length === 0)
    throw new UsageError(
      policyPath ?? "check",
      "asks nothing: it has no rules",
      "Write some, or see `bycatch init`.",
    );
  const today = options.today ?? new Date().toISOString().slice(0, 10);
  const verdict = makeVerdict(
    result,
    applyExceptions(checks, policy, result, { today, soon: endOfSoon(today) }),
    allowIncomplete,
  );
  for (const output of outputs) {
    await writeOutput(output, await render(verdict, output, options));
    unwritten.delete(output);
  }
  return endingOf(verdict);
}

async function render(
  verdict: Verdict,
  output: Output<VerdictFormat>,
  { color, width = findWidth(), verbose = false }: CheckOptions,
): Promise<string> {
  switch (output.format) {
    case "terminal": {
      // A job that forces colours for its log keeps files that are plain.
      const isLog = output.path === undefined;
      return renderVerdict(verdict, { color: isLog && wantsColor(color), width, isVerbose: verbose });
    }
    case "json":
      return renderVerdictJson(verdict);
    default: {
      // What serves machines only is loaded when it is asked for.
      const { verdictRenderers } = await import("../report/verdict-formats.js");
      return verdictRenderers[output.format](verdict);
    }
  }
}

/** What a lockfile has unless the one that is there has less. */
const LOCKED_DEPTH: Rung = "referenced";

const NO_POLICY: Policy = { rules: [], exceptions: [] };

/** Only who has a policy waits for YAML. */
async function loadUserPolicy(path: string, shipped: PolicyFiles) {
  const { loadPolicy } = await import("../policy/load-policy.js");
  return loadPolicy(path, shipped);
}

/** Mistakes in it were told by its path; what is judged by it is not. */
function nameFiles({ rules, exceptions }: Policy): Policy {
  const named = <T extends Policy["exceptions" | "rules"][number]>(item: T): T => ({
    ...item,
    place: { ...item.place, file: nameFile(item.place.file) },
  });
  return { rules: rules.map(named), exceptions: exceptions.map(named) };
}

/** Days before its end from which on an exception that ends is told. */
const SOON = 14;

function endOfSoon(today: string): string {
  const day = new Date(today);
  day.setUTCDate(day.getUTCDate() + SOON);
  return day.toISOString().slice(0, 10);
}

/** The exit code's word for a verdict. */
function endingOf({ outcome }: Verdict): Ending {
  return outcome === "pass" ? "done" : outcome;
}

/**
 * Writes what rides along as what is agreed to, and tells what is new in it. Of a build that was not read whole a
 * lockfile would allow less than there is: it is then written only where that was allowed. Of a report of less depth
 * than that of what was agreed to it would forget what code could access: it is then never written.
 *
 * @param before what was agreed to until now
 * @returns whether it was written
 */
export function updateLockfile(
  path: string,
  result: AuditResult,
  allowIncomplete: boolean,
  before?: Inventory,
): boolean {
  const { unread } = result.coverage;
  const agreed = before?.depth ?? LOCKED_DEPTH;
  if (isHigherRung(agreed, result.depth)) {
    tell(
      `${path} is not written: ${sayLookedFor(agreed)} was not looked for, and would be missing: the report was made with \`--depth ${result.depth}\`; scan the app again with --depth ${agreed}`,
    );
    return false;
  }
  if (unread.length > 0 && !allowIncomplete) {
    tell(
      `${path} is not written: ${unread.length} ${unread.length === 1 ? "part" : "parts"} of the app could not be read, and what they hold would be missing; --allow-incomplete writes it`,
    );
    return false;
  }
  const now = takeInventory(result);
  const file = new ReportFile(path);
  file.write(renderLockfile(now));
  file.finish();
  const changes = before === undefined ? [] : compareInventories(before, now);
  const what =
    before === undefined
      ? `: ${now.entries.length} things that ride along, one a line`
      : changes.length === 0
        ? ", and says what it said"
        : "; agreed to:";
  tell([`${path} is written${what}`, ...changes.flatMap(renderChange)].join("\n"));
  return true;
}
