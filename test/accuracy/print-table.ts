import { addUp, type Measured, rates, type Tally } from "./measure.js";
import type { MeasuredRenamed } from "./measure-renamed.js";

/** What is measured, in the order of the table. */
const rows: readonly (readonly [name: string, pick: (one: Measured) => Tally])[] = [
  ["SDKs", (one) => one.sdks],
  ["support libraries", (one) => one.supportLibraries],
  ["unrecognised third parties", (one) => one.unrecognised],
  ["versions", (one) => one.versions],
  ["classes attributed", (one) => one.classes],
];

/** Precision and recall of some binaries, as a Markdown table; then what deviates, binary by binary. */
export function renderAccuracy(title: string, measured: readonly Measured[]): string {
  const lines = [
    `${title}: ${measured.length} binaries, ${addUp(measured.map((one) => one.classes)).right.toLocaleString("en")} classes right`,
    "",
    "| | right | wrong | missed | precision | recall |",
    "|---|---|---|---|---|---|",
    ...rows.map(([name, pick]) => renderRow(name, addUp(measured.map(pick)))),
  ];
  for (const { name, deviations } of measured) {
    if (deviations.length > 0) lines.push("", name, ...deviations.map((text) => `  ${text}`));
  }
  return `${lines.join("\n")}\n`;
}

/** The same of a renamed build. */
export function renderRenamed(title: string, { parties, classes, wrong }: MeasuredRenamed): string {
  return `${[
    title,
    "",
    "| | right | wrong | missed | precision | recall |",
    "|---|---|---|---|---|---|",
    renderRow("SDKs and support libraries", parties),
    renderRow("classes that lost their names", classes),
    ...wrong.map((text) => `  ${text}`),
  ].join("\n")}\n`;
}

/** How well the flows of a group of programs are told. */
export interface MeasuredFlows {
  readonly name: string;
  readonly found: number;
  readonly wrong: number;
  readonly missed: number;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  /** Texts of what is wrong, by what is wrong with it. */
  readonly failures: Readonly<Record<string, readonly string[]>>;
}

/** Precision, recall and F1 of groups of programs, the last of which are all; then its failures by name. */
export function renderFlows(title: string, measured: readonly MeasuredFlows[]): string {
  const failures = Object.entries(measured.at(-1)?.failures ?? {});
  return `${[
    title,
    "",
    "| | found | wrong | missed | precision | recall | F1 |",
    "|---|---|---|---|---|---|---|",
    ...measured.map(
      ({ name, found, wrong, missed, precision, recall, f1 }) =>
        `| ${name} | ${found} | ${wrong} | ${missed} | ${percent(precision)} | ${percent(recall)} | ${f1.toFixed(3)} |`,
    ),
    ...failures.flatMap(([kind, texts]) =>
      texts.length === 0 ? [] : ["", kind, ...texts.map((text) => `  ${text}`)],
    ),
  ].join("\n")}\n`;
}

function renderRow(name: string, tally: Tally): string {
  const { right, wrong, missed } = tally;
  const { precision, recall } = rates(tally);
  return `| ${name} | ${right} | ${wrong} | ${missed} | ${percent(precision)} | ${percent(recall)} |`;
}

/** Rounded down: 100% is said only of all. */
function percent(rate: number): string {
  return `${(Math.floor(rate * 1_000) / 10).toFixed(1)}%`;
}
