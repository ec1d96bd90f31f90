import type { AuditResult, CompanySummary } from "../findings/index.js";
import { groupBy } from "./arrange-parties.js";
import { listDataTypes } from "./other-code-section.js";
import type { Page } from "./page.js";
import { shortName } from "./party-section.js";

/** From this width on, a company and its SDKs stand on one line. */
const WIDE = 110;

/** Companies with several third parties in the app, or that own a third party's vendor: who gets it in the end. */
export function renderCompanies(page: Page, { companies, parties, accesses, depth }: AuditResult): void {
  const byId = new Map(parties.map((party) => [party.id, party]));
  const isWorthTelling = ({ parties: own }: CompanySummary) =>
    own.length > 1 || own.some((id) => byId.get(id)?.vendor?.parent !== undefined);
  const shown = companies.filter(isWorthTelling);
  if (shown.length === 0) return;
  const accessesOf = groupBy(accesses, ({ party }) => party);
  page.blank();
  page.paragraph([
    { text: "Who is behind them", tone: "heading" },
    {
      text:
        depth === "permitted"
          ? "  what data their code refers to was not looked for"
          : "  and what data the code of all their SDKs refers to",
      tone: "dim",
    },
  ]);
  for (const { name, parties: own } of shown) {
    const sdks = own.map((id) => shortName(byId.get(id), id)).join(", ");
    if (page.width < WIDE) {
      page.paragraph([{ text: name }], 2);
      page.paragraph([{ text: sdks, tone: "dim" }], 4);
    } else page.field([{ text: name }], [{ text: sdks, tone: "dim" }], 44);
    if (depth === "permitted") continue;
    const types = listDataTypes(own.flatMap((id) => accessesOf.get(id) ?? []));
    page.paragraph([{ text: types === "" ? "no access seen" : types }], page.width < WIDE ? 4 : 44);
  }
}
