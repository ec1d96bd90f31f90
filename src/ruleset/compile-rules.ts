import { z } from "zod";
import { handOverRuleSchema } from "./call-schema.js";
import { compileFlowRules } from "./compile-flow-rules.js";
import { compileRuleSources } from "./compile-rule-sources.js";
import { compileRuleset } from "./compile-ruleset.js";
import { renderCompiledFlowRules } from "./compiled-flow-rules.js";
import { renderCompiledRules } from "./compiled-rules.js";
import { flowRuleSchema } from "./flow-schema.js";
import { loadRuleFiles } from "./load-ruleset.js";
import type { RuleSources } from "./rule-sources.js";
import { apiRuleSchema, sdkRuleSchema, supportLibraryRuleSchema, vendorSchema } from "./schema.js";

/** The compiled rules of a directory, for the build: what a scan needs, what only explanations do, and only flows. */
export function compileRules(directory: string): {
  readonly rules: string;
  readonly sources: RuleSources;
  readonly flows: string;
} {
  const placed = loadRuleFiles(directory);
  return {
    rules: renderCompiledRules(compileRuleset(placed)),
    sources: compileRuleSources(placed),
    flows: renderCompiledFlowRules(compileFlowRules(placed)),
  };
}

/** JSON Schemas of the rule files, by file name, for editors. */
export function jsonSchemas(): Record<string, unknown> {
  return {
    "sdk-rule": z.toJSONSchema(sdkRuleSchema),
    "support-library-rule": z.toJSONSchema(supportLibraryRuleSchema),
    "api-rule": z.toJSONSchema(apiRuleSchema),
    "flow-rule": z.toJSONSchema(flowRuleSchema),
    "hand-over-rule": z.toJSONSchema(handOverRuleSchema),
    vendor: z.toJSONSchema(vendorSchema),
  };
}
