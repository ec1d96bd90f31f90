import type { CheckResult, Problem, Verdict } from "../policy/index.js";
import { longPlace } from "./evidence-text.js";
import { printable } from "./printable-text.js";
import { count } from "./words.js";

/** A problem and the check that it is one of. */
export interface CheckedProblem {
  readonly check: CheckResult;
  readonly problem: Problem;
}

/** Problems that count, with their checks, in the order of the verdict. */
export function listProblems(
  { checks }: Verdict,
  of: "problems" | "excepted" = "problems",
): CheckedProblem[] {
  return checks.flatMap((check) => check[of].map((problem) => ({ check, problem })));
}

/** `com.example.app 1.0 (app.apk)`, not escaped. */
export function nameApp({ app }: Verdict): string {
  const names = app.files.map(({ name }) => name).join(", ");
  const id = [app.packageName ?? "package unknown", app.versionName].filter((part) => part !== undefined);
  return `${id.join(" ")} (${names})`;
}

/** Why nothing can be said, where a check was not decided. */
export function sayUnread({ unread, checks }: Verdict): string {
  if (unread.length === 0 && checks.some((check) => check.isTooShallow))
    return "what code refers to was not looked for, so nothing is claimed absent";
  const parts = unread.map((part) => printable(part, 100));
  const shown = parts.slice(0, MOST_PARTS).join(", ");
  const left = parts.length - MOST_PARTS;
  const names = parts.length === 0 ? "" : `: ${shown}${left > 0 ? ` and ${left} more` : ""}`;
  return `${parts.length === 0 ? "not everything was" : `${count(parts.length, "part")} could not be`} read, so nothing is claimed absent${names}`;
}

const MOST_PARTS = 5;

/** The first place that shows a problem, escaped; `undefined` where none does. */
export function placeOf({ evidence: [first], permission }: Problem): string | undefined {
  // A permission is named already.
  if (first?.kind === "permission" && first.value === permission) return printable(first.entry, 100);
  return first === undefined ? undefined : longPlace(first);
}

/** Where a check is written, `bycatch.policy.yaml:12`, not escaped; `undefined` where it is nowhere. */
export function whereWritten({ place }: CheckResult): string | undefined {
  return place === undefined ? undefined : `${repositoryPath(place.file)}:${place.line}`;
}

/** `agreed to by <owner> until 2027-01-01: <because>`, escaped; of a problem that counts, that it was. */
export function sayException({ exception }: Problem, counts: boolean): string | undefined {
  if (exception === undefined) return undefined;
  const { because, owner, until } = exception;
  const end = until === undefined ? "" : ` until ${printable(until, 40)}`;
  return `${counts ? "was " : ""}agreed to by ${printable(owner, 100)}${end}: ${printable(because, 500)}`;
}

/** A path below the root of the repository, or the name alone of a file elsewhere: no path of the machine. */
export function repositoryPath(file: string): string {
  const path = file.replaceAll("\\", "/");
  const isElsewhere = /^(?:\/|[a-z]:)|(?:^|\/)\.\.(?:\/|$)/i.test(path);
  return isElsewhere ? path.slice(path.lastIndexOf("/") + 1) : path.replace(/^(?:\.\/+)+/, "");
}
