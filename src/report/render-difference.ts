import type {
  Difference,
  DifferenceSide,
  FlowChange,
  HandOverChange,
  PartyChange,
  PartyDifference,
} from "../policy/index.js";
import {
  compareShares,
  describeDoubt,
  describeFlow,
  describeHandOver,
  describeParty,
  describePermission,
  describeReach,
  describeSide,
  findKindOfData,
  groupPermissions,
  isAccessChange,
  isAskedFor,
  isFlowChange,
  isHandOverChange,
  listUnread,
  nameParty,
  summarizeDifference,
  tellParty,
} from "./difference-words.js";
import { summarizePlace } from "./evidence-text.js";
import { Page, type Span, type Tone } from "./page.js";
import { renderLimits } from "./party-section.js";
import { printable } from "./printable-text.js";
import { escapeInJson } from "./render-json.js";

/** How a difference looks in a terminal. */
export interface DifferenceOptions {
  readonly color: boolean;
  /** Columns; no line is longer. */
  readonly width: number;
}

const LEAST_WIDTH = 40;
/** Where what a line says begins, behind its sign and what it is about. */
const COLUMN = 30;
/** Listed before the rest is only counted: parties, hosts of one, parts. */
const [MOST_PARTIES, MOST_HOSTS, MOST_PARTS] = [100, 12, 6];

/** The difference as JSON, in the order of its type's keys, safe to print. */
export function renderDifferenceJson(difference: Difference): string {
  return `${escapeInJson(JSON.stringify(difference, undefined, 2))}\n`;
}

/** The difference for a person at a terminal. Every text of a file's is escaped and bounded. */
export function renderDifference(difference: Difference, { color, width }: DifferenceOptions): string {
  const page = new Page(Math.max(LEAST_WIDTH, width), color);
  const { parties, before, after } = difference;
  renderSide(page, "old", before);
  renderSide(page, "new", after);
  page.blank();
  page.paragraph([{ text: summarizeDifference(difference) }]);
  renderCaveats(page, difference);
  for (const party of parties.slice(0, MOST_PARTIES)) renderParty(page, party);
  const left = parties.length - MOST_PARTIES;
  if (left > 0) {
    page.blank();
    page.paragraph([{ text: `and ${left} more parties (JSON has all)`, tone: "dim" }]);
  }
  renderPermissions(page, difference);
  const shares = compareShares(difference);
  if (shares !== "") {
    page.blank();
    page.paragraph([{ text: shares, tone: "dim" }]);
  }
  if (parties.some(({ changes }) => changes.some(isAccessChange))) {
    page.blank();
    const text = "Access is not collection: what code could read on the device, not what it sends.";
    page.paragraph([{ text, tone: "dim" }]);
  }
  return page.text();
}

function renderSide(page: Page, label: string, side: DifferenceSide): void {
  page.field(
    [{ text: label, tone: "dim" }],
    [{ text: printable(side.source.name, 100), tone: "heading" }, { text: `  ${describeSide(side)}` }],
    5,
    0,
  );
}

function renderCaveats(page: Page, { caveats, before, after }: Difference): void {
  for (const { message } of caveats) {
    page.blank();
    page.paragraph([{ text: message, tone: "trouble" }]);
  }
  for (const [label, side] of [
    ["old", before],
    ["new", after],
  ] as const)
    if (side.unread.length > 0)
      page.field(
        [{ text: `not read of the ${label}`, tone: "dim" }],
        [{ text: listUnread(side, MOST_PARTS), tone: "dim" }],
        COLUMN,
      );
}

/** The sign before a line; what left only perhaps has none of its own. */
function signOf({ effect, mayBeIn }: Pick<PartyChange, "effect" | "mayBeIn">): Span {
  if (effect === "more") return { text: "+ ", tone: "alert" };
  if (effect === "other") return { text: "~ ", tone: "dim" };
  return mayBeIn === undefined ? { text: "- ", tone: "good" } : { text: "? ", tone: "dim" };
}

function renderParty(page: Page, party: PartyDifference): void {
  const { presence, doubt, changes } = tellParty(party);
  const version = presence?.version === undefined ? "" : ` ${printable(presence.version, 30)}`;
  const about = [...describeParty(party), doubt].filter((text) => text !== "").join(" · ");
  page.blank();
  page.field(
    [
      presence === undefined ? { text: "~ ", tone: "dim" } : signOf(presence),
      { text: nameParty(party) + version, tone: "heading" },
    ],
    [{ text: about, tone: "dim" }],
    COLUMN,
    0,
  );
  if (presence?.kind === "left") {
    renderLost(page, changes);
    return;
  }
  for (const change of changes) renderChange(page, change);
  renderHosts(page, changes, "host-gained");
  renderHosts(page, changes, "host-lost");
}

/** All that went with a party, in short: none of it is a change of its own. */
function renderLost(page: Page, changes: readonly PartyChange[]): void {
  const types = [...new Set(changes.filter(isAccessChange).map(({ dataType }) => dataType))];
  const given = [...new Set(changes.filter(isHandOverChange).flatMap(({ dataTypes }) => dataTypes))];
  const hosts = changes.flatMap((change) => ("host" in change ? [change.host] : []));
  if (types.length > 0)
    page.field([{ text: "  had code for", tone: "dim" }], [{ text: types.join(", "), tone: "dim" }], COLUMN);
  if (given.length > 0)
    page.field(
      [{ text: "  was handed over", tone: "dim" }],
      [{ text: given.join(", "), tone: "dim" }],
      COLUMN,
    );
  if (hosts.length > 0)
    page.field([{ text: "  named", tone: "dim" }], [{ text: cutHosts(hosts), tone: "dim" }], COLUMN);
}

function renderChange(page: Page, change: PartyChange): void {
  if (change.kind === "version-changed") {
    const text = `${change.from ?? "unknown"} -> ${change.to ?? "unknown"}`;
    page.field([signOf(change), { text: "version" }], [{ text: printable(text, 80) }], COLUMN);
    return;
  }
  if (isFlowChange(change) || isHandOverChange(change)) renderWay(page, change);
  if (!isAccessChange(change)) return;
  const { after, evidence, limits } = change;
  const isOpen = change.effect === "more" && after?.yieldsNothing === false;
  const tone: Tone | undefined = isOpen ? "alert" : "dim";
  const doubt = change.effect === "more" ? describeDoubt(change) : "";
  const kind = findKindOfData(change);
  page.field(
    [
      isOpen || change.effect !== "more" ? signOf(change) : { text: "+ ", tone: "dim" },
      { text: change.dataType, tone },
    ],
    [
      ...(kind === undefined ? [] : [{ text: `${kind}: `, ...(isOpen ? {} : { tone: "dim" as const }) }]),
      { text: describeReach(change), ...(isOpen ? {} : { tone: "dim" as const }) },
      ...(doubt === "" ? [] : [{ text: `, ${doubt}`, tone: "dim" as const }]),
    ],
    COLUMN,
  );
  if (change.effect === "less") return;
  if (evidence.length > 0)
    page.paragraph([{ text: summarizePlace(evidence[0], undefined, page.width - 6) }], 6);
  renderLimits(page, limits, false, 6);
}

/** Where data newly goes, and what is newly handed over; or no longer. */
function renderWay(page: Page, change: FlowChange | HandOverChange): void {
  const isFlow = isFlowChange(change);
  const isMore = change.effect === "more";
  const tone: Tone | undefined = isMore ? "alert" : "dim";
  const doubt = isMore ? describeDoubt(change) : "";
  const said = isFlow ? describeFlow(change) : describeHandOver(change);
  page.field(
    [signOf(change), { text: isFlow ? printable(change.dataType, 100) : "handed over", tone }],
    [
      { text: printable(said, 500), ...(isMore ? {} : { tone: "dim" as const }) },
      { text: doubt === "" ? "" : `, ${doubt}`, tone: "dim" },
    ],
    COLUMN,
  );
  // Of a flow both ends: where it is read, and where it leaves.
  for (const one of change.evidence.slice(0, isFlow ? 2 : 1))
    page.paragraph([{ text: summarizePlace(one, undefined, page.width - 6) }], 6);
}

function renderHosts(page: Page, changes: readonly PartyChange[], kind: "host-gained" | "host-lost"): void {
  const own = changes.filter((change) => change.kind === kind);
  if (own.length === 0) return;
  const doubt = describeDoubt(own[0]!);
  page.field(
    [signOf(own[0]!), { text: own.length === 1 ? "host" : "hosts" }],
    [
      { text: cutHosts(own.flatMap((change) => ("host" in change ? [change.host] : []))) },
      { text: doubt === "" ? "" : `  ${doubt}`, tone: "dim" },
    ],
    COLUMN,
  );
}

function cutHosts(hosts: readonly string[]): string {
  const left = hosts.length - MOST_HOSTS;
  const names = hosts.slice(0, MOST_HOSTS).map((host) => printable(host, 100));
  return names.join(", ") + (left > 0 ? ` +${left}` : "");
}

function renderPermissions(page: Page, difference: Difference): void {
  const groups = groupPermissions(difference);
  if (groups.length === 0) return;
  page.blank();
  page.paragraph([{ text: "Permissions", tone: "heading" }]);
  for (const { kind, what, doubt, changes } of groups) {
    const asked = changes.filter(isAskedFor).map(describePermission);
    const rest = changes.filter((change) => !isAskedFor(change)).map(describePermission);
    page.field(
      [signOf(changes[0]!), { text: what }],
      [
        { text: asked.join(", ") + (asked.length > 0 && rest.length > 0 ? ", " : ""), tone: toneOf(kind) },
        { text: rest.join(", "), tone: "dim" },
        { text: doubt === "" ? "" : `  ${doubt}`, tone: "dim" },
      ],
      COLUMN,
    );
  }
}

function toneOf(kind: Difference["permissions"][number]["kind"]): Tone | undefined {
  return kind === "permission-gained" || kind === "requested-for-more" ? "alert" : undefined;
}
