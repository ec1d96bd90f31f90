import { createHash } from "node:crypto";
import { UsageError } from "../diagnostics/index.js";
import { buildPart, noteDone, type Part, type StoredStatus } from "./build-part.js";
import { canonicalJson, type Evaluation, evaluationId } from "./evaluation.js";
import { findJsonObject } from "./find-json.js";
import { readTable, writeTable } from "./parquet-table.js";
import { PART_FILE, type PartFiles } from "./part-files.js";
import { type Row, type Rows, type TableName, tableNames } from "./tables.js";

/** What says that a folder is a store. */
export const STORE_FILE = "bycatch-store.json";

/** Version of the store's layout; `STORE_VERSION` is that of its tables. */
const LAYOUT_VERSION = 1;

/** A store as one evaluation sees it: parts with a file for each table. */
export class Store {
  readonly evaluation: Evaluation;
  /** The evaluation's id. */
  readonly id: string;
  readonly #files: PartFiles;
  #done: Map<string, StoredStatus> | undefined;

  /** For {@link openStore} alone, which sees to it that there is a store. */
  constructor(files: PartFiles, evaluation: Evaluation) {
    this.#files = files;
    this.evaluation = evaluation;
    this.id = evaluationId(evaluation);
  }

  /**
   * How the audit of each app ended that has a row, by SHA-256. The parts are read when it is first asked; from then on
   * it knows what this object writes, and not what others do.
   */
  async findDone(): Promise<ReadonlyMap<string, StoredStatus>> {
    if (this.#done === undefined) {
      const done = new Map<string, StoredStatus>();
      for (const path of await this.#listApps()) {
        const rows = await this.#readApps(path, ["app", "status"]);
        for (const row of rows) noteDone(done, row);
      }
      this.#done = done;
    }
    return this.#done;
  }

  /**
   * Writes the rows of some apps as a part: all tables, `apps` last. A part of that name is replaced, so the same apps
   * written twice are there once.
   *
   * @param name of letters, digits and hyphens; from the content unless given
   * @returns the part's name
   */
  async writePart(apps: readonly Rows[], name?: string): Promise<string> {
    const part = await buildPart(apps, name);
    await this.putPart(part);
    return part.name;
  }

  /** Writes a part that is made. */
  async putPart({ name, tables, done }: Part): Promise<void> {
    for (const [table, bytes] of tables) await this.#files.write(this.#pathOf(table, name), bytes);
    if (this.#done !== undefined) for (const [app, status] of done) this.#done.set(app, status);
  }

  /** The rows of a part's apps, or some columns of them; none where not all of the part is there. */
  async readPartApps(name: string, columns?: readonly string[]): Promise<Row[]> {
    return this.#readApps(this.#pathOf("apps", name), columns);
  }

  /** The tables of a part, as files, `apps` last; `undefined` where not all of it is there. */
  async readPart(name: string): Promise<ReadonlyMap<TableName, Uint8Array> | undefined> {
    const read = new Map<TableName, Uint8Array>();
    for (const table of tableNames) {
      const bytes = await this.#files.read(this.#pathOf(table, name));
      if (bytes === undefined) return undefined;
      read.set(table, bytes);
    }
    return read;
  }

  /** Names of the parts that are whole, sorted. */
  async listParts(): Promise<string[]> {
    const paths = await this.#listApps();
    return paths.map((path) => path.slice(path.lastIndexOf("/part-") + "/part-".length, -".parquet".length));
  }

  /**
   * Keeps what the evaluation's apps are judged by: where it has parts already, nobody knows whether it was this.
   *
   * @param codeDigest of the code that makes rows, which one version may have several of
   * @param compiledRules as `CompiledRules` reads them
   */
  async keepJudge(codeDigest: string, compiledRules: string): Promise<void> {
    if ((await this.readJudge(codeDigest)) !== undefined || (await this.#listApps()).length > 0) return;
    const head = JSON.stringify({ code: codeDigest, rules: sha256(compiledRules) });
    await this.#files.write(this.#judgePath(), encode(`${head}\n${compiledRules}`));
  }

  /** The evaluation's rules, compiled; `undefined` where they were not kept, are spoilt, or other code made the rows. */
  async readJudge(codeDigest: string): Promise<string | undefined> {
    const text = new TextDecoder().decode(await this.#files.read(this.#judgePath()));
    const end = text.indexOf("\n");
    const compiledRules = text.slice(end + 1, -1);
    const { code, rules } = findJsonObject(text.slice(0, Math.max(end, 0)));
    return code === codeDigest && rules === sha256(compiledRules) ? compiledRules : undefined;
  }

  #judgePath(): string {
    return `evaluations/${this.id}.rules.jsonl`;
  }

  /** Whether all of a part is there. */
  async hasPart(name: string): Promise<boolean> {
    return (await this.#files.read(this.#pathOf("apps", name))) !== undefined;
  }

  /**
   * Takes out rows of apps that failed, so that they can be audited again: such an app has a row in `apps` alone.
   * Those whose file could not be read have no digest, and are not known by {@link Store.findDone}.
   *
   * @returns how many
   */
  async dropFailed(isDropped: (row: Row) => boolean): Promise<number> {
    let dropped = 0;
    for (const path of await this.#listApps()) {
      const rows = await this.#readApps(path);
      const kept = rows.filter((row) => row.status !== "failed" || !isDropped(row));
      if (kept.length === rows.length) continue;
      await this.#files.write(path, await writeTable("apps", kept));
      dropped += rows.length - kept.length;
    }
    if (dropped > 0) this.#done = undefined;
    return dropped;
  }

  async #listApps(): Promise<string[]> {
    const folder = `apps/evaluation=${this.id}/`;
    const paths = await this.#files.list(folder.slice(0, -1));
    return paths.filter((path) => PART_FILE.test(path.slice(folder.length)));
  }

  async #readApps(path: string, columns?: readonly string[]): Promise<Row[]> {
    const bytes = await this.#files.read(path);
    // Whoever lists it may see it taken away.
    return bytes === undefined ? [] : readTable(bytes, columns);
  }

  #pathOf(table: TableName, name: string): string {
    return `${table}/evaluation=${this.id}/part-${name}.parquet`;
  }
}

/**
 * Opens a store for an evaluation; one that is not there is made.
 *
 * @throws UsageError where the files are of something else, or of another version of the store
 */
export async function openStore(files: PartFiles, evaluation: Evaluation): Promise<Store> {
  const marker = await files.read(STORE_FILE);
  if (marker === undefined) {
    await files.write(
      STORE_FILE,
      encode(JSON.stringify({ format: "bycatch-store", version: LAYOUT_VERSION })),
    );
  } else checkMarker(marker);
  const store = new Store(files, evaluation);
  const path = `evaluations/${store.id}.json`;
  if ((await files.read(path)) === undefined) await files.write(path, encode(canonicalJson(evaluation)));
  return store;
}

/**
 * Checks what says that there is a store.
 *
 * @throws UsageError where there is none, or one of another version
 */
export function checkMarker(bytes: Uint8Array | undefined, place = "the place"): void {
  const fix = "Name the folder that bycatch batch was given.";
  if (bytes === undefined)
    throw new UsageError("--store", `${place} is no store: it has no ${STORE_FILE}`, fix);
  const { format, version } = findJsonObject(new TextDecoder().decode(bytes));
  if (format !== "bycatch-store")
    throw new UsageError("--store", `${place} is no store: its ${STORE_FILE} is of something else`, fix);
  if (version !== LAYOUT_VERSION) {
    throw new UsageError(
      "--store",
      `${place} is a store of another version than this bycatch knows (${LAYOUT_VERSION})`,
      "Use the bycatch that made it, or a new folder.",
    );
  }
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(`${text}\n`);
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
