import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { describe, expect, test } from "vitest";
import { type DexFile, readTries, visitCode } from "../../src/dex/index.js";
import { buildControlFlow, type ControlFlowGraph } from "../../src/program/index.js";
import { readApkDex } from "../dex/read-apk-dex.js";
import { findDexdump } from "../support/dexdump.js";

const tool = findDexdump("fixtures/dex/strings.dex");
const THROWS = 16;

const inputs: readonly [name: string, path: string][] = [
  ["gps-demo-app", "node_modules/gps-demo-app/assets/gpsDemo-debug.apk"],
  ["android-apidemos", "node_modules/android-apidemos/apks/ApiDemos-debug.apk"],
  ["io.appium.settings", "node_modules/io.appium.settings/apks/settings_apk-debug.apk"],
];

/** The graphs of all methods with code, in the order of dexdump. */
function graphsOf(dex: DexFile): { readonly dex: DexFile; readonly graph: ControlFlowGraph }[] {
  const graphs: { dex: DexFile; graph: ControlFlowGraph }[] = [];
  visitCode(
    dex,
    (_method, _class, codeOff) => graphs.push({ dex, graph: buildControlFlow(dex, codeOff) }),
    [],
  );
  return graphs;
}

/** Edges of a method by code units, `3 -> 7` where control goes on elsewhere than to the next instruction, `3 !> 9` to a handler. */
function listEdges({ instructions, blocks }: ControlFlowGraph): string[] {
  const edges: string[] = [];
  for (const { first, end, successors, handlers } of blocks) {
    const last = instructions[end - 1]!;
    for (const block of successors) {
      const to = instructions[blocks[block]!.first]!.codeUnit;
      if (to !== last.codeUnit + last.units) edges.push(`${last.codeUnit} -> ${to}`);
    }
    for (const { block } of handlers)
      edges.push(`${instructions[first]!.codeUnit} !> ${instructions[blocks[block]!.first]!.codeUnit}`);
  }
  return [...new Set(edges)].sort();
}

/** What dexdump draws of one method. */
interface Drawn {
  /** As {@link listEdges} has them, and those that go on to the next instruction. */
  readonly jumps: ReadonlySet<string>;
  /** Handlers, each with the code units of which an exception comes there if they can throw. */
  readonly handlers: readonly (readonly [codeUnits: readonly number[], handler: number])[];
}

/** Method by method; data after the code is drawn as instructions that nothing leads to. */
async function* readDexdump(path: string): AsyncGenerator<Drawn> {
  const child = spawn("dexdump", ["-g", path], { stdio: ["ignore", "pipe", "ignore"] });
  let jumps = new Set<string>();
  let nodes = new Map<string, number[]>();
  let handlers: [readonly number[], number][] = [];
  let isException = false;
  for await (const line of createInterface({ input: child.stdout })) {
    const [, from, unit, to] = /^ +(node\d+)(?::p(\d+))? -> node\d+:p(\d+);$/.exec(line) ?? [];
    if (line.startsWith("digraph")) [jumps, nodes, handlers] = [new Set(), new Map(), []];
    else if (line.includes("subgraph ")) isException = line.includes("exception_edges");
    else if (from !== undefined && isException)
      handlers.push([unit === undefined ? nodes.get(from)! : [Number(unit)], Number(to)]);
    else if (from !== undefined) jumps.add(`${unit} -> ${to}`);
    else if (/^ +node\d+ \[/.test(line)) {
      const [node = ""] = /node\d+/.exec(line) ?? [];
      nodes.set(
        node,
        [...line.matchAll(/<p(\d+)> 0x/g)].map(([, at]) => Number(at)),
      );
    } else if (line === "}") yield { jumps, handlers };
  }
}

/** Where what dexdump draws and a graph of ours differ. */
function compare(graph: ControlFlowGraph, dex: DexFile, { jumps, handlers }: Drawn): string[] {
  const instructions = new Map(graph.instructions.map((one) => [one.codeUnit, one]));
  const nextOf = (at: number) => at + (instructions.get(at)?.units ?? 0);
  const drawn = [...jumps].filter((edge) => {
    const [from, to] = edge.split(" -> ").map(Number) as [number, number];
    return instructions.has(from) && nextOf(from) !== to;
  });
  // Of a node whose instructions stand in several tries, dexdump draws the edges of all of them once.
  const tries = readTries(dex, graph.code);
  const isTried = (at: number, handler: number) =>
    tries
      .find(({ startAddr, insnCount }) => at >= startAddr && at < startAddr + insnCount)
      ?.handlers.some(({ addr }) => addr === handler) === true;
  for (const [codeUnits, handler] of handlers) {
    for (const at of codeUnits)
      if (isTried(at, handler) && ((instructions.get(at)?.opcode.flags ?? 0) & THROWS) !== 0)
        drawn.push(`${at} !> ${handler}`);
  }
  const [ours, theirs] = [new Set(listEdges(graph)), new Set(drawn)];
  return [
    ...[...ours].filter((edge) => !theirs.has(edge)).map((edge) => `ours alone: ${edge}`),
    ...[...theirs].filter((edge) => !ours.has(edge)).map((edge) => `dexdump's alone: ${edge}`),
  ];
}

test("in CI dexdump is installed", () => {
  expect(process.env.CI !== undefined && tool === undefined).toBe(false);
});

describe.skipIf(tool === undefined)("control goes where dexdump draws it", () => {
  test.each(inputs)("%s", async (_, path) => {
    const graphs = (await readApkDex(path, [])).flatMap(graphsOf);
    let index = 0;
    let edges = 0;
    const differing: string[] = [];
    for await (const drawn of readDexdump(path)) {
      const { dex, graph } = graphs[index++]!;
      edges += listEdges(graph).length;
      differing.push(...compare(graph, dex, drawn));
    }
    expect(index).toBe(graphs.length);
    expect(differing).toEqual([]);
    expect(edges).toBeGreaterThan(0);
  });
});

test.each(inputs)("the blocks of %s hold the laws of basic blocks", async (_, path) => {
  const broken: string[] = [];
  for (const dex of await readApkDex(path, [])) {
    for (const { graph } of graphsOf(dex)) {
      const { code, instructions, blocks, order } = graph;
      const isThrowing = (at: number) => (instructions[at]!.opcode.flags & THROWS) !== 0;
      const isSound =
        order[0] === 0 &&
        order.length === blocks.length &&
        new Set(order).size === blocks.length &&
        blocks.every(
          ({ first, end, handlers }, index) =>
            end > first &&
            end === (blocks[index + 1]?.first ?? instructions.length) &&
            (handlers.length === 0 || isThrowing(first)),
        );
      if (!isSound) broken.push(`${dex.source} ${code.codeOff}`);
    }
  }
  expect(broken).toEqual([]);
});
