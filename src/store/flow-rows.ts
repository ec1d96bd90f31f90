import { type AuditResult, type FlowSummary, leavesNothing } from "../findings/index.js";
import type { Row } from "./tables.js";

/** The rows of an app's flows, in the result's order; none where flows were not looked for. */
export function flowRows(app: string, { flows = [], accesses }: AuditResult): Row[] {
  const tellsEarly = indexReaches(accesses);
  return flows.map((flow) => ({
    app,
    flow: flow.id,
    data_type: flow.dataType,
    yields: flow.yields,
    kind: flow.kind,
    partial: flow.partial ?? false,
    encoded: flow.encoded ?? false,
    encrypted: flow.encrypted ?? false,
    hashed: flow.hashed ?? false,
    assumed: flow.assumed ?? false,
    confidence: flow.confidence,
    limits: flow.limits,
    yields_nothing: leavesNothing(flow.limits),
    source_party: flow.source.party,
    source_api: flow.source.api,
    source_caller: flow.source.caller,
    before_consent: tellsEarly(flow.source),
    sink_party: flow.sink.party,
    sink_kind: flow.sink.kind,
    sink_api: flow.sink.api,
    sink_caller: flow.sink.caller,
    hosts: flow.sink.hosts ?? [],
    steps: flow.path.length + (flow.omitted ?? 0),
    path: flow.path,
  }));
}

/**
 * Whether the method that reads a value can run before consent. An access tells of all places of its API: that one of them
 * can, by a chain that ends in a method, or that none can. Of a method that is not the one at that end nothing is known.
 */
function indexReaches(
  accesses: AuditResult["accesses"],
): (source: Pick<FlowSummary["source"], "api" | "caller">) => boolean | null {
  const ofApi = new Map<string, AuditResult["accesses"][number][]>();
  for (const access of accesses) {
    const known = ofApi.get(access.api);
    if (known === undefined) ofApi.set(access.api, [access]);
    else known.push(access);
  }
  return ({ api, caller }) => {
    const reaches = (ofApi.get(api) ?? []).flatMap(({ reach }) => reach ?? []);
    const early = reaches.flatMap(({ beforeConsent }) => beforeConsent ?? []);
    if (early.some(({ chain }) => chain.at(-1) === caller)) return true;
    return early.length === 0 && reaches.length > 0 ? false : null;
  };
}
