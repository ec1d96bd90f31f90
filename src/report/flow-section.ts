import type { AuditResult, FlowCoverage, FlowSummary } from "../findings/index.js";
import { arrangeFlows, type FlowGroup } from "./arrange-flows.js";
import { widest } from "./display-width.js";
import { listWay, sayLeftOut, saySink, sayStep, sayTraits } from "./flow-text.js";
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
/** Steps of a way that is told in full. */
const MOST_STEPS = 40;

/** How flows are told. */
export interface FlowDetail {
  readonly nameOf: (party: string) => string;
  /** Groups that are shown. */
  readonly most: number;
  /** Of each flow: nothing, its ends, or every step. */
  readonly ways: "none" | "ends" | "whole";
}

/** Where personal data goes. */
export function renderFlows(page: Page, result: AuditResult, isVerbose: boolean): void {
  const { flows, flowCoverage } = result;
  if (flows === undefined || flowCoverage === undefined) return;
  const parties = new Map(result.parties.map((party) => [party.id, party]));
  const nameOf = (id: string) => shortName(parties.get(id), id);
  heading(page, "Where data goes", "from where code reads it to where it leaves the app's code");
  if (flows.length === 0) {
    const { sources } = flowCoverage;
    const text =
      sources === 0
        ? "No code that can run yields personal data."
        : `No flow was found from ${sources === 1 ? "the place that yields" : `${sources} places that yield`} personal data and can run.`;
    page.paragraph([{ text }], 2);
  } else {
    const detail = { nameOf, most: isVerbose ? Infinity : MOST_GROUPS };
    renderFlowGroups(page, flows, { ...detail, ways: isVerbose ? "ends" : "none" });
  }
  renderCuts(page, flowCoverage.cuts, nameOf);
}

/** Flows, those that go to the same place together. */
export function renderFlowGroups(
  page: Page,
  flows: readonly FlowSummary[],
  { nameOf, most, ways }: FlowDetail,
): void {
  const groups = arrangeFlows({ flows });
  const shown = groups.slice(0, most);
  const column = 4 + Math.min(34, widest(shown.map(({ dataType }) => dataType)));
  for (const group of shown) {
    const who = group.from === group.to ? nameOf(group.from) : `${nameOf(group.from)} to ${nameOf(group.to)}`;
    page.field(
      [{ text: printable(group.dataType, 60) }],
      [{ text: `${who}: ${printable(saySink(group), 300)}` }, { text: `  ${describe(group)}`, tone: "dim" }],
      column,
    );
    if (ways === "none") continue;
    for (const flow of group.flows.slice(0, MOST_FLOWS)) {
      if (ways === "ends") renderEnds(page, flow);
      else renderWay(page, flow);
    }
    const left = group.flows.length - MOST_FLOWS;
    if (left > 0) page.paragraph([{ text: `and ${left} more (--format json has all)`, tone: "dim" }], 6);
  }
  const left = groups.length - shown.length;
  if (left > 0) page.paragraph([{ text: `and ${left} more (--verbose lists them)`, tone: "dim" }], 2);
}

/** Whose code was not gone into in full: there may be flows there that were not found, and found ones that there are not. */
export function renderCuts(page: Page, cuts: FlowCoverage["cuts"], nameOf: (party: string) => string): void {
  if (cuts.length === 0) return;
  const sorted = [...cuts].sort((a, b) => b.calls + b.methods - a.calls - a.methods);
  const named = sorted.slice(0, MOST_CUTS).map(({ party, calls, methods }) => {
    const both = [
      ...(methods > 0 ? [count(methods, "method")] : []),
      ...(calls > 0 ? [count(calls, "call")] : []),
    ];
    return `${nameOf(party)} (${both.join(", ")})`;
  });
  const left = sorted.length - MOST_CUTS;
  const more = left > 0 ? ` and ${count(left, "more party", "more parties")}` : "";
  const text = `Code not gone into in full, so that flows may be missing or too many: ${named.join(", ")}${more}.`;
  page.paragraph([{ text, tone: "dim" }], 2);
}

/** `self-collected, imei-meid, hashed; 3 flows`. */
function describe(group: FlowGroup): string {
  const number = group.flows.length === 1 ? "" : `; ${count(group.flows.length, "flow")}`;
  return `${sayTraits(group)}${number}`;
}

/** From the method that reads it to the one that it leaves by. */
function renderEnds(page: Page, { source, sink, path }: FlowSummary): void {
  const between = Math.max(0, path.length - 2);
  const steps = between === 0 ? "" : ` by ${count(between, "step")}`;
  page.paragraph([{ text: longReference(source.caller), tone: "dim" }], 6, 8);
  page.paragraph([{ text: `to ${longReference(sink.caller)}${steps}`, tone: "dim" }], 8, 10);
}

/** Each step of the way, with the place in the code. */
function renderWay(page: Page, flow: FlowSummary): void {
  for (const [index, step] of listWay(flow, MOST_STEPS).entries()) {
    if (step.leftOut !== undefined)
      page.paragraph([{ text: `… ${sayLeftOut(step.leftOut)}`, tone: "dim" }], 6);
    const at = step.codeUnit === undefined ? "" : ` 0x${step.codeUnit.toString(16)}`;
    page.paragraph(
      [
        { text: sayStep(step, flow), tone: step.role === "between" ? "dim" : undefined },
        { text: `  ${printable(step.entry, 200)}${at}`, tone: "dim" },
      ],
      index === 0 ? 4 : 6,
      index === 0 ? 6 : 8,
    );
  }
}
