import { leavesNothing } from "../access/index.js";
import type { AccessSummary, FlowSummary } from "./audit-result.js";

/** How far the evidence goes that a party accesses a data type; weakest first. */
export const rungs = ["permitted", "referenced", "reachable", "flows"] as const;
export type Rung = (typeof rungs)[number];

/** Whether evidence for a rung goes at least as far as for another. */
export function isRungAtLeast(rung: Rung, least: Rung): boolean {
  return rungs.indexOf(rung) >= rungs.indexOf(least);
}

/** The lower of two. */
export function lowerRung(one: Rung, other: Rung): Rung {
  return isRungAtLeast(one, other) ? other : one;
}

/** What of an access tells how far its evidence goes. */
interface SeenAccess {
  readonly limits: AccessSummary["limits"];
  readonly reach?: AccessSummary["reach"] | undefined;
}

/** How far the evidence of accesses to one thing goes: of those that yield something, where any does. */
export function rungOfAccesses(accesses: readonly SeenAccess[]): Rung {
  const open = accesses.filter(({ limits }) => !leavesNothing(limits));
  const counting = open.length > 0 ? open : accesses;
  return counting.some(({ reach }) => reach !== undefined) ? "reachable" : "referenced";
}

/** The same where values were followed: that of the access of which it goes furthest. */
export function rungWithFlows(accesses: readonly AccessSummary[], flows: readonly FlowSummary[] = []): Rung {
  const going = accesses.some((access) => rungOfAccess(access, flows) === "flows");
  return going ? "flows" : rungOfAccesses(accesses);
}

/** How far the evidence of one access goes, of which there may be flows. */
export function rungOfAccess(access: AccessSummary, flows: readonly FlowSummary[] = []): Rung {
  const { party, dataType, yields, limits } = access;
  const goesOn =
    !leavesNothing(limits) &&
    flows.some((flow) => flow.source.party === party && flow.dataType === dataType && flow.yields === yields);
  return goesOn ? "flows" : rungOfAccesses([access]);
}
