import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, mkdtemp, readdir, realpath, rm, stat, statfs } from "node:fs/promises";
import { join, relative, resolve, sep } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { isSystemError, UsageError } from "../diagnostics/index.js";
import { type AppLocation, parseLocation, showLocation } from "./app-location.js";
import { FetchError } from "./fetch-error.js";
import { type Arriving, fetchHttp } from "./fetch-http.js";
import { describeInput, isSame } from "./input-file.js";
import { type S3, s3Error } from "./s3-client.js";

/** How apps are fetched. */
export interface FetchOptions {
  /** Where folders of temporary files are made. */
  readonly folder: string;
  /** Bytes of one app. */
  readonly mostBytes: number;
  /** For all of one app. */
  readonly seconds: number;
  /** Without a byte. */
  readonly idleSeconds: number;
  /** Local files must be below it, links followed; any will do unless given. */
  readonly root?: string | undefined;
  /** Asked for the first app in a bucket; whoever gives it closes it. */
  readonly openS3: () => Promise<S3>;
}

/** This process, and how to tell whether another runs. */
export interface ProcessTable {
  /** What this machine, or container, is called. */
  readonly host: string;
  readonly own: number;
  isRunning(pid: number): boolean;
}

/** An app's file on this machine. */
export interface FetchedApp {
  readonly path: string;
  readonly sha256: string;
  /** In bytes. */
  readonly size: number;
  /** Whether it is still what was hashed: a local file is not ours, and may change. */
  isUnchanged(): boolean;
  /** Removes the file if it was fetched. */
  release(): Promise<void>;
}

/** Bytes that a machine has room for which is not full; where it has less than twice as many in all, half of them. */
const ROOM = 64 << 20;

/** Bytes of a local file that are read at a time. */
const BLOCK = 1 << 18;

const FOLDER = /^bycatch-apps-(.*)-(\d{1,10})-[^-]*$/;

/**
 * Opens what fetches apps. Temporary files of processes that have died are removed.
 *
 * @throws Node's own error where no temporary files can be made
 */
export async function openFetcher(options: FetchOptions, processes: ProcessTable): Promise<AppFetcher> {
  await mkdir(options.folder, { recursive: true });
  for (const name of await readdir(options.folder)) {
    const [, host, pid] = FOLDER.exec(name) ?? [];
    // Whether a process of another machine runs, nobody here can say.
    if (pid === undefined || host !== hostOf(processes)) continue;
    // In a container every process may have the number that the one before had.
    const isLeft = Number(pid) === processes.own || !processes.isRunning(Number(pid));
    if (isLeft) await removeOwn(join(options.folder, name));
  }
  const own = await mkdtemp(join(options.folder, `bycatch-apps-${hostOf(processes)}-${processes.own}-`));
  const root = options.root === undefined ? undefined : await realpath(options.root);
  return new AppFetcher({ ...options, folder: own, root });
}

function hostOf({ host }: ProcessTable): string {
  return host.replace(/[^0-9A-Za-z.-]/g, "_").slice(0, 64);
}

/** Another user's folder stays. */
async function removeOwn(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "EACCES" && code !== "EPERM") throw error;
  }
}

/** Makes local files of apps, wherever they are. */
export class AppFetcher {
  readonly #options: FetchOptions;
  #s3: Promise<S3> | undefined;
  #files = 0;

  /** For {@link openFetcher} alone, which makes the folder. */
  constructor(options: FetchOptions) {
    this.#options = options;
  }

  /**
   * An app's file: one that is here as it is, another as a temporary file, which must be released.
   *
   * @throws FetchError for what concerns this app
   */
  async fetchApp(location: string, signal?: AbortSignal): Promise<FetchedApp> {
    const parsed = parseQueuedLocation(location);
    if (parsed.kind === "file") return this.#findFile(parsed.path, signal);
    const shown = showLocation(location);
    const path = join(this.#options.folder, `${this.#files++}.apk`);
    try {
      const arrived = await this.#download(parsed, path, shown, signal);
      return {
        path,
        ...arrived,
        isUnchanged: () => true,
        release: () => rm(path, { force: true }),
      };
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    }
  }

  /**
   * What there is no room for.
   *
   * @param had bytes that there was room for: much, and it is this app that is large; little, and the machine is full
   */
  async #outOfRoom(shown: string, had: number, cause?: unknown): Promise<FetchError> {
    const { blocks, bsize } = await statfs(this.#options.folder);
    return had >= Math.min(ROOM, (blocks * bsize) / 2)
      ? new FetchError("no-room", shown, "this machine has less room than it takes", { cause })
      : new FetchError("no-space", shown, "this machine has no room for it", { cause });
  }

  /** Removes all temporary files. */
  async close(): Promise<void> {
    await rm(this.#options.folder, { recursive: true, force: true });
  }

  async #findFile(path: string, signal: AbortSignal | undefined): Promise<FetchedApp> {
    const { root, mostBytes } = this.#options;
    try {
      const real = root === undefined ? resolve(path) : await realpath(path);
      if (root !== undefined && !isBelow(root, real)) {
        throw new FetchError("not-allowed", path, "is not below the folder that this worker may read");
      }
      const found = await stat(real);
      // A pipe would be waited for, and a folder has no bytes.
      if (!found.isFile()) throw new FetchError("not-allowed", path, "is no regular file");
      if (found.size > mostBytes) throw tooLarge(path, mostBytes);
      const before = describeInput(real);
      const sha256 = await this.#hashFile(real, found.size, path, signal);
      const isUnchanged = () => isSame(before, describeInput(real));
      return { path: real, sha256, size: found.size, isUnchanged, release: () => Promise.resolve() };
    } catch (error) {
      signal?.throwIfAborted();
      const { code } = error as NodeJS.ErrnoException;
      if (error instanceof FetchError || code === undefined) throw error;
      if (code === "ENOENT" || code === "ENOTDIR") {
        throw new FetchError("not-found", path, "there is no such file", { cause: error });
      }
      if (code === "EACCES" || code === "EPERM") {
        throw new FetchError("refused", path, "cannot be read: permission denied", { cause: error });
      }
      throw new FetchError("unreachable", path, `cannot be read (${code})`, { cause: error });
    }
  }

  /** Reads no more than there is said to be: what has no size (in /proc, say) may have no end. */
  async #hashFile(path: string, size: number, shown: string, stop: AbortSignal | undefined): Promise<string> {
    const { seconds, idleSeconds } = this.#options;
    const patience = new Patience(shown, seconds, idleSeconds, stop);
    try {
      return await hashFile(path, size, patience);
    } catch (error) {
      throw patience.reason() ?? error;
    } finally {
      patience.end();
    }
  }

  /** @returns what arrived */
  async #download(
    location: Exclude<AppLocation, { kind: "file" }>,
    path: string,
    shown: string,
    stop: AbortSignal | undefined,
  ): Promise<Pick<FetchedApp, "sha256" | "size">> {
    const { seconds, idleSeconds, mostBytes } = this.#options;
    const patience = new Patience(shown, seconds, idleSeconds, stop);
    const hash = createHash("sha256");
    let bytes = 0;
    let isArriving = false;
    const count = async function* (body: AsyncIterable<Buffer>) {
      for await (const block of body) {
        patience.refresh();
        bytes += block.length;
        if (bytes > mostBytes) throw tooLarge(shown, mostBytes);
        hash.update(block);
        yield block;
      }
    };
    try {
      // Whoever tidies up temporary folders may have taken it.
      await mkdir(this.#options.folder, { recursive: true, mode: 0o700 });
      const { body, length } = await this.#request(location, shown, patience.signal);
      isArriving = true;
      try {
        if (length !== undefined) await this.#checkLength(length, shown);
        await pipeline(body, count, createWriteStream(path, { flags: "wx", mode: 0o600 }), {
          signal: patience.signal,
        });
      } finally {
        body.destroy();
      }
      if (length !== undefined && bytes !== length) {
        throw new FetchError("truncated", shown, `has ${bytes} bytes, but ${length} were announced`);
      }
      return { sha256: hash.digest("hex"), size: bytes };
    } catch (error) {
      if (isSystemError(error, "ENOSPC", "EDQUOT", "EROFS")) throw await this.#outOfRoom(shown, bytes, error);
      throw patience.reason() ?? describeDownloadError(error, shown, isArriving ? bytes : undefined);
    } finally {
      patience.end();
    }
  }

  async #request(
    location: Exclude<AppLocation, { kind: "file" }>,
    shown: string,
    signal: AbortSignal,
  ): Promise<Arriving> {
    if (location.kind === "http") return fetchHttp(location.url, signal);
    const { client, commands } = await this.#openS3(shown);
    const { bucket, key } = location;
    const command = new commands.GetObjectCommand({ Bucket: bucket, Key: key });
    const { Body, ContentLength } = await client.send(command, { abortSignal: signal });
    if (Body === undefined) throw new FetchError("bad-answer", shown, "S3 sent nothing");
    return { body: Body as Readable, length: ContentLength };
  }

  async #openS3(shown: string): Promise<S3> {
    try {
      return await (this.#s3 ??= this.#options.openS3());
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      throw new FetchError("no-client", shown, error.problem, { cause: error });
    }
  }

  async #checkLength(length: number, shown: string): Promise<void> {
    const { mostBytes, folder } = this.#options;
    if (length > mostBytes) throw tooLarge(shown, mostBytes);
    const { bavail, bsize } = await statfs(folder);
    if (length > bavail * bsize) throw await this.#outOfRoom(shown, bavail * bsize);
  }
}

/** Gives up what takes too long, in all or between two blocks, or what is no longer wanted. */
class Patience {
  readonly #controller = new AbortController();
  readonly #timers: readonly NodeJS.Timeout[];
  readonly #stop: AbortSignal | undefined;
  readonly #onStop = () => this.#controller.abort(this.#stop?.reason);

  constructor(shown: string, seconds: number, idleSeconds: number, stop: AbortSignal | undefined) {
    const give = (after: number, problem: string) =>
      setTimeout(() => this.#controller.abort(new FetchError("timeout", shown, problem)), after * 1_000);
    this.#timers = [
      give(seconds, `did not arrive within ${seconds} s`),
      give(idleSeconds, `sent nothing for ${idleSeconds} s`),
    ];
    this.#stop = stop;
    stop?.addEventListener("abort", this.#onStop);
    if (stop?.aborted) this.#onStop();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Something arrived. */
  refresh(): void {
    this.#timers[1]!.refresh();
  }

  /** Why it was given up; `undefined` if it was not. */
  reason(): unknown {
    return this.signal.aborted ? this.signal.reason : undefined;
  }

  end(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#stop?.removeEventListener("abort", this.#onStop);
  }
}

/** A place that came through a queue: one that is none is that app's trouble, and not a mistake of the user's. */
function parseQueuedLocation(location: string): AppLocation {
  try {
    return parseLocation(location);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new FetchError("not-allowed", showLocation(location), error.problem, { cause: error });
  }
}

function describeDownloadError(error: unknown, shown: string, bytes: number | undefined): unknown {
  if (error instanceof FetchError) return error;
  const answered = s3Error(error, shown);
  if (answered !== undefined) return answered;
  const { code } = error as NodeJS.ErrnoException;
  if (code === undefined) return error;
  // Node's parser of HTTP, too, has codes: what a server sends is no fault of ours.
  if (bytes !== undefined)
    return new FetchError("truncated", shown, `ended after ${bytes} bytes (${code})`, { cause: error });
  return new FetchError("unreachable", shown, `cannot be reached (${code})`, { cause: error });
}

function tooLarge(shown: string, most: number): FetchError {
  return new FetchError("too-large", shown, `has more than ${most} bytes, the most of an app`);
}

/** Unlike an audit's own, it leaves the thread to others between two blocks: the queue must hear of this process. */
async function hashFile(path: string, size: number, patience: Patience): Promise<string> {
  const hash = createHash("sha256");
  if (size > 0) {
    const { signal } = patience;
    const blocks = createReadStream(path, { highWaterMark: BLOCK, end: size - 1, signal });
    for await (const block of blocks as AsyncIterable<Buffer>) {
      patience.refresh();
      hash.update(block);
    }
  }
  return hash.digest("hex");
}

function isBelow(root: string, path: string): boolean {
  const inside = relative(root, path);
  return inside !== "" && inside.split(sep)[0] !== ".." && resolve(inside) !== inside;
}
