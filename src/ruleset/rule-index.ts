import {
  CompiledRules,
  type CompiledVendor,
  type PartyRule,
  renderCompiledRules,
  type SignatureKind,
} from "./compiled-rules.js";
import { findPrefix } from "./find-prefix.js";
import { neededPermissions } from "./needed-permissions.js";
import type { Ruleset } from "./ruleset.js";

/** Names whose owners are kept: those of some large apps. */
const MOST_OWNERS = 1 << 14;

type PermissionRule = Ruleset["permissions"][number];

/**
 * The rules' signatures by what is looked up, so that matching costs what the app holds and not what
 * the rules hold.
 */
export class RuleIndex {
  readonly compiled: CompiledRules;
  readonly parties: readonly PartyRule[];
  /** Owner by class prefix (`Lcom/acme/`) or class (`Lcom/acme/Sdk;`). */
  readonly #prefixes = new Map<string, PartyRule>();
  /** Answers of {@link findOwner}, as many as are worth their room; `null` where there is none. */
  readonly #owners = new Map<string, PartyRule | null>();
  /** Parties by value; a list only where several have it, which is rare. */
  readonly #exact = new Map<SignatureKind, Map<string, PartyRule | PartyRule[]>>();
  readonly #filePatterns: FilePattern[] = [];
  readonly rulesVersion: string;
  readonly apis: Ruleset["apis"];
  readonly handOvers: Ruleset["handOvers"];
  readonly blindSpots: Ruleset["blindSpots"];
  readonly permissions: Ruleset["permissions"];
  #ruleset: Ruleset | undefined;
  #permissionsByName: ReadonlyMap<string, PermissionRule> | undefined;
  #extendingPermissions: readonly PermissionRule[] | undefined;

  constructor(rules: Ruleset | CompiledRules) {
    this.compiled = rules instanceof CompiledRules ? rules : new CompiledRules(renderCompiledRules(rules));
    this.parties = this.compiled.parties;
    const { signatures, rulesVersion, apis, handOvers, blindSpots, permissions } = this.compiled.header;
    this.rulesVersion = rulesVersion;
    this.apis = apis;
    this.handOvers = handOvers;
    this.blindSpots = blindSpots;
    this.permissions = permissions;
    for (const kind in signatures) {
      const { values, owners } = signatures[kind as SignatureKind]!;
      values.forEach((value, index) => {
        this.#add(kind as SignatureKind, value, this.parties[owners[index]!]!);
      });
    }
  }

  /** All rules, read: for who looks at more than an app's own. */
  get ruleset(): Ruleset {
    return (this.#ruleset ??= this.compiled.toRuleset());
  }

  /** What the rules know of a permission. */
  findPermission(name: string): PermissionRule | undefined {
    this.#permissionsByName ??= new Map(this.permissions.map((rule) => [rule.name, rule]));
    return this.#permissionsByName.get(name);
  }

  /** Permissions that open a data type and that no API needs by name: they only extend others. */
  get extendingPermissions(): readonly PermissionRule[] {
    this.#extendingPermissions ??= this.#findExtendingPermissions();
    return this.#extendingPermissions;
  }

  #findExtendingPermissions(): PermissionRule[] {
    const needed = new Set(
      this.apis.flatMap((rule) => rule.apis.flatMap((api) => neededPermissions(rule, api))),
    );
    return this.permissions.filter(({ name, opens }) => opens !== undefined && !needed.has(name));
  }

  #add(kind: SignatureKind, value: string, party: PartyRule): void {
    if (kind === "class-prefix") this.#prefixes.set(value, party);
    else if (kind === "file" && value.includes("*")) this.#filePatterns.push(new FilePattern(value, party));
    else this.#addExact(kind, value, party);
  }

  #addExact(kind: SignatureKind, value: string, party: PartyRule): void {
    let values = this.#exact.get(kind);
    if (values === undefined) this.#exact.set(kind, (values = new Map()));
    const parties = values.get(value);
    if (parties === undefined) values.set(value, party);
    else if (Array.isArray(parties)) parties.push(party);
    else values.set(value, [parties, party]);
  }

  /**
   * The owner of a package (`Lcom/acme/sdk/`) or class (`Lcom/acme/Sdk;`): the longest prefix of all
   * rules. An inner class is its outermost class's.
   */
  findOwner(name: string): PartyRule | undefined {
    const known = this.#owners.get(name);
    if (known !== undefined) return known === null ? undefined : known;
    const dollar = name.endsWith(";") ? name.indexOf("$", name.lastIndexOf("/") + 2) : -1;
    const owner = findPrefix(dollar < 0 ? name : `${name.slice(0, dollar)};`, this.#prefixes);
    // Every stage asks for the same names, and so do most apps.
    if (this.#owners.size >= MOST_OWNERS) this.#owners.clear();
    this.#owners.set(name, owner ?? null);
    return owner;
  }

  /** The vendor of an id that a rule names. */
  findVendor(id: string): CompiledVendor | undefined {
    return this.compiled.findVendor(id);
  }

  /** The companies that own a vendor, nearest first: its parent, its parent's parent. */
  findOwners({ id, parent }: CompiledVendor): CompiledVendor[] {
    const owners: CompiledVendor[] = [];
    for (let next = parent; next !== undefined && next !== id; next = owners.at(-1)!.parent) {
      const owner = this.findVendor(next);
      if (owner === undefined || owners.includes(owner)) break;
      owners.push(owner);
    }
    return owners;
  }

  /** The company at the top of those that own a vendor, where it is another. */
  findParent(vendor: CompiledVendor): CompiledVendor | undefined {
    return this.findOwners(vendor).at(-1);
  }

  /** The party that has exactly this prefix, `Lcom/acme/`. */
  findPrefixOwner(prefix: string): PartyRule | undefined {
    return this.#prefixes.get(prefix);
  }

  /** Vendors that build the app of an application id themselves. */
  findBuilders(applicationId: string): string[] {
    return this.compiled.header.ownApps.flatMap(([vendor, prefixes]) =>
      prefixes.some((prefix) => applicationId === prefix || applicationId.startsWith(`${prefix}.`))
        ? [vendor]
        : [],
    );
  }

  /** Classes that have an owner of their own, apart from their package. */
  classesApart(): string[] {
    return [...this.#prefixes.keys()].filter((prefix) => prefix.endsWith(";"));
  }

  /** The parties that a value of a kind is a witness for; of files, those named without a pattern. */
  findWitnessed(kind: Exclude<SignatureKind, "class-prefix">, value: string): readonly PartyRule[] {
    return listOf(this.#exact.get(kind)?.get(value));
  }

  /** The parties that a host, or a domain above it, is an endpoint of. */
  findHostOwners(host: string): readonly PartyRule[] {
    const hosts = this.#exact.get("host");
    for (let name = host; ; name = name.slice(name.indexOf(".") + 1)) {
      const owners = hosts?.get(name);
      if (owners !== undefined || !name.includes(".")) return listOf(owners);
    }
  }

  /** The parties with a `file` signature whose pattern fits a name. */
  findByFilePattern(name: string): readonly PartyRule[] {
    return this.#filePatterns.filter((file) => file.fits(name)).map(({ party }) => party);
  }

  /** What the name of every entry that can be a witness fits, but for files that are named in full. */
  entryNamePattern(): RegExp {
    const starts = this.#filePatterns.map(({ start }) => escapePattern(start));
    return new RegExp(`^(?:${["lib/", ...starts].join("|")})`);
  }

  /** All values of a kind that some rule asks for. */
  valuesOf(kind: Exclude<SignatureKind, "class-prefix">): Iterable<string> {
    return this.#exact.get(kind)?.keys() ?? [];
  }
}

/** A `file` of a rule with a pattern, which is made when a name begins as it does. */
class FilePattern {
  readonly start: string;
  readonly party: PartyRule;
  readonly #glob: string;
  #pattern: RegExp | undefined;

  constructor(glob: string, party: PartyRule) {
    this.start = glob.slice(0, glob.indexOf("*"));
    this.party = party;
    this.#glob = glob;
  }

  fits(name: string): boolean {
    return name.startsWith(this.start) && (this.#pattern ??= globPattern(this.#glob)).test(name);
  }
}

function listOf(parties: PartyRule | PartyRule[] | undefined): readonly PartyRule[] {
  return parties === undefined ? [] : Array.isArray(parties) ? parties : [parties];
}

/** The pattern of a `file` in a rule: `*` stands for any characters but a slash. */
export function globPattern(glob: string): RegExp {
  return new RegExp(`^${glob.split("*").map(escapePattern).join("[^/]*")}$`);
}

function escapePattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
