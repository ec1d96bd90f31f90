import { readDexFiles } from "../../src/dex/index.js";
import { defaultLimits } from "../../src/diagnostics/index.js";
import { FlowRecorder } from "../../src/flow/flow-recorder.js";
import { EMPTY_HEAP } from "../../src/flow/heap.js";
import { Machine } from "../../src/flow/machine.js";
import { ModelIndex } from "../../src/flow/model-index.js";
import { defaultFlowLimits } from "../../src/flow/outcome.js";
import type { OutsideCall } from "../../src/flow/outside-call.js";
import { NOTHING, ofObject, UNKNOWN, type Value } from "../../src/flow/values.js";
import { AndroidClasses, type CallGraph, type EntryPoint, MethodTable } from "../../src/program/index.js";
import { TypeTable } from "../../src/program/type-table.js";
import type { FlowModel } from "../../src/ruleset/index.js";
import { buildDex, type ClassSpec } from "../support/dex-builder.js";

/** Lines as in rules/android-classes.tsv, sorted. */
const ANDROID = [
  "Landroid/app/Activity;\tLandroid/content/Context;\tonCreate/1",
  "Landroid/content/Context;\t\tgetString/1",
  "Ljava/lang/CharSequence;\t\tlength/0",
  "Ljava/lang/String;\tLjava/lang/CharSequence;\tconcat/1",
  "Ljava/lang/StringBuilder;\tLjava/lang/CharSequence;\tappend/1",
].join("\n");

/** The methods of some classes. */
export function makeMethods(classes: readonly ClassSpec[] = [{ descriptor: "Lacme/Main;" }]): MethodTable {
  const dexFiles = readDexFiles(buildDex([{ classes }]).bytes, "classes.dex", defaultLimits, []);
  return new MethodTable(new TypeTable(dexFiles, new AndroidClasses(ANDROID), defaultLimits));
}

/** A machine of an app of some classes; unless entry points are made of them, nothing runs by itself. */
export function makeMachine(
  models: readonly FlowModel[] = [],
  classes?: readonly ClassSpec[],
  makeEntryPoints: (methods: MethodTable) => EntryPoint[] = () => [],
): Machine {
  const methods = makeMethods(classes);
  const graph: CallGraph = {
    methods,
    entryPoints: makeEntryPoints(methods),
    entryNodes: [],
    size: 0,
    methodOf: () => -1,
    nodeOf: () => undefined,
    successorsOf: () => [],
    limits: { unresolvedReflection: [], nativeMethods: [], isCut: false },
  };
  return new Machine(
    graph,
    new ModelIndex(models, methods),
    { at: () => [], isIn: () => false, onEntry: () => [] },
    {
      packageName: "com.acme",
      byName: () => [],
      byAction: () => [],
      byAuthority: (authority) =>
        authority === "com.acme.notes" ? [methods.types.numberOf("Lacme/Main;")] : [],
    },
    new FlowRecorder(),
    { ...defaultFlowLimits, steps: 10_000 },
    defaultLimits,
    [],
  );
}

/** A call of a method outside of the app: `Ljava/lang/String;->trim()Ljava/lang/String;`. */
export function makeCall(
  machine: Machine,
  text: string,
  base: Value | undefined,
  ...args: readonly Value[]
): OutsideCall {
  const [owner, signatureText] = text.split("->") as [string, string];
  const signature = machine.methods.numberOfSignature(signatureText);
  return {
    reference: machine.reader.makeReference(machine.types.numberOf(owner), signature),
    base,
    arguments: args,
    site: { method: 0, codeUnit: 0, context: 0 },
    isLoop: false,
    heap: EMPTY_HEAP,
    result: undefined,
    thrown: NOTHING,
  };
}

/** A new object of a type in the heap of a call; it is the only one of its name. */
export function makeObject(
  machine: Machine,
  call: { heap: OutsideCall["heap"] },
  type: string,
  name = type,
): Value {
  const object = machine.objects.find(`test ${name}`, "made", machine.types.numberOf(type), true);
  call.heap = machine.memory.renew(call.heap, object);
  return ofObject(object);
}

/** A value of which nothing is known, but that it is a source's. */
export function markedValue(mark: number, value: Value = UNKNOWN): Value {
  return { ...value, marks: [mark], traces: [{ method: 1, codeUnit: 1, previous: undefined }] };
}

/** What a value may be, for people: `"text"`, `"beginning…"`, `7`, `object 3`, `?`; each followed by marks. */
export function show(machine: Machine, value: Value): string {
  const constants = value.constants.map((one) => {
    const constant = machine.constants.list[one]!;
    if (constant.kind === "text") return `"${constant.text}${constant.isPrefix ? "…" : ""}"`;
    return constant.kind === "class" ? machine.types.names[constant.type]! : String(constant.value);
  });
  const objects = value.objects.map((object) => `object ${object}`);
  const marks = value.marks.length === 0 ? "" : ` of ${value.marks.join(",")}`;
  return `${[...constants.sort(), ...objects, ...(value.isUnknown ? ["?"] : [])].join(" or ")}${marks}`;
}
