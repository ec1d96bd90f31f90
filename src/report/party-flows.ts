import type { AuditResult, FlowSummary, HandOverSummary } from "../findings/index.js";
import { CONFIDENCES } from "./arrange-flows.js";
import { compareText, leavesData } from "./arrange-parties.js";
import { flowForms } from "./flow-text.js";

/** Where one data type goes that begins or ends in a party's code, and what the app's own code hands over to it. */
export interface PartyFlows {
  /** Absent of what is handed over and has no data type: names of events. */
  readonly dataType: string | undefined;
  readonly flows: readonly FlowSummary[];
  readonly handOvers: readonly HandOverSummary[];
}

/** By party. */
export function groupPartyFlows({
  flows = [],
  handOvers = [],
}: Pick<AuditResult, "flows" | "handOvers">): Map<string, PartyFlows[]> {
  const parties = new Map<
    string,
    Map<string | undefined, { flows: FlowSummary[]; handOvers: HandOverSummary[] }>
  >();
  const groupOf = (party: string, dataType: string | undefined) => {
    const types =
      parties.get(party) ??
      new Map<string | undefined, { flows: FlowSummary[]; handOvers: HandOverSummary[] }>();
    parties.set(party, types);
    const group = types.get(dataType) ?? { flows: [], handOvers: [] };
    types.set(dataType, group);
    return group;
  };
  for (const flow of flows)
    for (const party of new Set([flow.source.party, flow.sink.party]))
      groupOf(party, flow.dataType).flows.push(flow);
  for (const handOver of handOvers) {
    const types = new Set(dataTypesOf(handOver));
    for (const dataType of types.size === 0 ? [undefined] : types)
      groupOf(handOver.party, dataType).handOvers.push(handOver);
  }
  return new Map(
    [...parties].map(([party, types]) => [
      party,
      [...types].map(([dataType, group]): PartyFlows => ({ dataType, ...group })),
    ]),
  );
}

/** What a called method is given: by what it means, and by the values that were followed into it. */
export function dataTypesOf({ dataTypes, passes = [] }: HandOverSummary): string[] {
  return [...dataTypes, ...passes];
}

/** What several flows have in common, or one of them has; each thing once. */
export function joinFlows(flows: readonly FlowSummary[]) {
  const union = (valuesOf: (flow: FlowSummary) => readonly string[]) =>
    [...new Set(flows.flatMap(valuesOf))].sort(compareText);
  return {
    kinds: union(({ kind }) => [kind]),
    readBy: union(({ source }) => [source.party]),
    leavesBy: union(({ sink }) => [sink.party]),
    sinks: union(({ sink }) => [sink.kind]),
    hosts: union(({ sink }) => sink.hosts ?? []),
    /** In every one of them. */
    forms: flowForms.filter((form) => flows.every((flow) => flow[form] === true)),
    /** Of the surest. */
    confidence: CONFIDENCES.find((one) => flows.some(({ confidence }) => confidence === one)),
    leavesData: flows.some(({ limits }) => leavesData(limits)),
  };
}
