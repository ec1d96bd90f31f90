import { summarizeCompanies } from "../../src/findings/index.js";
import type {
  AccessSummary,
  AuditResult,
  Diagnostic,
  Evidence,
  Finding,
  HostSummary,
  Limit,
  PartySummary,
  PermissionSummary,
  PracticeSummary,
} from "../../src/index.js";

/** What a test says of an audit's result; all else is that of an empty app. */
export interface ResultParts {
  readonly app?: Partial<AuditResult["app"]>;
  readonly depth?: AuditResult["depth"];
  readonly reachability?: AuditResult["reachability"];
  readonly parties?: readonly PartySummary[];
  readonly accesses?: readonly AccessSummary[];
  readonly findings?: readonly Finding[];
  readonly permissions?: readonly PermissionSummary[];
  readonly hosts?: readonly HostSummary[];
  readonly diagnostics?: readonly Diagnostic[];
}

/** A whole result from parts; coverage is counted from the parties, `referenced` findings from the accesses. */
export function buildResult(parts: ResultParts = {}): AuditResult {
  const { parties = [], accesses = [], findings = [], diagnostics = [] } = parts;
  return {
    schemaVersion: "1.0",
    tool: { name: "bycatch", version: "0.0.0", rulesVersion: "0123456789abcdef" },
    depth: parts.depth ?? "referenced",
    app: {
      files: [{ name: "app.apk", sha256: "ab".repeat(32), size: 1_000 }],
      packageName: "com.example.app",
      versionCode: "1",
      versionName: "1.0",
      minSdkVersion: 24,
      targetSdkVersion: 34,
      dexFiles: [],
      classes: parties.reduce((sum, { classes }) => sum + classes, 0),
      ...parts.app,
    },
    permissions: parts.permissions ?? [],
    parties,
    companies: summarizeCompanies(parties, accesses),
    accesses,
    hosts: parts.hosts ?? [],
    ...(parts.reachability === undefined ? {} : { reachability: parts.reachability }),
    findings: [...findAccesses(parties, accesses), ...findings],
    coverage: measureCoverage(parties, diagnostics),
    diagnostics,
  };
}

/** A recognised SDK, certainly there, unless said otherwise. */
export function party(id: string, name: string, parts: Partial<PartySummary> = {}): PartySummary {
  return {
    id,
    kind: "sdk",
    name,
    confidence: "certain",
    classes: 10,
    codeUnits: 1_000,
    evidence: [{ kind: "class", entry: "classes.dex", value: `Lcom/${id}/Main;` }],
    ...parts,
  };
}

/** That a vendor says its SDK collects a data type, unless said otherwise. */
export function says(
  dataType: string,
  source: string,
  parts: Partial<PracticeSummary> = {},
): PracticeSummary {
  return { dataType, collected: true, source, readOn: "2026-11-22", ...parts };
}

/** One certain, unlimited call of an API by a method. */
export function access(
  owner: string,
  dataType: string,
  api: string,
  caller: string,
  parts: Partial<AccessSummary> = {},
): AccessSummary {
  return {
    party: owner,
    api,
    yields: dataType,
    dataType,
    confidence: "certain",
    callSites: 1,
    limits: [],
    evidence: [call(api, caller)],
    ...parts,
  };
}

/** Evidence of a call. */
export function call(value: string, caller: string, parts: Partial<Evidence> = {}): Evidence {
  return { kind: "method-call", entry: "classes.dex", value, caller, codeUnit: 18, ...parts };
}

/** That the app's permissions open a data type to a party. */
export function permitted(owner: string, dataType: string, permission: string): Finding {
  return {
    id: `data-access/${owner}/${dataType}`,
    kind: "data-access",
    party: owner,
    dataType,
    permissions: [permission],
    rung: "permitted",
    confidence: "certain",
    limits: [],
    evidence: [{ kind: "permission", entry: "AndroidManifest.xml", value: permission }],
  };
}

/** That others' code gives a party a data type, which its own brings out of the app. */
export function givenTo(owner: string, dataType: string): Finding {
  return {
    id: `data-hand-over/${owner}/${dataType}`,
    kind: "data-hand-over",
    party: owner,
    dataType,
    rung: "flows",
    flows: [`flow/${dataType}/first-party/${owner}/00000000`],
    confidence: "likely",
    limits: [],
    evidence: [call("Landroid/Api;->get()V", "Lcom/example/app/Main;->onCreate()V")],
  };
}

/** A finding about a permission. */
export function permissionFinding(
  kind: "piggy-back-permission" | "unused-permission" | "missing-permission",
  permission: string,
  owner = "first-party",
): Finding {
  return {
    id: `${kind}/${owner}/${permission}`,
    kind,
    party: owner,
    permissions: permission.split(" "),
    confidence: "likely",
    limits: [],
    evidence: [{ kind: "permission", entry: "AndroidManifest.xml", value: permission }],
  };
}

/** A dangerous permission that the app requests. */
export function permission(name: string, parts: Partial<PermissionSummary> = {}): PermissionSummary {
  return {
    name,
    protection: "dangerous",
    declaredBy: [{ party: "first-party", confidence: "likely" }],
    usedBy: [],
    ...parts,
  };
}

/** What a missing permission leaves: nothing. */
export function missingPermission(name: string): Limit {
  return {
    kind: "permission-missing",
    leaves: "nothing",
    permissions: [name],
    message: `Without ${name}, which the app does not request, it yields nothing.`,
  };
}

function findAccesses(parties: readonly PartySummary[], accesses: readonly AccessSummary[]): Finding[] {
  const worth = { sometimes: 1, partial: 2, nothing: 3 };
  const blocked = ({ limits }: AccessSummary) => Math.max(0, ...limits.map(({ leaves }) => worth[leaves]));
  const groups = new Map<string, AccessSummary[]>();
  for (const item of accesses) {
    const kind = parties.find(({ id }) => id === item.party)?.kind;
    if (kind !== "sdk" && kind !== "unrecognised") continue;
    const id = `data-access/${item.party}/${item.dataType}`;
    groups.set(id, [...(groups.get(id) ?? []), item]);
  }
  return [...groups].map(([id, group]) => {
    const best = [...group].sort((a, b) => blocked(a) - blocked(b))[0]!;
    const { reach } = best;
    return {
      id,
      kind: "data-access",
      party: best.party,
      dataType: best.dataType,
      ...(reach === undefined ? { rung: "referenced" as const } : { rung: "reachable" as const, reach }),
      confidence: best.confidence,
      limits: best.limits,
      evidence: best.evidence as Finding["evidence"],
    };
  });
}

function measureCoverage(
  parties: readonly PartySummary[],
  diagnostics: readonly Diagnostic[],
): AuditResult["coverage"] {
  const zero = () => ({
    "first-party": 0,
    sdk: 0,
    unrecognised: 0,
    "support-library": 0,
    unattributed: 0,
  });
  const classes = zero();
  const codeUnits = zero();
  for (const { kind, classes: number, codeUnits: size } of parties) {
    classes[kind] += number;
    codeUnits[kind] += size;
  }
  const total = Object.values(codeUnits).reduce((sum, units) => sum + units, 0);
  return {
    attributedShare: total === 0 ? 1 : Math.floor((1 - codeUnits.unattributed / total) * 10_000) / 10_000,
    classes,
    codeUnits,
    unread: diagnostics.filter(({ effect }) => effect === "unread").map(({ part }) => part),
  };
}
