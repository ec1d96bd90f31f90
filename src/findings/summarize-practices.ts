import type { PartyRule } from "../ruleset/index.js";
import type { PracticeSummary } from "./audit-result.js";

/** What a rule has of its vendor's word on its practices; empty where it documents none. */
export function summarizePractices(party: PartyRule | undefined): PracticeSummary[] {
  if (party?.kind !== "sdk") return [];
  return (party.rule.practices ?? []).map((practice) => ({
    dataType: practice["data-type"],
    collected: practice.collected,
    ...(practice.shared === undefined ? {} : { shared: practice.shared }),
    ...(practice.purposes === undefined ? {} : { purposes: practice.purposes }),
    source: practice.source,
    readOn: practice["read-on"],
  }));
}
