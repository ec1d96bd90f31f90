import type { Diagnostic, Diagnostics } from "../diagnostics/index.js";
import type { Reachability } from "../program/index.js";
import type { AuditResult, ReachabilitySummary } from "./audit-result.js";
import type { Rung } from "./rungs.js";

/** What a diagnostic is about that tells why it could not be looked for what can run. */
const CALL_GRAPH = "call graph";

/** That nobody knows what Android would start, and so neither what can run nor where data goes. */
export function diagnoseNoManifest(depth: Rung): Diagnostic {
  const what = depth === "flows" ? "what can run, and where data goes, was" : "what can run was";
  const message = `${what} not looked for: without a readable AndroidManifest.xml nobody knows what Android starts`;
  return { effect: "unread", code: "missing-part", part: CALL_GRAPH, message };
}

/** Whether it was asked what can run, and could not be looked for, as there is no manifest to begin with. */
export function lacksManifest({ diagnostics }: Pick<AuditResult, "diagnostics">): boolean {
  return diagnostics.some(({ code, part }) => code === "missing-part" && part === CALL_GRAPH);
}

/**
 * What of the code can run, and why more may than that: what was not read can call anything.
 *
 * @param reachability `undefined` where there is no manifest, by which Android would start anything
 */
export function summarizeReachability(
  reachability: Reachability | undefined,
  hasOtherCode: boolean,
  diagnostics: Diagnostics,
): ReachabilitySummary {
  const isUnread = reachability === undefined || diagnostics.some(({ effect }) => effect === "unread");
  return {
    entryPoints: reachability?.entryPoints ?? 0,
    methods: reachability?.methods ?? 0,
    gaps: [
      ...(isUnread ? [{ kind: "unread" as const }] : []),
      ...(hasOtherCode ? [{ kind: "other-code" as const }] : []),
      ...(reachability?.findGaps() ?? []),
    ],
  };
}
