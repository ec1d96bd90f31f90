import type { InputFile, InputIndex, Journal, Row, Store, StoredStatus } from "../store/index.js";
import { failedApp } from "./audit-app.js";
import type { AuditPool, Unwanted } from "./audit-pool.js";
import type { AppInput } from "./find-apps.js";
import { describeInput, isSame } from "./input-file.js";
import type { Audited } from "./process-messages.js";
import { type Counted, Counts, countAs, type Tally } from "./tally.js";

/** Apps of a part. */
const CHUNK = 256;

/** Apps beyond the number of processes that are under way: a process that is done finds the next one waiting. */
const WAITING = 2;

/** What a run works with; the caller closes it. */
export interface RunParts {
  readonly store: Store;
  readonly journal: Journal;
  readonly index: InputIndex;
  readonly pool: Pick<AuditPool, "audit">;
  /** Processes of the pool. */
  readonly processes: number;
  /** Told of each app that was audited, or could not be. */
  readonly onApp?: (app: AppInput, audited: Audited) => void;
}

/** Who gets the row of a content: the first in order, also where a later one is read before. */
interface Claim {
  readonly position: number;
  counted?: Counted;
}

/** Consecutive apps of a run, which become one part. */
interface Chunk {
  readonly number: number;
  /** Apps taken. */
  size: number;
  /** Apps of those that are not finished. */
  unfinished: number;
  isEnded: boolean;
}

/**
 * A run over apps in their order. An app is skipped where the store has it; a chunk becomes a part when its apps are
 * finished and the chunks before it are parts. What is kept of an app until the run ends is its digest.
 */
export class BatchRun {
  readonly #parts: RunParts;
  readonly #counts = new Counts();
  readonly #claims = new Map<string, Claim>();
  /** Names of apps that failed in earlier runs. */
  readonly #failedNames: Set<string>;
  /** What failed in this run, by the file's path. */
  readonly #failed = new Map<string, Pick<Audited, "sha256" | "reason">>();
  readonly #chunks: Chunk[] = [];
  readonly #underWay = new Set<Promise<void>>();
  /** Apps that have rows of another evaluation's making, and were not met yet. */
  readonly #carried: Set<string>;
  /** Those of them that were. */
  readonly #metCarried = new Set<string>();
  #done: ReadonlyMap<string, StoredStatus> = new Map();
  #chunk: Chunk | undefined;
  #nextChunk = 0;
  #nextPosition = 0;
  #sealing: Promise<void> | undefined;
  #failure: { readonly error: unknown } | undefined;

  private constructor(parts: RunParts, failedNames: ReadonlySet<string>, carried: ReadonlySet<string>) {
    this.#parts = parts;
    this.#failedNames = new Set(failedNames);
    this.#carried = new Set(carried);
  }

  /**
   * Begins a run; the journal must have nothing left of an earlier one.
   *
   * @param failedNames names of apps whose failure of an earlier run is taken out when they are met
   * @param carried digests of apps whose rows were carried over just now
   */
  static async begin(
    parts: RunParts,
    failedNames: ReadonlySet<string> = new Set(),
    carried: ReadonlySet<string> = new Set(),
  ): Promise<BatchRun> {
    const run = new BatchRun(parts, failedNames, carried);
    run.#done = await parts.store.findDone();
    return run;
  }

  get tally(): Tally {
    return this.#counts;
  }

  /**
   * Takes the next app: resolves when it was skipped or given to the pool, which is when a process is near to free.
   *
   * @throws what made the run fail, if it did: a store that cannot be written, a pool that cannot start
   */
  async take(app: AppInput): Promise<void> {
    this.#check();
    const file = describeInput(app.path);
    const known = file && this.#parts.index.find(file);
    if (this.#failedNames.has(app.name) || this.#failed.has(app.path)) await this.#dropFailed(app, known);
    if (known !== undefined && this.#isDoneBefore(known)) {
      this.#skip(known);
      return;
    }
    const position = this.#nextPosition++;
    this.#chunk ??= { number: this.#nextChunk++, size: 0, unfinished: 0, isEnded: false };
    const chunk = this.#chunk;
    chunk.size++;
    chunk.unfinished++;
    if (chunk.size === CHUNK) this.endChunk();
    while (this.#underWay.size >= this.#parts.processes + WAITING) await Promise.race(this.#underWay);
    this.#check();
    const auditing = this.#audit(app, file, known, position, chunk)
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => this.#underWay.delete(auditing));
    this.#underWay.add(auditing);
  }

  /** Counts what was carried over and not taken, as a run that is stopped leaves it. */
  countCarried(): void {
    this.#counts.carried += this.#carried.size;
    this.#carried.clear();
  }

  /** Lets the apps so far become a part when they are finished. */
  endChunk(): void {
    if (this.#chunk === undefined) return;
    this.#chunk.isEnded = true;
    this.#chunks.push(this.#chunk);
    this.#chunk = undefined;
    this.#sealFinished();
  }

  /**
   * Resolves when all apps that were taken are finished, and those of ended chunks are in parts.
   *
   * @throws what made the run fail, if it did
   */
  async settle(): Promise<void> {
    await Promise.all(this.#underWay);
    while (this.#sealing !== undefined) await this.#sealing;
    this.#check();
  }

  #check(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  async #audit(
    app: AppInput,
    file: InputFile | undefined,
    known: string | undefined,
    position: number,
    chunk: Chunk,
  ): Promise<void> {
    const input =
      known === undefined || file === undefined ? app : { ...app, known: { sha256: known, size: file.size } };
    const answer = await this.#parts.pool.audit(input, (sha256) => this.#claim(sha256, position));
    if (isSame(file, describeInput(app.path))) {
      const { sha256 } = answer;
      if (file !== undefined && sha256 !== undefined && known === undefined) {
        this.#parts.index.add(file, sha256);
      }
      this.#note(app, answer, position, chunk);
    } else {
      this.#release(answer.sha256, position);
      const message = `${app.name} changed while it was being read`;
      this.#note(app, failedApp(app.name, undefined, { reason: "unreadable", message }), position, chunk);
    }
    chunk.unfinished--;
    this.#sealFinished();
  }

  #note(app: AppInput, answer: Audited | Unwanted, position: number, chunk: Chunk): void {
    if (answer.status === "unwanted") {
      if (this.#isDoneBefore(answer.sha256)) this.#skip(answer.sha256);
      else this.#counts.duplicates++;
      return;
    }
    const claim = answer.sha256 === undefined ? undefined : this.#claims.get(answer.sha256);
    if (claim !== undefined && claim.position !== position) {
      this.#counts.duplicates++;
      return;
    }
    this.#parts.journal.add(chunk.number, position, answer.sha256, answer.rowsJson);
    const counted = countAs(answer);
    if (claim !== undefined) claim.counted = counted;
    this.#counts.add(counted);
    if (answer.status === "failed") {
      const { sha256, reason } = answer;
      this.#failed.set(app.path, { ...(sha256 === undefined ? {} : { sha256 }), reason: reason! });
    }
    this.#parts.onApp?.(app, answer);
  }

  /** Counts an app that has rows. */
  #skip(sha256: string): void {
    if (this.#metCarried.has(sha256)) this.#counts.duplicates++;
    else if (this.#carried.delete(sha256)) {
      this.#metCarried.add(sha256);
      this.#counts.carried++;
    } else this.#counts.skip(this.#done.get(sha256)!);
  }

  /** Whether the app at this position is the first of its content. */
  #claim(sha256: string, position: number): boolean {
    if (this.#isDoneBefore(sha256)) return false;
    const claim = this.#claims.get(sha256);
    if (claim !== undefined && claim.position <= position) return claim.position === position;
    // A later one was read before: the journal leaves it out when it is sealed.
    if (claim?.counted !== undefined) {
      this.#counts.add(claim.counted, -1);
      this.#counts.duplicates++;
    }
    this.#claims.set(sha256, { position });
    return true;
  }

  /** Gives a claim back: the content was of no file that is there. */
  #release(sha256: string | undefined, position: number): void {
    if (sha256 !== undefined && this.#claims.get(sha256)?.position === position) this.#claims.delete(sha256);
  }

  /** The store's own list grows as this run writes. */
  #isDoneBefore(sha256: string): boolean {
    return this.#done.has(sha256) && !this.#claims.has(sha256);
  }

  /** A file that failed is taken again: its row goes, and not that of another file which is called the same. */
  async #dropFailed({ path, name }: AppInput, known: string | undefined): Promise<void> {
    this.endChunk();
    await this.settle();
    const failed = this.#failed.get(path);
    const sha256 = failed?.sha256 ?? known;
    await this.#parts.store.dropFailed((row) => row.path === name && isFailureOf(row, sha256));
    this.#done = await this.#parts.store.findDone();
    this.#failedNames.delete(name);
    if (failed === undefined) return;
    this.#failed.delete(path);
    if (failed.sha256 !== undefined) this.#claims.delete(failed.sha256);
    this.#counts.add(failed.reason!, -1);
  }

  #sealFinished(): void {
    if (this.#sealing !== undefined || this.#failure !== undefined) return;
    const [chunk] = this.#chunks;
    if (chunk === undefined || chunk.unfinished > 0) return;
    this.#sealing = this.#parts.journal
      .seal(chunk.number)
      .then(() => {
        this.#chunks.shift();
      })
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => {
        this.#sealing = undefined;
        this.#sealFinished();
      });
  }
}

/**
 * Whether a failure's row can be that of a file: two folders may have files that are called the same.
 *
 * @param sha256 the file's, where it is known
 */
export function isFailureOf({ app }: Row, sha256: string | undefined): boolean {
  return app === null || sha256 === undefined || app === sha256;
}
