import type { AuditResult } from "../findings/index.js";
import { displayWidth } from "./display-width.js";
import type { Page, Span } from "./page.js";
import { printable } from "./printable-text.js";
import { count } from "./words.js";

/** An app by its file, package and version. */
export function renderAppTitle(
  page: Page,
  app: Pick<AuditResult["app"], "files" | "packageName" | "versionCode" | "versionName">,
): void {
  const names = app.files.map(({ name }) => name).join(", ");
  const id = [
    app.packageName ?? "package unknown",
    app.versionName,
    app.versionCode && `(${app.versionCode})`,
  ]
    .filter((part) => part !== undefined)
    .map((part) => printable(part, 100))
    .join(" ");
  const isOneLine = displayWidth(printable(names)) + 2 + displayWidth(id) <= page.width;
  page.paragraph([{ text: names, tone: "heading" }, { text: isOneLine ? `  ${id}` : "" }]);
  if (!isOneLine) page.paragraph([{ text: id }]);
}

/** What was audited: file, package, version; then its size. */
export function renderAppHeader(page: Page, { app, tool }: AuditResult, isVerbose: boolean): void {
  renderAppTitle(page, app);
  page.paragraph([{ text: describeBuild(app), tone: "dim" }]);
  if (app.mapping !== undefined) page.paragraph([{ text: describeMapping(app.mapping), tone: "dim" }]);
  if (isVerbose) {
    for (const { sha256 } of app.files) page.paragraph([{ text: `SHA-256 ${sha256}`, tone: "dim" }]);
    if (app.mapping !== undefined)
      page.paragraph([{ text: `mapping SHA-256 ${app.mapping.sha256}`, tone: "dim" }]);
    page.paragraph([{ text: `${tool.name} ${tool.version}, rules ${tool.rulesVersion}`, tone: "dim" }]);
  }
  page.blank();
}

function describeMapping({ name, classes }: NonNullable<AuditResult["app"]["mapping"]>): string {
  return `original names of ${count(classes, "class", "classes")} restored by ${printable(name, 100)}`;
}

function describeBuild(app: AuditResult["app"]): string {
  return [
    ...(app.targetSdkVersion === undefined ? [] : [`target ${app.targetSdkVersion}`]),
    ...(app.minSdkVersion === undefined ? [] : [`min ${app.minSdkVersion}`]),
    count(app.dexFiles.length, "DEX file"),
    count(app.classes, "class", "classes"),
  ].join(" · ");
}

/** What could not be read, so that absence is not claimed for it; and oddities. */
export function renderUnread(page: Page, { diagnostics }: AuditResult, isVerbose: boolean): void {
  const unread = diagnostics.filter(({ effect }) => effect === "unread");
  const odd = diagnostics.filter(({ effect }) => effect === "odd");
  if (unread.length > 0) {
    page.blank();
    page.paragraph([
      { text: "Not read", tone: "trouble" },
      { text: "  Nothing is claimed absent for what these could hide.", tone: "dim" },
    ]);
    list(page, unread, isVerbose);
  }
  if (odd.length === 0) return;
  page.blank();
  if (isVerbose) {
    page.paragraph([{ text: "Odd, but read", tone: "heading" }]);
    list(page, odd, true);
  } else {
    const oddities = count(odd.length, "oddity", "oddities");
    page.paragraph([
      {
        text: `${oddities} in how the file is built (--verbose lists ${odd.length === 1 ? "it" : "them"}).`,
        tone: "dim",
      },
    ]);
  }
}

/** Diagnostics listed before the rest is only counted. */
const MOST_LISTED = 10;

function list(page: Page, diagnostics: AuditResult["diagnostics"], isVerbose: boolean): void {
  const shown = isVerbose ? diagnostics : diagnostics.slice(0, MOST_LISTED);
  for (const diagnostic of shown) page.paragraph(describe(diagnostic), 2, 4);
  const left = diagnostics.length - shown.length;
  if (left > 0) page.paragraph([{ text: `and ${left} more (--verbose lists them)`, tone: "dim" }], 2);
}

/** Messages put the place first; where one does not, the part is named. */
function describe({ part, message }: AuditResult["diagnostics"][number]): Span[] {
  return [{ text: message.includes(part) ? message : `${part}: ${message}` }];
}
