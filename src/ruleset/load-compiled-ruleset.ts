import { readFileSync } from "node:fs";
import type { RuleSources } from "./rule-sources.js";
import type { Ruleset } from "./ruleset.js";

/** The rules that ship with the package: `rules.json`, written by the build beside the bundle. */
export function loadCompiledRuleset(path: string | URL): Ruleset {
  return JSON.parse(readFileSync(path, "utf8")) as Ruleset;
}

/** What else those rules say: `rule-sources.json`, beside it. Only explanations need it. */
export function loadCompiledRuleSources(path: string | URL): RuleSources {
  return JSON.parse(readFileSync(path, "utf8")) as RuleSources;
}
