import { type FSWatcher, watch } from "node:fs";
import { stat } from "node:fs/promises";
import { platform } from "node:os";
import { resolve } from "node:path";
import { UsageError } from "../diagnostics/index.js";
import { type AppInput, findApps, type OnTrouble } from "./find-apps.js";

/** How folders are watched. */
export interface WatchOptions {
  readonly stop: AbortSignal;
  /** Told of each trouble once. */
  readonly onTrouble: OnTrouble;
  /** Milliseconds that a file must have been still; 1,000 unless given. */
  readonly stillFor?: number;
  /** Milliseconds between two looks where nothing is told to have changed; 5,000 unless given. */
  readonly interval?: number;
}

/** A file as it was at the last look. */
interface Seen {
  /** Size, times and inode. */
  readonly mark: string;
  readonly isTaken: boolean;
}

/**
 * The apps in folders and of globs, those that are there first, then what comes, each when it has been still from
 * one look to the next: a copy that is being made grows. An app that changes comes again.
 *
 * Gives, at each look, what is ready; nothing where all is quiet.
 *
 * @throws UsageError at the first look, for a name that neither is there nor is a glob
 */
export async function* watchApps(
  named: readonly string[],
  { stop, onTrouble, stillFor = 1_000, interval = 5_000 }: WatchOptions,
): AsyncGenerator<readonly AppInput[]> {
  const told = new Set<string>();
  const tellOnce: OnTrouble = (path, problem) => {
    if (told.has(`${path}\n${problem}`)) return;
    told.add(`${path}\n${problem}`);
    onTrouble(path, problem);
  };
  let apps = (await findApps({ named, listed: [] }, tellOnce)).apps;
  const changes = new ChangeListener(named, stop);
  let seen = new Map<string, Seen>();
  try {
    while (!stop.aborted) {
      const [ready, now] = await look(apps, seen);
      seen = now;
      yield ready;
      const isWaiting = [...seen.values()].some(({ isTaken }) => !isTaken);
      if (isWaiting) await changes.pause(stillFor);
      else await changes.wait(interval);
      apps = await findAgain(named, apps, tellOnce);
    }
  } finally {
    changes.close();
  }
}

/** A folder that is gone for a time may come back. */
async function findAgain(
  named: readonly string[],
  before: readonly AppInput[],
  onTrouble: OnTrouble,
): Promise<readonly AppInput[]> {
  try {
    return (await findApps({ named, listed: [] }, onTrouble)).apps;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    onTrouble(error.where, error.problem);
    return before;
  }
}

async function look(
  apps: readonly AppInput[],
  before: ReadonlyMap<string, Seen>,
): Promise<[ready: AppInput[], seen: Map<string, Seen>]> {
  const ready: AppInput[] = [];
  const seen = new Map<string, Seen>();
  for (const app of apps) {
    const mark = await markOf(app.path);
    const last = before.get(app.path);
    const isStill = last?.mark === mark;
    if (isStill && !last.isTaken) ready.push(app);
    seen.set(app.path, { mark, isTaken: isStill });
  }
  return [ready, seen];
}

async function markOf(path: string): Promise<string> {
  try {
    const { size, mtimeNs, ino, mode } = await stat(path, { bigint: true });
    return `${size} ${mtimeNs} ${ino} ${mode}`;
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  }
}

/**
 * Hears of changes earlier than the next look would see them. Only that: what counts is what a look finds, as events
 * get lost on network file systems and in overflowing queues.
 */
class ChangeListener {
  readonly #watchers: FSWatcher[];
  readonly #stop: AbortSignal;
  #hasChanged = false;
  #wake: () => void = () => undefined;

  constructor(named: readonly string[], stop: AbortSignal) {
    this.#stop = stop;
    this.#watchers = named.flatMap((name) => this.#watch(resolve(name)));
    stop.addEventListener("abort", () => this.#wake(), { once: true });
  }

  /** Waits for a change, or so many milliseconds. */
  async wait(milliseconds: number): Promise<void> {
    if (!this.#hasChanged) await this.#sleep(milliseconds, true);
    this.#hasChanged = false;
  }

  /** Waits so many milliseconds, whatever changes. */
  async pause(milliseconds: number): Promise<void> {
    await this.#sleep(milliseconds, false);
    this.#hasChanged = false;
  }

  close(): void {
    for (const watcher of this.#watchers) watcher.close();
  }

  async #sleep(milliseconds: number, endsByChange: boolean): Promise<void> {
    if (this.#stop.aborted) return;
    await new Promise<void>((wake) => {
      const timer = setTimeout(wake, milliseconds);
      this.#wake = () => {
        if (!endsByChange && !this.#stop.aborted) return;
        clearTimeout(timer);
        wake();
      };
    });
    this.#wake = () => undefined;
  }

  #watch(path: string): FSWatcher[] {
    try {
      // Node's own recursion on Linux takes one of the system's few watches for each file.
      const watcher = watch(path, { recursive: platform() !== "linux" }, () => {
        this.#hasChanged = true;
        this.#wake();
      });
      watcher.on("error", () => watcher.close());
      return [watcher];
    } catch {
      // A glob, a file system without events, too many watches: the looks go on.
      return [];
    }
  }
}
