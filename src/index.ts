import { type ByteSource, bytesSource, openFileSource } from "./archive/index.js";
import {
  type AuditMapping,
  type AuditRules,
  auditSource,
  parseMapping,
  prepareRules,
  type AuditOptions as SourceOptions,
} from "./audit.js";
import { UsageError } from "./diagnostics/index.js";
import type { AuditResult } from "./findings/index.js";
import {
  applyExceptions,
  type ComparedBuild,
  checkForm,
  checkLockfile,
  compareBuilds,
  compareDataSafety,
  type DataSafetyComparison,
  type DataSafetyForm,
  type Difference,
  evaluatePolicy,
  isDay,
  makeVerdict,
  type Policy,
  parseLockfile,
  readUserFile,
  renderLockfile,
  takeInventory,
  type Verdict,
} from "./policy/index.js";
import { loadCompiledRules, shippedDepthData } from "./ruleset/index.js";

export type { Limit, LimitKind } from "./access/index.js";
export {
  type Diagnostic,
  type DiagnosticCode,
  defaultLimits,
  FormatError,
  type FormatErrorCode,
  type Limits,
  UsageError,
} from "./diagnostics/index.js";
export type { Evidence, EvidenceKind } from "./evidence/index.js";
export type {
  AccessSummary,
  AppSummary,
  AuditResult,
  CompanySummary,
  Coverage,
  Finding,
  FindingKind,
  FlowSummary,
  HandOverSummary,
  HostSummary,
  OwnSdkSummary,
  PartySummary,
  PermissionSummary,
  PracticeSummary,
  ReachabilitySummary,
  Rung,
} from "./findings/index.js";
export type {
  AppliedException,
  CheckKind,
  CheckOutcome,
  CheckResult,
  DataSafetyComparison,
  Difference,
  Problem,
  Severity,
  Verdict,
} from "./policy/index.js";
export type { EntryPointKind, Reach, ReachChain, ReachGap, ReachGapKind } from "./program/index.js";
export type { Confidence, PartyKind } from "./sdk/index.js";
export type { AuditRules };

/** What an audit can be told; each has a default. */
export interface AuditOptions extends Omit<SourceOptions, "mapping"> {
  /**
   * The mapping.txt that R8 or ProGuard wrote in the build of this app: its path, or its bytes with a name for
   * the report. What was renamed gets its original name.
   */
  readonly mapping?: NamedFile;
  /** What {@link loadRules} gave, to share it between audits; the rules that ship unless said. */
  readonly rules?: AuditRules;
}

/** A path, or bytes with a name for the report. */
type NamedFile = string | { readonly name: string; readonly bytes: Uint8Array };

/**
 * Audits one finished build: which third parties could access what personal data, on what evidence.
 * Never uses the network, never writes.
 *
 * @param app path of an APK, or its bytes with a name for the report
 * @throws FormatError if it is no Android app; UsageError for a mapping that is none; Node's own error where a
 *   path cannot be opened. What spoils only a part of the app is among the result's diagnostics.
 */
export async function audit(app: NamedFile, options: AuditOptions = {}): Promise<AuditResult> {
  const { rules = loadShippedRules, mapping, ...others } = options;
  const names = mapping === undefined ? {} : { mapping: await readMapping(mapping) };
  const source = openSource(app);
  try {
    return await auditSource(source, rules, { ...others, ...names });
  } finally {
    source.close();
  }
}

async function readMapping(file: NamedFile): Promise<AuditMapping> {
  const source = openSource(file);
  try {
    return await parseMapping(source, typeof file === "string" ? file : file.name);
  } finally {
    source.close();
  }
}

function openSource(file: NamedFile): ByteSource {
  return typeof file === "string" ? openFileSource(file) : bytesSource(file.name, file.bytes);
}

/**
 * Loads and indexes the rules that ship and, on top, rule files or directories of the user's own. Worth
 * doing once for many audits.
 *
 * @throws UsageError for a bad rule file: file, line, what is wrong, what to do
 */
export async function loadRules(paths: readonly string[] = []): Promise<AuditRules> {
  if (paths.length === 0) return loadShippedRules();
  const { depthDataWith, loadRuleset } = await import("./ruleset/load-ruleset.js");
  const rules = loadRuleset(paths, loadCompiledRules(shippedRules).toRuleset());
  return prepareRules(rules, depthDataWith(paths, shippedRules));
}

/** What a build is checked by: at least one of policy, lockfile and form. */
export interface CheckOptions {
  /** Path of a policy. */
  readonly policy?: string;
  /** Path of a lockfile. */
  readonly lockfile?: string;
  /** Path of a Data safety form: the CSV that Play Console exports. */
  readonly form?: string;
  /** Whether a build of which parts could not be read may pass. */
  readonly allowIncomplete?: boolean;
  /** The day by which exceptions are judged, ISO 8601. */
  readonly today: string;
  /** Those that the audit was made with; they know the names in the policy. The rules that ship unless said. */
  readonly rules?: AuditRules;
}

/**
 * Says whether a build may ship, as `bycatch check` does.
 *
 * @throws UsageError for a policy, lockfile or form with a mistake in it: file, line, what is wrong, what to do; where
 *   there is none of the three, nothing is asked, or `today` is no day
 */
export async function check(result: AuditResult, options: CheckOptions): Promise<Verdict> {
  const { policy: path, lockfile, form, allowIncomplete = false, today } = options;
  if (path === undefined && lockfile === undefined && form === undefined)
    throw new UsageError("check", "there is nothing to check by", "Give it a policy, a lockfile or a form.");
  if (!isDay(today)) throw new UsageError("check", "`today` is no day", 'Write it like "2026-12-31".');
  const { rules = loadShippedRules() } = options;
  const policy = path === undefined ? NO_POLICY : await loadPolicy(path, rules);
  const checks = evaluatePolicy(policy, result);
  if (lockfile !== undefined)
    checks.push(checkLockfile(parseLockfile(readUserFile(lockfile), lockfile), lockfile, result));
  if (form !== undefined)
    checks.push(checkForm(result, rules.index.compiled.header.dataTypes, await loadForm(form, rules)));
  if (checks.length === 0)
    throw new UsageError(path ?? "check", "asks nothing: it has no rules", "Write some.");
  return makeVerdict(result, applyExceptions(checks, policy, result, { today }), allowIncomplete);
}

const NO_POLICY: Policy = { rules: [], exceptions: [] };

async function loadPolicy(path: string, { index }: AuditRules): Promise<Policy> {
  const { loadPolicy: load } = await import("./policy/load-policy.js");
  return (await load(path, { policies: shippedPolicies, policyValidator })).join(index);
}

/**
 * Says what changed from one build to another, by party, each change with its evidence.
 *
 * @param before of the older build; both made with the same rules
 */
export function diff(before: AuditResult, after: AuditResult): Difference {
  return compareBuilds(describeBuild(before), describeBuild(after), after.tool);
}

function describeBuild(result: AuditResult): ComparedBuild {
  const name = result.app.files.map((file) => file.name).join(", ");
  return { source: { kind: "report", name }, inventory: takeInventory(result), result };
}

/**
 * Compares what was observed in a build, and what vendors document, with its Data safety form.
 *
 * @param form path of the CSV that Play Console exports; without it, there is nothing to compare with, and all that is
 *   known of each data type is told
 * @throws UsageError for a form with a mistake in it: file, line, what is wrong, what to do
 */
export async function dataSafety(
  result: AuditResult,
  form?: string,
  rules: AuditRules = loadShippedRules(),
): Promise<DataSafetyComparison> {
  const { dataTypes } = rules.index.compiled.header;
  return compareDataSafety(result, { dataTypes }, form === undefined ? form : await loadForm(form, rules));
}

async function loadForm(path: string, { index }: AuditRules): Promise<DataSafetyForm> {
  const { parseDataSafetyForm } = await import("./policy/data-safety-form.js");
  return parseDataSafetyForm(readUserFile(path), path, index.compiled.header.dataTypes);
}

/** What rides along in a build, as the text of a lockfile. */
export function lock(result: AuditResult): string {
  return renderLockfile(takeInventory(result));
}

/** From src and from dist alike. */
const shippedPolicies = new URL("../dist/policies.json", import.meta.url);
const policyValidator = new URL("../dist/policy-validator.js", import.meta.url);
const shippedRules = new URL("../dist/rules.jsonl", import.meta.url);

function loadShippedRules(): AuditRules {
  return prepareRules(loadCompiledRules(shippedRules), shippedDepthData(shippedRules));
}
