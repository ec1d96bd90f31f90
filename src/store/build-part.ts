import { createHash } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { readTable, writeTable } from "./parquet-table.js";
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
  for (const table of tableNames) {
    // Writing a table takes its time, in which whoever hands out apps must not be kept waiting throughout.
    await setImmediate();
    const rows = apps.flatMap((app) => app[table]);
    tables.set(table, await writeTable(table, rows));
  }
  return joinPart(
    tables,
    apps.flatMap((app) => app.apps),
    name,
  );
}

/** Tables as a part, with the rows of `apps` among them. */
function joinPart(
  tables: ReadonlyMap<TableName, Uint8Array>,
  apps: readonly Row[],
  name = nameOfContent(tables),
): Part {
  const done = new Map<string, StoredStatus>();
  for (const row of apps) noteDone(done, row);
  return { name, tables, done };
}

function nameOfContent(tables: ReadonlyMap<TableName, Uint8Array>): string {
  const hash = createHash("sha256");
  for (const [table, bytes] of tables) hash.update(`${table} ${bytes.length}\n`).update(bytes);
  return hash.digest("hex").slice(0, 16);
}

/**
 * The rows of some of a part's apps as a part of their own, named by its content: byte for byte as they are where these
 * are all, and the content is what the part is named by.
 *
 * @param tables of a part that is whole
 * @throws whatever comes of tables that are spoilt
 */
export async function carryPart(
  name: string,
  tables: ReadonlyMap<TableName, Uint8Array>,
  isCarried: (app: string) => boolean,
): Promise<Part> {
  const isKept = ({ app }: Row) => typeof app === "string" && isCarried(app);
  const apps = await readTable(tables.get("apps")!);
  if (apps.every(isKept) && nameOfContent(tables) === name) return joinPart(tables, apps);
  const kept = new Map<TableName, Uint8Array>();
  for (const [table, bytes] of tables) {
    const rows = table === "apps" ? apps : await readTable(bytes);
    kept.set(table, await writeTable(table, rows.filter(isKept)));
  }
  return joinPart(kept, apps.filter(isKept));
}

/** Notes how the app of a row ended, if it has a digest. */
export function noteDone(done: Map<string, StoredStatus>, { app, status }: Row): void {
  if (typeof app === "string") done.set(app, status as StoredStatus);
}
