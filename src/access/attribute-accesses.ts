import type { Limits } from "../diagnostics/index.js";
import type { Evidence } from "../evidence/index.js";
import type { Reach, ReachChain } from "../program/index.js";
import type { RuleIndex } from "../ruleset/index.js";
import { type Attribution, type Confidence, findHost, lowerConfidence, type Party } from "../sdk/index.js";
import type { AskedApi } from "./api-query.js";
import type { ApiUse, CodePlace, StringUse } from "./find-api-uses.js";
import { type Holdings, judgeUse, type Limit } from "./find-limits.js";

/** That code of a party uses an API which yields a data type. An access, never a collection. */
export interface Access {
  readonly party: Party;
  readonly asked: AskedApi;
  /** Google Play's data type, the coarser one where the app cannot get the finer. */
  readonly dataType: string;
  readonly confidence: Confidence;
  /** Places in the code: all of them, also where {@link evidence} was cut. */
  readonly callSites: number;
  /** Of the place that can be come to by the shortest chain; absent where no way to any was found, or looked for. */
  readonly reach?: Reach;
  readonly evidence: readonly [Evidence, ...Evidence[]];
  readonly limits: readonly Limit[];
}

/** How the code of a method comes to run; `undefined` where no way was found. */
export type FindReach = (place: CodePlace) => Reach | undefined;

/** A host that a party's code names. */
export interface HostUse {
  readonly party: Party;
  readonly host: string;
  /** Places in the code. */
  readonly sites: number;
  /** The URLs named, each once, in the order of the code; at most `Limits.evidencePerItem`. */
  readonly urls: readonly string[];
  readonly evidence: readonly [Evidence, ...Evidence[]];
}

/** Uses of one thing by one party, being collected. */
interface Group<Key> {
  readonly party: Party;
  readonly of: Key;
  confidence: Confidence;
  sites: number;
  reach?: Reach;
  readonly evidence: Evidence[];
}

/** Uses in the code of a party, as they are collected. */
interface Use {
  readonly confidence: Confidence;
  readonly reach?: Reach | undefined;
  readonly evidence: () => Evidence;
}

/**
 * Gives every use of a sensitive API to the party whose code it is. A library's use of its own API is
 * how it is made and no access: it is left out.
 */
export function attributeAccesses(
  uses: readonly ApiUse[],
  attribution: Attribution,
  holdings: Holdings,
  rules: RuleIndex,
  limits: Limits,
  findReach: FindReach = () => undefined,
): Access[] {
  const groups = new Map<string, Group<AskedApi>>();
  const numbers = new Map<AskedApi, number>();
  for (const use of uses) {
    const partyIndex = attribution.partyOfPackage[use.packageNumber]!;
    const party = attribution.parties[partyIndex]!;
    if (isOwnApi(use.asked, party, rules)) continue;
    const number = numbers.get(use.asked) ?? numbers.size;
    numbers.set(use.asked, number);
    const stated = lowerConfidence(use.confidence, use.asked.api.confidence ?? "certain");
    // Whose code it is was inferred, where the class has lost its name.
    const isInferred = attribution.inferred[use.packageNumber] === 1;
    const confidence = isInferred ? lowerConfidence(stated, "likely") : stated;
    const collected = { confidence, reach: findReach(use.place), evidence: use.evidence };
    addTo(groups, `${partyIndex} ${number}`, party, use.asked, collected, limits);
  }
  return [...groups.values()]
    .map(({ party, of, confidence, sites, reach, evidence }): Access => {
      const { dataType, limits: found } = judgeUse(of, party, holdings);
      return {
        party,
        asked: of,
        dataType,
        confidence,
        callSites: sites,
        ...(reach === undefined ? {} : { reach }),
        evidence: evidence as [Evidence, ...Evidence[]],
        limits: found,
      };
    })
    .sort(
      (a, b) =>
        compareText(a.party.id, b.party.id) ||
        compareText(a.dataType, b.dataType) ||
        compareText(a.asked.rule.id, b.asked.rule.id) ||
        compareText(a.asked.reference, b.asked.reference),
    );
}

/** Gives every URL's host to the party whose code names it. */
export function attributeHosts(
  uses: readonly StringUse[],
  attribution: Attribution,
  rules: RuleIndex,
  limits: Limits,
): HostUse[] {
  const groups = new Map<string, Group<string>>();
  const urls = new Map<string, Set<string>>();
  // Libraries name the same few documents a thousand times.
  const hostOfText = new Map<string, string | undefined>();
  for (const use of uses) {
    if (!hostOfText.has(use.text)) hostOfText.set(use.text, findHost(use.text, rules));
    const host = hostOfText.get(use.text);
    if (host === undefined) continue;
    const partyIndex = attribution.partyOfPackage[use.packageNumber]!;
    const key = `${partyIndex} ${host}`;
    const known = urls.get(key) ?? new Set();
    urls.set(key, known);
    if (use.text !== host && known.size < limits.evidencePerItem)
      known.add(use.text.slice(0, limits.textLength));
    addTo(
      groups,
      key,
      attribution.parties[partyIndex]!,
      host,
      { confidence: "certain", evidence: () => ({ ...use.evidence(), kind: "host" }) },
      limits,
    );
  }
  return [...groups]
    .map(
      ([key, { party, of, sites, evidence }]): HostUse => ({
        party,
        host: of,
        sites,
        urls: [...urls.get(key)!],
        evidence: evidence as [Evidence, ...Evidence[]],
      }),
    )
    .sort((a, b) => compareText(a.party.id, b.party.id) || compareText(a.host, b.host));
}

function isOwnApi({ classDescriptor }: AskedApi, party: Party, rules: RuleIndex): boolean {
  return (
    classDescriptor !== undefined &&
    party.rule !== undefined &&
    rules.findOwner(classDescriptor) === party.rule
  );
}

function addTo<Key>(
  groups: Map<string, Group<Key>>,
  key: string,
  party: Party,
  of: Key,
  { confidence, reach, evidence }: Use,
  limits: Limits,
): void {
  const group = groups.get(key);
  if (group === undefined) {
    const reached = reach === undefined ? {} : { reach };
    groups.set(key, { party, of, confidence, sites: 1, ...reached, evidence: [evidence()] });
    return;
  }
  group.sites++;
  const joined = joinReach(group.reach, reach);
  const isShortest =
    joined !== undefined && joined.chain === reach?.chain && joined.chain !== group.reach?.chain;
  if (joined !== undefined) group.reach = joined;
  const isSurer =
    lowerConfidence(group.confidence, confidence) === group.confidence && group.confidence !== confidence;
  // The surest evidence first: one certain place makes the whole certain. Of equal ones, what the chain leads to.
  if (isSurer || (isShortest && group.confidence === confidence)) {
    group.confidence = confidence;
    group.evidence.unshift(evidence());
    group.evidence.length = Math.min(group.evidence.length, limits.evidencePerItem);
  } else if (group.evidence.length < limits.evidencePerItem) group.evidence.push(evidence());
}

/** The shorter of two ways, and the shorter of those before consent; of equal ones the first. */
export function joinReach(one: Reach | undefined, other: Reach | undefined): Reach | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  const { beforeConsent: _, ...shortest } = lengthOf(other) < lengthOf(one) ? other : one;
  const early = [one.beforeConsent, other.beforeConsent].flatMap((chain) => chain ?? []);
  const [first, second] = early;
  const earliest = second !== undefined && lengthOf(second) < lengthOf(first!) ? second : first;
  return { ...shortest, ...(earliest === undefined ? {} : { beforeConsent: earliest }) };
}

function lengthOf({ chain, omitted = 0 }: ReachChain): number {
  return chain.length + omitted;
}

export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
