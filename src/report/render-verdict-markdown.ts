import type { CheckResult, Problem, Verdict } from "../policy/index.js";
import {
  code,
  details,
  fenceOf,
  layOut,
  type MarkdownBlock,
  MOST_OF_A_COMMENT,
  prose,
  tableHead,
  tableRow,
} from "./markdown-text.js";
import { printable } from "./printable-text.js";
import { advise, summarizeChecks } from "./render-verdict.js";
import { listProblems, placeOf, sayException, whereWritten } from "./verdict-text.js";
import { count } from "./words.js";

/** By this line a bot finds the comment that it wrote before, and rewrites it. */
const MARKER = "<!-- bycatch -->";

const HEADLINES = {
  pass: "passed",
  fail: "failed",
  incomplete: "incomplete: not everything was seen",
} as const satisfies Record<Verdict["outcome"], string>;

/**
 * A verdict as a comment on a pull request: what failed first, the lines that the lockfile would change by, all else
 * folded up. No text of the app or the policy is markup, a mention or a link in it.
 */
export function renderVerdictMarkdown(verdict: Verdict): string {
  const { checks, outcome, unread, tool } = verdict;
  const failed = checks.filter((check) => check.outcome === "fail");
  const blocks: MarkdownBlock[] = [
    {
      head: `${MARKER}\n## Bycatch: ${HEADLINES[outcome]}\n\n${describeApp(verdict)}: ${summarizeChecks(verdict)}.`,
      rows: [],
    },
    ...failed.flatMap(describeFailure),
    ...describeUndecided(verdict),
    ...describeLesser(verdict),
    ...describeExcepted(verdict),
    ...describePassed(checks),
    ...fold("Not read", unread.length, { head: "", rows: unread.map((part) => `- ${code(part)}`) }),
    ...[...advise(verdict)].map((head) => ({ head, rows: [] })),
    {
      head: `<sub>${[tool.name, tool.version].map((text) => prose(text)).join(" ")}, rules ${code(tool.rulesVersion)}</sub>`,
      rows: [],
    },
  ];
  return layOut(blocks, MOST_OF_A_COMMENT);
}

function describeApp({ app }: Verdict): string {
  const names = app.files.map(({ name }) => code(name)).join(", ");
  const version = app.versionName === undefined ? "" : ` ${code(app.versionName)}`;
  return app.packageName === undefined ? names : `${code(app.packageName)}${version} (${names})`;
}

function describeFailure(check: CheckResult): MarkdownBlock[] {
  const { id, title, because, problems } = check;
  const errors = problems.filter(({ severity }) => severity === "error");
  const place = whereWritten(check);
  const where = place === undefined ? "" : ` (${code(place)})`;
  const why = because === undefined ? "" : `\n\n${prose(because)}`;
  const head = `### ${code(id)}: ${prose(title)}\n\n${count(errors.length, "problem")}${where}.${why}`;
  const [changes, others] = splitChanges(errors);
  const table = tableHead(["What", "Where", "To do"]);
  return [
    { head, rows: [] },
    ...describeChanges(changes),
    ...fold("Where each was seen", changes.length, { head: table, rows: changes.map(describeProblem) }),
    ...(others.length === 0 ? [] : [{ head: table, rows: others.map(describeProblem) }]),
  ];
}

/** Problems that are a lockfile's lines, and those that are not. */
function splitChanges<P extends Pick<Problem, "change">>(
  problems: readonly P[],
): [changes: P[], others: P[]] {
  return [
    problems.filter(({ change }) => change !== undefined),
    problems.filter(({ change }) => change === undefined),
  ];
}

/** Lines of the lockfile, as a difference. */
function describeChanges(problems: readonly Problem[]): MarkdownBlock[] {
  const lines = problems.flatMap(({ change }) => [
    ...(change?.before === undefined ? [] : [`- ${printable(change.before, 500)}`]),
    ...(change?.after === undefined ? [] : [`+ ${printable(change.after, 500)}`]),
  ]);
  if (lines.length === 0) return [];
  const fence = fenceOf(lines);
  return [{ head: `${fence}diff`, rows: lines, tail: fence }];
}

function describeProblem(problem: Problem): string {
  const { message, fix } = problem;
  const place = placeOf(problem);
  const ended = sayException(problem, true);
  return tableRow([
    ended === undefined ? prose(message) : `${prose(message)} (${prose(ended)})`,
    place === undefined ? "" : code(place, 300),
    fix === undefined ? "" : prose(fix),
  ]);
}

function describeUndecided({ checks }: Verdict): MarkdownBlock[] {
  const unknown = checks.filter(({ outcome }) => outcome === "unknown");
  if (unknown.length === 0) return [];
  const head =
    "### Could not be decided\n\nWhat was not read, or not looked for, could hold what these ask about.\n";
  return [{ head, rows: unknown.map(describeCheck) }];
}

function describeLesser({ checks }: Verdict): MarkdownBlock[] {
  const lesser = checks.flatMap(({ id, problems }) =>
    problems.filter(({ severity }) => severity !== "error").map((problem) => ({ ...problem, id })),
  );
  const [changes, others] = splitChanges(lesser);
  const rows = others.map(({ id, severity, message, fix }) =>
    tableRow([severity, code(id), prose(message), fix === undefined ? "" : prose(fix)]),
  );
  return [
    ...fold("Warnings and notes", rows.length, { head: tableHead(["", "Check", "What", "To do"]), rows }),
    ...describeChanges(changes).map((block) => details("Other lines of the lockfile that differ", block)),
  ];
}

function describeExcepted(verdict: Verdict): MarkdownBlock[] {
  const excepted = listProblems(verdict, "excepted");
  const rows = excepted.map(({ problem: { message, exception } }) =>
    tableRow([
      prose(message),
      prose(exception?.because ?? ""),
      code(exception?.owner ?? ""),
      exception?.until === undefined ? "" : code(exception.until),
    ]),
  );
  return fold("Agreed to", rows.length, { head: tableHead(["What", "Because", "Owner", "Until"]), rows });
}

function describePassed(checks: readonly CheckResult[]): MarkdownBlock[] {
  const passed = checks.filter(({ outcome }) => outcome === "pass");
  return fold("Checks that passed", passed.length, { head: "", rows: passed.map(describeCheck) });
}

function describeCheck({ id, title }: CheckResult): string {
  return `- ${code(id)}: ${prose(title)}`;
}

function fold(title: string, number: number, block: MarkdownBlock): MarkdownBlock[] {
  return number === 0 ? [] : [details(`${title} (${number})`, block)];
}
