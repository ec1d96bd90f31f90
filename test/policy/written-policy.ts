import { evaluatePolicy } from "../../src/policy/evaluate-policy.js";
import type { CheckResult, Policy } from "../../src/policy/index.js";
import { buildResult, type ResultParts } from "../support/result-builder.js";

export type WrittenRule = Omit<Policy["rules"][number], "id" | "place"> & { readonly id?: string };

/** A policy of rules that are named a, b, c, each on a line of its own. */
export function policyOf(
  rules: readonly WrittenRule[],
  exceptions: readonly Omit<Policy["exceptions"][number], "place">[] = [],
): Policy {
  const place = (index: number) => ({ file: "p.yaml", line: index + 3 });
  return {
    rules: rules.map((rule, index) => ({ id: "abc"[index]!, ...rule, place: place(index) })),
    exceptions: exceptions.map((exception, index) => ({ ...exception, place: place(index + 10) })),
  };
}

/** What one rule says of a build. */
export function ask(rule: WrittenRule, parts: ResultParts): CheckResult {
  return evaluatePolicy(policyOf([rule]), buildResult(parts))[0]!;
}

/** The outcome, and each problem as `severity id`. */
export function outline({ outcome, problems }: CheckResult): string[] {
  return [outcome, ...problems.map(({ severity, id }) => `${severity} ${id}`)];
}

/** That a part of the app could not be read. */
export const unread = {
  effect: "unread",
  code: "truncated",
  part: "classes2.dex",
  message: "classes2.dex: cut",
} as const;
