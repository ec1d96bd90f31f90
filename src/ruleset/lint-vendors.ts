import type { PlacedRule } from "./compile-ruleset.js";
import type { SharedNameLists } from "./lint-names.js";
import { complain, complainOfTwo, type PartyFile, valuesOf } from "./lint-party.js";
import type { RuleComplaint } from "./rule-complaint.js";

/** A bare domain that is the vendor's web site is named by links to its pages, too. */
export function checkSites(placed: readonly PlacedRule[], parties: readonly PartyFile[]): RuleComplaint[] {
  const sites = new Map(
    placed.flatMap(({ file }) => (file.kind === "vendor" ? [[file.rule.id, file.rule.site] as const] : [])),
  );
  return parties.flatMap((party) => {
    const { vendor, site } = party.rule;
    const domains = [site, vendor === undefined ? undefined : sites.get(vendor)]
      .filter((url) => url !== undefined)
      .map((url) => new URL(url).hostname.split(".").slice(-2).join("."));
    return valuesOf(party.rule, "host")
      .filter((host) => domains.includes(host))
      .map((host) => {
        const problem = `the host ${host} is the vendor's web site too`;
        return complain(party.placed, `host: ${host}`, problem, "Name the endpoint, or none.");
      });
  });
}

/** A prefix that holds all of an app of a vendor's claims what the app's makers wrote there. */
export function checkOwnApps(
  placed: readonly PlacedRule[],
  parties: readonly PartyFile[],
  names: SharedNameLists,
): RuleComplaint[] {
  const apps = placed.flatMap((rule) =>
    rule.file.kind === "vendor"
      ? (rule.file.rule["own-apps"] ?? []).map((app) => ({
          app,
          root: `L${app.replaceAll(".", "/")}/`,
          rule,
        }))
      : [],
  );
  return parties.flatMap((party) =>
    valuesOf(party.rule, "class-prefix").flatMap((prefix) => {
      if (names["own-app-prefixes"].has(prefix)) return [];
      const held = apps.find(({ root }) => root.startsWith(prefix));
      if (held === undefined) return [];
      const problem = `${prefix} of ${party.rule.id} holds the vendor's own app ${held.app}`;
      const advice =
        "Name the SDK's packages below it, or add it to own-app-prefixes (shared-names.yaml) and say why.";
      return [complainOfTwo([party.placed, prefix], [held.rule, held.app], problem, advice)];
    }),
  );
}

/** To compare names by: a former name or a brand in parentheses makes no other company. */
function bareName(name: string): string {
  return name
    .replace(/\s*\([^)]*\)/g, "")
    .trim()
    .toLowerCase();
}

/** Vendors that can be looked up, are used, and stand once. */
export function checkVendors(
  placed: readonly PlacedRule[],
  parties: readonly PartyFile[],
  isWhole: boolean,
): RuleComplaint[] {
  const vendors = placed.flatMap((rule) =>
    rule.file.kind === "vendor" ? [{ rule, vendor: rule.file.rule }] : [],
  );
  const used = new Set([
    ...parties.map(({ rule }) => rule.vendor),
    ...vendors.map(({ vendor }) => vendor.parent),
  ]);
  const nameOwners = new Map<string, (typeof vendors)[number]>();
  return vendors.flatMap(({ rule, vendor }) => {
    const complaints: RuleComplaint[] = [];
    if (vendor.site === undefined) {
      const advice = "Give the company's own, so that a reader can look.";
      complaints.push(complain(rule, "id:", "the vendor has no site", advice));
    }
    if (isWhole && !used.has(vendor.id))
      complaints.push(complain(rule, "id:", "no rule names this vendor", "Remove the file."));
    const name = bareName(vendor.name);
    const twin = nameOwners.get(name);
    if (twin !== undefined) {
      const advice = "Keep one file for one company.";
      const problem = `${vendor.name} is also the name of ${twin.vendor.id}`;
      complaints.push(complainOfTwo([rule, "name:"], [twin.rule, "name:"], problem, advice));
    }
    nameOwners.set(name, { rule, vendor });
    for (const prefix of vendor["own-apps"] ?? []) {
      if (prefix.includes(".")) continue;
      const problem = `own-apps: ${prefix} is a single word`;
      complaints.push(complain(rule, "own-apps:", problem, "Give at least two segments."));
    }
    return complaints;
  });
}
