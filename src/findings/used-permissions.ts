import type { Access } from "../access/index.js";
import { neededPermissions, type RuleIndex } from "../ruleset/index.js";

/**
 * The permissions that an access uses: those its API needs, and those that no API needs by name but that
 * open its data type (a permission that only extends others).
 */
export function findUsedPermissions(
  rules: Pick<RuleIndex, "extendingPermissions">,
): (access: Access) => string[] {
  const extending = rules.extendingPermissions;
  return ({ asked, dataType }) => [
    ...neededPermissions(asked.rule, asked.api),
    ...extending.filter(({ opens }) => opens!.includes(dataType)).map(({ name }) => name),
  ];
}
