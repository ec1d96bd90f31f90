import type { Limits } from "../diagnostics/index.js";
import type { Evidence } from "../evidence/index.js";
import type { AndroidManifest } from "../manifest/index.js";
import { type ClassGraph, type PackageTable, packageOf } from "../program/index.js";
import type { RuleIndex } from "../ruleset/index.js";
import { attributeRenamed, findSeeds } from "./attribute-renamed.js";
import { type FirstParty, findFirstParty, organisationOf } from "./first-party.js";
import type { SdkMatch } from "./match-sdks.js";
import type { Party, PartyKind } from "./party.js";
import { isRenamed } from "./renamed-names.js";
import type { SeenApp } from "./seen-app.js";

/** Who owns the code of an app. */
export interface Attribution {
  /** Sorted by kind, then by id. */
  readonly parties: readonly Party[];
  /** Index in {@link parties} by package number of the PackageTable. */
  readonly partyOfPackage: Int32Array;
  /** By package number: 1 where the party is inferred, of a class that has lost its name. */
  readonly inferred: Uint8Array;
}

const KIND_ORDER: readonly PartyKind[] = [
  "first-party",
  "sdk",
  "unrecognised",
  "support-library",
  "unattributed",
];

/** A party while packages are being added to it. */
interface Draft {
  readonly party: Omit<Party, "classes" | "renamedClasses" | "codeUnits" | "evidence">;
  readonly evidence: Evidence[];
  readonly packages: number[];
  /** Renamed classes that it must own. */
  readonly inferred: number[];
}

/** What classes are attributed by. */
export interface AttributionInput {
  readonly manifest: AndroidManifest | undefined;
  readonly packages: PackageTable;
  readonly app: SeenApp;
  readonly matches: readonly SdkMatch[];
  readonly rules: RuleIndex;
  /** Package trees that the user calls first party, dotted: they win over the rules. */
  readonly firstParty: readonly string[];
  /** The code that refers to the packages asked for; called where classes have lost their names. */
  readonly buildGraph: (isAsked: (packageNumber: number) => boolean) => ClassGraph;
  readonly limits: Limits;
}

/**
 * Gives every package, and so every class, to exactly one party. Rules come first, the longest prefix
 * of all; then the first party's trees; then package trees that nobody knows, each its own party. What has
 * been renamed goes to the party that it must belong to, where that can be told, and else is nobody's.
 */
export function attributeClasses(input: AttributionInput): Attribution {
  const { manifest, packages, matches, rules, limits } = input;
  const firstParty = findFirstParty(manifest, input.firstParty, rules);
  const namedRoots = input.firstParty.map((name) => `L${name.replaceAll(".", "/")}/`);
  const drafts = new Map<string, Draft>();
  const draftOf = (party: Draft["party"]): Draft => {
    const draft = drafts.get(party.id) ?? { party, evidence: [], packages: [], inferred: [] };
    drafts.set(party.id, draft);
    return draft;
  };
  const own = draftOf({
    id: "first-party",
    kind: "first-party",
    name: manifest?.packageName || "first party",
    confidence: "certain",
  });
  if (manifest?.packageName)
    own.evidence.push({ kind: "application-id", entry: "AndroidManifest.xml", value: manifest.packageName });
  for (const match of matches) {
    if (isOwn(match, firstParty)) continue;
    const { kind, rule } = match.party;
    draftOf({
      id: rule.id,
      kind,
      name: rule.name,
      rule: match.party,
      confidence: match.confidence,
    }).evidence.push(...match.evidence);
  }
  const unknown: number[] = [];
  const renamed: number[] = [];
  const named = new Set<string>();
  packages.names.forEach((name, number) => {
    if (!packages.has(number)) return;
    const owner = rules.findOwner(name);
    if (namedRoots.some((root) => name.startsWith(root))) {
      own.packages.push(number);
      if (owner !== undefined) named.add(owner.rule.id);
    } else if (owner !== undefined) (drafts.get(owner.rule.id) ?? own).packages.push(number);
    else if (firstParty.roots.some((root) => name.startsWith(root))) own.packages.push(number);
    else if (isRenamed(name)) renamed.push(number);
    else unknown.push(number);
  });
  // With all its code the user's own, it is no third party, whatever else tells of it.
  for (const id of named) if (drafts.get(id)?.packages.length === 0) drafts.delete(id);
  const isUnknown = new Uint8Array(packages.names.length);
  for (const number of unknown) isUnknown[number] = 1;
  for (const [name, numbers] of groupUnknown(packages, unknown, (number) => isUnknown[number] === 0)) {
    // The build of the app makes these for the resources of every library; they are no library's code.
    if (numbers.every((number) => packages.generated[number] === packages.classes[number])) {
      for (const number of numbers) own.packages.push(number);
      continue;
    }
    const draft = draftOf({ id: `unrecognised:${name}`, kind: "unrecognised", name, confidence: "certain" });
    for (const number of numbers) draft.packages.push(number);
  }
  const known = [...drafts.values()];
  const owners = renamed.length === 0 ? [] : findOwnersOfRenamed(renamed, known, own, input);
  renamed.forEach((number, index) => {
    const owner = owners[index];
    if (owner !== undefined) owner.inferred.push(number);
    else
      draftOf({
        id: "unattributed",
        kind: "unattributed",
        name: "unattributed",
        confidence: "certain",
      }).packages.push(number);
  });
  return finishParties([...drafts.values()], packages, limits);
}

/** The party of each renamed class, where it can be told. */
function findOwnersOfRenamed(
  renamed: readonly number[],
  drafts: readonly Draft[],
  own: Draft,
  { packages, app, matches, rules, buildGraph }: AttributionInput,
): (Draft | undefined)[] {
  const partyOf = new Int32Array(packages.names.length).fill(-1);
  drafts.forEach(({ packages: numbers }, index) => {
    for (const number of numbers) partyOf[number] = index;
  });
  const isRenamedNumber = new Uint8Array(partyOf.length);
  for (const number of renamed) isRenamedNumber[number] = 1;
  const indexOf = new Map(drafts.map(({ party }, index) => [party.id, index]));
  const seeds = new Map<number, number>();
  for (const [number, { party }] of findSeeds(app.strings, packages, matches, rules)) {
    const index = indexOf.get(party.rule.id);
    if (index !== undefined && isRenamedNumber[number] === 1) seeds.set(number, index);
  }
  const ownIndex = drafts.indexOf(own);
  const graph = buildGraph((number) => isRenamedNumber[number] === 1 || partyOf[number]! >= 0);
  const owners = attributeRenamed(partyOf, (index) => index === ownIndex, seeds, graph);
  return renamed.map((number) => (owners[number]! < 0 ? undefined : drafts[owners[number]!]));
}

/** An SDK in an app that its own vendor built. Support libraries stay what they are. */
function isOwn({ party }: SdkMatch, firstParty: FirstParty): boolean {
  return party.kind === "sdk" && firstParty.ownVendors.has(party.rule.vendor);
}

/**
 * Packages that nobody knows, by the longest package that all of one organisation's stand in; dotted. Where
 * a known party's code stands in it too, `com.facebook`, it is no unit, and those below it are.
 */
function groupUnknown(
  packages: PackageTable,
  numbers: readonly number[],
  isKnown: (number: number) => boolean,
): Map<string, number[]> {
  const byOrganisation = new Map<string, number[]>();
  for (const number of numbers) {
    const organisation = organisationOf(packageOf(packages.names[number]!));
    addTo(byOrganisation, organisation, number);
  }
  const occupied = findOccupied(packages, byOrganisation, isKnown);
  const groups = new Map<string, number[]>();
  const addGroup = (group: readonly number[], splits: number) => {
    const shared = commonPackage(group.map((number) => packageOf(packages.names[number]!)));
    if (splits > 0 && occupied.has(shared) && group.length > 1) {
      const parts = new Map<string, number[]>();
      for (const number of group) {
        const name = packages.names[number]!;
        addTo(parts, name.slice(0, name.indexOf("/", shared.length) + 1), number);
      }
      for (const part of parts.values()) addGroup(part, parts.size > 1 ? splits - 1 : 0);
      return;
    }
    const name = withoutRenamed(shared.slice(1, -1).split("/")).join(".");
    for (const number of group) addTo(groups, name, number);
  };
  for (const group of byOrganisation.values()) addGroup(group, MOST_SPLITS);
  return groups;
}

/** Levels below an organisation at which its unknown packages are told apart. */
const MOST_SPLITS = 3;

/** Packages of unknown code's organisations, down to where it may be split, in which known code stands too. */
function findOccupied(
  packages: PackageTable,
  organisations: ReadonlyMap<string, unknown>,
  isKnown: (number: number) => boolean,
): Set<string> {
  const occupied = new Set<string>();
  packages.names.forEach((name, number) => {
    if (packages.classes[number] === 0 || !isKnown(number)) return;
    const organisation = organisationOf(name);
    if (!organisations.has(organisation)) return;
    let end = organisation.length;
    for (let level = 0; level <= MOST_SPLITS && end > 0; level++) {
      occupied.add(name.slice(0, end));
      end = name.indexOf("/", end) + 1;
    }
  });
  return occupied;
}

/** Added in place: a hostile app has a hundred thousand packages of one organisation. */
function addTo(groups: Map<string, number[]>, name: string, number: number): void {
  const group = groups.get(name);
  if (group === undefined) groups.set(name, [number]);
  else group.push(number);
}

/** Less the segments at the end that an obfuscator made up; the organisation stays. */
function withoutRenamed(segments: string[]): string[] {
  const kept = [...segments];
  while (kept.length > 2 && kept.at(-1)!.length <= 2) kept.pop();
  return kept;
}

function commonPackage(names: readonly string[]): string {
  const segments = names[0]!.split("/").slice(0, -1);
  for (const name of names) {
    const others = name.split("/");
    let same = 0;
    while (same < segments.length && segments[same] === others[same]) same++;
    segments.length = same;
  }
  return `${segments.join("/")}/`;
}

function finishParties(drafts: readonly Draft[], packages: PackageTable, limits: Limits): Attribution {
  const sorted = [...drafts].sort(
    (a, b) =>
      KIND_ORDER.indexOf(a.party.kind) - KIND_ORDER.indexOf(b.party.kind) ||
      (a.party.id < b.party.id ? -1 : 1),
  );
  const partyOfPackage = new Int32Array(packages.names.length);
  const inferred = new Uint8Array(packages.names.length);
  const parties = sorted.map((draft, index) => {
    let classes = 0;
    let renamedClasses = 0;
    let codeUnits = 0;
    for (const number of draft.inferred) {
      inferred[number] = 1;
      renamedClasses += packages.classes[number]!;
    }
    for (const number of [...draft.packages, ...draft.inferred]) {
      partyOfPackage[number] = index;
      classes += packages.classes[number]!;
      codeUnits += packages.codeUnits[number]!;
    }
    return {
      ...draft.party,
      classes,
      ...(renamedClasses === 0 ? {} : { renamedClasses }),
      codeUnits,
      evidence: evidenceOf(draft, packages).slice(0, limits.evidencePerItem),
    };
  });
  return { parties, partyOfPackage, inferred };
}

/** A party that no rule recognised shows a class of each of its packages. */
function evidenceOf(draft: Draft, packages: PackageTable): readonly Evidence[] {
  if (draft.party.rule !== undefined) return draft.evidence;
  const classes = draft.packages.map(
    (number): Evidence => ({
      kind: "class",
      entry: packages.exampleEntries[number]!,
      value: packages.examples[number]!,
    }),
  );
  return [...draft.evidence, ...classes];
}
