import type { RuleIndex } from "./rule-index.js";
import type { Ruleset } from "./ruleset.js";
import type { Signature } from "./schema.js";

type ApiRules = Ruleset["apis"][number];

/** Rules that say nothing. */
const NO_RULES: Ruleset = {
  rulesVersion: "",
  vendors: [],
  sdks: [],
  supportLibraries: [],
  apis: [],
  dataTypes: [],
  permissions: [],
  componentClasses: [],
};

/**
 * The rules of parties and of APIs that only one of two sets has, and both versions of those that they have otherwise: an
 * app which none of these can meet is judged alike by both.
 *
 * @returns `undefined` where they differ in what is not met by itself: data types and which is what is left of which,
 *   permissions, who owns an API, content URIs, an order
 */
export function compareRules(before: RuleIndex, after: RuleIndex): Ruleset | undefined {
  const [old, now] = [before.ruleset, after.ruleset];
  const isSameOfAll =
    isSame(old.dataTypes, now.dataTypes) &&
    isSame(old.permissions, now.permissions) &&
    isSame(before.extendingPermissions, after.extendingPermissions) &&
    isSame(listCoarser(old), listCoarser(now)) &&
    isSame(apiOwners(before, after), apiOwners(after, before));
  if (!isSameOfAll) return undefined;
  const parties = compareLists(listParties(before), listParties(after));
  const apis = compareLists(listApis(old), listApis(now));
  if (parties === undefined || apis === undefined) return undefined;
  // Of URIs the longest counts, and they are not looked for by name.
  const hasUri = ({ id, apis: own }: ApiRules) =>
    apis.has(id) && own.some((api) => api["content-uri"] !== undefined);
  if ([...old.apis, ...now.apis].some(hasUri)) return undefined;
  const hosts = [old, now].flatMap((rules) => listHosts(rules, (key) => parties.has(key)));
  for (const rules of [old, now]) for (const key of findAbove(rules, hosts)) parties.add(key);
  const isChanged = (kind: string) => (rule: { readonly id: string }) => parties.has(`${kind} ${rule.id}`);
  const changed = [old, now].map((rules) => ({
    sdks: rules.sdks.filter(isChanged("sdk")),
    supportLibraries: rules.supportLibraries.filter(isChanged("support-library")),
    apis: rules.apis.filter(({ id }) => apis.has(id)),
    componentClasses: rules.componentClasses,
  }));
  const ids = new Set(
    changed.flatMap(({ sdks, supportLibraries }) => [...sdks, ...supportLibraries].map(({ id }) => id)),
  );
  return {
    ...NO_RULES,
    sdks: changed.flatMap(({ sdks }) => sdks),
    supportLibraries: changed.flatMap(({ supportLibraries }) => supportLibraries),
    apis: changed.flatMap((rules) => rules.apis),
    // A party has these classes by what other rules leave uncovered, too.
    componentClasses: changed.flatMap(({ componentClasses }) =>
      componentClasses.filter(({ party }) => ids.has(party)),
    ),
  };
}

/** Rules as text, by id. */
type Texts = ReadonlyMap<string, string>;

/** A party's rule with all that its results say of it: its vendor, who owns that one, the classes that the manifest tells. */
function listParties(index: RuleIndex): Texts {
  const { componentClasses } = index.ruleset;
  return new Map(
    index.parties.map(({ kind, rule }) => {
      const vendor = rule.vendor === undefined ? undefined : index.findVendor(rule.vendor);
      const owners = vendor === undefined ? [] : [vendor, ...index.findOwners(vendor)];
      const classes = componentClasses.filter(({ party }) => party === rule.id);
      return [`${kind} ${rule.id}`, JSON.stringify([rule, owners, classes])];
    }),
  );
}

function listApis({ apis }: Ruleset): Texts {
  return new Map(apis.map((rule) => [rule.id, JSON.stringify(rule)]));
}

/** Ids of what is not the same in both; `undefined` where the order of the others is another. */
function compareLists(before: Texts, after: Texts): Set<string> | undefined {
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

/** Hosts of the parties asked for, by the keys of {@link listParties}. */
function listHosts(rules: Ruleset, isAsked: (key: string) => boolean): string[] {
  return listSignatures(rules).flatMap(([key, signatures]) =>
    isAsked(key) ? signatures.flatMap((one) => ("host" in one ? [one.host] : [])) : [],
  );
}

/** Parties with a host above one of those: of hosts the longest counts, so that one takes away from another. */
function findAbove(rules: Ruleset, hosts: readonly string[]): string[] {
  const isAbove = (one: Signature) => "host" in one && hosts.some((host) => host.endsWith(`.${one.host}`));
  return listSignatures(rules).flatMap(([key, signatures]) => (signatures.some(isAbove) ? [key] : []));
}

function listSignatures({
  sdks,
  supportLibraries,
}: Ruleset): [key: string, signatures: readonly Signature[]][] {
  return [
    ...sdks.map(({ id, signatures }): [string, readonly Signature[]] => [`sdk ${id}`, signatures]),
    ...supportLibraries.map(({ id, signatures }): [string, readonly Signature[]] => [
      `support-library ${id}`,
      signatures,
    ]),
  ];
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
