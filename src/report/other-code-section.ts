import type { AccessSummary, AuditResult, PartySummary } from "../findings/index.js";
import { compareText, leavesData } from "./arrange-parties.js";
import type { Page } from "./page.js";
import { renderAccess, shortName } from "./party-section.js";
import { count } from "./words.js";

/** Code that is no third party's: the app's own, libraries that work for whoever calls them, nobody's. */
const OTHER_KINDS = [
  ["first-party", "the app's own"],
  ["support-library", "support library"],
  ["unattributed", "unattributed"],
] as const;

/** From this width on, data types stand beside the owner; else below. */
const WIDE = 110;

/** What the rest of the code could access, for each kind of owner. */
export function renderOtherCode(page: Page, result: AuditResult, isVerbose: boolean): void {
  const kinds = OTHER_KINDS.filter(([kind]) => result.coverage.classes[kind] > 0);
  if (kinds.length === 0) return;
  page.blank();
  page.paragraph([{ text: "Other code", tone: "heading" }]);
  for (const [kind, label] of kinds) {
    const parties = result.parties.filter((party) => party.kind === kind);
    const ids = new Set(parties.map(({ id }) => id));
    const accesses = result.accesses.filter(({ party }) => ids.has(party));
    const owner = kind === "support-library" ? count(parties.length, label, "support libraries") : label;
    const size = ` · ${count(result.coverage.classes[kind], "class", "classes")}`;
    const spans = [{ text: owner }, { text: size, tone: "dim" as const }];
    const types = listDataTypes(accesses);
    if (page.width < WIDE) {
      page.paragraph(spans, 2);
      if (types !== "") page.paragraph([{ text: types }], 4);
    } else page.field(spans, [{ text: types }], 44);
    if (isVerbose) renderOwnSdks(page, parties);
    if (isVerbose) renderParties(page, parties, accesses, kind === "support-library");
  }
}

/** What a rule recognised in the app's own code: it is there, and it is no third party's. */
function renderOwnSdks(page: Page, parties: readonly PartySummary[]): void {
  const names = parties.flatMap(({ ownSdks = [] }) =>
    ownSdks.map(({ name, version }) => (version === undefined ? name : `${name} ${version}`)),
  );
  if (names.length > 0) page.paragraph([{ text: `with its own SDKs: ${names.join(", ")}` }], 4, 6);
}

/** Data types with what is left of them; those that nothing is left of are marked. */
export function listDataTypes(accesses: readonly AccessSummary[]): string {
  const types = new Map<string, boolean>();
  for (const { dataType, limits } of accesses)
    types.set(dataType, (types.get(dataType) ?? false) || leavesData(limits));
  return [...types]
    .sort(([a, isOpen], [b, isOtherOpen]) => Number(isOtherOpen) - Number(isOpen) || compareText(a, b))
    .map(([type, isOpen]) => (isOpen ? type : `${type} (limited)`))
    .join(", ");
}

function renderParties(
  page: Page,
  parties: readonly PartySummary[],
  accesses: readonly AccessSummary[],
  isNamed: boolean,
): void {
  for (const party of parties) {
    const own = accesses.filter((access) => access.party === party.id);
    if (isNamed) {
      const version = party.version === undefined ? "" : ` ${party.version}`;
      page.paragraph(
        [
          { text: `${shortName(party, party.id)}${version}` },
          { text: `  ${count(party.classes, "class", "classes")}`, tone: "dim" },
        ],
        4,
        6,
      );
    }
    for (const access of own) renderAccess(page, access, isNamed ? 6 : 4);
  }
}
