import { type AuditResult, lacksManifest } from "../findings/index.js";
import { renderAppHeader, renderUnread } from "./app-section.js";
import { arrangeThirdParties, type PartyRows } from "./arrange-parties.js";
import { renderCompanies } from "./company-section.js";
import { renderFlows } from "./flow-section.js";
import { renderBlindSpots, renderHandOvers } from "./hand-over-section.js";
import { renderHosts } from "./host-section.js";
import { renderOtherCode } from "./other-code-section.js";
import { Page, type Span } from "./page.js";
import { renderThirdParties } from "./party-section.js";
import { renderPermissions } from "./permission-section.js";
import { sayUnreached } from "./reach-text.js";
import { count, formatShare } from "./words.js";

/** How much is told: one summary line, the report, or everything with its evidence. */
export type Detail = "summary" | "normal" | "verbose";

/** How the terminal report looks. */
export interface TerminalOptions {
  readonly color: boolean;
  /** Columns; no line is longer. */
  readonly width: number;
  readonly detail: Detail;
}

/** Below this, columns leave no room for what stands in them. */
const LEAST_WIDTH = 40;

/** The result for a person at a terminal. Every text of the app's is escaped and bounded. */
export function renderTerminal(result: AuditResult, { color, width, detail }: TerminalOptions): string {
  const page = new Page(Math.max(LEAST_WIDTH, width), color);
  const parties = arrangeThirdParties(result);
  if (detail === "summary") {
    const name = result.app.files.map((file) => file.name).join(", ");
    page.paragraph([{ text: `${name}: `, tone: "heading" }, ...summarizeParties(result, parties)], 0, 2);
    return page.text();
  }
  const isVerbose = detail === "verbose";
  renderAppHeader(page, result, isVerbose);
  page.paragraph(summarizeParties(result, parties));
  renderThirdParties(page, result, parties, isVerbose);
  renderFlows(page, result, isVerbose);
  renderCompanies(page, result);
  renderHandOvers(page, result, isVerbose);
  renderOtherCode(page, result, isVerbose);
  renderPermissions(page, result, isVerbose);
  renderHosts(page, result, parties, isVerbose);
  renderBlindSpots(page, result, isVerbose);
  renderUnread(page, result, isVerbose);
  page.blank();
  for (const text of legend(result, parties)) page.paragraph([{ text, tone: "dim" }]);
  return page.text();
}

/** `14 third parties, 6 could access personal data. 96% of the code attributed.` */
export function summarizeParties(result: AuditResult, parties: readonly PartyRows[]): Span[] {
  return [
    ...summarizeAccess(result, parties),
    { text: ` ${summarizeCoverage(result)}` },
    ...summarizeUnread(result),
    ...summarizeDepth(result),
  ];
}

function summarizeAccess({ depth, coverage }: AuditResult, parties: readonly PartyRows[]): Span[] {
  const number = parties.length;
  // Absence is claimed only for what was read.
  const where = coverage.unread.length === 0 ? "" : " in what could be read";
  if (number === 0) return [{ text: `No third party was found${where}.` }];
  const unknown = parties.filter(({ party }) => party.kind === "unrecognised").length;
  const all =
    count(number, "third party", "third parties") +
    (unknown === 0 ? "" : ` (${unknown === number ? "" : `${unknown} `}unrecognised)`);
  if (depth === "permitted")
    return [{ text: `${all}; what ${number === 1 ? "its" : "their"} code does was not looked at.` }];
  const able = parties.filter(({ rows }) => rows.some(({ isOpen }) => isOpen)).length;
  if (able === 0) {
    const none = number === 1 ? "it was not seen to access" : "none was seen to access";
    return [{ text: `${all}; ` }, { text: `${none} personal data`, tone: "good" }, { text: "." }];
  }
  const everyone = number === 2 ? "both" : `all ${number}`;
  const who = number === 1 ? "it" : able === number ? everyone : String(able);
  return [{ text: `${all}, ` }, { text: `${who} could access personal data`, tone: "alert" }, { text: "." }];
}

function summarizeCoverage({ app, coverage }: AuditResult): string {
  if (app.classes === 0) return "No code was read.";
  if (coverage.attributedShare === 1) return "All of the code attributed.";
  return `${formatShare(coverage.attributedShare)} of the code attributed.`;
}

function summarizeUnread({ coverage }: AuditResult): Span[] {
  if (coverage.unread.length === 0) return [];
  const parts = count(coverage.unread.length, "part");
  return [{ text: " " }, { text: `Incomplete: ${parts} could not be read.`, tone: "trouble" }];
}

/** That it was asked for more than could be given. */
function summarizeDepth(result: AuditResult): Span[] {
  if (!lacksManifest(result)) return [];
  const nor = result.depth === "flows" ? ", nor where data goes" : "";
  const text = `What can run was not looked for${nor}: without a readable manifest nobody knows what Android starts.`;
  return [{ text: " " }, { text, tone: "trouble" }];
}

/** What the words of this report claim, and what they do not. */
export function legend(result: AuditResult, parties: readonly PartyRows[]): string[] {
  const { depth } = result;
  const isUsed = parties.some(({ rows, permitted }) => (depth === "permitted" ? permitted : rows).length > 0);
  return [
    "Access is not collection: what code could read on the device, not what it sends.",
    ...(isUsed ? sayRungs(result) : []),
  ];
}

function sayRungs(result: AuditResult): string[] {
  const { depth, reachability, flows } = result;
  if (depth === "permitted") return ["permitted: the app's permissions open it to all code in the app."];
  if (reachability === undefined || lacksManifest(result))
    return ["referenced: the code contains the call; whether it runs is not said."];
  return [
    ...(flows === undefined
      ? []
      : [
          "flows: its own code reads the value and brings it there; possible: calls were not told apart on the way; assumed: nobody says what a method on the way does, or it was begun in the middle.",
        ]),
    "reachable: calls lead there from what Android starts; before consent: from what it starts before anybody could be asked.",
    `referenced: the code contains the call; ${sayUnreached(reachability.gaps)}`,
  ];
}
