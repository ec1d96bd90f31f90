import { UsageError } from "../diagnostics/index.js";
import type { AuditResult } from "../findings/index.js";
import { printable } from "../report/printable-text.js";

const HOW = "Scan the app again, and leave the report as it is written.";

/**
 * Refuses a report whose parts do not fit together, as those of no report that a scan writes do: it was changed, and
 * what is judged by one part may be hidden from another.
 *
 * @throws UsageError that says what does not fit
 */
export function checkConsistency(result: AuditResult, path: string): void {
  const mismatch = findUnknownParty(result) ?? findUnknownFlow(result) ?? findUntoldPart(result);
  if (mismatch !== undefined) throw new UsageError(path, `does not fit together: ${mismatch}`, HOW);
}

function findUnknownParty(result: AuditResult): string | undefined {
  const ids = new Set<string>();
  for (const { id } of result.parties) {
    if (ids.has(id)) return `there are two parties ${quote(id)}`;
    ids.add(id);
  }
  for (const [place, party] of listPartiesNamed(result))
    if (!ids.has(party)) return `${place} names the party ${quote(party)}, which parties has not`;
  return undefined;
}

function findUnknownFlow({ flows = [], findings }: AuditResult): string | undefined {
  const ids = new Set(flows.map(({ id }) => id));
  for (const [index, finding] of findings.entries())
    for (const id of finding.flows ?? [])
      if (!ids.has(id)) return `findings.${index} names the flow ${quote(id)}, which flows has not`;
  return undefined;
}

/** Who is named, and where. The app's makers are named for what the manifest has, also where there is no code of theirs. */
function* listPartiesNamed({
  accesses,
  hosts,
  findings,
  companies,
  permissions,
  handOvers = [],
  blindSpots = [],
  flows = [],
  flowCoverage,
}: AuditResult): Generator<[place: string, party: string]> {
  for (const [index, { party }] of accesses.entries()) yield [`accesses.${index}`, party];
  for (const [index, { party }] of hosts.entries()) yield [`hosts.${index}`, party];
  for (const [index, { kind, party }] of findings.entries())
    if (kind !== "unused-permission" || party !== "first-party") yield [`findings.${index}`, party];
  for (const [index, { party }] of handOvers.entries()) yield [`handOvers.${index}`, party];
  for (const [index, { party }] of blindSpots.entries()) yield [`blindSpots.${index}`, party];
  for (const [index, { party }] of (flowCoverage?.cuts ?? []).entries())
    yield [`flowCoverage.cuts.${index}`, party];
  for (const [index, { source, sink }] of flows.entries()) {
    yield [`flows.${index}.source`, source.party];
    yield [`flows.${index}.sink`, sink.party];
  }
  for (const [index, { parties }] of companies.entries())
    for (const party of parties) yield [`companies.${index}`, party];
  for (const [index, { declaredBy, usedBy }] of permissions.entries()) {
    for (const { party } of declaredBy)
      if (party !== "first-party") yield [`permissions.${index}.declaredBy`, party];
    for (const party of usedBy) yield [`permissions.${index}.usedBy`, party];
  }
}

/** How the last diagnostic of a cut list ends: parts that it counts are in `coverage.unread` alone. */
const CUT = / more diagnostics are not listed \(limit diagnostics, \d+\)$/;

function findUntoldPart({ coverage, diagnostics }: AuditResult): string | undefined {
  const last = diagnostics.at(-1);
  const isCut = last?.code === "limit" && CUT.test(last.message);
  const listed = (isCut ? diagnostics.slice(0, -1) : diagnostics).filter(({ effect }) => effect === "unread");
  const unread = new Set(coverage.unread);
  const missing = listed.find(({ part }) => !unread.has(part));
  if (missing !== undefined)
    return `diagnostics say that ${quote(missing.part)} could not be read, and coverage.unread has it not`;
  if (isCut && last.effect === "unread")
    return unread.size === 0
      ? "diagnostics say that parts could not be read, and coverage.unread has none"
      : undefined;
  const told = new Set(listed.map(({ part }) => part));
  const untold = coverage.unread.find((part) => !told.has(part));
  return untold === undefined
    ? undefined
    : `coverage.unread has ${quote(untold)}, and no diagnostic says that it could not be read`;
}

function quote(text: string): string {
  return `"${printable(text, 100)}"`;
}
