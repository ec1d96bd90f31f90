import type { Explanation, Presence } from "../explain/index.js";
import { COLUMN, heading, type Listing, list } from "./listing.js";
import type { Span } from "./page.js";
import { printable } from "./printable-text.js";
import { count } from "./words.js";

/** `com.acme.sdk.*` of a package tree, `com.acme.Sdk` of a class. */
export function describeWitness(kind: string, value: string): string {
  if (kind !== "class-prefix" && kind !== "class") return printable(value, 300);
  const name = value.replace(/^L/, "").replaceAll("/", ".").replace(/;$/, "");
  return printable(name.endsWith(".") ? `${name}*` : name, 300);
}

/** The app, and whether the subject is in it. */
export function renderApp(listing: Listing, { app, presence }: Explanation): void {
  if (app === undefined) return;
  const { page } = listing;
  const id = [app.packageName, app.versionName].filter((part) => part !== undefined).join(" ");
  heading(page, `In ${printable(app.file, 100)}`, printable(id, 150));
  if (app.hasOtherRules) {
    page.paragraph(
      [{ text: "The report was made with other rules than those that explain it.", tone: "trouble" }],
      2,
    );
  }
  if (presence !== undefined) renderPresence(listing, presence);
  if (app.unread.length > 0) {
    const parts = count(app.unread.length, "part");
    const text = `${parts} of the app could not be read: nothing is claimed absent for what they could hide.`;
    page.paragraph([{ text, tone: "trouble" }], 2);
  }
}

const PRESENCE = {
  certain: "It is in this app",
  likely: "It is likely in this app",
  possible: "It is possibly in this app",
};

/** Why code that a rule knows is the app makers' own. */
const WHY_OWN = {
  "own-vendor": "its vendor builds the app",
  named: "--first-party named it",
};

/** What could hide it. */
function describeUnknown(presence: Presence & { readonly answer: "unknown" }): string[] {
  const { unattributed, hasOtherRules, hasOtherMapping } = presence;
  return [
    ...(unattributed === 0
      ? []
      : [`${count(unattributed, "class", "classes")} without a name could hide it.`]),
    ...(hasOtherRules ? ["The rules that the report was made with may not know it."] : []),
    ...(hasOtherMapping ? ["The mapping is another build's: names may be wrong."] : []),
  ];
}

function renderPresence(listing: Listing, presence: Presence): void {
  const { page } = listing;
  if (presence.answer === "absent") {
    const text = "No trace of it is in this app: all of its DEX code was read and attributed.";
    page.paragraph([{ text }], 2);
    return;
  }
  if (presence.answer === "unknown") {
    page.paragraph([{ text: ["It was not seen in this app.", ...describeUnknown(presence)].join(" ") }], 2);
    return;
  }
  const { confidence, version, classes, evidence, kind, own } = presence;
  const isWhole = own !== undefined && kind === "first-party";
  const spans: Span[] = [
    { text: PRESENCE[confidence] },
    {
      text: [
        isWhole ? ", as the app makers' own code" : "",
        version === undefined ? "" : `, version ${printable(version, 60)}`,
        `, ${count(classes, "class", "classes")}`,
        isWhole ? `: ${WHY_OWN[own.why]}` : "",
      ].join(""),
    },
  ];
  page.paragraph(spans, 2);
  if (own !== undefined && !isWhole) {
    const more = count(own.classes, "more class", "more classes");
    const text = `${more} of it ${own.classes === 1 ? "counts" : "count"} as the app makers' own: ${WHY_OWN[own.why]}.`;
    page.paragraph([{ text }], 2);
  }
  list(listing, evidence, 4, ({ kind: witness, value, entry }) =>
    page.field(
      [{ text: witness, tone: "dim" }],
      [{ text: describeWitness(witness, value) }, { text: `  ${printable(entry, 200)}`, tone: "dim" }],
      COLUMN,
      4,
    ),
  );
}
