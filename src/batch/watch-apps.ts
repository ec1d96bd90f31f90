import { type FSWatcher, watch } from "node:fs";
import { stat } from "node:fs/promises";
import { platform } from "node:os";
import { resolve } from "node:path";
import { isSystemError } from "../diagnostics/index.js";
import { type AppInput, describeTrouble, findAppsIn, findPlaces, type OnTrouble } from "./find-apps.js";

/** How folders are watched. */
export interface WatchOptions {
  readonly stop: AbortSignal;
  /** Told of each trouble once. */
  readonly onTrouble: OnTrouble;
  /** Told once what was named is found. */
  readonly onWatch?: () => void;
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
 * one look to the next: a copy that is being made grows. An app that changes comes again. A place that is gone is told
 * once, keeps no other from being looked into, and may come back.
 *
 * Gives, at each look, what is ready; nothing where all is quiet.
 *
 * @throws UsageError at the first look, for a name that neither is there nor is a glob
 */
export async function* watchApps(
  named: readonly string[],
  { stop, onTrouble, onWatch, stillFor = 1_000, interval = 5_000 }: WatchOptions,
): AsyncGenerator<readonly AppInput[]> {
  const told = new Set<string>();
  const tellOnce: OnTrouble = (path, problem) => {
    if (told.has(`${path}\n${problem}`)) return;
    told.add(`${path}\n${problem}`);
    onTrouble(path, problem);
  };
  // Once: which of several folders an app is in belongs to its name, also while another of them is gone.
  const places = await findPlaces(named);
  const files = new Set(places.flatMap((place) => ("file" in place ? [place.file] : [])));
  const onUnseen = (path: string, error: unknown) => {
    // That an app of a folder is taken away again is no trouble.
    if (files.has(path) || !isSystemError(error, "ENOENT")) tellOnce(path, describeTrouble(error));
  };
  onWatch?.();
  const changes = new ChangeListener(named, stop);
  let seen = new Map<string, Seen>();
  try {
    while (!stop.aborted) {
      const { apps } = await findAppsIn(places, [], tellOnce);
      const [ready, now] = await look(apps, seen, onUnseen);
      seen = now;
      yield ready;
      const isWaiting = [...seen.values()].some(({ isTaken }) => !isTaken);
      if (isWaiting) await changes.pause(stillFor);
      else await changes.wait(interval);
    }
  } finally {
    changes.close();
  }
}

async function look(
  apps: readonly AppInput[],
  before: ReadonlyMap<string, Seen>,
  onUnseen: (path: string, error: unknown) => void,
): Promise<[ready: AppInput[], seen: Map<string, Seen>]> {
  const ready: AppInput[] = [];
  const seen = new Map<string, Seen>();
  for (const app of apps) {
    let mark: string;
    try {
      mark = await markOf(app.path);
    } catch (error) {
      // What is not there has its row already, or will be met when it comes.
      onUnseen(app.path, error);
      continue;
    }
    const last = before.get(app.path);
    const isStill = last?.mark === mark;
    if (isStill && !last.isTaken) ready.push(app);
    seen.set(app.path, { mark, isTaken: isStill });
  }
  return [ready, seen];
}

async function markOf(path: string): Promise<string> {
  const { size, mtimeNs, ino, mode } = await stat(path, { bigint: true });
  return `${size} ${mtimeNs} ${ino} ${mode}`;
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
