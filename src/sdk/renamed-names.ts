import { packageOf } from "../program/index.js";
import { isRenamedPackage } from "../ruleset/index.js";

/** Longest simple name that R8 and ProGuard make up. */
const MADE_UP = 3;

/**
 * Whether a package's name (`La/b/`) has been taken away, or may have been: it looks so, or is one segment, which
 * with `-repackageclasses obfus` may be any word: only its classes tell.
 */
export function mayBeRenamed(packageName: string): boolean {
  const segments = segmentsOf(packageName);
  return segments.length === 1 || isRenamedPackage(segments);
}

/** Whether the name of a class, `La/b;`, or that of its package has been taken away. */
export function isRenamed(name: string): boolean {
  const segments = segmentsOf(packageOf(name));
  if (isRenamedPackage(segments)) return true;
  if (segments.length !== 1 || !name.endsWith(";")) return false;
  const simpleName = /([^/$;]*)[^/]*;$/.exec(name)?.[1] ?? "";
  return simpleName.length <= MADE_UP;
}

function segmentsOf(packageName: string): string[] {
  return packageName
    .slice(1)
    .split("/")
    .filter((segment) => segment !== "");
}
