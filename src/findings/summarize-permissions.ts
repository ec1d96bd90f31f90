import type { Access } from "../access/index.js";
import type { AndroidManifest, ImpliedPermission } from "../manifest/index.js";
import type { RuleIndex, Ruleset } from "../ruleset/index.js";
import { lowerConfidence, type Party } from "../sdk/index.js";
import type { PermissionSummary } from "./audit-result.js";
import { findUsedPermissions } from "./used-permissions.js";

/** The permissions an app requests, and those that Android adds, with who brings and who uses each. Sorted by name. */
export function summarizePermissions(
  manifest: AndroidManifest | undefined,
  parties: readonly Party[],
  accesses: readonly Access[],
  rules: RuleIndex,
): PermissionSummary[] {
  if (manifest === undefined) return [];
  const protections = new Map(rules.ruleset.permissions.map(({ name, protection }) => [name, protection]));
  const usedBy = collectUsers(accesses, rules.ruleset);
  const describe = (name: string) => ({
    name,
    protection: protections.get(name) ?? ("unknown" as const),
    usedBy: [...(usedBy.get(name) ?? [])].sort(),
  });
  const requested = manifest.usesPermissions.map(
    (permission): PermissionSummary => ({
      ...describe(permission.name),
      ...(permission.maxSdkVersion === undefined ? {} : { maxSdkVersion: permission.maxSdkVersion }),
      ...(permission.usesPermissionFlags.length === 0
        ? {}
        : { usesPermissionFlags: permission.usesPermissionFlags }),
      declaredBy: findDeclarers(permission.name, parties, usedBy),
    }),
  );
  const implied = [...joinImplied(manifest.impliedPermissions)]
    .filter(({ name }) => !manifest.usesPermissions.some((permission) => permission.name === name))
    .map(
      (permission): PermissionSummary => ({
        ...describe(permission.name),
        ...(permission.maxSdkVersion === undefined ? {} : { maxSdkVersion: permission.maxSdkVersion }),
        impliedBy: {
          ...(permission.impliedBy === undefined ? {} : { permission: permission.impliedBy }),
          because: permission.because,
          sinceSdkVersion: permission.sinceSdkVersion,
        },
        declaredBy: [],
      }),
    );
  return [...requested, ...implied].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/** Each permission once, for as long as any of what brings it lasts. */
function joinImplied(implied: readonly ImpliedPermission[]): Iterable<ImpliedPermission> {
  const byName = new Map<string, ImpliedPermission>();
  for (const one of implied) {
    const known = byName.get(one.name);
    const lasts = known !== undefined && (known.maxSdkVersion ?? Infinity) >= (one.maxSdkVersion ?? Infinity);
    if (!lasts) byName.set(one.name, one);
  }
  return byName.values();
}

/** Parties by the permissions that guard what their code calls. */
function collectUsers(accesses: readonly Access[], ruleset: Ruleset): Map<string, Set<string>> {
  const users = new Map<string, Set<string>>();
  const usedBy = findUsedPermissions(ruleset);
  for (const access of accesses) {
    for (const name of usedBy(access)) users.set(name, (users.get(name) ?? new Set()).add(access.party.id));
  }
  return users;
}

/**
 * The manifest of a finished build is merged and does not say who wrote which line. Rules know what an
 * SDK's own manifest brings: `likely`, `possible` where only an optional module does. The app's makers
 * may always have written it too: alone `likely`, beside a party that brings it `possible`.
 */
function findDeclarers(
  name: string,
  parties: readonly Party[],
  usedBy: ReadonlyMap<string, ReadonlySet<string>>,
): PermissionSummary["declaredBy"] {
  const bringers = parties.flatMap((party): PermissionSummary["declaredBy"] => {
    const brought = party.rule?.rule.brings?.find(({ permission }) => permission === name);
    if (brought === undefined) return [];
    const confidence = lowerConfidence(
      party.confidence,
      brought.module === undefined ? "likely" : "possible",
    );
    return [{ party: party.id, confidence }];
  });
  const isSure =
    bringers.some(({ confidence }) => confidence === "likely") &&
    usedBy.get(name)?.has("first-party") !== true;
  return [...bringers, { party: "first-party", confidence: isSure ? "possible" : "likely" }];
}
