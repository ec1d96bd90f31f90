import type { FlowRules } from "./flow-models.js";

/** The models of each file by its id: the form of `dist/flow-rules.json`, which only the analysis of flows loads. */
export type CompiledFlowRules = Readonly<Record<string, FlowRules>>;

/** All of them together. */
export function joinFlowRules(compiled: CompiledFlowRules): FlowRules {
  const files = Object.values(compiled);
  return {
    models: files.flatMap(({ models }) => models),
    sources: files.flatMap(({ sources }) => sources),
    outside: files.flatMap(({ outside }) => outside),
  };
}
