import type { Verdict } from "../policy/index.js";
import { type Cell, joinValues, renderRows } from "./csv-table.js";
import { type CheckedProblem, listProblems, repositoryPath } from "./verdict-text.js";

/** What each column holds is told in `docs/formats.md`. */
const COLUMNS = [
  ...["file", "package", "app_version", "outcome"],
  ...["check", "check_kind", "check_outcome", "problem", "severity", "excepted", "message", "fix"],
  ...["party", "data_type", "permission", "host", "rung", "confidence", "before", "after"],
  ...["entry", "caller", "code_unit", "evidence", "findings"],
  ...["because", "owner", "until", "policy_file", "policy_line"],
];

/** A verdict as CSV: a row for each problem, those that were agreed to last; none where there is no problem. */
export function renderVerdictCsv(verdict: Verdict): string {
  const { files, packageName, versionName } = verdict.app;
  const app = [files.map(({ name }) => name).join(", "), packageName, versionName, verdict.outcome];
  const rows = (["problems", "excepted"] as const).flatMap((of) =>
    listProblems(verdict, of).map((one) => [...app, ...describeProblem(one, of === "excepted")]),
  );
  return renderRows([COLUMNS, ...rows]);
}

function describeProblem({ check, problem }: CheckedProblem, isExcepted: boolean): Cell[] {
  const { id, severity, message, fix, party, dataType, permission, host, rung, confidence } = problem;
  const { change, evidence, findings, exception } = problem;
  const [first] = evidence;
  return [
    ...[check.id, check.kind, check.outcome, id, severity, isExcepted ? "yes" : "no", message, fix],
    ...[party, dataType, permission, host, rung, confidence, change?.before, change?.after],
    ...[first?.entry, first?.caller, first?.codeUnit, first?.value, joinValues(findings)],
    ...[exception?.because, exception?.owner, exception?.until, ...describePlace(check.place)],
  ];
}

function describePlace(place: CheckedProblem["check"]["place"]): Cell[] {
  return place === undefined ? [undefined, undefined] : [repositoryPath(place.file), place.line];
}
