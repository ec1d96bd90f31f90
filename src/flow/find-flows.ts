import type { AppContents } from "../app/index.js";
import { toApiLevel } from "../manifest/index.js";
import type { Limits } from "../diagnostics/index.js";
import type { CallGraph } from "../program/call-graph.js";
import { classDescriptor } from "../program/reference-query.js";
import type { FlowRules } from "../ruleset/index.js";
import { FlowRecorder, type RecordedFlow } from "./flow-recorder.js";
import type { FlowSources } from "./flow-sources.js";
import { type ComponentLookup, defaultFlowLimits, type FlowLimits, Machine } from "./machine.js";
import { ModelIndex } from "./model-index.js";
import { runApp } from "./run-app.js";

export interface FoundFlows {
  readonly flows: readonly RecordedFlow[];
  /** Methods that were gone through, and instructions. */
  readonly methods: number;
  readonly steps: number;
  readonly isCut: boolean;
}

/** Follows the values of sources through what an app can run. */
export function findFlows(
  graph: CallGraph,
  manifest: NonNullable<AppContents["manifest"]>,
  rules: FlowRules,
  sources: FlowSources,
  auditLimits: Limits,
  limits: FlowLimits = defaultFlowLimits,
): FoundFlows {
  const recorder = new FlowRecorder();
  const models = new ModelIndex(rules.models, graph.methods);
  const machine = new Machine(graph, models, sources, lookUpComponents(graph, manifest), recorder, limits, auditLimits);
  if (!machine.relevance.isEmpty) runApp(machine);
  if (process.env.STAT) for (const [m, [n, st]] of [...(machine as any).stat].sort((a: any, b: any) => b[1][1] - a[1][1]).slice(0, 40)) console.log("      ", graph.methods.reference(m), "runs", n, "steps(incl)", st);
  return {
    flows: recorder.flows,
    methods: machine.visited.size,
    steps: limits.steps - machine.stepsLeft,
    isCut: machine.stepsLeft < 0,
  };
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
          actions.includes(action) && (kind !== "activity" || categories.includes("android.intent.category.DEFAULT")),
      )
        ? (typeOf(one.name) ?? [])
        : [],
    );
  const byAuthority = (authority: string) =>
    manifest.providers.flatMap((one) => (one.authorities.includes(authority) ? (typeOf(one.name) ?? []) : []));
  return {
    packageName: manifest.packageName,
    byName: (name) => {
      const full = name.startsWith(".") ? manifest.packageName + name : name;
      return byName.has(full) ? [byName.get(full)!] : (typeOf(full) === undefined ? [] : [typeOf(full)!]);
    },
    byAction,
    byAuthority,
  };
}
