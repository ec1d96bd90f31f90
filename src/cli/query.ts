import { mkdtempSync, renameSync, rmSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { isSystemError, UsageError } from "../diagnostics/index.js";
import { printable } from "../report/printable-text.js";
import type { ResultRows } from "../report/render-rows.js";
import { type CompiledRules, findNearest, loadCompiledRules } from "../ruleset/index.js";
import {
  type Database,
  type LookedFor,
  lookedFor,
  type Question,
  type QuestionName,
  type QuestionOptions,
  questions,
  type ResultColumn,
  tables,
} from "../store/index.js";
import { checkQuestion } from "./check-question.js";
import { askWhetherMeant, type ColorChoice, findWidth, tell, wantsColor, writeStdout } from "./console.js";
import type { Ending } from "./exit-codes.js";
import { type OpenedStore, openStoreFolder, tellDepth, tellWhichEvaluation } from "./open-store-folder.js";
import { type Output, parseOutputs, type QueryFormat, queryFormats } from "./outputs.js";
import { ReportFile } from "./report-file.js";

/** `bycatch query`'s options, as commander hands them over. */
export interface QueryOptions {
  readonly store?: string;
  readonly evaluation?: string;
  readonly apps?: boolean;
  readonly between?: readonly string[];
  readonly package?: string;
  readonly limit?: number;
  readonly sql?: boolean;
  readonly format: QueryFormat;
  readonly output?: readonly string[];
  readonly color: ColorChoice;
  readonly width?: number;
}

/** Rows that a table for people has: its columns are as wide as what is in it, and so it is made as a whole. */
const MOST_ROWS_OF_TABLE = 1_000;

/**
 * `bycatch query`: the answer to a question or to SQL, from a store.
 *
 * @param asked the name of a question, or a SELECT statement
 * @throws UsageError for what is no question, SQL that cannot be answered, a folder that is no store
 */
export async function query(
  asked: string,
  values: readonly string[],
  options: QueryOptions,
  shippedRules: URL,
): Promise<Ending> {
  const rules = loadCompiledRules(shippedRules);
  const inquiry = readInquiry(asked, values, options, rules);
  if (options.sql) {
    await writeStdout(`${inquiry.sql}\n`);
    return "done";
  }
  if (options.store === undefined)
    throw new UsageError("--store", "is missing", "Name the folder that bycatch batch was given.");
  const outputs = parseOutputs(options.output ?? [], options.format, queryFormats);
  for (const output of outputs) await answer(inquiry, output, options.store, options);
  return "done";
}

/** What is asked. */
interface Inquiry {
  readonly sql: string;
  /** Whether its numbers are of apps. */
  readonly countsApps: boolean;
  /** What an answer is of that may not have been looked for. */
  readonly asks: readonly LookedFor[];
  /** Whether the store knows what it is about. */
  readonly check?: (database: Database) => Promise<void>;
}

function readInquiry(
  asked: string,
  values: readonly string[],
  options: QueryOptions,
  rules: CompiledRules,
): Inquiry {
  if (isQuestion(asked)) return ask(asked, values, options, rules);
  const sql = readSql(asked, values, options);
  const asks = lookedFor.filter((table) => new RegExp(`\\b${table}\\b`, "i").test(sql));
  return { sql, countsApps: false, asks };
}

function isQuestion(asked: string): asked is QuestionName {
  return Object.hasOwn(questions, asked);
}

/** What is one word was to be a question; SQL has several. */
function readSql(asked: string, values: readonly string[], options: QueryOptions): string {
  if (!/^[\w-]+$/.test(asked)) {
    if (values.length > 0)
      throw new UsageError(
        `query ${printable(values[0]!, 200)}`,
        "stands behind the SQL",
        "Quote the whole statement.",
      );
    refuseOptions("SQL", options, []);
    return asked;
  }
  const near = findNearest(
    asked,
    Object.keys(questions).map((id) => ({ id, name: id })),
  );
  const fix =
    near.length > 0 ? askWhetherMeant(near) : '"bycatch query --help" lists them; SQL begins with SELECT.';
  throw new UsageError(`query ${printable(asked, 200)}`, "there is no such question", fix);
}

/** A question, as SQL. */
function ask(
  name: QuestionName,
  values: readonly string[],
  options: QueryOptions,
  rules: CompiledRules,
): Inquiry {
  const question: Question = questions[name];
  const needed = question.values.length;
  const most = needed + (question.optionalValues?.length ?? 0);
  if (values.length < needed)
    throw new UsageError(`query ${name}`, `needs ${question.values.map((value) => `<${value}>`).join(" ")}`);
  if (values.length > most)
    throw new UsageError(`query ${name}`, `takes no "${printable(values[most]!, 200)}"`);
  refuseOptions(`query ${name}`, options, question.options ?? []);
  const [before, after, ...more] = options.between ?? [];
  if (options.between !== undefined && (before === undefined || after === undefined || more.length > 0))
    throw new UsageError("--between", `takes two versions, and not ${options.between.length}`);
  const [value] = values;
  if ((name === "who-reads" || name === "flows") && value !== undefined)
    checkKnown(
      name,
      value,
      rules.header.dataTypes.map(({ id }) => id),
    );
  if (name === "tables" && value !== undefined) checkKnown("tables", value, Object.keys(tables));
  const told: QuestionOptions = {
    values,
    apps: options.apps,
    between: before === undefined || after === undefined ? undefined : [before, after],
    packageName: options.package,
  };
  return {
    sql: question.sql(told),
    countsApps: question.countsApps,
    asks: question.asks,
    check: (database) => checkQuestion(database, name, told, rules),
  };
}

function refuseOptions(
  where: string,
  { apps, between, package: packageName }: QueryOptions,
  taken: readonly string[],
): void {
  const given = { apps, between, packageName };
  const flags = { apps: "--apps", between: "--between", packageName: "--package" };
  for (const [option, flag] of Object.entries(flags))
    if (given[option as keyof typeof given] !== undefined && !taken.includes(option))
      throw new UsageError(flag, `does not go with ${where}`);
}

function checkKnown(name: string, value: string, known: readonly string[]): void {
  if (known.includes(value)) return;
  const near = findNearest(
    value,
    known.map((id) => ({ id, name: id })),
  );
  const fix = near.length > 0 ? askWhetherMeant(near) : `One of ${known.join(", ")}.`;
  throw new UsageError(`query ${name} ${printable(value, 200)}`, "there is no such thing", fix);
}

async function answer(
  inquiry: Inquiry,
  { format, path }: Output<QueryFormat>,
  store: string,
  options: QueryOptions,
): Promise<void> {
  if (format === "parquet") return exportParquet(inquiry, path, store, options);
  const opened = await openStoreFolder("query", store, { id: options.evaluation });
  const { database } = opened;
  try {
    await prepare(inquiry, opened, options);
    if (format === "terminal" && inquiry.countsApps) tell(await countApps(database));
    const file = path === undefined ? undefined : new ReportFile(path);
    try {
      for await (const text of render(database, inquiry.sql, format, path, options))
        if (file === undefined) await writeStdout(text);
        else file.write(text);
      file?.finish();
    } finally {
      file?.discard();
    }
  } finally {
    database.close();
  }
}

/** Refuses what the store does not know, and says what an answer is of. */
async function prepare({ check, asks }: Inquiry, opened: OpenedStore, options: QueryOptions) {
  await check?.(opened.database);
  tellWhichEvaluation(opened, options);
  tellDepth(opened, asks);
}

/** What a number of apps is out of. */
async function countApps(database: Database): Promise<string> {
  const rows = await database.query<{ status: string; apps: number }>(
    "SELECT status, count(*) AS apps FROM apps GROUP BY status",
  );
  const [audited = 0, incomplete = 0, failed = 0] = ["audited", "incomplete", "failed"].map(
    (status) => rows.find((row) => row.status === status)?.apps,
  );
  const count = audited + incomplete;
  return [
    `of ${count.toLocaleString("en")} ${count === 1 ? "app" : "apps"}`,
    ...(incomplete > 0 ? [`${incomplete.toLocaleString("en")} of which could not be read in full`] : []),
    ...(failed > 0 ? [`not counting ${failed.toLocaleString("en")} that failed`] : []),
  ].join(", ");
}

async function* render(
  database: Database,
  sql: string,
  format: QueryFormat,
  path: string | undefined,
  { color, width, limit }: QueryOptions,
): AsyncGenerator<string> {
  const rendering = await import("../report/render-rows.js");
  const { columns, batches } = await database.select(sql);
  const rows = takeRows(batches, limit);
  if (format === "terminal") {
    const isTerminal = path === undefined && process.stdout.isTTY;
    const { shown, isCut } = await takeFirst(rows, MOST_ROWS_OF_TABLE);
    yield rendering.renderRowTable(columns, shown, {
      color: path === undefined ? wantsColor(color) : color === "always",
      width: width ?? (isTerminal ? findWidth() : undefined),
    });
    tell(isCut ? `the first ${shown.length} rows: the other forms have all` : countRows(shown.length));
  } else if (format === "csv") {
    yield rendering.renderRowsCsvHeader(columns);
    for await (const batch of rows) yield rendering.renderRowsCsv(batch);
  } else yield* renderJson(columns, rows, format, rendering.renderRowsJson);
}

async function* renderJson(
  columns: readonly ResultColumn[],
  batches: AsyncIterable<ResultRows>,
  format: QueryFormat,
  renderRows: (columns: readonly ResultColumn[], rows: ResultRows) => string[],
): AsyncGenerator<string> {
  const isArray = format === "json";
  let before = "";
  if (isArray) yield "[\n";
  for await (const batch of batches) {
    const lines = renderRows(columns, batch);
    if (lines.length === 0) continue;
    yield isArray ? `${before}${lines.join(",\n")}` : `${lines.join("\n")}\n`;
    before = ",\n";
  }
  if (isArray) yield before === "" ? "]\n" : "\n]\n";
}

function countRows(rows: number): string {
  return `${rows} ${rows === 1 ? "row" : "rows"}`;
}

/** No more rows than were asked for. */
async function* takeRows(batches: AsyncIterable<ResultRows>, limit = Number.POSITIVE_INFINITY) {
  let left = limit;
  for await (const batch of batches) {
    yield batch.slice(0, left);
    left -= batch.length;
    if (left <= 0) return;
  }
}

async function takeFirst(batches: AsyncIterable<ResultRows>, most: number) {
  const shown: ResultRows[number][] = [];
  for await (const batch of batches) {
    shown.push(...batch);
    if (shown.length > most) return { shown: shown.slice(0, most), isCut: true };
  }
  return { shown, isCut: false };
}

/** DuckDB writes a file itself: in a folder of its own, beside the place that it is moved to when it is whole. */
async function exportParquet(
  inquiry: Inquiry,
  path: string | undefined,
  store: string,
  options: QueryOptions,
): Promise<void> {
  if (path === undefined)
    throw new UsageError(
      "parquet",
      "is for a file, and not for standard output",
      "Name one: -o answer.parquet",
    );
  const old = statSync(path, { throwIfNoEntry: false });
  if (old !== undefined && !old.isFile()) throw new UsageError("--output", `${path} is no regular file`);
  const folder = makeFolderBeside(path);
  try {
    const exportPath = join(folder, basename(path));
    const opened = await openStoreFolder("query", store, { id: options.evaluation, exportPath });
    const { database } = opened;
    try {
      await prepare(inquiry, opened, options);
      await database.exportParquet(inquiry.sql, exportPath, options.limit);
    } finally {
      database.close();
    }
    renameSync(exportPath, path);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function makeFolderBeside(path: string): string {
  try {
    return mkdtempSync(join(dirname(path), ".bycatch-"));
  } catch (error) {
    if (!isSystemError(error)) throw error;
    throw new UsageError("--output", `${path} cannot be written (${error.code})`, "", { cause: error });
  }
}
