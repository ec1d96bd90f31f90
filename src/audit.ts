import {
  attributeAccesses,
  attributeHosts,
  buildApiQuery,
  findApiUses,
  findBlindSpots,
  findHandOvers,
  Holdings,
} from "./access/index.js";
import { type App, type AppContents, type AppFile, openApp } from "./app/index.js";
import type { ByteSource } from "./archive/index.js";
import { type DexFile, type NameMapping, parseNameMapping } from "./dex/index.js";
import {
  type Diagnostics,
  defaultLimits,
  type Limits,
  readOrDiagnose,
  UsageError,
} from "./diagnostics/index.js";
import type { QueryCoverage } from "./facts/index.js";
import {
  type AppSummary,
  type AuditResult,
  diagnoseNoManifest,
  isRungAtLeast,
  joinHandOvers,
  makeFindings,
  type Rung,
  summarize,
  summarizeFlows,
  summarizePermissions,
  summarizeReachability,
} from "./findings/index.js";
import type { AppFlows } from "./flow/index.js";
import {
  AndroidClasses,
  buildCallGraphs,
  buildClassGraph,
  type CallGraphs,
  ClassHierarchy,
  type CodeReferences,
  checkMapping,
  findReferences,
  PackageTable,
  Reachability,
} from "./program/index.js";
import {
  type CompiledRules,
  type DepthData,
  type FlowRules,
  RuleIndex,
  type Ruleset,
} from "./ruleset/index.js";
import {
  attributeClasses,
  findFirstParty,
  findOwnSdks,
  matchSdks,
  mayBeRenamed,
  seeApp,
} from "./sdk/index.js";

/** What an audit can be told; each has a default. */
export interface AuditOptions {
  /** Package trees, dotted, that are the app makers' own whatever the rules say. */
  readonly firstParty?: readonly string[];
  /** How far to look; `referenced` unless said. */
  readonly depth?: Rung;

  readonly limits?: Limits;
  /** Gives what R8 or ProGuard renamed its original name; it is part of the input. */
  readonly mapping?: AuditMapping;
  /** Told after each DEX file: its name. */
  readonly onProgress?: (part: string) => void;
}

/** A mapping file, parsed once for all apps of one build. */
export interface AuditMapping {
  readonly name: string;
  readonly sha256: string;
  readonly names: NameMapping;
}

/**
 * Parses a mapping file for {@link auditSource}.
 *
 * @param path for messages
 * @throws UsageError for a line that is none of a mapping's, naming it, and for a file that is too large
 */
export async function parseMapping(source: ByteSource, path = source.name): Promise<AuditMapping> {
  const most = defaultLimits.entryBytes;
  if (source.size > most) throw new UsageError(path, `has more than ${most} bytes, and is no mapping file`);
  const names = parseNameMapping(source.read(0, source.size), path);
  return { name: source.name, sha256: await source.sha256(), names };
}

/** An index of rules, built once and shared by any number of audits. */
export type AuditRules = ReturnType<typeof prepareRules>;

/** Indexes a ruleset for {@link auditSource}. */
export function prepareRules(rules: Ruleset | CompiledRules, data?: DepthData) {
  const index = new RuleIndex(rules);
  // What facts must be complete for; made when facts are used.
  const coverage: QueryCoverage | undefined = undefined;
  let classes: AndroidClasses | undefined;
  const androidClasses = () => {
    if (data === undefined) throw new Error("nothing was given to know Android's classes by");
    return (classes ??= new AndroidClasses(data.androidClasses()));
  };
  let flows: FlowRules | undefined;
  const flowRules = () => {
    if (data === undefined) throw new Error("nothing was given to know flows by");
    return (flows ??= data.flowRules());
  };
  return {
    index,
    asked: buildApiQuery(index),
    coverage: coverage as QueryCoverage | undefined,
    androidClasses,
    flowRules,
  };
}

/** An app and its code, as far as the rest of an audit needs them: read from its bytes, or from facts. */
export interface AppReading {
  readonly app: AppContents;
  readonly mapping: AppSummary["mapping"] | undefined;
  readonly rules: AuditRules;
  readonly packages: PackageTable;
  readonly code: readonly CodeReferences[];
  readonly diagnostics: Diagnostics;
}

/** The table in which an app's packages are numbered under these rules. */
export function makePackageTable({ index }: AuditRules): PackageTable {
  // A package that a rule knows has its name.
  const isSplit = (name: string) => mayBeRenamed(name) && index.findOwner(name) === undefined;
  return new PackageTable(index.classesApart(), isSplit);
}

/**
 * The first half of an audit: reads an app, finds what its code refers to, and whose it is.
 *
 * @param given the rules, or what gives them: it is called while the first DEX files are being inflated
 * @throws FormatError if the source is no Android app at all; what spoils a part of it is a diagnostic
 */
export async function attributeSource(
  source: ByteSource,
  given: AuditRules | (() => AuditRules),
  options: AuditOptions = {},
) {
  const { limits = defaultLimits, mapping } = options;
  const diagnostics: Diagnostics = [];
  const app = openApp(source, limits, diagnostics, mapping?.names);
  const rules = typeof given === "function" ? given() : given;
  const packages = makePackageTable(rules);
  const code: CodeReferences[] = [];
  const read: DexFile[] = [];
  const dexFiles = app.dexFiles();
  const described = app.describeFiles();
  for await (const dex of dexFiles) {
    // The walk has checked every structure it met; a spoilt index table costs the file that it is in.
    const references = readOrDiagnose(diagnostics, () =>
      findReferences(dex, rules.asked.query, packages, diagnostics),
    );
    if (references !== undefined) {
      code.push(references);
      read.push(dex);
    }
    options.onProgress?.(dex.source);
  }
  const classes = mapping && checkMapping(mapping.names, mapping.name, read, diagnostics);
  const used = mapping && { name: mapping.name, sha256: mapping.sha256, classes: classes! };
  const reading = { app, mapping: used, rules, packages, code, diagnostics };
  const graphs = asksReach(options) ? buildGraphs(app, read, rules, limits) : undefined;
  if (asksReach(options) && graphs === undefined) diagnostics.push(diagnoseNoManifest(options.depth!));
  const reachability = graphs && findReachable(graphs, limits, diagnostics);
  const attributed = attributeReading(reading, options);
  const flows = graphs && options.depth === "flows" ? await followFlows(graphs, attributed) : undefined;
  return { ...attributed, reachability, flows, described };
}

/** Only who asks for flows waits for what follows them. */
async function followFlows({ whole }: CallGraphs, attributed: AttributedApp): Promise<AppFlows> {
  const { findAppFlows } = await import("./flow/index.js");
  const { app, rules, packages, uses, attribution, limits, diagnostics } = attributed;
  const flows = findAppFlows({
    graph: whole,
    manifest: app.manifest!,
    rules: rules.flowRules(),
    apis: uses.apis,
    apiRules: rules.index.apis,
    packages,
    attribution,
    limits,
  });
  if (flows.isCut)
    diagnostics.push({
      effect: "unread",
      code: "limit",
      part: "flows",
      message: `there may be more flows than were found: following them ends at its limit (flowSteps, ${limits.flowSteps})`,
    });
  return flows;
}

/** Whether an audit looks for what can run: its DEX files are read for it. */
export function asksReach({ depth }: Pick<AuditOptions, "depth">): boolean {
  return depth !== undefined && isRungAtLeast(depth, "reachable");
}

/** `undefined` without a manifest: nobody knows then what Android would run. */
function buildGraphs(
  app: App,
  dexFiles: readonly DexFile[],
  { androidClasses }: AuditRules,
  limits: Limits,
): CallGraphs | undefined {
  const { manifest } = app;
  if (manifest === undefined) return undefined;
  const layouts = app.readLayoutNames();
  return buildCallGraphs({ manifest, layouts, dexFiles, android: androidClasses() }, limits);
}

function findReachable(graphs: CallGraphs, limits: Limits, diagnostics: Diagnostics): Reachability {
  const reachability = new Reachability(graphs, limits);
  if (reachability.isCut)
    diagnostics.push({
      effect: "unread",
      code: "limit",
      part: "call graph",
      message: `more can run than was found: the call graph ends at its limit (callGraphSteps, ${limits.callGraphSteps})`,
    });
  return reachability;
}

/** Finds what an app's code uses, and whose it is. */
export function attributeReading(reading: AppReading, options: AuditOptions) {
  const { firstParty = [], limits = defaultLimits } = options;
  const { app, rules, packages, code, diagnostics } = reading;
  const hierarchy = new ClassHierarchy(
    code.map(({ dex }) => dex),
    limits,
    diagnostics,
  );
  const uses = findApiUses(code, rules.asked, hierarchy, limits, diagnostics);
  const { strings } = uses;
  const seen = seeApp(app, packages, strings);
  const own = findFirstParty(app.manifest, firstParty, rules.index);
  const matches = matchSdks(seen, rules.index, limits, own.roots);
  const attribution = attributeClasses({
    manifest: app.manifest,
    packages,
    app: seen,
    matches,
    rules: rules.index,
    firstParty,
    buildGraph: (isAsked) => buildClassGraph(code, packages, isAsked),
    limits,
  });
  const ownSdks = findOwnSdks({ matches, attribution, packages, rules: rules.index, firstParty, limits });
  const reachability: Reachability | undefined = undefined;
  const flows: AppFlows | undefined = undefined;
  return {
    ...reading,
    hierarchy,
    uses,
    attribution,
    ownSdks,
    // Found in a source alone.
    reachability: reachability as Reachability | undefined,
    flows: flows as AppFlows | undefined,
    limits,
  };
}

/** How much was gone through, without what was found. */
function measureFlows({ flows: _, handOvers: __, cuts, ...coverage }: AppFlows) {
  return { ...coverage, cuts: cuts.map((cut) => ({ ...cut, party: cut.party.id })) };
}

/** What {@link attributeReading} gives. */
export type AttributedApp = ReturnType<typeof attributeReading>;

/**
 * Audits one app: the stages in their order.
 *
 * @param given the rules, or what gives them: it is called while the first DEX files are being inflated
 * @throws FormatError if the source is no Android app at all; what spoils a part of it is a diagnostic
 */
export async function auditSource(
  source: ByteSource,
  given: AuditRules | (() => AuditRules),
  options: AuditOptions = {},
): Promise<AuditResult> {
  const attributed = await attributeSource(source, given, options);
  // Hashing a large file goes on beside what follows, and a fault of ours there is told first.
  return concludeAudit(attributed, options)(await attributed.described);
}

/** The second half of an audit: what is made of the accesses; the files are described last. */
export function concludeAudit(
  attributed: AttributedApp,
  options: AuditOptions,
): (files: readonly AppFile[]) => AuditResult {
  const { depth = "referenced" } = options;
  const { app, rules, code, hierarchy, packages, attribution, reachability, flows, diagnostics, limits } =
    attributed;
  const { apis, strings, calls, nativeMethods } = attributed.uses;
  const { asked } = rules;
  const holdings = new Holdings(app.manifest, rules.index.permissions);
  const accesses =
    depth === "permitted"
      ? []
      : attributeAccesses(
          apis,
          attribution,
          holdings,
          rules.index,
          limits,
          reachability && ((place) => reachability.find(place.dex, place.classDefIdx, place.methodIdx)),
        );
  const hosts = attributeHosts(strings, attribution, rules.index, limits);
  // Of code alone: what permissions open does not tell of it.
  const isCodeAsked = depth !== "permitted";
  const handOvers = isCodeAsked
    ? joinHandOvers(
        findHandOvers({ calls, asked, attribution, packages, hierarchy, limits }),
        flows?.handOvers ?? [],
        limits.evidencePerItem,
      )
    : [];
  const blindSpots = isCodeAsked ? findBlindSpots(calls, nativeMethods, asked, attribution, limits) : [];
  const permissions = summarizePermissions(app.manifest, attribution.parties, accesses, rules.index);
  const flowSummaries = flows === undefined ? [] : summarizeFlows(flows.flows, accesses);
  const findings = makeFindings({
    parties: attribution.parties,
    accesses,
    permissions,
    rules: rules.index,
    depth,
    holdings,
    hasOtherCode: app.hasOtherCode,
    flows: flowSummaries,
    diagnostics,
    limits,
  });
  return (files) =>
    summarize({
      app,
      mapping: attributed.mapping,
      files,
      code,
      hierarchy,
      attribution,
      ownSdks: attributed.ownSdks,
      accesses,
      handOvers,
      blindSpots,
      hosts,
      permissions,
      findings,
      diagnostics,
      reachability: asksReach({ depth })
        ? summarizeReachability(reachability, app.hasOtherCode, diagnostics)
        : undefined,
      flows: flows && { ...measureFlows(flows), flows: flowSummaries },
      depth,
      rules: rules.index,
      limits,
    });
}
