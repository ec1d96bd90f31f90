import { dottedName, ReferenceQuery, TEXT_USE } from "../program/index.js";
import type { Api, ApiRule, CompiledRule, RuleIndex } from "../ruleset/index.js";

/** A sensitive API of the rules, as it is looked for. */
export interface AskedApi {
  readonly rule: CompiledRule<ApiRule>;
  readonly api: Api;
  /** Smali reference, or the content URI. */
  readonly reference: string;
  /** Class that declares it; `undefined` for a content URI. */
  readonly classDescriptor: string | undefined;
}

/** The rules' sensitive APIs as a question to the code. */
export interface ApiQuery {
  readonly query: ReferenceQuery;
  /** By the query's target: rules may ask for one method with different constants. */
  readonly apisOfTarget: readonly (readonly AskedApi[])[];
  /** APIs with members of a class, by the class's dotted name. */
  readonly apisOfClass: ReadonlyMap<string, readonly AskedApi[]>;
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
  const targets = new Map<string, AskedApi[]>();
  const apisOfTarget: AskedApi[][] = [[]];
  const contentUris: AskedApi[] = [];
  const targetOf = (key: string, asked: AskedApi): number | undefined => {
    const known = targets.get(key);
    if (known !== undefined) {
      known.push(asked);
      return undefined;
    }
    const apis = [asked];
    targets.set(key, apis);
    return apisOfTarget.push(apis) - 1;
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
  contentUris.sort((a, b) => b.reference.length - a.reference.length || (a.reference < b.reference ? -1 : 1));
  return { query, apisOfTarget, apisOfClass: groupByClass(apisOfTarget), contentUris };
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
