import type { ExplainedApp, Explanation, Subject } from "../explain/index.js";
import { type Finding, isRungAtLeast } from "../findings/index.js";
import { leavesData } from "./arrange-parties.js";
import { renderCuts, renderFlowGroups } from "./flow-section.js";
import { heading, type Listing } from "./listing.js";
import type { Page } from "./page.js";
import { printable } from "./printable-text.js";
import { joinChain, sayReach, sayUnreached } from "./reach-text.js";
import { count } from "./words.js";

const OF_DATA = [
  "Where it goes in this app",
  "from where code reads it to where it leaves the app's code",
] as const;
/** What the heading over flows is, by what is explained. */
const HEADINGS: Partial<Record<Subject["kind"], readonly [text: string, more: string]>> = {
  "data-type": OF_DATA,
  api: OF_DATA,
  finding: ["Where it goes", "each step of the value, from where it is read to where it leaves"],
};
const OF_PARTIES = ["Where data goes in this app", "flows that begin or end in its code"] as const;

/** Where data goes in the app, as far as it concerns what is explained: of a finding by every step. */
export function renderWays({ page, most }: Listing, explanation: Explanation): void {
  const { subject, flows, cuts = [], app, findings = [] } = explanation;
  if (app === undefined || flows === undefined) return;
  const isFinding = subject.kind === "finding";
  // Of a finding without flows its own section says so.
  if (flows.length === 0 && (isFinding || isUnseen(explanation))) return;
  const names = new Map([
    ...cuts.map(({ party, name }) => [party, name] as const),
    ...flows.flatMap(({ source, sink, sourceName, sinkName }) => [
      [source.party, sourceName] as const,
      [sink.party, sinkName] as const,
    ]),
  ]);
  const nameOf = (party: string) => printable(names.get(party) ?? party, 80);
  heading(page, ...(HEADINGS[subject.kind] ?? OF_PARTIES));
  if (flows.length === 0) page.paragraph([{ text: "No flow was found." }], 2);
  renderFlowGroups(page, flows, { nameOf, most, ways: isFinding || most === Infinity ? "whole" : "none" });
  const omitted = findings.reduce((sum, { flowsOmitted = 0 }) => sum + flowsOmitted, 0);
  if (isFinding && omitted > 0)
    page.paragraph([{ text: `and ${count(omitted, "more flow")} (a scan's JSON has all)`, tone: "dim" }], 2);
  renderCuts(page, cuts, nameOf);
}

/** Of what is not there nothing can go anywhere. */
function isUnseen({ presence }: Explanation): boolean {
  return presence !== undefined && presence.answer !== "present";
}

/** How far the evidence of an access goes, as far as was looked: whether the code can run, and where the value goes. */
export function renderHowFar(page: Page, finding: Finding, app: ExplainedApp): void {
  const { rung, reach, limits, confidence } = finding;
  if (rung === undefined || rung === "permitted") return;
  heading(page, "How far it goes", `${rung}${confidence === "certain" ? "" : `, ${confidence}`}`);
  if (!isRungAtLeast(app.depth, "reachable")) {
    page.paragraph(
      [{ text: "The code contains the call; whether it runs was not looked for (--depth reachable)." }],
      2,
    );
    return;
  }
  if (app.gaps === undefined) {
    const text =
      "The code contains the call; whether it runs could not be found: without a readable manifest nobody knows what Android starts.";
    page.paragraph([{ text }], 2);
    return;
  }
  if (reach === undefined)
    page.paragraph([{ text: `The code contains the call; ${sayUnreached(app.gaps)}` }], 2);
  else {
    const tone = leavesData(limits) && reach.beforeConsent !== undefined ? "alert" : undefined;
    page.paragraph([{ text: `It ${sayReach(reach)}:`, tone }], 2);
    page.paragraph([{ text: joinChain(reach), tone: "dim" }], 4, 6);
  }
  const text = sayWhetherItGoes(finding, app);
  if (text !== "") page.paragraph([{ text }], 2);
}

function sayWhetherItGoes({ flows, limits }: Finding, { depth }: ExplainedApp): string {
  if (flows !== undefined) return "Its code brings the value on: see below.";
  if (!isRungAtLeast(depth, "flows")) return "Where the value goes was not looked for (--depth flows).";
  if (!leavesData(limits)) return "It yields nothing in this app that could go anywhere.";
  return "No flow of it was found: the value was not seen to leave the app's code.";
}
