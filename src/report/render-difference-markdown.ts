import type { Difference, DifferenceSide, PartyChange, PartyDifference } from "../policy/index.js";
import { groupBy } from "./arrange-parties.js";
import {
  compareShares,
  describeDoubt,
  describeFlow,
  describeHandOver,
  describeParty,
  describePermission,
  describeReach,
  findKindOfData,
  groupPermissions,
  isAccessChange,
  isFlowChange,
  isHandOverChange,
  nameParty,
  summarizeDifference,
  tellParty,
} from "./difference-words.js";
import { summarizePlace } from "./evidence-text.js";
import { code, layOut, type MarkdownBlock, MOST_OF_A_COMMENT, prose } from "./markdown-text.js";

/** By this line a bot finds the comment that it wrote before, and rewrites it. */
const MARKER = "<!-- bycatch diff -->";

/** Listed before the rest is only counted: hosts of a party, permissions of a line, parts. */
const [MOST_HOSTS, MOST_PERMISSIONS, MOST_PARTS] = [12, 40, 6];
/** Characters of a place in the code. */
const MOST_OF_PLACE = 160;

/** The difference as a comment on a pull request. No text of a file is markup, a mention or a link in it. */
export function renderDifferenceMarkdown(difference: Difference): string {
  const { before, after, caveats, parties, tool } = difference;
  const permissions = listPermissions(difference);
  const shares = compareShares(difference);
  const sentence = (head: string): MarkdownBlock => ({ head, rows: [] });
  const blocks = [
    sentence(
      `${MARKER}\n## Bycatch: what changed\n\n${titleOf(before)} → ${titleOf(after)}: ${summarizeDifference(difference)}`,
    ),
    ...caveats.map(({ message }) => sentence(`> [!WARNING]\n> ${prose(message)}`)),
    ...(
      [
        ["old", before],
        ["new", after],
      ] as const
    )
      .filter(([, { unread }]) => unread.length > 0)
      .map(([label, { unread }]) => sentence(`Not read of the ${label}: ${cutList(unread, MOST_PARTS)}`)),
    ...(parties.length === 0
      ? []
      : [{ head: "### By party\n", rows: parties.map((party) => listParty(party).join("\n")) }]),
    ...(permissions.length === 0 ? [] : [{ head: "### Permissions\n", rows: permissions }]),
    ...(shares === "" ? [] : [sentence(shares)]),
    ...(parties.some(({ changes }) => changes.some(isAccessChange))
      ? [sentence("Access is not collection: what code could read on the device, not what it sends.")]
      : []),
    sentence(`<sub>${[tool.name, tool.version].map((text) => prose(text)).join(" ")}</sub>`),
  ];
  return layOut(blocks, MOST_OF_A_COMMENT);
}

function titleOf({ source, versionName }: DifferenceSide): string {
  return code(source.name) + (versionName === undefined ? "" : ` ${code(versionName, 40)}`);
}

/** As code, the first of them; the rest is counted. */
function cutList(names: readonly string[], most: number): string {
  const left = names.length - most;
  const shown = names.slice(0, most).map((name) => code(name));
  return shown.join(", ") + (left > 0 ? ` and ${left} more` : "");
}

function listParty(party: PartyDifference): string[] {
  const { presence, doubt, changes } = tellParty(party);
  const version = presence?.version === undefined ? "" : ` ${code(presence.version, 30)}`;
  const about = describeParty(party)
    .map((part) => prose(part))
    .join(" · ");
  const isGone = presence?.kind === "left";
  const verb = presence === undefined ? "" : doubt !== "" ? `: ${doubt}` : isGone ? " has left" : " is new";
  return [
    `- **${prose(nameParty(party))}**${version}${about === "" ? "" : ` (${about})`}${verb}`,
    ...(isGone ? listTypes(changes) : changes.flatMap(listChange)),
    ...listHosts(changes, isGone),
  ];
}

/** All that went with a party, in short. */
function listTypes(changes: readonly PartyChange[]): string[] {
  const types = changes.filter(isAccessChange).map(({ dataType }) => code(dataType));
  const given = changes
    .filter(isHandOverChange)
    .flatMap(({ dataTypes }) => dataTypes.map((type) => code(type)));
  return [
    ...(types.length === 0 ? [] : [`  - had code for ${[...new Set(types)].join(", ")}`]),
    ...(given.length === 0 ? [] : [`  - was handed over ${[...new Set(given)].join(", ")}`]),
  ];
}

function listChange(change: PartyChange): string[] {
  if (change.kind === "version-changed") {
    const [from, to] = [change.from, change.to].map((text) =>
      text === undefined ? "unknown" : code(text, 30),
    );
    return [`  - version ${from} → ${to}`];
  }
  if (isFlowChange(change) || isHandOverChange(change)) {
    const isMore = change.effect === "more";
    const own = isFlowChange(change)
      ? `${isMore ? `**${code(change.dataType)}**` : code(change.dataType)} ${prose(describeFlow(change), 500)}`
      : `${isMore ? "newly handed over" : "no longer handed over"}: ${prose(describeHandOver(change), 500)}`;
    const unsure = isMore ? describeDoubt(change) : "";
    const places = change.evidence
      .slice(0, isFlowChange(change) ? 2 : 1)
      .map((one) => `, ${code(summarizePlace(one, undefined, MOST_OF_PLACE))}`);
    return [`  - ${own}${unsure === "" ? "" : `, ${unsure}`}${places.join("")}`];
  }
  if (!isAccessChange(change)) return [];
  const { effect, after, dataType, evidence, limits } = change;
  const isOpen = effect === "more" && after?.yieldsNothing === false;
  const type = isOpen ? `could access **${code(dataType)}**` : code(dataType);
  const doubt = effect === "more" ? describeDoubt(change) : "";
  const kind = findKindOfData(change);
  const [place] = effect === "less" ? [] : evidence;
  const where = place === undefined ? "" : `, ${code(summarizePlace(place, undefined, MOST_OF_PLACE))}`;
  return [
    `  - ${type}: ${kind === undefined ? "" : `${code(kind)}, `}${describeReach(change)}${doubt === "" ? "" : `, ${doubt}`}${where}`,
    ...(effect === "less"
      ? []
      : limits.slice(0, 1).map(({ message }) => `    - limited: ${prose(message, 300)}`)),
  ];
}

function listHosts(changes: readonly PartyChange[], isGone: boolean): string[] {
  const hosts = changes.flatMap((change) => ("host" in change ? [change] : []));
  return [...groupBy(hosts, ({ kind }) => kind).values()].map((group) => {
    const doubt = isGone ? "" : describeDoubt(group[0]!);
    const isGained = group[0]!.kind === "host-gained";
    const verb = isGained ? "newly names" : isGone || doubt !== "" ? "named" : "no longer names";
    const names = cutList(
      group.map(({ host }) => host),
      MOST_HOSTS,
    );
    return `  - ${verb} ${names}${doubt === "" ? "" : `: ${doubt}`}`;
  });
}

function listPermissions(difference: Difference): string[] {
  return groupPermissions(difference).map(({ kind, what, doubt, changes }) => {
    const names = cutList(changes.map(describePermission), MOST_PERMISSIONS);
    const verb = kind === "permission-gained" ? "gained, " : "";
    return `- ${verb}${prose(what)}: ${names}${doubt === "" ? "" : ` (${doubt})`}`;
  });
}
