import type { AuditResult, Finding, FlowSummary, PartySummary } from "../findings/index.js";
import { arrangeFlows, CONFIDENCES } from "./arrange-flows.js";
import { leavesData } from "./arrange-parties.js";
import { summarizePlace } from "./evidence-text.js";
import { saySink } from "./flow-text.js";
import { printable } from "./printable-text.js";
import { sayReach } from "./reach-text.js";
import { count, shortPermission } from "./words.js";

/** Characters of the place that a finding's sentence names. */
const MOST_PLACE = 200;

/** Sinks, and parties that give, which a finding's sentence names. */
const MOST_NAMED = 3;

/** What findings speak of, by id. */
export interface FindingIndex {
  readonly parties: ReadonlyMap<string, PartySummary>;
  readonly flows: ReadonlyMap<string, FlowSummary>;
  /** Up to which was looked. */
  readonly depth: AuditResult["depth"];
}

/** Looks up what the findings of a result speak of. */
export function indexResult({ parties, flows = [], depth }: AuditResult): FindingIndex {
  return {
    parties: new Map(parties.map((party) => [party.id, party])),
    flows: new Map(flows.map((flow) => [flow.id, flow])),
    depth,
  };
}

/** The flows that a finding names. */
export function flowsOf({ flows = [] }: Finding, index: FindingIndex): FlowSummary[] {
  return flows.flatMap((id) => index.flows.get(id) ?? []);
}

/** A finding in one or two sentences, escaped: who, what, by which code, where it goes, and what limits it most. */
export function describeFinding(finding: Finding, index: FindingIndex): string {
  const party = index.parties.get(finding.party);
  const who = printable(party?.name ?? finding.party, 80);
  const permissions = (finding.permissions ?? [])
    .map((name) => printable(shortPermission(name), 100))
    .join(", ");
  switch (finding.kind) {
    case "data-access":
      return describeAccess(
        finding,
        party?.version === undefined ? who : `${who} ${printable(party.version, 30)}`,
        permissions,
        index,
      );
    case "data-hand-over":
      return describeHandOver(finding, who, index);
    case "unused-permission":
      return `No use was seen of ${permissions}.`;
    case "piggy-back-permission":
      return `Only third parties' code uses ${permissions}; here it is ${who}.`;
    case "missing-permission":
      return `${who} calls what needs ${permissions}, which the app does not hold.`;
  }
}

function describeAccess(finding: Finding, who: string, permissions: string, index: FindingIndex): string {
  const { rung, dataType = "", limits, reach, evidence } = finding;
  if (rung === "permitted") {
    const use =
      index.depth === "permitted" ? "a use of it was not looked for" : "its code was not seen to use it";
    return `${who} is permitted ${dataType} by ${permissions}; ${use}.`;
  }
  const place = summarizePlace(evidence[0], undefined, MOST_PLACE);
  const limit = limits.find(({ leaves }) => leaves === "nothing") ?? limits[0];
  const said = limit === undefined ? "" : ` Limited: ${printable(limit.message, 300)}`;
  const could = leavesData(limits) ? "could access" : "has code for";
  const runs = reach === undefined ? "" : ` It ${sayReach(reach)}.`;
  const goes = finding.flows === undefined ? "" : ` Where it goes: ${sayWhere(finding, index)}.`;
  return `${who} ${could} ${dataType}: ${place}.${runs}${goes}${said}`;
}

function describeHandOver(finding: Finding, who: string, index: FindingIndex): string {
  const givers = [...new Set(flowsOf(finding, index).map(({ source }) => source.party))].map((id) =>
    id === "first-party" ? "the app's own code" : printable(index.parties.get(id)?.name ?? id, 80),
  );
  const by = givers.length === 0 ? "" : ` by ${joinSome(givers, ", ")}`;
  return `${who} is given ${finding.dataType ?? ""}${by}, and its code brings it on: ${sayWhere(finding, index)}.`;
}

/** `imei-meid to the network: a.example; android-id to a file (3 flows, likely)`. */
function sayWhere(finding: Finding, index: FindingIndex): string {
  const { flows = [], flowsOmitted = 0 } = finding;
  const groups = arrangeFlows({ flows: flowsOf(finding, index) });
  const ways = groups.map((group) => `${group.yields.join(", ")} to ${saySink(group)}`);
  const where = [...new Set(ways.map((way) => printable(way, 200)))];
  const surest = CONFIDENCES.find((one) => groups.some(({ confidence }) => confidence === one));
  const sureness = surest === undefined ? "" : `, ${surest}`;
  return `${joinSome(where, "; ")} (${count(flows.length + flowsOmitted, "flow")}${sureness})`;
}

function joinSome(texts: readonly string[], between: string): string {
  const left = texts.length - MOST_NAMED;
  return texts.slice(0, MOST_NAMED).join(between) + (left > 0 ? ` and ${left} more` : "");
}
