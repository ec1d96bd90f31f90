import type { PlacedRule } from "./compile-ruleset.js";
import type { CompiledFlowRules } from "./compiled-flow-rules.js";
import type { FlowModel, FlowRules, FlowSource, Place } from "./flow-models.js";
import type { FlowRule, WrittenModel, WrittenPlace, WrittenSource } from "./flow-schema.js";
import {
  parseDerivation,
  parseFieldPattern,
  parseMethodPattern,
  parseMove,
  parsePlace,
  parseRun,
} from "./parse-flow-text.js";
import { placeInFile } from "./place-in-file.js";
import { RuleConflict } from "./rule-conflict.js";

/**
 * Parses what checked rule files say of flows.
 *
 * @param base rules to build on; a file of `placed` replaces the one of its id
 * @throws UsageError naming the file where a method has two models
 */
export function compileFlowRules(
  placed: readonly PlacedRule[],
  base: CompiledFlowRules = {},
): CompiledFlowRules {
  refuseSecondModels(placed);
  const own = placed.flatMap(({ file }) =>
    file.kind === "flow" ? [[file.rule.id, parseFlowRule(file.rule)] as const] : [],
  );
  // Of two models of one method the first counts: what is built on comes last.
  const replaced = new Set(own.map(([id]) => id));
  const others = Object.entries(base).filter(([id]) => !replaced.has(id));
  const byId = ([a]: readonly [string, FlowRules], [b]: readonly [string, FlowRules]) =>
    a < b ? -1 : a > b ? 1 : 0;
  return Object.fromEntries([...own.sort(byId), ...others.sort(byId)]);
}

/** Of two models of one method none is the more specific. */
function refuseSecondModels(placed: readonly PlacedRule[]): void {
  const seen = new Map<string, PlacedRule>();
  for (const rule of placed) {
    if (rule.file.kind !== "flow") continue;
    for (const { method } of rule.file.rule.models) {
      const earlier = seen.get(method);
      if (earlier !== undefined) {
        throw new RuleConflict(
          placeInFile(rule, method),
          [placeInFile(earlier, method)],
          `\`${method}\` has two models`,
          "Make one of both.",
        );
      }
      seen.set(method, rule);
    }
  }
}

function parseFlowRule(rule: FlowRule): FlowRules {
  return {
    models: rule.models.map(parseModel),
    sources: (rule.sources ?? []).map(parseSource),
    outside: rule.outside ?? [],
  };
}

function parseModel(model: WrittenModel): FlowModel {
  const { computes, reflects } = model;
  return {
    method: parseMethodPattern(model.method),
    creates: model.creates ?? false,
    returnsItself: model["returns-itself"] ?? false,
    moves: (model.moves ?? []).map(parseMove),
    derives: (model.derives ?? []).map(parseDerivation),
    ...(computes === undefined ? {} : { computes }),
    runs: (model.runs ?? []).map(parseRun),
    cancels: (model.cancels ?? []).map(toPlace),
    clears: (model.clears ?? []).map(toPlace),
    sends: (model.sends ?? []).map(({ intent, to, result }) => ({
      intent: toPlace(intent),
      to,
      result: result ?? false,
    })),
    sinks: (model.sinks ?? []).map(({ kind, takes, where, host }) => ({
      kind,
      takes: takes.map(toPlace),
      ...(where === undefined ? {} : { where: where === "leaves-app" ? where : toPlace(where) }),
      ...(host === undefined ? {} : { host: toPlace(host) }),
    })),
    ...(reflects === undefined ? {} : { reflects }),
  };
}

function parseSource(source: WrittenSource): FlowSource {
  const rest = {
    yields: source.yields.map(toPlace),
    ...(source.of === undefined ? {} : { of: source.of }),
  };
  if ("field" in source) return { kind: "field", pattern: parseFieldPattern(source.field), ...rest };
  return "method" in source
    ? { kind: "method", pattern: parseMethodPattern(source.method), ...rest }
    : { kind: "override", pattern: parseMethodPattern(source.override), ...rest };
}

function toPlace(written: WrittenPlace): Place {
  return parsePlace(String(written));
}
