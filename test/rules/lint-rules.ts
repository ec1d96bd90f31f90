import type { PlacedRule } from "../../src/ruleset/compile-ruleset.js";
import type { SdkRule, SupportLibraryRule, Vendor } from "../../src/ruleset/index.js";

/** What the checks look names up in; `lint-lists.yaml` and `nested-prefixes.yaml`. */
export interface LintLists {
  /** Package roots that hold several products, or several companies' code. */
  readonly sharedRoots: readonly string[];
  /** One-segment packages that a single project uses. */
  readonly oneSegmentPrefixes: readonly string[];
  readonly sharedNativeLibraries: readonly string[];
  /** Hosts that anybody's code names; each stands for its subdomains too where it starts with a dot. */
  readonly sharedHosts: readonly string[];
  readonly nested: readonly NestedPrefixes[];
}

/** Two rules, one of which has code in the other's packages, and why that is meant. */
export interface NestedPrefixes {
  readonly inner: string;
  readonly outer: string;
  readonly why: string;
}

type PartyFile = {
  readonly path: string;
  readonly kind: string;
  readonly rule: SdkRule | SupportLibraryRule;
};

/** One complaint a mistake, each with what to do; empty when the rules are in order. */
export function lintRules(placed: readonly PlacedRule[], lists: LintLists): string[] {
  const parties = placed.flatMap(({ path, file }): PartyFile[] =>
    file.kind === "sdk" || file.kind === "support-library"
      ? [{ path, kind: file.kind, rule: file.rule }]
      : [],
  );
  const vendors = placed.flatMap(({ path, file }) =>
    file.kind === "vendor" ? [{ path, vendor: file.rule }] : [],
  );
  return [
    ...parties.flatMap((party) => checkPrefixes(party, lists)),
    ...parties.flatMap((party) => checkNames(party, lists)),
    ...parties.flatMap(checkWords),
    ...checkNesting(parties, lists.nested),
    ...checkSharedWitnesses(parties),
    ...checkVendors(vendors, parties),
  ];
}

/** The values of one kind of signature. */
function valuesOf(rule: PartyFile["rule"], kind: string): string[] {
  return rule.signatures.flatMap((signature) => {
    const value = (signature as Record<string, string | undefined>)[kind];
    return value === undefined ? [] : [value];
  });
}

function checkPrefixes({ path, rule }: PartyFile, lists: LintLists): string[] {
  return valuesOf(rule, "class-prefix").flatMap((prefix) => {
    if (lists.sharedRoots.includes(prefix)) {
      return [`${path}: ${prefix} holds more than this product. Name the product's own packages below it.`];
    }
    const isOneSegment = prefix.indexOf("/") === prefix.length - 1;
    if (isOneSegment && !lists.oneSegmentPrefixes.includes(prefix)) {
      return [
        `${path}: ${prefix} is a single word, which others may use. Name packages below it, or add it to lint-lists.yaml if one project alone uses it.`,
      ];
    }
    if (prefix.endsWith(";") && prefix.includes("$")) {
      return [`${path}: ${prefix} names an inner class, which goes with its outermost one. Remove it.`];
    }
    return [];
  });
}

function checkNames({ path, rule }: PartyFile, lists: LintLists): string[] {
  const libraries = valuesOf(rule, "native-library")
    .filter((name) => lists.sharedNativeLibraries.includes(name))
    .map((name) => `${path}: ${name} is a name that many libraries have. Remove it.`);
  const hosts = valuesOf(rule, "host")
    .filter((host) => isSharedHost(host, lists.sharedHosts))
    .map((host) => `${path}: ${host} is named in anybody's code. Give the SDK's own endpoint, or none.`);
  const pages = valuesOf(rule, "host")
    .filter((host) => /^(www|docs?|support|help|developers?|blog)\./.test(host))
    .map((host) => `${path}: ${host} looks like pages to read. Give the SDK's own endpoint, or none.`);
  return [...libraries, ...hosts, ...pages];
}

function isSharedHost(host: string, shared: readonly string[]): boolean {
  return shared.some((name) => (name.startsWith(".") ? `.${host}`.endsWith(name) : host === name));
}

/** A note is read in a report; what a rule leaves out concerns its authors. */
const AUTHORS_WORDS = /\b(left out|not claimed|no witness|has (its|a) rule|rules of (their|its) own)\b/i;

function checkWords({ path, kind, rule }: PartyFile): string[] {
  const note =
    rule.note !== undefined && AUTHORS_WORDS.test(rule.note)
      ? [`${path}: the note speaks to the rule's authors. Say it in a YAML comment.`]
      : [];
  const switches = kind === "sdk" ? ((rule as SdkRule).switches ?? []) : [];
  const unsourced = switches
    .filter((item) => item.source === undefined)
    .map(
      (item) =>
        `${path}: the switch ${"meta-data" in item ? item["meta-data"] : item.method} has no source. Cite the vendor's page or code.`,
    );
  return [...note, ...unsourced];
}

/** Whose package a class or package stands in: the longest prefix that is not itself. */
function findOuter(name: string, owners: ReadonlyMap<string, PartyFile>): PartyFile | undefined {
  for (let end = name.lastIndexOf("/", name.length - 2); end > 0; end = name.lastIndexOf("/", end - 1)) {
    const owner = owners.get(name.slice(0, end + 1));
    if (owner !== undefined) return owner;
  }
  return undefined;
}

function checkNesting(parties: readonly PartyFile[], nested: readonly NestedPrefixes[]): string[] {
  const owners = new Map(
    parties.flatMap((party) =>
      valuesOf(party.rule, "class-prefix").map((prefix) => [prefix, party] as const),
    ),
  );
  const complaints: string[] = [];
  const seen = new Set<string>();
  for (const party of parties) {
    const inside = (name: string, what: string) => {
      const outer = findOuter(name, owners);
      if (outer === undefined || outer === party) return;
      const pair = `${party.rule.id} in ${outer.rule.id}`;
      const isMeant = nested.some((item) => `${item.inner} in ${item.outer}` === pair);
      if (!isMeant && !seen.has(pair)) {
        complaints.push(
          `${party.path}: ${what} stands in a package of ${outer.rule.id}. If that is meant, add the pair to nested-prefixes.yaml and say why.`,
        );
      }
      seen.add(pair);
    };
    for (const prefix of valuesOf(party.rule, "class-prefix")) {
      inside(prefix, prefix);
      if (findOuter(prefix, owners) === party) {
        complaints.push(`${party.path}: ${prefix} is below another prefix of this rule. Remove it.`);
      }
    }
    for (const name of valuesOf(party.rule, "component")) inside(`L${name.replaceAll(".", "/")};`, name);
  }
  const stale = nested
    .filter(({ inner, outer }) => !seen.has(`${inner} in ${outer}`))
    .map(({ inner, outer }) => `nested-prefixes.yaml: nothing of ${inner} is in ${outer}. Remove the pair.`);
  return [...complaints, ...stale];
}

/** A name that two rules give proves neither. */
function checkSharedWitnesses(parties: readonly PartyFile[]): string[] {
  const kinds = [
    "component",
    "authority",
    "meta-data",
    "defines-permission",
    "native-library",
    "file",
    "string",
    "host",
  ];
  const owners = new Map<string, PartyFile>();
  const complaints: string[] = [];
  for (const party of parties) {
    for (const kind of kinds) {
      for (const value of new Set(valuesOf(party.rule, kind))) {
        const earlier = owners.get(`${kind} ${value}`);
        if (earlier === undefined) owners.set(`${kind} ${value}`, party);
        else {
          complaints.push(
            `${party.path}: the ${kind} ${value} is also in ${earlier.rule.id}. Leave it to the rule whose code it is.`,
          );
        }
      }
    }
  }
  return complaints;
}

function checkVendors(
  vendors: readonly { readonly path: string; readonly vendor: Vendor }[],
  parties: readonly PartyFile[],
): string[] {
  const used = new Set([
    ...parties.map(({ rule }) => rule.vendor),
    ...vendors.map(({ vendor }) => vendor.parent),
  ]);
  return vendors.flatMap(({ path, vendor }) => {
    const broad = (vendor["own-apps"] ?? []).filter((prefix) => !prefix.includes("."));
    return [
      ...(vendor.site === undefined
        ? [`${path}: no site. Give the company's own, so that a reader can look.`]
        : []),
      ...(used.has(vendor.id) ? [] : [`${path}: no rule names this vendor. Remove the file.`]),
      ...broad.map((prefix) => `${path}: own-apps ${prefix} is a single word. Give at least two segments.`),
    ];
  });
}
