import type { Limits } from "../diagnostics/index.js";
import type { Evidence } from "../evidence/index.js";
import type { BlindSpot as BlindSpotRule } from "../ruleset/index.js";
import type { Attribution, Party } from "../sdk/index.js";
import type { ApiQuery, AskedCall } from "./api-query.js";
import { compareText } from "./attribute-accesses.js";
import { argumentRegister, type CallUse, type NativeMethod } from "./find-api-uses.js";

export type BlindSpotKind = BlindSpotRule["kind"] | "native-method";

/** What of a party's code is not followed, of one kind. */
export interface BlindSpot {
  readonly party: Party;
  readonly kind: BlindSpotKind;
  /** Places in the code. */
  readonly sites: number;
  /** Constant names at these places: of libraries, of what a bridge is called. Sorted. */
  readonly names: readonly string[];
  readonly evidence: readonly [Evidence, ...Evidence[]];
}

type AskedSpot = Extract<AskedCall, { kind: "blind-spot" }>;

interface Group {
  readonly party: Party;
  readonly kind: BlindSpotKind;
  sites: number;
  readonly names: Set<string>;
  readonly evidence: Evidence[];
}

/** Names kept of one party and kind. */
const MOST_NAMES = 100;

/**
 * Counts, by party, what reading the code does not show: methods that are native, code that is loaded, what a WebView
 * shows, and names that are looked up at run time; one of these that is a constant is no blind spot.
 */
export function findBlindSpots(
  calls: readonly CallUse[],
  nativeMethods: readonly NativeMethod[],
  { callsOfTarget }: ApiQuery,
  { parties, partyOfPackage }: Attribution,
  limits: Limits,
): BlindSpot[] {
  const groups = new Map<string, Group>();
  const add = (
    packageNumber: number,
    kind: BlindSpotKind,
    names: readonly string[],
    evidence: () => Evidence,
  ) => {
    const party = partyOfPackage[packageNumber]!;
    const key = `${party} ${kind}`;
    let group = groups.get(key);
    if (group === undefined) {
      group = { party: parties[party]!, kind, sites: 0, names: new Set(), evidence: [] };
      groups.set(key, group);
    }
    group.sites++;
    for (const name of names)
      if (group.names.size < MOST_NAMES) group.names.add(name.slice(0, limits.textLength));
    if (group.evidence.length < limits.evidencePerItem) group.evidence.push(evidence());
  };
  for (const { packageNumber, evidence } of nativeMethods) add(packageNumber, "native-method", [], evidence);
  for (const use of calls) {
    for (const asked of callsOfTarget.get(use.target) ?? []) {
      if (asked.kind !== "blind-spot") continue;
      const names = readNames(use, asked);
      if (asked.spot.kind !== "reflection")
        add(use.packageNumber, asked.spot.kind, names ?? [], use.evidence);
      else if (names === undefined) add(use.packageNumber, "reflection", [], use.evidence);
    }
  }
  return [...groups.values()]
    .map(({ names, evidence, ...group }) => ({
      ...group,
      names: [...names].sort(),
      evidence: evidence as [Evidence, ...Evidence[]],
    }))
    .sort((a, b) => compareText(a.party.id, b.party.id) || compareText(a.kind, b.kind));
}

/** What is named, where a constant says it. */
function readNames(use: CallUse, { spot: { named } }: AskedSpot): string[] | undefined {
  const call = named === undefined ? undefined : use.readConstants();
  if (named === undefined || call === undefined) return undefined;
  const passed = call.registers[argumentRegister(use.descriptor, named, call.isStatic)];
  const names = passed?.flatMap((constant) => ("string" in constant ? [constant.string] : [])) ?? [];
  return names.length === 0 ? undefined : names;
}
