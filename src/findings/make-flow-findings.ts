import { leavesNothing } from "../access/index.js";
import type { Evidence } from "../evidence/index.js";
import { lowerConfidence, type Party } from "../sdk/index.js";
import type { Finding, FlowEndSummary, FlowSummary } from "./audit-result.js";

/** Flows that one finding names; the result has them all. */
const MOST_FLOWS = 20;

/** The flows in which a party's own code reads a data type, of which something is left. */
export function flowsFrom(flows: readonly FlowSummary[], party: string, dataType: string): FlowSummary[] {
  return flows.filter(
    (flow) => flow.source.party === party && flow.dataType === dataType && !leavesNothing(flow.limits),
  );
}

/** What a finding says of the flows that it rests on: their ids, at most {@link MOST_FLOWS}. */
export function nameFlows(flows: readonly FlowSummary[]): Pick<Finding, "flows" | "flowsOmitted"> {
  const left = flows.length - MOST_FLOWS;
  return {
    flows: flows.slice(0, MOST_FLOWS).map(({ id }) => id),
    ...(left > 0 ? { flowsOmitted: left } : {}),
  };
}

/** One finding for each third party and data type that it is given, and brings out of the app's code. */
export function findGivenData(
  flows: readonly FlowSummary[],
  parties: readonly Party[],
  evidencePerItem: number,
): Finding[] {
  const byId = new Map(parties.map((party) => [party.id, party]));
  const groups = new Map<string, [FlowSummary, ...FlowSummary[]]>();
  for (const flow of flows) {
    if (flow.kind !== "handed-over" && flow.kind !== "passed-on") continue;
    if (leavesNothing(flow.limits)) continue;
    const id = `data-hand-over/${flow.sink.party}/${flow.dataType}`;
    const known = groups.get(id);
    if (known === undefined) groups.set(id, [flow]);
    else known.push(flow);
  }
  return [...groups].map(([id, group]): Finding => {
    const [first] = group;
    const party = byId.get(first.sink.party)!;
    const surest = group.reduce(
      (best, { confidence }) => (lowerConfidence(best, confidence) === best ? confidence : best),
      first.confidence,
    );
    const evidence = group.flatMap(flowEvidence);
    return {
      id,
      kind: "data-hand-over",
      party: party.id,
      dataType: first.dataType,
      rung: "flows",
      ...nameFlows(group),
      confidence: lowerConfidence(party.confidence, surest),
      limits: [],
      evidence: evidence.slice(0, evidencePerItem) as [Evidence, ...Evidence[]],
    };
  });
}

/** Both ends of a flow. */
export function flowEvidence({ source, sink }: FlowSummary): Evidence[] {
  return [endEvidence(source), endEvidence(sink)];
}

function endEvidence({ api, entry, caller, codeUnit }: FlowEndSummary): Evidence {
  const place = { entry, value: api, caller };
  return codeUnit === undefined
    ? { kind: "override", ...place }
    : { kind: "method-call", ...place, codeUnit };
}
