import { printable } from "../printable-text.js";
import { formatNumber } from "../words.js";
import { html, type Markup, type MarkupValue } from "./markup.js";

/** A column's heading. */
export interface Head {
  readonly title: string;
  readonly isNumber?: boolean;
  /** Whether the heading is written from bottom to top: of many narrow columns. */
  readonly isTurned?: boolean;
}

/** A cell: what it shows, and by what it is sorted where that is a number. */
export interface Cell {
  readonly content: MarkupValue;
  readonly value?: number;
  readonly className?: string;
}

/** A table: the first cell of each row is the row's heading. */
export interface Table {
  /** Unique on the page. */
  readonly id: string;
  /** What a row is, and in what order they come: a name that no other table on the page has. */
  readonly caption: MarkupValue;
  readonly heads: readonly Head[];
  readonly rows: readonly (readonly Cell[])[];
  readonly className?: string;
  /** What is said where there is no row. */
  readonly empty: string;
}

/** Rows beyond which a table scrolls by itself: a person reads on below it. */
const MOST_SHOWN = 30;

/** A table that scrolls by itself where there is no room for it, its headings staying in sight. */
export function renderTable({ id, caption, heads, rows, className = "", empty }: Table): Markup {
  if (rows.length === 0) return html`<p class="none">${empty}</p>`;
  const names = ["scroll", rows.length > MOST_SHOWN ? "long" : "", className].filter((name) => name !== "");
  return html`<div class="${names.join(" ")}" role="region" aria-labelledby="${id}" tabindex="0">
<table>
<caption id="${id}"><span>${caption}</span></caption>
<thead><tr>${heads.map(renderHead)}</tr></thead>
<tbody>
${rows.map((row) => renderRow(row, heads))}</tbody>
</table>
</div>
`;
}

function renderHead({ title, isNumber, isTurned }: Head): Markup {
  const names = [isNumber ? "number" : "", isTurned ? "turned" : ""].filter((name) => name !== "");
  return html`<th scope="col"${attribute("class", names.join(" "))}><span>${printable(title, 40)}</span></th>`;
}

function renderRow(cells: readonly Cell[], heads: readonly Head[]): Markup {
  return html`<tr>${cells.map(({ content, value, className = "" }, index) => {
    const names = [heads[index]!.isNumber ? "number" : "", className].filter((name) => name !== "");
    const attributes = [
      attribute("class", names.join(" ")),
      value === undefined ? undefined : html` data-value="${value}"`,
    ];
    return index === 0
      ? html`<th scope="row"${attributes}>${content}</th>`
      : html`<td${attributes}>${content}</td>`;
  })}</tr>
`;
}

function attribute(name: string, value: string): Markup | undefined {
  return value === "" ? undefined : html` ${name}="${value}"`;
}

/** A cell with a number. */
export function numberCell(value: number): Cell {
  return { content: formatNumber(value), value };
}

/** A cell with a number, and a bar beside it that is as long as its part of the whole. */
export function barCell(value: number, whole: number): Cell {
  return {
    content: html`<span class="bar">${renderBar(value, whole)}<span>${formatNumber(value)}</span></span>`,
    value,
  };
}

/** A bar for the eye alone: the number stands beside it. */
function renderBar(value: number, whole: number): Markup {
  const width = whole === 0 ? 0 : Math.round((1000 * value) / whole) / 10;
  return html`<svg aria-hidden="true" viewBox="0 0 100 6" preserveAspectRatio="none"><rect width="${width}" height="6"/></svg>`;
}
