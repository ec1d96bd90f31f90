import type { ApiUse } from "../access/index.js";
import type { AppContents } from "../app/index.js";
import { decodeInstruction, readCodeItem } from "../dex/index.js";
import { type Limits, readOrUndefined } from "../diagnostics/index.js";
import { toApiLevel } from "../manifest/index.js";
import type { CallGraph, PackageTable } from "../program/index.js";
import { classDescriptor } from "../program/index.js";
import type { ApiRule, CompiledRule, FlowRules } from "../ruleset/index.js";
import { type Attribution, isThirdParty, type Party } from "../sdk/index.js";
import { SourceTable } from "./collect-sources.js";
import { describeCrossings, describeFlows, type Flow, type FlowHandOver } from "./describe-flows.js";
import { FlowRecorder } from "./flow-recorder.js";
import { Machine } from "./machine.js";
import { ModelIndex } from "./model-index.js";
import { type ComponentLookup, defaultFlowLimits } from "./outcome.js";
import { runApp } from "./run-app.js";
import { runFromSources } from "./run-sources.js";

/** What flows are looked for in. */
export interface FlowInput {
  readonly graph: CallGraph;
  readonly manifest: NonNullable<AppContents["manifest"]>;
  readonly rules: FlowRules;
  /** Uses of the APIs that yield personal data, and the rules that these are of. */
  readonly apis: readonly ApiUse[];
  readonly apiRules: readonly CompiledRule<ApiRule>[];
  readonly packages: PackageTable;
  readonly attribution: Attribution;
  readonly limits: Limits;
}

/** What of a party's code was not gone into. */
export interface FlowCut {
  readonly party: Party;
  readonly calls: number;
  readonly methods: number;
}

/** The flows of an app, and how much of it was gone through. */
export interface AppFlows {
  readonly flows: readonly Flow[];
  /** Calls of the app's own code into third parties' that are passed such data, whatever comes of it there. */
  readonly handOvers: readonly FlowHandOver[];
  /** Places that yield personal data, in code that can run. */
  readonly sources: number;
  /** Methods that were gone through. */
  readonly methods: number;
  /** Instructions gone through, each as often as it was. */
  readonly steps: number;
  /** Calls that can come to more methods than are gone into; methods that are called in more ways than are told apart. */
  readonly cutCalls: number;
  readonly cutMethods: number;
  /** The same by the party whose code it is. */
  readonly cuts: readonly FlowCut[];
  /** Whether `Limits.flowSteps` were used up: there may be more flows then. */
  readonly isCut: boolean;
}

/** Follows the values of an app's sources to where they leave its code. */
export function findAppFlows(input: FlowInput): AppFlows {
  const { graph, manifest, rules, apis, apiRules, packages, attribution, limits } = input;
  const { methods } = graph;
  const sources = new SourceTable(graph, apis, apiRules, rules);
  const recorder = new FlowRecorder();
  const models = new ModelIndex(rules.models, methods);
  const flowLimits = { ...defaultFlowLimits, steps: limits.flowSteps };
  const machine = new Machine(
    graph,
    models,
    sources,
    lookUpComponents(graph, manifest),
    recorder,
    flowLimits,
    limits,
    rules.outside,
  );
  const partyOf = (method: number): Party => {
    const number = packages.findNumberOfClass(methods.types.names[methods.owners[method]!]!);
    return (
      attribution.parties[number === undefined ? -1 : attribution.partyOfPackage[number]!] ??
      attribution.parties[0]!
    );
  };
  machine.isHandOver = (caller, callee) =>
    partyOf(caller).kind === "first-party" && isThirdParty(partyOf(callee));
  if (!machine.relevance.isEmpty) {
    const heap = runApp(machine);
    const inCode = new Set(sources.points.map(({ method }) => method));
    if (machine.isPartial)
      runFromSources(
        machine,
        [...inCode].sort((a, b) => a - b),
        heap,
      );
  }
  return {
    flows: describeFlows(
      graph,
      recorder.flows,
      sources.points,
      partyOf,
      (method, codeUnit) => nameReference(graph, method, codeUnit),
      recorder.cutMethods,
    ),
    handOvers: describeCrossings(graph, recorder.crossings, sources.points, partyOf),
    sources: sources.points.length,
    methods: machine.visited.size,
    steps: limits.flowSteps - machine.stepsLeft,
    cutCalls: recorder.cutCalls.size,
    cutMethods: recorder.cutMethods.size,
    cuts: countCuts(recorder, partyOf),
    isCut: machine.stepsLeft < 0,
  };
}

function countCuts({ cutCalls, cutMethods }: FlowRecorder, partyOf: (method: number) => Party): FlowCut[] {
  const counts = new Map<Party, { calls: number; methods: number }>();
  const countOf = (method: number) => {
    const party = partyOf(method);
    const known = counts.get(party) ?? { calls: 0, methods: 0 };
    counts.set(party, known);
    return known;
  };
  for (const site of cutCalls) countOf(Number(site.slice(0, site.indexOf(" ")))).calls++;
  for (const method of cutMethods) countOf(method).methods++;
  return [...counts]
    .map(([party, count]) => ({ party, ...count }))
    .sort((a, b) => (a.party.id < b.party.id ? -1 : 1));
}

/** The method or field that an instruction names. */
function nameReference({ methods }: CallGraph, method: number, codeUnit: number): string {
  const { types } = methods;
  const dex = types.dexFiles[types.dexNumberOf(methods.owners[method]!)]!;
  return (
    readOrUndefined(() => {
      const { opcode, index } = decodeInstruction(
        dex,
        readCodeItem(dex, methods.codeOffs[method]!),
        codeUnit,
      );
      return opcode.referenceKind === "field" ? dex.fieldRef(index!) : dex.methodRef(index!);
    }) ?? methods.reference(method)
  );
}

function lookUpComponents(graph: CallGraph, manifest: NonNullable<AppContents["manifest"]>): ComponentLookup {
  const { types } = graph.methods;
  const typeOf = (name: string) => types.findDefined(classDescriptor(name));
  const byName = new Map<string, number>();
  for (const { component, type } of graph.entryPoints) byName.set(component, type);
  const lists = { activity: manifest.activities, service: manifest.services, receiver: manifest.receivers };
  // From Android 8 on receivers of the manifest are not told of what is not addressed to the app.
  const isTold = toApiLevel(manifest.usesSdk.targetSdkVersion) < 26;
  const byAction = (action: string, kind: string) =>
    (lists[kind as keyof typeof lists] ?? []).flatMap((one) =>
      (kind !== "receiver" || isTold) &&
      one.intentFilters.some(
        ({ actions, categories }) =>
          actions.includes(action) &&
          (kind !== "activity" || categories.includes("android.intent.category.DEFAULT")),
      )
        ? (typeOf(one.name) ?? [])
        : [],
    );
  const byAuthority = (authority: string) =>
    manifest.providers.flatMap((one) =>
      one.authorities.includes(authority) ? (typeOf(one.name) ?? []) : [],
    );
  return {
    packageName: manifest.packageName,
    byName: (name) => {
      const full = name.startsWith(".") ? manifest.packageName + name : name;
      return byName.has(full) ? [byName.get(full)!] : typeOf(full) === undefined ? [] : [typeOf(full)!];
    },
    byAction,
    byAuthority,
  };
}
