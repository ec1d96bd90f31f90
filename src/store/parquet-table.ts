import type { BasicType, ColumnSource } from "hyparquet-writer";
import type { Column, ColumnType, Row, TableName, Value } from "./tables.js";
import { STORE_VERSION, tables } from "./tables.js";

const BASIC_TYPES = {
  string: "STRING",
  int32: "INT32",
  int64: "INT64",
  double: "DOUBLE",
  boolean: "BOOLEAN",
  strings: "JSON",
  json: "JSON",
} as const satisfies Record<ColumnType, BasicType>;

/**
 * The rows of a table as a Parquet file: SNAPPY, with statistics, one row group for up to 100,000 rows. The same
 * rows give the same bytes.
 *
 * @see https://parquet.apache.org/docs/file-format/
 */
export async function writeTable(name: TableName, rows: readonly Row[]): Promise<Uint8Array> {
  const { parquetWriteBuffer } = await import("hyparquet-writer");
  const columnData = tables[name].columns.map((column): ColumnSource => {
    const data = rows.map((row) => toParquet(column, row[column.name]));
    return { name: column.name, type: BASIC_TYPES[column.type], nullable: column.isNullable, data };
  });
  const kvMetadata = [{ key: "bycatch.store", value: STORE_VERSION }];
  return new Uint8Array(
    parquetWriteBuffer({ columnData, rowGroupSize: 100_000, kvMetadata, createdBy: "bycatch" }),
  );
}

function toParquet({ name, type, isNullable }: Column, value: Value | undefined): unknown {
  if (value === undefined || (value === null && !isNullable)) throw new TypeError(`no value in ${name}`);
  if (value === null) return undefined;
  if (type === "int64") return BigInt(value as number);
  // Almost every value is, and then nothing is copied.
  return isWellFormed(value) ? value : makeWellFormed(value);
}

function isWellFormed(value: unknown): boolean {
  if (typeof value === "string") return value.isWellFormed();
  if (typeof value !== "object" || value === null) return true;
  if (Array.isArray(value)) return value.every(isWellFormed);
  return Object.entries(value).every(([key, inner]) => key.isWellFormed() && isWellFormed(inner));
}

/**
 * An app's text may hold half of a surrogate pair. UTF-8 has no bytes for it, and DuckDB refuses a file whose JSON has it
 * as an escape: it becomes U+FFFD, in columns of text and of JSON alike, so that they still join.
 */
function makeWellFormed(value: unknown): unknown {
  if (typeof value === "string") return value.toWellFormed();
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(makeWellFormed);
  const entries = Object.entries(value);
  return Object.fromEntries(entries.map(([key, inner]) => [key.toWellFormed(), makeWellFormed(inner)]));
}

/** The rows of a Parquet file that {@link writeTable} made: the columns asked for, or all. */
export async function readTable(bytes: Uint8Array, columns?: readonly string[]): Promise<Row[]> {
  const { parquetReadObjects } = await import("hyparquet");
  // A text may begin with a byte order mark, which is one of its characters.
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
  const rows = await parquetReadObjects({
    file,
    parsers: { stringFromBytes: (bytes) => bytes && decoder.decode(bytes) },
    ...(columns === undefined ? {} : { columns: [...columns] }),
  });
  return rows.map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => [
        name,
        typeof value === "bigint" ? Number(value) : (value ?? null),
      ]),
    ),
  );
}
