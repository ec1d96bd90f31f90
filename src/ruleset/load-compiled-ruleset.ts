import { readFileSync } from "node:fs";
import { type CompiledFlowRules, parseCompiledFlowRules } from "./compiled-flow-rules.js";
import { CompiledRules } from "./compiled-rules.js";
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
