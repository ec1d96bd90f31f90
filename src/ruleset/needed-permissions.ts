import type { CompiledRule } from "./ruleset.js";
import type { Api, ApiRule } from "./schema.js";

/** The permissions that an API of a rule needs, all or any of them. */
export function neededPermissions(rule: CompiledRule<ApiRule>, api: Api): string[] {
  return (api.needs ?? rule.needs ?? []).flatMap((need) => [
    ...(need["any-of"] ?? []),
    ...(need["all-of"] ?? []),
  ]);
}
