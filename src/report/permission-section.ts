import type { AuditResult, Finding, PermissionSummary } from "../findings/index.js";
import { compareText, groupBy } from "./arrange-parties.js";
import type { Page, Span } from "./page.js";
import { shortName } from "./party-section.js";
import { count, protectionOf, shortPermission } from "./words.js";

const COLUMN = 26;
/** Further lines of an entry stand in from the next entry. */
const HANG = COLUMN + 2;

/** Permissions that a reader can do something about; all of them, with who uses and brings each, where all is told. */
export function renderPermissions(page: Page, result: AuditResult, isVerbose: boolean): void {
  const { permissions, findings } = result;
  const implied = permissions.filter(({ impliedBy }) => impliedBy !== undefined);
  const ofKind = (kind: Finding["kind"]) => findings.filter((finding) => finding.kind === kind);
  const missing = ofKind("missing-permission");
  if (permissions.length === 0 && missing.length === 0) return;
  const nameOf = nameParties(result);
  page.blank();
  const asked = count(permissions.length - implied.length, "requested", "requested");
  page.paragraph([
    { text: "Permissions", tone: "heading" },
    { text: `  ${asked}`, tone: "dim" },
  ]);
  renderByPermission(page, "only third parties use", ofKind("piggy-back-permission"), nameOf);
  renderUnused(page, ofKind("unused-permission"), permissions);
  renderByPermission(page, "called but not held", missing, nameOf);
  renderBrought(page, result, nameOf);
  renderImplied(page, implied);
  if (isVerbose) renderAll(page, result, nameOf);
}

/** The name of a party, by its id. */
type NameOf = (id: string) => string;

/** Each permission with the third parties concerned. */
function renderByPermission(page: Page, label: string, findings: readonly Finding[], nameOf: NameOf): void {
  [...groupBy(findings, ({ permissions = [] }) => permissions.join(" "))]
    .sort(([a], [b]) => compareText(a, b))
    .forEach(([permission, group], index) => {
      const names = group.map(({ party }) => nameOf(party));
      const shown = permission.split(" ").map(shortPermission).join(", ");
      page.field(
        [{ text: index === 0 ? label : "" }],
        [{ text: shown }, { text: `  ${names.join(", ")}`, tone: "dim" }],
        COLUMN,
        2,
        HANG,
      );
    });
}

/** Those that a user is asked for first; the others dimmed. */
function renderUnused(
  page: Page,
  findings: readonly Finding[],
  permissions: readonly PermissionSummary[],
): void {
  const names = findings.flatMap((finding) => finding.permissions ?? []);
  if (names.length === 0) return;
  const asked = new Set(
    permissions
      .filter(({ protection }) => protection === "dangerous" || protection === "special")
      .map(({ name }) => name),
  );
  const isAsked = (name: string) => asked.has(name);
  const grave = names.filter(isAsked).map(shortPermission);
  const slight = names.filter((name) => !isAsked(name)).map(shortPermission);
  const spans: Span[] = [
    { text: grave.join(", ") + (grave.length > 0 && slight.length > 0 ? ", " : "") },
    { text: slight.join(", "), tone: "dim" },
  ];
  page.field([{ text: "no use was seen of" }], spans, COLUMN, 2, HANG);
}

/** Permissions that a third party's own manifest is known to bring, unless every app asks for them. */
function renderBrought(page: Page, result: AuditResult, nameOf: NameOf): void {
  const sdks = new Set(result.parties.filter(({ kind }) => kind === "sdk").map(({ id }) => id));
  const rows = result.permissions.flatMap(({ name, protection, declaredBy, usedBy }) => {
    const bringers = declaredBy.filter(
      ({ party }) => sdks.has(party) && (protection !== "normal" || usedBy.includes(party)),
    );
    if (bringers.length === 0) return [];
    const names = bringers.map(
      ({ party, confidence }) => nameOf(party) + (confidence === "possible" ? " (possible)" : ""),
    );
    return [{ name, names }];
  });
  rows.forEach(({ name, names }, index) => {
    const label = index === 0 ? "likely brought by" : "";
    page.field(
      [{ text: label }],
      [{ text: shortPermission(name) }, { text: `  ${names.join(", ")}`, tone: "dim" }],
      COLUMN,
      2,
      HANG,
    );
  });
}

/** By what brings them: why each is added is said where all is told. */
function renderImplied(page: Page, implied: readonly PermissionSummary[]): void {
  const reasonOf = ({ impliedBy }: PermissionSummary) =>
    impliedBy?.permission === undefined
      ? (impliedBy?.because ?? "")
      : `with ${shortPermission(impliedBy.permission)}`;
  [...groupBy(implied, reasonOf)].forEach(([reason, group], index) => {
    const names = group.map(({ name }) => shortPermission(name));
    const label = index === 0 ? "added by Android" : "";
    page.field(
      [{ text: label }],
      [{ text: names.join(", ") }, { text: `  ${reason}`, tone: "dim" }],
      COLUMN,
      2,
      HANG,
    );
  });
}

function renderAll(page: Page, result: AuditResult, nameOf: NameOf): void {
  page.paragraph([{ text: "each of them" }], 2);
  for (const permission of result.permissions) {
    const { name, maxSdkVersion, usesPermissionFlags = [], usedBy, declaredBy, impliedBy } = permission;
    const details = [
      protectionOf(permission),
      ...(maxSdkVersion === undefined ? [] : [`up to API level ${maxSdkVersion}`]),
      ...usesPermissionFlags,
      ...(impliedBy === undefined ? [] : [`added by Android: ${impliedBy.because}`]),
      ...(declaredBy.length === 0
        ? []
        : [
            `from ${declaredBy.map(({ party, confidence }) => `${nameOf(party)} (${confidence})`).join(", ")}`,
          ]),
      // Of a permission that opens no data the rules do not know who uses it.
      ...(usedBy.length === 0 ? [] : [`used by ${usedBy.map(nameOf).join(", ")}`]),
    ];
    page.paragraph([{ text: shortPermission(name) }, { text: `  ${details.join("; ")}`, tone: "dim" }], 4, 6);
  }
}

/** Looked up by id: each permission may name thousands of parties. */
function nameParties({ parties }: AuditResult): NameOf {
  const byId = new Map(parties.map((party) => [party.id, party]));
  return (id) => (id === "first-party" ? "the app" : shortName(byId.get(id), id));
}
