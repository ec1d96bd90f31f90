import type { ResultColumn, ResultValue } from "../store/index.js";
import { type Cell, renderRows } from "./csv-table.js";
import { displayWidth, takeColumns } from "./display-width.js";
import { Page } from "./page.js";
import { printable } from "./printable-text.js";
import { escapeInJson } from "./render-json.js";

/** Rows of the answer to a query, a value for each column. */
export type ResultRows = readonly (readonly ResultValue[])[];

/** How a table looks. */
export interface TableOptions {
  readonly color: boolean;
  /** Columns of the terminal; `undefined` where lines may be as long as they like. */
  readonly width: number | undefined;
}

/** Characters kept of a cell of a table: who wants the whole of a text asks for JSON. */
const MOST_OF_A_CELL = 200;
/** Columns below which a cell says nothing any more. */
const LEAST_WIDTH = 12;
const GAP = 2;
const MOST_DECIMALS = 6;

/** The answer to a query as a table for people: numbers to the right, texts cut to what fits. */
export function renderRowTable(
  columns: readonly ResultColumn[],
  rows: ResultRows,
  { color, width }: TableOptions,
): string {
  const decimals = columns.map((_, index) => Math.max(0, ...rows.map((row) => countDecimals(row[index]))));
  const lines = [
    columns.map(({ name }) => printable(name, MOST_OF_A_CELL)),
    ...rows.map((row) =>
      row.map((value, index) => printable(tableText(value, decimals[index]), MOST_OF_A_CELL)),
    ),
  ];
  const widths = fitWidths(columns, lines, width);
  const [header = "", ...body] = lines.map((cells) =>
    cells
      .map((cell, index) => {
        const text = cutInside(cell, widths[index]!);
        const space = " ".repeat(widths[index]! - displayWidth(text));
        return columns[index]!.isNumber ? space + text : text + space;
      })
      .join(" ".repeat(GAP))
      .trimEnd(),
  );
  const page = new Page(width ?? displayWidth(header), color);
  page.verbatim(header, 0, "heading");
  return `${page.text()}${body.map((line) => `${line}\n`).join("")}`;
}

/** The widths that texts have; where that is too much, the widest are cut until all fit. */
function fitWidths(
  columns: readonly ResultColumn[],
  lines: readonly (readonly string[])[],
  width: number | undefined,
): number[] {
  const widths = columns.map((_, index) => Math.max(0, ...lines.map((cells) => displayWidth(cells[index]!))));
  if (width === undefined) return widths;
  for (;;) {
    const over = widths.reduce((sum, one) => sum + one + GAP, -GAP) - width;
    const texts = widths.map((one, index) => (columns[index]!.isNumber ? 0 : one));
    const most = Math.max(0, ...texts);
    if (over <= 0 || most <= LEAST_WIDTH) return widths;
    // Down to the next widest, or by as much as is needed.
    const next = Math.max(LEAST_WIDTH, ...texts.filter((one) => one < most));
    widths[texts.indexOf(most)] = Math.max(next < most ? next : most - 1, most - over);
  }
}

/** Names of packages, permissions and files differ at their ends: what does not fit is cut out before. */
function cutInside(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  const head = takeColumns(text, Math.floor((width - 1) / 3));
  let tail = "";
  for (const character of [...text].reverse()) {
    if (displayWidth(head) + 1 + displayWidth(character + tail) > width) break;
    tail = character + tail;
  }
  return `${head}…${tail}`;
}

/** Digits behind the point, as many as a column needs. */
function countDecimals(value: ResultValue | undefined): number {
  if (typeof value !== "number") return 0;
  return Math.min(MOST_DECIMALS, /\.(\d+)$/.exec(String(value))?.[1]?.length ?? 0);
}

function tableText(value: ResultValue, decimals = 0): string {
  if (value === null) return "";
  if (typeof value === "number" && decimals > 0) return value.toFixed(decimals);
  if (Array.isArray(value) && value.every((one) => typeof one === "string")) return value.join(", ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** The line of a CSV that names the columns. */
export function renderRowsCsvHeader(columns: readonly ResultColumn[]): string {
  return renderRows([columns.map(({ name }) => name)]);
}

/** Rows as lines of a CSV; lists and objects are JSON. Escaped as CSV reports are, and not cut. */
export function renderRowsCsv(rows: ResultRows): string {
  const cells = rows.map((row) =>
    row.map((value): Cell => {
      if (value === null) return undefined;
      if (typeof value === "number") return value;
      return typeof value === "object" ? JSON.stringify(value) : String(value);
    }),
  );
  return renderRows(cells, Number.POSITIVE_INFINITY);
}

/** Rows as lines of JSON, an object each. */
export function renderRowsJson(columns: readonly ResultColumn[], rows: ResultRows): string[] {
  return rows.map((row) =>
    escapeInJson(
      JSON.stringify(Object.fromEntries(columns.map(({ name }, index) => [name, row[index] ?? null]))),
    ),
  );
}
