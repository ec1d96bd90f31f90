import { packageOf } from "../program/index.js";
import { isRenamedPackage } from "../ruleset/index.js";

/** Longest simple name that R8 and ProGuard make up. */
const MADE_UP = 3;

/**
 * Whether a package's name (`La/b/`) has been taken away, or may have been: it looks so, or is one segment, which
 * with `-repackageclasses obfus` may be any word: only its classes tell.
 */
export function mayBeRenamed(packageName: string): boolean {
  if (hasLongSecondSegment(packageName)) return false;
  const segments = segmentsOf(packageName);
  return segments.length === 1 || isRenamedPackage(segments);
}

/** Whether the name of a class, `La/b;`, or that of its package has been taken away. */
export function isRenamed(name: string): boolean {
  if (hasLongSecondSegment(name)) return false;
  const segments = segmentsOf(packageOf(name));
  if (isRenamedPackage(segments)) return true;
  if (segments.length !== 1 || !name.endsWith(";")) return false;
  const simpleName = /([^/$;]*)[^/]*;$/.exec(name)?.[1] ?? "";
  return simpleName.length <= MADE_UP;
}

/** Of a package; most have one, and need not be taken apart to be told that they have their name. */
function hasLongSecondSegment(name: string): boolean {
  const first = name.indexOf("/", 1);
  const second = name.indexOf("/", first + 1);
  return first > 1 && second - first > 3;
}

function segmentsOf(packageName: string): string[] {
  return packageName
    .slice(1)
    .split("/")
    .filter((segment) => segment !== "");
}
