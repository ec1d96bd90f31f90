import { type AuditResult, lacksManifest, type OwnSdkSummary, type PartySummary } from "../findings/index.js";
import type { PartyRule, RuleIndex, RuleSources, Ruleset } from "../ruleset/index.js";
import type { Company, ExplainedApp, Presence, SourceFact } from "./explanation.js";

type Vendor = Ruleset["vendors"][number];
type ApiRule = Ruleset["apis"][number];
type Permission = Ruleset["permissions"][number];

/** What explanations are made from, looked up once for any number of them. */
export class Knowledge {
  readonly ruleset: Ruleset;
  readonly sources: RuleSources;
  /** Of the app, where there is one. */
  readonly result: AuditResult | undefined;
  readonly rules: ReadonlyMap<string, PartyRule>;
  /** The app's parties. */
  readonly seen: ReadonlyMap<string, PartySummary>;
  /** What rules recognised in the app makers' own code. */
  readonly own: ReadonlyMap<string, OwnSdkSummary>;
  readonly apis: ReadonlyMap<string, ApiRule>;
  readonly permissions: ReadonlyMap<string, Permission>;
  /** Names of all permissions that rules or the app speak of. */
  readonly permissionNames: ReadonlySet<string>;
  readonly #index: RuleIndex;

  constructor(index: RuleIndex, sources: RuleSources, result?: AuditResult) {
    this.#index = index;
    this.ruleset = index.ruleset;
    this.sources = sources;
    this.result = result;
    this.rules = new Map(index.parties.map((party) => [party.rule.id, party]));
    this.seen = new Map((result?.parties ?? []).map((party) => [party.id, party]));
    this.own = new Map(
      (result?.parties ?? []).flatMap(({ ownSdks = [] }) => ownSdks.map((own) => [own.id, own] as const)),
    );
    this.apis = new Map(this.ruleset.apis.map((rule) => [rule.id, rule]));
    this.permissions = new Map(this.ruleset.permissions.map((permission) => [permission.name, permission]));
    this.permissionNames = new Set([
      ...this.permissions.keys(),
      ...index.parties.flatMap(({ rule }) => (rule.brings ?? []).map(({ permission }) => permission)),
      ...this.ruleset.apis.flatMap(permissionsOfRule),
      ...(result?.permissions ?? []).map(({ name }) => name),
    ]);
  }

  findVendor(id: string): Vendor | undefined {
    return this.#index.findVendor(id);
  }

  /** A vendor and who owns it, up to the company at the top. */
  ownersOf(vendorId: string): Company[] {
    const owners: Company[] = [];
    let vendor = this.findVendor(vendorId);
    while (vendor !== undefined && !owners.some(({ id }) => id === vendor!.id)) {
      const { id, name, country } = vendor;
      owners.push({ id, name, ...(country === undefined ? {} : { country }) });
      vendor = vendor.parent === undefined ? undefined : this.findVendor(vendor.parent);
    }
    return owners;
  }

  /** The company at the top of those that own a party: by the rules, or as the report has it. */
  companyOf(party: string): Company | undefined {
    const vendorId = this.rules.get(party)?.rule.vendor;
    const top = vendorId === undefined ? undefined : this.ownersOf(vendorId).at(-1);
    const seen = this.seen.get(party)?.vendor;
    return top ?? (seen === undefined ? undefined : (seen.parent ?? { id: seen.id, name: seen.name }));
  }

  nameOf(party: string): string {
    const seen = this.seen.get(party) ?? this.own.get(party);
    return this.rules.get(party)?.rule.name ?? seen?.name ?? party;
  }

  /** `undefined` without an app. */
  presenceOf(party: string): Presence | undefined {
    if (this.result === undefined) return undefined;
    const seen = this.seen.get(party);
    const own = this.own.get(party);
    const found = seen ?? own;
    if (found === undefined) return this.#presenceOfUnseen(this.result);
    const { confidence, version, classes, evidence } = found;
    return {
      answer: "present",
      kind: seen?.kind ?? "first-party",
      confidence,
      ...(version === undefined ? {} : { version }),
      classes,
      evidence,
      ...(own === undefined ? {} : { own: { why: own.why, classes: own.classes } }),
    };
  }

  /** Absent only from an app that was read whole, by the rules that know it, and whose names tell whose code it is. */
  #presenceOfUnseen(result: AuditResult): Presence {
    const { unattributed } = result.coverage.classes;
    const unread = partsUnread(result);
    const hasOtherRules = this.#hasOtherRules(result);
    const hasOtherMapping = result.diagnostics.some(({ code }) => code === "other-mapping");
    // Renamed code can be anyone's: fixtures/apps/mapped.apk is Adjust's, and nothing but its mapping tells.
    return unread.length === 0 && unattributed === 0 && !hasOtherRules && !hasOtherMapping
      ? { answer: "absent" }
      : { answer: "unknown", unread, hasOtherRules, hasOtherMapping, unattributed };
  }

  #hasOtherRules({ tool }: AuditResult): boolean {
    return tool.rulesVersion !== this.ruleset.rulesVersion;
  }

  describeApp(): ExplainedApp | undefined {
    if (this.result === undefined) return undefined;
    const { app, depth, reachability } = this.result;
    return {
      file: app.files.map(({ name }) => name).join(", "),
      ...(app.packageName === undefined ? {} : { packageName: app.packageName }),
      ...(app.versionName === undefined ? {} : { versionName: app.versionName }),
      depth,
      hasOtherRules: this.#hasOtherRules(this.result),
      unread: partsUnread(this.result),
      ...(reachability === undefined || lacksManifest(this.result) ? {} : { gaps: reachability.gaps }),
    };
  }

  sourcesOfParty(id: string): SourceFact[] {
    return listSources(this.nameOf(id), this.sources.parties[id]?.sources);
  }

  sourcesOfApi(id: string): SourceFact[] {
    return listSources(this.apis.get(id)?.name ?? id, this.sources.apis[id]?.sources);
  }

  sourcesOfPermission(name: string): SourceFact[] {
    return listSources(name, this.sources.permissions[name]?.sources);
  }
}

/** Parts that could not be read: those that a report lists, and those that its diagnostics name. */
function partsUnread({ coverage, diagnostics }: AuditResult): string[] {
  const named = diagnostics.filter(({ effect }) => effect === "unread").map(({ part }) => part);
  return [...new Set([...coverage.unread, ...named])];
}

/** What a rule's facts rest on. */
export function listSources(of: string, sources: RuleSources["apis"][string]["sources"] = []): SourceFact[] {
  return sources.map(({ kind, where, "read-on": readOn }) => ({ of, kind, where, readOn }));
}

/** The permissions that a rule's APIs need or are the better for. */
export function permissionsOfRule(rule: ApiRule): string[] {
  const needs = [...(rule.needs ?? []), ...rule.apis.flatMap((api) => api.needs ?? [])];
  const finer = rule["degrades-to"]?.["when-missing"];
  return [
    ...needs.flatMap((need) => [...(need["any-of"] ?? []), ...(need["all-of"] ?? [])]),
    ...(finer === undefined ? [] : [finer]),
  ];
}
