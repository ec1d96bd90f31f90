import type { Diagnostic } from "../diagnostics/index.js";
import type { Evidence } from "../evidence/index.js";
import type { AppSummary, AuditResult, Rung } from "../findings/index.js";
import type { Confidence } from "../sdk/index.js";

/** Version of {@link Verdict}'s shape: the first number changes when a reader of the old shape would break. */
export const VERDICT_VERSION = "1.0";

/** How much a problem weighs: an `error` fails the check, a `warning` is told, a `note` is for the reader. */
export const severities = ["error", "warning", "note"] as const;
export type Severity = (typeof severities)[number];

/** Who agreed to a problem, and until when. */
export interface AppliedException {
  readonly because: string;
  readonly owner: string;
  /** Last day on which it counts, ISO 8601; absent where it has no end. */
  readonly until?: string;
}

/** One thing in a build that is not as it should be. */
export interface Problem {
  /** Stable: the same for the same thing in every build of an app. `no-data-broker/third-party/acme`. */
  readonly id: string;
  readonly severity: Severity;
  /** One sentence: what is so. */
  readonly message: string;
  /** One sentence: what to do; absent where the check's own words say it. */
  readonly fix?: string;
  readonly party?: string;
  /** Google Play's data type. */
  readonly dataType?: string;
  /** The kind of data, where it is about one: finer than the data type. */
  readonly yields?: string;
  readonly permission?: string;
  /** All that it is about, {@link permission} first; given where there are several. */
  readonly permissions?: readonly string[];
  readonly host?: string;
  readonly rung?: Rung;
  readonly confidence?: Confidence;
  /** Ids of the report's findings that it rests on; none where it rests on none. */
  readonly findings: readonly string[];
  /** The lockfile's line as it is, and as the build would have it. */
  readonly change?: { readonly before?: string; readonly after?: string };
  /** Empty where it is about something that is not there. */
  readonly evidence: readonly Evidence[];
  /** Given where it was agreed to, and so does not count; or was, until a day that has passed. */
  readonly exception?: AppliedException;
}

/** What a check is made from. */
export type CheckKind = "policy" | "lockfile" | "data-safety" | "exceptions" | "reading";

/** `unknown`: what was not read could hold what it asks about. */
export type CheckOutcome = "pass" | "fail" | "unknown";

/** One check of a build: a rule of the policy, the lockfile, the Data safety form. */
export interface CheckResult {
  /** Of a policy's rule its id; else the kind. Unique in a verdict. */
  readonly id: string;
  readonly kind: CheckKind;
  /** One sentence: what is asked. */
  readonly title: string;
  /** Why it is asked. */
  readonly because?: string;
  /** Where it is written: a file as the user named it, and the line, from 1. */
  readonly place?: { readonly file: string; readonly line: number };
  readonly outcome: CheckOutcome;
  /**
   * Given where the report was made with less depth than this asks for: what was not looked for may be there, and that
   * parts may stay unread says nothing of it.
   */
  readonly isTooShallow?: true;
  /** What counts, the heaviest first. */
  readonly problems: readonly Problem[];
  /** What would count but for an exception; each has one. */
  readonly excepted: readonly Problem[];
}

/** Whether a build may ship: what `bycatch check` says, as plain data. */
export interface Verdict {
  readonly schemaVersion: string;
  readonly tool: AuditResult["tool"];
  readonly app: Pick<AppSummary, "files" | "packageName" | "versionCode" | "versionName">;
  /**
   * `fail`: a check failed. `incomplete`: none did, but parts could not be read and that was not allowed, or what a
   * check asks about was not looked for. Where it was allowed, a build that was not read whole can pass; {@link unread}
   * says so.
   */
  readonly outcome: "pass" | "fail" | "incomplete";
  readonly checks: readonly CheckResult[];
  /** Parts that could not be read. */
  readonly unread: readonly string[];
  /** Why each could not be; cut as a report's are. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Joins checks into a verdict.
 *
 * @param allowIncomplete whether a build of which parts could not be read may pass
 */
export function makeVerdict(
  result: AuditResult,
  checks: readonly CheckResult[],
  allowIncomplete: boolean,
): Verdict {
  const { files, packageName, versionCode, versionName } = result.app;
  const { unread } = result.coverage;
  const unknown = checks.filter(({ outcome }) => outcome === "unknown");
  const isUnread = unread.length > 0 || unknown.length > 0;
  const isTooShallow = unknown.some((check) => check.isTooShallow);
  const hasFailed = checks.some(({ outcome }) => outcome === "fail");
  return {
    schemaVersion: VERDICT_VERSION,
    tool: result.tool,
    app: { files, packageName, versionCode, versionName },
    outcome: hasFailed ? "fail" : isTooShallow || (isUnread && !allowIncomplete) ? "incomplete" : "pass",
    checks,
    unread,
    diagnostics: result.diagnostics.filter(({ effect }) => effect === "unread"),
  };
}

/** A check's outcome by its problems; `unknown` where none failed and what was not read could hold one. */
export function outcomeOf(problems: readonly Problem[], isUnknown = false): CheckOutcome {
  if (problems.some(({ severity }) => severity === "error")) return "fail";
  return isUnknown ? "unknown" : "pass";
}

/** The heaviest first; of the same weight, by id. */
export function sortProblems(problems: readonly Problem[]): Problem[] {
  return heaviestFirst([...problems].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)));
}

/** The heaviest first; of the same weight, as they were. */
export function heaviestFirst(problems: readonly Problem[]): Problem[] {
  return [...problems].sort((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity));
}

/** Things of a list that are named in a sentence. */
const NAMED = 3;

/** The first of many, and how many more there are. */
export function listFew(texts: readonly string[], separator = ", "): string {
  const more = texts.length - NAMED;
  return [...texts.slice(0, NAMED), ...(more > 0 ? [`${more} more`] : [])].join(separator);
}
