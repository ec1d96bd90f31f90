import type { AuditResult, HostSummary } from "../findings/index.js";
import { compareText, groupBy, type PartyRows } from "./arrange-parties.js";
import { widest } from "./display-width.js";
import type { Page } from "./page.js";
import { shortName } from "./party-section.js";
import { printable } from "./printable-text.js";

/** Shown of each party, and parties shown, unless all is told. */
const MOST_HOSTS = 3;
const MOST_PARTIES = 8;

/** Hosts that third parties' code names; everybody's where all is told. */
export function renderHosts(
  page: Page,
  { hosts, parties: all }: AuditResult,
  arranged: readonly PartyRows[],
  isVerbose: boolean,
): void {
  const order = isVerbose ? all : arranged.map(({ party }) => party);
  const hostsOf = groupBy(hosts, ({ party }) => party);
  const groups = order.flatMap((party) => {
    const own = hostsOf.get(party.id);
    return own === undefined ? [] : [{ name: shortName(party, party.id), hosts: sortHosts(own) }];
  });
  if (groups.length === 0) return;
  const shown = isVerbose ? groups : groups.slice(0, MOST_PARTIES);
  const column = 4 + Math.min(30, widest(shown.map(({ name }) => name)));
  page.blank();
  page.paragraph([
    { text: "Hosts", tone: "heading" },
    { text: isVerbose ? "  named in the code" : "  named in third parties' code", tone: "dim" },
  ]);
  for (const group of shown) {
    const most = isVerbose ? group.hosts.length : MOST_HOSTS;
    const names = group.hosts.slice(0, most).map(({ host }) => printable(host, 100));
    const left = group.hosts.length - names.length;
    page.field(
      [{ text: group.name }],
      [{ text: names.join(", ") }, { text: left > 0 ? ` +${left}` : "", tone: "dim" }],
      column,
    );
  }
  const left = groups.length - shown.length;
  if (left > 0)
    page.paragraph([{ text: `and ${left} more third parties (--verbose lists them)`, tone: "dim" }], 2);
}

/** Named most often first. */
function sortHosts(hosts: readonly HostSummary[]): HostSummary[] {
  return [...hosts].sort((a, b) => b.sites - a.sites || compareText(a.host, b.host));
}
