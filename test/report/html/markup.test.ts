import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { html, joinMarkup, type Markup, nameOf } from "../../../src/report/html/markup.js";
import { printable } from "../../../src/report/printable-text.js";
import { hostileText } from "../../support/hostile-text.js";
import { parsePage } from "../../support/parsed-page.js";

const anyText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 200 }),
  fc.string({ unit: "grapheme", maxLength: 200 }),
  fc.stringMatching(/^[<>&"'`=/!\- a-z]{0,60}$/),
  fc.constantFrom(
    hostileText,
    "</td></tr></table><script>alert(1)</script>",
    "<!--",
    "]]>",
    "&lt;",
    "\u202e",
  ),
);

/** A page around markup, without what a parser would add. */
function pageOf(markup: Markup): string {
  return `<!doctype html><html><head></head><body>${markup}</body></html>`;
}

describe("a template", () => {
  test("shows any text in an element as it is fit to be seen, and no element of it", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const page = parsePage(pageOf(html`<p>${text}</p>`));
        expect(page.shape).toEqual(["html ", "head ", "body ", "p "]);
        expect(page.text).toBe(printable(text));
        expect(page.errors).toEqual([]);
      }),
    );
  });

  test("keeps any text in a quoted attribute", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const page = parsePage(pageOf(html`<p title="${text}" class='${text}'></p>`));
        expect(page.shape).toEqual(["html ", "head ", "body ", "p title class"]);
        expect(page.elements.at(-1)?.attrs.map(({ value }) => value)).toEqual([
          printable(text),
          printable(text),
        ]);
      }),
    );
  });

  test("what was escaped once is not escaped again", () => {
    const inner = html`<b>${"a < b & c"}</b>`;
    expect(html`<p>${inner}</p>`.toString()).toBe("<p><b>a &lt; b &amp; c</b></p>");
  });

  test("takes numbers, several, and nothing", () => {
    expect(html`${1}${undefined}${["<", [html`<i></i>`]]}`.toString()).toBe("1&lt;<i></i>");
  });

  test("what looks like markup to TypeScript alone is text", () => {
    const forged = { toString: () => "<script>" } as unknown as Markup;
    expect(() => html`${forged}`.toString()).toThrow();
  });
});

test("a name is one line, bounded, and turns nothing around it", () => {
  expect(nameOf("a\u202eb\nc").toString()).toBe("<bdi>a\\u{202e}b\\nc</bdi>");
  expect(nameOf("x".repeat(500), 10).toString()).toBe(`<bdi>${"x".repeat(9)}…</bdi>`);
});

test("markup is joined with what stands between", () => {
  expect(joinMarkup(["a", html`<b></b>`, "<"], ", ").toString()).toBe("a, <b></b>, &lt;");
  expect(joinMarkup([], ", ").toString()).toBe("");
});
