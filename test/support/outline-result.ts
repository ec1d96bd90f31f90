import type { AuditResult } from "../../src/findings/index.js";

/** A result in lines that a person can write and judge: who is there, what each could access, what is said. */
export interface Outline {
  readonly parties: readonly string[];
  readonly accesses: readonly string[];
  readonly findings: readonly string[];
  readonly diagnostics: readonly string[];
}

/** The outline of an audit's result; evidence and wording are left to other tests. */
export function outlineResult(result: AuditResult): Outline {
  return {
    parties: result.parties.map(
      ({ id, kind, confidence, classes, renamedClasses, version }) =>
        `${id}${kind === "sdk" || kind === "support-library" ? ` (${kind})` : ""}, ${confidence}, ${classes} classes${renamedClasses === undefined ? "" : `, ${renamedClasses} renamed`}${version === undefined ? "" : `, version ${version}`}`,
    ),
    accesses: result.accesses.map(
      ({ party, dataType, yields, confidence, callSites, limits }) =>
        `${party}: ${dataType} by ${yields}, ${confidence}, ${callSites} sites${outlineLimits(limits)}`,
    ),
    findings: result.findings.map(
      ({ id, rung, confidence, limits }) =>
        `${id}${rung === undefined ? "" : `, ${rung}`}, ${confidence}${outlineLimits(limits)}`,
    ),
    diagnostics: result.diagnostics.map(({ effect, code, part }) => `${effect} ${code} ${part}`),
  };
}

function outlineLimits(limits: AuditResult["accesses"][number]["limits"]): string {
  return limits
    .map(({ kind, leaves, permissions = [] }) => ` [${[kind, leaves, ...permissions].join(" ")}]`)
    .join("");
}
