import { type AuditResult, lowerRung } from "../findings/index.js";
import { type Change, compareInventories } from "./compare-inventories.js";
import { sayDeeper, sayLookedFor } from "./depth-words.js";
import { type EntryFacts, indexFacts } from "./entry-facts.js";
import {
  type Entry,
  type Inventory,
  isHigherRung,
  keyOf,
  limitDepth,
  type PermissionEntry,
  sayData,
  takeInventory,
} from "./inventory.js";
import { hundredthsOf, renderEntry, renderShare } from "./lockfile.js";
import { type CheckResult, heaviestFirst, outcomeOf, type Problem, type Severity } from "./verdict.js";

/** A fall of the share of attributed code that is told, in hundredths: less is what any update does. */
export const TOLD_FALL = 5;

/**
 * Compares a build with its lockfile: what is more than it allows fails, all else that differs is told.
 *
 * @param path of the lockfile, as the user named it
 */
export function checkLockfile(lock: Inventory, path: string, result: AuditResult): CheckResult {
  const now = takeInventory(result);
  const changes = compareInventories(...atOneDepth(lock, now));
  const isWhole = now.unread.length === 0;
  const factsOf = indexFacts(result);
  const isShallow = isHigherRung(lock.depth, now.depth);
  // What was not seen of a build that was not read whole, or not looked for, may still be there.
  const isGone = ({ before }: Change) => isWhole && !(isShallow && isOfCode(before));
  const isTold = (change: Change) =>
    change.effect === "more" || (change.effect === "less" ? isGone(change) : isWhole);
  // In the order of the lockfile, which is the order of the changes.
  const problems = heaviestFirst([
    ...changes
      .filter(isTold)
      .map((change) => describe(change, weigh(change, changes, result), result, factsOf)),
    ...compareShares(lock, now),
    ...compareSettings(lock, now),
  ]);
  return {
    id: "lockfile",
    kind: "lockfile",
    title: `Nothing rides along that ${path} does not have`,
    place: { file: path, line: 1 },
    outcome: outcomeOf(problems, !isWhole || isShallow),
    ...(isShallow ? { isTooShallow: true } : {}),
    problems,
    excepted: [],
  };
}

function isOfCode(entry: Entry | undefined): boolean {
  return entry?.kind === "data-access" || entry?.kind === "data-hand-over";
}

/**
 * How far code was seen to go is compared as far as both were looked at. A lockfile for which nobody looked for accesses, or
 * for what third parties are given, allows none of it.
 */
function atOneDepth(lock: Inventory, now: Inventory): [Inventory, Inventory] {
  const least = lowerRung(lock.depth, now.depth);
  if (least === "permitted") return [lock, now];
  const limited = limitDepth(now, least);
  const given = least === "flows" ? [] : now.entries.filter(isHandOver);
  return [limitDepth(lock, least), { ...limited, entries: [...limited.entries, ...given] }];
}

function isHandOver({ kind }: Entry): boolean {
  return kind === "data-hand-over";
}

/** What is more fails; another version of a third party is told where what is more comes from it. */
function weigh({ effect, after }: Change, changes: readonly Change[], result: AuditResult): Severity {
  // What a requested permission adds by itself was agreed to, or not, with that one.
  if (effect === "more") {
    if (isAddedWithAnother(after!, changes, result)) return "note";
    // A library works for whoever calls it: what it refers to comes with any update, and is seldom news.
    return isLibrarys(after!, result) ? "warning" : "error";
  }
  const brings =
    after?.kind === "third-party" &&
    changes.some((other) => other.effect === "more" && isBroughtBy(other.after!, after.party));
  return brings ? "warning" : "note";
}

function isLibrarys(entry: Entry, { parties }: AuditResult): boolean {
  return (
    entry.kind !== "permission" &&
    parties.some(({ id, kind }) => id === entry.party && kind === "support-library")
  );
}

/** A permission that Android adds because of one that is new itself. */
function isAddedWithAnother(entry: Entry, changes: readonly Change[], { permissions }: AuditResult): boolean {
  if (entry.kind !== "permission") return false;
  const cause = permissions.find(({ name }) => name === entry.permission)?.impliedBy?.permission;
  return changes.some(
    ({ effect, after }) => effect === "more" && after?.kind === "permission" && after.permission === cause,
  );
}

function isBroughtBy(entry: Entry, party: string): boolean {
  return entry.kind === "permission" ? entry.by.includes(party) : entry.party === party;
}

function describe(
  change: Change,
  severity: Severity,
  result: AuditResult,
  factsOf: (entry: Entry) => EntryFacts,
): Problem {
  const { effect, before, after } = change;
  const entry = (after ?? before)!;
  return {
    id: `lockfile/${keyOf(entry).replaceAll(" ", "/")}`,
    severity,
    message: sayChange(change) + sayMore(change, result),
    ...aboutOf(entry),
    findings: findingsOf(entry, result),
    change: {
      ...(before === undefined ? {} : { before: renderEntry(before) }),
      ...(after === undefined ? {} : { after: renderEntry(after) }),
    },
    evidence: after === undefined || effect !== "more" ? [] : factsOf(after).evidence,
  };
}

/** What only the build's result knows of what is new: who a third party is, why Android adds a permission. */
function sayMore({ before, after }: Change, { parties, permissions }: AuditResult): string {
  if (before !== undefined || after === undefined) return "";
  if (after.kind === "permission") {
    const implied = permissions.find(({ name }) => name === after.permission)?.impliedBy;
    return implied === undefined ? "" : `: ${implied.because}`;
  }
  if (after.kind !== "third-party") return "";
  const party = parties.find(({ id }) => id === after.party);
  const known = [party?.name === after.party ? undefined : party?.name, party?.vendor?.name, party?.category];
  const words = known.filter((word) => word !== undefined);
  return words.length === 0 ? "" : `: ${words.join(", ")}`;
}

/** A change in one sentence without a full stop. */
export function sayChange({ effect, before, after }: Change): string {
  const entry = (after ?? before)!;
  switch (entry.kind) {
    case "third-party": {
      const version = entry.version === undefined ? "" : ` ${entry.version}`;
      if (before === undefined) return `${entry.party}${version} is a new third party`;
      if (after === undefined) return `${entry.party}${version} has left`;
      const versions = [before, after].map(
        (one) => ("version" in one ? one.version : undefined) ?? "an unknown version",
      );
      return `${entry.party} went from ${versions[0]} to ${versions[1]}`;
    }
    case "permission": {
      const by = sayBringers(entry);
      if (before === undefined) return `${entry.permission} is a new permission, ${by}`;
      if (after === undefined) return `${entry.permission} is no longer requested`;
      if (effect === "other") return `${entry.permission} is now ${by}`;
      if (before.kind === "permission" && before.neverForLocation !== entry.neverForLocation)
        return entry.neverForLocation
          ? `${entry.permission} is now vowed never to be for the location`
          : `${entry.permission} may now be used for the location`;
      return `${entry.permission} is now requested ${entry.maxSdkVersion === undefined ? "on every device" : `up to API level ${entry.maxSdkVersion}`}`;
    }
    case "data-access": {
      const data = sayData(entry);
      const what = `${entry.party} could access ${data} (${entry.rung})`;
      if (before === undefined)
        return entry.yieldsNothing
          ? `${entry.party} has new code for ${data} (${entry.rung}), which yields nothing to this build`
          : `${what}, which is new`;
      if (after === undefined) return `${entry.party} no longer has code for ${data}`;
      if (effect === "other")
        return `${entry.party}'s code for ${data} is now ${entry.rung}, and still yields nothing`;
      if (entry.yieldsNothing && effect === "less")
        return `${entry.party}'s code for ${data} now yields nothing`;
      const was =
        before.kind === "data-access" && before.yieldsNothing
          ? "yielded nothing"
          : `was ${before.kind === "data-access" ? before.rung : ""}`;
      return `${what}, where it ${was}`;
    }
    case "data-hand-over":
      return before === undefined
        ? `${entry.party} is given ${entry.dataType} by others' code, which is new`
        : `${entry.party} is no longer given ${entry.dataType} by others' code`;
    case "host":
      return before === undefined
        ? `${entry.party} names the host ${entry.host}, which is new`
        : `${entry.party} no longer names the host ${entry.host}`;
  }
}

/** `android` brings what Android adds. */
function sayBringers({ by }: PermissionEntry): string {
  if (by.includes("android")) return "added by Android";
  return `likely brought by ${by.map((party) => (party === "first-party" ? "the app itself" : party)).join(", ")}`;
}

function aboutOf(
  entry: Entry,
): Pick<Problem, "party" | "dataType" | "yields" | "permission" | "host" | "rung"> {
  switch (entry.kind) {
    case "third-party":
      return { party: entry.party };
    case "permission":
      return { permission: entry.permission };
    case "data-access":
      return { party: entry.party, dataType: entry.dataType, yields: entry.yields, rung: entry.rung };
    case "data-hand-over":
      return { party: entry.party, dataType: entry.dataType, rung: "flows" };
    case "host":
      return { party: entry.party, host: entry.host };
  }
}

function findingsOf(entry: Entry, { findings }: AuditResult): string[] {
  if (entry.kind !== "data-access" && entry.kind !== "data-hand-over") return [];
  return findings
    .filter(
      ({ kind, party, dataType }) =>
        kind === entry.kind && party === entry.party && dataType === entry.dataType,
    )
    .map(({ id }) => id);
}

/** Code that nobody can be named for is where a third party hides. */
function compareShares(lock: Inventory, now: Inventory): Problem[] {
  const [was, is] = [hundredthsOf(lock.attributedShare), hundredthsOf(now.attributedShare)];
  if (was - is < TOLD_FALL) return [];
  return [
    {
      id: "lockfile/attributed-share",
      severity: "warning",
      message: `only ${is}% of the code could be given to anyone, where it was ${was}%: what is new may be in the rest`,
      fix: "Give the build's mapping.txt with --mapping, if it is obfuscated.",
      findings: [],
      change: {
        before: `attributed-share ${renderShare(lock.attributedShare)}`,
        after: `attributed-share ${renderShare(now.attributedShare)}`,
      },
      evidence: [],
    },
  ];
}

/** A lockfile of other rules, another depth, or another app differs for reasons that are not the build's. */
function compareSettings(lock: Inventory, now: Inventory): Problem[] {
  const tell = (id: string, severity: Severity, message: string, fix?: string): Problem => ({
    id: `lockfile/${id}`,
    severity,
    message,
    ...(fix === undefined ? {} : { fix }),
    findings: [],
    evidence: [],
  });
  return [
    ...(lock.packageName !== undefined &&
    now.packageName !== undefined &&
    lock.packageName !== now.packageName
      ? [tell("app", "warning", `the lockfile is ${lock.packageName}'s, and this is ${now.packageName}`)]
      : []),
    ...(isHigherRung(lock.depth, now.depth)
      ? [
          tell(
            "depth",
            "warning",
            `${sayLookedFor(lock.depth)} is in the lockfile, and was not looked for: the report was made with \`--depth ${now.depth}\``,
            sayDeeper(lock.depth),
          ),
        ]
      : []),
    ...(lock.depth === "permitted" && isHigherRung(now.depth, lock.depth)
      ? [
          tell(
            "depth",
            "note",
            `the lockfile was written of a report made with \`--depth ${lock.depth}\`: what code could access is not in it`,
          ),
        ]
      : []),
    ...(lock.depth !== "permitted" && isHigherRung("flows", lock.depth) && now.entries.some(isHandOver)
      ? [
          tell(
            "depth",
            "note",
            `the lockfile was written of a report made with \`--depth ${lock.depth}\`: what third parties are given is not in it`,
          ),
        ]
      : []),
    ...(lock.rulesVersion !== now.rulesVersion
      ? [
          tell(
            "rules",
            "note",
            `the lockfile was written with other rules (${lock.rulesVersion || "none named"}, now ${now.rulesVersion}): a difference may come from them and not from the build`,
          ),
        ]
      : []),
  ];
}
