import type { Severity, Verdict } from "../policy/index.js";
import { printable } from "./printable-text.js";
import { summarizeChecks } from "./render-verdict.js";
import {
  type CheckedProblem,
  listProblems,
  nameApp,
  placeOf,
  repositoryPath,
  sayUnread,
} from "./verdict-text.js";
import { count } from "./words.js";

/** Annotations of one level that GitHub keeps of a step. */
const MOST_OF_A_LEVEL = 10;

const LEVELS = { error: "error", warning: "warning", note: "notice" } as const satisfies Record<
  Severity,
  string
>;

/** A line of a level's annotations. */
interface Annotation {
  readonly title: string;
  readonly message: string;
  readonly place?: { readonly file: string; readonly line: number } | undefined;
}

/**
 * A verdict as workflow commands, which GitHub Actions shows as annotations: errors first, of each level as many as
 * it keeps, the last one counting the rest. What was agreed to is none. The last line is for who reads the log.
 *
 * @see {@link https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands workflow commands}
 */
export function renderVerdictGithub(verdict: Verdict): string {
  const problems = listProblems(verdict);
  const lines = (Object.keys(LEVELS) as Severity[]).flatMap((severity) => {
    const own = problems.filter(({ problem }) => problem.severity === severity).map(annotate);
    return listAnnotations(severity, [...describeUnread(verdict, severity), ...own]);
  });
  const summary = `bycatch: ${verdict.outcome}: ${printable(nameApp(verdict), 300)}: ${summarizeChecks(verdict)}`;
  return `${breakOldCommands([...lines, summary].join("\n"))}\n`;
}

/** The runner takes `##[set-output name=a]b` for a command as well, wherever in a line it stands. */
function breakOldCommands(text: string): string {
  return text.replaceAll("##[", "## [");
}

function annotate({ check, problem }: CheckedProblem): Annotation {
  const { message, fix } = problem;
  const place = placeOf(problem);
  return {
    title: check.title,
    message: [message, ...(fix === undefined ? [] : [fix]), ...(place === undefined ? [] : [place])]
      .map((text) => printable(text).replace(/[.]$/, ""))
      .join(". "),
    place: check.place,
  };
}

/** What was not read weighs what the outcome makes of it. */
function describeUnread(verdict: Verdict, severity: Severity): Annotation[] {
  const isDecided =
    verdict.unread.length === 0 && verdict.checks.every(({ outcome }) => outcome !== "unknown");
  const weight: Severity = verdict.outcome === "incomplete" ? "error" : "warning";
  if (isDecided || severity !== weight) return [];
  return [{ title: "Not everything was seen", message: sayUnread(verdict) }];
}

function listAnnotations(severity: Severity, all: readonly Annotation[]): string[] {
  if (all.length <= MOST_OF_A_LEVEL) return all.map((one) => command(severity, one));
  const shown = all.slice(0, MOST_OF_A_LEVEL - 1);
  const left = count(all.length - shown.length, `more ${severity}`);
  const rest = {
    title: left,
    message: `GitHub shows ${MOST_OF_A_LEVEL} at a time: ${left} stand in the report`,
  };
  return [...shown, rest].map((one) => command(severity, one));
}

function command(severity: Severity, { title, message, place }: Annotation): string {
  const properties = [
    ...(place === undefined
      ? []
      : [`file=${escapeProperty(printable(repositoryPath(place.file)))}`, `line=${place.line}`]),
    `title=${escapeProperty(`Bycatch: ${printable(title, 150)}`)}`,
  ];
  return `::${LEVELS[severity]} ${properties.join(",")}::${escapeData(printable(message, 2_000))}`;
}

/** As `@actions/core` escapes a command's message. */
function escapeData(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

/** As `@actions/core` escapes a command's property. */
function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
