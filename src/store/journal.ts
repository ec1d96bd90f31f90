import { closeSync, existsSync, fsync, fsyncSync, mkdirSync, openSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { isSystemError } from "../diagnostics/index.js";
import { type PlacedApp, renderApp } from "./journal-lines.js";
import { appendLine, openLineFile } from "./line-file.js";
import { type PartBuilder, partBuilder } from "./part-builder.js";
import type { Store } from "./store.js";

/** JSON of the rows of one part, in bytes: a chunk of apps with very much in them becomes several. */
const MOST_OF_A_PART = 64 << 20;

/** Name of a chunk's file. */
export const CHUNK_FILE = /^(\d{8,})\.jsonl$/;

/**
 * The apps of a run on this machine that are finished, and not yet in a part. A chunk is a file, a line an app: what was
 * added is there after the process was killed. Used by one process at a time.
 */
export class Journal {
  readonly #folder: string;
  readonly #store: Store;
  readonly #builder: PartBuilder;
  readonly #mostOfAPart: number;
  /** Descriptors by chunk. */
  readonly #open = new Map<number, number>();
  /** Chunks whose files are on their way to the disk; `true` where more was added meanwhile. */
  readonly #syncing = new Map<number, boolean>();
  #refusal: Error | undefined;
  #sealing: Promise<void> = Promise.resolve();

  /** For {@link openJournal}. */
  constructor(folder: string, store: Store, builder: PartBuilder, mostOfAPart: number) {
    this.#folder = folder;
    this.#store = store;
    this.#builder = builder;
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
    this.#append(chunk, renderApp(position, sha256, rowsJson));
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
    const path = this.#pathOf(chunk);
    if (!existsSync(path)) return 0;
    let saved = 0;
    try {
      for (const group of this.#groupApps(await this.#chooseApps(path))) {
        const part = await this.#builder.buildPart(path, group);
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
      this.#close(chunk);
    }
    rmSync(path, { force: true });
    return saved;
  }

  /** The apps of a chunk that are to have rows and have none, by position. */
  async #chooseApps(path: string): Promise<PlacedApp[]> {
    const { apps, begun } = await this.#builder.listLines(path);
    // A file that could not be read has no digest by which it would be known to be done.
    const positions = new Set<number>();
    for (const { part, positions: ofPart } of begun)
      if (await this.#store.hasPart(part)) for (const position of ofPart) positions.add(position);
    const done = new Set((await this.#store.findDone()).keys());
    return [...apps]
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
 * @param builder makes its parts
 * @param mostOfAPart bytes of JSON from which a chunk becomes several parts
 */
export function openJournal(
  folder: string,
  store: Store,
  builder: PartBuilder = partBuilder,
  mostOfAPart = MOST_OF_A_PART,
): Journal {
  return new Journal(join(folder, "journal", store.id), store, builder, mostOfAPart);
}
