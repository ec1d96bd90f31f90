import { type CallConstantsAsked, dottedName, ReferenceQuery, TEXT_USE } from "../program/index.js";
import type {
  Api,
  ApiRule,
  BlindSpot,
  CompiledRule,
  HandOverCall,
  HandOverRule,
  RuleIndex,
} from "../ruleset/index.js";

/** A sensitive API of the rules, as it is looked for. */
export interface AskedApi {
  readonly rule: CompiledRule<ApiRule>;
  readonly api: Api;
  /** Smali reference, or the content URI. */
  readonly reference: string;
  /** Class that declares it; `undefined` for a content URI. */
  readonly classDescriptor: string | undefined;
}

/** A call that the rules ask for by what is passed. */
export type AskedCall =
  | {
      readonly kind: "hand-over";
      readonly rule: CompiledRule<HandOverRule>;
      readonly call: HandOverCall;
      /** Class that declares the method; `undefined` for a name on whatever class. */
      readonly classDescriptor: string | undefined;
    }
  | { readonly kind: "blind-spot"; readonly spot: BlindSpot };

/** The rules' sensitive APIs as a question to the code. */
export interface ApiQuery {
  readonly query: ReferenceQuery;
  /** By the query's target: rules may ask for one method with different constants. */
  readonly apisOfTarget: readonly (readonly AskedApi[])[];
  /** APIs with members of a class, by the class's dotted name. */
  readonly apisOfClass: ReadonlyMap<string, readonly AskedApi[]>;
  /** Calls by what is passed, by the query's target. */
  readonly callsOfTarget: ReadonlyMap<number, readonly AskedCall[]>;
  /** The same of names of methods, on whatever class. */
  readonly callsOfName: ReadonlyMap<string, readonly AskedCall[]>;
  /** Content URIs, longest first. */
  readonly contentUris: readonly AskedApi[];
}

/** A smali reference in parts; the schema has checked its form. */
function splitReference(reference: string, separator: "(" | ":") {
  const arrow = reference.indexOf("->");
  const end = reference.indexOf(separator, arrow);
  return {
    classDescriptor: reference.slice(0, arrow),
    name: reference.slice(arrow + 2, end),
    /** A method's descriptor with its parenthesis, a field's type without its colon. */
    rest: reference.slice(separator === ":" ? end + 1 : end),
  };
}

/** Builds the question once for all of an audit's DEX files. */
export function buildApiQuery(rules: RuleIndex): ApiQuery {
  const query = new ReferenceQuery();
  const targets = new Map<string, number>();
  const apisOfTarget: AskedApi[][] = [[]];
  const contentUris: AskedApi[] = [];
  const targetOf = (key: string, asked: AskedApi): number | undefined => {
    const known = targets.get(key);
    if (known !== undefined) {
      apisOfTarget[known]!.push(asked);
      return undefined;
    }
    const target = apisOfTarget.push([asked]) - 1;
    targets.set(key, target);
    return target;
  };
  for (const rule of rules.apis) {
    for (const api of rule.apis) {
      if (api["content-uri"] !== undefined) {
        contentUris.push({ rule, api, reference: api["content-uri"], classDescriptor: undefined });
        continue;
      }
      const reference = (api.method ?? api.field ?? api.override)!;
      const { classDescriptor, name, rest } = splitReference(reference, api.field === undefined ? "(" : ":");
      const asked: AskedApi = { rule, api, reference, classDescriptor };
      const target = targetOf(`${api.override === undefined ? "" : "override "}${reference}`, asked);
      for (const text of api.argument?.["one-of"] ?? []) query.addArgument(text);
      if (target === undefined) continue;
      const descriptor = rest === "(*)*" ? undefined : rest;
      if (api.field !== undefined) query.addField(classDescriptor, name, rest, target);
      else if (api.override !== undefined) query.addOverride(classDescriptor, name, descriptor, target);
      else query.addMethod(classDescriptor, name, descriptor, target);
    }
  }
  apisOfTarget.forEach((apis, target) => {
    if (apis.some(({ api }) => api.argument !== undefined)) query.withArgument.add(target);
  });
  for (const kind of ["string", "host"] as const)
    for (const text of rules.valuesOf(kind)) query.addText(text, TEXT_USE.site);
  const { callsOfTarget, callsOfName } = addCalls(rules, query, targets, apisOfTarget);
  contentUris.sort((a, b) => b.reference.length - a.reference.length || (a.reference < b.reference ? -1 : 1));
  const apisOfClass = groupByClass(apisOfTarget);
  return { query, apisOfTarget, apisOfClass, callsOfTarget, callsOfName, contentUris };
}

/** Adds the calls that are asked for by what is passed; a method that is a sensitive API too has one target. */
function addCalls(
  rules: RuleIndex,
  query: ReferenceQuery,
  targets: Map<string, number>,
  apisOfTarget: AskedApi[][],
): Pick<ApiQuery, "callsOfTarget" | "callsOfName"> {
  const callsOfTarget = new Map<number, AskedCall[]>();
  const callsOfName = new Map<string, AskedCall[]>();
  const addCall = (reference: string, asked: AskedCall, constants: CallConstantsAsked) => {
    const { classDescriptor, name, rest } = splitReference(reference, "(");
    let target = targets.get(reference);
    if (target === undefined) {
      target = apisOfTarget.push([]) - 1;
      targets.set(reference, target);
    }
    const descriptor = rest === "(*)*" ? undefined : rest;
    query.addCall(classDescriptor, name, descriptor, target, constants);
    callsOfTarget.set(target, [...(callsOfTarget.get(target) ?? []), asked]);
  };
  for (const rule of rules.handOvers) {
    for (const call of rule.calls) {
      const { method, name } = call;
      if (method === undefined) {
        const asked: AskedCall = { kind: "hand-over", rule, call, classDescriptor: undefined };
        for (const called of [name!, `${name}$default`]) {
          query.addCalledName(called);
          callsOfName.set(called, [...(callsOfName.get(called) ?? []), asked]);
        }
      } else {
        const { classDescriptor } = splitReference(method, "(");
        const asked: AskedCall = { kind: "hand-over", rule, call, classDescriptor };
        for (const reference of kotlinForms(method)) addCall(reference, asked, "followed");
      }
    }
  }
  for (const spot of rules.blindSpots)
    addCall(spot.method, { kind: "blind-spot", spot }, spot.named === undefined ? "none" : "near");
  return { callsOfTarget, callsOfName };
}

/** A method, and what Kotlin makes of one: the companion's, and the bridges that fill in what is left out. */
function kotlinForms(method: string): string[] {
  const { classDescriptor, name } = splitReference(method, "(");
  if (name === "<init>") return [method];
  const outer = classDescriptor.slice(0, -1);
  const isCompanion = outer.endsWith("$Companion");
  return [
    method,
    `${classDescriptor}->${name}$default(*)*`,
    `${outer}$DefaultImpls;->${name}$default(*)*`,
    ...(isCompanion
      ? []
      : [
          `${outer}$Companion;->${method.slice(method.indexOf("->") + 2)}`,
          `${outer}$Companion;->${name}$default(*)*`,
        ]),
  ];
}

function groupByClass(apisOfTarget: readonly (readonly AskedApi[])[]): Map<string, AskedApi[]> {
  const byClass = new Map<string, AskedApi[]>();
  for (const asked of apisOfTarget.flat()) {
    if (asked.api.override !== undefined) continue;
    const name = dottedName(asked.classDescriptor!);
    byClass.set(name, [...(byClass.get(name) ?? []), asked]);
  }
  return byClass;
}

/** Name of the member that an API is. */
export function memberNameOf({ reference }: AskedApi): string {
  return reference.slice(reference.indexOf("->") + 2).split(/[(:]/, 1)[0]!;
}
