import type { AuditResult, FlowSummary } from "../findings/index.js";
import { arrangeFlows, type FlowGroup, saySink } from "./arrange-flows.js";
import { widest } from "./display-width.js";
import { heading } from "./listing.js";
import type { Page } from "./page.js";
import { shortName } from "./party-section.js";
import { printable } from "./printable-text.js";
import { longReference } from "./reference-text.js";
import { count } from "./words.js";

/** Groups that are shown unless all is told, and flows of each where it is. */
const MOST_GROUPS = 12;
const MOST_FLOWS = 5;
const MOST_CUTS = 6;

/** Where personal data goes. */
export function renderFlows(page: Page, result: AuditResult, isVerbose: boolean): void {
  const { flows, flowCoverage } = result;
  if (flows === undefined || flowCoverage === undefined) return;
  const groups = arrangeFlows(result);
  heading(page, "Where data goes", "from where code reads it to where it leaves the app's code");
  if (groups.length === 0) {
    const sources = count(flowCoverage.sources, "place");
    page.paragraph([{ text: `No flow was found from ${sources} that yield personal data and can run.` }], 2);
    renderCuts(page, result);
    return;
  }
  const parties = new Map(result.parties.map((party) => [party.id, party]));
  const nameOf = (id: string) => shortName(parties.get(id), id);
  const shown = isVerbose ? groups : groups.slice(0, MOST_GROUPS);
  const column = 4 + Math.min(34, widest(shown.map(({ dataType }) => dataType)));
  for (const group of shown) {
    const who = group.from === group.to ? nameOf(group.from) : `${nameOf(group.from)} to ${nameOf(group.to)}`;
    page.field(
      [{ text: printable(group.dataType, 60) }],
      [{ text: `${who}: ${printable(saySink(group), 300)}` }, { text: `  ${describe(group)}`, tone: "dim" }],
      column,
    );
    if (isVerbose) for (const flow of group.flows.slice(0, MOST_FLOWS)) renderWay(page, flow);
    const left = group.flows.length - MOST_FLOWS;
    if (isVerbose && left > 0)
      page.paragraph([{ text: `and ${left} more (--format json has all)`, tone: "dim" }], 6);
  }
  const left = groups.length - shown.length;
  if (left > 0) page.paragraph([{ text: `and ${left} more (--verbose lists them)`, tone: "dim" }], 2);
  renderCuts(page, result);
}

/** Whose code was not gone into in full: there may be flows there that were not found, and found ones that there are not. */
function renderCuts(page: Page, { flowCoverage, parties }: AuditResult): void {
  const cuts = flowCoverage?.cuts ?? [];
  if (cuts.length === 0) return;
  const byId = new Map(parties.map((party) => [party.id, party]));
  const sorted = [...cuts].sort((a, b) => b.calls + b.methods - a.calls - a.methods);
  const named = sorted
    .slice(0, MOST_CUTS)
    .map(({ party, calls, methods }) => `${shortName(byId.get(party), party)} ${calls + methods}`);
  const more = sorted.length > MOST_CUTS ? ` and ${sorted.length - MOST_CUTS} more parties` : "";
  const text = `Calls not told apart, so that flows may be missing or too many: ${named.join(", ")}${more}.`;
  page.paragraph([{ text, tone: "dim" }], 2);
}

/** `self-collected, imei-meid, hashed; 3 flows`. */
function describe({ kind, yields, forms, confidence, yieldsNothing, flows }: FlowGroup): string {
  const number = flows.length === 1 ? "" : `; ${count(flows.length, "flow")}`;
  const nothing = yieldsNothing ? "; yields nothing in this app" : "";
  return `${[kind, ...yields, ...forms, confidence].map((text) => printable(text, 60)).join(", ")}${number}${nothing}`;
}

/** From the method that reads it to the one that it leaves by. */
function renderWay(page: Page, { source, sink, path }: FlowSummary): void {
  const between = Math.max(0, path.length - 2);
  const steps = between === 0 ? "" : ` by ${count(between, "step")}`;
  page.paragraph([{ text: longReference(source.caller), tone: "dim" }], 6, 8);
  page.paragraph([{ text: `to ${longReference(sink.caller)}${steps}`, tone: "dim" }], 8, 10);
}
