import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { bytesSource } from "../../src/archive/index.js";
import { type AuditOptions, auditSource, prepareRules } from "../../src/audit.js";
import type { AuditResult } from "../../src/findings/index.js";
import { loadFlowRules, loadRuleset } from "../../src/ruleset/load-ruleset.js";
import { type Program, programsFolder } from "./read-program.js";
import type { FlowVerdict } from "./score-flows.js";

const shipped = fileURLToPath(new URL("../../rules", import.meta.url));
const folders = [shipped, join(programsFolder, "rules")];

/** The rules that ship and those of the programs' parties, read from their sources. */
const rules = prepareRules(loadRuleset(folders), {
  androidClasses: () => readFileSync(join(shipped, "android-classes.tsv"), "latin1"),
  flowRules: () => loadFlowRules(folders),
});

/** Audits bytes of an APK for flows. */
export function auditFlows(bytes: Uint8Array, options: AuditOptions = {}): Promise<AuditResult> {
  return auditSource(bytesSource("program.apk", bytes), rules, { depth: "flows", ...options });
}

/** Audits a program for flows. */
export function auditProgram({ apk }: Program, options: AuditOptions = {}): Promise<AuditResult> {
  return auditFlows(new Uint8Array(readFileSync(apk)), options);
}

/** `known-flow-failures.yaml`: what is known to be wrong of flows, by text of the verdict, with the reason. */
export const knownFlowFailures = parse(
  readFileSync(join(import.meta.dirname, "known-flow-failures.yaml"), "utf8"),
) as Readonly<
  Record<"false-positive" | "false-negative" | "said-otherwise", Readonly<Record<string, string>>>
>;

/** Verdicts of one kind of failure, in the form of {@link knownFlowFailures}. */
export function failuresOf(
  verdicts: readonly FlowVerdict[],
): Record<keyof typeof knownFlowFailures, string[]> {
  const textsOf = (outcome: FlowVerdict["outcome"]) =>
    verdicts.filter((one) => one.outcome === outcome).map(({ text }) => text);
  return {
    "false-positive": textsOf("false-positive").sort(),
    "false-negative": textsOf("false-negative").sort(),
    "said-otherwise": verdicts.flatMap(({ text, differs }) => differs.map((one) => `${text}: ${one}`)).sort(),
  };
}
