import type { FlowModel, FlowRules } from "./flow-models.js";

/** The models of each file by its id. */
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

/** What a model does not say, which is not written out. */
const NOTHING_SAID: Omit<FlowModel, "method"> = {
  creates: false,
  returnsItself: false,
  moves: [],
  derives: [],
  runs: [],
  cancels: [],
  clears: [],
  sends: [],
  sinks: [],
};

/** The text of `dist/flow-rules.json`, which only the analysis of flows loads. */
export function renderCompiledFlowRules(compiled: CompiledFlowRules): string {
  return JSON.stringify(compiled, (key, value: unknown) =>
    key in NOTHING_SAID && (value === false || (Array.isArray(value) && value.length === 0))
      ? undefined
      : value,
  );
}

/** What such a text holds. */
export function parseCompiledFlowRules(text: string): CompiledFlowRules {
  const written = JSON.parse(text) as CompiledFlowRules;
  const files = Object.entries(written).map(([id, { models, sources, outside }]) => [
    id,
    { models: models.map((model) => ({ ...NOTHING_SAID, ...model })), sources, outside },
  ]);
  return Object.fromEntries(files) as CompiledFlowRules;
}
