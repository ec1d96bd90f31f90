import type { Evidence } from "../evidence/index.js";
import {
  type AccessSummary,
  type AuditResult,
  type Finding,
  leavesNothing,
  type PartySummary,
} from "../findings/index.js";

/** One data type that a third party's code was seen to use, with all that it rests on. */
export interface AccessRow {
  readonly finding: Finding;
  readonly dataType: string;
  /** The accesses behind the finding; the one it cites first. */
  readonly accesses: readonly AccessSummary[];
  /** Places in the code, of all {@link accesses}. */
  readonly callSites: number;
  /** That something is left of the data under the finding's limits. */
  readonly isOpen: boolean;
}

/** A third party with what was found about it. */
export interface PartyRows {
  readonly party: PartySummary;
  /** Open ones first, then the more certain. */
  readonly rows: readonly AccessRow[];
  /** Data types that the app's permissions open to it, and that its code was not seen to use. */
  readonly permitted: readonly string[];
}

/**
 * Third parties with their data types, in the order in which a reader in a hurry wants them: SDKs before
 * what nobody recognised; among them, certain and unlimited access first, none last.
 */
export function arrangeThirdParties(result: AuditResult): PartyRows[] {
  // Grouped once: there may be thousands of parties.
  const findings = groupBy(
    result.findings.filter(({ kind }) => kind === "data-access"),
    ({ party }) => party,
  );
  const accesses = groupBy(result.accesses, ({ party }) => party);
  return result.parties
    .filter(isThirdParty)
    .map((party) => arrangeParty(party, findings.get(party.id) ?? [], accesses.get(party.id) ?? []))
    .sort(
      (a, b) =>
        Number(a.party.kind === "unrecognised") - Number(b.party.kind === "unrecognised") ||
        urgency(b) - urgency(a) ||
        openRows(b) - openRows(a) ||
        compareText(a.party.name.toLowerCase(), b.party.name.toLowerCase()) ||
        compareText(a.party.id, b.party.id),
    );
}

/** A party that is neither the app's makers nor a library that works for whoever calls it. */
export function isThirdParty({ kind }: PartySummary): boolean {
  return kind === "sdk" || kind === "unrecognised";
}

/** That something is left of the data under limits. */
export function leavesData(limits: Finding["limits"]): boolean {
  return !leavesNothing(limits);
}

/** Orders texts by their code units, alike on every machine. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Items by key, each group in their order. */
export function groupBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

function arrangeParty(
  party: PartySummary,
  own: readonly Finding[],
  ofParty: readonly AccessSummary[],
): PartyRows {
  const seen = own.filter(({ rung }) => rung !== "permitted");
  const rows = seen.map((finding) => arrangeRow(finding, ofParty));
  return {
    party,
    rows: rows.sort(
      (a, b) =>
        Number(b.isOpen) - Number(a.isOpen) ||
        certainty(b.finding) - certainty(a.finding) ||
        compareText(a.dataType, b.dataType),
    ),
    permitted: own.filter(({ rung }) => rung === "permitted").flatMap(({ dataType }) => dataType ?? []),
  };
}

function arrangeRow(finding: Finding, ofParty: readonly AccessSummary[]): AccessRow {
  const accesses = ofParty.filter(({ dataType }) => dataType === finding.dataType);
  const cited = accesses.find(({ evidence }) =>
    evidence.some((item) => isSamePlace(item, finding.evidence[0])),
  );
  return {
    finding,
    dataType: finding.dataType ?? "",
    accesses: cited === undefined ? accesses : [cited, ...accesses.filter((access) => access !== cited)],
    callSites: accesses.reduce((sum, { callSites }) => sum + callSites, 0),
    isOpen: leavesData(finding.limits),
  };
}

function isSamePlace(a: Evidence, b: Evidence): boolean {
  return (
    a.kind === b.kind &&
    a.entry === b.entry &&
    a.value === b.value &&
    a.caller === b.caller &&
    a.codeUnit === b.codeUnit
  );
}

/** 3: access that is likely at least and not blocked; 2: possible; 1: blocked; 0: none seen. */
function urgency({ rows }: PartyRows): number {
  if (rows.length === 0) return 0;
  const open = rows.filter(({ isOpen }) => isOpen);
  if (open.length === 0) return 1;
  return open.some(({ finding }) => finding.confidence !== "possible") ? 3 : 2;
}

function openRows({ rows }: PartyRows): number {
  return rows.filter(({ isOpen }) => isOpen).length;
}

function certainty({ confidence }: Finding): number {
  return ["possible", "likely", "certain"].indexOf(confidence);
}
