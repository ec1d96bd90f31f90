import type { Evidence } from "../evidence/index.js";
import {
  type AuditResult,
  type FlowSummary,
  flowEvidence,
  type HandOverSummary,
  isRungAtLeast,
  leavesNothing,
} from "../findings/index.js";
import type { FlowChange, HandOverChange } from "./difference.js";

/** A change of where data goes by a party's code, or of what it is handed over. */
export interface WayChange {
  readonly party: string;
  readonly change: Omit<FlowChange, "fromName" | "mayBeIn"> | Omit<HandOverChange, "mayBeIn">;
}

/** Evidence kept of one change. */
const MOST_EVIDENCE = 6;

/**
 * Where data newly goes, or no longer, and what the app's own code hands over: of each what both sides were looked at
 * for. A lockfile has neither flows nor calls: what its lines say is compared with the inventories.
 */
export function compareWays(before: AuditResult | undefined, after: AuditResult | undefined): WayChange[] {
  if (before === undefined || after === undefined) return [];
  return [...compareFlows(before, after), ...compareHandOvers(before, after)];
}

/** Flows of one data type from one party into one kind of sink by another's code are one change, with its hosts. */
function compareFlows(before: AuditResult, after: AuditResult): WayChange[] {
  if (before.flows === undefined || after.flows === undefined) return [];
  const [old, now] = [indexFlows(before.flows), indexFlows(after.flows)];
  return [...listFlowChanges(now, old, "flow-gained"), ...listFlowChanges(old, now, "flow-lost")];
}

/** What yields nothing goes nowhere. */
function indexFlows(flows: readonly FlowSummary[]): Map<string, FlowSummary> {
  const index = new Map<string, FlowSummary>();
  for (const flow of flows) {
    if (leavesNothing(flow.limits)) continue;
    for (const host of flow.sink.hosts ?? [""]) {
      const key = JSON.stringify([wayOf(flow), host]);
      if (!index.has(key)) index.set(key, flow);
    }
  }
  return index;
}

function wayOf({ dataType, kind, source, sink }: FlowSummary): string {
  return JSON.stringify([dataType, kind, source.party, sink.party, sink.kind]);
}

/** What one side has that the other has not. */
function listFlowChanges(
  has: ReadonlyMap<string, FlowSummary>,
  hasNot: ReadonlyMap<string, FlowSummary>,
  kind: FlowChange["kind"],
): WayChange[] {
  const ways = new Map<string, { flows: Set<FlowSummary>; hosts: Set<string> }>();
  for (const [key, flow] of has) {
    if (hasNot.has(key)) continue;
    const [way, host] = JSON.parse(key) as [string, string];
    const known = ways.get(way) ?? { flows: new Set<FlowSummary>(), hosts: new Set<string>() };
    ways.set(way, known);
    known.flows.add(flow);
    if (host !== "") known.hosts.add(host);
  }
  return [...ways.values()].map(({ flows, hosts }): WayChange => {
    const [first] = flows as unknown as [FlowSummary];
    const isGained = kind === "flow-gained";
    return {
      party: first.sink.party,
      change: {
        kind,
        effect: isGained ? "more" : "less",
        dataType: first.dataType,
        flow: first.kind,
        from: first.source.party,
        sink: first.sink.kind,
        ...(first.sink.kind === "network" ? { hosts: [...hosts].sort() } : {}),
        evidence: isGained ? [...flows].flatMap(flowEvidence).slice(0, MOST_EVIDENCE) : [],
      },
    };
  });
}

function compareHandOvers(before: AuditResult, after: AuditResult): WayChange[] {
  const isLookedFor = [before, after].every(({ depth }) => isRungAtLeast(depth, "referenced"));
  if (!isLookedFor) return [];
  // What values are passed is known only where they were followed.
  const isFollowed = before.flows !== undefined && after.flows !== undefined;
  const [old, now] = [before, after].map(({ handOvers }) => indexHandOvers(handOvers ?? [], isFollowed));
  return [
    ...listHandOverChanges(now!, old!, "newly-handed"),
    ...listHandOverChanges(old!, now!, "no-longer-handed"),
  ];
}

/** Data types and names of events that each party is given, with the calls. */
function indexHandOvers(
  handOvers: readonly HandOverSummary[],
  isFollowed: boolean,
): Map<string, HandOverSummary[]> {
  const index = new Map<string, HandOverSummary[]>();
  for (const handOver of handOvers) {
    const { party, dataTypes, passes = [], events } = handOver;
    const types = new Set([...dataTypes, ...(isFollowed ? passes : [])]);
    const given = [...types]
      .map((type) => ["dataTypes", type])
      .concat(events.map((event) => ["events", event]));
    for (const [what, name] of given) {
      const key = JSON.stringify([party, what, name]);
      const known = index.get(key);
      if (known === undefined) index.set(key, [handOver]);
      else known.push(handOver);
    }
  }
  return index;
}

function listHandOverChanges(
  has: ReadonlyMap<string, readonly HandOverSummary[]>,
  hasNot: ReadonlyMap<string, readonly HandOverSummary[]>,
  kind: HandOverChange["kind"],
): WayChange[] {
  const parties = new Map<string, { dataTypes: Set<string>; events: Set<string>; evidence: Set<Evidence> }>();
  for (const [key, handOvers] of has) {
    if (hasNot.has(key)) continue;
    const [party, what, name] = JSON.parse(key) as [string, "dataTypes" | "events", string];
    const known = parties.get(party) ?? { dataTypes: new Set(), events: new Set(), evidence: new Set() };
    parties.set(party, known);
    known[what].add(name);
    for (const { evidence } of handOvers) for (const one of evidence.slice(0, 1)) known.evidence.add(one);
  }
  return [...parties].map(([party, { dataTypes, events, evidence }]): WayChange => {
    const isMore = kind === "newly-handed";
    return {
      party,
      change: {
        kind,
        effect: isMore ? "more" : "less",
        dataTypes: [...dataTypes].sort(),
        events: [...events].sort(),
        evidence: isMore ? [...evidence].slice(0, MOST_EVIDENCE) : [],
      },
    };
  });
}
