import type { CallGraph } from "../program/index.js";
import type { SinkKind } from "../ruleset/index.js";
import type { Confidence, Party } from "../sdk/index.js";
import type { SourcePoint } from "./collect-sources.js";
import type { RecordedCrossing, RecordedFlow } from "./flow-recorder.js";
import { FORMS, type Trace } from "./values.js";

/** One end of a flow: who, by which API, where in the code. */
export interface FlowEnd {
  readonly party: Party;
  /** Smali reference of the method or field; the content URI. */
  readonly api: string;
  /** The DEX file. */
  readonly entry: string;
  /** Smali reference of the method whose code it is. */
  readonly caller: string;
  /** In 16-bit code units; absent where Android calls the method with the value. */
  readonly codeUnit?: number;
}

/**
 * Who reads a value and who has it in the end: an SDK's own code both; the app's own code gives it to an SDK; one third party
 * to another; a third party to the app's own code; or the app's own code both.
 */
export type FlowKind = "self-collected" | "handed-over" | "passed-on" | "handed-back" | "first-party";

/**
 * A part of the value; Base64; ciphertext; a digest; or that the flow rests on what is assumed of methods that nobody says
 * anything of.
 */
export type FlowForm = keyof typeof FORMS;

/** A step of the way: an instruction that the value goes through. */
export interface FlowStep {
  readonly entry: string;
  readonly caller: string;
  readonly codeUnit: number;
}

/** A value of a sensitive API that reaches a sink. */
export interface Flow {
  readonly source: FlowEnd & { readonly rule: SourcePoint["rule"] };
  readonly sink: FlowEnd & {
    readonly kind: SinkKind;
    /** Of sinks of the kind `network`: where it is sent; `unknown` among them where no constant says. */
    readonly hosts: readonly string[];
  };
  readonly kind: FlowKind;
  /** What has become of the value, in every way in which it arrives. */
  readonly forms: readonly FlowForm[];
  readonly confidence: Confidence;
  /** From the source to the sink. */
  readonly path: readonly FlowStep[];
  /** Steps left out of the middle of {@link path}. */
  readonly omitted: number;
}

/** Steps of a path that are kept. */
const MOST_STEPS = 40;

/** Names what the machine has found: parties at both ends, and the way between. */
export function describeFlows(
  graph: CallGraph,
  recorded: readonly RecordedFlow[],
  points: readonly SourcePoint[],
  partyOf: (method: number) => Party,
  nameCall: (method: number, codeUnit: number) => string,
  cutMethods: ReadonlySet<number>,
): Flow[] {
  const { methods } = graph;
  const entryOf = (method: number) =>
    methods.types.dexFiles[methods.types.dexNumberOf(methods.owners[method]!)]!.source;
  return recorded.map((flow): Flow => {
    const point = points[flow.source]!;
    const steps = stepsOf(flow.trace).filter(({ method }) => method >= 0);
    const source = ownerOf([point.method, ...steps.map(({ method }) => method)], partyOf);
    const sink = ownerOf([flow.method, ...steps.map(({ method }) => method).reverse()], partyOf);
    const shared = [...flow.forms].reduce((all, forms) => all & forms, ~0);
    const path = [...steps, { method: flow.method, codeUnit: flow.codeUnit }].map(({ method, codeUnit }) => ({
      entry: entryOf(method),
      caller: methods.reference(method),
      codeUnit,
    }));
    const distinct = path.filter(
      (step, index) => step.caller !== path[index - 1]?.caller || step.codeUnit !== path[index - 1]?.codeUnit,
    );
    const omitted = Math.max(0, distinct.length - MOST_STEPS);
    const half = MOST_STEPS / 2;
    return {
      source: {
        rule: point.rule,
        party: source,
        api: point.api,
        entry: entryOf(point.method),
        caller: methods.reference(point.method),
        ...(point.codeUnit === undefined ? {} : { codeUnit: point.codeUnit }),
      },
      sink: {
        kind: flow.kind,
        party: sink,
        api: nameCall(flow.method, flow.codeUnit),
        entry: entryOf(flow.method),
        caller: methods.reference(flow.method),
        codeUnit: flow.codeUnit,
        hosts: [...flow.hosts].sort(),
      },
      kind: kindOf(source, sink),
      forms: (Object.keys(FORMS) as FlowForm[]).filter((form) => (shared & FORMS[form]) !== 0),
      confidence: judge(point, steps, shared, cutMethods),
      path: omitted === 0 ? distinct : [...distinct.slice(0, half), ...distinct.slice(-half)],
      omitted,
    };
  });
}

/**
 * A flow is `likely` at most: code is run on abstract values. Where it rests on what is assumed of a method, or goes through
 * one whose calls are not told apart, it is `possible`.
 */
function judge(
  point: SourcePoint,
  steps: readonly { readonly method: number }[],
  forms: number,
  cutMethods: ReadonlySet<number>,
): Confidence {
  const isAssumed = (forms & FORMS.assumed) !== 0;
  if (isAssumed || steps.some(({ method }) => cutMethods.has(method))) return "possible";
  return point.confidence === "certain" ? "likely" : point.confidence;
}

/** A call of the app's own code into a third party's that is passed personal data. */
export interface FlowHandOver {
  /** The receiver. */
  readonly party: Party;
  /** Smali reference of its method. */
  readonly api: string;
  readonly entry: string;
  readonly caller: string;
  readonly codeUnit: number;
  /** Google Play's data types of the values that are passed. */
  readonly dataTypes: readonly string[];
}

export function describeCrossings(
  { methods }: CallGraph,
  crossings: readonly RecordedCrossing[],
  points: readonly SourcePoint[],
  partyOf: (method: number) => Party,
): FlowHandOver[] {
  return crossings.map(({ method, codeUnit, callee, sources }) => ({
    party: partyOf(callee),
    api: methods.reference(callee),
    entry: methods.types.dexFiles[methods.types.dexNumberOf(methods.owners[method]!)]!.source,
    caller: methods.reference(method),
    codeUnit,
    dataTypes: [...new Set([...sources].map((source) => points[source]!.rule["data-type"]))].sort(),
  }));
}

/** The first of some methods that is no support library's: that works for whoever calls it. */
function ownerOf(along: readonly number[], partyOf: (method: number) => Party): Party {
  for (const method of along) {
    const party = partyOf(method);
    if (party.kind !== "support-library") return party;
  }
  return partyOf(along[0]!);
}

function kindOf(source: Party, sink: Party): FlowKind {
  const isOwn = (party: Party) => party.kind === "first-party";
  if (isOwn(source)) return isOwn(sink) ? "first-party" : "handed-over";
  if (isOwn(sink)) return "handed-back";
  return source === sink ? "self-collected" : "passed-on";
}

function stepsOf(trace: Trace): { method: number; codeUnit: number }[] {
  const steps: { method: number; codeUnit: number }[] = [];
  for (let at: Trace | undefined = trace; at !== undefined; at = at.previous) steps.push(at);
  return steps.reverse();
}
