import type { Remedy, RemedyKind } from "../explain/index.js";
import { groupBy } from "./arrange-parties.js";
import { displayWidth } from "./display-width.js";
import type { Page, Span } from "./page.js";
import { printable } from "./printable-text.js";
import { parametersOf, sourceReference } from "./reference-text.js";

/** Where the lines of each kind go; in the order in which they are told. */
const PLACES: Readonly<Record<RemedyKind, string>> = {
  "manifest-switch": "In AndroidManifest.xml, inside <application>",
  "code-switch": "In the app's code",
  "remove-start": "In AndroidManifest.xml, inside <application>: it no longer starts by itself",
  "remove-permission": "In AndroidManifest.xml, inside <manifest>",
  "exclude-artefact": "In build.gradle.kts",
};

/** Spaces before lines that are to be copied. */
const INDENT = 4;

/** How to switch it off or remove it, with lines to copy and what they cost. */
export function renderRemedies(page: Page, remedies: readonly Remedy[], most: number): void {
  if (remedies.length === 0) return;
  page.blank();
  page.paragraph([{ text: "How to switch it off or remove it", tone: "heading" }]);
  if (remedies.some(({ lines }) => lines.some((line) => line.includes("tools:")))) {
    const text =
      'Lines with tools: need xmlns:tools="http://schemas.android.com/tools" on <manifest>; they go into the app\'s own manifest, before the build merges it.';
    page.paragraph([{ text, tone: "dim" }], 2);
  }
  const byKind = groupBy(remedies, ({ kind }) => kind);
  for (const [kind, place] of Object.entries(PLACES)) {
    const group = byKind.get(kind);
    if (group === undefined) continue;
    page.paragraph([{ text: `${place}:` }], 2);
    // What holds of all is said once.
    const effects = new Set(group.map(({ effect }) => effect));
    const isAlike = group.length > 1 && effects.size === 1;
    for (const remedy of group.slice(0, most)) renderRemedy(page, remedy, !isAlike);
    if (isAlike) page.paragraph([{ text: [...effects].join(), tone: "dim" }], INDENT, INDENT + 2);
    const warnings = new Set(group.flatMap((remedy) => remedy.warnings));
    for (const warning of warnings) page.paragraph([{ text: warning, tone: "alert" }], INDENT, INDENT + 2);
    const left = group.length - most;
    if (left > 0) page.paragraph([{ text: `and ${left} more (--verbose lists them)`, tone: "dim" }], INDENT);
  }
}

function renderRemedy(
  page: Page,
  { kind, lines, effect, source, state, value }: Remedy,
  isEffectTold: boolean,
): void {
  for (const line of lines) {
    if (kind === "code-switch")
      page.paragraph([{ text: sourceReference(line) + parametersOf(line) }], INDENT, INDENT + 2);
    else for (const piece of breakXml(line, page.width - INDENT)) page.verbatim(piece, INDENT);
  }
  const spans: Span[] = isEffectTold ? [{ text: effect, tone: "dim" }] : [];
  if (state === "switched-off") spans.push({ text: " It stands so in this app.", tone: "good" });
  if (state === "not-set") spans.push({ text: " This app does not set it.", tone: "alert" });
  if (state === "set-otherwise")
    spans.push({ text: ` In this app it is ${printable(value ?? "", 60)}.`, tone: "alert" });
  page.paragraph(spans, INDENT + 2);
  if (source !== undefined) page.verbatim(source, INDENT + 2, "dim");
}

/** An element too long for the line, an attribute a line: XML does not mind. */
function breakXml(line: string, room: number): string[] {
  if (displayWidth(line) <= room || !line.trimStart().startsWith("<")) return [line];
  const margin = /^ */.exec(line)![0];
  return line
    .trimStart()
    .split(/ (?=(?:android|tools):[a-z]+=")/i)
    .map((piece, index) => (index === 0 ? margin + piece : `${margin}    ${piece}`));
}
