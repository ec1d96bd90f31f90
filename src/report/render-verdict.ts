import type { CheckResult, Problem, Verdict } from "../policy/index.js";
import { renderAppTitle } from "./app-section.js";
import { describeValue, summarizePlace } from "./evidence-text.js";
import { Page, type Span, type Tone } from "./page.js";
import { escapeInJson } from "./render-json.js";
import { count } from "./words.js";

/** How a verdict looks in a terminal. */
export interface VerdictOptions {
  readonly color: boolean;
  /** Columns; no line but a lockfile's own is longer. */
  readonly width: number;
  /** All places of a problem, what is only told, and the checks that passed. */
  readonly isVerbose: boolean;
}

const OUTCOMES = {
  pass: { text: "PASS", tone: "good" },
  fail: { text: "FAIL", tone: "trouble" },
  incomplete: { text: "INCOMPLETE", tone: "alert" },
} as const satisfies Record<Verdict["outcome"], Span>;

/** Places of a problem that are shown. */
const PLACES = 1;
const PLACES_VERBOSE = 10;
/** Unread parts that are named. */
const UNREAD_PARTS = 5;

/** The verdict for a person at a terminal: what failed first, then what is told, then what passed. */
export function renderVerdict(verdict: Verdict, { color, width, isVerbose }: VerdictOptions): string {
  const page = new Page(width, color);
  renderAppTitle(page, verdict.app);
  page.paragraph([OUTCOMES[verdict.outcome], { text: `  ${summarizeChecks(verdict)}` }]);
  for (const check of verdict.checks) {
    const shown = check.problems.filter(({ severity }) => isVerbose || severity !== "note");
    if (shown.length > 0) renderCheck(page, check, shown, isVerbose);
  }
  renderExcepted(page, verdict.checks);
  renderUnread(page, verdict);
  if (isVerbose) renderPassed(page, verdict.checks);
  const notes = verdict.checks
    .flatMap(({ problems }) => problems)
    .filter(({ severity }) => severity === "note");
  const last = [
    ...(!isVerbose && notes.length > 0
      ? [`${count(notes.length, "note")} ${notes.length === 1 ? "is" : "are"} told with --verbose.`]
      : []),
    ...advise(verdict),
  ];
  if (last.length > 0) page.blank();
  for (const text of last) page.paragraph([{ text, tone: "dim" }]);
  return page.text();
}

/** `2 of 5 checks failed, 1 warning`. */
export function summarizeChecks({ checks, outcome, unread }: Verdict): string {
  const failed = checks.filter((check) => check.outcome === "fail").length;
  const warned = checks
    .flatMap(({ problems }) => problems)
    .filter(({ severity }) => severity === "warning").length;
  const warnings = warned === 0 ? "" : `, ${count(warned, "warning")}`;
  const gaps = unread.length === 0 ? "" : `, ${count(unread.length, "part")} not read`;
  if (outcome === "fail") return `${failed} of ${count(checks.length, "check")} failed${warnings}${gaps}`;
  if (outcome === "incomplete") return `no check failed, but not everything was seen${warnings}${gaps}`;
  const passed = checks.filter((check) => check.outcome === "pass").length;
  const open = checks.length - passed;
  if (open === 0) return `${count(passed, "check")} passed${warnings}${gaps}`;
  return `${passed} of ${count(checks.length, "check")} passed, ${open} not decided${warnings}${gaps}`;
}

function renderCheck(page: Page, check: CheckResult, shown: readonly Problem[], isVerbose: boolean): void {
  page.blank();
  const [word, tone] = wordOf(check);
  const place =
    check.kind === "policy" && check.place !== undefined ? `  ${check.place.file}:${check.place.line}` : "";
  page.paragraph(
    [
      { text: word, tone },
      { text: `  ${check.id}`, tone: "heading" },
      { text: place, tone: "dim" },
    ],
    0,
    6,
  );
  page.paragraph([{ text: check.title }], 6);
  // The check of exceptions says itself whose they were.
  const isOfExceptions = check.kind === "exceptions";
  for (const problem of shown) {
    renderProblem(page, problem, isVerbose);
    if (!isOfExceptions) renderEndedException(page, problem);
  }
  if (check.because !== undefined) page.paragraph([{ text: `why: ${check.because}`, tone: "dim" }], 6, 11);
  for (const fix of new Set(shown.flatMap(({ fix }) => fix ?? [])))
    page.paragraph([{ text: `what to do: ${fix}`, tone: "dim" }], 6, 18);
}

function wordOf({ outcome, problems }: CheckResult): [word: string, tone: Tone] {
  if (outcome === "fail") return ["fail", "trouble"];
  return problems.some(({ severity }) => severity === "warning") ? ["warn", "alert"] : ["note", "dim"];
}

function renderProblem(
  page: Page,
  { change, message, evidence, severity, permission, party, dataType, host }: Problem,
  isVerbose: boolean,
): void {
  if (change === undefined) page.paragraph([{ text: "- ", tone: toneOf(severity) }, { text: message }], 6, 8);
  // A lockfile's lines as they are, so that they can be compared and copied.
  if (change?.before !== undefined) page.verbatim(`- ${change.before}`, 6, "dim");
  if (change?.after !== undefined) page.verbatim(`+ ${change.after}`, 6, toneOf(severity));
  // Who a new third party is, its line does not say.
  const isParty = party !== undefined && dataType === undefined && host === undefined;
  if (change !== undefined && (severity !== "error" || isParty))
    page.paragraph([{ text: message, tone: "dim" }], 8);
  // That a permission is in the manifest is what the message says.
  const places = evidence.filter(({ kind, value }) => kind !== "permission" || value !== permission);
  for (const one of places.slice(0, isVerbose ? PLACES_VERBOSE : PLACES)) {
    const where = ` in ${one.entry}`;
    const what =
      one.kind === "class"
        ? describeValue(one)
        : summarizePlace(one, undefined, page.width - 8 - where.length);
    page.paragraph([{ text: what + where, tone: "dim" }], 8, 10);
  }
}

function renderEndedException(page: Page, { exception }: Problem): void {
  if (exception?.until === undefined) return;
  const { owner, until, because } = exception;
  page.paragraph([{ text: `was agreed to by ${owner} until ${until}: ${because}`, tone: "alert" }], 8, 10);
}

function toneOf(severity: Problem["severity"]): Tone {
  return severity === "error" ? "trouble" : severity === "warning" ? "alert" : "dim";
}

/** What was agreed to is never silent. */
function renderExcepted(page: Page, checks: readonly CheckResult[]): void {
  const excepted = checks.flatMap(({ excepted }) => excepted);
  if (excepted.length === 0) return;
  page.blank();
  page.paragraph([{ text: "Agreed to", tone: "heading" }]);
  for (const { message, exception } of excepted) {
    const until = exception?.until === undefined ? "" : ` until ${exception.until}`;
    page.paragraph([{ text: message }], 2, 4);
    page.paragraph([{ text: `${exception?.owner}${until}: ${exception?.because}`, tone: "dim" }], 4, 6);
  }
}

function renderUnread(page: Page, { unread, outcome, checks, diagnostics }: Verdict): void {
  const open = checks.filter((check) => check.outcome === "unknown").map(({ id }) => id);
  if (unread.length === 0 && open.length === 0) return;
  page.blank();
  if (unread.length === 0) {
    page.paragraph([{ text: "Not decided", tone: "trouble" }, { text: `  ${listSome(open)}` }]);
    return;
  }
  page.paragraph([
    { text: "Not read", tone: outcome === "pass" ? "alert" : "trouble" },
    { text: "  Nothing is claimed absent for what these could hide.", tone: "dim" },
  ]);
  for (const part of unread.slice(0, UNREAD_PARTS)) {
    const why = diagnostics.find((one) => one.part === part)?.message;
    // A message begins with the place.
    page.paragraph(
      [{ text: why?.startsWith(part) ? why : why === undefined ? part : `${part}: ${why}` }],
      2,
      4,
    );
  }
  if (unread.length > UNREAD_PARTS)
    page.paragraph([{ text: `and ${unread.length - UNREAD_PARTS} more`, tone: "dim" }], 2);
  if (open.length > 0)
    page.paragraph([{ text: `Not decided because of it: ${listSome(open)}`, tone: "dim" }], 2, 4);
}

function listSome(ids: readonly string[]): string {
  const more = ids.length - UNREAD_PARTS;
  return [...ids.slice(0, UNREAD_PARTS), ...(more > 0 ? [`${more} more`] : [])].join(", ");
}

function renderPassed(page: Page, checks: readonly CheckResult[]): void {
  page.blank();
  for (const { id, title, outcome } of checks) {
    if (outcome === "fail") continue;
    const [text, tone] =
      outcome === "pass" ? (["pass   ", "good"] as const) : (["unknown", "alert"] as const);
    page.field([{ text, tone }, { text: `  ${id}` }], [{ text: title, tone: "dim" }], 34, 0);
  }
}

/** What can be done, and what is not said. */
export function* advise({ checks, outcome }: Verdict): Generator<string> {
  if (checks.some(({ id, outcome }) => id === "lockfile" && outcome === "fail"))
    yield "If the lines are right, `bycatch check --update` agrees to them; commit the lockfile.";
  const isTooShallow = checks.some((check) => check.outcome === "unknown" && check.isTooShallow);
  if (isTooShallow) yield "What was not looked for no flag lets pass: scan the app again with more --depth.";
  else if (outcome === "incomplete") yield "--allow-incomplete lets what could not be read pass.";
  if (checks.some(({ problems }) => problems.some(({ rung }) => rung !== undefined && rung !== "flows")))
    yield "What code could access is no proof that data leaves the device.";
}

/** The verdict as JSON for people and programs. */
export function renderVerdictJson(verdict: Verdict): string {
  return `${escapeInJson(JSON.stringify(verdict, undefined, 2))}\n`;
}
