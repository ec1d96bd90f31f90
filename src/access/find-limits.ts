import { type AndroidManifest, toApiLevel } from "../manifest/index.js";
import type { Need, Ruleset } from "../ruleset/index.js";
import type { Party } from "../sdk/index.js";
import type { AskedApi } from "./api-query.js";
import { type DeviceRange, intersectRanges, joinRanges, subtractRanges } from "./device-range.js";

export type LimitKind =
  /** The app does not hold what the call needs. */
  | "permission-missing"
  /** The permission is asked for up to an API level only. */
  | "permission-max-sdk"
  /** Newer devices give nothing. */
  | "api-level"
  /** Apps with this targetSdkVersion get nothing. */
  | "target-sdk"
  /** The app vows not to derive location from it. */
  | "never-for-location"
  /** The manifest switches it off. */
  | "switched-off"
  /** There is no manifest to judge by. */
  | "unknown";

/** What stands between a reference in the code and the data. */
export interface Limit {
  readonly kind: LimitKind;
  /** `nothing`: the call yields no data under this limit; `partial`: less; `sometimes`: on some devices only. */
  readonly leaves: "nothing" | "partial" | "sometimes";
  /** First API level of devices on which it applies; not given where it always does. */
  readonly sinceSdkVersion?: number;
  /** Last API level of devices on which it applies; not given where there is none. */
  readonly untilSdkVersion?: number;
  readonly permissions?: readonly string[];
  /** One sentence. */
  readonly message: string;
}

/** Android's version of an API level, as users know it. */
const ANDROID_VERSIONS: Readonly<Record<number, string>> = {
  19: "4.4",
  21: "5.0",
  22: "5.1",
  23: "6",
  24: "7.0",
  25: "7.1",
  26: "8.0",
  27: "8.1",
  28: "9",
  29: "10",
  30: "11",
  31: "12",
  32: "12L",
  33: "13",
  34: "14",
  35: "15",
  36: "16",
}; // prettier-ignore

const FINE = "android.permission.ACCESS_FINE_LOCATION";
const COARSE = "android.permission.ACCESS_COARSE_LOCATION";

/** What an app's manifest says that bears on accesses, looked up once. */
export class Holdings {
  readonly known: boolean;
  readonly minSdkVersion: number;
  readonly targetSdkVersion: number;
  readonly #requested = new Map<string, DeviceRange[]>();
  readonly #forLocation = new Set<string>();
  readonly #manifest: AndroidManifest | undefined;
  readonly #beyondApps: ReadonlySet<string>;

  constructor(manifest: AndroidManifest | undefined, permissions: Ruleset["permissions"]) {
    this.#manifest = manifest;
    this.#beyondApps = new Set(
      permissions.filter(({ protection }) => protection === "signature").map(({ name }) => name),
    );
    this.known = manifest !== undefined;
    this.minSdkVersion = toApiLevel(manifest?.usesSdk.minSdkVersion ?? 1);
    this.targetSdkVersion = toApiLevel(manifest?.usesSdk.targetSdkVersion ?? 1);
    for (const {
      name,
      minSdkVersion = 1,
      maxSdkVersion = Infinity,
      sdk23,
      usesPermissionFlags,
    } of manifest?.usesPermissions ?? []) {
      this.#hold(name, { from: Math.max(minSdkVersion, sdk23 ? 23 : 1), to: maxSdkVersion });
      if (!usesPermissionFlags.includes("neverForLocation")) this.#forLocation.add(name);
    }
    for (const { name, sinceSdkVersion, maxSdkVersion = Infinity } of manifest?.impliedPermissions ?? []) {
      this.#hold(name, { from: sinceSdkVersion, to: maxSdkVersion });
      this.#forLocation.add(name);
    }
    // FINE includes COARSE at every API level, whatever the table of implied permissions says.
    for (const range of this.#requested.get(FINE) ?? []) this.#hold(COARSE, range);
    if (this.#forLocation.has(FINE)) this.#forLocation.add(COARSE);
  }

  #hold(name: string, range: DeviceRange): void {
    this.#requested.set(name, [...(this.#requested.get(name) ?? []), range]);
  }

  /** On which of the devices that the app runs on it holds a permission. */
  rangesOf(permission: string): DeviceRange[] {
    const runsOn = { from: this.minSdkVersion, to: Infinity };
    return intersectRanges([runsOn], this.#requested.get(permission) ?? []);
  }

  /** Whether the app asks for a permission at all, for whatever devices. */
  requests(permission: string): boolean {
    return this.#requested.has(permission);
  }

  /** Whether every request of a permission vows not to derive the location from it. */
  isNeverForLocation(permission: string): boolean {
    return this.requests(permission) && !this.#forLocation.has(permission);
  }

  /** Whether only the platform's own apps are given a permission, whoever requests it. */
  isBeyondApps(permission: string): boolean {
    return this.#beyondApps.has(permission);
  }

  /** The value of a meta-data of the application. */
  metaData(name: string): string | undefined {
    const value = this.#manifest?.application?.metaData.find((item) => item.name === name)?.value;
    return value === undefined ? undefined : String(value);
  }
}

/** The data type that a use of an API yields under these holdings, and what limits it. */
export function judgeUse(
  asked: AskedApi,
  party: Party,
  holdings: Holdings,
): { dataType: string; limits: Limit[] } {
  const { rule } = asked;
  if (!holdings.known) {
    return {
      dataType: rule["data-type"],
      limits: [
        {
          kind: "unknown",
          leaves: "sometimes",
          message: "The manifest could not be read: permissions and target are not known.",
        },
      ],
    };
  }
  const needs = findNeedLimits(asked, holdings);
  const { dataType, limits } = findDegrading(rule, holdings);
  // Where nothing is left, less is not worth a word.
  const degraded = limits.filter(
    ({ sinceSdkVersion, untilSdkVersion }) =>
      !needs.some(
        (need) => need.sinceSdkVersion === sinceSdkVersion && need.untilSdkVersion === untilSdkVersion,
      ),
  );
  return {
    dataType,
    limits: [
      ...joinCover([...findApiLimits(asked, holdings), ...needs, ...degraded], holdings.minSdkVersion),
      ...findSwitches(party, dataType, holdings),
    ],
  };
}

/** The data type that is left on these devices; a limit where it is the finer one on some of them only. */
function findDegrading(
  rule: AskedApi["rule"],
  holdings: Holdings,
): { dataType: string; limits: readonly Limit[] } {
  const degraded = rule["degrades-to"];
  if (degraded === undefined) return { dataType: rule["data-type"], limits: [] };
  const finer = degraded["when-missing"];
  const held = holdings.rangesOf(finer);
  if (held.length === 0) return { dataType: degraded["data-type"], limits: [] };
  const without = subtractRanges({ from: holdings.minSdkVersion, to: Infinity }, held);
  return {
    dataType: rule["data-type"],
    limits: without.map((range) => ({
      kind: "permission-max-sdk",
      leaves: "partial",
      ...spanOf(range, holdings),
      permissions: [finer],
      message: `${shortName(finer)} is not requested ${nameRange(range, holdings)}: there it is ${degraded["data-type"]} at most.`,
    })),
  };
}

/** What limits that a permission opens a data type to a party. */
export function judgePermission(
  permission: string,
  dataType: string,
  party: Party,
  holdings: Holdings,
): Limit[] {
  const without = subtractRanges(
    { from: holdings.minSdkVersion, to: Infinity },
    holdings.rangesOf(permission),
  );
  const ended = without.map(
    (range): Limit => ({
      kind: "permission-max-sdk",
      leaves: "sometimes",
      ...spanOf(range, holdings),
      permissions: [permission],
      message: `${shortName(permission)} is not requested ${nameRange(range, holdings)}.`,
    }),
  );
  return [
    ...ended,
    ...findNeverForLocation([permission], dataType, holdings),
    ...findSwitches(party, dataType, holdings),
  ];
}

/** Limits that leave something on some devices each, and nothing on any device together, leave nothing. */
function joinCover(limits: readonly Limit[], minSdkVersion: number): readonly Limit[] {
  const partly = limits.filter(({ leaves }) => leaves === "sometimes");
  const sorted = [...partly].sort((a, b) => (a.sinceSdkVersion ?? 0) - (b.sinceSdkVersion ?? 0));
  let covered = minSdkVersion - 1;
  for (const { sinceSdkVersion = 0, untilSdkVersion = Infinity } of sorted) {
    if (sinceSdkVersion > covered + 1) return limits;
    covered = Math.max(covered, untilSdkVersion);
  }
  if (covered !== Infinity) return limits;
  return limits.map((limit) => (partly.includes(limit) ? { ...limit, leaves: "nothing" } : limit));
}

function findApiLimits({ api }: AskedApi, { minSdkVersion, targetSdkVersion }: Holdings): Limit[] {
  const limits: Limit[] = [];
  const { since, until } = api;
  const targetUntil = api["target-until"];
  if (since !== undefined && since > minSdkVersion) {
    limits.push({
      kind: "api-level",
      leaves: "sometimes",
      untilSdkVersion: since - 1,
      message: `Exists from ${nameLevel(since)} on.`,
    });
  }
  if (until !== undefined) {
    limits.push({
      kind: "api-level",
      leaves: minSdkVersion > until ? "nothing" : "sometimes",
      sinceSdkVersion: until + 1,
      message:
        minSdkVersion > until
          ? `Yields the data up to ${nameLevel(until)} only, and the app runs on API level ${minSdkVersion} and later.`
          : `Yields the data up to ${nameLevel(until)} only.`,
    });
  }
  if (targetUntil !== undefined && targetSdkVersion > targetUntil) {
    limits.push({
      kind: "target-sdk",
      // A device cannot know of a change that came after it.
      leaves: minSdkVersion > targetUntil ? "nothing" : "sometimes",
      ...(minSdkVersion > targetUntil ? {} : { sinceSdkVersion: targetUntil + 1 }),
      message: `Yields the data only to apps that target API level ${targetUntil} or lower; this one targets ${targetSdkVersion}.`,
    });
  }
  return limits;
}

function findNeedLimits({ rule, api }: AskedApi, holdings: Holdings): Limit[] {
  return (api.needs ?? rule.needs ?? []).flatMap((need) => {
    if (!applies(need, holdings)) return [];
    const names = need["all-of"] ?? need["any-of"] ?? [];
    const concerned = {
      from: Math.max(holdings.minSdkVersion, need["from-device"] ?? 1),
      to: need["to-device"] ?? Infinity,
    };
    const missing = subtractRanges(concerned, findHeld(need, names, concerned, holdings));
    return [
      ...missing.map((range) => limitOfMissing(need, names, range, holdings)),
      ...(missing.length === 0 ? findNeverForLocation(names, rule["data-type"], holdings) : []),
    ];
  });
}

/** On which devices a need is met: by all of its permissions, or by any. */
function findHeld(
  need: Need,
  names: readonly string[],
  concerned: DeviceRange,
  holdings: Holdings,
): readonly DeviceRange[] {
  const ranges = names.map((name) => holdings.rangesOf(name));
  return need["all-of"] === undefined
    ? joinRanges(ranges.flat())
    : ranges.reduce((all, one) => intersectRanges(all, one), [concerned]);
}

/** Whether a need concerns this app: its target, and some device that it runs on. */
function applies(need: Need, { minSdkVersion, targetSdkVersion }: Holdings): boolean {
  const fitsTarget =
    targetSdkVersion >= (need["from-target"] ?? 0) && targetSdkVersion <= (need["to-target"] ?? Infinity);
  return fitsTarget && minSdkVersion <= (need["to-device"] ?? Infinity);
}

/** What it means that a need is not met on some devices. */
function limitOfMissing(need: Need, names: readonly string[], range: DeviceRange, holdings: Holdings): Limit {
  const isAnyOf = need["all-of"] === undefined;
  const missing = isAnyOf
    ? names
    : names.filter((name) => intersectRanges([range], holdings.rangesOf(name)).length === 0);
  const requested = missing.filter((name) => holdings.requests(name));
  const onAll = range.from <= holdings.minSdkVersion && range.to === Infinity;
  const effect = need.otherwise === "partial" ? "the data is incomplete" : "it yields nothing";
  const where = onAll ? "" : ` ${nameRange(range, holdings)}`;
  const elsewhere = onAll ? "the app requests for other devices only" : "the app does not request there";
  const reason = missing.every((name) => holdings.isBeyondApps(name))
    ? "only the system's own apps can hold"
    : requested.length > 0
      ? elsewhere
      : "the app does not request";
  return {
    kind: requested.length > 0 ? "permission-max-sdk" : "permission-missing",
    leaves: need.otherwise === "partial" ? "partial" : onAll ? "nothing" : "sometimes",
    ...spanOf(range, holdings),
    permissions: missing,
    message: `Without ${missing.map(shortName).join(isAnyOf ? " or " : " and ")}, which ${reason}, ${effect}${where}.`,
  };
}

/** That Android leaves out what would tell the location, where every permission that serves is requested so. */
function findNeverForLocation(names: readonly string[], dataType: string, holdings: Holdings): Limit[] {
  const vowed = names.filter((name) => holdings.isNeverForLocation(name));
  const isFree = names.some((name) => holdings.requests(name) && !holdings.isNeverForLocation(name));
  if (vowed.length === 0 || isFree || !dataType.endsWith("-location")) return [];
  return [
    {
      kind: "never-for-location",
      leaves: "partial",
      permissions: vowed,
      message: `${vowed.map(shortName).join(" and ")} is requested with neverForLocation: Android leaves out what would tell the location.`,
    },
  ];
}

/** A range as a limit has it: only the ends that are not those of the devices the app runs on. */
function spanOf(
  { from, to }: DeviceRange,
  { minSdkVersion }: Holdings,
): { sinceSdkVersion?: number; untilSdkVersion?: number } {
  return {
    ...(from > minSdkVersion ? { sinceSdkVersion: from } : {}),
    ...(to === Infinity ? {} : { untilSdkVersion: to }),
  };
}

/** `on API level 29 (Android 10) and later`, `up to …`, `from … to …`. */
function nameRange({ from, to }: DeviceRange, { minSdkVersion }: Holdings): string {
  if (to === Infinity) return from <= minSdkVersion ? "on any device" : `on ${nameLevel(from)} and later`;
  return from <= minSdkVersion ? `up to ${nameLevel(to)}` : `from ${nameLevel(from)} to ${nameLevel(to)}`;
}

function findSwitches(party: Party, dataType: string, holdings: Holdings): Limit[] {
  const switches = party.rule?.kind === "sdk" ? (party.rule.rule.switches ?? []) : [];
  return switches.flatMap((item) => {
    const concerns = item["data-types"]?.includes(dataType) ?? false;
    if (!concerns || holdings.metaData(item["meta-data"]) !== item.off) return [];
    return [
      {
        kind: "switched-off" as const,
        leaves: "partial" as const,
        message: `${item["meta-data"]} is ${item.off} in the manifest: ${item.effect}`,
      },
    ];
  });
}

/** Whether what stands before an access leaves nothing of it. */
export function leavesNothing(limits: readonly Limit[]): boolean {
  return limits.some(({ leaves }) => leaves === "nothing");
}

/** `API level 28 (Android 9)`. */
export function nameLevel(level: number): string {
  const version = ANDROID_VERSIONS[level];
  return version === undefined ? `API level ${level}` : `API level ${level} (Android ${version})`;
}

/** Android's own permissions are known by their last segment. */
export function shortName(permission: string): string {
  return permission
    .replace(/^android\.permission\./, "")
    .replace(/^com\.google\.android\.gms\.permission\./, "");
}
