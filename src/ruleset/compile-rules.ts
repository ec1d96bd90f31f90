import { z } from "zod";
import { handOverRuleSchema } from "./call-schema.js";
import { compileRuleSources } from "./compile-rule-sources.js";
import { compileRuleset } from "./compile-ruleset.js";
import { renderCompiledRules } from "./compiled-rules.js";
import { loadRuleFiles } from "./load-ruleset.js";
import type { RuleSources } from "./rule-sources.js";
import { apiRuleSchema, sdkRuleSchema, supportLibraryRuleSchema, vendorSchema } from "./schema.js";

/** The text of the compiled rules of a directory, and what they say beside what a scan needs, for the build. */
export function compileRules(directory: string): { readonly rules: string; readonly sources: RuleSources } {
  const placed = loadRuleFiles(directory);
  return { rules: renderCompiledRules(compileRuleset(placed)), sources: compileRuleSources(placed) };
}

/** JSON Schemas of the rule files, by file name, for editors. */
export function jsonSchemas(): Record<string, unknown> {
  return {
    "sdk-rule": z.toJSONSchema(sdkRuleSchema),
    "support-library-rule": z.toJSONSchema(supportLibraryRuleSchema),
    "api-rule": z.toJSONSchema(apiRuleSchema),
    "hand-over-rule": z.toJSONSchema(handOverRuleSchema),
    vendor: z.toJSONSchema(vendorSchema),
  };
}
