import { XMLBuilder } from "fast-xml-parser";
import type { CheckResult, Problem, Verdict } from "../policy/index.js";
import { printable } from "./printable-text.js";
import { nameApp, placeOf, sayException, sayUnread, whereWritten } from "./verdict-text.js";
import { count } from "./words.js";

const ATTRIBUTE = "@_";

/** An element as XMLBuilder takes it: attributes, text, and elements by name. */
type Element = Record<string, unknown>;

/**
 * A verdict as JUnit XML, as CI systems read it: the app is a test suite, a check a test case. A check that failed has
 * one failure with all its errors; warnings, notes and what was agreed to stand in its output. One that could not be
 * decided is an error where that keeps the build from passing, and skipped where it does not.
 */
export function renderVerdictJunit(verdict: Verdict): string {
  const builder = new XMLBuilder({
    ignoreAttributes: false,
    attributeNamePrefix: ATTRIBUTE,
    suppressBooleanAttributes: false,
    suppressEmptyNode: true,
    format: true,
    indentBy: "  ",
  });
  const cases = [...verdict.checks, ...missingCheck(verdict)].map((check) => toCase(check, verdict));
  const having = (name: string) => cases.filter((one) => name in one).length;
  const counts = attributes({
    tests: cases.length,
    failures: having("failure"),
    errors: having("error"),
    skipped: having("skipped"),
  });
  const testsuite = { ...attributes({ name: nameApp(verdict) }), ...counts, testcase: cases };
  const testsuites = { ...attributes({ name: "bycatch" }), ...counts, testsuite };
  return `<?xml version="1.0" encoding="UTF-8"?>\n${builder.build({ testsuites }).trimEnd()}\n`;
}

/** A build that was not read whole must not look like one, though every check of it was decided. */
function missingCheck({ unread, checks }: Verdict): CheckResult[] {
  if (unread.length === 0 || checks.some(({ outcome }) => outcome === "unknown")) return [];
  const title = "Every part of the app was read";
  return [
    { id: "reading-everything", kind: "reading", title, outcome: "unknown", problems: [], excepted: [] },
  ];
}

function toCase(check: CheckResult, verdict: Verdict): Element {
  const { id, title, outcome, problems, excepted } = check;
  const errors = problems.filter(({ severity }) => severity === "error");
  const others = problems.filter(({ severity }) => severity !== "error");
  const where = whereWritten(check);
  const output = [
    ...(where === undefined ? [] : [`asked for in ${printable(where)}`]),
    ...(check.because === undefined ? [] : [`because ${printable(check.because)}`]),
    ...others.flatMap((problem) => describeProblem(problem, true)),
    ...excepted.flatMap((problem) => describeProblem(problem, false)),
  ];
  return {
    ...attributes({ classname: `bycatch.${verdict.app.packageName ?? "app"}`, name: `${id}: ${title}` }),
    ...(errors.length > 0 ? { failure: toFailure(errors) } : {}),
    ...(outcome === "unknown" ? toUndecided(verdict) : {}),
    ...(output.length > 0 ? { "system-out": text(output) } : {}),
  };
}

function toFailure(errors: readonly Problem[]): Element {
  const message = errors.length === 1 ? errors[0]!.message : count(errors.length, "problem");
  return {
    ...attributes({ message, type: "problem" }),
    "#text": text(errors.flatMap((error) => describeProblem(error, true))),
  };
}

function toUndecided(verdict: Verdict): Element {
  const message = sayUnread(verdict);
  return verdict.outcome === "pass"
    ? { skipped: attributes({ message }) }
    : { error: attributes({ message, type: "not-read" }) };
}

/** A problem, then line by line what is known of it. */
function describeProblem(problem: Problem, counts: boolean): string[] {
  const { severity, message, fix, change } = problem;
  const place = placeOf(problem);
  const exception = sayException(problem, counts);
  return [
    `${severity}: ${printable(message)}`,
    ...(change?.before === undefined ? [] : [`  - ${printable(change.before)}`]),
    ...(change?.after === undefined ? [] : [`  + ${printable(change.after)}`]),
    ...(place === undefined ? [] : [`  ${place}`]),
    ...(fix === undefined ? [] : [`  ${printable(fix)}`]),
    ...(exception === undefined ? [] : [`  ${exception}`]),
  ];
}

function attributes(values: Readonly<Record<string, string | number>>): Element {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [ATTRIBUTE + name, text([printable(String(value))])]),
  );
}

/** Lines that are escaped for a terminal, and so hold no control character; two more are none of XML's. */
function text(lines: readonly string[]): string {
  return lines.join("\n").replace(/[\ufffe\uffff]/g, "\ufffd");
}
