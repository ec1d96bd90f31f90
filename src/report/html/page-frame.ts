import { createHash } from "node:crypto";
import { html, Markup } from "./markup.js";
import { PAGE_STYLE } from "./page-style.js";
import { TABLE_SCRIPT } from "./table-script.js";

/** What a page has between its frame. */
export interface Page {
  readonly title: string;
  readonly body: Markup;
}

/** A net's mesh; without it a browser would ask the server that a page is put on for a picture. */
const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Cpath d='M1 5l4-4 10 10-4 4L1 5l0 6 4 4L15 5l-4-4' fill='none' stroke='%230f6674' stroke-width='1.6'/%3E%3C/svg%3E";

/**
 * A page as one file. Its policy lets nothing in but the style and the script that it brings: it asks for nothing,
 * sends nothing, and text in it cannot become more than text. All of it can be read without the script.
 */
export function renderPage({ title, body }: Page): string {
  const policy = [
    "default-src 'none'",
    `style-src '${hashOf(PAGE_STYLE)}'`,
    `script-src '${hashOf(TABLE_SCRIPT)}'`,
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  // Quotes in a policy need no escape within double quotes, and are read by people.
  const meta = Markup.ofSource(`<meta http-equiv="Content-Security-Policy" content="${policy}">`);
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
${meta}
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<link rel="icon" href="${Markup.ofSource(ICON)}">
<style>${Markup.ofSource(PAGE_STYLE)}</style>
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
${body}
<script>${Markup.ofSource(TABLE_SCRIPT)}</script>
</body>
</html>
`.toString();
}

function hashOf(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}
