import { type AndroidManifest, toApiLevel } from "../manifest/index.js";
import type { Need, Permission } from "../ruleset/index.js";
import type { Party } from "../sdk/index.js";
import type { AskedApi } from "./api-query.js";

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

/** The device API levels at which an app holds a permission: from, to; Infinity where there is no end. */
interface Held {
  readonly from: number;
  readonly to: number;
  readonly neverForLocation: boolean;
}

/** What an app's manifest says that bears on accesses, looked up once. */
export class Holdings {
  readonly known: boolean;
  readonly minSdkVersion: number;
  readonly targetSdkVersion: number;
  readonly #held = new Map<string, Held>();
  readonly #manifest: AndroidManifest | undefined;
  readonly #beyondApps: ReadonlySet<string>;

  constructor(manifest: AndroidManifest | undefined, permissions: readonly Permission[]) {
    this.#manifest = manifest;
    this.#beyondApps = new Set(
      permissions.filter(({ protection }) => protection === "signature").map(({ name }) => name),
    );
    this.known = manifest !== undefined;
    this.minSdkVersion = toApiLevel(manifest?.usesSdk.minSdkVersion ?? 1);
    this.targetSdkVersion = toApiLevel(manifest?.usesSdk.targetSdkVersion ?? 1);
    for (const asked of manifest?.usesPermissions ?? []) {
      this.#hold(asked.name, {
        from: Math.max(asked.minSdkVersion ?? 1, asked.sdk23 ? 23 : 1),
        to: asked.maxSdkVersion ?? Infinity,
        neverForLocation: asked.usesPermissionFlags.includes("neverForLocation"),
      });
    }
    for (const implied of manifest?.impliedPermissions ?? []) {
      this.#hold(implied.name, {
        from: implied.sinceSdkVersion,
        to: implied.maxSdkVersion ?? Infinity,
        neverForLocation: false,
      });
    }
    // FINE includes COARSE at every API level, whatever the table of implied permissions says.
    const fine = this.#held.get(FINE);
    if (fine !== undefined) this.#hold(COARSE, { ...fine, neverForLocation: false });
  }

  #hold(name: string, held: Held): void {
    const known = this.#held.get(name);
    this.#held.set(
      name,
      known === undefined
        ? held
        : {
            from: Math.min(known.from, held.from),
            to: Math.max(known.to, held.to),
            neverForLocation: known.neverForLocation && held.neverForLocation,
          },
    );
  }

  find(permission: string): Held | undefined {
    return this.#held.get(permission);
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
  const degraded = rule["degrades-to"];
  const dataType =
    degraded !== undefined && holdings.known && holdings.find(degraded["when-missing"]) === undefined
      ? degraded["data-type"]
      : rule["data-type"];
  if (!holdings.known) {
    return {
      dataType,
      limits: [
        {
          kind: "unknown",
          leaves: "sometimes",
          message: "The manifest could not be read: permissions and target are not known.",
        },
      ],
    };
  }
  return {
    dataType,
    limits: [
      ...joinCover(
        [...findApiLimits(asked, holdings), ...findNeedLimits(asked, holdings)],
        holdings.minSdkVersion,
      ),
      ...findSwitches(party, dataType, holdings),
    ],
  };
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
  const { until } = api;
  const targetUntil = api["target-until"];
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
  const isLocation = rule["data-type"].endsWith("-location");
  return (api.needs ?? rule.needs ?? []).flatMap((need) => {
    if (!applies(need, holdings)) return [];
    const names = need["all-of"] ?? need["any-of"] ?? [];
    // A permission that ends before the first device concerned is as good as none.
    const first = Math.max(holdings.minSdkVersion, need["from-device"] ?? 1);
    const held = names.map((name) => {
      const one = holdings.find(name);
      return one === undefined || one.to < first ? undefined : one;
    });
    const missing = names.filter((_, index) => held[index] === undefined);
    const isMet = need["all-of"] === undefined ? missing.length < names.length : missing.length === 0;
    if (!isMet) return [limitOfMissing(need, missing, holdings)];
    const limits = names.map((name, index) => limitsOfHeld(name, held[index], need, isLocation));
    if (need["all-of"] !== undefined) return limits.flat();
    // Of alternatives the least limited counts: one that is free, or the one held longest.
    const alternatives = limits
      .map((own, index) => ({ own, held: held[index] }))
      .filter((alternative) => alternative.held !== undefined)
      .sort((a, b) => Number(a.own.length > 0) - Number(b.own.length > 0) || b.held!.to - a.held!.to);
    return alternatives[0]!.own;
  });
}

/** Whether a need concerns this app: its target, and some device that it runs on. */
function applies(need: Need, { minSdkVersion, targetSdkVersion }: Holdings): boolean {
  const fitsTarget =
    targetSdkVersion >= (need["from-target"] ?? 0) && targetSdkVersion <= (need["to-target"] ?? Infinity);
  return fitsTarget && minSdkVersion <= (need["to-device"] ?? Infinity);
}

function limitOfMissing(need: Need, missing: readonly string[], holdings: Holdings): Limit {
  const { minSdkVersion } = holdings;
  const from = need["from-device"] ?? 1;
  const to = need["to-device"] ?? Infinity;
  const onAll = from <= minSdkVersion && to === Infinity;
  const leaves = need.otherwise === "partial" ? "partial" : onAll ? "nothing" : "sometimes";
  const joined = missing.map(shortName).join(need["all-of"] === undefined ? " or " : " and ");
  const range = onAll
    ? ""
    : to === Infinity
      ? ` on ${nameLevel(from)} and later`
      : from <= minSdkVersion
        ? ` up to ${nameLevel(to)}`
        : ` from ${nameLevel(from)} to ${nameLevel(to)}`;
  const ended = missing.map((name) => holdings.find(name)?.to).filter((to) => to !== undefined);
  const reason = missing.every((name) => holdings.isBeyondApps(name))
    ? "only the system's own apps can hold"
    : ended.length > 0
      ? `the app requests up to ${nameLevel(Math.max(...ended))} only`
      : "the app does not request";
  const effect = need.otherwise === "partial" ? "the data is incomplete" : "it yields nothing";
  return {
    kind: ended.length > 0 ? "permission-max-sdk" : "permission-missing",
    leaves,
    ...(from > minSdkVersion ? { sinceSdkVersion: from } : {}),
    ...(to === Infinity ? {} : { untilSdkVersion: to }),
    permissions: missing,
    message: `Without ${joined}, which ${reason}, ${effect}${range}.`,
  };
}

function limitsOfHeld(name: string, held: Held | undefined, need: Need, isLocation: boolean): Limit[] {
  if (held === undefined) return [];
  const limits: Limit[] = [];
  if (held.to < (need["to-device"] ?? Infinity)) {
    limits.push({
      kind: "permission-max-sdk",
      leaves: "sometimes",
      sinceSdkVersion: held.to + 1,
      permissions: [name],
      message: `${shortName(name)} is requested up to ${nameLevel(held.to)} only.`,
    });
  }
  if (held.neverForLocation && isLocation) {
    limits.push({
      kind: "never-for-location",
      leaves: "partial",
      permissions: [name],
      message: `${shortName(name)} is requested with neverForLocation: Android leaves out what would tell the location.`,
    });
  }
  return limits;
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
