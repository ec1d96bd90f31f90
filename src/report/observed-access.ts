import type { Evidence } from "../evidence/index.js";
import {
  type AccessSummary,
  type AuditResult,
  type Finding,
  type Rung,
  rungWithFlows,
} from "../findings/index.js";
import { groupBy, leavesData } from "./arrange-parties.js";

/** One data type of a party, whoever it is, with the best that is known of its access. */
export interface PartyAccess extends Pick<Finding, "confidence" | "limits"> {
  readonly party: string;
  readonly dataType: string;
  readonly rung: Rung;
  /** That something is left of the data under the limits. */
  readonly isOpen: boolean;
  /** Places in the code; none where it is permitted only. */
  readonly callSites: number;
  /** How it comes to run; `undefined` where no way was found, or looked for. */
  readonly reach: Finding["reach"];
  readonly evidence: Evidence | undefined;
  /** Id of the finding, which only third parties have. */
  readonly finding?: string;
}

/** What code of each party could access, by party: that of third parties as found, all else as observed. */
export function groupObservedAccess({ findings, accesses, flows }: AuditResult): Map<string, PartyAccess[]> {
  const keyOf = ({ party, dataType }: { party: string; dataType?: string }) =>
    JSON.stringify([party, dataType]);
  const seen = groupBy(accesses, keyOf);
  const found = new Map(
    findings.filter(({ kind }) => kind === "data-access").map((finding) => [keyOf(finding), finding]),
  );
  const all = [...new Set([...found.keys(), ...seen.keys()])].map((key): PartyAccess => {
    const [party, dataType] = JSON.parse(key) as [string, string];
    const own = seen.get(key) ?? [];
    const finding = found.get(key);
    const { confidence, limits, reach, evidence } = finding ?? [...own].sort(compareAccesses)[0]!;
    return {
      party,
      dataType,
      rung: finding?.rung ?? rungWithFlows(own, flows),
      confidence,
      limits,
      isOpen: leavesData(limits),
      reach,
      callSites: own.reduce((sum, { callSites }) => sum + callSites, 0),
      evidence: evidence[0],
      ...(finding === undefined ? {} : { finding: finding.id }),
    };
  });
  return groupBy(all, ({ party }) => party);
}

/** What leaves data first; then the surer. */
function compareAccesses(a: AccessSummary, b: AccessSummary): number {
  const rank = ({ confidence }: AccessSummary) => ["certain", "likely", "possible"].indexOf(confidence);
  return Number(leavesData(b.limits)) - Number(leavesData(a.limits)) || rank(a) - rank(b);
}
