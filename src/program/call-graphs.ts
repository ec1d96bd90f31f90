import type { AppContents, LayoutNames } from "../app/index.js";
import type { DexFile } from "../dex/index.js";
import type { Limits } from "../diagnostics/index.js";
import type { AndroidClasses } from "./android-classes.js";
import { CallGraphBuilder } from "./build-call-graph.js";
import type { CallGraph } from "./call-graph.js";
import { Callbacks } from "./callbacks.js";
import { type EntryPoint, findEntryPoints } from "./entry-points.js";
import { MethodTable } from "./method-table.js";
import { TypeTable } from "./type-table.js";

/** What a graph is built of. */
export interface CallGraphInput {
  readonly manifest: NonNullable<AppContents["manifest"]>;
  readonly layouts: LayoutNames;
  /** In the runtime's order. */
  readonly dexFiles: readonly DexFile[];
  readonly android: AndroidClasses;
}

/** Graphs of one app, over one table of methods. */
export interface CallGraphs {
  /** All that can run. */
  readonly whole: CallGraph;
  /**
   * What can run before anybody could be asked: by what is there before the first activity, which makes no objects of
   * activities and views. A part of {@link whole}; by a chain of that one, code that only an activity makes objects of would
   * run as if it had.
   */
  readonly beforeConsent: CallGraph;
}

/** The graph of all that can run. */
export function buildCallGraph(input: CallGraphInput, limits: Limits): CallGraph {
  const { methods, callbacks, entryPoints } = readProgram(input, limits);
  return new CallGraphBuilder(methods, callbacks, entryPoints, limits).build();
}

/** The same, and that of what can run before consent. */
export function buildCallGraphs(input: CallGraphInput, limits: Limits): CallGraphs {
  const { methods, callbacks, entryPoints } = readProgram(input, limits);
  const early = entryPoints.flatMap(beforeAnyActivity);
  return {
    whole: new CallGraphBuilder(methods, callbacks, entryPoints, limits).build(),
    beforeConsent: new CallGraphBuilder(methods, callbacks, early, limits, true).build(),
  };
}

function readProgram({ manifest, layouts, dexFiles, android }: CallGraphInput, limits: Limits) {
  const methods = new MethodTable(new TypeTable(dexFiles, android, limits));
  const callbacks = new Callbacks(methods, limits);
  return { methods, callbacks, entryPoints: findEntryPoints(manifest, layouts, methods, callbacks) };
}

/** Services and receivers run then if code that does names them. */
function beforeAnyActivity(entryPoint: EntryPoint): EntryPoint[] {
  const { kind, isOpen, isBeforeConsent } = entryPoint;
  if (kind === "activity" || kind === "view") return [];
  return [{ ...entryPoint, isOpen: isOpen && isBeforeConsent }];
}
