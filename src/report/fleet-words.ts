import type { FleetEvaluation } from "../store/index.js";
import { html, joinMarkup, type Markup, nameOf } from "./html/markup.js";
import { printable } from "./printable-text.js";
import { count, formatNumber, formatShare } from "./words.js";

/** `97%` of the whole, rounded; what is something is never `0%`. */
export function shareOf(part: number, whole: number): string {
  if (part > 0 && part * 100 < whole) return "under 1%";
  return whole === 0 ? "0%" : formatShare(part / whole);
}

/** `4,788 of 4,935 apps (97%)`. */
export function partOfApps(part: number, whole: number): string {
  return `${formatNumber(part)} of ${count(whole, "app")} (${shareOf(part, whole)})`;
}

/** `9`, `9.5`: a median may lie between two; `none` of 0. */
export function formatMedian(median: number): string {
  if (median === 0) return "none";
  return Number.isInteger(median) ? formatNumber(median) : String(Math.round(median * 10) / 10);
}

/** What a list leaves out. */
export function renderMore(
  { total, rows }: { readonly total: number; readonly rows: readonly unknown[] },
  singular: string,
  plural?: string,
): Markup | undefined {
  const more = total - rows.length;
  if (more <= 0) return undefined;
  const named = count(more, `more ${singular}`, `more ${plural ?? `${singular}s`}`);
  return html`<p class="more">${named} ${more === 1 ? "is" : "are"} not shown here; the store has them all.</p>
`;
}

/** Data types told of one row; the heat map tells all. */
const MOST_TYPES = 6;

/** Whether it was looked for what code refers to: where not, that nothing of it is there says nothing. */
export function isLookedInto({ depth }: FleetEvaluation): boolean {
  return depth !== "permitted";
}

/** Where a list is of what code refers to, and that was not looked for. */
export const NOT_LOOKED_FOR = "What code refers to was not looked for.";

/** In place of what code refers to, where that was not looked for. */
export const notLookedFor = html`<span class="soft">not looked for</span>`;

/** Data types of which there was an access. */
export function listDataTypes(dataTypes: readonly string[], evaluation: FleetEvaluation): Markup {
  if (!isLookedInto(evaluation)) return notLookedFor;
  if (dataTypes.length === 0) return html`<span class="soft">none seen</span>`;
  const more = dataTypes.length - MOST_TYPES;
  const shown = dataTypes
    .slice(0, MOST_TYPES)
    .map((dataType) => html`<span class="id">${printable(dataType, 40)}</span>`);
  return html`${joinMarkup(shown, ", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

/** Names with commas, and how many more there are. */
export function listNames(names: readonly string[], total = names.length): Markup {
  const more = total - names.length;
  const rest = more > 0 ? ` and ${formatNumber(more)} more` : "";
  return html`${joinMarkup(
    names.map((name) => nameOf(name, 60)),
    ", ",
  )}${rest}`;
}
