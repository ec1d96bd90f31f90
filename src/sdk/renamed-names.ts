import { packageOf } from "../program/index.js";

/** First segments that are a domain's ending and so nobody's name. */
const TOP_LEVEL = new Set(["com", "org", "net", "edu", "gov"]);

/** Longest simple name that R8 and ProGuard make up. */
const MADE_UP = 3;

/**
 * Whether a package's name (`La/b/`) has been taken away, or may have been: the default package, one segment, or
 * none longer than two characters, as R8 and ProGuard name them. One segment may be any word, with
 * `-repackageclasses obfus`: only its classes tell.
 */
export function mayBeRenamed(packageName: string): boolean {
  const segments = segmentsOf(packageName);
  if (segments.length === 1) return true;
  // What was renamed below a package that stayed, `com/a/b`, is nobody's either.
  const [first = "", ...rest] = segments;
  return rest.every((segment) => segment.length <= 2) && (first.length <= 2 || TOP_LEVEL.has(first));
}

/** Whether the name of a class, `La/b;`, or that of its package has been taken away. */
export function isRenamed(name: string): boolean {
  const packageName = packageOf(name);
  if (!mayBeRenamed(packageName)) return false;
  const segments = segmentsOf(packageName);
  if (segments.length !== 1 || segments[0]!.length <= MADE_UP) return true;
  const simpleName = /([^/$;]*)[^/]*;$/.exec(name)?.[1] ?? "";
  return name.endsWith(";") && simpleName.length <= MADE_UP;
}

function segmentsOf(packageName: string): string[] {
  return packageName
    .slice(1)
    .split("/")
    .filter((segment) => segment !== "");
}
