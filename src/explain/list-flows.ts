import type { FlowSummary, HandOverSummary } from "../findings/index.js";
import type { ExplanationBody, FlowFact } from "./explanation.js";
import type { Knowledge } from "./knowledge.js";

/** What an explanation says of flows, and of what the app's own code hands over. */
type FlowParts = Pick<ExplanationBody, "flows" | "cuts" | "handOvers">;

/** Which flows and hand-overs are asked for. */
export interface FlowFilter {
  isFlow(flow: FlowSummary): boolean;
  /** None unless given. */
  isHandOver?(handOver: HandOverSummary): boolean;
  /** Parties whose code may hide a flow that is asked for; anyone's unless given. */
  isParty?(party: string): boolean;
}

/** Nothing of flows where they were not looked for. */
export function listFlows(knowledge: Knowledge, filter: FlowFilter): FlowParts {
  const { isFlow, isHandOver = () => false, isParty = () => true } = filter;
  const { result } = knowledge;
  const handOvers = result?.handOvers?.filter(isHandOver) ?? [];
  return {
    ...(result?.flows === undefined
      ? {}
      : { flows: result.flows.filter(isFlow).map((flow) => nameEnds(flow, knowledge)) }),
    ...(result?.flowCoverage === undefined
      ? {}
      : {
          cuts: result.flowCoverage.cuts
            .filter(({ party }) => isParty(party))
            .map((cut) => ({ ...cut, name: knowledge.nameOf(cut.party) })),
        }),
    ...(handOvers.length === 0 ? {} : { handOvers }),
  };
}

/** What a called method is given, by what it means or by the values that were followed into it. */
export function isGiven({ dataTypes, passes = [] }: HandOverSummary, dataType: string): boolean {
  return dataTypes.includes(dataType) || passes.includes(dataType);
}

function nameEnds(flow: FlowSummary, knowledge: Knowledge): FlowFact {
  return {
    ...flow,
    sourceName: knowledge.nameOf(flow.source.party),
    sinkName: knowledge.nameOf(flow.sink.party),
  };
}
