import type { FleetEvaluation, FleetSummary } from "../store/index.js";
import { countReadable } from "./fleet-overview.js";
import { isLookedInto, listDataTypes, listNames, notLookedFor, renderMore, shareOf } from "./fleet-words.js";
import { html, joinMarkup, type Markup, nameOf } from "./html/markup.js";
import { barCell, type Cell, numberCell, renderTable } from "./html/table.js";
import { count, formatNumber, shortPermission } from "./words.js";

/** The companies behind SDKs. */
export function renderCompanies(summary: FleetSummary): Markup {
  const readable = countReadable(summary);
  return html`<section id="companies" aria-labelledby="companies-title">
<h2 id="companies-title">Companies</h2>
<p>Who is behind the SDKs: the company at the top of those that own a vendor. Below it are its vendors, each with the number of apps that it is in.</p>
${renderTable({
  id: "companies-table",
  caption: "Companies by the number of apps that their SDKs are in",
  heads: [
    { title: "Company" },
    { title: "Apps", isNumber: true },
    { title: "Share of apps", isNumber: true },
    { title: "SDKs", isNumber: true },
    { title: "Data types that their code refers to" },
  ],
  rows: summary.companies.rows.map(({ id, name, vendors, apps, sdks, dataTypes }) => [
    {
      content: html`${nameOf(name)}${
        vendors.total === 1 && vendors.rows[0]?.id === id
          ? undefined
          : html`<span class="under">${joinMarkup(
              vendors.rows.map((vendor) => html`${nameOf(vendor.name, 60)} (${formatNumber(vendor.apps)})`),
              "; ",
            )}${vendors.total > vendors.rows.length ? `; ${vendors.total - vendors.rows.length} more` : ""}</span>`
      }`,
    },
    barCell(apps, readable),
    shareCell(apps, readable),
    numberCell(sdks),
    typesCell(dataTypes, summary.evaluation),
  ]),
  empty: "No SDK of a known company was seen.",
})}${renderMore(summary.companies, "company", "companies")}</section>
`;
}

/** SDKs, and what kinds of them there are. */
export function renderSdks(summary: FleetSummary): Markup {
  const readable = countReadable(summary);
  return html`<section id="sdks" aria-labelledby="sdks-title">
<h2 id="sdks-title">SDKs</h2>
${renderTable({
  id: "sdks-table",
  caption: "SDKs by the number of apps that they are in",
  heads: [
    { title: "SDK" },
    { title: "Category" },
    { title: "Apps", isNumber: true },
    { title: "Share of apps", isNumber: true },
    { title: "Data types that its code refers to" },
  ],
  rows: summary.sdks.rows.map(({ name, vendor, company, category, apps, dataTypes }) => [
    {
      content: html`${nameOf(name)}${vendor === undefined ? undefined : html`<span class="under">${nameOf(vendor)}${company === undefined || company === vendor ? undefined : html`, of ${nameOf(company)}`}</span>`}`,
    },
    { content: category },
    barCell(apps, readable),
    shareCell(apps, readable),
    typesCell(dataTypes, summary.evaluation),
  ]),
  empty: "No SDK was seen.",
})}${renderMore(summary.sdks, "SDK")}
<h3 id="categories-title">By category</h3>
${renderTable({
  id: "categories-table",
  caption: "Categories by the number of apps with an SDK of it",
  heads: [
    { title: "Category" },
    { title: "Apps", isNumber: true },
    { title: "Share of apps", isNumber: true },
    { title: "SDKs", isNumber: true },
  ],
  rows: summary.categories.rows.map(({ category, apps, sdks }) => [
    { content: category },
    barCell(apps, readable),
    shareCell(apps, readable),
    numberCell(sdks),
  ]),
  empty: "No SDK was seen.",
})}${renderMore(summary.categories, "category", "categories")}</section>
`;
}

/** Which versions of SDKs are in use. */
export function renderVersions({ versions }: FleetSummary): Markup {
  return html`<section id="versions" aria-labelledby="versions-title">
<h2 id="versions-title">Versions in use</h2>
<p>Of SDKs whose version the build tells. Many builds do not.</p>
${renderTable({
  id: "versions-table",
  caption: "SDKs by the number of apps in which their version is known",
  heads: [
    { title: "SDK" },
    { title: "Apps with a known version", isNumber: true },
    { title: "Oldest" },
    { title: "Newest" },
    { title: "Versions", isNumber: true },
    { title: "Most common (apps)" },
  ],
  rows: versions.rows.map(({ name, apps, known, oldest, newest, versions: { total, rows } }) => [
    { content: html`${nameOf(name)}<span class="under">in ${count(apps, "app")}</span>` },
    barCell(known, apps),
    versionCell(oldest),
    versionCell(newest),
    numberCell(total),
    {
      className: "tags",
      content: joinMarkup(
        rows.map((row) => html`${nameOf(row.version, 40)} (${formatNumber(row.apps)})`),
        ", ",
      ),
    },
  ]),
  empty: "Of no SDK the version is known.",
})}${renderMore(versions, "SDK")}</section>
`;
}

/** None where no text that stands for a version is one. */
function versionCell(version: string | undefined): Cell {
  return { content: version === undefined ? undefined : nameOf(version, 40) };
}

/** What apps request. */
export function renderPermissions(summary: FleetSummary): Markup {
  const readable = countReadable(summary);
  return html`<section id="permissions" aria-labelledby="permissions-title">
<h2 id="permissions-title">Permissions</h2>
<p>What an app may do, every SDK in it may do. Who brought a permission is known only where a rule says so: the finished manifest does not tell.</p>
${renderTable({
  id: "permissions-table",
  caption: "Permissions by the number of apps that request them",
  heads: [
    { title: "Permission" },
    { title: "Protection" },
    { title: "Requested by", isNumber: true },
    { title: "Share of apps", isNumber: true },
    { title: "Brought by an SDK or library", isNumber: true },
    { title: "Used by third parties alone", isNumber: true },
    { title: "Implied: Android adds it", isNumber: true },
  ],
  rows: summary.permissions.rows.map((row) => [
    { content: nameOf(shortPermission(row.permission)) },
    {
      content:
        row.protection === "unknown" ? html`<span class="soft">not in the rules</span>` : row.protection,
    },
    barCell(row.requested, readable),
    shareCell(row.requested, readable),
    numberCell(row.broughtByOthers),
    isLookedInto(summary.evaluation) ? numberCell(row.usedByThirdPartiesOnly) : { content: notLookedFor },
    numberCell(row.implied),
  ]),
  empty: "No app requests one.",
})}${renderMore(summary.permissions, "permission")}</section>
`;
}

/** Hosts in third parties' code. */
export function renderHosts(summary: FleetSummary): Markup {
  const readable = countReadable(summary);
  return html`<section id="hosts" aria-labelledby="hosts-title">
<h2 id="hosts-title">Hosts</h2>
<p>Hosts that third parties’ code names. That a name is there does not say that it is called.</p>
${renderTable({
  id: "hosts-table",
  caption: "Hosts by the number of apps whose third-party code names them",
  heads: [{ title: "Host" }, { title: "Apps", isNumber: true }, { title: "Named by" }],
  rows: summary.hosts.rows.map(({ host, apps, parties }) => [
    { content: nameOf(host) },
    barCell(apps, readable),
    {
      className: "tags",
      content: listNames(
        parties.rows.map(({ name }) => name),
        parties.total,
      ),
    },
  ]),
  empty: "No host was seen.",
})}${renderMore(summary.hosts, "host")}</section>
`;
}

function shareCell(apps: number, readable: number): Cell {
  return { content: shareOf(apps, readable), value: readable === 0 ? 0 : apps / readable };
}

/** A cell with data types. */
export function typesCell(dataTypes: readonly string[], evaluation: FleetEvaluation): Cell {
  return { className: "tags", content: listDataTypes(dataTypes, evaluation) };
}
