import { expect, test } from "vitest";
import { readDexFiles } from "../../src/dex/index.js";
import { defaultLimits } from "../../src/diagnostics/index.js";
import { CodeReader } from "../../src/flow/method-code.js";
import { ModelIndex } from "../../src/flow/model-index.js";
import { OutsideCode } from "../../src/flow/outside-code.js";
import { Relevance } from "../../src/flow/relevance.js";
import { Constants } from "../../src/flow/values.js";
import { AndroidClasses, type CallGraph, MethodTable } from "../../src/program/index.js";
import { TypeTable } from "../../src/program/type-table.js";
import { buildDex } from "../support/dex-builder.js";

const MESSAGE = "Landroid/os/Message;";

test("a method that reads a field of Android's is worth going into once what rules call it holds a source's value", () => {
  const { bytes } = buildDex([
    {
      refs: [{ owner: MESSAGE, field: { name: "obj", type: "Ljava/lang/Object;" } }],
      classes: [
        {
          descriptor: "Lacme/Main;",
          methods: [
            { name: "read", isVirtual: true, code: (ids) => [0x1054, ids.field(MESSAGE, "obj"), 0x000e] },
            { name: "rest", isVirtual: true, code: () => [0x000e] },
          ],
        },
      ],
    },
  ]);
  const dexFiles = readDexFiles(bytes, "classes.dex", defaultLimits, []);
  const types = new TypeTable(dexFiles, new AndroidClasses(""), defaultLimits);
  const methods = new MethodTable(types);
  const { all } = methods.methodsOf(types.findDefined("Lacme/Main;")!);
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
  expect(relevant()).toEqual(["Lacme/Main;->read()V"]);
  expect(relevance.takeReaders()).toEqual(all.filter((method) => methods.reference(method).includes("read")));
});
