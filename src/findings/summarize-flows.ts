import type { Flow, FlowEnd } from "../flow/index.js";
import type { FlowEndSummary, FlowSummary } from "./audit-result.js";

/**
 * Flows as plain data, sorted by id. Those from one method by one API to one method by one API are one, told by the first;
 * its id is the same in every build in which these are.
 */
export function summarizeFlows(flows: readonly Flow[]): FlowSummary[] {
  const groups = new Map<string, { flow: Flow; places: number }>();
  for (const flow of flows) {
    const key = keyOf(flow);
    const known = groups.get(key);
    if (known === undefined) groups.set(key, { flow, places: 1 });
    else {
      known.places++;
      if (flow.path.length < known.flow.path.length) known.flow = flow;
    }
  }
  const used = new Map<string, number>();
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, { flow, places }]): FlowSummary => {
      const { source, sink } = flow;
      const name = `flow/${source.rule["data-type"]}/${source.party.id}/${sink.party.id}/${digest(key)}`;
      const count = (used.get(name) ?? 0) + 1;
      used.set(name, count);
      const flags = Object.fromEntries(flow.forms.map((form) => [form, true as const]));
      return {
        id: count === 1 ? name : `${name}-${count}`,
        dataType: source.rule["data-type"],
        yields: source.rule.id,
        kind: flow.kind,
        ...flags,
        confidence: flow.confidence,
        places,
        source: summarizeEnd(source),
        sink: {
          ...summarizeEnd(sink),
          kind: sink.kind,
          ...(sink.kind === "network" ? { hosts: sink.hosts.length === 0 ? ["unknown"] : sink.hosts } : {}),
        },
        path: flow.path,
        ...(flow.omitted === 0 ? {} : { omitted: flow.omitted }),
      };
    })
    .sort((a, b) => (a.id < b.id ? -1 : 1));
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
