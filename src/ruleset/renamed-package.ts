/** First segments that are a domain's ending and so nobody's name. */
const TOP_LEVEL = new Set(["com", "org", "net", "edu", "gov"]);

/**
 * Whether a package's name, by its segments, has been taken away: the default package, one short segment, or
 * none longer than two characters, as R8 and ProGuard name them.
 */
export function isRenamedPackage(segments: readonly string[]): boolean {
  if (segments.length === 1) return segments[0]!.length <= 3;
  // What was renamed below a package that stayed, `com/a/b`, is nobody's either.
  const [first = "", ...rest] = segments;
  return rest.every((segment) => segment.length <= 2) && (first.length <= 2 || TOP_LEVEL.has(first));
}
