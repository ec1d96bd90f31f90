import type { AuditResult } from "../findings/index.js";
import { isUnknown } from "./evaluate-policy.js";
import type { Policy } from "./policy.js";
import { BuildView } from "./selector.js";
import {
  type AppliedException,
  type CheckResult,
  listFew,
  outcomeOf,
  type Problem,
  sortProblems,
} from "./verdict.js";

type Exception = Policy["exceptions"][number];

/** The days by which exceptions are judged, ISO 8601. */
export interface Days {
  /** An exception counts on its last day. */
  readonly today: string;
  /** One that ends by this day is told before it does; none is where it is not given. */
  readonly soon?: string;
}

/**
 * Takes out of checks what a policy's exceptions agree to, and adds a check of the exceptions themselves: of those
 * from the checks that were made. One that has ended agrees to nothing: what it was for counts again, and that it has
 * ended weighs as much. One that ends soon is told.
 */
export function applyExceptions(
  checks: readonly CheckResult[],
  { rules, exceptions: all }: Policy,
  result: AuditResult,
  days: Days,
): CheckResult[] {
  const exceptions = all.filter(({ rule }) => checks.some(({ id }) => id === rule));
  if (exceptions.length === 0) return [...checks];
  const view = new BuildView(result);
  const used = new Map<Exception, Problem[]>();
  // What counts, and is agreed to until soon at the latest.
  const ending = new Set<Exception>();
  const judged = checks.map((check): CheckResult => {
    const ofCheck = exceptions.filter(({ rule }) => rule === check.id);
    if (ofCheck.length === 0) return check;
    const problems: Problem[] = [];
    const excepted: Problem[] = [];
    for (const problem of check.problems) {
      const fitting = ofCheck.filter(
        (exception) => exception.for === undefined || view.covers(exception.for, problem),
      );
      const valid = fitting.filter((exception) => !hasEnded(exception, days.today));
      // Nobody needs one that has ended where another goes on.
      const counting = valid.length > 0 ? valid : fitting;
      for (const exception of counting) used.set(exception, [...(used.get(exception) ?? []), problem]);
      if (problem.severity !== "note" && valid.every((exception) => endsSoon(exception, days)))
        for (const exception of valid) ending.add(exception);
      const [exception] = counting;
      const noted = exception === undefined ? problem : { ...problem, exception: appliedOf(exception) };
      (valid.length > 0 ? excepted : problems).push(noted);
    }
    const rule = rules.find(({ id }) => id === check.id);
    const mayHide =
      check.outcome === "unknown" ||
      (check.outcome === "fail" && isUnknown(rule?.deny ?? rule?.require ?? {}, result));
    return { ...check, outcome: outcomeOf(problems, mayHide), problems, excepted };
  });
  return [...judged, checkExceptions(exceptions, { used, ending }, result, days)];
}

function hasEnded({ until }: Exception, today: string): boolean {
  return until !== undefined && until < today;
}

function endsSoon({ until }: Exception, { soon }: Days): boolean {
  return until !== undefined && soon !== undefined && until <= soon;
}

function appliedOf({ because, owner, until }: Exception): AppliedException {
  return { because, owner, ...(until === undefined ? {} : { until }) };
}

/** Exceptions that have ended, that end soon, and those that agree to nothing any more. */
function checkExceptions(
  exceptions: readonly Exception[],
  {
    used,
    ending,
  }: Readonly<{ used: ReadonlyMap<Exception, readonly Problem[]>; ending: ReadonlySet<Exception> }>,
  { coverage }: AuditResult,
  { today }: Days,
): CheckResult {
  const problems = exceptions.flatMap((exception, index): Problem[] => {
    const { rule, owner, until, place } = exception;
    const where = `${place.file}:${place.line}`;
    const uses = sortProblems(used.get(exception) ?? []);
    // What counts is named; else what is only told.
    const named = uses.filter(({ severity }) => severity === uses[0]!.severity);
    const ended = hasEnded(exception, today);
    const base = {
      id: `exceptions/${rule}/${index + 1}`,
      findings: [],
      evidence: [],
      exception: appliedOf(exception),
    };
    if (ended && uses.length > 0)
      return [
        {
          ...base,
          severity: uses[0]!.severity,
          message: `the exception of ${owner} from ${rule} ended on ${until} (${where}), and what it was for is still there: ${listFew(
            named.map(({ message }) => message),
            "; ",
          )}`,
          fix: "Mend what it was for, or have its owner agree to a later day.",
        },
      ];
    if (ending.has(exception))
      return [
        {
          ...base,
          severity: "warning",
          message: `the exception of ${owner} from ${rule} ends on ${until} (${where})`,
          fix: "Mend what it is for by then, or have its owner agree to a later day.",
        },
      ];
    // What it is for may be in what was not read.
    if (uses.length > 0 || (!ended && coverage.unread.length > 0)) return [];
    return [
      {
        ...base,
        severity: "warning",
        message: `the exception of ${owner} from ${rule} (${where}) ${ended ? `ended on ${until}, and is not needed any more` : "is for nothing in this build"}`,
        fix: "Remove it.",
      },
    ];
  });
  return {
    id: "exceptions",
    kind: "exceptions",
    title: "Every exception still counts",
    outcome: outcomeOf(problems),
    problems: sortProblems(problems),
    excepted: [],
  };
}
