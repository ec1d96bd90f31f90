import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { openApp } from "../../src/app/index.js";
import { bytesSource } from "../../src/archive/index.js";
import type { DexFile } from "../../src/dex/index.js";
import { defaultLimits } from "../../src/diagnostics/index.js";
import { CodeReader } from "../../src/flow/method-code.js";
import { ModelIndex } from "../../src/flow/model-index.js";
import { OutsideCode } from "../../src/flow/outside-code.js";
import { Relevance } from "../../src/flow/relevance.js";
import { Constants } from "../../src/flow/values.js";
import { AndroidClasses, type CallGraph, MethodTable } from "../../src/program/index.js";
import { TypeTable } from "../../src/program/type-table.js";

const program = new URL("../../fixtures/programs/callbacks/handler-message.apk", import.meta.url);

test("a method that reads a field of Android's is worth going into once what rules call it holds a source's value", async () => {
  const dexFiles: DexFile[] = [];
  const app = openApp(bytesSource("program.apk", new Uint8Array(readFileSync(program))), defaultLimits, []);
  for await (const dex of app.dexFiles()) dexFiles.push(dex);
  const types = new TypeTable(dexFiles, new AndroidClasses(""), defaultLimits);
  const methods = new MethodTable(types);
  const { all } = methods.methodsOf(types.findDefined("Lcom/example/program/Writer;")!);
  const graph: CallGraph = {
    methods,
    entryPoints: [],
    entryNodes: [],
    size: all.length,
    methodOf: (node) => node,
    nodeOf: (method) => method,
    successorsOf: () => [],
    limits: { unresolvedReflection: [], nativeMethods: [], isCut: false },
  };
  const relevance = new Relevance(
    graph,
    new CodeReader(methods, new Constants()),
    new ModelIndex([], methods),
    { at: () => [], isIn: () => false, onEntry: () => [] },
    new OutsideCode(methods, []),
  );
  const relevant = () =>
    all.filter((method) => relevance.has(method)).map((method) => methods.reference(method));
  relevance.hold(".what");
  expect(relevant()).toEqual([]);
  relevance.hold(".obj");
  expect(relevant()).toEqual(["Lcom/example/program/Writer;->handleMessage(Landroid/os/Message;)V"]);
  expect(relevance.takeReaders()).toHaveLength(1);
});
