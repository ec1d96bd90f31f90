import type { PartyRule } from "./compiled-rules.js";
import type { RuleIndex } from "./rule-index.js";
import type { Ruleset } from "./ruleset.js";

/**
 * The rules of parties, of APIs and of hand-overs that only one of two sets has, and both versions of those that they have otherwise: an
 * app which none of these can meet is judged alike by both.
 *
 * @returns `undefined` where they differ in what is not met by itself: data types and which is what is left of which,
 *   permissions, blind spots, who owns an API, content URIs, an order
 */
export function compareRules(before: RuleIndex, after: RuleIndex): Ruleset | undefined {
  const [old, now] = [before.ruleset, after.ruleset];
  const isSameOfAll =
    isSame(old.dataTypes, now.dataTypes) &&
    isSame(old.permissions, now.permissions) &&
    isSame(old.blindSpots, now.blindSpots) &&
    isSame(before.extendingPermissions, after.extendingPermissions) &&
    isSame(listCoarser(old), listCoarser(now)) &&
    isSame(apiOwners(before, after), apiOwners(after, before));
  if (!isSameOfAll) return undefined;
  const parties = compareLists(listParties(before), listParties(after));
  const apis = compareLists(listRules(old.apis), listRules(now.apis));
  const handOvers = compareLists(listRules(old.handOvers), listRules(now.handOvers));
  if (parties === undefined || apis === undefined || handOvers === undefined) return undefined;
  // Of URIs the longest counts, and they are not looked for by name.
  const hasUri = (rule: Ruleset["apis"][number]) => rule.apis.some((api) => api["content-uri"] !== undefined);
  const changedApis = [...old.apis, ...now.apis].filter(({ id }) => apis.has(id));
  if (changedApis.some(hasUri)) return undefined;
  const all = [...before.parties, ...after.parties];
  // Of hosts, too: one takes away from another that lies above it.
  const hosts = all.filter((party) => parties.has(keyOf(party))).flatMap(hostsOf);
  const isAbove = (host: string) => hosts.some((changed) => changed.endsWith(`.${host}`));
  const changed = all.filter((party) => parties.has(keyOf(party)) || hostsOf(party).some(isAbove));
  const ids = new Set(changed.map(({ rule }) => rule.id));
  return {
    rulesVersion: "",
    vendors: [],
    sdks: changed.flatMap((party) => (party.kind === "sdk" ? [party.rule] : [])),
    supportLibraries: changed.flatMap((party) => (party.kind === "sdk" ? [] : [party.rule])),
    apis: changedApis,
    handOvers: [...old.handOvers, ...now.handOvers].filter(({ id }) => handOvers.has(id)),
    blindSpots: [],
    dataTypes: [],
    permissions: [],
    // A party has these classes by what other rules leave uncovered, too.
    componentClasses: [...old.componentClasses, ...now.componentClasses].filter(({ party }) =>
      ids.has(party),
    ),
  };
}

function keyOf({ kind, rule }: PartyRule): string {
  return `${kind} ${rule.id}`;
}

function hostsOf({ rule }: PartyRule): string[] {
  return rule.signatures.flatMap((signature) => ("host" in signature ? [signature.host] : []));
}

/** Rules as text, by id. */
type Texts = ReadonlyMap<string, string>;

/** A party's rule with all that its results say of it: its vendor, who owns that one, the classes that the manifest tells. */
function listParties(index: RuleIndex): Texts {
  const { componentClasses } = index.ruleset;
  return new Map(
    index.parties.map((party) => {
      const { rule } = party;
      const vendor = rule.vendor === undefined ? undefined : index.findVendor(rule.vendor);
      const owners = vendor === undefined ? [] : [vendor, ...index.findOwners(vendor)];
      const classes = componentClasses.filter((one) => one.party === rule.id);
      return [keyOf(party), JSON.stringify([rule, owners, classes])];
    }),
  );
}

function listRules(rules: readonly { readonly id: string }[]): Texts {
  return new Map(rules.map((rule) => [rule.id, JSON.stringify(rule)]));
}

/** Ids of what is not the same in both; `undefined` where the order of the others is another. */
function compareLists(before: Texts, after: Texts): ReadonlySet<string> | undefined {
  const isKept = (id: string) => before.get(id) === after.get(id);
  const [old, now] = [before, after].map((texts) => [...texts.keys()]) as [string[], string[]];
  if (!isSame(old.filter(isKept), now.filter(isKept))) return undefined;
  return new Set([...old, ...now].filter((id) => !isKept(id)));
}

/** Data types that are what is left of others: the coarser one is not told where the finer one is, whoever reads it. */
function listCoarser({ apis }: Ruleset): string[] {
  const pairs = apis.flatMap((rule) => {
    const coarser = rule["degrades-to"]?.["data-type"];
    return coarser === undefined ? [] : [`${rule["data-type"]} ${coarser}`];
  });
  return [...new Set(pairs)].sort();
}

/** Who owns the classes of APIs: what a party's own code does with its own API is no access. */
function apiOwners(index: RuleIndex, other: RuleIndex): (string | undefined)[] {
  const references = [...index.apis, ...other.apis].flatMap(({ apis }) =>
    apis.flatMap((api) => api.method ?? api.field ?? api.override ?? []),
  );
  const classes = [...new Set(references.map((reference) => reference.slice(0, reference.indexOf("->"))))];
  return classes.sort().map((descriptor) => index.findOwner(descriptor)?.rule.id);
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
