import type { Access } from "../access/index.js";
import type { AndroidManifest, ImpliedPermission } from "../manifest/index.js";
import type { RuleIndex } from "../ruleset/index.js";
import { type Confidence, lowerConfidence, type Party } from "../sdk/index.js";
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
  const usedBy = collectUsers(accesses, rules);
  const broughtBy = collectBringers(parties);
  const describe = (name: string) => ({
    name,
    protection: rules.findPermission(name)?.protection ?? ("unknown" as const),
    usedBy: [...(usedBy.get(name) ?? [])].sort(),
  });
  const requested = manifest.usesPermissions.map(
    (permission): PermissionSummary => ({
      ...describe(permission.name),
      ...(permission.maxSdkVersion === undefined ? {} : { maxSdkVersion: permission.maxSdkVersion }),
      ...(permission.usesPermissionFlags.length === 0
        ? {}
        : { usesPermissionFlags: permission.usesPermissionFlags }),
      declaredBy: findDeclarers(permission.name, broughtBy, usedBy),
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
function collectUsers(accesses: readonly Access[], rules: RuleIndex): Map<string, Set<string>> {
  const users = new Map<string, Set<string>>();
  const usedBy = findUsedPermissions(rules);
  for (const access of accesses) {
    for (const name of usedBy(access)) users.set(name, (users.get(name) ?? new Set()).add(access.party.id));
  }
  return users;
}

/** Parties by the permissions that their own manifests bring: `likely`, `possible` where only an optional module does. */
function collectBringers(parties: readonly Party[]): Map<string, Map<string, Confidence>> {
  const bringers = new Map<string, Map<string, Confidence>>();
  for (const { id, rule, confidence } of parties) {
    for (const { permission, module } of rule?.rule.brings ?? []) {
      const ofPermission = bringers.get(permission) ?? new Map<string, Confidence>();
      bringers.set(permission, ofPermission);
      if (!ofPermission.has(id))
        ofPermission.set(id, lowerConfidence(confidence, module === undefined ? "likely" : "possible"));
    }
  }
  return bringers;
}

/**
 * The manifest of a finished build is merged and does not say who wrote which line. The app's makers may
 * always have written it, beside parties that bring it: alone `likely`, else `possible`.
 */
function findDeclarers(
  name: string,
  broughtBy: ReadonlyMap<string, ReadonlyMap<string, Confidence>>,
  usedBy: ReadonlyMap<string, ReadonlySet<string>>,
): PermissionSummary["declaredBy"] {
  const bringers = [...(broughtBy.get(name) ?? [])].map(([party, confidence]) => ({ party, confidence }));
  const isSure =
    bringers.some(({ confidence }) => confidence === "likely") &&
    usedBy.get(name)?.has("first-party") !== true;
  return [...bringers, { party: "first-party", confidence: isSure ? "possible" : "likely" }];
}
