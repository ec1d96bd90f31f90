import { type AuditResult, isThirdParty, lowerRung, type PartySummary } from "../findings/index.js";
import type { PartyKind } from "../sdk/index.js";
import { TOLD_FALL } from "./check-lockfile.js";
import { type Change, compareInventories } from "./compare-inventories.js";
import { compareWays, type WayChange } from "./compare-ways.js";
import {
  type AccessChange,
  type Bringer,
  type Caveat,
  type ComparedBuild,
  DIFFERENCE_VERSION,
  type Difference,
  type DifferenceSide,
  type PartyChange,
  type PartyDifference,
  type PermissionChange,
  type PermissionRequest,
  partyChangeKinds,
  permissionChangeKinds,
} from "./difference.js";
import { type EntryFacts, indexFacts } from "./entry-facts.js";
import {
  type DataAccessEntry,
  type Entry,
  type Inventory,
  isHigherRung,
  limitDepth,
  type PermissionEntry,
} from "./inventory.js";
import { hundredthsOf } from "./lockfile.js";

type PartyEntry = Exclude<Entry, PermissionEntry>;

/**
 * What changed from one build to another. Only what both sides were looked at for is compared; that something left is
 * said only where all of the new side was read, that it is new only where all of the old one was.
 *
 * @param tool who compares: a lockfile does not name who wrote it
 */
export function compareBuilds(
  before: ComparedBuild,
  after: ComparedBuild,
  tool: Difference["tool"],
): Difference {
  const comparison = new Comparison(before, after);
  // What one side was not looked at for is not new in the other.
  const least = lowerRung(before.inventory.depth, after.inventory.depth);
  const [old, now] = [before, after].map(({ inventory }) => limitDepth(inventory, least));
  const changes = compareInventories(old!, now!).filter(
    (change) => isSeen(change, before, after) && !isToldOfFlows(change, before, after),
  );
  return {
    schemaVersion: DIFFERENCE_VERSION,
    tool: { name: tool.name, version: tool.version },
    before: describeSide(before),
    after: describeSide(after),
    caveats: listCaveats(before.inventory, after.inventory),
    parties: comparison.describeParties(changes, compareWays(before.result, after.result)),
    permissions: comparison.describePermissions(changes),
  };
}

/** Nothing is told by what was not read: not which version a party has, nor who brings what. */
function isSeen(
  { before: was, after: is, effect }: Change,
  before: ComparedBuild,
  after: ComparedBuild,
): boolean {
  if (effect !== "other" || was === undefined || is === undefined) return true;
  const unread = { before: before.inventory.unread.length > 0, after: after.inventory.unread.length > 0 };
  if (was.kind === "third-party" && is.kind === "third-party")
    return !((was.version === undefined && unread.before) || (is.version === undefined && unread.after));
  const isAndroids = (entry: Entry) => entry.kind === "permission" && entry.by.includes("android");
  return was.kind !== "permission" || isAndroids(was) !== isAndroids(is) || !(unread.before || unread.after);
}

/** Between two results, what others' code gives a party is told of the flows themselves. */
function isToldOfFlows(
  { before: was, after: is }: Change,
  { result: old }: ComparedBuild,
  { result: now }: ComparedBuild,
): boolean {
  return (is ?? was)?.kind === "data-hand-over" && old !== undefined && now !== undefined;
}

function describeSide({ source, inventory, result }: ComparedBuild): DifferenceSide {
  const { packageName, rulesVersion, depth, attributedShare, unread } = inventory;
  const { versionName, versionCode } = result?.app ?? {};
  return {
    source: { kind: source.kind, name: source.name },
    ...(packageName === undefined ? {} : { packageName }),
    ...(versionName === undefined ? {} : { versionName }),
    ...(versionCode === undefined ? {} : { versionCode }),
    rulesVersion,
    depth,
    attributedShare,
    unread,
  };
}

/** Describes changes, by what each side knows beside its inventory. */
class Comparison {
  readonly #before: Inventory;
  readonly #after: Inventory;
  readonly #parties: ReadonlyMap<string, PartySummary>;
  readonly #protections: ReadonlyMap<string, AuditResult["permissions"][number]["protection"]>;
  readonly #factsOf: (entry: Entry) => EntryFacts;

  constructor(before: ComparedBuild, after: ComparedBuild) {
    const results = [before.result, after.result].filter((result) => result !== undefined);
    this.#before = before.inventory;
    this.#after = after.inventory;
    // What the new side says of a party comes last, and counts.
    this.#parties = new Map(results.flatMap(({ parties }) => parties.map((party) => [party.id, party])));
    this.#protections = new Map(
      results.flatMap(({ permissions }) => permissions.map(({ name, protection }) => [name, protection])),
    );
    this.#factsOf =
      after.result === undefined ? () => ({ evidence: [], limits: [] }) : indexFacts(after.result);
  }

  describeParties(changes: readonly Change[], ways: readonly WayChange[]): PartyDifference[] {
    const byParty = new Map<string, PartyChange[]>();
    const add = (party: string, change: PartyChange) => {
      const own = byParty.get(party) ?? [];
      if (own.length === 0) byParty.set(party, own);
      own.push(change);
    };
    for (const change of changes) {
      const entry = (change.after ?? change.before)!;
      if (entry.kind !== "permission") add(entry.party, this.#describeChange(change, entry));
    }
    for (const { party, change } of ways) add(party, this.#describeWay(change));
    return [...byParty]
      .map(([id, own]) => ({ party: this.#describeParty(id, own), weight: weigh(own) }))
      .sort(
        (a, b) =>
          Number(isThirdParty(b.party)) - Number(isThirdParty(a.party)) ||
          compareWeights(a.weight, b.weight) ||
          compareText(a.party.id, b.party.id),
      )
      .map(({ party }) => party);
  }

  describePermissions(changes: readonly Change[]): PermissionChange[] {
    return changes
      .flatMap(({ effect, before, after }): PermissionChange[] => {
        const entry = after ?? before;
        if (entry?.kind !== "permission") return [];
        const protection = this.#protections.get(entry.permission);
        return [
          {
            kind: kindOfPermissionChange(effect, before, after),
            effect,
            ...this.#mayBeIn(effect, isManifestUnread),
            permission: entry.permission,
            ...(protection === undefined ? {} : { protection }),
            ...(before === undefined ? {} : { before: this.#describeRequest(before) }),
            ...(after === undefined ? {} : { after: this.#describeRequest(after) }),
          },
        ];
      })
      .sort(
        (a, b) =>
          permissionChangeKinds.indexOf(a.kind) - permissionChangeKinds.indexOf(b.kind) ||
          Number(isAskedFor(b)) - Number(isAskedFor(a)) ||
          compareText(a.permission, b.permission),
      );
  }

  #describeParty(id: string, changes: readonly PartyChange[]): PartyDifference {
    const party = this.#parties.get(id);
    return {
      id,
      kind: party?.kind ?? this.#kindOfId(id),
      ...(party === undefined ? {} : { name: party.name }),
      ...(party?.vendor === undefined ? {} : { vendor: party.vendor }),
      ...(party?.category === undefined ? {} : { category: party.category }),
      // Stable: those of one kind stay in the order of what they are about.
      changes: [...changes].sort((a, b) => rankOf(a) - rankOf(b)),
    };
  }

  /** Where no side knows more of a party than its id: a lockfile names third parties as such. */
  #kindOfId(id: string): PartyKind {
    if (id === "first-party" || id === "unattributed") return id;
    if (id.startsWith("unrecognised:")) return "unrecognised";
    const isNamed = [this.#before, this.#after].some(({ entries }) =>
      entries.some((entry) => entry.kind === "third-party" && entry.party === id),
    );
    return isNamed ? "sdk" : "support-library";
  }

  #describeChange({ effect, before, after }: Change, entry: PartyEntry): PartyChange {
    const common = { effect, ...this.#mayBeIn(effect, ({ unread }) => unread.length > 0) };
    const { evidence, limits } = after === undefined ? { evidence: [], limits: [] } : this.#factsOf(after);
    switch (entry.kind) {
      case "third-party": {
        if (before?.kind === "third-party" && after !== undefined)
          return {
            kind: "version-changed",
            ...common,
            ...(before.version === undefined ? {} : { from: before.version }),
            ...(entry.version === undefined ? {} : { to: entry.version }),
          };
        const version = entry.version === undefined ? {} : { version: entry.version };
        return { kind: after === undefined ? "left" : "appeared", ...common, ...version, evidence };
      }
      case "data-hand-over":
        return {
          kind: after === undefined ? "no-longer-handed" : "newly-handed",
          ...common,
          dataTypes: [entry.dataType],
          events: [],
          evidence,
        };
      case "host":
        return {
          kind: after === undefined ? "host-lost" : "host-gained",
          ...common,
          host: entry.host,
          evidence,
        };
      case "data-access": {
        const [was, is] = [before, after].map((one) => (one?.kind === "data-access" ? one : undefined));
        return {
          kind: kindOfAccessChange(was, is),
          ...common,
          dataType: entry.dataType,
          yields: entry.yields,
          ...(was === undefined ? {} : { before: { rung: was.rung, yieldsNothing: was.yieldsNothing } }),
          ...(is === undefined ? {} : { after: { rung: is.rung, yieldsNothing: is.yieldsNothing } }),
          limits,
          evidence,
        };
      }
    }
  }

  #describeWay(change: WayChange["change"]): PartyChange {
    const doubt = this.#mayBeIn(change.effect, ({ unread }) => unread.length > 0);
    if (!("from" in change)) return { ...change, ...doubt };
    const fromName = this.#parties.get(change.from)?.name;
    return { ...change, ...doubt, ...(fromName === undefined ? {} : { fromName }) };
  }

  #describeRequest(entry: Entry): PermissionRequest {
    const { maxSdkVersion, neverForLocation, by } = entry as PermissionEntry;
    return {
      ...(neverForLocation ? { neverForLocation } : {}),
      ...(maxSdkVersion === undefined ? {} : { maxSdkVersion }),
      by: by.map((party): Bringer => {
        const name = this.#parties.get(party)?.name;
        return { party, ...(name === undefined ? {} : { name }) };
      }),
    };
  }

  /** What is not seen of a side that was not read whole may still be there. */
  #mayBeIn(effect: Change["effect"], mayHide: (side: Inventory) => boolean): Pick<PartyChange, "mayBeIn"> {
    if (effect === "less" && mayHide(this.#after)) return { mayBeIn: "after" };
    if (effect === "more" && mayHide(this.#before)) return { mayBeIn: "before" };
    return {};
  }
}

/** What of code was not read, or not gone through, requests no permission. */
function isManifestUnread({ unread }: Inventory): boolean {
  return unread.some((part) => !part.endsWith(".dex") && part !== "call graph" && part !== "flows");
}

function kindOfAccessChange(
  before: DataAccessEntry | undefined,
  after: DataAccessEntry | undefined,
): AccessChange["kind"] {
  if (before === undefined) return "newly-accesses";
  if (after === undefined) return "no-longer-accesses";
  if (before.yieldsNothing !== after.yieldsNothing)
    return after.yieldsNothing ? "now-yields-nothing" : "now-yields";
  return isHigherRung(after.rung, before.rung) ? "reaches-further" : "reaches-less-far";
}

function kindOfPermissionChange(
  effect: Change["effect"],
  before: Entry | undefined,
  after: Entry | undefined,
): PermissionChange["kind"] {
  if (before === undefined) return "permission-gained";
  if (after === undefined) return "permission-lost";
  if (effect === "other") return "brought-by-others";
  return effect === "more" ? "requested-for-more" : "requested-for-fewer";
}

/** Whether a user is asked for it. */
function isAskedFor({ protection }: PermissionChange): boolean {
  return protection === "dangerous" || protection === "special";
}

function rankOf({ kind }: PartyChange): number {
  return partyChangeKinds.indexOf(kind);
}

/** How many changes there are of each kind, the heaviest first; what yields nothing weighs nothing. */
function weigh(changes: readonly PartyChange[]): number[] {
  const weight: number[] = partyChangeKinds.map(() => 0);
  for (const change of changes)
    if (!("after" in change && change.after?.yieldsNothing)) weight[rankOf(change)]!++;
  return weight;
}

function compareWeights(a: readonly number[], b: readonly number[]): number {
  const place = a.findIndex((number, index) => number !== b[index]);
  return place < 0 ? 0 : b[place]! - a[place]!;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function listCaveats(before: Inventory, after: Inventory): Caveat[] {
  return [
    ...tellOtherApp(before, after),
    ...tellOtherRules(before, after),
    ...tellOtherDepth(before, after),
    ...tellUnread(before, after),
    ...tellOtherShare(before, after),
  ];
}

function tellOtherApp({ packageName: was }: Inventory, { packageName: is }: Inventory): Caveat[] {
  if (was === undefined || is === undefined || was === is) return [];
  return [{ kind: "other-app", message: `These are two apps: ${was} and ${is}.` }];
}

function tellOtherRules({ rulesVersion: was }: Inventory, { rulesVersion: is }: Inventory): Caveat[] {
  if (was === is) return [];
  const message =
    "The two sides were made with other rules: a difference may come from them and not from the build. Of two APKs both are audited by the same.";
  return [{ kind: "other-rules", message }];
}

function tellOtherDepth({ depth: was }: Inventory, { depth: is }: Inventory): Caveat[] {
  if (was === is) return [];
  const [side, least] = isHigherRung(is, was) ? ["old", was] : ["new", is];
  const message = `The ${side} side was looked at to the rung ${least} only: what goes further is not compared.`;
  return [{ kind: "other-depth", message }];
}

function tellUnread(before: Inventory, after: Inventory): Caveat[] {
  const messages = [
    ...(after.unread.length === 0
      ? []
      : ["Parts of the new side could not be read: nothing is said to have left that they may hold."]),
    ...(before.unread.length === 0
      ? []
      : ["Parts of the old side could not be read: what seems new may have been in them."]),
  ];
  return messages.map((message) => ({ kind: "unread", message }));
}

/** Code that nobody can be named for is where a third party hides. */
function tellOtherShare({ attributedShare: was }: Inventory, { attributedShare: is }: Inventory): Caveat[] {
  if (Math.abs(hundredthsOf(was) - hundredthsOf(is)) < TOLD_FALL) return [];
  const message =
    is < was
      ? "Much less of the new side's code could be given to anyone: what is new, or seems to have left, may be in the rest. If it is obfuscated, --mapping names its mapping.txt."
      : "Much less of the old side's code could be given to anyone: what seems new may have been in the rest. If it is obfuscated, --old-mapping names its mapping.txt.";
  return [{ kind: "other-share", message }];
}
