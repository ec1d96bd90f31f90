import type { PartySummary, PracticeSummary } from "../findings/index.js";
import { groupBy } from "./arrange-parties.js";
import type { Page } from "./page.js";

/** What a party's vendor says about it: beside what was observed, in words of its own. */
export function renderPractices(page: Page, party: PartySummary, column: number, isVerbose: boolean): void {
  const label = [{ text: "documented", tone: "dim" as const }];
  if (!isVerbose) {
    const summary = practicesLine(party);
    if (summary !== undefined) page.field(label, [{ text: summary, tone: "dim" }], column);
    return;
  }
  // A page says several things: it is named once.
  const pages = groupBy(party.practices ?? [], ({ source, readOn }) => `${source}, read on ${readOn}`);
  for (const [source, practices] of pages) {
    const text = `vendor says it ${describePractices(practices, describePractice)}  ${source}`;
    page.field(label, [{ text, tone: "dim" }], column);
  }
}

/** `vendor says it collects: contacts, device-or-other-ids (2026-11-22)`; `undefined` where it says nothing. */
export function practicesLine({ practices = [] }: PartySummary): string | undefined {
  if (practices.length === 0) return undefined;
  return `vendor says it ${describePractices(practices, ({ dataType }) => dataType)} (${readOn(practices)})`;
}

/** `collects: contacts; does not collect: photos`. */
export function describePractices(
  practices: readonly PracticeSummary[],
  describe: (practice: PracticeSummary) => string,
): string {
  const list = (verb: string, of: readonly PracticeSummary[]) =>
    of.length === 0 ? [] : [`${verb}: ${[...new Set(of.map(describe))].join(", ")}`];
  return [
    ...list(
      "collects",
      practices.filter(({ collected }) => collected),
    ),
    ...list(
      "does not collect",
      practices.filter(({ collected }) => !collected),
    ),
  ].join("; ");
}

/** `contacts (shared; analytics, personalization)`. */
export function describePractice({ dataType, shared, purposes = [] }: PracticeSummary): string {
  const how = [
    ...(shared === undefined ? [] : [shared ? "shared" : "not shared"]),
    ...(purposes.length === 0 ? [] : [purposes.join(", ")]),
  ].join("; ");
  return how === "" ? dataType : `${dataType} (${how})`;
}

/** The day on which pages were read; the first and the last of several. */
function readOn(practices: readonly PracticeSummary[]): string {
  const days = [...new Set(practices.map((practice) => practice.readOn))].sort();
  return days.length === 1 ? days[0]! : `${days[0]} to ${days.at(-1)}`;
}
