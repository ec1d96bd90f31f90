import type { Explanation } from "../explain/index.js";
import type { AuditResult } from "../findings/index.js";
import {
  arrangeBlindSpots,
  arrangeHandOvers,
  blindSpotWords,
  type PartyHandOvers,
} from "./arrange-hand-overs.js";
import { widest } from "./display-width.js";
import { listPlaces } from "./evidence-text.js";
import { heading, type Listing, list } from "./listing.js";
import type { Page, Span } from "./page.js";
import { shortName } from "./party-section.js";
import { printable } from "./printable-text.js";
import { longReference, shortReference } from "./reference-text.js";
import { count } from "./words.js";

/** Parties, and names of each, that are shown unless all is told. */
const MOST_PARTIES = 8;
const MOST_NAMES = 6;

/** What the app's own code hands over to third parties, by the methods that it calls. */
export function renderHandOvers(page: Page, result: AuditResult, isVerbose: boolean): void {
  const groups = arrangeHandOvers(result);
  if (groups.length === 0) return;
  const parties = new Map(result.parties.map((party) => [party.id, party]));
  const nameOf = ({ party }: PartyHandOvers) => shortName(parties.get(party), party);
  heading(page, "Handed over by the app's own code", howHandedOver(result.flows !== undefined));
  const shown = isVerbose ? groups : groups.slice(0, MOST_PARTIES);
  const column = 4 + Math.min(30, widest(shown.map(nameOf)));
  for (const group of shown) {
    page.field(
      [{ text: nameOf(group) }],
      describeHandOvers(group, isVerbose ? Infinity : MOST_NAMES),
      column,
    );
    if (isVerbose) renderCalls(page, group);
  }
  const left = groups.length - shown.length;
  if (left > 0)
    page.paragraph([{ text: `and ${left} more third parties (--verbose lists them)`, tone: "dim" }], 2);
}

function howHandedOver(isFollowed: boolean): string {
  return isFollowed
    ? "by what the methods are given, and by values that were followed"
    : "by what the methods are given; no value is followed";
}

/** `user-ids, app-interactions: setUserId, logEvent; events login, purchase`. */
function describeHandOvers({ dataTypes, events, properties, apis }: PartyHandOvers, most: number): Span[] {
  const methods = listSome(apis.map(shortReference), most);
  const named = [
    ...(events.length === 0 ? [] : [`events ${listSome(events, most)}`]),
    ...(properties.length === 0 ? [] : [`properties ${listSome(properties, most)}`]),
  ];
  return [
    ...(dataTypes.length === 0 ? [] : [{ text: `${dataTypes.join(", ")}: ` }]),
    { text: methods, tone: "dim" },
    { text: named.length === 0 ? "" : `; ${named.join("; ")}` },
  ];
}

/** Of what is explained: what the app hands over to it, or of it, and what its code does not show. */
export function renderGiven(
  { page, most }: Listing,
  { subject, handOvers = [], blindSpots = [], flows }: Explanation,
): void {
  if (handOvers.length > 0) {
    const toIt = subject.kind === "data-type" || subject.kind === "vendor" ? "" : " to it";
    heading(page, `Handed over${toIt} by the app's own code`, howHandedOver(flows !== undefined));
    list({ page, most }, handOvers, 2, (handOver) => renderCalls(page, { handOvers: [handOver] }));
  }
  if (blindSpots.length === 0) return;
  heading(page, "Not seen through", "what reading its code does not show");
  const column = 4 + widest(blindSpots.map(({ kind }) => blindSpotWords[kind]));
  for (const { kind, sites, names } of blindSpots) {
    const named = names.length === 0 ? "" : `: ${listSome(names, MOST_NAMES)}`;
    page.field([{ text: blindSpotWords[kind] }], [{ text: count(sites, "place") + named }], column);
  }
}

function renderCalls(page: Page, { handOvers }: Pick<PartyHandOvers, "handOvers">): void {
  for (const handOver of handOvers) {
    const {
      api,
      caller,
      confidence,
      dataTypes,
      passes = [],
      events,
      properties,
      evidence,
      callSites,
    } = handOver;
    const types = [...new Set([...dataTypes, ...passes])];
    const given = [...types, ...events, ...properties].map((text) => printable(text, 100)).join(", ");
    const sure = confidence === "certain" ? "" : `  ${confidence}`;
    page.paragraph([{ text: longReference(api) }, { text: `  ${given}${sure}`, tone: "dim" }], 4, 6);
    const places = listPlaces({ api, evidence, callSites });
    for (const place of places.length === 0 ? [longReference(caller)] : places)
      page.paragraph([{ text: place, tone: "dim" }], 6, 8);
  }
}

/** What reading the code does not show: how much of it, and by party where all is told. */
export function renderBlindSpots(page: Page, result: AuditResult, isVerbose: boolean): void {
  const kinds = arrangeBlindSpots(result);
  if (kinds.length === 0) return;
  const parties = new Map(result.parties.map((party) => [party.id, party]));
  heading(page, "Not seen through", "what reading the code does not show");
  if (!isVerbose) {
    const words = kinds.map(({ kind, sites }) => `${blindSpotWords[kind]} ${sites}`);
    page.paragraph([{ text: `${words.join(", ")} ` }, { text: "(--verbose tells whose)", tone: "dim" }], 2);
    return;
  }
  const column = 4 + widest(kinds.map(({ kind }) => blindSpotWords[kind]));
  for (const { kind, sites, spots } of kinds) {
    const whose = spots.map(({ party, sites: own, names }) => {
      const named = names.length === 0 ? "" : ` (${listSome(names, MOST_NAMES)})`;
      return `${shortName(parties.get(party), party)} ${own}${named}`;
    });
    const text = `${count(sites, "place")}: ${whose.join(", ")}`;
    page.field([{ text: blindSpotWords[kind] }], [{ text }], column);
  }
}

/** Names of the app's, escaped; what is past the most is counted. */
function listSome(names: readonly string[], most: number): string {
  const shown = names.slice(0, most).map((name) => printable(name, 60));
  const left = names.length - shown.length;
  return `${shown.join(", ")}${left > 0 ? ` +${left}` : ""}`;
}
