import type { FleetApp, FleetEvaluation, FleetSummary, FleetTrend, FleetVersion } from "../store/index.js";
import { typesCell } from "./fleet-party-sections.js";
import { isLookedInto, listNames, NOT_LOOKED_FOR, notLookedFor, renderMore } from "./fleet-words.js";
import { html, Markup, nameOf } from "./html/markup.js";
import { renderSparkline } from "./html/sparkline.js";
import { type Cell, numberCell, renderTable } from "./html/table.js";
import { count, formatShare } from "./words.js";

/** Apps and third parties unlike the rest. */
export function renderOutliers({ outliers, evaluation }: FleetSummary): Markup {
  return html`<section id="outliers" aria-labelledby="outliers-title">
<h2 id="outliers-title">Outliers</h2>
<div class="pair">
<div>
<h3>Most third parties</h3>
${renderTable({
  id: "most-parties",
  caption: "Apps by the number of third parties in them",
  heads: [{ title: "App" }, { title: "Third parties", isNumber: true }],
  rows: outliers.mostThirdParties.map((one) => [appCell(one), numberCell(one.thirdParties)]),
  empty: "No app with a third party was seen.",
})}</div>
<div>
<h3>Most kinds of data</h3>
${renderTable({
  id: "most-data",
  caption: "Apps by the number of data types that third parties’ code in them refers to",
  heads: [{ title: "App" }, { title: "Data types", isNumber: true }],
  rows: outliers.mostDataTypes.map((one) => [appCell(one), numberCell(one.dataTypes)]),
  empty: isLookedInto(evaluation) ? "No such app was seen." : NOT_LOOKED_FOR,
})}</div>
<div>
<h3>Least of the code attributed</h3>
${renderTable({
  id: "least-attributed",
  caption: "Apps by the share of their code that belongs to a named party, lowest first",
  heads: [{ title: "App" }, { title: "Attributed", isNumber: true }],
  rows: outliers.leastAttributed.map((one) => [
    appCell(one),
    { content: formatShare(one.attributedShare), value: one.attributedShare },
  ]),
  empty: "No app was seen with code that belongs to nobody.",
})}</div>
<div>
<h3>In one app alone</h3>
${renderTable({
  id: "rare-sdks",
  caption: "SDKs that were seen in one app alone, by name",
  heads: [{ title: "SDK" }, { title: "App" }],
  rows: outliers.rareSdks.rows.map(({ name, app }) => [{ content: nameOf(name) }, appCell(app)]),
  empty: "No SDK was seen in one app alone.",
})}${renderMore(outliers.rareSdks, "SDK")}</div>
</div>
<h3>Unrecognised, and in several apps</h3>
<p>Third parties that no rule knows, in apps of several application ids: candidates for a rule. <code>bycatch rules draft</code> begins one. Those of one application id alone are not listed here: <code>bycatch query unrecognised</code> has all.</p>
${renderTable({
  id: "unrecognised",
  caption: "Unrecognised package trees by the number of application ids that they are met in",
  heads: [
    { title: "Package tree" },
    { title: "Application ids", isNumber: true },
    { title: "Apps", isNumber: true },
    { title: "Data types that its code refers to" },
  ],
  rows: outliers.unrecognised.rows.map(({ name, packages, apps, dataTypes }) => [
    { content: nameOf(name) },
    numberCell(packages),
    numberCell(apps),
    typesCell(dataTypes, evaluation),
  ]),
  empty: "None was met in several.",
})}${renderMore(outliers.unrecognised, "package tree")}</section>
`;
}

function appCell({ packageName, versionName, path, isIncomplete }: FleetApp): Cell {
  const name = packageName === undefined ? nameOf(path) : nameOf(packageName);
  return {
    className: "tags",
    content: html`${name}${versionName === undefined ? undefined : html` ${nameOf(versionName, 40)}`}${isIncomplete ? html` <span class="warn">not read whole</span>` : undefined}${packageName === undefined ? undefined : html`<span class="under">${nameOf(path, 140)}</span>`}`,
  };
}

/** How apps went from version to version. */
export function renderTrends({ trends, evaluation }: FleetSummary): Markup {
  return html`<section id="trends" aria-labelledby="trends-title">
<h2 id="trends-title">From version to version</h2>
<p>Apps of which there are several versions. Which third parties came and went is listed, by what the version before had; which data, permissions and hosts did, <code>bycatch query changes</code> tells. What came is what was not found in the version before, and is not said where that one was not read whole; what went is what was not found any more, and is not said of a version that was not read whole itself.</p>
${trends.rows.length === 0 ? html`<p class="none">There is no app in several versions.</p>` : trends.rows.map((trend, index) => renderTrend(trend, index, evaluation))}
${renderMore(trends, "app")}</section>
`;
}

function renderTrend(
  { packageName, versions }: FleetTrend,
  index: number,
  evaluation: FleetEvaluation,
): Markup {
  const { rows } = versions;
  const title =
    versions.total > rows.length
      ? `The newest ${rows.length} of ${versions.total} versions`
      : count(versions.total, "version");
  return html`<article class="trend" aria-labelledby="trend-${index}">
<h3 id="trend-${index}">${nameOf(packageName)}</h3>
<ul class="sparks">
${spark("Third parties", rows, ({ thirdParties }) => thirdParties)}
${isLookedInto(evaluation) ? spark("Their data types", rows, ({ dataTypes }) => dataTypes) : undefined}
${spark("Permissions of the app", rows, ({ permissions }) => permissions)}
</ul>
<details${index === 0 ? Markup.ofSource(" open") : undefined}><summary>${title}</summary>
${renderTable({
  id: `trend-${index}-table`,
  caption: html`Versions of ${nameOf(packageName)} by their code, oldest first`,
  heads: [
    { title: "Version" },
    { title: "Third parties", isNumber: true },
    { title: "Their data types", isNumber: true },
    { title: "Permissions of the app", isNumber: true },
    { title: "Third parties that came" },
    { title: "Third parties that went" },
  ],
  rows: rows.map((version, place) => [
    {
      content: html`${nameOf(version.versionName ?? "", 40)} <span class="under">code ${nameOf(version.versionCode, 40)}${version.isIncomplete ? html`, <span class="warn">not read whole</span>` : undefined}</span>`,
    },
    numberCell(version.thirdParties),
    isLookedInto(evaluation) ? numberCell(version.dataTypes) : { content: notLookedFor },
    numberCell(version.permissions),
    changeCell(version.came, place),
    changeCell(version.went, place),
  ]),
  empty: "There is none.",
})}</details>
</article>
`;
}

function spark(
  title: string,
  versions: readonly FleetVersion[],
  pick: (version: FleetVersion) => number,
): Markup {
  const values = versions.map(pick);
  return html`<li>${title}: ${values[0]} to ${values.at(-1)} ${renderSparkline(values)}</li>`;
}

function changeCell(change: FleetVersion["came"], place: number): Cell {
  const isSaid = change !== undefined;
  const said = place === 0 ? "first shown" : isSaid ? "none" : "not compared";
  return {
    className: "tags",
    content:
      isSaid && change.total > 0
        ? listNames(change.rows, change.total)
        : html`<span class="soft">${said}</span>`,
  };
}
