import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Row, readTable, type TableName } from "../../src/store/index.js";

/** The rows of a table of a store, of all its parts in the order of their names. */
export async function readRows(store: string, table: TableName): Promise<Row[]> {
  const rows: Row[] = [];
  for (const path of listParts(store).filter((path) => path.startsWith(`${table}/`))) {
    rows.push(...(await readTable(readFileSync(join(store, path)))));
  }
  return rows;
}

/** Paths of the parts' files below the store, sorted. */
export function listParts(store: string): string[] {
  return readdirSync(store, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".parquet"))
    .sort();
}

/** What the parts of a store are, byte for byte. */
export function digestParts(store: string): string[] {
  return listParts(store).map((path) => {
    const digest = createHash("sha256")
      .update(readFileSync(join(store, path)))
      .digest("hex");
    return `${path} ${digest}`;
  });
}
