import { z } from "zod";
import { loadRuleset } from "./load-ruleset.js";
import type { Ruleset } from "./ruleset.js";
import { apiRuleSchema, sdkRuleSchema, supportLibraryRuleSchema, vendorSchema } from "./schema.js";

/** The compiled rules of a directory, for the build. */
export function compileRules(directory: string): Ruleset {
  return loadRuleset([directory]);
}

/** JSON Schemas of the rule files, by file name, for editors. */
export function jsonSchemas(): Record<string, unknown> {
  return {
    "sdk-rule": z.toJSONSchema(sdkRuleSchema),
    "support-library-rule": z.toJSONSchema(supportLibraryRuleSchema),
    "api-rule": z.toJSONSchema(apiRuleSchema),
    vendor: z.toJSONSchema(vendorSchema),
  };
}
