import type { Evidence } from "../evidence/index.js";
import {
  type AuditResult,
  isRungAtLeast,
  leavesNothing,
  lowerRung,
  type PermissionSummary,
  type Rung,
  rungOfAccess,
} from "../findings/index.js";
import type { Confidence } from "../sdk/index.js";
import { joinWords } from "./lockfile-words.js";

/** A third party in the build. */
export interface ThirdPartyEntry {
  readonly kind: "third-party";
  readonly party: string;
  readonly version?: string;
}

/** A permission that the app requests, or that Android adds. */
export interface PermissionEntry {
  readonly kind: "permission";
  readonly permission: string;
  /** Last API level on which it is requested; absent where there is none. */
  readonly maxSdkVersion?: number;
  /** The app vows not to derive the location from what it guards: `neverForLocation`. Absent where it does not. */
  readonly neverForLocation?: true;
  /** Who most likely brought it, sorted; `android` where the app does not request it and Android adds it. */
  readonly by: readonly string[];
}

/** Code of a party that refers to what yields a kind of data. */
export interface DataAccessEntry {
  readonly kind: "data-access";
  readonly party: string;
  /** Google Play's data type. */
  readonly dataType: string;
  /** The kind of data, by the rule of what yields it: of `device-or-other-ids`, `advertising-id` or `imei-meid`. */
  readonly yields: string;
  readonly rung: Rung;
  /** Something stands before every one of its accesses that leaves nothing of the data: a permission is missing. */
  readonly yieldsNothing: boolean;
}

/** Personal data that others' code gives a party, whose code brings it to where data leaves the app. */
export interface HandOverEntry {
  readonly kind: "data-hand-over";
  /** The receiver. */
  readonly party: string;
  /** Google Play's data type. */
  readonly dataType: string;
}

/** A host that code names which is not the app makers' own. */
export interface HostEntry {
  readonly kind: "host";
  readonly party: string;
  readonly host: string;
}

/** One thing that rides along: one line of a lockfile. */
export type Entry = ThirdPartyEntry | PermissionEntry | DataAccessEntry | HandOverEntry | HostEntry;
export type EntryKind = Entry["kind"];

/** Kinds of entry, in the order of a lockfile. */
export const entryKinds = [
  "third-party",
  "permission",
  "data-access",
  "data-hand-over",
  "host",
] as const satisfies EntryKind[];

/**
 * What rides along in a build, without the evidence: what a lockfile holds, and what two builds are compared by.
 * The rung `permitted` is left out: it follows from the third parties and the permissions.
 */
export interface Inventory {
  readonly packageName?: string;
  readonly rulesVersion: string;
  readonly depth: Rung;
  /** Share of the code, 0 to 1, that belongs to a named party. */
  readonly attributedShare: number;
  /** Parts that could not be read: what is not seen is then not claimed absent. */
  readonly unread: readonly string[];
  /** Sorted; each thing once. */
  readonly entries: readonly Entry[];
}

/** What an audit found that rides along. */
export function takeInventory(result: AuditResult): Inventory {
  const kinds = new Map(result.parties.map(({ id, kind }) => [id, kind]));
  const isThirdParty = (id: string) => kinds.get(id) === "sdk" || kinds.get(id) === "unrecognised";
  const { packageName } = result.app;
  return {
    ...(packageName === undefined ? {} : { packageName }),
    rulesVersion: result.tool.rulesVersion,
    depth: result.depth,
    attributedShare: result.coverage.attributedShare,
    unread: result.coverage.unread,
    entries: sortEntries([
      ...result.parties
        .filter(({ id }) => isThirdParty(id))
        .map(
          ({ id, version }): ThirdPartyEntry => ({
            kind: "third-party",
            party: id,
            ...(version === undefined ? {} : { version }),
          }),
        ),
      ...joinPermissions(result.permissions),
      ...takeAccesses(result),
      ...takeHandOvers(result),
      ...result.hosts
        .filter(({ party }) => kinds.get(party) !== "first-party")
        .map(({ party, host }): HostEntry => ({ kind: "host", party, host })),
    ]),
  };
}

/** A manifest may request one permission several times, each to another API level: the last level counts. */
function joinPermissions(permissions: readonly PermissionSummary[]): PermissionEntry[] {
  const entries = new Map<string, PermissionEntry>();
  for (const permission of permissions) {
    const entry = takePermission(permission);
    const known = entries.get(entry.permission);
    const { neverForLocation, ...longer } =
      known !== undefined && !isLonger(entry.maxSdkVersion, known.maxSdkVersion) ? known : entry;
    // A vow counts where every request makes it.
    const isVowed = entry.neverForLocation && (known === undefined || known.neverForLocation);
    entries.set(entry.permission, isVowed ? { ...longer, neverForLocation: true } : longer);
  }
  return [...entries.values()];
}

/** Whether an upper bound of API levels, or none, reaches further than another. */
export function isLonger(a: number | undefined, b: number | undefined): boolean {
  return (a ?? Number.POSITIVE_INFINITY) > (b ?? Number.POSITIVE_INFINITY);
}

/** The surest first. */
export const SURENESS: readonly Confidence[] = ["certain", "likely", "possible"];

function takePermission(permission: PermissionSummary): PermissionEntry {
  const { name, maxSdkVersion, usesPermissionFlags = [], impliedBy, declaredBy } = permission;
  const surest = SURENESS.find((one) => declaredBy.some(({ confidence }) => confidence === one));
  const by = declaredBy.filter(({ confidence }) => confidence === surest).map(({ party }) => party);
  return {
    kind: "permission",
    permission: name,
    ...(maxSdkVersion === undefined ? {} : { maxSdkVersion }),
    ...(usesPermissionFlags.includes("neverForLocation") ? { neverForLocation: true } : {}),
    by: impliedBy === undefined ? by.sort() : ["android"],
  };
}

/** Each kind of data that a party's code refers to; what is limited least counts. */
function takeAccesses({ accesses, flows }: AuditResult): DataAccessEntry[] {
  const entries = new Map<string, DataAccessEntry>();
  for (const access of accesses) {
    const { party, dataType, yields, limits } = access;
    const yieldsNothing = leavesNothing(limits);
    const rung = rungOfAccess(access, flows);
    const entry: DataAccessEntry = { kind: "data-access", party, dataType, yields, rung, yieldsNothing };
    const known = entries.get(keyOf(entry));
    if (known === undefined || isMore(entry, known)) entries.set(keyOf(entry), entry);
  }
  return [...entries.values()];
}

/** What a finding says that a party is given: of values that were followed, at the depth `flows`. */
function takeHandOvers({ findings }: AuditResult): HandOverEntry[] {
  return findings.flatMap(({ kind, party, dataType }): HandOverEntry[] =>
    kind === "data-hand-over" && dataType !== undefined ? [{ kind, party, dataType }] : [],
  );
}

/** What yields something is more; then what goes further. */
function isMore(one: DataAccessEntry, other: DataAccessEntry): boolean {
  if (one.yieldsNothing !== other.yieldsNothing) return other.yieldsNothing;
  return isHigherRung(one.rung, other.rung);
}

/** What an inventory has to say where it was looked no further than to a rung. */
export function limitDepth(inventory: Inventory, depth: Rung): Inventory {
  const entries = inventory.entries.flatMap((entry): Entry[] => {
    if (entry.kind === "data-hand-over") return depth === "flows" ? [entry] : [];
    if (entry.kind !== "data-access") return [entry];
    // An access is seen in code, or not at all.
    if (depth === "permitted") return [];
    return [{ ...entry, rung: lowerRung(entry.rung, depth) }];
  });
  return { ...inventory, entries };
}

/** What makes two entries be about the same thing: how their lines in a lockfile begin. */
export function keyOf(entry: Entry): string {
  switch (entry.kind) {
    case "third-party":
      return joinWords(entry.kind, entry.party);
    case "permission":
      return joinWords(entry.kind, entry.permission);
    case "data-access":
      return joinWords(entry.kind, entry.party, entry.dataType, entry.yields);
    case "data-hand-over":
      return joinWords(entry.kind, entry.party, entry.dataType);
    case "host":
      return joinWords(entry.kind, entry.party, entry.host);
  }
}

/** By kind in the order of {@link entryKinds}, then by what they are about. */
export function sortEntries(entries: readonly Entry[]): Entry[] {
  const keyed = entries.map((entry) => ({ entry, rank: entryKinds.indexOf(entry.kind), key: keyOf(entry) }));
  keyed.sort((a, b) => a.rank - b.rank || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  return keyed.map(({ entry }) => entry);
}

/** Whether evidence for one rung goes further than for another. */
export function isHigherRung(a: Rung, b: Rung): boolean {
  return !isRungAtLeast(b, a);
}

/** What the manifest has of a permission: its own line. Of one that Android adds it has none. */
export function evidenceOfPermission(
  name: string,
  impliedBy: PermissionSummary["impliedBy"],
): readonly Evidence[] {
  return impliedBy === undefined ? [{ kind: "permission", entry: "AndroidManifest.xml", value: name }] : [];
}

/** A data type, and the kind of data where that says more. */
export function sayData({ dataType, yields }: Pick<DataAccessEntry, "dataType" | "yields">): string {
  return yields === dataType ? dataType : `${dataType}: ${yields}`;
}
