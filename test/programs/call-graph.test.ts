import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { openApp } from "../../src/app/index.js";
import { bytesSource } from "../../src/archive/index.js";
import type { DexFile } from "../../src/dex/index.js";
import { defaultLimits } from "../../src/diagnostics/index.js";
import { AndroidClasses, buildCallGraphs, CallChains, calleesOf } from "../../src/program/index.js";
import { type Program, readPrograms } from "./read-program.js";

const android = new AndroidClasses(
  readFileSync(fileURLToPath(new URL("../../rules/android-classes.tsv", import.meta.url)), "latin1"),
);

/** What is known to be wrong, by `<program> <statement>`, with the reason. */
const knownFailures = new Map(
  Object.entries(
    parse(readFileSync(join(import.meta.dirname, "known-call-graph-failures.yaml"), "utf8")) as Record<
      string,
      string
    >,
  ),
);

async function analyse({ apk }: Program, limits = defaultLimits) {
  const app = openApp(bytesSource("app.apk", new Uint8Array(readFileSync(apk))), limits, []);
  const dexFiles: DexFile[] = [];
  for await (const dex of app.dexFiles()) dexFiles.push(dex);
  const { whole: graph, beforeConsent } = buildCallGraphs(
    { manifest: app.manifest!, layouts: app.readLayoutNames(), dexFiles, android },
    limits,
  );
  return {
    graph,
    early: new CallChains(beforeConsent, ({ isBeforeConsent }) => isBeforeConsent),
    chains: new CallChains(graph),
    find: (reference: string) => graph.methods.find(reference) ?? Number.NaN,
  };
}

/** Each statement about the call graph, and whether it holds. */
async function judge(program: Program): Promise<[statement: string, holds: boolean][]> {
  const { edges = [], "no-edges": noEdges = [], reachable = [], unreachable = [] } = program.expected;
  const beforeConsent = Object.entries(program.expected["before-consent"] ?? {});
  if (edges.length + noEdges.length + reachable.length + unreachable.length + beforeConsent.length === 0)
    return [];
  const { graph, early, chains, find } = await analyse(program);
  const isEarly = (label: string) =>
    program.sources.get(label)!.some(({ caller }) => early.find(find(caller)) !== undefined);
  const leads = ({ from, to }: { readonly from: string; readonly to: string }) =>
    calleesOf(graph, find(from)).includes(find(to));
  return [
    ...edges.map((edge): [string, boolean] => [`${edge.from} calls ${edge.to}`, leads(edge)]),
    ...noEdges.map((edge): [string, boolean] => [`${edge.from} does not call ${edge.to}`, !leads(edge)]),
    ...reachable.map(({ method, component }): [string, boolean] => [
      `${method} can run, from ${component}`,
      chains.find(find(method))?.entryPoint.component === component,
    ]),
    ...beforeConsent.map(([label, isBefore]): [string, boolean] => [
      `${label} is ${isBefore ? "" : "not "}read before consent`,
      isEarly(label) === isBefore,
    ]),
    ...unreachable.map((method): [string, boolean] => [
      `${method} cannot run`,
      chains.find(find(method)) === undefined,
    ]),
  ];
}

const programs = readPrograms();

describe("the call graph of the programs", () => {
  test("says what their authors say, but for what is known to be wrong", async () => {
    const statements = (
      await Promise.all(
        programs.map(async (program) => {
          const judged = await judge(program);
          return judged.map(([statement, holds]) => ({ key: `${program.name}: ${statement}`, holds }));
        }),
      )
    ).flat();
    expect(statements.length).toBeGreaterThan(150);
    const failed = statements.filter(({ holds }) => !holds).map(({ key }) => key);
    expect(failed.sort()).toEqual([...knownFailures.keys()].sort());
  });

  test("ends where its steps are used up, and says so", async () => {
    const program = programs.find(({ name }) => name === "callbacks/thread")!;
    expect((await analyse(program)).graph.limits.isCut).toBe(false);
    const { graph } = await analyse(program, { ...defaultLimits, callGraphSteps: 40 });
    expect(graph.limits.isCut).toBe(true);
  });
});
