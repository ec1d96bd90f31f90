import type {
  AccessChange,
  Bringer,
  Difference,
  DifferenceSide,
  HandOverChange,
  PartyChange,
  PartyDifference,
  PermissionChange,
  PermissionRequest,
  PresenceChange,
} from "../policy/index.js";
import { groupBy } from "./arrange-parties.js";
import { printable } from "./printable-text.js";
import { count, formatShare, shortPermission } from "./words.js";

/** Named of those that bring a permission. */
const MOST_BRINGERS = 4;

/** `1 third party appeared, 2 changed; 2 permissions gained.` */
export function summarizeDifference(difference: Difference): string {
  const { parties, before, after } = difference;
  const permissions = toldPermissions(difference);
  const third = parties.filter(({ kind }) => kind === "sdk" || kind === "unrecognised");
  const has = (kind: string) => third.filter(({ changes }) => changes.some((change) => change.kind === kind));
  const [appeared, left] = [has("appeared").length, has("left").length];
  const changed = third.length - appeared - left;
  const ofParties = joinCounts([
    [appeared, "appeared"],
    [left, after.unread.length > 0 ? NOT_SEEN : "left"],
    [changed, "changed"],
  ]);
  const ofKind = (kind: PermissionChange["kind"]) => permissions.filter((one) => one.kind === kind).length;
  const [gained, lost] = [ofKind("permission-gained"), ofKind("permission-lost")];
  const ofPermissions = joinCounts([
    [gained, "gained"],
    [lost, isManifestSure(permissions) ? "lost" : NOT_SEEN],
    [permissions.length - gained - lost, "changed"],
  ]);
  const others = parties.filter(({ kind }) => kind === "first-party" || kind === "unattributed");
  const all = [
    ...(ofParties === undefined
      ? []
      : [`${ofParties.first} third ${ofParties.isOne ? "party" : "parties"} ${ofParties.rest}`]),
    ...others.map((party) => `what ${uncapitalize(nameParty(party))} could access changed`),
    ...(ofPermissions === undefined
      ? []
      : [
          `${ofPermissions.first} ${ofPermissions.isOne ? "permission" : "permissions"} ${ofPermissions.rest}`,
        ]),
  ];
  if (all.length > 0) return `${capitalize(all.join("; "))}.`;
  const isWhole = before.unread.length + after.unread.length === 0;
  return isWhole ? "Nothing that rides along differs." : "No difference was seen in what could be read.";
}

function isManifestSure(permissions: readonly PermissionChange[]): boolean {
  return permissions.every(({ mayBeIn }) => mayBeIn !== "after");
}

/** `2` and `appeared, 1 left`: the noun stands between. */
function joinCounts(
  counts: readonly (readonly [number, string])[],
): { first: string; rest: string; isOne: boolean } | undefined {
  const [head, ...tail] = counts.filter(([number]) => number > 0);
  if (head === undefined) return undefined;
  return {
    first: String(head[0]),
    rest: [head[1], ...tail.map(([number, verb]) => `${number} ${verb}`)].join(", "),
    isOne: head[0] === 1,
  };
}

function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function uncapitalize(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/** A party as people call it; a lockfile knows only its id. */
export function nameParty({ id, kind, name }: Pick<PartyDifference, "id" | "kind" | "name">): string {
  if (kind === "first-party") return "The app's own code";
  if (kind === "unattributed") return "Code that is nobody's";
  return printable(name ?? id.replace(/^unrecognised:/, ""), 80);
}

/** A party's changes as they are told. */
export interface PartyNews {
  /** That it came or went, where it did. */
  readonly presence?: PresenceChange;
  /** What is not known of that; empty where it is sure. */
  readonly doubt: string;
  /** All others. What may not be new is said of the party, and so not again of all that came with it. */
  readonly changes: readonly PartyChange[];
}

/** Parts a party's coming or going from what else changed. */
export function tellParty({ changes }: PartyDifference): PartyNews {
  const presence = changes.find(
    (change): change is PresenceChange => change.kind === "appeared" || change.kind === "left",
  );
  if (presence === undefined) return { doubt: "", changes };
  const others = changes.filter((change) => change !== presence);
  return {
    presence,
    doubt: describeDoubt(presence),
    changes: others.map(
      ({ mayBeIn, ...change }): PartyChange =>
        mayBeIn === undefined || mayBeIn === presence.mayBeIn ? change : { ...change, mayBeIn },
    ),
  };
}

/** Vendor, its parent if another, category. */
export function describeParty({ kind, vendor, category }: PartyDifference): string[] {
  const parent = vendor?.parent === undefined ? "" : ` (${printable(vendor.parent.name, 100)})`;
  return [
    ...(vendor === undefined ? [] : [printable(vendor.name, 100) + parent]),
    ...(kind === "unrecognised" ? ["unrecognised"] : []),
    ...(category === undefined ? [] : [printable(category.replaceAll("-", " "), 100)]),
  ];
}

/** Package, version, and what it is known from, where that is no APK. */
export function describeSide({ source, packageName, versionName, versionCode }: DifferenceSide): string {
  return [
    packageName ?? "package unknown",
    versionName,
    versionCode === undefined ? undefined : `(${versionCode})`,
    source.kind === "apk" ? undefined : `· ${source.kind}`,
  ]
    .filter((part) => part !== undefined)
    .map((part) => printable(part, 100))
    .join(" ");
}

/** Of what may be in the parts that were not read. */
const NOT_SEEN = "not seen any more";

/** The kind of data, where its type does not say it already. Not escaped: a lockfile may have said it. */
export function findKindOfData({ dataType, yields }: AccessChange): string | undefined {
  return yields === dataType ? undefined : yields;
}

/** How far an access goes, and how that is another than before. */
export function describeReach({ kind, before, after, mayBeIn }: AccessChange): string {
  switch (kind) {
    case "newly-accesses":
      return after!.yieldsNothing ? `${after!.rung}, yields nothing` : after!.rung;
    case "now-yields":
      return `${after!.rung}, yielded nothing before`;
    case "now-yields-nothing":
      return mayBeIn === undefined ? "yields nothing any more" : "yields nothing in what could be read";
    case "no-longer-accesses":
      return mayBeIn === undefined ? `no longer (was ${before!.rung})` : NOT_SEEN;
    case "reaches-further":
    case "reaches-less-far":
      return `${after!.rung}, was ${before!.rung}`;
  }
}

/** That a party is given something, or not any more. */
export function describeHandOver({ kind, mayBeIn }: HandOverChange): string {
  if (kind === "newly-given") return "given by others' code";
  return mayBeIn === undefined ? "no longer given by others' code" : NOT_SEEN;
}

/** What is not known of a change, as not all of the side was read that may have it too. */
export function describeDoubt({ mayBeIn, effect }: Pick<AccessChange, "mayBeIn" | "effect">): string {
  if (mayBeIn === undefined) return "";
  return effect === "less" ? NOT_SEEN : "may not be new";
}

/** Permissions that changed alike. */
export interface PermissionGroup {
  readonly kind: PermissionChange["kind"];
  /** What happened to them: `gained, by Harbor Ads`. */
  readonly what: string;
  readonly doubt: string;
  readonly changes: readonly PermissionChange[];
}

/**
 * Those worth telling: who else brings what no user is asked for changes with every SDK that comes or goes, and JSON
 * has it.
 */
function toldPermissions({ permissions }: Difference): readonly PermissionChange[] {
  return permissions.filter(
    (change) =>
      change.kind !== "brought-by-others" ||
      isAskedFor(change) ||
      isAndroids(change.before) ||
      isAndroids(change.after),
  );
}

/** Whether a user is asked for it; of lockfiles it is not known, and each counts. */
export function isAskedFor({ protection }: PermissionChange): boolean {
  return protection === undefined || protection === "dangerous" || protection === "special";
}

/** Permissions by what happened to them and by who brings them, so that few words tell of many. */
export function groupPermissions(difference: Difference): PermissionGroup[] {
  return [
    ...groupBy(toldPermissions(difference), (change) => `${change.kind} ${sayWhat(change)}`).values(),
  ].map((changes) => {
    const first = changes[0]!;
    return { kind: first.kind, what: sayWhat(first), doubt: describeDoubt(first), changes };
  });
}

function sayWhat({ kind, before, after }: PermissionChange): string {
  switch (kind) {
    case "permission-gained":
      return nameBringers(after);
    case "requested-for-more":
      return before?.neverForLocation && !after?.neverForLocation
        ? "now also for the location"
        : "requested on more devices";
    case "permission-lost":
      return `no longer ${isAndroids(before) ? "added by Android" : "requested"}`;
    case "requested-for-fewer":
      return after?.neverForLocation && !before?.neverForLocation
        ? "now vowed never for the location"
        : "requested on fewer devices";
    case "brought-by-others":
      return `now ${nameBringers(after)}, was ${nameBringers(before)}`;
  }
}

function isAndroids(request: PermissionRequest | undefined): boolean {
  return request?.by.some(({ party }) => party === "android") ?? false;
}

function nameBringers(request: PermissionRequest | undefined): string {
  return isAndroids(request) ? "added by Android" : `by ${listBringers(request?.by ?? [])}`;
}

function listBringers(by: readonly Bringer[]): string {
  const left = by.length - MOST_BRINGERS;
  const names = by.slice(0, MOST_BRINGERS).map(nameBringer);
  return [...names, ...(left > 0 ? [`${left} more`] : [])].join(", ");
}

function nameBringer({ party, name }: Bringer): string {
  return party === "first-party" ? "the app itself" : printable(name ?? party, 60);
}

/** A permission by its last part, and until when it is requested, where that is not always or changed. */
export function describePermission({ kind, permission, before, after }: PermissionChange): string {
  const name = printable(shortPermission(permission), 100);
  const [was, is] = [before?.maxSdkVersion, after?.maxSdkVersion];
  if (kind === "requested-for-more" || kind === "requested-for-fewer")
    return `${name} (${sayUntil(is)}, was ${sayUntil(was)})`;
  return is === undefined ? name : `${name} (${sayUntil(is)})`;
}

function sayUntil(maxSdkVersion: number | undefined): string {
  return maxSdkVersion === undefined ? "on every device" : `up to API level ${maxSdkVersion}`;
}

/** Empty where both sides say the same. */
export function compareShares({ before, after }: Difference): string {
  const [was, is] = [formatShare(before.attributedShare), formatShare(after.attributedShare)];
  return was === is ? "" : `${is} of the code attributed, was ${was}.`;
}

/** The parts that a side could not read: the first, and how many more. */
export function listUnread({ unread }: DifferenceSide, most: number): string {
  const left = unread.length - most;
  const names = unread.slice(0, most).map((part) => printable(part, 100));
  return [...names, ...(left > 0 ? [count(left, "more", "more")] : [])].join(", ");
}
