import {
  type CheckResult,
  makeVerdict,
  outcomeOf,
  type Problem,
  type Verdict,
} from "../../src/policy/index.js";
import { buildResult, type ResultParts } from "./result-builder.js";

/** What a test says of a verdict; all else is that of an empty app. */
export interface VerdictParts extends ResultParts {
  readonly allowIncomplete?: boolean;
}

/** A verdict of checks on an app. */
export function buildVerdict(checks: readonly CheckResult[], parts: VerdictParts = {}): Verdict {
  return makeVerdict(buildResult(parts), checks, parts.allowIncomplete ?? false);
}

/** A check of a policy, as its problems make it come out. */
export function check(
  id: string,
  problems: readonly Problem[] = [],
  parts: Partial<CheckResult> = {},
): CheckResult {
  return {
    id,
    kind: "policy",
    title: `Title of ${id}`,
    place: { file: "bycatch.policy.yaml", line: 3 },
    outcome: outcomeOf(problems),
    problems,
    excepted: [],
    ...parts,
  };
}

/** An error about nothing in particular. */
export function problem(id: string, message: string, parts: Partial<Problem> = {}): Problem {
  return { id, severity: "error", message, findings: [], evidence: [], ...parts };
}
