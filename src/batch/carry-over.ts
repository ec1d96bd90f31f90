import { isSystemError } from "../diagnostics/index.js";
import {
  type Evaluation,
  findEarlier,
  folderFiles,
  type InputIndex,
  type Part,
  type Row,
  type Store,
} from "../store/index.js";
import type { AppInput } from "./find-apps.js";
import { describeInput } from "./input-file.js";
import { TaskThread } from "./task-thread.js";

/** Apps of a part of the earlier evaluation that are asked for. */
export interface CarriedPart {
  readonly name: string;
  readonly apps: readonly {
    /** SHA-256 of its file. */
    readonly app: string;
    /** As its row calls it. */
    readonly path: string;
  }[];
}

/** What a thread is told before it is given parts. */
export interface CarrySettings {
  readonly storeFolder: string;
  readonly earlier: Evaluation;
  /** Compiled: those of the earlier evaluation, and those of this one. */
  readonly rules: readonly [before: string, after: string];
  readonly factsFolder: string;
}

/** What a thread is asked. */
export type CarryTask =
  | { readonly kind: "begin"; readonly settings: CarrySettings }
  | { readonly kind: "part"; readonly part: CarriedPart };

/** What rows are carried over with. */
export interface CarryOptions {
  /** The store's folder. */
  readonly folder: string;
  readonly factsFolder: string;
  readonly store: Store;
  readonly index: Pick<InputIndex, "find">;
  /** Of the code that makes rows: what other code made is not carried. */
  readonly codeDigest: string;
  /** Compiled, of this evaluation. */
  readonly compiledRules: string;
  /** The bundled `carry-rows.js`. */
  readonly program: URL;
  /** Threads at most. */
  readonly threads: number;
  /** Takes no more parts from then on. */
  readonly stop: AbortSignal;
  /** Told how many apps were looked at, as it goes on. */
  readonly onProgress?: (apps: number) => void;
}

/** Threads at most: each holds both sets of rules. */
const MOST_THREADS = 8;

/**
 * Carries the rows of apps over from the evaluations before, the last written first, where one differs by rules alone and
 * nothing that changed in them can meet the app: its rows would be the same. What was not audited whole, or has another
 * name or content now, is left to be audited; so is what is spoilt of the earlier evaluation.
 *
 * @returns digests of the apps that were carried
 * @throws what the system refuses of the store
 */
export async function carryOver(
  apps: readonly AppInput[],
  options: CarryOptions,
): Promise<ReadonlySet<string>> {
  const { folder, store, stop } = options;
  const carried = new Set<string>();
  const left = await findLeft(apps, options);
  // A first run has nothing to carry over, and one that goes on mostly neither.
  if (left.size === 0) return carried;
  for (const earlier of await findEarlier(folder, folderFiles(folder), store.evaluation)) {
    const before = await earlier.readJudge(options.codeDigest);
    if (stop.aborted) break;
    if (before !== undefined) await carryFrom(earlier, before, left, options, carried);
  }
  return carried;
}

/** Digests by name of the apps that were read before, are what they were, and have no rows. */
async function findLeft(
  apps: readonly AppInput[],
  { store, index }: CarryOptions,
): Promise<ReadonlyMap<string, string>> {
  const done = await store.findDone();
  const left = new Map<string, string>();
  for (const { name, path } of apps) {
    const file = describeInput(path);
    const known = file && index.find(file);
    if (known !== undefined && !done.has(known)) left.set(name, known);
  }
  return left;
}

async function carryFrom(
  earlier: Store,
  before: string,
  left: ReadonlyMap<string, string>,
  options: CarryOptions,
  carried: Set<string>,
): Promise<void> {
  const { folder, store, factsFolder, compiledRules, program, stop, onProgress } = options;
  const settings: CarrySettings = {
    storeFolder: folder,
    earlier: earlier.evaluation,
    rules: [before, compiledRules],
    factsFolder,
  };
  const parts = await earlier.listParts();
  const wanted = listWanted(earlier, parts, left, carried);
  let isOver = false;
  const carryAll = async () => {
    const thread = new TaskThread<CarryTask>(program);
    try {
      for (let isBegun = false; !stop.aborted && !isOver; isBegun = true) {
        const { value: next } = await wanted.next();
        if (next === undefined) return;
        if (!isBegun && !(await thread.ask<boolean>({ kind: "begin", settings }))) return;
        const part = await thread.ask<Part | undefined>({ kind: "part", part: next });
        if (part !== undefined) await store.putPart(part);
        for (const app of part?.done.keys() ?? []) carried.add(app);
        onProgress?.(next.apps.length);
      }
    } catch (error) {
      isOver = true;
      throw error;
    } finally {
      await thread.close();
    }
  };
  const count = Math.min(options.threads, MOST_THREADS, parts.length);
  // Nothing is written any more when this ends, whichever way it does.
  const ended = await Promise.allSettled(Array.from({ length: count }, carryAll));
  for (const one of ended) if (one.status === "rejected") throw one.reason;
}

/** The apps that are asked for, by the parts that have them: each once, whoever takes the next. */
async function* listWanted(
  earlier: Store,
  parts: readonly string[],
  left: ReadonlyMap<string, string>,
  carried: ReadonlySet<string>,
): AsyncGenerator<CarriedPart, undefined> {
  const taken = new Set(carried);
  for (const name of parts) {
    const rows = await earlier.readPartApps(name, ["app", "path", "status"]).catch(noneOfSpoilt);
    const apps = rows.flatMap(({ app, path, status }) => {
      if (typeof app !== "string" || typeof path !== "string" || status !== "audited") return [];
      if (left.get(path) !== app || taken.has(app)) return [];
      taken.add(app);
      return [{ app, path }];
    });
    if (apps.length > 0) yield { name, apps };
  }
}

/** What the system refuses is thrown on; a file that is no table of ours has no rows. */
function noneOfSpoilt(error: unknown): Row[] {
  if (isSystemError(error)) throw error;
  return [];
}
