import type { Limits } from "../diagnostics/index.js";
import type { Evidence } from "../evidence/index.js";
import {
  type CallWithConstants,
  type ClassHierarchy,
  type Constant,
  type PackageTable,
  parameterTypes,
} from "../program/index.js";
import { type Attribution, type Confidence, lowerConfidence, type Party } from "../sdk/index.js";
import type { ApiQuery, AskedCall } from "./api-query.js";
import { compareText } from "./attribute-accesses.js";
import { argumentRegister, type CallUse } from "./find-api-uses.js";

/** That the app's own code calls a method of a third party which is given data, or the name of an event. */
export interface HandOver {
  /** The receiver. */
  readonly party: Party;
  /** Smali reference of its method. */
  readonly api: string;
  /** The method of the app's own that calls it, smali form. */
  readonly caller: string;
  readonly confidence: Confidence;
  /** Calls in the caller: all of them, also where {@link evidence} was cut. */
  readonly callSites: number;
  /** Google Play's data types that the method is given, by what it means. */
  readonly dataTypes: readonly string[];
  /** Constant names of events and of properties, sorted. */
  readonly events: readonly string[];
  readonly properties: readonly string[];
  readonly evidence: readonly [Evidence, ...Evidence[]];
}

/** What hand-overs are found by. */
export interface HandOverInput {
  readonly calls: readonly CallUse[];
  readonly asked: ApiQuery;
  readonly attribution: Attribution;
  readonly packages: PackageTable;
  readonly hierarchy: ClassHierarchy;
  readonly limits: Limits;
}

type AskedHandOver = Extract<AskedCall, { kind: "hand-over" }>;

/** Hand-overs by one method to one method, being collected. */
interface Group {
  readonly party: Party;
  readonly api: string;
  readonly caller: string;
  confidence: Confidence;
  callSites: number;
  readonly dataTypes: Set<string>;
  readonly events: Set<string>;
  readonly properties: Set<string>;
  readonly evidence: Evidence[];
}

/** What one call hands over. */
interface Given {
  readonly dataTypes: string[];
  readonly events: string[];
  readonly properties: string[];
}

/**
 * The calls of the app's own code into methods of third parties that are given data by what they mean. Whether the value
 * that is passed is such data is not followed; one that is sure to be a constant is none.
 */
export function findHandOvers(input: HandOverInput): HandOver[] {
  const { attribution, limits } = input;
  const groups = new Map<string, Group>();
  for (const use of input.calls) {
    const caller = attribution.parties[attribution.partyOfPackage[use.packageNumber]!]!;
    if (caller.kind !== "first-party") continue;
    const isInferred = attribution.inferred[use.packageNumber] === 1;
    const found = judgeCall(use, input);
    if (found === undefined) continue;
    const confidence = isInferred ? lowerConfidence(found.confidence, "likely") : found.confidence;
    addTo(groups, found, confidence, use.evidence(), limits);
  }
  return [...groups.values()]
    .map(({ dataTypes, events, properties, evidence, ...group }) => ({
      ...group,
      dataTypes: [...dataTypes].sort(),
      events: [...events].sort(),
      properties: [...properties].sort(),
      evidence: evidence as [Evidence, ...Evidence[]],
    }))
    .sort(compareHandOvers);
}

/** By receiver, then by what is called and who calls it. */
export function compareHandOvers(
  a: Pick<HandOver, "party" | "api" | "caller">,
  b: Pick<HandOver, "party" | "api" | "caller">,
): number {
  return compareText(a.party.id, b.party.id) || compareText(a.api, b.api) || compareText(a.caller, b.caller);
}

interface Judged {
  readonly party: Party;
  readonly api: string;
  readonly given: Given;
  readonly confidence: Confidence;
}

function judgeCall(use: CallUse, input: HandOverInput): Judged | undefined {
  const { asked, limits } = input;
  const ofTarget = (asked.callsOfTarget.get(use.target) ?? []).filter((call) => call.kind === "hand-over");
  const ofName = (asked.callsOfName.get(use.name) ?? []).filter((call) => call.kind === "hand-over");
  const isKnown = ofTarget.length > 0;
  const calls = isKnown ? ofTarget : ofName;
  if (calls.length === 0) return undefined;
  const receiver = isKnown ? findKnownReceiver(use, ofTarget, input) : findReceiver(use, input);
  if (receiver === undefined) return undefined;
  const call = use.readConstants();
  // What no branch leads to is not called.
  if (call === undefined) return undefined;
  const given: Given = { dataTypes: [], events: [], properties: [] };
  let confidence: Confidence = receiver.party.kind === "unrecognised" && !isKnown ? "possible" : "certain";
  for (const one of calls) {
    if (!addGiven(use, one, call, given, limits)) continue;
    confidence = lowerConfidence(confidence, one.call.confidence ?? (isKnown ? "certain" : "likely"));
  }
  if (given.dataTypes.length + given.events.length + given.properties.length === 0) return undefined;
  return { ...receiver, given, confidence };
}

/** Who is called by a method that a rule names with its class: named on that class, or on one of the app's below it. */
function findKnownReceiver(
  use: CallUse,
  calls: readonly AskedHandOver[],
  input: HandOverInput,
): Pick<Judged, "party" | "api"> | undefined {
  for (const descriptor of [use.owner, ...calls.map(({ classDescriptor }) => classDescriptor!)]) {
    const party = partyOf(descriptor, input);
    if (party !== undefined && party.kind !== "first-party")
      return { party, api: `${descriptor}->${use.name}${use.descriptor}` };
  }
  return undefined;
}

/** Who is called by a name alone: a third party whose class it is, or which a class of the app's own has it from. */
function findReceiver(use: CallUse, input: HandOverInput): Pick<Judged, "party" | "api"> | undefined {
  const { owner, name, descriptor } = use;
  const named = partyOf(owner, input);
  if (named === undefined) return undefined;
  const definer = named.kind === "first-party" ? input.hierarchy.findDefiner(owner, name, descriptor) : owner;
  const party = definer === undefined ? undefined : partyOf(definer, input);
  if (party === undefined || (party.kind !== "sdk" && party.kind !== "unrecognised")) return undefined;
  return { party, api: `${definer}->${name}${descriptor}` };
}

/** Whose a class is, if the app defines it. */
function partyOf(descriptor: string, { hierarchy, packages, attribution }: HandOverInput): Party | undefined {
  if (hierarchy.find(descriptor) === undefined) return undefined;
  const number = packages.findNumberOfClass(descriptor);
  return number === undefined ? undefined : attribution.parties[attribution.partyOfPackage[number]!];
}

/** Adds what a call gives by one rule; false where it is not a call of that kind. */
function addGiven(
  use: CallUse,
  { call: rule }: AskedHandOver,
  call: CallWithConstants,
  given: Given,
  limits: Limits,
): boolean {
  const parameters = readParameters(use, call);
  if (rule.method !== undefined && !rule.method.endsWith("(*)*")) {
    const wanted = parameterTypes(rule.method.slice(rule.method.indexOf("(")));
    if (wanted.join() !== parameters.map(({ type }) => type).join()) return false;
  }
  let fits = false;
  for (const { index, "data-type": dataType, names, types } of rule.gives) {
    const parameter = parameters[index];
    if (parameter === undefined || (types !== undefined && !types.includes(parameter.type))) continue;
    fits = true;
    if (parameter.isLeftOut) continue;
    const { passed } = parameter;
    const texts = passed?.flatMap((constant) => ("string" in constant ? [constant.string] : [])) ?? [];
    if (names !== undefined)
      given[names === "event" ? "events" : "properties"].push(
        ...texts.map((text) => text.slice(0, limits.textLength)),
      );
    if (dataType !== undefined && (names !== undefined || !isConstant(passed)))
      given.dataTypes.push(dataType);
  }
  return fits;
}

/** A text or a number that stands in the code, or null, is nobody's data. */
function isConstant(passed: readonly Constant[] | undefined): boolean {
  return passed?.every((constant) => "string" in constant || "number" in constant) ?? false;
}

/** A parameter as a rule counts them. */
interface Parameter {
  readonly type: string;
  /** `undefined` where something else than constants can be passed. */
  readonly passed: readonly Constant[] | undefined;
  /** A bridge of Kotlin's fills it in. */
  readonly isLeftOut: boolean;
}

const OBJECT = "Ljava/lang/Object;";
const BRIDGE = "$default";

/** The parameters of a method; of Kotlin's bridge to one, those of the method that it calls. */
function readParameters({ owner, name, descriptor }: CallUse, call: CallWithConstants): Parameter[] {
  const types = parameterTypes(descriptor);
  const passedAt = (index: number) => call.registers[argumentRegister(descriptor, index, call.isStatic)];
  if (!name.endsWith(BRIDGE) || !call.isStatic || types.at(-1) !== OBJECT)
    return types.map((type, index) => ({ type, passed: passedAt(index), isLeftOut: false }));
  // The object, the parameters, a bit a parameter that is left out, a marker.
  const first = types[0] === owner || types[0] === owner.replace("$DefaultImpls;", ";") ? 1 : 0;
  const own = types.slice(first, -1);
  const masks = own.splice(own.length - Math.ceil(own.length / 33));
  return own.map((type, index) => {
    const mask = passedAt(first + own.length + (index >>> 5));
    const isLeftOut =
      masks.length > 0 &&
      mask !== undefined &&
      mask.every((value) => "number" in value && ((value.number >>> (index & 31)) & 1) === 1);
    return { type, passed: passedAt(first + index), isLeftOut };
  });
}

function addTo(
  groups: Map<string, Group>,
  { party, api, given }: Judged,
  confidence: Confidence,
  evidence: Evidence,
  limits: Limits,
): void {
  const caller = evidence.caller ?? "";
  const key = JSON.stringify([party.id, api, caller]);
  let group = groups.get(key);
  if (group === undefined) {
    const [dataTypes, events, properties] = [new Set<string>(), new Set<string>(), new Set<string>()];
    group = { party, api, caller, confidence, callSites: 0, dataTypes, events, properties, evidence: [] };
    groups.set(key, group);
  }
  group.callSites++;
  // One certain place makes the whole certain.
  if (lowerConfidence(group.confidence, confidence) === group.confidence) group.confidence = confidence;
  for (const dataType of given.dataTypes) group.dataTypes.add(dataType);
  for (const event of given.events) group.events.add(event);
  for (const property of given.properties) group.properties.add(property);
  if (group.evidence.length < limits.evidencePerItem) group.evidence.push(evidence);
}
