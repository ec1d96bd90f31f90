import type { AuditResult, PartySummary } from "../findings/index.js";
import { compareText } from "./arrange-parties.js";
import { type Cell, joinValues, renderRows } from "./csv-table.js";
import { groupObservedAccess, type PartyAccess } from "./observed-access.js";
import { groupPartyFlows, joinFlows, type PartyFlows } from "./party-flows.js";
import { longReference } from "./reference-text.js";

/** What each column holds is told in `docs/formats.md`. */
const COLUMNS = [
  ...["file", "package", "app_version"],
  ...["party", "party_name", "party_kind", "party_version", "party_confidence"],
  ...["vendor", "company", "country", "category"],
  ...["data_type", "rung", "confidence", "leaves_data", "limits", "call_sites"],
  ...["component", "component_kind", "before_consent"],
  ...["entry", "caller", "code_unit", "evidence", "finding"],
  ...["vendor_says_collected", "vendor_says_shared", "vendor_page"],
  ...["flows", "flow_kinds", "read_by", "leaves_by", "sink_kinds", "sink_hosts"],
  ...["flow_forms", "flow_confidence", "flow_leaves_data"],
  ...["handed_over_calls", "handed_over_methods", "handed_over_names", "hand_over_finding"],
];

/** The line that names the columns of {@link renderCsvRows}. */
export function renderCsvHeader(): string {
  return renderRows([COLUMNS]);
}

/**
 * A result as rows: one for each party and data type of which anything is known, observed or documented; one without a
 * data type for a party of which nothing is, or which is handed over names of events alone.
 */
export function renderCsvRows(result: AuditResult): string {
  const { files, packageName, versionName } = result.app;
  const app = [files.map(({ name }) => name).join(", "), packageName, versionName];
  const observed = groupObservedAccess(result);
  const flowing = groupPartyFlows(result);
  const given = new Map(
    result.findings
      .filter(({ kind }) => kind === "data-hand-over")
      .map(({ id, party, dataType }) => [JSON.stringify([party, dataType]), id]),
  );
  return renderRows(
    result.parties.flatMap((party) => {
      const own = observed.get(party.id) ?? [];
      const going = flowing.get(party.id) ?? [];
      const known = [...own, ...(party.practices ?? []), ...going].map(({ dataType }) => dataType);
      const named = [...new Set(known)].filter((dataType) => dataType !== undefined).sort(compareText);
      const dataTypes = named.length === 0 || known.includes(undefined) ? [...named, undefined] : named;
      return dataTypes.map((dataType) => [
        ...app,
        ...describeParty(party),
        dataType,
        ...describeAccess(own.find((access) => access.dataType === dataType)),
        ...describePractice(party, dataType),
        ...describeFlows(
          going.find((group) => group.dataType === dataType),
          result,
        ),
        given.get(JSON.stringify([party.id, dataType])),
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

/** What was not looked for leaves its cells empty. */
function describeFlows(going: PartyFlows | undefined, result: AuditResult): Cell[] {
  const { flows = [], handOvers = [] } = going ?? {};
  const { kinds, readBy, leavesBy, sinks, hosts, forms, confidence, leavesData } = joinFlows(flows);
  const isSeen = flows.length > 0;
  return [
    result.flows === undefined ? undefined : flows.length,
    joinValues(kinds),
    joinValues(readBy),
    joinValues(leavesBy),
    joinValues(sinks),
    joinValues(hosts),
    isSeen ? joinValues(forms) : undefined,
    confidence,
    isSeen ? yesOrNo(leavesData) : undefined,
    result.depth === "permitted" ? undefined : handOvers.reduce((sum, { callSites }) => sum + callSites, 0),
    joinValues([...new Set(handOvers.map(({ api }) => longReference(api)))]),
    joinValues([...new Set(handOvers.flatMap(({ events, properties }) => [...events, ...properties]))]),
  ];
}

function yesOrNo(is: boolean): string {
  return is ? "yes" : "no";
}
