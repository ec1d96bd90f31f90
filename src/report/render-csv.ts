import type { AuditResult, PartySummary } from "../findings/index.js";
import { compareText } from "./arrange-parties.js";
import { type Cell, joinValues, renderRows } from "./csv-table.js";
import { groupObservedAccess, type PartyAccess } from "./observed-access.js";

/** What each column holds is told in `docs/formats.md`. */
const COLUMNS = [
  ...["file", "package", "app_version"],
  ...["party", "party_name", "party_kind", "party_version", "party_confidence"],
  ...["vendor", "company", "country", "category"],
  ...["data_type", "rung", "confidence", "leaves_data", "limits", "call_sites"],
  ...["component", "component_kind", "before_consent"],
  ...["entry", "caller", "code_unit", "evidence", "finding"],
  ...["vendor_says_collected", "vendor_says_shared", "vendor_page"],
];

/** The line that names the columns of {@link renderCsvRows}. */
export function renderCsvHeader(): string {
  return renderRows([COLUMNS]);
}

/**
 * A result as rows: one for each party and data type of which anything is known, observed or documented; one without a
 * data type for a party of which nothing is.
 */
export function renderCsvRows(result: AuditResult): string {
  const { files, packageName, versionName } = result.app;
  const app = [files.map(({ name }) => name).join(", "), packageName, versionName];
  const observed = groupObservedAccess(result);
  return renderRows(
    result.parties.flatMap((party) => {
      const own = observed.get(party.id) ?? [];
      const known = [...own, ...(party.practices ?? [])].map(({ dataType }) => dataType);
      const dataTypes = known.length === 0 ? [undefined] : [...new Set(known)].sort(compareText);
      return dataTypes.map((dataType) => [
        ...app,
        ...describeParty(party),
        dataType,
        ...describeAccess(own.find((access) => access.dataType === dataType)),
        ...describePractice(party, dataType),
      ]);
    }),
  );
}

function describeParty({ id, name, kind, version, confidence, vendor, category }: PartySummary): Cell[] {
  const company = vendor?.parent ?? vendor;
  return [id, name, kind, version, confidence, vendor?.name, company?.name, vendor?.country, category];
}

function describeAccess(access: PartyAccess | undefined): Cell[] {
  if (access === undefined) return Array<undefined>(13).fill(undefined);
  const { rung, confidence, isOpen, limits, callSites, reach, evidence, finding } = access;
  return [
    rung,
    confidence,
    yesOrNo(isOpen),
    joinValues(limits.map(({ message }) => message)),
    callSites,
    reach?.component,
    reach?.kind,
    reach === undefined ? undefined : yesOrNo(reach.beforeConsent !== undefined),
    evidence?.entry,
    evidence?.caller,
    evidence?.codeUnit,
    evidence?.value,
    finding,
  ];
}

function describePractice({ practices = [] }: PartySummary, dataType: string | undefined): Cell[] {
  const practice = practices.find((one) => one.dataType === dataType);
  if (practice === undefined) return [undefined, undefined, undefined];
  const { collected, shared, source } = practice;
  return [yesOrNo(collected), shared === undefined ? undefined : yesOrNo(shared), source];
}

function yesOrNo(is: boolean): string {
  return is ? "yes" : "no";
}
