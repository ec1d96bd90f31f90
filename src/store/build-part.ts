import { createHash } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { writeTable } from "./parquet-table.js";
import { PART_FILE } from "./part-files.js";
import { type Row, type Rows, type TableName, tableNames } from "./tables.js";

/** How the audit of an app ended. */
export type StoredStatus = "audited" | "incomplete" | "failed";

/** A part that is ready to be written. */
export interface Part {
  /** 16 hexadecimal digits of the SHA-256 of what is in it, or what it was given. */
  readonly name: string;
  readonly tables: ReadonlyMap<TableName, Uint8Array>;
  /** What it adds to those that are done. */
  readonly done: ReadonlyMap<string, StoredStatus>;
}

/**
 * The rows of some apps as a part, in memory; the same rows make the same part.
 *
 * @param name of letters, digits and hyphens; from the content unless given
 */
export async function buildPart(apps: readonly Rows[], name?: string): Promise<Part> {
  if (name !== undefined && !PART_FILE.test(`part-${name}.parquet`))
    throw new TypeError(`no part's name: ${name}`);
  const tables = new Map<TableName, Uint8Array>();
  const hash = createHash("sha256");
  for (const table of tableNames) {
    // Writing a table takes its time, in which whoever hands out apps must not be kept waiting throughout.
    await setImmediate();
    const rows = apps.flatMap((app) => app[table]);
    const bytes = await writeTable(table, rows);
    hash.update(`${table} ${bytes.length}\n`).update(bytes);
    tables.set(table, bytes);
  }
  const done = new Map<string, StoredStatus>();
  for (const row of apps.flatMap(({ apps }) => apps)) noteDone(done, row);
  return { name: name ?? hash.digest("hex").slice(0, 16), tables, done };
}

/** Notes how the app of a row ended, if it has a digest. */
export function noteDone(done: Map<string, StoredStatus>, { app, status }: Row): void {
  if (typeof app === "string") done.set(app, status as StoredStatus);
}
