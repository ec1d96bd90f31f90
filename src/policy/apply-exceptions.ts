import type { AuditResult } from "../findings/index.js";
import type { Policy } from "./policy.js";
import { BuildView } from "./selector.js";
import { type AppliedException, type CheckResult, outcomeOf, type Problem, sortProblems } from "./verdict.js";

type Exception = Policy["exceptions"][number];

/**
 * Takes out of checks what a policy's exceptions agree to, and adds a check of the exceptions themselves. One that
 * has ended agrees to nothing: what it was for counts again, and that it has ended is an error of its own.
 *
 * @param today ISO 8601; an exception counts on its last day
 */
export function applyExceptions(
  checks: readonly CheckResult[],
  { exceptions }: Policy,
  result: AuditResult,
  today: string,
): CheckResult[] {
  if (exceptions.length === 0) return [...checks];
  const view = new BuildView(result);
  const used = new Map<Exception, Problem[]>();
  const judged = checks.map((check): CheckResult => {
    const ofCheck = exceptions.filter(({ rule }) => rule === check.id);
    if (ofCheck.length === 0) return check;
    const problems: Problem[] = [];
    const excepted: Problem[] = [];
    for (const problem of check.problems) {
      const fitting = ofCheck.filter(
        (exception) => exception.for === undefined || view.covers(exception.for, problem),
      );
      for (const exception of fitting) used.set(exception, [...(used.get(exception) ?? []), problem]);
      const valid = fitting.find((exception) => !hasEnded(exception, today));
      const exception = valid ?? fitting[0];
      const noted = exception === undefined ? problem : { ...problem, exception: appliedOf(exception) };
      (valid === undefined ? problems : excepted).push(noted);
    }
    const isUnknown =
      check.outcome === "unknown" || (check.outcome === "fail" && result.coverage.unread.length > 0);
    return { ...check, outcome: outcomeOf(problems, isUnknown), problems, excepted };
  });
  return [...judged, checkExceptions(exceptions, used, today)];
}

function hasEnded({ until }: Exception, today: string): boolean {
  return until !== undefined && until < today;
}

function appliedOf({ because, owner, until }: Exception): AppliedException {
  return { because, owner, ...(until === undefined ? {} : { until }) };
}

/** Exceptions that have ended, and those that agree to nothing any more. */
function checkExceptions(
  exceptions: readonly Exception[],
  used: ReadonlyMap<Exception, readonly Problem[]>,
  today: string,
): CheckResult {
  const problems = exceptions.flatMap((exception, index): Problem[] => {
    const { rule, owner, until, place } = exception;
    const where = `${place.file}:${place.line}`;
    const uses = used.get(exception) ?? [];
    const base = {
      id: `exceptions/${rule}/${index + 1}`,
      findings: [],
      evidence: [],
      exception: appliedOf(exception),
    };
    if (hasEnded(exception, today) && uses.length > 0)
      return [
        {
          ...base,
          severity: "error",
          message: `the exception of ${owner} from ${rule} ended on ${until} (${where}), and what it was for is still there: ${listFew(uses.map(({ message }) => message))}`,
          fix: "Mend what it was for, or have its owner agree to a later day.",
        },
      ];
    if (uses.length > 0) return [];
    return [
      {
        ...base,
        severity: hasEnded(exception, today) ? "warning" : "note",
        message: `the exception of ${owner} from ${rule} (${where})${hasEnded(exception, today) ? ` ended on ${until} and` : ""} is for nothing in this build`,
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

/** Things of a list that are named in a sentence. */
const NAMED = 3;

function listFew(texts: readonly string[]): string {
  const more = texts.length - NAMED;
  return [...texts.slice(0, NAMED), ...(more > 0 ? [`${more} more`] : [])].join("; ");
}
