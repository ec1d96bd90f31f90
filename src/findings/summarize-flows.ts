import type { Access } from "../access/index.js";
import type { Flow, FlowEnd } from "../flow/index.js";
import type { FlowEndSummary, FlowSummary } from "./audit-result.js";

/**
 * Flows as plain data, sorted by id. An id is made of what both ends are called: it is the same in every build in which
 * these are; of several flows that are called the same the later ones in the code have a number.
 */
export function summarizeFlows(flows: readonly Flow[], accesses: readonly Access[]): FlowSummary[] {
  const accessOf = indexAccesses(accesses);
  const used = new Map<string, number>();
  return [...flows].sort(compareFlows).map((flow): FlowSummary => {
    const { source, sink } = flow;
    const access = accessOf(flow);
    const dataType = access?.dataType ?? source.rule["data-type"];
    const name = `flow/${dataType}/${source.party.id}/${sink.party.id}/${digest(keyOf(flow))}`;
    const count = (used.get(name) ?? 0) + 1;
    used.set(name, count);
    return {
      id: count === 1 ? name : `${name}-${count}`,
      dataType,
      yields: source.rule.id,
      kind: flow.kind,
      ...Object.fromEntries(flow.forms.map((form) => [form, true as const])),
      confidence: flow.confidence,
      limits: access?.limits ?? [],
      source: summarizeEnd(source),
      sink: {
        ...summarizeEnd(sink),
        kind: sink.kind,
        ...(sink.kind === "network" ? { hosts: sink.hosts.length === 0 ? ["unknown"] : sink.hosts } : {}),
      },
      path: flow.path,
      ...(flow.omitted === 0 ? {} : { omitted: flow.omitted }),
    };
  });
}

/**
 * The access that a flow begins with, which knows what the app's permissions leave of it: that of the same API and party,
 * else of the same API, else of the party to the same data, as a callback follows from a request.
 */
function indexAccesses(accesses: readonly Access[]): (flow: Flow) => Access | undefined {
  const byRule = new Map<string, Access[]>();
  for (const access of accesses) {
    const { id } = access.asked.rule;
    byRule.set(id, [...(byRule.get(id) ?? []), access]);
  }
  return ({ source }) => {
    const ofRule = byRule.get(source.rule.id) ?? [];
    const ofApi = ofRule.filter(({ asked }) => asked.reference === source.api);
    const isOwn = ({ party }: Access) => party === source.party;
    return ofApi.find(isOwn) ?? ofApi[0] ?? ofRule.find(isOwn);
  };
}

/** By what they are called, then in the order of the code. */
function compareFlows(a: Flow, b: Flow): number {
  const [first, second] = [a, b].map((flow) => `flow ${flow.source.rule["data-type"]} ${keyOf(flow)}`);
  if (first !== second) return first! < second! ? -1 : 1;
  return (a.source.codeUnit ?? -1) - (b.source.codeUnit ?? -1) || a.sink.codeUnit! - b.sink.codeUnit!;
}

function keyOf({ source, sink }: Flow): string {
  return [
    source.rule.id,
    source.party.id,
    source.api,
    source.caller,
    sink.party.id,
    sink.kind,
    sink.api,
    sink.caller,
  ].join(" ");
}

function summarizeEnd({ party, api, entry, caller, codeUnit }: FlowEnd): FlowEndSummary {
  return { party: party.id, api, entry, caller, ...(codeUnit === undefined ? {} : { codeUnit }) };
}

/** 32 bits of a text (FNV-1a): ids stay short. */
function digest(text: string): string {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, "0");
}
