import { type AccessSummary, type Finding, rungWithFlows } from "../findings/index.js";
import type { AccessFact } from "./explanation.js";
import type { Knowledge } from "./knowledge.js";

/** Which accesses are asked for. */
export interface AccessFilter {
  isParty?(party: string): boolean;
  isDataType?(dataType: string): boolean;
  isAccess?(access: AccessSummary): boolean;
}

/**
 * What code of the app could access, by party and data type: third parties first, in the report's order. With
 * {@link AccessFilter.isAccess}, only what such accesses were seen of; else also what is merely permitted.
 */
export function listAccess(knowledge: Knowledge, filter: AccessFilter): AccessFact[] | undefined {
  const { result } = knowledge;
  if (result === undefined) return undefined;
  const { isParty = () => true, isDataType = () => true, isAccess } = filter;
  const isAsked = (party: string, dataType: string) => isParty(party) && isDataType(dataType);
  const keyOf = (party: string, dataType: string) => JSON.stringify([party, dataType]);
  const groups = new Map<string, { finding?: Finding; accesses: AccessSummary[] }>();
  for (const access of result.accesses) {
    if (!isAsked(access.party, access.dataType) || isAccess?.(access) === false) continue;
    const key = keyOf(access.party, access.dataType);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { accesses: [access] });
    else group.accesses.push(access);
  }
  for (const finding of result.findings) {
    const { kind, party, dataType } = finding;
    if (kind !== "data-access" || dataType === undefined || !isAsked(party, dataType)) continue;
    const key = keyOf(party, dataType);
    const group = groups.get(key);
    if (group !== undefined) group.finding = finding;
    else if (isAccess === undefined) groups.set(key, { finding, accesses: [] });
  }
  const facts = [...groups].map(([key, { finding, accesses }]) => {
    const [party, dataType] = JSON.parse(key) as [string, string];
    return describeAccess(party, dataType, finding, accesses, knowledge);
  });
  const isThird = ({ kind }: AccessFact) => Number(kind === "sdk" || kind === "unrecognised");
  const isSeen = ({ accesses }: AccessFact) => Number(accesses.length > 0);
  return facts.sort((a, b) => isThird(b) - isThird(a) || isSeen(b) - isSeen(a));
}

function describeAccess(
  party: string,
  dataType: string,
  finding: Finding | undefined,
  accesses: readonly AccessSummary[],
  knowledge: Knowledge,
): AccessFact {
  const company = knowledge.companyOf(party);
  const steps = ["certain", "likely", "possible"] as const;
  const surest = steps.find((step) => accesses.some(({ confidence }) => confidence === step));
  return {
    party,
    name: knowledge.nameOf(party),
    kind: knowledge.seen.get(party)?.kind ?? "unattributed",
    ...(company === undefined ? {} : { company }),
    dataType,
    rung: finding?.rung ?? rungWithFlows(accesses, knowledge.result?.flows),
    confidence: finding?.confidence ?? surest ?? "possible",
    limits: finding?.limits ?? [],
    accesses,
  };
}
