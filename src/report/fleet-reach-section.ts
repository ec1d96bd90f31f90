import type { FleetReach, FleetSummary, Reach } from "../store/index.js";
import { countReadable } from "./fleet-overview.js";
import { isLookedInto, NOT_LOOKED_FOR, notLookedFor, renderMore, shareOf } from "./fleet-words.js";
import { HeatScale } from "./html/heat-map.js";
import { html, type Markup, type MarkupValue, nameOf } from "./html/markup.js";
import { barCell, type Cell, numberCell, renderTable } from "./html/table.js";

/** What data third parties' code could access, and in how many apps. */
export function renderDataTypes(summary: FleetSummary): Markup {
  const readable = countReadable(summary);
  const ofCode = (cell: Cell): Cell => (isLookedInto(summary.evaluation) ? cell : { content: notLookedFor });
  return html`<section id="data" aria-labelledby="data-title">
<h2 id="data-title">Data that third parties’ code could access</h2>
<p>By Google Play’s data types. An app counts once for each of them, where the evidence goes furthest.</p>
${renderTable({
  id: "data-types",
  caption: "Data types, those that third parties’ code refers to in most apps first",
  heads: [
    { title: "Data type" },
    { title: "Apps whose third-party code refers to it", isNumber: true },
    { title: "Share of apps", isNumber: true },
    { title: "Permitted only", isNumber: true },
    { title: "Yields nothing", isNumber: true },
    { title: "Third parties", isNumber: true },
  ],
  rows: summary.dataTypes.rows.map(({ dataType, referenced, permitted, yieldsNothing, parties }) => [
    { content: nameOf(dataType) },
    ofCode(barCell(referenced, readable)),
    ofCode({ content: shareOf(referenced, readable), value: readable === 0 ? 0 : referenced / readable }),
    numberCell(permitted),
    ofCode(numberCell(yieldsNothing)),
    ofCode(numberCell(parties)),
  ]),
  empty: isLookedInto(summary.evaluation)
    ? "Of no data type an access was seen."
    : `${NOT_LOOKED_FOR} No permission opens data to a third party.`,
})}${renderMore(summary.dataTypes, "data type")}</section>
`;
}

/** A form of the heat map: which of the numbers it shows. */
interface MapForm {
  readonly id: string;
  readonly caption: string;
  readonly pick: (reach: Reach) => number;
  /** Whether it shows what code refers to. */
  readonly isOfCode: boolean;
}

const REFERENCED: MapForm = {
  id: "heat-referenced",
  caption:
    "In how many apps the code of a vendor’s SDKs refers to a part of Android that yields the data type. Nothing was seen where a cell is empty.",
  pick: ({ referenced }) => referenced,
  isOfCode: true,
};
const PERMITTED: MapForm = {
  id: "heat-permitted",
  caption:
    "In how many apps a permission opens the data type to a vendor’s SDKs, and no use of it was seen in their code.",
  pick: ({ permitted }) => permitted,
  isOfCode: false,
};
const YIELDS_NOTHING: MapForm = {
  id: "heat-nothing",
  caption:
    "In how many apps the code of a vendor’s SDKs refers to what yields the data type, and something leaves nothing of it on any device: a permission that the app lacks, or an Android version.",
  pick: ({ yieldsNothing }) => yieldsNothing,
  isOfCode: true,
};

/** Where it was not looked for a use. */
const PERMITTED_ALONE: MapForm = {
  ...PERMITTED,
  caption:
    "In how many apps a permission opens the data type to a vendor’s SDKs. A use of it was not looked for.",
};

/** Vendors against data types. */
export function renderHeatMap(summary: FleetSummary): Markup {
  const permitted = isLookedInto(summary.evaluation)
    ? fold("Permitted, and no use seen", renderMap(summary, PERMITTED))
    : fold("Permitted", renderMap(summary, PERMITTED_ALONE));
  return html`<section id="vendors" aria-labelledby="vendors-title">
<h2 id="vendors-title">Vendors and data</h2>
<p>Whose code could access what: the number in a cell is of apps, and the stronger its colour, the more there are.</p>
${renderMap(summary, REFERENCED)}${renderMore(summary.vendors, "vendor")}
${permitted}
${fold("Referred to, and yields nothing", renderMap(summary, YIELDS_NOTHING))}
</section>
`;
}

function fold(title: string, content: Markup): Markup {
  return html`<details><summary>${title}</summary>
${content}</details>`;
}

function renderMap(
  { dataTypes, vendors, unrecognised, evaluation }: FleetSummary,
  { id, caption, pick, isOfCode }: MapForm,
): Markup {
  const all: readonly FleetReach[] = [...vendors.rows, unrecognised];
  const largest = (reaches: readonly FleetReach[]) =>
    Math.max(0, ...reaches.flatMap(({ cells }) => cells.map(pick)));
  // All that no rule knows, together, would leave vendors one pale colour.
  const scale = new HeatScale(largest(vendors.rows), largest(all));
  // A column without a number would only be in the way.
  const columns = dataTypes.rows
    .map(({ dataType }) => dataType)
    .filter((dataType) =>
      all.some(({ cells }) => cells.some((cell) => cell.dataType === dataType && pick(cell) > 0)),
    );
  const row = (name: MarkupValue, reach: FleetReach): Cell[] => {
    const byType = new Map(reach.cells.map((cell) => [cell.dataType, pick(cell)]));
    return [
      { content: name },
      numberCell(reach.apps),
      ...columns.map((dataType) => scale.cell(byType.get(dataType) ?? 0)),
    ];
  };
  const isSeen = ({ cells }: FleetReach) => cells.some((cell) => pick(cell) > 0);
  const rows = vendors.rows
    .filter(isSeen)
    .map((vendor) => row(nameVendor(vendor.name, vendor.company), vendor));
  if (isSeen(unrecognised))
    rows.push(row(html`Unrecognised<span class="under">all that no rule knows</span>`, unrecognised));
  return html`${columns.length === 0 ? undefined : scale.renderLegend("Apps:")}${renderTable({
    id,
    caption,
    className: "heat",
    heads: [
      { title: "Vendor" },
      { title: "Apps", isNumber: true },
      ...columns.map((title) => ({ title, isNumber: true, isTurned: true })),
    ],
    rows,
    empty: isOfCode && !isLookedInto(evaluation) ? NOT_LOOKED_FOR : "None was seen.",
  })}`;
}

/** A vendor, and who owns it. */
function nameVendor(name: string, company: string | undefined): Markup {
  return html`${nameOf(name)}${
    company === undefined || company === name
      ? undefined
      : html`<span class="under">of ${nameOf(company)}</span>`
  }`;
}
