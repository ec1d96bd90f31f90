import type { Access, BlindSpot, HostUse } from "../access/index.js";
import type { AppContents, AppFile } from "../app/index.js";
import type { Diagnostics, Limits } from "../diagnostics/index.js";
import type { ClassHierarchy, CodeReferences } from "../program/index.js";
import type { CompiledVendor, RuleIndex } from "../ruleset/index.js";
import { type Attribution, findVersion, type OwnSdk, type Party, type PartyKind } from "../sdk/index.js";
import type {
  AppSummary,
  AuditResult,
  Coverage,
  Finding,
  FlowCoverage,
  FlowSummary,
  OwnSdkSummary,
  PartySummary,
  PermissionSummary,
  ReachabilitySummary,
} from "./audit-result.js";
import { SCHEMA_VERSION } from "./audit-result.js";
import type { JoinedHandOver } from "./join-hand-overs.js";
import type { Rung } from "./rungs.js";
import { summarizeCompanies } from "./summarize-companies.js";
import { summarizePractices } from "./summarize-practices.js";

declare const BYCATCH_VERSION: string;

/** What the stages made of one app. */
export interface AuditParts {
  readonly app: AppContents;
  /** `undefined` where names are as the app has them. */
  readonly mapping: AppSummary["mapping"] | undefined;
  readonly files: readonly AppFile[];
  readonly code: readonly CodeReferences[];
  readonly hierarchy: ClassHierarchy;
  readonly attribution: Attribution;
  readonly ownSdks: readonly OwnSdk[];
  readonly accesses: readonly Access[];
  readonly handOvers: readonly JoinedHandOver[];
  readonly blindSpots: readonly BlindSpot[];
  readonly hosts: readonly HostUse[];
  readonly permissions: readonly PermissionSummary[];
  readonly findings: readonly Finding[];
  readonly diagnostics: Diagnostics;
  readonly reachability: ReachabilitySummary | undefined;
  readonly flows: (FlowCoverage & { readonly flows: readonly FlowSummary[] }) | undefined;
  readonly depth: Rung;
  readonly rules: RuleIndex;
  readonly limits: Limits;
}

/** Puts an audit's parts into the plain data that reports are made from. */
export function summarize(parts: AuditParts): AuditResult {
  const {
    app,
    code,
    attribution,
    accesses,
    handOvers,
    blindSpots,
    hosts,
    permissions,
    findings,
    depth,
    rules,
  } = parts;
  const manifest = app.manifest;
  const dexFiles = code.map(({ dex, methods, instructions }) => ({
    name: dex.source,
    classDefs: dex.classDefsSize,
    methods,
    instructions,
  }));
  const parties = attribution.parties.map((party) => summarizeParty(party, parts));
  const accessSummaries = accesses.map(
    ({ party, asked, dataType, confidence, callSites, evidence, limits, reach }) => ({
      party: party.id,
      api: asked.reference,
      yields: asked.rule.id,
      dataType,
      confidence,
      callSites,
      limits,
      ...(reach === undefined ? {} : { reach }),
      evidence,
    }),
  );
  return {
    schemaVersion: SCHEMA_VERSION,
    tool: { name: "bycatch", version: BYCATCH_VERSION, rulesVersion: rules.rulesVersion },
    depth,
    app: {
      files: parts.files,
      packageName: manifest?.packageName,
      versionCode: manifest?.versionCode,
      versionName: manifest?.versionName,
      minSdkVersion: manifest?.usesSdk.minSdkVersion,
      targetSdkVersion: manifest?.usesSdk.targetSdkVersion,
      dexFiles,
      classes: dexFiles.reduce((sum, { classDefs }) => sum + classDefs, 0),
      ...(parts.mapping === undefined ? {} : { mapping: parts.mapping }),
    },
    permissions,
    parties,
    companies: summarizeCompanies(parties, accessSummaries),
    accesses: accessSummaries,
    ...(handOvers.length === 0 ? {} : { handOvers: handOvers.map(nameParty) }),
    ...(blindSpots.length === 0
      ? {}
      : {
          blindSpots: blindSpots.map((spot) => ({ ...nameParty(spot), evidence: spot.evidence.slice(0, 3) })),
        }),
    hosts: hosts.map(({ party, host, sites, urls, evidence }) => ({
      party: party.id,
      host,
      sites,
      urls,
      evidence: evidence.slice(0, 3),
    })),
    ...(parts.reachability === undefined ? {} : { reachability: parts.reachability }),
    ...(parts.flows === undefined ? {} : summarizeAppFlows(parts.flows)),
    findings,
    coverage: measureCoverage(attribution.parties, parts.diagnostics),
    diagnostics: cutDiagnostics(parts.diagnostics, parts.files[0]?.name ?? "", parts.limits),
  };
}

function summarizeAppFlows({ flows, ...flowCoverage }: NonNullable<AuditParts["flows"]>) {
  return { flows, flowCoverage };
}

/** A party's id in its place. */
function nameParty<Item extends { readonly party: Party }>(
  item: Item,
): Omit<Item, "party"> & { party: string } {
  return { ...item, party: item.party.id };
}

function summarizeOwnSdk(own: OwnSdk, { app, hierarchy }: AuditParts): OwnSdkSummary {
  const { kind, rule } = own.party;
  const version = findVersion(own.party, app, hierarchy);
  return {
    id: rule.id,
    kind,
    name: rule.name,
    why: own.why,
    ...(version === undefined ? {} : { version }),
    confidence: own.confidence,
    classes: own.classes,
    evidence: own.evidence,
  };
}

function summarizeOwner({ id, name, country }: CompiledVendor) {
  return { id, name, ...(country === undefined ? {} : { country }) };
}

function summarizeParty(party: Party, parts: AuditParts): PartySummary {
  const { app, hierarchy, rules } = parts;
  const ownSdks = party.kind === "first-party" ? parts.ownSdks : [];
  const rule = party.rule?.rule;
  const vendor = rule?.vendor === undefined ? undefined : rules.findVendor(rule.vendor);
  const owners = vendor === undefined ? [] : rules.findOwners(vendor);
  const parent = owners.at(-1);
  const version = party.rule === undefined ? undefined : findVersion(party.rule, app, hierarchy);
  const switches = party.rule?.kind === "sdk" ? (party.rule.rule.switches ?? []) : [];
  const practices = summarizePractices(party.rule);
  const metaData = app.manifest?.application?.metaData ?? [];
  return {
    id: party.id,
    kind: party.kind,
    name: party.name,
    ...(vendor === undefined
      ? {}
      : {
          vendor: {
            id: vendor.id,
            name: vendor.name,
            ...(parent === undefined ? {} : { parent: { id: parent.id, name: parent.name } }),
            ...(owners.length === 0 ? {} : { owners: owners.map(summarizeOwner) }),
            ...(vendor.country === undefined ? {} : { country: vendor.country }),
          },
        }),
    ...(party.rule?.kind === "sdk" ? { category: party.rule.rule.category } : {}),
    ...(version === undefined ? {} : { version }),
    confidence: party.confidence,
    classes: party.classes,
    ...(party.renamedClasses === undefined ? {} : { renamedClasses: party.renamedClasses }),
    codeUnits: party.codeUnits,
    ...(ownSdks.length === 0 ? {} : { ownSdks: ownSdks.map((own) => summarizeOwnSdk(own, parts)) }),
    ...(switches.length === 0
      ? {}
      : {
          switches: switches.map((item) => {
            const value = metaData.find(({ name }) => name === item["meta-data"])?.value;
            return {
              metaData: item["meta-data"],
              off: item.off,
              ...(value === undefined ? {} : { value: String(value) }),
              effect: item.effect,
              ...(item.source === undefined ? {} : { source: item.source }),
            };
          }),
        }),
    ...(practices.length === 0 ? {} : { practices }),
    evidence: party.evidence,
  };
}

/** Past the limit the last one says how many are left out; `coverage.unread` names all parts all the same. */
function cutDiagnostics(diagnostics: Diagnostics, part: string, limits: Limits): Diagnostics {
  const kept = Math.max(0, limits.diagnostics - 1);
  const cut = diagnostics.slice(kept);
  if (cut.length <= 1) return [...diagnostics];
  const effect = cut.some((diagnostic) => diagnostic.effect === "unread") ? "unread" : "odd";
  const message = `${part}: ${cut.length} more diagnostics are not listed (limit diagnostics, ${limits.diagnostics})`;
  return [...diagnostics.slice(0, kept), { effect, code: "limit", part, message }];
}

function measureCoverage(parties: readonly Party[], diagnostics: Diagnostics): Coverage {
  const zero = (): Record<PartyKind, number> => ({
    "first-party": 0,
    sdk: 0,
    unrecognised: 0,
    "support-library": 0,
    unattributed: 0,
  });
  const classes = zero();
  const codeUnits = zero();
  for (const party of parties) {
    classes[party.kind] += party.classes;
    codeUnits[party.kind] += party.codeUnits;
  }
  const total = Object.values(codeUnits).reduce((sum, units) => sum + units, 0);
  const unread = new Set(diagnostics.filter(({ effect }) => effect === "unread").map(({ part }) => part));
  return {
    // Rounded down: 100% is said only of all.
    attributedShare:
      total === 0 ? 1 : Math.floor(((total - codeUnits.unattributed) / total) * 10_000) / 10_000,
    classes,
    codeUnits,
    unread: [...unread].sort(),
  };
}
