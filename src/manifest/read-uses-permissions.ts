import type { UsesPermission } from "./android-manifest.js";
import { type AttributeReader, findAttribute } from "./attribute-reader.js";
import { usesPermissionFlagNames } from "./manifest-flags.js";
import { isReference } from "./res-value.js";
import type { XmlElement } from "./xml-element.js";

const SDK23_TAGS = ["uses-permission-sdk-23", "uses-permission-sdk-m"];

/**
 * The permissions that a manifest asks for, each name once, in the order of their first mention.
 *
 * Android decides on each device anew which of several declarations of one name apply, and takes the
 * first of those. Declarations are therefore merged to what holds on some device: the widest range
 * of API levels, and the flags of the first declaration.
 */
export function readUsesPermissions(root: XmlElement, attributes: AttributeReader): UsesPermission[] {
  const byName = new Map<string, UsesPermission>();
  for (const element of root.children) {
    if (element.name !== "uses-permission" && !SDK23_TAGS.includes(element.name)) continue;
    const permission = readUsesPermission(element, attributes);
    if (permission === undefined) continue;
    const earlier = byName.get(permission.name);
    if (earlier !== undefined) reportDuplicate(element, earlier, permission, attributes);
    byName.set(permission.name, earlier === undefined ? permission : merge(earlier, permission));
  }
  return [...byName.values()];
}

function readUsesPermission(element: XmlElement, attributes: AttributeReader): UsesPermission | undefined {
  const name = attributes.nonResourceString(element, "name");
  if (name === undefined) {
    const value = findAttribute(element, "name")?.typedValue;
    const isResource = value !== undefined && isReference(value);
    const problem = isResource ? "android:name is a reference" : "has no android:name";
    attributes.report(element, "odd", "bad-value", `${problem}; Android ignores the element`);
    return undefined;
  }
  return {
    name,
    maxSdkVersion: attributes.integer(element, "maxSdkVersion") || undefined,
    minSdkVersion: attributes.integer(element, "minSdkVersion") || undefined,
    usesPermissionFlags: usesPermissionFlagNames(attributes.integer(element, "usesPermissionFlags") ?? 0),
    sdk23: element.name !== "uses-permission",
  };
}

function reportDuplicate(
  element: XmlElement,
  earlier: UsesPermission,
  later: UsesPermission,
  attributes: AttributeReader,
): void {
  const conflict = String(earlier.usesPermissionFlags) !== String(later.usesPermissionFlags);
  const problem = conflict
    ? "repeated with other flags; Android refuses the app where both apply, and the first flags are taken here"
    : "repeated; the widest range of API levels counts";
  attributes.report(element, "odd", "duplicate", `${later.name.slice(0, 200)} ${problem}`);
}

function merge(earlier: UsesPermission, later: UsesPermission): UsesPermission {
  return {
    ...earlier,
    maxSdkVersion: widest(earlier.maxSdkVersion, later.maxSdkVersion, Math.max),
    minSdkVersion: widest(earlier.minSdkVersion, later.minSdkVersion, Math.min),
    sdk23: earlier.sdk23 && later.sdk23,
  };
}

function widest(a: number | undefined, b: number | undefined, choose: (a: number, b: number) => number) {
  return a === undefined || b === undefined ? undefined : choose(a, b);
}
