import {
  closeSync,
  fstatSync,
  fsync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import type { Store, StoredStatus } from "./store.js";
import { type Rows, tableNames } from "./tables.js";

/** What the journal must know of an app beside its rows. */
export interface JournaledApp {
  /** `undefined` where the file could not be read. */
  readonly sha256?: string | undefined;
  readonly status: StoredStatus;
}

/** A line of a chunk's file: an app, or that the chunk is becoming a part. */
type Line =
  | { readonly position: number; readonly app: string | null; readonly rows: Rows }
  | { readonly part: string };

/** Name of a chunk's file. */
const CHUNK_FILE = /^(\d{8,})\.jsonl$/;

/**
 * The apps of a run on this machine that are finished, and not yet in a part. A chunk is a file, a line an app: what was
 * added is there after the process was killed. Used by one process at a time.
 */
export class Journal {
  readonly #folder: string;
  readonly #store: Store;
  /** Descriptors by chunk. */
  readonly #open = new Map<number, number>();
  /** Chunks whose files are on their way to the disk; `true` where more was added meanwhile. */
  readonly #syncing = new Map<number, boolean>();
  #refusal: Error | undefined;
  #sealing: Promise<void> = Promise.resolve();

  /** For {@link openJournal}. */
  constructor(folder: string, store: Store) {
    this.#folder = folder;
    this.#store = store;
  }

  /**
   * Adds a finished app to a chunk: it survives the end of this process when this returns, and that of the machine a
   * moment later. To wait for the disk here would stop whoever hands out apps for milliseconds, with each of them.
   *
   * @param position the app's in the run's list, by which rows are sorted
   * @param rowsJson JSON of its `Rows`, on one line
   * @throws what the system refused, of this app or one before
   */
  add(chunk: number, position: number, { sha256, status }: JournaledApp, rowsJson: string): void {
    if (rowsJson.includes("\n")) throw new TypeError("rows with a line break");
    if (this.#refusal !== undefined) throw this.#refusal;
    const head = JSON.stringify({ position, app: sha256 ?? null, status });
    this.#append(chunk, `${head.slice(0, -1)},"rows":${rowsJson}}\n`);
    this.#sync(chunk);
  }

  /** Makes a part of a chunk's apps, in the order of their positions. An app that has a row already is left out. */
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
    const lines = this.#readLines(chunk);
    const begun = lines.findLast((line) => "part" in line);
    let saved = 0;
    // Of a chunk that became a part nothing is left to do but to remove it.
    if (begun === undefined || !(await this.#store.hasPart(begun.part))) {
      const apps = await this.#chooseApps(lines);
      if (apps.length > 0) {
        const part = await this.#store.buildPart(apps);
        // Before the part's first file: who comes after a crash makes the same part, or knows that it is there.
        if (begun?.part !== part.name) {
          this.#append(chunk, `${JSON.stringify({ part: part.name })}\n`);
          fsyncSync(this.#open.get(chunk)!);
        }
        this.#close(chunk);
        await this.#store.putPart(part);
        saved = apps.length;
      }
    }
    rmSync(this.#pathOf(chunk), { force: true });
    return saved;
  }

  async #chooseApps(lines: readonly Line[]): Promise<Rows[]> {
    const done = await this.#store.findDone();
    const met = new Set<string>();
    const positions = new Set<number>();
    return lines
      .filter((line) => "rows" in line)
      .sort((one, other) => one.position - other.position)
      .filter(({ app, position }) => {
        if (positions.has(position) || (app !== null && (done.has(app) || met.has(app)))) return false;
        positions.add(position);
        if (app !== null) met.add(app);
        return true;
      })
      .map(({ rows }) => rows);
  }

  /** The lines that are whole; of a file that a killed process or a full disk left, the others' apps are audited again. */
  #readLines(chunk: number): Line[] {
    let text: string;
    try {
      text = readFileSync(this.#pathOf(chunk), "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
      return [];
    }
    return text.split("\n").flatMap((line) => parseLine(line) ?? []);
  }

  #append(chunk: number, line: string): void {
    const fd = this.#open.get(chunk) ?? this.#openChunk(chunk);
    const { size } = fstatSync(fd);
    try {
      const bytes = Buffer.from(line);
      for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
    } catch (error) {
      // A full disk: half a line must not become one with the next.
      ftruncateSync(fd, size);
      throw error;
    }
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

  #openChunk(chunk: number): number {
    mkdirSync(this.#folder, { recursive: true });
    const fd = openSync(this.#pathOf(chunk), "a+");
    this.#open.set(chunk, fd);
    // What a killed process left may end in half a line.
    const { size } = fstatSync(fd);
    if (size > 0) writeSync(fd, "\n");
    else syncFolder(this.#folder);
    return fd;
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
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
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

/** The journal of a store in a folder, for its evaluation. Nothing is written yet. */
export function openJournal(folder: string, store: Store): Journal {
  return new Journal(join(folder, "journal", store.id), store);
}

function parseLine(text: string): Line | undefined {
  let line: unknown;
  try {
    line = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return undefined;
  }
  return isLine(line) ? line : undefined;
}

function isLine(line: unknown): line is Line {
  if (typeof line !== "object" || line === null) return false;
  if ("part" in line) return typeof line.part === "string";
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

/** Makes a new name in a folder durable. */
function syncFolder(folder: string): void {
  try {
    const fd = openSync(folder, "r");
    try {
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    // Windows opens no folders, and some network file systems sync none.
    if (
      !["EISDIR", "EPERM", "EACCES", "EINVAL", "ENOTSUP"].includes(
        (error as NodeJS.ErrnoException).code ?? "",
      )
    )
      throw error;
  }
}
