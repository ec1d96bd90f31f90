import type { Limits } from "../diagnostics/index.js";
import type { Evidence } from "../evidence/index.js";
import type { PackageTable } from "../program/index.js";
import type { PartyRule, RuleIndex } from "../ruleset/index.js";
import type { Attribution } from "./attribute-classes.js";
import type { SdkMatch } from "./match-sdks.js";
import type { Confidence } from "./party.js";

/** An SDK or support library that is in the app, and whose code is the first party's there, all or some of it. */
export interface OwnSdk {
  readonly party: PartyRule;
  /** Why it is the first party's: the app's makers are its vendor, or the user named its code. */
  readonly why: "own-vendor" | "named";
  /** That it is in the app. */
  readonly confidence: Confidence;
  /** Classes of it that count as the first party's. */
  readonly classes: number;
  readonly evidence: readonly Evidence[];
}

/** What {@link findOwnSdks} looks at. */
export interface OwnSdkInput {
  readonly matches: readonly SdkMatch[];
  readonly attribution: Attribution;
  readonly packages: PackageTable;
  readonly rules: RuleIndex;
  /** Package trees that the user calls first party, dotted. */
  readonly firstParty: readonly string[];
  readonly limits: Limits;
}

/** The SDKs that attribution gave to the first party: seen as any other, and nobody's but the makers'. By id. */
export function findOwnSdks(input: OwnSdkInput): OwnSdk[] {
  const { matches, attribution, packages, rules, limits } = input;
  const { parties, partyOfPackage } = attribution;
  const own = parties.findIndex(({ kind }) => kind === "first-party");
  const namedRoots = input.firstParty.map((name) => `L${name.replaceAll(".", "/")}/`);
  const taken = new Map<string, { classes: number; isNamed: boolean; evidence: Evidence[] }>();
  packages.names.forEach((name, number) => {
    if (!packages.has(number) || partyOfPackage[number] !== own) return;
    const owner = rules.findOwner(name);
    if (owner === undefined) return;
    const its = taken.get(owner.rule.id) ?? { classes: 0, isNamed: false, evidence: [] };
    taken.set(owner.rule.id, its);
    its.classes += packages.classes[number]!;
    its.isNamed ||= namedRoots.some((root) => name.startsWith(root));
    const [entry, value] = [packages.exampleEntries[number]!, packages.examples[number]!];
    if (its.evidence.length < limits.evidencePerItem) its.evidence.push({ kind: "class", entry, value });
  });
  const others = new Set(parties.map(({ id }) => id));
  const found = matches.flatMap(({ party, confidence, evidence }): OwnSdk[] => {
    const { classes = 0, isNamed = false, evidence: seen = [] } = taken.get(party.rule.id) ?? {};
    const isWhole = !others.has(party.rule.id);
    if (!isWhole && classes === 0) return [];
    const why = isNamed ? "named" : "own-vendor";
    // What is a party besides has its other witnesses there.
    return [{ party, why, confidence, classes, evidence: isWhole ? evidence : seen }];
  });
  return found.sort((a, b) => (a.party.rule.id < b.party.rule.id ? -1 : 1));
}
