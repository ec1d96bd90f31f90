import type { Evidence } from "../evidence/index.js";
import type {
  AuditResult,
  Finding,
  FlowSummary,
  PartySummary,
  PermissionSummary,
  Rung,
} from "../findings/index.js";
import type { PartyKind } from "../sdk/index.js";
import type { Inventory } from "./inventory.js";

/** Version of {@link Difference}'s shape: the first number changes when a reader of the old shape would break. */
export const DIFFERENCE_VERSION = "1.0";

/** What a build is known from: itself, the JSON report of a scan, or a lockfile, which has no evidence. */
export const sourceKinds = ["apk", "report", "lockfile"] as const;
export type SourceKind = (typeof sourceKinds)[number];

/** One side of a comparison. */
export interface ComparedBuild {
  readonly source: { readonly kind: SourceKind; readonly name: string };
  readonly inventory: Inventory;
  /** Absent of a lockfile. */
  readonly result?: AuditResult;
}

/** What changed from one build to another, as plain data. The same two sides give the same difference. */
export interface Difference {
  readonly schemaVersion: string;
  readonly tool: Pick<AuditResult["tool"], "name" | "version">;
  readonly before: DifferenceSide;
  readonly after: DifferenceSide;
  /** Why a difference may come from something else than the build. */
  readonly caveats: readonly Caveat[];
  /** Those that changed: third parties first; among them, what changed most first. */
  readonly parties: readonly PartyDifference[];
  /** Those gained first, and of these the ones that a user is asked for. */
  readonly permissions: readonly PermissionChange[];
}

export interface DifferenceSide {
  readonly source: ComparedBuild["source"];
  readonly packageName?: string;
  readonly versionName?: string;
  /** Decimal: it may exceed 2^53. */
  readonly versionCode?: string;
  /** Empty where a lockfile names none. */
  readonly rulesVersion: string;
  readonly depth: Rung;
  /** Share of the code, 0 to 1, that belongs to a named party. */
  readonly attributedShare: number;
  /** Parts that could not be read: what they may hold is not said to be absent. */
  readonly unread: readonly string[];
}

export interface Caveat {
  readonly kind: "other-app" | "other-rules" | "other-depth" | "unread" | "other-share";
  /** One sentence, or two. */
  readonly message: string;
}

/** What every change has. */
interface AnyChange {
  /** `more`: there is something that was not, or it reaches further; `less`: the other way round; `other`: neither. */
  readonly effect: "more" | "less" | "other";
  /** The side that may have it as well, as not all of it was read; absent where the difference is sure. */
  readonly mayBeIn?: "before" | "after";
}

export interface PresenceChange extends AnyChange {
  readonly kind: "appeared" | "left";
  readonly version?: string;
  /** That it is in the new build; empty where it left, and of a lockfile. */
  readonly evidence: readonly Evidence[];
}

export interface VersionChange extends AnyChange {
  readonly kind: "version-changed";
  /** Absent where it was not known. */
  readonly from?: string;
  /** Absent where it is not known: the build need not have dropped it. */
  readonly to?: string;
}

/** How far code goes that refers to a data type. */
export interface Reach {
  readonly rung: Rung;
  /** Something stands before every access that leaves nothing of the data. */
  readonly yieldsNothing: boolean;
}

export interface AccessChange extends AnyChange {
  readonly kind:
    | "newly-accesses"
    | "now-yields"
    | "reaches-further"
    | "no-longer-accesses"
    | "now-yields-nothing"
    | "reaches-less-far";
  /** Google Play's data type. */
  readonly dataType: string;
  /** The kind of data, by the rule of what yields it. */
  readonly yields: string;
  readonly before?: Reach;
  readonly after?: Reach;
  /** What stands between the code of the new build and the data; empty where nothing does, and of a lockfile. */
  readonly limits: Finding["limits"];
  /** Of the new build; empty of a lockfile. */
  readonly evidence: readonly Evidence[];
}

export interface HostChange extends AnyChange {
  readonly kind: "host-gained" | "host-lost";
  readonly host: string;
  /** Of the new build; empty of a lockfile. */
  readonly evidence: readonly Evidence[];
}

/** A data type that newly goes somewhere by the party's code, or no longer. */
export interface FlowChange extends AnyChange {
  readonly kind: "flow-gained" | "flow-lost";
  /** Google Play's data type. */
  readonly dataType: string;
  /** Who reads the value and who has it in the end. */
  readonly flow: FlowSummary["kind"];
  /** Party whose code reads it. */
  readonly from: string;
  readonly fromName?: string;
  readonly sink: FlowSummary["sink"]["kind"];
  /** Given of the sink `network`: the hosts that are new, or went; `unknown` among them where no constant says. */
  readonly hosts?: readonly string[];
  /** Of the new build: both ends. */
  readonly evidence: readonly Evidence[];
}

/**
 * What a party is newly handed over, or no longer: between two results by the calls of the app's own code; where a side
 * is a lockfile by any other party's code, and only what the party's own brings to where data leaves the app.
 */
export interface HandOverChange extends AnyChange {
  readonly kind: "newly-handed" | "no-longer-handed";
  /** Google Play's data types. */
  readonly dataTypes: readonly string[];
  /** Constant names of events. */
  readonly events: readonly string[];
  /** Of the new build; empty of a lockfile. */
  readonly evidence: readonly Evidence[];
}

export type PartyChange =
  | PresenceChange
  | VersionChange
  | AccessChange
  | FlowChange
  | HandOverChange
  | HostChange;

/** Kinds of change of a party, the heaviest first. */
export const partyChangeKinds = [
  "appeared",
  "newly-accesses",
  "now-yields",
  "reaches-further",
  "flow-gained",
  "newly-handed",
  "host-gained",
  "left",
  "no-longer-accesses",
  "now-yields-nothing",
  "reaches-less-far",
  "flow-lost",
  "no-longer-handed",
  "host-lost",
  "version-changed",
] as const satisfies readonly PartyChange["kind"][];

export interface PartyDifference {
  readonly id: string;
  readonly kind: PartyKind;
  /** As the new build has it, else the old one; absent, as all that follows, where both sides are lockfiles. */
  readonly name?: string;
  readonly vendor?: NonNullable<PartySummary["vendor"]>;
  readonly category?: string;
  /** Never empty; the heaviest kind first. */
  readonly changes: readonly PartyChange[];
}

/** Who brings a permission: a party, or `android` where Android adds it. */
export interface Bringer {
  readonly party: string;
  readonly name?: string;
}

/** How a permission is requested. */
export interface PermissionRequest {
  /** The app vows not to derive the location from what it guards; absent where it does not. */
  readonly neverForLocation?: true;
  /** Last API level on which it is requested; absent where there is none. */
  readonly maxSdkVersion?: number;
  /** Who most likely brings it. */
  readonly by: readonly Bringer[];
}

export interface PermissionChange extends AnyChange {
  readonly kind:
    | "permission-gained"
    | "requested-for-more"
    | "permission-lost"
    | "requested-for-fewer"
    | "brought-by-others";
  readonly permission: string;
  /** Absent where both sides are lockfiles. */
  readonly protection?: PermissionSummary["protection"];
  readonly before?: PermissionRequest;
  readonly after?: PermissionRequest;
}

/** Kinds of change of a permission, in the order in which they are told. */
export const permissionChangeKinds = [
  "permission-gained",
  "requested-for-more",
  "permission-lost",
  "requested-for-fewer",
  "brought-by-others",
] as const satisfies readonly PermissionChange["kind"][];

/** Whether a new build has more than the old one: a party, an access, a flow, a hand-over, a host, a permission, or one that reaches further. */
export function hasMore({ parties, permissions }: Difference): boolean {
  const isMore = ({ effect }: AnyChange) => effect === "more";
  return permissions.some(isMore) || parties.some(({ changes }) => changes.some(isMore));
}
