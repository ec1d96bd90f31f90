import type { AccessSummary, AuditResult, PartySummary } from "../findings/index.js";
import { type AccessRow, compareText, leavesData, type PartyRows } from "./arrange-parties.js";
import { displayWidth, widest } from "./display-width.js";
import { listPlaces, summarizePlace } from "./evidence-text.js";
import type { Page, Span } from "./page.js";
import { practicesLine, renderPractices } from "./practices.js";
import { printable } from "./printable-text.js";
import { renderReach, sayReach } from "./reach-text.js";
import { count } from "./words.js";

/** Columns of the longest rung. */
const RUNG_WIDTH = 10;
/** Longer names of data types reach into the next column. */
const MOST_TYPE_WIDTH = 20;
/** From this width on, a data type and its evidence stand on one line. */
const WIDE = 110;

/** Third parties with what their code could access; those without are one paragraph, unless all is told. */
export function renderThirdParties(
  page: Page,
  { depth }: AuditResult,
  parties: readonly PartyRows[],
  isVerbose: boolean,
): void {
  const shown = isVerbose ? parties : parties.filter(({ rows }) => rows.length > 0);
  const types = shown.flatMap(({ rows }) => rows.map(({ dataType }) => dataType));
  const typeWidth = Math.min(MOST_TYPE_WIDTH, Math.max(14, widest(types)));
  for (const party of shown) renderParty(page, party, typeWidth, isVerbose);
  if (isVerbose) return;
  renderRest(
    page,
    parties.filter(({ rows }) => rows.length === 0),
    shown.length > 0,
    depth,
  );
  renderPermitted(page, parties);
}

function renderParty(
  page: Page,
  { party, rows, permitted }: PartyRows,
  typeWidth: number,
  isVerbose: boolean,
): void {
  const column = 2 + typeWidth + 2 + RUNG_WIDTH + 2;
  page.blank();
  page.field(
    [{ text: nameOf(party), tone: "heading" }],
    [{ text: describeParty(party), tone: "dim" }],
    column,
    0,
  );
  for (const row of rows) {
    if (isVerbose) renderFullRow(page, row, typeWidth);
    else renderRow(page, row, party, typeWidth, column);
  }
  renderSwitches(page, party, typeWidth, isVerbose);
  renderPractices(page, party, 2 + typeWidth + 2, isVerbose);
  if (!isVerbose) return;
  if (permitted.length > 0) {
    page.field(
      [{ text: "permitted only", tone: "dim" }],
      [{ text: permitted.join(", "), tone: "dim" }],
      2 + typeWidth + 2,
    );
  }
  page.field(
    [{ text: "seen by", tone: "dim" }],
    [{ text: listPresence(party), tone: "dim" }],
    2 + typeWidth + 2,
  );
}

/** `Amazon Publisher Services 9.8.3`. */
function nameOf({ name, version }: PartySummary): string {
  return version === undefined ? printable(name, 80) : `${printable(name, 80)} ${printable(version, 30)}`;
}

/** Vendor, its parent if another, category, how sure it is there, and what is missing of it. */
function describeParty(party: PartySummary): string {
  const { vendor, category, kind, confidence, classes, renamedClasses } = party;
  const parent = vendor?.parent === undefined ? "" : ` (${vendor.parent.name})`;
  return [
    ...(vendor === undefined ? [] : [`${vendor.name}${parent}`]),
    ...(kind === "unrecognised" ? ["unrecognised", count(classes, "class", "classes")] : []),
    ...(category === undefined ? [] : [category.replaceAll("-", " ")]),
    ...(confidence === "certain" ? [] : [`${confidence} present`]),
    ...(kind === "sdk" && classes === 0 ? ["no code by its name"] : []),
    ...(renamedClasses === undefined
      ? []
      : [`${renamedClasses} of ${count(classes, "class", "classes")} renamed`]),
  ].join(" · ");
}

/** A data type: rung, the best evidence, how often; then what limits it. */
function renderRow(page: Page, row: AccessRow, party: PartySummary, typeWidth: number, column: number): void {
  const { finding, dataType, isOpen } = row;
  const label: Span[] = [
    { text: dataType.padEnd(typeWidth), tone: isOpen ? "alert" : "dim" },
    { text: `  ${finding.rung ?? ""}`, tone: isOpen ? undefined : "dim" },
  ];
  const tail = [
    countPlaces(row),
    ...(finding.confidence === party.confidence ? [] : [finding.confidence]),
  ].join(", ");
  const yields = listYields(row);
  const api = row.accesses[0]?.api;
  if (page.width < WIDE) {
    page.field(label, [{ text: yields === "" ? tail : `${tail}: ${yields}`, tone: "dim" }], column);
    page.paragraph([{ text: summarizePlace(finding.evidence[0], api, page.width - 4) }], 4);
  } else {
    const start = Math.max(column, 2 + displayWidth(dataType) + 2 + RUNG_WIDTH + 2);
    const place = summarizePlace(finding.evidence[0], api, page.width - start - displayWidth(tail) - 2);
    page.field(label, [{ text: place }, { text: `  ${tail}`, tone: "dim" }], column);
    if (yields !== "") page.paragraph([{ text: yields, tone: "dim" }], column);
  }
  const indent = page.width < WIDE ? 4 : column;
  if (finding.reach !== undefined) {
    const tone = isOpen && finding.reach.beforeConsent !== undefined ? "alert" : "dim";
    page.paragraph([{ text: sayReach(finding.reach), tone }], indent, indent + 2);
  }
  renderLimits(page, finding.limits, false, indent);
}

/** `3 calls`; places where some of them are no calls. */
function countPlaces({ accesses, callSites, finding }: AccessRow): string {
  const kinds = [...accesses.flatMap(({ evidence }) => evidence), ...finding.evidence].map(
    ({ kind }) => kind,
  );
  return count(callSites || 1, kinds.every((kind) => kind === "method-call") ? "call" : "place");
}

/** What of the data type is accessed, where it is several things: `android-id, imei-meid (limited)`. */
function listYields({ accesses }: AccessRow): string {
  const yields = new Map<string, boolean>();
  for (const access of accesses) {
    yields.set(access.yields, (yields.get(access.yields) ?? false) || leavesData(access.limits));
  }
  if (yields.size < 2) return "";
  return [...yields]
    .sort(([a, isOpen], [b, isOtherOpen]) => Number(isOtherOpen) - Number(isOpen) || compareText(a, b))
    .map(([id, isOpen]) => (isOpen ? id : `${id} (limited)`))
    .join(", ");
}

const STRENGTHS = ["nothing", "partial", "sometimes"];

/** The limit that leaves least; all of them where all is told. */
export function renderLimits(
  page: Page,
  limits: AccessSummary["limits"],
  isVerbose: boolean,
  indent: number,
): void {
  const sorted = [...limits].sort((a, b) => STRENGTHS.indexOf(a.leaves) - STRENGTHS.indexOf(b.leaves));
  const shown = isVerbose ? sorted : sorted.slice(0, 1);
  for (const { message } of shown) {
    const left = sorted.length - shown.length;
    const more = left === 0 ? "" : ` (and ${count(left, "other limit")})`;
    page.paragraph([{ text: `limited: ${message}${more}`, tone: "dim" }], indent, indent + 2);
  }
}

function renderSwitches(
  page: Page,
  { switches = [] }: PartySummary,
  typeWidth: number,
  isVerbose: boolean,
): void {
  for (const { metaData, off, value, effect, source } of switches) {
    const isOff = value === off;
    const spans: Span[] = [{ text: `${metaData} = ${off}`, ...(isOff ? { tone: "good" as const } : {}) }];
    if (!isOff && value !== undefined) spans.push({ text: `  (is ${printable(value, 40)})`, tone: "dim" });
    if (isVerbose)
      spans.push({ text: `  ${effect}${source === undefined ? "" : ` ${source}`}`, tone: "dim" });
    page.field([{ text: isOff ? "switched off" : "switch off", tone: "dim" }], spans, 2 + typeWidth + 2);
  }
}

/** A data type with every access, what limits each, and its places. */
function renderFullRow(
  page: Page,
  { finding, dataType, isOpen, accesses }: AccessRow,
  typeWidth: number,
): void {
  page.field(
    [{ text: dataType, tone: isOpen ? "alert" : "dim" }],
    [
      { text: finding.rung ?? "" },
      { text: finding.confidence === "certain" ? "" : `  ${finding.confidence}`, tone: "dim" },
    ],
    2 + typeWidth + 2,
  );
  for (const access of accesses) renderAccess(page, access);
}

/** One access with its places. */
export function renderAccess(page: Page, access: AccessSummary, indent = 4): void {
  page.paragraph(
    [
      { text: `${access.yields}  ` },
      { text: summarizePlace(undefined, access.api, page.width) },
      {
        text: `  ${count(access.callSites, "place")}${access.confidence === "certain" ? "" : `, ${access.confidence}`}`,
        tone: "dim",
      },
    ],
    indent,
    indent + 2,
  );
  renderLimits(page, access.limits, true, indent + 2);
  if (access.reach !== undefined) renderReach(page, access.reach, indent + 2);
  for (const line of listPlaces(access))
    page.paragraph([{ text: line, tone: "dim" }], indent + 2, indent + 4);
}

/** Signatures shown of one party. */
const MOST_SIGNATURES = 6;

function listPresence({ evidence, classes }: PartySummary): string {
  const shown = evidence
    .slice(0, MOST_SIGNATURES)
    .map(({ kind, value }) => `${kind} ${printable(kind === "class" ? className(value) : value, 100)}`);
  const left = evidence.length - shown.length;
  return [...shown, ...(left > 0 ? [`${left} more`] : []), count(classes, "class", "classes")].join(", ");
}

/** `com.acme.Sdk` of `Lcom/acme/Sdk;`. */
function className(descriptor: string): string {
  return descriptor.replace(/^L(.*);$/, "$1").replaceAll("/", ".");
}

/** Third parties of which nothing was seen but that they are there. */
function renderRest(
  page: Page,
  parties: readonly PartyRows[],
  isAfterOthers: boolean,
  depth: AuditResult["depth"],
): void {
  if (parties.length === 0) return;
  page.blank();
  const names = parties.map(
    ({ party }) => nameOf(party) + (party.confidence === "certain" ? "" : ` (${party.confidence})`),
  );
  const label =
    depth === "permitted"
      ? count(parties.length, "third party", "third parties")
      : `No access seen in ${isAfterOthers ? `${parties.length} more` : parties.length === 1 ? "it" : "them"}`;
  page.paragraph([{ text: `${label}: ` }, { text: names.join(", "), tone: "dim" }], 0, 2);
  for (const { party } of parties) {
    const documented = practicesLine(party);
    if (documented !== undefined)
      page.paragraph([{ text: `documented of ${nameOf(party)}: ${documented}`, tone: "dim" }], 2, 4);
  }
}

/** Said once: what the app's permissions open, they open to every third party alike. */
function renderPermitted(page: Page, parties: readonly PartyRows[]): void {
  const types = [...new Set(parties.flatMap(({ permitted }) => permitted))].sort();
  if (types.length === 0) return;
  const whom = parties.length === 1 ? "it" : "all of them";
  page.blank();
  page.paragraph(
    [{ text: `Permitted to ${whom} by the app's permissions: ${types.join(", ")}`, tone: "dim" }],
    0,
    2,
  );
}

/** A party's name for lists, bounded. */
export function shortName(party: PartySummary | undefined, id: string): string {
  return printable(party?.name ?? id, 80);
}
