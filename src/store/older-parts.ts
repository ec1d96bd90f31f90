import { join } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { literal } from "./sql-text.js";

/**
 * Which of some parts a bycatch wrote that did not know a table yet: their tables are of a version before that from which
 * on a part has it. The file that says so is one that every part has and that is never written alone.
 *
 * @param root the store's folder, as DuckDB takes it
 * @param paths of the parts' files of the table `parties`
 * @param since the version from which on a part has the table
 */
export async function findOlderParts(
  connection: DuckDBConnection,
  root: string,
  paths: readonly string[],
  since: string,
): Promise<ReadonlySet<string>> {
  const older = new Set<string>();
  for (const path of paths) {
    const found = await connection.runAndReadAll(
      `SELECT decode(value) FROM parquet_kv_metadata(${literal(join(root, path))}) WHERE decode(key) = 'bycatch.store'`,
    );
    const version = found.getRows()[0]?.[0];
    if (typeof version === "string" && isBefore(version, since)) older.add(path);
  }
  return older;
}

/** Whether a version is before another: two numbers each. What is no version is not. */
function isBefore(version: string, other: string): boolean {
  const [[major, minor], [otherMajor, otherMinor]] = [version, other].map((text) =>
    text.split(".").map(Number),
  ) as [[number, number], [number, number]];
  return major < otherMajor || (major === otherMajor && minor < otherMinor);
}
