import type { Evidence } from "../evidence/index.js";
import { type AccessSummary, type AuditResult, type Finding, leavesNothing } from "../findings/index.js";
import { type Entry, evidenceOfPermission, keyOf } from "./inventory.js";

/** What a result says of one thing that rides along, beside that it does. */
export interface EntryFacts {
  /** What shows it: of a permission, the manifest's line. Empty where the result says nothing of it. */
  readonly evidence: readonly Evidence[];
  /** What stands between code and data, for all that the entry rests on; empty of what is no access. */
  readonly limits: Finding["limits"];
}

/** Evidence kept of code for which there is no finding: of each API, and in all. */
const [MOST_OF_API, MOST_EVIDENCE] = [3, 20];

/** What a result says of entries, indexed once: a build may have very many. */
export function indexFacts(result: AuditResult): (entry: Entry) => EntryFacts {
  const facts = new Map<string, EntryFacts>();
  for (const { id, evidence } of result.parties)
    facts.set(keyOf({ kind: "third-party", party: id }), { evidence, limits: [] });
  for (const { party, host, evidence } of result.hosts)
    facts.set(keyOf({ kind: "host", party, host }), { evidence, limits: [] });
  const ranks = rankEvidence(result);
  for (const [key, accesses] of groupAccesses(result.accesses)) facts.set(key, joinAccesses(accesses, ranks));
  for (const { kind, party, dataType, evidence } of result.findings)
    if (kind === "data-hand-over" && dataType !== undefined)
      facts.set(keyOf({ kind, party, dataType }), { evidence, limits: [] });
  for (const { name, impliedBy } of result.permissions)
    facts.set(keyOf({ kind: "permission", permission: name, by: [] }), {
      evidence: evidenceOfPermission(name, impliedBy),
      limits: [],
    });
  return (entry) => facts.get(keyOf(entry)) ?? { evidence: [], limits: [] };
}

function keyOfAccess({ party, dataType, yields }: AccessSummary): string {
  return keyOf({ kind: "data-access", party, dataType, yields, rung: "referenced", yieldsNothing: false });
}

function groupAccesses(accesses: readonly AccessSummary[]): Map<string, AccessSummary[]> {
  const groups = new Map<string, AccessSummary[]>();
  for (const access of accesses) {
    const key = keyOfAccess(access);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [access]);
    else group.push(access);
  }
  return groups;
}

/** Places in the code by their rank among the evidence of a finding, which cites first what tells most. */
function rankEvidence({ findings }: AuditResult): ReadonlyMap<string, number> {
  const ranks = new Map<string, number>();
  for (const { kind, evidence } of findings)
    if (kind === "data-access") for (const [rank, one] of evidence.entries()) ranks.set(placeOf(one), rank);
  return ranks;
}

function placeOf({ entry, caller = "", codeUnit = 0, value }: Evidence): string {
  return `${entry} ${caller} ${codeUnit} ${value}`;
}

/** As a finding would have it: what is limited least counts, and is cited first. */
function joinAccesses(accesses: readonly AccessSummary[], ranks: ReadonlyMap<string, number>): EntryFacts {
  const weigh = ({ limits }: AccessSummary) => limits.length + (leavesNothing(limits) ? 100 : 0);
  const rankOf = ({ evidence: [first] }: AccessSummary) =>
    (first === undefined ? undefined : ranks.get(placeOf(first))) ?? MOST_EVIDENCE;
  const sorted = [...accesses].sort((a, b) => weigh(a) - weigh(b) || rankOf(a) - rankOf(b));
  return {
    evidence: sorted.flatMap(({ evidence }) => evidence.slice(0, MOST_OF_API)).slice(0, MOST_EVIDENCE),
    limits: sorted[0]!.limits,
  };
}
