import type { AuditResult } from "../findings/index.js";
import type { CompiledRules } from "../ruleset/index.js";
import {
  compareDataSafety,
  type DataSafetyComparison,
  type DataSafetyItem,
  sawAll,
} from "./compare-data-safety.js";
import type { DataSafetyForm } from "./data-safety-form.js";
import { type CheckResult, outcomeOf, type Problem, sortProblems } from "./verdict.js";

/** Compares a build with its form, as one check of it. */
export function checkForm(
  result: AuditResult,
  dataTypes: CompiledRules["header"]["dataTypes"],
  form: DataSafetyForm,
): CheckResult {
  const comparison = compareDataSafety(result, { dataTypes }, form);
  return checkDataSafety({ ...comparison, form: comparison.form! });
}

/**
 * A comparison with a form as one check of a build. What the form says against itself is among the problems, as is
 * what it declares and nothing was seen of.
 */
export function checkDataSafety({
  form,
  ...comparison
}: DataSafetyComparison & { readonly form: NonNullable<DataSafetyComparison["form"]> }): CheckResult {
  const problems = sortProblems([
    ...comparison.lists.flatMap(({ items, fix }) => items.map((item) => describeItem(item, fix))),
    ...form.inconsistencies.map(
      ({ message, dataType, line }): Problem => ({
        id: `data-safety/inconsistent-form/${dataType ?? "collects"}/${line}`,
        severity: "warning",
        message: `${form.file}:${line} contradicts itself: ${message}`,
        fix: "Correct the form in Play Console, and export it anew.",
        ...(dataType === undefined ? {} : { dataType }),
        findings: [],
        evidence: [],
      }),
    ),
  ]);
  return {
    id: "data-safety",
    kind: "data-safety",
    title: `${form.file} declares what vendors say that their SDKs collect`,
    place: { file: form.file, line: 1 },
    outcome: outcomeOf(problems, !sawAll(comparison)),
    ...(sawAll({ unread: [], depth: comparison.depth }) ? {} : { isTooShallow: true }),
    problems,
    excepted: [],
  };
}

function describeItem(item: DataSafetyItem, fix: string): Problem {
  const { id, kind, severity, dataType, party, observed, evidence } = item;
  return {
    id: `data-safety/${id}`,
    severity,
    message: sayItem(item),
    fix,
    ...(party === undefined ? {} : { party: party.id, confidence: party.confidence }),
    dataType,
    // Of what a vendor documents the rung says nothing.
    ...(kind === "undeclared-access" && observed !== undefined
      ? { rung: observed.rung, confidence: observed.confidence }
      : {}),
    findings: observed?.findings ?? [],
    evidence,
  };
}

/** An item in one sentence without a full stop. */
export function sayItem({ kind, dataType, party, documented, purposes = [] }: DataSafetyItem): string {
  const who = party?.name ?? "";
  const pages = documented.map(({ source, readOn }) => `${source}, read on ${readOn}`).join("; ");
  switch (kind) {
    case "undeclared-collection":
      return `${who} collects ${dataType}, its vendor says, and the form does not declare it collected (${pages})`;
    case "undeclared-sharing":
      return `${who} shares ${dataType}, its vendor says, and the form does not declare it shared (${pages})`;
    case "undeclared-purpose":
      return `${who} collects ${dataType} for ${purposes.join(", ")}, its vendor says, and the form names no such purpose (${pages})`;
    case "undeclared-access": {
      const denial = pages === "" ? "" : `; its vendor says that it does not collect it (${pages})`;
      return `code of ${who} could access ${dataType}, of which the form says nothing${denial}`;
    }
    case "declared-not-observed":
      return `${dataType} is declared, no code was seen to refer to it, and no vendor documents that it collects it`;
  }
}
