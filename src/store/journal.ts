import { closeSync, fsync, fsyncSync, mkdirSync, openSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { isSystemError } from "../diagnostics/index.js";
import { findJson } from "./find-json.js";
import { appendLine, openLineFile, readLine, readLines } from "./line-file.js";
import type { Store } from "./store.js";
import { type Rows, tableNames } from "./tables.js";

/** A line of a chunk's file: an app, or that apps are becoming a part. */
type Line =
  | { readonly position: number; readonly app: string | null; readonly rows: Rows }
  | { readonly part: string; readonly positions: readonly number[] };

/** An app of a chunk, and where its line is: its rows are read again when they are needed. */
interface PlacedApp {
  readonly position: number;
  readonly app: string | null;
  readonly offset: number;
  readonly length: number;
}

/** JSON of the rows of one part, in bytes: a chunk of apps with very much in them becomes several. */
const MOST_OF_A_PART = 64 << 20;

/** Name of a chunk's file. */
const CHUNK_FILE = /^(\d{8,})\.jsonl$/;

/**
 * The apps of a run on this machine that are finished, and not yet in a part. A chunk is a file, a line an app: what was
 * added is there after the process was killed. Used by one process at a time.
 */
export class Journal {
  readonly #folder: string;
  readonly #store: Store;
  readonly #mostOfAPart: number;
  /** Descriptors by chunk. */
  readonly #open = new Map<number, number>();
  /** Chunks whose files are on their way to the disk; `true` where more was added meanwhile. */
  readonly #syncing = new Map<number, boolean>();
  #refusal: Error | undefined;
  #sealing: Promise<void> = Promise.resolve();

  /** For {@link openJournal}. */
  constructor(folder: string, store: Store, mostOfAPart: number) {
    this.#folder = folder;
    this.#store = store;
    this.#mostOfAPart = mostOfAPart;
  }

  /**
   * Adds a finished app to a chunk: it survives the end of this process when this returns, and that of the machine a
   * moment later. To wait for the disk here would stop whoever hands out apps for milliseconds, with each of them.
   *
   * @param position the app's in the run's list, by which rows are sorted
   * @param sha256 of its file; `undefined` where that could not be read
   * @param rowsJson JSON of its `Rows`, on one line
   * @throws what the system refused, of this app or one before
   */
  add(chunk: number, position: number, sha256: string | undefined, rowsJson: string): void {
    if (rowsJson.includes("\n")) throw new TypeError("rows with a line break");
    if (this.#refusal !== undefined) throw this.#refusal;
    const head = JSON.stringify({ position, app: sha256 ?? null });
    this.#append(chunk, `${head.slice(0, -1)},"rows":${rowsJson}}`);
    this.#sync(chunk);
  }

  /**
   * Makes a part of a chunk's apps, in the order of their positions; several where there is very much in them. An app
   * that has a row already is left out.
   */
  async seal(chunk: number): Promise<void> {
    // One after another: which of two equal apps gets the row depends on what was sealed before.
    const sealed = this.#sealing.then(() => this.#seal(chunk));
    this.#sealing = sealed.then(
      () => undefined,
      () => undefined,
    );
    await sealed;
  }

  /**
   * Seals what a run left that died; before anything is added.
   *
   * @returns how many apps were saved
   */
  async recover(): Promise<number> {
    let saved = 0;
    for (const chunk of this.#findChunks()) saved += await this.#seal(chunk);
    return saved;
  }

  /** Closes the files; what they hold stays for {@link Journal.recover}. */
  close(): void {
    for (const chunk of [...this.#open.keys()]) this.#close(chunk);
  }

  async #seal(chunk: number): Promise<number> {
    this.#close(chunk);
    let fd: number;
    try {
      fd = openSync(this.#pathOf(chunk), "r");
    } catch (error) {
      if (!isSystemError(error, "ENOENT")) throw error;
      return 0;
    }
    let saved = 0;
    try {
      for (const group of this.#groupApps(await this.#chooseApps(fd))) {
        const part = await this.#store.buildPart(group.map((app) => readRows(fd, app)));
        // Before the part's first file: who comes after a crash makes the same part, or knows that it is there.
        this.#append(
          chunk,
          JSON.stringify({ part: part.name, positions: group.map(({ position }) => position) }),
        );
        fsyncSync(this.#open.get(chunk)!);
        await this.#store.putPart(part);
        saved += group.length;
      }
    } finally {
      closeSync(fd);
      this.#close(chunk);
    }
    rmSync(this.#pathOf(chunk), { force: true });
    return saved;
  }

  /** The apps of a chunk that are to have rows and have none, by position. */
  async #chooseApps(fd: number): Promise<PlacedApp[]> {
    const apps: PlacedApp[] = [];
    const begun: { readonly part: string; readonly positions: readonly number[] }[] = [];
    for (const { text, offset, length } of readLines(fd)) {
      const line = parseLine(text);
      if (line === undefined) continue;
      if ("part" in line) begun.push(line);
      else apps.push({ position: line.position, app: line.app, offset, length });
    }
    // A file that could not be read has no digest by which it would be known to be done.
    const positions = new Set<number>();
    for (const { part, positions: ofPart } of begun)
      if (await this.#store.hasPart(part)) for (const position of ofPart) positions.add(position);
    const done = new Set((await this.#store.findDone()).keys());
    return apps
      .sort((one, other) => one.position - other.position)
      .filter(({ app, position }) => {
        if (positions.has(position) || (app !== null && done.has(app))) return false;
        positions.add(position);
        if (app !== null) done.add(app);
        return true;
      });
  }

  /** In their order, so that what is left after a crash is grouped as it was before. */
  #groupApps(apps: readonly PlacedApp[]): PlacedApp[][] {
    const groups: PlacedApp[][] = [];
    let size = 0;
    for (const app of apps) {
      if (groups.length === 0 || size + app.length > this.#mostOfAPart) {
        groups.push([]);
        size = 0;
      }
      groups.at(-1)!.push(app);
      size += app.length;
    }
    return groups;
  }

  #append(chunk: number, line: string): void {
    let fd = this.#open.get(chunk);
    if (fd === undefined) {
      mkdirSync(this.#folder, { recursive: true });
      fd = openLineFile(this.#pathOf(chunk));
      this.#open.set(chunk, fd);
    }
    appendLine(fd, line);
  }

  /** Sends a chunk's file to the disk, at most once at a time. */
  #sync(chunk: number): void {
    if (this.#syncing.has(chunk)) {
      this.#syncing.set(chunk, true);
      return;
    }
    // One of its own, as that of the chunk may be closed meanwhile.
    const fd = openSync(this.#pathOf(chunk), "r+");
    this.#syncing.set(chunk, false);
    fsync(fd, (error) => {
      closeSync(fd);
      if (error !== null) this.#refusal ??= error;
      const hasMore = this.#syncing.get(chunk);
      this.#syncing.delete(chunk);
      if (hasMore && this.#open.has(chunk)) this.#sync(chunk);
    });
  }

  #close(chunk: number): void {
    const fd = this.#open.get(chunk);
    if (fd === undefined) return;
    this.#open.delete(chunk);
    closeSync(fd);
  }

  #findChunks(): number[] {
    let names: string[];
    try {
      names = readdirSync(this.#folder);
    } catch (error) {
      if (!isSystemError(error, "ENOENT")) throw error;
      return [];
    }
    return names
      .flatMap((name) => CHUNK_FILE.exec(name)?.[1] ?? [])
      .map(Number)
      .sort((one, other) => one - other);
  }

  #pathOf(chunk: number): string {
    return join(this.#folder, `${String(chunk).padStart(8, "0")}.jsonl`);
  }
}

/**
 * The journal of a store in a folder, for its evaluation. Nothing is written yet.
 *
 * @param mostOfAPart bytes of JSON from which a chunk becomes several parts
 */
export function openJournal(folder: string, store: Store, mostOfAPart = MOST_OF_A_PART): Journal {
  return new Journal(join(folder, "journal", store.id), store, mostOfAPart);
}

function readRows(fd: number, { offset, length }: PlacedApp): Rows {
  const line = parseLine(readLine(fd, offset, length).text);
  if (line === undefined || "part" in line) throw new Error("a journal changed while it was read");
  return line.rows;
}

function parseLine(text: string): Line | undefined {
  const line = findJson(text);
  return isLine(line) ? line : undefined;
}

function isLine(line: unknown): line is Line {
  if (typeof line !== "object" || line === null) return false;
  if ("part" in line)
    return typeof line.part === "string" && "positions" in line && Array.isArray(line.positions);
  if (!("position" in line && "app" in line && "rows" in line)) return false;
  const { position, app, rows } = line;
  const isRows = typeof rows === "object" && rows !== null;
  return (
    Number.isSafeInteger(position) &&
    (app === null || typeof app === "string") &&
    isRows &&
    tableNames.every((name) => Array.isArray((rows as Record<string, unknown>)[name]))
  );
}
