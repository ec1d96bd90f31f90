import type { AccessSummary, CompanySummary, PartySummary } from "./audit-result.js";

/** The companies behind an app's recognised third parties, each at the top of those it owns. Sorted by id. */
export function summarizeCompanies(
  parties: readonly PartySummary[],
  accesses: readonly Pick<AccessSummary, "party" | "dataType">[],
): CompanySummary[] {
  const typesOf = new Map<string, Set<string>>();
  for (const { party, dataType } of accesses)
    typesOf.set(party, (typesOf.get(party) ?? new Set()).add(dataType));
  const companies = new Map<string, { name: string; parties: string[]; dataTypes: Set<string> }>();
  for (const { id, kind, vendor } of parties) {
    if (kind !== "sdk" || vendor === undefined) continue;
    const top = vendor.parent ?? vendor;
    const company = companies.get(top.id) ?? { name: top.name, parties: [], dataTypes: new Set() };
    company.parties.push(id);
    for (const type of typesOf.get(id) ?? []) company.dataTypes.add(type);
    companies.set(top.id, company);
  }
  return [...companies]
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([id, { name, parties: own, dataTypes }]) => ({
      id,
      name,
      parties: own.sort(),
      dataTypes: [...dataTypes].sort(),
    }));
}
