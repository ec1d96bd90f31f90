import { readOrUndefined } from "../diagnostics/index.js";
import type { ClassHierarchy, DefinedClass } from "./class-hierarchy.js";
import type { WalkedDex } from "./walked-dex.js";

/** Strings of one beginning that are looked at in a file. */
export const MOST_STRINGS = 100;

/**
 * The constant initial value of a static String field, `Lcom/acme/Sdk;->VERSION:Ljava/lang/String;`.
 * `undefined` where there is no such field, or it has none. A class that is spoilt has been reported by the
 * walk over the code.
 */
export function readStaticString(hierarchy: ClassHierarchy, fieldRef: string): string | undefined {
  const [descriptor, rest] = fieldRef.split("->") as [string, string];
  const name = rest.slice(0, rest.indexOf(":"));
  return readOfClass(hierarchy, descriptor, ({ dex, classDefIdx }) => dex.staticString(classDefIdx, name));
}

/**
 * What a method returns that does nothing but return a String constant,
 * `Lcom/acme/Sdk;->getVersion()Ljava/lang/String;`. `undefined` for any other.
 */
export function readReturnedString(hierarchy: ClassHierarchy, methodRef: string): string | undefined {
  const descriptor = methodRef.slice(0, methodRef.indexOf("->"));
  return readOfClass(hierarchy, descriptor, ({ dex, classDefIdx }) =>
    dex.returnedString(classDefIdx, methodRef),
  );
}

function readOfClass(
  hierarchy: ClassHierarchy,
  descriptor: string,
  read: (defined: DefinedClass) => string | undefined,
): string | undefined {
  const defined = hierarchy.find(descriptor);
  return defined === undefined ? undefined : readOrUndefined(() => read(defined));
}

/**
 * What stands for the `*` of `AcmeSDK/*` in the string constants of an app: where it is not the same in all
 * of them, `undefined`.
 */
export function readStringPattern(dexFiles: readonly WalkedDex[], pattern: string): string | undefined {
  const [start, end] = splitPattern(pattern);
  let found: string | undefined;
  for (const dex of dexFiles) {
    for (const text of dex.stringsBeginningWith(start, MOST_STRINGS)) {
      if (text.length <= start.length + end.length || !text.endsWith(end)) continue;
      const middle = text.slice(start.length, text.length - end.length);
      if (found !== undefined && found !== middle) return undefined;
      found = middle;
    }
  }
  return found;
}

/** What stands before the `*` of a pattern and behind it. */
export function splitPattern(pattern: string): readonly [start: string, end: string] {
  return pattern.split("*") as [string, string];
}
