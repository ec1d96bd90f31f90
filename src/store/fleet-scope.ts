import type { Database } from "./database.js";
import { fleetLimits, type Top } from "./fleet-summary.js";
import type { Row } from "./tables.js";

/** Asks of the apps of a summary: SQL over the relations that {@link askFleet} names. */
export type AskFleet = (sql: string) => Promise<readonly Row[]>;

/**
 * What SQL of a summary is asked of, beside the store's own tables:
 *
 * - `readable`: the apps that could be read, whole or in part
 * - `third_party`: the SDKs and unrecognised ones among their parties
 * - `reach`: a row for each app, third party and data type; `place` is 1 for what is referenced, 2 for what is
 *   permitted, 3 for what yields nothing
 */
const SCOPE = `WITH
  readable AS (SELECT * FROM apps WHERE status <> 'failed'),
  third_party AS (SELECT * FROM parties WHERE kind IN ('sdk', 'unrecognised')),
  reach AS (
    SELECT app, party, third_party.kind AS kind, vendor, company, data_type,
      CASE WHEN yields_nothing THEN 3 WHEN rung = 'permitted' THEN 2 ELSE 1 END AS place
    FROM findings JOIN third_party USING (app, party)
    WHERE findings.kind = 'data-access' AND data_type IS NOT NULL
  )
`;

/** Asks a store's database by {@link SCOPE}. */
export function askFleet(database: Pick<Database, "query">): AskFleet {
  return (sql) => database.query<Row>(SCOPE + sql);
}

/**
 * The first rows of what a statement selects, and how many there are.
 *
 * @param sql without ORDER BY and LIMIT
 * @param order columns by which no two rows are alike
 */
export async function askTop<T>(
  ask: AskFleet,
  sql: string,
  order: string,
  most: number,
  readRow: (row: Row) => T,
): Promise<Top<T>> {
  const rows = await ask(`SELECT *, count(*) OVER () AS total FROM (${sql}) ORDER BY ${order} LIMIT ${most}`);
  return { total: rows.length === 0 ? 0 : readNumber(rows[0]!, "total"), rows: rows.map(readRow) };
}

/** The first of a list, and how many it has. */
export function takeTop<T>(items: readonly T[], most: number): Top<T> {
  return { total: items.length, rows: items.slice(0, most) };
}

/** Rows by what they have in a column, in their order. */
export function groupRows(rows: readonly Row[], column: string): Map<unknown, Row[]> {
  const groups = new Map<unknown, Row[]>();
  for (const row of rows) {
    const group = groups.get(row[column]);
    if (group === undefined) groups.set(row[column], [row]);
    else group.push(row);
  }
  return groups;
}

export function readNumber(row: Row, column: string): number {
  const value = row[column];
  if (typeof value !== "number") throw new TypeError(`no number in ${column}`);
  return value;
}

/** Text of an app, bounded. */
export function readText(row: Row, column: string): string {
  const text = findText(row, column);
  if (text === undefined) throw new TypeError(`no text in ${column}`);
  return text;
}

/** As {@link readText}; `undefined` where there is none. */
export function findText(row: Row, column: string): string | undefined {
  const value = row[column];
  if (typeof value !== "string") return undefined;
  return value.length <= fleetLimits.text ? value : `${value.slice(0, fleetLimits.text - 1)}…`;
}

export function readTexts(row: Row, column: string): string[] {
  const value = row[column];
  return Array.isArray(value) ? value.map(String) : [];
}
