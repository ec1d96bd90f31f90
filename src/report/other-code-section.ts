import type { AccessSummary, AuditResult, PartySummary } from "../findings/index.js";
import { compareText, leavesData } from "./arrange-parties.js";
import type { Page } from "./page.js";
import { renderAccess, shortName } from "./party-section.js";
import { count } from "./words.js";

/** Code that is no third party's: the app's own, libraries that work for whoever calls them, nobody's. */
const OTHER_KINDS = [
  ["first-party", "the app's own"],
  ["support-library", "support libraries"],
  ["unattributed", "unattributed"],
] as const;

const COLUMN = 21;

/** What the rest of the code could access, a line for each kind of owner. */
export function renderOtherCode(page: Page, result: AuditResult, isVerbose: boolean): void {
  const kinds = OTHER_KINDS.filter(([kind]) => result.coverage.classes[kind] > 0);
  if (kinds.length === 0) return;
  page.blank();
  page.paragraph([{ text: "Other code", tone: "heading" }]);
  for (const [kind, label] of kinds) {
    const parties = result.parties.filter((party) => party.kind === kind);
    const ids = new Set(parties.map(({ id }) => id));
    const accesses = result.accesses.filter(({ party }) => ids.has(party));
    const types = listDataTypes(accesses);
    page.field(
      [{ text: label }],
      [
        { text: describeSize(kind, parties, result), tone: "dim" },
        { text: types === "" ? "" : `  ${types}` },
      ],
      COLUMN,
    );
    if (isVerbose) renderParties(page, parties, accesses, kind === "support-library");
  }
}

function describeSize(
  kind: (typeof OTHER_KINDS)[number][0],
  parties: readonly PartySummary[],
  { coverage }: AuditResult,
): string {
  const classes = count(coverage.classes[kind], "class", "classes");
  return kind === "support-library" ? `${parties.length} with ${classes}` : classes;
}

/** Data types with what is left of them; those that nothing is left of are marked. */
function listDataTypes(accesses: readonly AccessSummary[]): string {
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
