import type { ApiUse } from "../access/index.js";
import type { CallGraph } from "../program/index.js";
import { parameterTypes } from "../program/index.js";
import type { ApiRule, CompiledRule, FlowRules, FlowSource, MethodPattern, Place } from "../ruleset/index.js";
import type { Confidence } from "../sdk/index.js";
import type { FlowSources, SourceAt } from "./flow-sources.js";

/** A place in the code that yields personal data. */
export interface SourcePoint {
  readonly rule: CompiledRule<ApiRule>;
  /** Smali reference of the method, field or callback, or the content URI. */
  readonly api: string;
  readonly method: number;
  /** Absent where Android calls the method with it. */
  readonly codeUnit?: number;
  readonly confidence: Confidence;
}

const RESULT: readonly Place[] = [{ root: "result", path: [] }];
const NO_SOURCES: readonly SourceAt[] = Object.freeze([]);

/** All places of an app's code that can run and yield personal data, numbered in the order of the code. */
export class SourceTable implements FlowSources {
  readonly points: SourcePoint[] = [];
  readonly #at = new Map<number, Map<number, SourceAt[]>>();
  readonly #onEntry = new Map<number, SourceAt[]>();

  constructor(
    graph: CallGraph,
    uses: readonly ApiUse[],
    apiRules: readonly CompiledRule<ApiRule>[],
    flowRules: FlowRules,
  ) {
    const yields = new YieldIndex(flowRules.sources);
    for (const use of uses) this.#addUse(graph, use, yields);
    this.#addCallbacks(graph, apiRules, flowRules.sources);
  }

  #addUse(graph: CallGraph, use: ApiUse, yields: YieldIndex): void {
    const { methods } = graph;
    const { kind, codeUnit } = use.evidence();
    // Who only names a class has no value of it.
    if (kind === "class-constant") return;
    const dexNumber = (methods.types.dexFiles as readonly unknown[]).indexOf(use.place.dex);
    const method =
      dexNumber < 0 ? undefined : methods.findDefined(dexNumber, use.place.classDefIdx, use.place.methodIdx);
    if (method === undefined || graph.nodeOf(method) === undefined) return;
    const { rule, reference: api } = use.asked;
    const point = { rule, api, method, confidence: use.confidence };
    if (kind === "override") {
      const count = parameterTypes(methods.signatureTexts[methods.signatures[method]!]!).length;
      const parameters = Array.from({ length: count }, (_, root): Place => ({ root, path: [] }));
      this.#add(this.#onEntry, method, {
        source: this.points.push(point) - 1,
        yields: yields.find("override", api) ?? parameters,
      });
      return;
    }
    if (codeUnit === undefined) return;
    const places = yields.find("method", api) ?? RESULT;
    if (places.length === 0) return;
    const ofMethod = this.#at.get(method) ?? new Map<number, SourceAt[]>();
    this.#at.set(method, ofMethod);
    // Several rules' APIs may be one: each yields data of its own. What one rule names twice it yields once.
    const isKnown = ofMethod.get(codeUnit)?.some(({ source }) => this.points[source]!.rule === rule);
    if (isKnown === true) return;
    this.#add(ofMethod, codeUnit, { source: this.points.push({ ...point, codeUnit }) - 1, yields: places });
  }

  /** Callbacks that follow from a request, which the rules of APIs do not list. */
  #addCallbacks(
    graph: CallGraph,
    apiRules: readonly CompiledRule<ApiRule>[],
    sources: readonly FlowSource[],
  ): void {
    const { methods } = graph;
    const byName = new Map<string, FlowSource[]>();
    for (const source of sources)
      if (source.kind === "override" && source.of !== undefined)
        byName.set(source.pattern.name, [...(byName.get(source.pattern.name) ?? []), source]);
    const size = methods.size;
    for (let method = 0; method < size; method++) {
      const asked = byName.get(methods.nameOf(methods.signatures[method]!));
      if (asked === undefined || graph.nodeOf(method) === undefined || methods.codeOffs[method] === 0)
        continue;
      for (const { pattern, yields, of } of asked) {
        const rule = apiRules.find(({ id }) => id === of);
        if (rule === undefined || !this.#overrides(graph, method, pattern as MethodPattern)) continue;
        if (this.#onEntry.get(method)?.some(({ source }) => this.points[source]!.rule === rule)) continue;
        const { owner, name, parameters, returns } = pattern as MethodPattern;
        const api = `${owner}->${name}(${parameters?.join("") ?? "*"})${returns ?? "*"}`;
        const point: SourcePoint = { rule, api, method, confidence: "certain" };
        this.#add(this.#onEntry, method, { source: this.points.push(point) - 1, yields });
      }
    }
  }

  #overrides({ methods }: CallGraph, method: number, { owner, parameters }: MethodPattern): boolean {
    const { types } = methods;
    if (parameters !== undefined) {
      const own = parameterTypes(methods.signatureTexts[methods.signatures[method]!]!);
      if (own.length !== parameters.length || own.some((one, index) => one !== parameters[index]))
        return false;
    }
    return (
      types.names[methods.owners[method]!] !== owner &&
      types.inherits(methods.owners[method]!, types.numberOf(owner))
    );
  }

  #add(table: Map<number, SourceAt[]>, key: number, source: SourceAt): void {
    const known = table.get(key);
    if (known === undefined) table.set(key, [source]);
    else known.push(source);
  }

  at(method: number, codeUnit: number): readonly SourceAt[] {
    return this.#at.get(method)?.get(codeUnit) ?? NO_SOURCES;
  }

  isIn(method: number): boolean {
    return this.#at.has(method) || this.#onEntry.has(method);
  }

  onEntry(method: number): readonly SourceAt[] {
    return this.#onEntry.get(method) ?? NO_SOURCES;
  }
}

/** Where an API's value is, where rules of flows say so. */
class YieldIndex {
  readonly #byName = new Map<string, FlowSource[]>();

  constructor(sources: readonly FlowSource[]) {
    for (const source of sources) {
      const key = `${source.kind} ${source.pattern.owner}->${source.pattern.name}`;
      this.#byName.set(key, [...(this.#byName.get(key) ?? []), source]);
    }
  }

  /** @param api smali reference, as a rule of APIs has it */
  find(kind: FlowSource["kind"], api: string): readonly Place[] | undefined {
    const end = api.indexOf("(");
    if (end < 0) return undefined;
    const named = this.#byName.get(`${kind} ${api.slice(0, end)}`) ?? [];
    const parameters = api.slice(end + 1, api.indexOf(")"));
    const fitting = named.filter(({ pattern }) => {
      const own = (pattern as MethodPattern).parameters;
      return own === undefined || parameters === "*" || own.join("") === parameters;
    });
    return fitting[0]?.yields;
  }
}
