import type { Diagnostics } from "../diagnostics/index.js";
import type { Reachability } from "../program/index.js";
import type { ReachabilitySummary } from "./audit-result.js";

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
