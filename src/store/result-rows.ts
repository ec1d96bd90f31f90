import { type AccessSummary, type AuditResult, leavesNothing, type PartySummary } from "../findings/index.js";
import { flowRows } from "./flow-rows.js";
import type { Row, Rows } from "./tables.js";

/** An app's file, as a run met it. */
export interface StoredApp {
  /** SHA-256, lower-case hexadecimal; `undefined` where it could not be read. */
  readonly sha256: string | undefined;
  /** Below the folder that was named, with `/`; or a URL without credentials. */
  readonly path: string;
  /** In bytes. */
  readonly size: number | undefined;
}

/** Why an app could not be audited. */
export interface StoredFailure {
  readonly reason: "format" | "unreadable" | "timeout" | "memory" | "crash";
  /** One sentence, without the machine's paths. */
  readonly message: string;
}

/** The rows of an app that was audited, in every table; their order is the result's. */
export function resultRows(file: StoredApp & { readonly sha256: string }, result: AuditResult): Rows {
  const app = file.sha256;
  return {
    apps: [appRow(file, result)],
    parties: result.parties.map((party) => ({ app, ...partyColumns(party) })),
    accesses: result.accesses.map((access) => ({
      app,
      party: access.party,
      api: access.api,
      yields: access.yields,
      data_type: access.dataType,
      confidence: access.confidence,
      call_sites: access.callSites,
      limits: access.limits,
      yields_nothing: leavesNothing(access.limits),
      ...reachColumns(access),
      evidence: access.evidence,
    })),
    hand_overs: (result.handOvers ?? []).map((handOver) => ({
      app,
      party: handOver.party,
      api: handOver.api,
      caller: handOver.caller,
      confidence: handOver.confidence,
      call_sites: handOver.callSites,
      data_types: handOver.dataTypes,
      passes: handOver.passes ?? null,
      events: handOver.events,
      properties: handOver.properties,
      evidence: handOver.evidence,
    })),
    flows: flowRows(app, result),
    findings: result.findings.map((finding) => ({
      app,
      finding: finding.id,
      kind: finding.kind,
      party: finding.party,
      data_type: finding.dataType ?? null,
      permissions: finding.permissions ?? [],
      rung: finding.rung ?? null,
      confidence: finding.confidence,
      limits: finding.limits,
      yields_nothing: leavesNothing(finding.limits),
      ...reachColumns(finding),
      evidence: finding.evidence,
    })),
    permissions: result.permissions.map((permission) => ({
      app,
      permission: permission.name,
      protection: permission.protection,
      max_sdk_version: permission.maxSdkVersion ?? null,
      flags: permission.usesPermissionFlags ?? [],
      implied_because: permission.impliedBy?.because ?? null,
      declared_by: permission.declaredBy.map((declaring) => declaring.party),
      used_by: permission.usedBy,
    })),
    hosts: result.hosts.map(({ party, host, sites, urls, evidence }) => ({
      app,
      party,
      host,
      sites,
      urls,
      evidence,
    })),
    diagnostics: result.diagnostics.map(({ effect, code, part, offset, message }) => ({
      app,
      effect,
      code,
      part,
      byte_offset: offset ?? null,
      message,
    })),
  };
}

/** The one row of an app that could not be audited. */
export function failureRows(file: StoredApp, { reason, message }: StoredFailure): Rows {
  const { sha256, path, size } = file;
  const row: Row = {
    ...NO_APP,
    app: sha256 ?? null,
    path,
    size: size ?? null,
    status: "failed",
    reason,
    message,
  };
  return {
    apps: [row],
    parties: [],
    accesses: [],
    hand_overs: [],
    flows: [],
    findings: [],
    permissions: [],
    hosts: [],
    diagnostics: [],
  };
}

const NO_APP: Row = {
  reason: null,
  message: null,
  package_name: null,
  version_code: null,
  version_name: null,
  min_sdk: null,
  target_sdk: null,
  dex_files: null,
  classes: null,
  instructions: null,
  code_units: null,
  attributed_share: null,
  unread: [],
};

function appRow({ sha256, path, size }: StoredApp, { app, coverage }: AuditResult): Row {
  const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
  return {
    ...NO_APP,
    app: sha256 ?? null,
    path,
    size: size ?? null,
    status: coverage.unread.length === 0 ? "audited" : "incomplete",
    package_name: app.packageName ?? null,
    version_code: app.versionCode ?? null,
    version_name: app.versionName ?? null,
    min_sdk: app.minSdkVersion === undefined ? null : String(app.minSdkVersion),
    target_sdk: app.targetSdkVersion === undefined ? null : String(app.targetSdkVersion),
    dex_files: app.dexFiles.length,
    classes: app.classes,
    instructions: sum(app.dexFiles.map(({ instructions }) => instructions)),
    code_units: sum(Object.values(coverage.codeUnits)),
    attributed_share: coverage.attributedShare,
    unread: coverage.unread,
  };
}

function partyColumns(party: PartySummary): Row {
  const { vendor } = party;
  const company = vendor?.parent ?? vendor;
  return {
    party: party.id,
    kind: party.kind,
    name: party.name,
    vendor: vendor?.id ?? null,
    vendor_name: vendor?.name ?? null,
    company: company?.id ?? null,
    company_name: company?.name ?? null,
    country: vendor?.country ?? null,
    category: party.category ?? null,
    version: party.version ?? null,
    confidence: party.confidence,
    classes: party.classes,
    renamed_classes: party.renamedClasses ?? 0,
    code_units: party.codeUnits,
    evidence: party.evidence,
  };
}

function reachColumns({ reach }: Pick<AccessSummary, "reach">): Row {
  return {
    component: reach?.component ?? null,
    component_kind: reach?.kind ?? null,
    chain: reach?.chain ?? null,
    before_consent: reach === undefined ? null : reach.beforeConsent !== undefined,
  };
}
