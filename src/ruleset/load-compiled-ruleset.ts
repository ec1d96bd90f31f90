import { readFileSync } from "node:fs";
import { type CompiledFlowRules, joinFlowRules, parseCompiledFlowRules } from "./compiled-flow-rules.js";
import { CompiledRules } from "./compiled-rules.js";
import type { FlowRules } from "./flow-models.js";
import type { RuleSources } from "./rule-sources.js";

/** The rules that ship with the package: `rules.jsonl`, written by the build beside the bundle. */
export function loadCompiledRules(path: string | URL): CompiledRules {
  return new CompiledRules(readCompiledRules(path));
}

/** The text of such a file. */
export function readCompiledRules(path: string | URL): string {
  return readFileSync(path, "latin1");
}

/** What else those rules say: `rule-sources.json`, beside it. Only explanations need it. */
export function loadCompiledRuleSources(path: string | URL): RuleSources {
  return JSON.parse(readFileSync(path, "utf8")) as RuleSources;
}

/** What those rules say of flows: `flow-rules.json`, beside it. Only the analysis of flows needs it. */
export function loadCompiledFlowRules(path: string | URL): CompiledFlowRules {
  return parseCompiledFlowRules(readFileSync(path, "utf8"));
}

/** What deeper audits need beside the rules; each is asked for once, when it is needed. */
export interface DepthData {
  /** The text of `android-classes.tsv`: from the depth `reachable` on. */
  readonly androidClasses: () => string;
  /** What methods of Android's and of libraries do with values: at the depth `flows`. */
  readonly flowRules: () => FlowRules;
}

/** What ships of it, in the files beside `rules.jsonl`. */
export function shippedDepthData(shippedRules: URL): DepthData {
  return {
    androidClasses: () => readFileSync(new URL("android-classes.tsv", shippedRules), "latin1"),
    flowRules: () => joinFlowRules(loadCompiledFlowRules(new URL("flow-rules.json", shippedRules))),
  };
}

/** The same with other rules of flows: the text of such a file as `flow-rules.json`. */
export function depthDataOf(compiledFlowRules: string, shippedRules: URL): DepthData {
  return {
    ...shippedDepthData(shippedRules),
    flowRules: () => joinFlowRules(parseCompiledFlowRules(compiledFlowRules)),
  };
}
