import type { CompiledRule, CompiledSdkRule, Ruleset } from "./ruleset.js";
import type { Signature, SupportLibraryRule } from "./schema.js";

/** A rule that makes a party: an SDK's or a support library's. */
export type PartyRule =
  | { readonly kind: "sdk"; readonly rule: CompiledSdkRule }
  | { readonly kind: "support-library"; readonly rule: CompiledRule<SupportLibraryRule> };

export type SignatureKind = Signature extends infer Each ? (Each extends Each ? keyof Each : never) : never;

/** A company, as a scan needs it. */
export type CompiledVendor = Ruleset["vendors"][number];

/** Values of one kind of signature, and the index of the party that each is a witness for. */
interface CompiledSignatures {
  readonly values: readonly string[];
  readonly owners: readonly number[];
}

/** First line of the compiled file: what every scan looks up. The lines after it are parties, then vendors. */
interface Header
  extends Pick<
    Ruleset,
    "rulesVersion" | "apis" | "handOvers" | "blindSpots" | "dataTypes" | "permissions" | "componentClasses"
  > {
  readonly sdkCount: number;
  readonly partyIds: readonly string[];
  readonly vendorIds: readonly string[];
  /** Ids of vendors that build apps of their own, with the application ids. */
  readonly ownApps: readonly (readonly [vendor: string, prefixes: readonly string[]])[];
  readonly signatures: Readonly<Partial<Record<SignatureKind, CompiledSignatures>>>;
}

/**
 * Rules as a scan uses them: signatures ready to be looked up, and the rules themselves read when a party is
 * met. A scan meets a few of hundreds, and parsing all would take most of the time of loading.
 */
export class CompiledRules {
  readonly header: Header;
  readonly parties: readonly PartyRule[];
  readonly #vendorLines: ReadonlyMap<string, string>;
  readonly #vendors = new Map<string, CompiledVendor>();

  constructor(text: string) {
    const lines = text.split("\n");
    const header = JSON.parse(lines[0]!) as Header;
    const { partyIds, vendorIds, sdkCount } = header;
    this.header = header;
    this.parties = partyIds.map((id, index) => {
      const kind = index < sdkCount ? "sdk" : "support-library";
      return new LazyParty(kind, id, lines[1 + index]!) as unknown as PartyRule;
    });
    const start = 1 + partyIds.length;
    this.#vendorLines = new Map(vendorIds.map((id, index) => [id, lines[start + index]!]));
  }

  /** The vendor of an id that a rule names. */
  findVendor(id: string): CompiledVendor | undefined {
    const known = this.#vendors.get(id);
    if (known !== undefined) return known;
    const line = this.#vendorLines.get(id);
    if (line === undefined) return undefined;
    const vendor = JSON.parse(line) as CompiledVendor;
    this.#vendors.set(id, vendor);
    return vendor;
  }

  /** All rules, read. */
  toRuleset(): Ruleset {
    const { rulesVersion, apis, handOvers, blindSpots, dataTypes, permissions, componentClasses, vendorIds } =
      this.header;
    const rulesOf = (kind: PartyRule["kind"]) =>
      this.parties.filter((party) => party.kind === kind).map(({ rule }) => rule);
    return {
      rulesVersion,
      vendors: vendorIds.map((id) => this.findVendor(id)!),
      sdks: rulesOf("sdk") as CompiledSdkRule[],
      supportLibraries: rulesOf("support-library") as CompiledRule<SupportLibraryRule>[],
      apis,
      handOvers,
      blindSpots,
      dataTypes,
      permissions,
      componentClasses,
    };
  }
}

/** A party's rule, read when it is asked for. */
class LazyParty {
  readonly kind: PartyRule["kind"];
  readonly id: string;
  readonly #line: string;
  #rule: PartyRule["rule"] | undefined;

  constructor(kind: PartyRule["kind"], id: string, line: string) {
    this.kind = kind;
    this.id = id;
    this.#line = line;
  }

  get rule(): PartyRule["rule"] {
    return (this.#rule ??= JSON.parse(this.#line) as PartyRule["rule"]);
  }
}

/**
 * The text that {@link CompiledRules} reads: JSON, a line each, no line of which holds a line's end. ASCII
 * alone, so that it is read without decoding.
 */
export function renderCompiledRules(ruleset: Ruleset): string {
  const parties = [...ruleset.sdks, ...ruleset.supportLibraries];
  const signatures: Partial<Record<SignatureKind, { values: string[]; owners: number[] }>> = {};
  const add = (kind: SignatureKind, value: string, owner: number) => {
    const list = (signatures[kind] ??= { values: [], owners: [] });
    list.values.push(value);
    list.owners.push(owner);
  };
  parties.forEach((rule, owner) => {
    for (const signature of rule.signatures)
      for (const [kind, value] of Object.entries(signature)) add(kind as SignatureKind, value, owner);
  });
  const indexOf = new Map(parties.map(({ id }, index) => [id, index]));
  for (const { class: descriptor, party } of ruleset.componentClasses)
    add("class-prefix", descriptor, indexOf.get(party)!);
  const header: Header = {
    rulesVersion: ruleset.rulesVersion,
    apis: ruleset.apis,
    handOvers: ruleset.handOvers,
    blindSpots: ruleset.blindSpots,
    dataTypes: ruleset.dataTypes,
    permissions: ruleset.permissions,
    componentClasses: ruleset.componentClasses,
    sdkCount: ruleset.sdks.length,
    partyIds: parties.map(({ id }) => id),
    vendorIds: ruleset.vendors.map(({ id }) => id),
    ownApps: ruleset.vendors.flatMap((vendor) =>
      vendor["own-apps"] === undefined ? [] : [[vendor.id, vendor["own-apps"]] as const],
    ),
    signatures,
  };
  return [header, ...parties, ...ruleset.vendors].map((line) => toAsciiJson(line)).join("\n");
}

function toAsciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[^\x00-\x7f]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
