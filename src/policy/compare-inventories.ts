import { type Entry, type Inventory, isHigherRung, isLonger, keyOf, sortEntries } from "./inventory.js";

/** How a build differs from another, or from its lockfile, in one thing. */
export interface Change {
  /**
   * `more`: there is something that was not, or it reaches further; `less`: the other way round; `other`: a version,
   * who brings a permission, or how far code goes that yields nothing.
   */
  readonly effect: "more" | "less" | "other";
  /** As it was; absent where it was not there. */
  readonly before?: Entry;
  /** As it is; absent where it is not there, or was not seen. */
  readonly after?: Entry;
}

/** The changes from one inventory to another, in the order of a lockfile. Nothing is said of what is the same. */
export function compareInventories(before: Inventory, after: Inventory): Change[] {
  const old = new Map(before.entries.map((entry) => [keyOf(entry), entry]));
  const now = new Map(after.entries.map((entry) => [keyOf(entry), entry]));
  const all = new Map([...old, ...now]);
  return sortEntries([...all.values()]).flatMap((entry): Change[] => {
    const key = keyOf(entry);
    const [was, is] = [old.get(key), now.get(key)];
    if (was === undefined) return [{ effect: "more", after: is! }];
    if (is === undefined) return [{ effect: "less", before: was }];
    const effect = judgeChange(was, is);
    return effect === undefined ? [] : [{ effect, before: was, after: is }];
  });
}

/** `undefined` where both say the same. */
function judgeChange(was: Entry, is: Entry): Change["effect"] | undefined {
  if (was.kind === "third-party" && is.kind === "third-party")
    return was.version === is.version ? undefined : "other";
  if (was.kind === "permission" && is.kind === "permission") {
    if (isLonger(is.maxSdkVersion, was.maxSdkVersion)) return "more";
    if (was.neverForLocation && !is.neverForLocation) return "more";
    if (isLonger(was.maxSdkVersion, is.maxSdkVersion)) return "less";
    if (is.neverForLocation && !was.neverForLocation) return "less";
    return was.by.join() === is.by.join() ? undefined : "other";
  }
  if (was.kind === "data-access" && is.kind === "data-access") {
    if (was.yieldsNothing !== is.yieldsNothing) return is.yieldsNothing ? "less" : "more";
    if (was.rung === is.rung) return undefined;
    // Of what yields nothing, how far the code would go is not yet more.
    if (is.yieldsNothing) return "other";
    return isHigherRung(is.rung, was.rung) ? "more" : "less";
  }
  return undefined;
}
