import type { AuditResult } from "../findings/index.js";
import { arrangeFlows } from "./arrange-flows.js";
import { arrangeBlindSpots, arrangeHandOvers, blindSpotWords } from "./arrange-hand-overs.js";
import { type AccessRow, arrangeThirdParties, groupBy, type PartyRows } from "./arrange-parties.js";
import { longPlace } from "./evidence-text.js";
import { saySink } from "./flow-text.js";
import { code, details, layOut, type MarkdownBlock, prose, tableHead, tableRow } from "./markdown-text.js";
import { describePractices } from "./practices.js";
import { joinChain, sayReach } from "./reach-text.js";
import { longReference } from "./reference-text.js";
import { legend, summarizeParties } from "./render-terminal.js";
import { shortPermission } from "./words.js";

/** Characters of a step's summary: GitHub takes a mebibyte, in UTF-8. */
const MOST_OF_A_SUMMARY = 250_000;

/**
 * A result as Markdown: a job's summary. A table of the third parties with what their code could access, all else
 * folded up. No text of the app is markup, a mention or a link in it.
 */
export function renderMarkdown(result: AuditResult): string {
  const parties = arrangeThirdParties(result);
  const summary = summarizeParties(result, parties)
    .map(({ text }) => text)
    .join("");
  const seen = parties.filter(({ rows }) => rows.length > 0);
  const others = parties.filter(({ rows }) => rows.length === 0);
  return layOut(
    [
      { head: `## Bycatch: ${describeApp(result)}\n\n${summary}`, rows: [] },
      ...table(
        ["Third party", "Company", "Category", "Data type", "Rung", "By", "Limited"],
        seen.flatMap(describeParty),
      ),
      ...fold(
        result.depth === "permitted"
          ? "Third parties; what their code refers to was not looked for"
          : "Third parties of which no access was seen",
        others.map((one) => `- ${nameOf(one)}${describeCompany(one)}`),
      ),
      ...fold("How it comes to run", listReaches(seen)),
      ...fold("Documented by vendors, not observed", listPractices(parties)),
      ...listPermissions(result),
      ...listFlows(result),
      ...listHandOvers(result),
      ...fold("Hosts that third parties' code names", listHosts(result, parties)),
      ...listBlindSpots(result),
      ...fold(
        "Not read",
        result.coverage.unread.map((part) => `- ${code(part)}`),
        "Nothing is claimed absent for what these could hide.",
      ),
      { head: legend(result, parties).join(" "), rows: [] },
    ],
    MOST_OF_A_SUMMARY,
  );
}

function describeApp({ app }: AuditResult): string {
  const names = app.files.map(({ name }) => code(name)).join(", ");
  const id = [app.packageName, app.versionName].flatMap((text) => (text === undefined ? [] : [code(text)]));
  return id.length === 0 ? names : `${names}, ${id.join(" ")}`;
}

function describeParty(one: PartyRows): string[] {
  const { party, rows } = one;
  return rows.map((row, index) => {
    const { finding, dataType } = row;
    const early = finding.reach?.beforeConsent === undefined ? [] : ["before consent"];
    const sureness = finding.confidence === "certain" ? [] : [finding.confidence];
    const rung = [finding.rung ?? "", ...early, ...sureness].join(", ");
    const first = index === 0;
    return tableRow([
      first ? nameOf(one) : "",
      first ? describeCompany(one, "") : "",
      first ? prose((party.category ?? "").replaceAll("-", " ")) : "",
      row.isOpen ? `**${prose(dataType)}**` : prose(dataType),
      prose(rung),
      code(longPlace(finding.evidence[0]), 300),
      describeLimit(row),
    ]);
  });
}

function describeLimit({ finding: { limits } }: AccessRow): string {
  const limit = limits.find(({ leaves }) => leaves === "nothing") ?? limits[0];
  return limit === undefined ? "" : prose(limit.message);
}

function nameOf({ party: { kind, name, version } }: PartyRows): string {
  const shown = kind === "unrecognised" ? `${code(name)} (unrecognised)` : prose(name, 80);
  return version === undefined ? shown : `${shown} ${code(version, 30)}`;
}

function describeCompany({ party: { vendor } }: PartyRows, before = ", "): string {
  if (vendor === undefined) return "";
  const { name, parent, country } = vendor;
  const owner = parent === undefined ? "" : `, of ${prose(parent.name, 100)}`;
  return `${before}${prose(name, 100)}${owner}${country === undefined ? "" : ` (${prose(country)})`}`;
}

/** The shortest way to what each third party's code could access, and that before consent. */
function listReaches(parties: readonly PartyRows[]): string[] {
  return parties.flatMap((one) =>
    one.rows.flatMap(({ finding: { reach }, dataType }) => {
      if (reach === undefined) return [];
      const early =
        reach.beforeConsent === undefined || joinChain(reach.beforeConsent) === joinChain(reach)
          ? ""
          : `; before consent ${code(joinChain(reach.beforeConsent), 500)}`;
      return [
        `- ${nameOf(one)}, ${prose(dataType)}: ${prose(sayReach(reach), 400)}: ${code(joinChain(reach), 500)}${early}`,
      ];
    }),
  );
}

function listPractices(parties: readonly PartyRows[]): string[] {
  return parties.flatMap((one) => {
    const { practices = [] } = one.party;
    if (practices.length === 0) return [];
    const pages = [...new Set(practices.map(({ source, readOn }) => `${source}, read on ${readOn}`))];
    const said = describePractices(practices, ({ dataType }) => dataType);
    return [
      `- ${nameOf(one)}: its vendor says it ${prose(said)}: ${pages.map((page) => code(page, 300)).join("; ")}`,
    ];
  });
}

function listPermissions({ permissions }: AuditResult): MarkdownBlock[] {
  const rows = permissions.map(({ name, protection, declaredBy, usedBy, impliedBy }) =>
    tableRow([
      code(shortPermission(name)),
      protection === "unknown" ? "not in the rules" : protection,
      impliedBy === undefined
        ? declaredBy.map(({ party, confidence }) => `${code(party)} (${confidence})`).join(", ")
        : "added by Android",
      usedBy.map((party) => code(party)).join(", "),
    ]),
  );
  if (rows.length === 0) return [];
  const head = tableHead(["Permission", "Protection", "From", "Used by"]);
  return [details(`Permissions (${rows.length})`, { head, rows })];
}

function listHosts({ hosts }: AuditResult, parties: readonly PartyRows[]): string[] {
  const hostsOf = groupBy(hosts, ({ party }) => party);
  return parties.flatMap((one) => {
    const own = hostsOf.get(one.party.id);
    return own === undefined ? [] : [`- ${nameOf(one)}: ${own.map(({ host }) => code(host)).join(", ")}`];
  });
}

function listFlows(result: AuditResult): MarkdownBlock[] {
  const names = new Map(result.parties.map(({ id, name }) => [id, name]));
  const nameOf = (id: string) => prose(names.get(id) ?? id, 80);
  const rows = arrangeFlows(result).map((group) =>
    tableRow([
      prose(group.dataType),
      nameOf(group.from),
      nameOf(group.to),
      prose(saySink(group)),
      prose(
        [
          group.kind,
          ...group.forms,
          group.confidence,
          ...(group.yieldsNothing ? ["yields nothing in this app"] : []),
        ].join(", "),
      ),
      String(group.flows.length),
    ]),
  );
  if (rows.length === 0) return [];
  const head = tableHead(["Data type", "Read by", "Leaves by", "Where it goes", "Kind", "Flows"]);
  return [details(`Where data goes (${rows.length})`, { head, rows })];
}

function listHandOvers(result: AuditResult): MarkdownBlock[] {
  const names = new Map(result.parties.map(({ id, name }) => [id, name]));
  const rows = arrangeHandOvers(result).map(({ party, dataTypes, events, properties, apis }) =>
    tableRow([
      prose(names.get(party) ?? party, 80),
      prose(dataTypes.join(", ")),
      listCode(apis.map(longReference), MOST_NAMES),
      listCode([...events, ...properties], MOST_NAMES),
    ]),
  );
  if (rows.length === 0) return [];
  const head = tableHead(["Third party", "Data types", "Methods", "Events and properties"]);
  return [details(`Handed over by the app's own code (${rows.length})`, { head, rows })];
}

function listBlindSpots(result: AuditResult): MarkdownBlock[] {
  const names = new Map(result.parties.map(({ id, name }) => [id, name]));
  const rows = arrangeBlindSpots(result).flatMap(({ kind, spots }) =>
    spots.map(({ party, sites, names: seen }) =>
      tableRow([
        blindSpotWords[kind],
        prose(names.get(party) ?? party, 80),
        String(sites),
        listCode(seen, MOST_NAMES),
      ]),
    ),
  );
  if (rows.length === 0) return [];
  const head = tableHead(["What reading the code does not show", "Whose", "Places", "Names"]);
  return [details(`Not seen through (${rows.length})`, { head, rows })];
}

/** Names in a cell of a table. */
const MOST_NAMES = 10;

function listCode(texts: readonly string[], most: number): string {
  const left = texts.length - most;
  return (
    texts
      .slice(0, most)
      .map((text) => code(text, 120))
      .join(", ") + (left > 0 ? ` +${left}` : "")
  );
}

function table(titles: readonly string[], rows: readonly string[]): MarkdownBlock[] {
  return rows.length === 0 ? [] : [{ head: tableHead(titles), rows }];
}

function fold(title: string, rows: readonly string[], head = ""): MarkdownBlock[] {
  return rows.length === 0
    ? []
    : [details(`${title} (${rows.length})`, { head: head === "" ? "" : `${head}\n`, rows })];
}
