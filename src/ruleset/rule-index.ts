import { findPrefix } from "./find-prefix.js";
import type { CompiledRule, CompiledSdkRule, Ruleset } from "./ruleset.js";
import type { Signature, SupportLibraryRule } from "./schema.js";

/** A rule that makes a party: an SDK's or a support library's. */
export type PartyRule =
  | { readonly kind: "sdk"; readonly rule: CompiledSdkRule }
  | { readonly kind: "support-library"; readonly rule: CompiledRule<SupportLibraryRule> };

/** A company, as a scan needs it. */
type Vendor = Ruleset["vendors"][number];

type SignatureKind = Signature extends infer Each ? (Each extends Each ? keyof Each : never) : never;

/**
 * The rules' signatures by what is looked up, so that matching costs what the app holds and not what
 * the rules hold.
 */
export class RuleIndex {
  readonly ruleset: Ruleset;
  readonly parties: readonly PartyRule[];
  /** Owner by class prefix (`Lcom/acme/`) or class (`Lcom/acme/Sdk;`). */
  readonly #prefixes = new Map<string, PartyRule>();
  readonly #exact = new Map<SignatureKind, Map<string, PartyRule[]>>();
  readonly #vendors: ReadonlyMap<string, Vendor>;
  readonly #filePatterns: { readonly start: string; readonly pattern: RegExp; readonly party: PartyRule }[] =
    [];

  constructor(ruleset: Ruleset) {
    this.ruleset = ruleset;
    this.#vendors = new Map(ruleset.vendors.map((vendor) => [vendor.id, vendor]));
    this.parties = [
      ...ruleset.sdks.map((rule) => ({ kind: "sdk" as const, rule })),
      ...ruleset.supportLibraries.map((rule) => ({ kind: "support-library" as const, rule })),
    ];
    for (const party of this.parties)
      for (const signature of party.rule.signatures) this.#add(party, signature);
    const byId = new Map(this.parties.map((party) => [party.rule.id, party]));
    for (const { class: descriptor, party } of ruleset.componentClasses)
      this.#prefixes.set(descriptor, byId.get(party)!);
  }

  #add(party: PartyRule, signature: Signature): void {
    for (const key in signature) {
      const kind = key as SignatureKind;
      const value = (signature as Record<string, string>)[kind]!;
      if (kind === "class-prefix") this.#prefixes.set(value, party);
      else if (kind === "file" && value.includes("*"))
        this.#filePatterns.push({
          start: value.slice(0, value.indexOf("*")),
          pattern: globPattern(value),
          party,
        });
      else this.#addExact(kind, value, party);
    }
  }

  #addExact(kind: SignatureKind, value: string, party: PartyRule): void {
    let values = this.#exact.get(kind);
    if (values === undefined) this.#exact.set(kind, (values = new Map()));
    const parties = values.get(value);
    if (parties === undefined) values.set(value, [party]);
    else parties.push(party);
  }

  /**
   * The owner of a package (`Lcom/acme/sdk/`) or class (`Lcom/acme/Sdk;`): the longest prefix of all
   * rules. An inner class is its outermost class's.
   */
  findOwner(name: string): PartyRule | undefined {
    const dollar = name.endsWith(";") ? name.indexOf("$", name.lastIndexOf("/") + 2) : -1;
    return findPrefix(dollar < 0 ? name : `${name.slice(0, dollar)};`, this.#prefixes);
  }

  /** The vendor of an id that a rule names. */
  findVendor(id: string): Vendor | undefined {
    return this.#vendors.get(id);
  }

  /** The company at the top of those that own a vendor, where it is another. */
  findParent({ id, parent }: Vendor): Vendor | undefined {
    let top: Vendor | undefined;
    for (let next = parent; next !== undefined && next !== id; next = top?.parent)
      top = this.#vendors.get(next);
    return top;
  }

  /** Classes that have an owner of their own, apart from their package. */
  classesApart(): string[] {
    return [...this.#prefixes.keys()].filter((prefix) => prefix.endsWith(";"));
  }

  /** The parties that a value of a kind is a witness for; of files, those named without a pattern. */
  findWitnessed(kind: Exclude<SignatureKind, "class-prefix">, value: string): readonly PartyRule[] {
    return this.#exact.get(kind)?.get(value) ?? [];
  }

  /** The parties that a host, or a domain above it, is an endpoint of. */
  findHostOwners(host: string): readonly PartyRule[] {
    const hosts = this.#exact.get("host");
    for (let name = host; ; name = name.slice(name.indexOf(".") + 1)) {
      const owners = hosts?.get(name);
      if (owners !== undefined) return owners;
      if (!name.includes(".")) return [];
    }
  }

  /** The parties with a `file` signature whose pattern fits a name. */
  findByFilePattern(name: string): readonly PartyRule[] {
    return this.#filePatterns.filter(({ pattern }) => pattern.test(name)).map(({ party }) => party);
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

/** `*` stands for any characters but a slash. */
function globPattern(glob: string): RegExp {
  return new RegExp(`^${glob.split("*").map(escapePattern).join("[^/]*")}$`);
}

function escapePattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
