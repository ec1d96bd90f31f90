import type { AuditResult, Finding, PartySummary } from "../findings/index.js";
import { leavesData } from "./arrange-parties.js";
import { summarizePlace } from "./evidence-text.js";
import { printable } from "./printable-text.js";
import { sayReach } from "./reach-text.js";
import { shortPermission } from "./words.js";

/** Characters of the place that a finding's sentence names. */
const MOST_PLACE = 200;

/**
 * A finding in one or two sentences, escaped: who, what, by which code, and what limits it most.
 *
 * @param depth up to which was looked
 */
export function describeFinding(
  finding: Finding,
  party: PartySummary | undefined,
  depth: AuditResult["depth"],
): string {
  const who = printable(party?.name ?? finding.party, 80);
  const permissions = (finding.permissions ?? [])
    .map((name) => printable(shortPermission(name), 100))
    .join(", ");
  switch (finding.kind) {
    case "data-access":
      return describeAccess(
        finding,
        party?.version === undefined ? who : `${who} ${printable(party.version, 30)}`,
        permissions,
        depth,
      );
    case "data-hand-over":
      return `${who} is given ${finding.dataType ?? ""}, and its code brings it to where data leaves the app's code: ${countOf(finding.flows ?? [])}.`;
    case "unused-permission":
      return `No use was seen of ${permissions}.`;
    case "piggy-back-permission":
      return `Only third parties' code uses ${permissions}; here it is ${who}.`;
    case "missing-permission":
      return `${who} calls what needs ${permissions}, which the app does not hold.`;
  }
}

function describeAccess(
  { rung, dataType = "", limits, reach, flows, evidence }: Finding,
  who: string,
  permissions: string,
  depth: AuditResult["depth"],
): string {
  if (rung === "permitted") {
    const use = depth === "permitted" ? "a use of it was not looked for" : "its code was not seen to use it";
    return `${who} is permitted ${dataType} by ${permissions}; ${use}.`;
  }
  const place = summarizePlace(evidence[0], undefined, MOST_PLACE);
  const limit = limits.find(({ leaves }) => leaves === "nothing") ?? limits[0];
  const said = limit === undefined ? "" : ` Limited: ${printable(limit.message, 300)}`;
  const could = leavesData(limits) ? "could access" : "has code for";
  const runs = reach === undefined ? "" : ` It ${sayReach(reach)}.`;
  const goes = flows === undefined ? "" : ` The value goes somewhere: ${countOf(flows)}.`;
  return `${who} ${could} ${dataType}: ${place}.${runs}${goes}${said}`;
}

function countOf(flows: readonly string[]): string {
  return flows.length === 1 ? "1 flow" : `${flows.length} flows`;
}

/** Parties by id. */
export function indexParties({ parties }: AuditResult): ReadonlyMap<string, PartySummary> {
  return new Map(parties.map((party) => [party.id, party]));
}
