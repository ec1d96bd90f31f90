import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import type { DuckDBConnection, DuckDBInstance, DuckDBResult } from "@duckdb/node-api";
import { UsageError } from "../diagnostics/index.js";
import {
  chooseEvaluation,
  type EvaluationChoice,
  listEvaluations,
  type StoredEvaluation,
} from "./evaluations.js";
import { findOlderParts } from "./older-parts.js";
import { folderFiles, type PartFiles } from "./part-files.js";
import { describeType, type ResultColumn, type ResultValue, toPlain } from "./result-values.js";
import { escapeGlob, literal } from "./sql-text.js";
import { checkMarker, STORE_FILE } from "./store.js";
import { type Column, type ColumnType, type Table, type TableName, tableNames, tables } from "./tables.js";

/** What the views' columns are in DuckDB. */
const SQL_TYPES = {
  string: "VARCHAR",
  int32: "INTEGER",
  int64: "BIGINT",
  double: "DOUBLE",
  boolean: "BOOLEAN",
  strings: "VARCHAR[]",
  json: "JSON",
} as const satisfies Record<ColumnType, string>;

export interface DatabaseOptions extends EvaluationChoice {
  /** A file that {@link Database.exportParquet} may write; nothing else is written. */
  readonly exportPath?: string;
}

/** The answer to a query, row by row: as much of it is in memory as is being read. */
export interface Selection {
  readonly columns: readonly ResultColumn[];
  /** Once: rows in batches, a value for each column. */
  readonly batches: AsyncIterable<(readonly ResultValue[])[]>;
}

/**
 * DuckDB in memory, with a view for each table of a store over the parts of one evaluation. Whatever is asked of it can
 * read those parts and nothing else: no other file, no network; no extension is loaded.
 */
export class Database {
  /** `undefined` of a store without any. */
  readonly evaluation: StoredEvaluation | undefined;
  /** All that the store has, that which was written last at the end. */
  readonly evaluations: readonly StoredEvaluation[];
  /** How many parts of the evaluation an older bycatch wrote without a table, which has no rows of their apps. */
  readonly partsWithout: ReadonlyMap<TableName, number>;
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;

  /** For {@link openDatabase}. */
  constructor(
    instance: DuckDBInstance,
    connection: DuckDBConnection,
    evaluations: readonly StoredEvaluation[],
    evaluation: StoredEvaluation | undefined,
    partsWithout: ReadonlyMap<TableName, number>,
  ) {
    this.partsWithout = partsWithout;
    this.#instance = instance;
    this.#connection = connection;
    this.evaluations = evaluations;
    this.evaluation = evaluation;
  }

  /**
   * The answer to one query.
   *
   * @throws UsageError with DuckDB's message where it is not one SELECT statement, or cannot be answered; also while the
   *   rows are being read
   */
  async select(sql: string): Promise<Selection> {
    await this.#checkSelect(sql);
    const result = await asUsage(() => this.#connection.stream(sql));
    const names = result.deduplicatedColumnNames();
    const types = result.columnTypes();
    const columns = names.map((name, index): ResultColumn => ({ name, ...describeType(types[index]!) }));
    return { columns, batches: readBatches(result, columns) };
  }

  /** All rows of a query as objects; for a query whose answer is known to be small. */
  async query<T extends Readonly<Record<string, unknown>>>(sql: string): Promise<T[]> {
    const { columns, batches } = await this.select(sql);
    const rows: T[] = [];
    for await (const batch of batches)
      for (const row of batch)
        rows.push(Object.fromEntries(columns.map(({ name }, index) => [name, row[index]])) as T);
    return rows;
  }

  /**
   * Writes the answer to a query to the file that was named when this was opened, as it comes.
   *
   * @returns how many rows
   * @throws UsageError as {@link Database.select}
   */
  async exportParquet(sql: string, path: string, limit?: number): Promise<number> {
    await this.#checkSelect(sql);
    // As a view, so that whatever stands behind the statement, a semicolon or a comment, ends it.
    await asUsage(() => this.#connection.run(`CREATE OR REPLACE TEMP VIEW bycatch_export AS ${sql}`));
    const copied = await asUsage(() =>
      this.#connection.runAndReadAll(
        `COPY (FROM bycatch_export${limit === undefined ? "" : ` LIMIT ${limit}`}) TO ${literal(resolve(path))} (FORMAT parquet, USE_TMP_FILE false)`,
      ),
    );
    return Number(copied.getRows()[0]?.[0] ?? 0);
  }

  close(): void {
    this.#connection.closeSync();
    this.#instance.closeSync();
  }

  /** One statement that only reads: what it can read and write is bounded anyway, but a part must not be written. */
  async #checkSelect(sql: string): Promise<void> {
    const { StatementType } = await loadDuckDB();
    const fix = 'One SELECT statement is answered; "bycatch query tables" says what there is to ask.';
    if (/^(?:\s|--[^\n]*(?:\n|$)|\/\*(?:[^*]|\*(?!\/))*\*\/|;)*$/.test(sql))
      throw new UsageError("query", "there is no SQL", fix);
    const statements = await asUsage(() => this.#connection.extractStatements(sql));
    if (statements.count !== 1)
      throw new UsageError("query", `there are ${statements.count} statements`, fix);
    const statement = await asUsage(() => statements.prepare(0));
    try {
      if (statement.statementType !== StatementType.SELECT)
        throw new UsageError(
          "query",
          `${StatementType[statement.statementType]} statements are not run`,
          fix,
        );
      if (statement.parameterCount > 0)
        throw new UsageError("query", "the statement has parameters", "Write the values into it.");
    } finally {
      statement.destroySync();
    }
  }
}

/**
 * Opens the store in a folder for queries.
 *
 * @throws UsageError where it is no store, lacks the evaluation that is named or a part's file, or DuckDB is not there
 */
export async function openDatabase(folder: string, options: DatabaseOptions = {}): Promise<Database> {
  const files = folderFiles(folder);
  checkMarker(await files.read(STORE_FILE), folder);
  const evaluations = await listEvaluations(folder, files);
  const evaluation = chooseEvaluation(evaluations, options);
  const { DuckDBInstance } = await loadDuckDB();
  const instance = await DuckDBInstance.create(":memory:", {
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
    allow_community_extensions: "false",
    // It would be made in the working folder.
    temp_directory: "",
  });
  const connection = await instance.connect();
  const partsWithout = new Map<TableName, number>();
  try {
    const folders: string[] = [];
    const root = escapeGlob(resolve(folder));
    for (const table of tableNames) {
      const paths = evaluation === undefined ? [] : await findParts(files, table, evaluation);
      const without = (evaluation?.parts.length ?? 0) - paths.length;
      if (evaluation !== undefined && without > 0) {
        await checkOlder(connection, root, table, evaluation, paths);
        partsWithout.set(table, without);
      }
      // A file is looked at under both: as it is named, and as it is found.
      if (evaluation !== undefined)
        for (const place of new Set([root, resolve(folder)]))
          folders.push(join(place, table, `evaluation=${evaluation.id}`));
      await createView(
        connection,
        table,
        paths.map((path) => join(root, path)),
      );
    }
    const { exportPath } = options;
    await connection.run(`SET allowed_directories = [${folders.map(literal).join(", ")}]`);
    if (exportPath !== undefined)
      await connection.run(`SET allowed_paths = [${literal(resolve(exportPath))}]`);
    await connection.run("SET enable_external_access = false");
    await connection.run("SET lock_configuration = true");
  } catch (error) {
    connection.closeSync();
    instance.closeSync();
    throw error;
  }
  return new Database(instance, connection, evaluations, evaluation, partsWithout);
}

/** DuckDB's package is optional: it is large, and of no use to those who scan. */
async function loadDuckDB(): Promise<typeof import("@duckdb/node-api")> {
  try {
    // To import what is written as CommonJS takes twice as long: it is read once more for the names that it exports.
    return createRequire(import.meta.url)("@duckdb/node-api");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ERR_MODULE_NOT_FOUND" && code !== "MODULE_NOT_FOUND" && code !== "ERR_DLOPEN_FAILED")
      throw error;
    throw new UsageError(
      "query",
      "DuckDB, which answers queries, is not installed, or not for this kind of machine",
      "Run npm install @duckdb/node-api, or ask any other engine: the store's files are Parquet.",
      { cause: error },
    );
  }
}

/** The files of a table that belong to parts whose `apps` are there: others are of a part that is still being written. */
async function findParts(
  files: PartFiles,
  table: TableName,
  { id, parts }: StoredEvaluation,
): Promise<string[]> {
  const there = new Set(await files.list(`${table}/evaluation=${id}`));
  return parts.map((name) => pathOf(table, id, name)).filter((path) => there.has(path));
}

function pathOf(table: TableName, id: string, part: string): string {
  return `${table}/evaluation=${id}/${part}`;
}

/**
 * Checks that parts without a file of a table are those of a bycatch that did not know the table.
 *
 * @throws UsageError where one had it
 */
async function checkOlder(
  connection: DuckDBConnection,
  root: string,
  table: TableName,
  { id, parts }: StoredEvaluation,
  paths: readonly string[],
): Promise<void> {
  const there = new Set(paths);
  const missing = parts.filter((name) => !there.has(pathOf(table, id, name)));
  const { since }: Table = tables[table];
  const older =
    since === undefined
      ? new Set<string>()
      : await asUsage(() =>
          findOlderParts(
            connection,
            root,
            missing.map((name) => pathOf(FIRST_TABLE, id, name)),
            since,
          ),
        );
  const lost = missing.find((name) => !older.has(pathOf(FIRST_TABLE, id, name)));
  if (lost === undefined) return;
  throw new UsageError(
    "--store",
    `${pathOf(table, id, lost)} is missing`,
    `Remove apps/evaluation=${id}/${lost}, and let bycatch batch audit its apps again.`,
  );
}

/** Every part has it, it is looked for first, and it is written with its part only. */
const FIRST_TABLE = "parties" satisfies TableName;

async function createView(
  connection: DuckDBConnection,
  table: TableName,
  paths: readonly string[],
): Promise<void> {
  const columns: readonly Column[] = tables[table].columns;
  const [first] = paths;
  const known = first === undefined ? new Set<string>() : await readColumnNames(connection, first);
  const selected = columns.map(({ name, type }) => {
    const value = known.has(name) ? `"${name}"` : "NULL";
    return `CAST(${value} AS ${SQL_TYPES[type]}) AS "${name}"`;
  });
  const source =
    first === undefined
      ? "WHERE false"
      : `FROM read_parquet([${paths.map(literal).join(", ")}], hive_partitioning = false)`;
  await asUsage(() => connection.run(`CREATE VIEW ${table} AS SELECT ${selected.join(", ")} ${source}`));
}

/** A store that an older bycatch wrote may lack a column: it is NULL. */
async function readColumnNames(connection: DuckDBConnection, path: string): Promise<Set<string>> {
  const described = await asUsage(() =>
    connection.runAndReadAll(`DESCRIBE FROM read_parquet(${literal(path)}, hive_partitioning = false)`),
  );
  return new Set(described.getRows().map(([name]) => String(name)));
}

async function* readBatches(
  result: DuckDBResult,
  columns: readonly ResultColumn[],
): AsyncGenerator<(readonly ResultValue[])[]> {
  for (;;) {
    const chunk = await asUsage(() => result.fetchChunk());
    if (chunk === null || chunk.rowCount === 0) return;
    yield chunk.getRows().map((row) => row.map((value, index) => toPlain(value, columns[index]!.type)));
  }
}

/** What DuckDB refuses is the query's fault, unless it says itself that it is its own. */
async function asUsage<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Error) || /^INTERNAL|^FATAL/.test(error.message)) throw error;
    throw new UsageError("query", error.message, "", { cause: error });
  }
}
