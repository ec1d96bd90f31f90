import { type ImpliedPermission, toApiLevel, type UsesPermission, type UsesSdk } from "./android-manifest.js";

/** A permission that Android took apart: who asked for the old one gets the new ones with it. */
interface SplitPermission {
  readonly name: string;
  readonly newPermissions: readonly string[];
  /** Apps that target this API level or a later one must ask themselves; `undefined`: never. */
  readonly targetSdk: number | undefined;
  /** First API level that knows the new permission, and so can add it. */
  readonly sinceSdkVersion: number;
}

/**
 * AOSP data/etc/platform.xml `<split-permission>`, in its order, with names less the prefix
 * `android.permission.`. Rows behind a feature flag of the platform are left out.
 */
const SPLIT_PERMISSIONS: readonly SplitPermission[] = [
  split("ACCESS_FINE_LOCATION", ["ACCESS_COARSE_LOCATION"], undefined, 1),
  split("WRITE_EXTERNAL_STORAGE", ["READ_EXTERNAL_STORAGE"], undefined, 16),
  split("READ_CONTACTS", ["READ_CALL_LOG"], 16, 16),
  split("WRITE_CONTACTS", ["WRITE_CALL_LOG"], 16, 16),
  split("ACCESS_FINE_LOCATION", ["ACCESS_BACKGROUND_LOCATION"], 29, 29),
  split("ACCESS_COARSE_LOCATION", ["ACCESS_BACKGROUND_LOCATION"], 29, 29),
  split("READ_EXTERNAL_STORAGE", ["ACCESS_MEDIA_LOCATION"], 29, 29),
  split("WRITE_EXTERNAL_STORAGE", ["ACCESS_MEDIA_LOCATION"], 29, 29),
  split("BLUETOOTH", ["BLUETOOTH_SCAN", "BLUETOOTH_CONNECT", "BLUETOOTH_ADVERTISE"], 31, 31),
  split("BLUETOOTH_ADMIN", ["BLUETOOTH_SCAN", "BLUETOOTH_CONNECT", "BLUETOOTH_ADVERTISE"], 31, 31),
  split("BODY_SENSORS", ["BODY_SENSORS_BACKGROUND"], 33, 33),
  split("READ_EXTERNAL_STORAGE", ["READ_MEDIA_AUDIO", "READ_MEDIA_VIDEO", "READ_MEDIA_IMAGES"], 33, 33),
  split("WRITE_EXTERNAL_STORAGE", ["READ_MEDIA_AUDIO", "READ_MEDIA_VIDEO", "READ_MEDIA_IMAGES"], 33, 33),
  split("READ_MEDIA_IMAGES", ["READ_MEDIA_VISUAL_USER_SELECTED"], undefined, 34),
  split("READ_MEDIA_VIDEO", ["READ_MEDIA_VISUAL_USER_SELECTED"], undefined, 34),
  split("ACCESS_MEDIA_LOCATION", ["READ_MEDIA_VISUAL_USER_SELECTED"], undefined, 34),
];

/** AOSP CompatibilityPermissionInfo: once everyone's, now added to apps that are older than the change. */
const COMPATIBILITY_PERMISSIONS = ["WRITE_EXTERNAL_STORAGE", "READ_PHONE_STATE"].map(qualify);
const COMPATIBILITY_TARGET = 4;

function split(
  name: string,
  newPermissions: readonly string[],
  targetSdk: number | undefined,
  sinceSdkVersion: number,
): SplitPermission {
  return { name: qualify(name), newPermissions: newPermissions.map(qualify), targetSdk, sinceSdkVersion };
}

function qualify(name: string): string {
  return `android.permission.${name}`;
}

/** API levels of devices on which a permission is asked for; the last is Infinity where there is none. */
interface Range {
  readonly since: number;
  readonly max: number;
}

/**
 * The permissions that Android adds to those an app asks for (AOSP `convertCompatPermissions` and
 * `convertSplitPermissions`), one for each permission that brings it.
 *
 * Left out is what the app asks for itself at every API level concerned. An addition lasts as long
 * as what brings it: a `maxSdkVersion` passes on.
 */
export function findImpliedPermissions(
  usesPermissions: readonly UsesPermission[],
  usesSdk: UsesSdk,
): ImpliedPermission[] {
  const target = toApiLevel(usesSdk.targetSdkVersion);
  const declared = new Map(usesPermissions.map((permission) => [permission.name, rangeOf(permission)]));
  const implied: ImpliedPermission[] = [];
  /** In the order of the table, as on a device: what was added can bring more. */
  const requested = new Map([...declared].map(([name, range]) => [name, [range]]));
  const add = (name: string, range: Range, impliedBy: string | undefined, because: string) => {
    const own = declared.get(name);
    if (range.since > range.max || (own !== undefined && covers(own, range))) return;
    const maxSdkVersion = range.max === Infinity ? undefined : range.max;
    implied.push({ name, impliedBy, because, sinceSdkVersion: range.since, maxSdkVersion });
    requested.set(name, [...(requested.get(name) ?? []), range]);
  };
  if (target < COMPATIBILITY_TARGET) {
    const because = `apps that target less than API level ${COMPATIBILITY_TARGET} always had it; this one targets ${target}`;
    const range = { since: COMPATIBILITY_TARGET, max: Infinity };
    for (const name of COMPATIBILITY_PERMISSIONS) add(name, range, undefined, because);
  }
  for (const rule of SPLIT_PERMISSIONS) {
    if (rule.targetSdk !== undefined && target >= rule.targetSdk) continue;
    const range = union(requested.get(rule.name) ?? []);
    if (range === undefined) continue;
    const since = Math.max(range.since, rule.sinceSdkVersion);
    for (const name of rule.newPermissions)
      add(name, { since, max: range.max }, rule.name, explain(rule, target));
  }
  return implied;
}

function explain({ name, targetSdk }: SplitPermission, target: number): string {
  if (targetSdk === undefined) return `${name} includes it`;
  return `${name} included it for apps that target less than API level ${targetSdk}; this one targets ${target}`;
}

function rangeOf({ minSdkVersion, maxSdkVersion, sdk23 }: UsesPermission): Range {
  return { since: Math.max(minSdkVersion ?? 1, sdk23 ? 23 : 1), max: maxSdkVersion ?? Infinity };
}

function covers(own: Range, range: Range): boolean {
  return own.since <= range.since && own.max >= range.max;
}

/** From the first to the last API level of several ranges: gaps between them are not kept. */
function union(ranges: readonly Range[]): Range | undefined {
  if (ranges.length === 0) return undefined;
  return { since: Math.min(...ranges.map((r) => r.since)), max: Math.max(...ranges.map((r) => r.max)) };
}
