import { stringify } from "csv-stringify/sync";
import { printable } from "./printable-text.js";

/** Characters kept of one cell. */
const MOST_OF_A_CELL = 2_000;

/** A value of a cell; `undefined` leaves it empty. */
export type Cell = string | number | undefined;

/**
 * Rows as CSV by RFC 4180. Texts are one line and escaped as for a terminal; one that a spreadsheet would take for a
 * formula begins with an apostrophe.
 */
export function renderRows(rows: readonly (readonly Cell[])[], mostOfACell = MOST_OF_A_CELL): string {
  return stringify(
    rows.map((row) => row.map((cell) => (typeof cell === "string" ? printable(cell, mostOfACell) : cell))),
    { record_delimiter: "windows", escape_formulas: true },
  );
}

/** Several values in one cell. */
export function joinValues(values: readonly string[]): string {
  return values.join("; ");
}
