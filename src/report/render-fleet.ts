import type { FleetSummary } from "../store/index.js";
import { renderOutliers, renderTrends } from "./fleet-app-sections.js";
import { renderApps, renderHeader } from "./fleet-overview.js";
import {
  renderCompanies,
  renderHosts,
  renderPermissions,
  renderSdks,
  renderVersions,
} from "./fleet-party-sections.js";
import { renderDataTypes, renderHeatMap } from "./fleet-reach-section.js";
import { isLookedInto } from "./fleet-words.js";
import { html, type Markup } from "./html/markup.js";
import { renderPage } from "./html/page-frame.js";
import { escapeInJson } from "./render-json.js";
import { count } from "./words.js";

/** The sections in their order: what the page's list of them says. */
const SECTIONS = [
  ["apps", "Apps"],
  ["data", "Data"],
  ["vendors", "Vendors and data"],
  ["companies", "Companies"],
  ["sdks", "SDKs"],
  ["versions", "Versions in use"],
  ["outliers", "Outliers"],
  ["trends", "From version to version"],
  ["permissions", "Permissions"],
  ["hosts", "Hosts"],
  ["words", "What the words mean"],
] as const;

/** The page of a fleet: one file, which asks for nothing and can be read without its script. */
export function renderFleetHtml(summary: FleetSummary): string {
  const body = html`<div class="page">
<nav aria-label="Sections">
<ul>
${SECTIONS.map(
  ([id, title]) => html`<li><a href="#${id}">${title}</a></li>
`,
)}</ul>
</nav>
<main id="content" tabindex="-1">
${renderHeader(summary)}${renderApps(summary)}${renderDataTypes(summary)}${renderHeatMap(summary)}${renderCompanies(summary)}${renderSdks(summary)}${renderVersions(summary)}${renderOutliers(summary)}${renderTrends(summary)}${renderPermissions(summary)}${renderHosts(summary)}${renderWords(summary)}
<footer>
<p>Written by Bycatch. This page is one file: it loads nothing and sends nothing.</p>
</footer>
</main>
</div>`;
  return renderPage({ title: `Bycatch fleet report: ${count(summary.apps.total, "app")}`, body });
}

/** The summary as JSON, for other tools: safe to print, as a result's is. */
export function renderFleetJson(summary: FleetSummary): string {
  return `${escapeInJson(JSON.stringify(summary, undefined, 2))}\n`;
}

function renderWords({ evaluation }: FleetSummary): Markup {
  return html`<section id="words" aria-labelledby="words-title">
<h2 id="words-title">What the words mean</h2>
<dl class="words">
<dt>App</dt>
<dd>A file that was audited. Versions of one app are several apps with one application id.</dd>
<dt>Third party</dt>
<dd>An SDK that a rule recognises, or an unrecognised one: a package tree that is neither the app makers’ own nor known. Libraries that work for whoever calls them are not counted among them.</dd>
<dt>Refers to</dt>
<dd>The party’s code holds a call, a field or an address by which Android hands out the data. Whether that code runs is not said.${
    isLookedInto(evaluation) ? "" : " It was not looked for in these apps."
  }</dd>
<dt>Permitted</dt>
<dd>The party is in the app, the app holds a permission that opens the data, and ${
    isLookedInto(evaluation)
      ? "no use of it was seen in the party’s code"
      : "a use of it in the party’s code was not looked for"
  }.</dd>
<dt>Yields nothing</dt>
<dd>The code is there, and something leaves nothing of the data on any device: the app lacks the permission, or Android has closed the door. A switch in the manifest leaves something, so what it turns off counts as referred to.</dd>
<dt>Vendor, company</dt>
<dd>The vendor makes the SDK; the company is at the top of those that own the vendor.</dd>
<dt>Not read, not seen</dt>
<dd>A number counts what was seen. What stands in code that could not be read, or that is loaded while the app runs, is in none of them.</dd>
</dl>
</section>
`;
}
