import type { Access } from "../access/index.js";
import type { Api, ApiRule, CompiledRule, RuleIndex } from "../ruleset/index.js";

/**
 * The permissions that an access uses: those its API needs, and those that no API needs by name but that
 * open its data type (a permission that only extends others).
 */
export function findUsedPermissions(
  rules: Pick<RuleIndex, "apis" | "permissions">,
): (access: Access) => string[] {
  const needed = new Set(rules.apis.flatMap((rule) => rule.apis.flatMap((api) => neededBy(rule, api))));
  const openers = rules.permissions.filter(({ name, opens }) => opens !== undefined && !needed.has(name));
  return ({ asked, dataType }) => [
    ...neededBy(asked.rule, asked.api),
    ...openers.filter(({ opens }) => opens!.includes(dataType)).map(({ name }) => name),
  ];
}

function neededBy(rule: CompiledRule<ApiRule>, api: Api): string[] {
  return (api.needs ?? rule.needs ?? []).flatMap((need) => [
    ...(need["any-of"] ?? []),
    ...(need["all-of"] ?? []),
  ]);
}
