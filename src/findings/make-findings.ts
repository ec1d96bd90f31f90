import { type Access, type Holdings, joinReach, judgePermission, leavesNothing } from "../access/index.js";
import type { Diagnostics, Limits } from "../diagnostics/index.js";
import type { Evidence } from "../evidence/index.js";
import type { Reach } from "../program/index.js";
import type { RuleIndex } from "../ruleset/index.js";
import { isThirdParty, lowerConfidence, type Party } from "../sdk/index.js";
import type { Finding, FlowSummary, PermissionSummary } from "./audit-result.js";
import { findGivenData, flowsFrom, nameFlows } from "./make-flow-findings.js";
import type { Rung } from "./rungs.js";
import { findUsedPermissions } from "./used-permissions.js";

/** What findings are made from. */
export interface FindingInput {
  readonly parties: readonly Party[];
  readonly accesses: readonly Access[];
  readonly permissions: readonly PermissionSummary[];
  readonly rules: Pick<RuleIndex, "apis" | "findPermission" | "extendingPermissions">;
  readonly depth: Rung;
  readonly holdings: Holdings;
  /** Whether the app carries code that is not read: native libraries, DEX files that it loads itself. */
  readonly hasOtherCode: boolean;
  /** Empty where none were looked for. */
  readonly flows: readonly FlowSummary[];
  readonly diagnostics: Diagnostics;
  readonly limits: Limits;
}

/** Joins parties, accesses and permissions into findings, sorted by id. */
export function makeFindings(input: FindingInput): Finding[] {
  const referenced = input.depth === "permitted" ? [] : findReferencedAccess(input);
  const findings = [
    ...referenced,
    ...findPermittedAccess(input, new Set(referenced.map(({ id }) => id))),
    ...findGivenData(input.flows, input.parties, input.limits.evidencePerItem),
    ...(input.depth === "permitted" ? [] : [...findPermissionUse(input), ...findMissingPermissions(input)]),
  ];
  return findings.sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
}

/** `referenced`, `reachable` of what can run, `flows` of what goes somewhere: one finding for each third party and data type that its code refers to. */
function findReferencedAccess({ accesses, flows, limits }: FindingInput): Finding[] {
  const groups = new Map<string, [Access, ...Access[]]>();
  for (const access of accesses) {
    if (!isThirdParty(access.party)) continue;
    const id = accessId(access.party.id, access.dataType);
    const group = groups.get(id);
    if (group === undefined) groups.set(id, [access]);
    else group.push(access);
  }
  return [...groups].map(([id, group]): Finding => {
    // The surest access that yields something counts; a limit says where it ends.
    const sorted = [...group].sort((a, b) => rank(a) - rank(b) || placeInRule(a) - placeInRule(b));
    const best = sorted[0]!;
    const evidence = sorted.flatMap((access) => access.evidence.slice(0, 3)).slice(0, limits.evidencePerItem);
    return {
      id,
      kind: "data-access",
      party: best.party.id,
      dataType: best.dataType,
      ...judgeReach(best, group),
      ...judgeFlows(flowsFrom(flows, best.party.id, best.dataType)),
      confidence: lowerConfidence(best.party.confidence, best.confidence),
      limits: best.limits,
      evidence: evidence as [Evidence, ...Evidence[]],
    };
  });
}

/** Code that can run and yields nothing makes no access that yields something `reachable`. */
function judgeReach(best: Access, group: readonly Access[]): Pick<Finding, "rung" | "reach"> {
  const counting = group.filter((access) => leavesNothing(access.limits) === leavesNothing(best.limits));
  const reach = counting.reduce<Reach | undefined>((known, one) => joinReach(known, one.reach), undefined);
  return reach === undefined ? { rung: "referenced" } : { rung: "reachable", reach };
}

/** What flows is what can run. */
function judgeFlows(
  flows: readonly FlowSummary[],
): Pick<Finding, "rung" | "flows" | "flowsOmitted"> | undefined {
  return flows.length === 0 ? undefined : { rung: "flows", ...nameFlows(flows) };
}

/** Smaller is stronger: what yields nothing comes last, then sureness counts, then that it can run, then what limits it. */
function rank(access: Access): number {
  const { confidence, limits, reach } = access;
  const sureness = ["certain", "likely", "possible"].indexOf(confidence);
  const isReached = reach === undefined ? 10 : 0;
  return (leavesNothing(access.limits) ? 100 : 0) + sureness * 20 + isReached + Math.min(limits.length, 9);
}

/** A rule names first what tells most. */
function placeInRule({ asked }: Access): number {
  return asked.rule.apis.indexOf(asked.api);
}

/** `permitted`: the app holds what opens the data type, and nothing in the party's code was seen to use it. */
function findPermittedAccess(
  { parties, permissions, rules, holdings }: FindingInput,
  referenced: ReadonlySet<string>,
): Finding[] {
  const finerTypes = findFinerTypes(rules);
  const opens = (name: string) => rules.findPermission(name)?.opens ?? [];
  const held = permissions.filter(
    ({ name, protection }) =>
      (protection === "dangerous" || protection === "special") && holdings.rangesOf(name).length > 0,
  );
  const opened = new Set(held.flatMap(({ name }) => opens(name)));
  const findings = new Map<string, Finding>();
  for (const party of parties.filter(isThirdParty)) {
    for (const permission of held) {
      for (const dataType of opens(permission.name)) {
        const id = accessId(party.id, dataType);
        if (referenced.has(id)) continue;
        // Where the precise location is told, the approximate one is not worth a word.
        const isTold = (finer: string) => opened.has(finer) || referenced.has(accessId(party.id, finer));
        if (finerTypes.get(dataType)?.some(isTold)) continue;
        const limits = judgePermission(permission.name, dataType, party, holdings);
        // Of several permissions that open it the least limited counts.
        if ((findings.get(id)?.limits.length ?? Infinity) <= limits.length) continue;
        findings.set(id, {
          id,
          kind: "data-access",
          party: party.id,
          dataType,
          permissions: [permission.name],
          rung: "permitted",
          confidence: party.confidence,
          limits,
          evidence: [permissionEvidence(permission.name), ...party.evidence.slice(0, 1)],
        });
      }
    }
  }
  return [...findings.values()];
}

/** The data types that a coarser one is what is left of, by the coarser one. */
function findFinerTypes(rules: FindingInput["rules"]): Map<string, string[]> {
  const finer = new Map<string, string[]>();
  for (const rule of rules.apis) {
    const coarser = rule["degrades-to"]?.["data-type"];
    if (coarser !== undefined) finer.set(coarser, [...(finer.get(coarser) ?? []), rule["data-type"]]);
  }
  return finer;
}

/** Permissions that nobody, or only third parties, use; see {@link isKnownWell}. */
function findPermissionUse(input: FindingInput): Finding[] {
  const { parties, permissions, accesses, rules, holdings, diagnostics, hasOtherCode } = input;
  const usedBy = findUsedPermissions(rules);
  const accessesOf = groupByParty(accesses);
  const opens = (name: string) => rules.findPermission(name)?.opens ?? [];
  // Absence is claimed only where everything was read.
  const readAll = diagnostics.every(({ effect }) => effect !== "unread");
  const isHidden = !readAll || hasOtherCode || parties.some(({ kind }) => kind === "unattributed");
  const byId = new Map(parties.map((party) => [party.id, party]));
  return permissions.flatMap((permission): Finding[] => {
    if (permission.impliedBy !== undefined || !isKnownWell(permission, opens)) return [];
    if (holdings.rangesOf(permission.name).length === 0) return [];
    const users = permission.usedBy.map((id) => byId.get(id)!);
    const base = {
      permissions: [permission.name],
      limits: [],
      evidence: [permissionEvidence(permission.name)] as [Evidence],
    };
    if (users.length === 0) {
      if (!readAll) return [];
      return [
        {
          id: `unused-permission/${permission.name}`,
          kind: "unused-permission",
          party: "first-party",
          // Native code calls Android too, and no list of what a permission guards is complete.
          confidence: "possible",
          ...base,
        },
      ];
    }
    if (!users.every(isThirdParty)) return [];
    return users.map((user) => ({
      id: `piggy-back-permission/${user.id}/${permission.name}`,
      kind: "piggy-back-permission" as const,
      party: user.id,
      // Another party's use could hide in code that was not read, or that belongs to nobody.
      confidence: isHidden ? ("possible" as const) : ("likely" as const),
      ...base,
      evidence: [
        base.evidence[0],
        ...(accessesOf.get(user) ?? [])
          .filter((access) => usedBy(access).includes(permission.name))
          .map((access) => access.evidence[0])
          .slice(0, input.limits.evidencePerItem - 1),
      ] as [Evidence, ...Evidence[]],
    }));
  });
}

function groupByParty(accesses: readonly Access[]): Map<Party, Access[]> {
  const groups = new Map<Party, Access[]>();
  for (const access of accesses) {
    const group = groups.get(access.party);
    if (group === undefined) groups.set(access.party, [access]);
    else group.push(access);
  }
  return groups;
}

/**
 * Whether the rules know what a permission guards, so that absence can be said: it opens a data type, and
 * is not one that guards more than reading: those of Android's own that every app gets (BLUETOOTH, the
 * adapter's state: appium-uiautomator2-server 10.6.6), and those to write.
 */
function isKnownWell(
  { name, protection }: PermissionSummary,
  opens: (name: string) => readonly string[],
): boolean {
  const isCommon = protection === "normal" && name.startsWith("android.permission.");
  const guardsWriting = /\.(?:WRITE|MANAGE)_[A-Z_]+$/.test(name);
  return !isCommon && !guardsWriting && opens(name).length > 0;
}

/** Third parties' calls that a missing permission keeps from yielding anything. */
function findMissingPermissions({ accesses, rules, limits }: FindingInput): Finding[] {
  // No app of ours can come to hold these, whatever it requests.
  const isBeyondApps = (name: string) => rules.findPermission(name)?.protection === "signature";
  const findings = new Map<string, Finding>();
  for (const access of accesses) {
    if (!isThirdParty(access.party)) continue;
    const missing = access.limits.filter(({ leaves }) => leaves === "nothing");
    if (missing.length === 0 || missing.some(({ kind }) => kind !== "permission-missing")) continue;
    const permissions = [...new Set(missing.flatMap((limit) => limit.permissions ?? []))];
    if (permissions.some(isBeyondApps)) continue;
    const id = `missing-permission/${access.party.id}/${permissions.join("+")}`;
    const known = findings.get(id);
    const confidence = lowerConfidence(access.party.confidence, access.confidence);
    const evidence = [...(known?.evidence ?? []), ...access.evidence].slice(0, limits.evidencePerItem) as [
      Evidence,
      ...Evidence[],
    ];
    findings.set(id, {
      id,
      kind: "missing-permission",
      party: access.party.id,
      permissions,
      // As sure as the surest of the calls.
      confidence:
        known !== undefined && lowerConfidence(known.confidence, confidence) === confidence
          ? known.confidence
          : confidence,
      limits: missing,
      evidence,
    });
  }
  return [...findings.values()];
}

function accessId(party: string, dataType: string): string {
  return `data-access/${party}/${dataType}`;
}

function permissionEvidence(name: string): Evidence {
  return { kind: "permission", entry: "AndroidManifest.xml", value: name };
}
