import { sumFailed, type Tally } from "../batch/index.js";
import { printable } from "../report/printable-text.js";
import { type Evaluation, evaluationId } from "../store/index.js";
import { format, formatDuration } from "./batch-progress.js";
import { evaluationText } from "./evaluation-text.js";

/** What a summary says beside the numbers of a run. */
export interface SummaryFacts {
  /** Apps that there were; `undefined` of a watch, to which they came. */
  readonly found: number | undefined;
  /** Places that could not be looked into. */
  readonly troubles: number;
  readonly seconds: number;
  readonly evaluation: Evaluation;
  /** Whether a query finds the evaluation unless another is named: that of this bycatch, without options. */
  readonly isPlain: boolean;
  /** The store's folder, as it was named. */
  readonly store: string;
  /** Whether a signal ended the run early. */
  readonly isStopped: boolean;
}

/** How a batch went, and what to do next. */
export function renderSummary(
  tally: Tally,
  { found, troubles, seconds, evaluation, isPlain, store, isStopped }: SummaryFacts,
): string {
  const finished = tally.audited + tally.incomplete + sumFailed(tally);
  const met = finished + tally.duplicates + tally.carried + tally.skipped;
  const all = found ?? met;
  const reasons = Object.entries(tally.failed)
    .filter(([, count]) => count > 0)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([reason, count]) => `${format(count)} ${reason}`);
  const rows: [count: number, meaning: string][] = [
    [all, all === 1 ? "app" : "apps"],
    [tally.audited, `audited${describeKept(tally)}`],
    [tally.incomplete, "incomplete: parts could not be read"],
    [sumFailed(tally), `failed: ${reasons.join(", ")}`],
    [tally.duplicates, "with the content of another"],
    [tally.carried, "carried over: nothing that changed in the rules can meet them"],
    [tally.skipped, `in the store already${describeSkipped(tally)}`],
  ];
  if (troubles > 0)
    rows.push([troubles, `${troubles === 1 ? "place" : "places"} that could not be looked into`]);
  const left = all - met;
  if (isStopped && left > 0) rows.push([left, "left: the same command goes on"]);
  const shown = rows.filter(([count], index) => count > 0 || index < 2);
  const width = Math.max(...shown.map(([count]) => format(count).length));
  const lines = shown.map(([count, meaning]) => `${format(count).padStart(width)}  ${meaning}`);
  const done = finished + tally.carried;
  if (done > 0)
    lines.push(`${(done / Math.max(seconds, 0.001)).toFixed(1)} apps per second, ${formatDuration(seconds)}`);
  const id = evaluationId(evaluation);
  lines.push(`evaluation ${id}: ${evaluationText(evaluation)}`);
  const where = `--store ${printable(store, 2_000)}${isPlain ? "" : ` --evaluation ${id}`}`;
  const next = [`bycatch query top-sdks ${where}`];
  if (sumFailed(tally) > 0) next.push(`bycatch query failures ${where}`);
  return `${lines.join("\n")}

Next:
${next.map((command) => `  ${command}`).join("\n")}
`;
}

function describeKept({ audited, fromFacts }: Tally): string {
  if (fromFacts === 0) return "";
  const which = fromFacts === audited ? "all" : format(fromFacts);
  return `, ${which} of them from what was kept: their files were not read`;
}

function describeSkipped({ skippedFailed, skippedIncomplete }: Tally): string {
  const parts: string[] = [];
  if (skippedFailed > 0) {
    parts.push(`${format(skippedFailed)} failed, which --retry-failed audits again`);
  }
  if (skippedIncomplete > 0) parts.push(`${format(skippedIncomplete)} incomplete`);
  return parts.length === 0 ? "" : ` (${parts.join("; ")})`;
}
