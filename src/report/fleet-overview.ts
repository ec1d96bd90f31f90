import type { FleetSummary, Top } from "../store/index.js";
import { formatMedian, isLookedInto, partOfApps, renderMore, shareOf } from "./fleet-words.js";
import { html, type Markup, nameOf } from "./html/markup.js";
import { barCell, type Cell, numberCell, renderTable } from "./html/table.js";
import { count, formatNumber, formatShare } from "./words.js";

/** How many apps could be read, whole or in part. */
export function countReadable({ apps }: FleetSummary): number {
  return apps.audited + apps.incomplete;
}

/** The head of the page: what was found, in sentences, and how far it can be trusted. */
export function renderHeader(summary: FleetSummary): Markup {
  const { apps, evaluation } = summary;
  const { firstParty = [], depth } = evaluation;
  const readable = countReadable(summary);
  return html`<header>
<p class="kind">Bycatch fleet report</p>
<h1>What rides along in ${count(apps.total, "app")}</h1>
${renderLede(summary, readable)}
<div class="note">
<p><strong>An access is not a collection.</strong> This page says what third parties’ code in these apps <em>could</em> access on a device, and on what evidence. Whether it does, and whether anything leaves the device, is not said here. <a href="#words">The words, one by one.</a></p>
${renderUnread(summary)}
</div>
<dl class="facts">
${fact("Apps", formatNumber(apps.total))}
${fact("Application ids", formatNumber(apps.packages))}
${fact("Bycatch", evaluation.tool ?? "unknown")}
${fact("Rules", evaluation.rulesVersion ?? "unknown")}
${fact("Evaluation", evaluation.id)}
${fact("Depth", depth === "permitted" ? "permitted: what code refers to was not looked for" : (depth ?? "unknown"))}
${firstParty.length === 0 ? undefined : fact("First party", firstParty.join(", "))}</dl>
</header>
`;
}

function fact(title: string, value: string): Markup {
  return html`<div><dt>${title}</dt><dd>${nameOf(value)}</dd></div>
`;
}

function renderLede(summary: FleetSummary, readable: number): Markup {
  const { apps, companies, dataTypes, evaluation } = summary;
  if (readable === 0)
    return html`<p class="lede">None of them could be read, so there is nothing to tell.</p>`;
  const company = findMost(companies, ({ apps }) => apps);
  const dataType = findMost(dataTypes, ({ referenced }) => referenced);
  return html`<p class="lede">Third parties’ code is in <strong>${partOfApps(apps.withThirdParty, readable)}</strong>. The median app carries ${formatMedian(apps.thirdParties.median)}, the fullest ${formatNumber(apps.thirdParties.most)}.${
    isLookedInto(evaluation)
      ? html` In <strong>${formatNumber(apps.withAccess)} (${shareOf(apps.withAccess, readable)})</strong> such code refers to a part of Android that yields personal data.`
      : html` What their code refers to was not looked into.`
  }</p>
<p class="lede">${
    dataType === undefined
      ? undefined
      : html`Met most often is <strong>${nameOf(dataType.dataType)}</strong>, in ${count(dataType.referenced, "app")}. `
  }${
    company === undefined
      ? undefined
      : html`The company met most often is <strong>${nameOf(company.name)}</strong>, which is behind SDKs in ${count(company.apps, "app")}.`
  }</p>`;
}

/** The first of a list that falls; `undefined` where the second is as great: none stands out. */
function findMost<T>({ rows: [first, second] }: Top<T>, measure: (row: T) => number): T | undefined {
  if (first === undefined || measure(first) === 0) return undefined;
  return second !== undefined && measure(second) === measure(first) ? undefined : first;
}

function renderUnread({ apps }: FleetSummary): Markup | undefined {
  if (apps.incomplete + apps.failed === 0) return undefined;
  const parts = [
    apps.incomplete > 0 ? `parts of ${count(apps.incomplete, "app")} could not be read` : "",
    apps.failed > 0 ? `${count(apps.failed, "app")} could not be read at all` : "",
  ].filter((part) => part !== "");
  return html`<p><strong>Not everything was read:</strong> ${parts.join(", and ")}. What that hides is in no number here, and nothing is said to be absent from it.</p>`;
}

/** How many apps were read, and how much of their code could be given to someone. */
export function renderApps(summary: FleetSummary): Markup {
  const { apps } = summary;
  const { audited, incomplete, failed, total, failures } = apps;
  const kinds = [
    { name: "audited", title: "Read whole", apps: audited },
    { name: "incomplete", title: "Read in part", apps: incomplete },
    { name: "failed", title: "Not read", apps: failed },
  ];
  const status = kinds.map(({ name, title, apps: number }): Cell[] => [
    { content: html`<span class="key ${name}"></span>${title}` },
    numberCell(number),
    { content: shareOf(number, total), value: total === 0 ? 0 : number / total },
  ]);
  const reasons = failures.rows.map(({ reason, apps: number }): Cell[] => [
    { content: html`Not read: ${FAILURES[reason] ?? reason}` },
    numberCell(number),
    { content: shareOf(number, total), value: number / total },
  ]);
  return html`<section id="apps" aria-labelledby="apps-title">
<h2 id="apps-title">Apps</h2>
<div class="pair">
<div>
${renderStrip(kinds, total)}
${renderTable({
  id: "apps-status",
  caption: "Apps by how much of them could be read",
  heads: [{ title: "Status" }, { title: "Apps", isNumber: true }, { title: "Share", isNumber: true }],
  rows: [...status, ...reasons],
  empty: "There is no app.",
})}${renderMore(failures, "reason")}</div>
<div>
${renderAttribution(summary)}</div>
</div>
</section>
`;
}

const FAILURES: Readonly<Record<string, string>> = {
  format: "no app, or spoilt",
  unreadable: "the file could not be read",
  timeout: "took too long",
  memory: "took too much memory",
  crash: "the audit crashed",
};

function renderStrip(
  kinds: readonly { readonly name: string; readonly apps: number }[],
  total: number,
): Markup {
  let x = 0;
  const parts = kinds.map(({ name, apps }) => {
    const width = total === 0 ? 0 : (1000 * apps) / total;
    const part = html`<rect class="${name}" x="${round(x)}" width="${round(width)}" height="12"/>`;
    x += width;
    return part;
  });
  return html`<svg class="strip" aria-hidden="true" viewBox="0 0 1000 12" preserveAspectRatio="none">${parts}</svg>`;
}

function round(number: number): number {
  return Math.round(number * 10) / 10;
}

function renderAttribution(summary: FleetSummary): Markup {
  const { median, histogram } = summary.apps.attributedShare;
  const readable = countReadable(summary);
  const rows = histogram
    .map((apps, index): Cell[] => [{ content: bucketName(index), value: index }, barCell(apps, readable)])
    .reverse();
  return html`<p>${
    median === undefined
      ? undefined
      : html`In the median app <strong>${formatShare(median)}</strong> of the code belongs to someone who is named: the app’s makers, an SDK, a library or an unrecognised third party. What belongs to nobody has lost its names, and no rule claims it.`
  }</p>
${renderTable({
  id: "apps-attributed",
  caption: "Apps by the share of their code that belongs to a named party",
  heads: [{ title: "Share of the code" }, { title: "Apps", isNumber: true }],
  rows: readable === 0 ? [] : rows,
  empty: "No app could be read.",
})}`;
}

function bucketName(index: number): string {
  return index === 10 ? "All of it" : `${index * 10}% to under ${index * 10 + 10}%`;
}
