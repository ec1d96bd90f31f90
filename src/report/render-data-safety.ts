import type {
  DataSafetyComparison,
  DataSafetyItem,
  DataSafetyList,
  DataTypeFacts,
  DocumentedUse,
} from "../policy/index.js";
import { renderAppTitle } from "./app-section.js";
import { groupBy } from "./arrange-parties.js";
import { describeForm, describeUse, outcomeOfComparison, summarizeComparison } from "./data-safety-words.js";
import { displayWidth } from "./display-width.js";
import { summarizePlace } from "./evidence-text.js";
import { COLUMN, heading } from "./listing.js";
import { Page, type Span, type Tone } from "./page.js";
import { printable } from "./printable-text.js";
import { escapeInJson } from "./render-json.js";
import { count } from "./words.js";

/** How a comparison looks in a terminal. */
export interface DataSafetyOptions {
  readonly color: boolean;
  /** Columns; no line but a page's address is longer. */
  readonly width: number;
  /** All places, limits and notes, and all that is known of each data type. */
  readonly isVerbose: boolean;
}

const OUTCOMES = {
  pass: { text: "PASS", tone: "good" },
  fail: { text: "FAIL", tone: "trouble" },
  incomplete: { text: "INCOMPLETE", tone: "alert" },
} as const satisfies Record<string, Span>;

const LEAST_WIDTH = 40;

/** The comparison for a person at a terminal: what vendors say and the form lacks first, then what is to be asked. */
export function renderDataSafety(
  comparison: DataSafetyComparison,
  { color, width, isVerbose }: DataSafetyOptions,
): string {
  const page = new Page(Math.max(LEAST_WIDTH, width), color);
  renderAppTitle(page, comparison.app);
  const { form } = comparison;
  if (form !== undefined) {
    page.paragraph([
      { text: `against ${printable(form.file, 200)}` },
      { text: `  ${describeForm(form)}`, tone: "dim" },
    ]);
    page.paragraph([
      OUTCOMES[outcomeOfComparison(comparison)!],
      { text: `  ${summarizeComparison(comparison)}` },
    ]);
  }
  for (const list of comparison.lists) renderList(page, list, isVerbose);
  if (form !== undefined) renderInconsistencies(page, form);
  renderUnread(page, comparison);
  if (form === undefined || isVerbose) renderFacts(page, comparison.dataTypes, isVerbose);
  page.blank();
  for (const text of advise(comparison, isVerbose)) page.paragraph([{ text, tone: "dim" }]);
  return page.text();
}

function renderList(page: Page, { kind, title, fix, items }: DataSafetyList, isVerbose: boolean): void {
  if (items.length === 0) return;
  page.blank();
  page.paragraph([{ text: title, tone: "heading" }]);
  if (kind === "declared-not-observed") {
    page.paragraph([{ text: items.map(({ dataType }) => dataType).join(", ") }], 2);
  } else {
    // What is only told would bury what is asked.
    const shown = items.filter(({ severity }) => isVerbose || severity !== "note");
    for (const [dataType, group] of groupBy(shown, ({ dataType }) => dataType))
      renderDataType(page, dataType, group, isVerbose);
    renderNotes(page, isVerbose ? [] : items.filter(({ severity }) => severity === "note"));
  }
  page.paragraph([{ text: `what to do: ${fix}`, tone: "dim" }], 2, 14);
}

function renderDataType(
  page: Page,
  dataType: string,
  items: readonly DataSafetyItem[],
  isVerbose: boolean,
): void {
  let label: readonly Span[] = [{ text: dataType, tone: toneOf(items[0]!) }];
  for (const item of items) {
    page.field(label, whoOf(item), COLUMN);
    label = [];
    for (const use of item.documented) renderSource(page, use, 4);
    for (const { api, evidence } of item.observed?.places.slice(0, isVerbose ? undefined : 1) ?? []) {
      const prefix = item.kind === "undeclared-access" ? "" : "its code: ";
      const text = prefix + summarizePlace(evidence, api, page.width - 4 - prefix.length);
      page.paragraph([{ text, tone: "dim" }], 4, 6);
    }
    for (const { message } of isVerbose ? (item.observed?.limits ?? []) : [])
      page.paragraph([{ text: `limited: ${message}`, tone: "dim" }], 4, 6);
  }
}

/** A page's address, unbroken, so that it can be copied; and the day on which it was read. */
function renderSource(page: Page, { source, readOn }: DocumentedUse, indent: number): void {
  const day = `read on ${readOn}`;
  const isOneLine = indent + displayWidth(printable(source)) + 2 + day.length <= page.width;
  page.verbatim(isOneLine ? `${source}  ${day}` : source, indent, "dim");
  if (!isOneLine) page.paragraph([{ text: day, tone: "dim" }], indent + 2);
}

/** The party, and what of it the kind is about. */
function whoOf({ kind, party, documented, observed, purposes = [], line }: DataSafetyItem): Span[] {
  const uses = [...new Set(documented.map(describeUse).filter((text) => text !== ""))].join("; ");
  const what =
    kind === "undeclared-access" && observed !== undefined
      ? [
          count(observed.callSites, "place"),
          ...(observed.confidence === "certain" ? [] : [observed.confidence]),
          ...(uses === "" ? [] : [`its vendor ${uses}`]),
        ].join(", ")
      : kind === "undeclared-purpose"
        ? `for ${purposes.join(", ")}`
        : uses;
  const where = line === undefined ? "" : `line ${line}`;
  const sure = kind !== "undeclared-access" && party?.confidence === "possible" ? "only possibly there" : "";
  return [
    { text: printable(party?.name ?? "", 80) },
    { text: `  ${[what, sure, where].filter((text) => text !== "").join(" · ")}`, tone: "dim" },
  ];
}

/** What is only possible, or what a vendor denies, in a line a data type. */
function renderNotes(page: Page, notes: readonly DataSafetyItem[]): void {
  if (notes.length === 0) return;
  const types = [...groupBy(notes, ({ dataType }) => dataType)].map(
    ([dataType, items]) =>
      `${dataType} (${items.map(({ party }) => printable(party?.name ?? "", 80)).join(", ")})`,
  );
  page.field(
    [{ text: "less sure", tone: "dim" }],
    [{ text: `only possible, or denied by the vendor: ${types.join(", ")}`, tone: "dim" }],
    COLUMN,
  );
}

function toneOf({ severity }: DataSafetyItem): Tone {
  return severity === "error" ? "trouble" : severity === "warning" ? "alert" : "dim";
}

function renderInconsistencies(
  page: Page,
  { inconsistencies, file }: NonNullable<DataSafetyComparison["form"]>,
): void {
  if (inconsistencies.length === 0) return;
  heading(page, "The form contradicts itself");
  for (const { line, message } of inconsistencies)
    page.paragraph([{ text: `${printable(file, 200)}:${line}` }, { text: `  ${message}` }], 2, 4);
}

function renderUnread(page: Page, { unread, undecided, depth }: DataSafetyComparison): void {
  if (unread.length > 0) {
    heading(page, "Not read", "Nothing is claimed absent for what these could hide.");
    for (const part of unread.slice(0, MOST_PARTS)) page.paragraph([{ text: part }], 2, 4);
    if (unread.length > MOST_PARTS)
      page.paragraph([{ text: `and ${unread.length - MOST_PARTS} more`, tone: "dim" }], 2);
  }
  if (depth === "permitted")
    page.paragraph([
      { text: "The report was made without a look at the code: scan again.", tone: "trouble" },
    ]);
  if (undecided.length > 0)
    page.paragraph([{ text: `Declared, and not seen in what was read: ${undecided.join(", ")}.` }], 2);
}

/** Columns from a fact's label to its text. */
const FACT_COLUMN = 21;
/** Unread parts that are named. */
const MOST_PARTS = 5;

/** What is declared, documented and observed, by data type. */
function renderFacts(page: Page, dataTypes: readonly DataTypeFacts[], isVerbose: boolean): void {
  heading(page, "What is known of each data type");
  if (dataTypes.length === 0) page.paragraph([{ text: "Nothing was seen, and no vendor documents any." }], 2);
  for (const { dataType, declared, parties } of dataTypes) {
    const open = parties.filter(({ observed }) => observed?.isOpen);
    const isTold =
      declared !== undefined || open.length > 0 || parties.some((one) => one.documented.length > 0);
    if (!isTold && !isVerbose) continue;
    page.paragraph([{ text: dataType, tone: "alert" }], 2);
    const fact = (label: string, spans: readonly Span[]) =>
      page.field([{ text: label, tone: "dim" }], spans, FACT_COLUMN, 4);
    if (declared !== undefined) {
      const how = [
        ...(declared.collected ? [["collected", ...declared.collectionPurposes].join(", ")] : []),
        ...(declared.shared ? [["shared", ...declared.sharingPurposes].join(", ")] : []),
      ];
      fact("declared", [{ text: how.join("; ") || "chosen, and neither collected nor shared" }]);
    }
    for (const { party, documented } of parties) {
      for (const use of documented) {
        const how = use.collected ? `collects it ${describeUse(use)}` : describeUse(use);
        fact("documented", [{ text: printable(party.name, 80) }, { text: `  ${how.trim()}`, tone: "dim" }]);
        renderSource(page, use, 6);
      }
    }
    if (open.length > 0)
      fact("could access it", [
        { text: open.map(({ party, observed }) => nameWithDoubt(party, observed?.confidence)).join(", ") },
      ]);
    const closed = parties.filter(({ observed }) => observed?.isOpen === false);
    if (isVerbose && closed.length > 0)
      fact("yields nothing", [
        { text: `to ${closed.map(({ party }) => printable(party.name, 80)).join(", ")}`, tone: "dim" },
      ]);
  }
}

function nameWithDoubt(
  party: DataTypeFacts["parties"][number]["party"],
  confidence: string | undefined,
): string {
  const doubts = [
    ...(party.kind === "support-library" ? ["support library"] : []),
    ...(confidence === undefined || confidence === "certain" ? [] : [confidence]),
  ];
  return `${printable(party.name, 80)}${doubts.length === 0 ? "" : ` (${doubts.join(", ")})`}`;
}

function* advise(comparison: DataSafetyComparison, isVerbose: boolean): Generator<string> {
  if (comparison.form === undefined)
    yield "--form compares this with the CSV that Play Console exports; --draft writes one to fill in.";
  else if (!isVerbose) yield "--verbose tells all places, and what is known of each data type.";
  if (outcomeOfComparison(comparison) === "incomplete")
    yield comparison.depth === "permitted"
      ? "What was not looked for no flag lets pass: scan the app again with more --depth."
      : "--allow-incomplete lets what could not be read pass.";
  yield "Access is not collection: what code could read on the device, not what it sends.";
}

/** The comparison as JSON for people and programs. */
export function renderDataSafetyJson(comparison: DataSafetyComparison): string {
  return `${escapeInJson(JSON.stringify(comparison, undefined, 2))}\n`;
}
