import type { CompiledRule, Ruleset } from "./ruleset.js";
import type { SdkRule, Signature, SupportLibraryRule } from "./schema.js";

/** A rule that makes a party: an SDK's or a support library's. */
export type PartyRule =
  | { readonly kind: "sdk"; readonly rule: CompiledRule<SdkRule> }
  | { readonly kind: "support-library"; readonly rule: CompiledRule<SupportLibraryRule> };

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
  readonly #filePatterns: { readonly pattern: RegExp; readonly party: PartyRule }[] = [];

  constructor(ruleset: Ruleset) {
    this.ruleset = ruleset;
    this.parties = [
      ...ruleset.sdks.map((rule) => ({ kind: "sdk" as const, rule })),
      ...ruleset.supportLibraries.map((rule) => ({ kind: "support-library" as const, rule })),
    ];
    for (const party of this.parties) for (const signature of party.rule.signatures) this.#add(party, signature);
    // A component that a signature names is that party's class, whatever package it stands in.
    for (const [name, owners] of this.#exact.get("component") ?? []) {
      const descriptor = `L${name.replaceAll(".", "/")};`;
      if (owners.length === 1 && this.findOwner(descriptor) === undefined) this.#prefixes.set(descriptor, owners[0]!);
    }
  }

  #add(party: PartyRule, signature: Signature): void {
    for (const [kind, value] of Object.entries(signature) as [SignatureKind, string][]) {
      if (kind === "class-prefix") this.#prefixes.set(value, party);
      else if (kind === "file" && value.includes("*")) this.#filePatterns.push({ pattern: globPattern(value), party });
      else {
        const values = this.#exact.get(kind) ?? new Map<string, PartyRule[]>();
        this.#exact.set(kind, values);
        values.set(value, [...(values.get(value) ?? []), party]);
      }
    }
  }

  /** The owner of a package (`Lcom/acme/sdk/`) or class (`Lcom/acme/Sdk;`): the longest prefix, whole segments only. */
  findOwner(name: string): PartyRule | undefined {
    const exact = this.#prefixes.get(name);
    if (exact !== undefined) return exact;
    for (let slash = name.lastIndexOf("/", name.length - 2); slash > 0; slash = name.lastIndexOf("/", slash - 1)) {
      const owner = this.#prefixes.get(name.slice(0, slash + 1));
      if (owner !== undefined) return owner;
    }
    return undefined;
  }

  /** Classes that have an owner of their own, apart from their package. */
  classesApart(): string[] {
    return [...this.#prefixes.keys()].filter((prefix) => prefix.endsWith(";"));
  }

  /** The parties that a value of a kind is a witness for. */
  findWitnessed(kind: Exclude<SignatureKind, "class-prefix">, value: string): readonly PartyRule[] {
    const exact = this.#exact.get(kind)?.get(value) ?? [];
    if (kind !== "file" || this.#filePatterns.length === 0) return exact;
    return [...exact, ...this.#filePatterns.filter(({ pattern }) => pattern.test(value)).map(({ party }) => party)];
  }

  /** All values of a kind that some rule asks for. */
  valuesOf(kind: Exclude<SignatureKind, "class-prefix">): Iterable<string> {
    return this.#exact.get(kind)?.keys() ?? [];
  }
}

/** `*` stands for any characters but a slash. */
function globPattern(glob: string): RegExp {
  const escaped = glob.split("*").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${escaped.join("[^/]*")}$`);
}
