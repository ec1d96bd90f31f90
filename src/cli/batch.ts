import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import {
  type AppInput,
  AuditPool,
  carryOver,
  PartThread,
  type RunOptions,
  runBatch,
  runWatch,
  sumFailed,
} from "../batch/index.js";
import { isSystemError, UsageError } from "../diagnostics/index.js";
import { printable } from "../report/printable-text.js";
import {
  folderFiles,
  type Journal,
  openInputIndex,
  openJournal,
  openStore,
  type Store,
} from "../store/index.js";
import type { BatchBuild } from "./batch-command.js";
import { BatchProgress } from "./batch-progress.js";
import { renderSummary } from "./batch-summary.js";
import { tell, writeStdout } from "./console.js";
import { type Ending, exitCodes } from "./exit-codes.js";
import { findNamedApps, type NamedApps } from "./find-named-apps.js";
import { lockStore } from "./lock-store.js";
import { type EvaluationOptions, type EvaluationSettings, prepareEvaluation } from "./prepare-evaluation.js";
import { makeStoreFolder } from "./store-folder.js";

/** `bycatch batch`'s options, as commander hands them over. */
export interface BatchOptions extends EvaluationOptions {
  readonly store: string;
  readonly jobs?: number;
  readonly timeout: number;
  readonly memory: number;
  readonly retryFailed?: boolean;
  readonly watch?: boolean;
  readonly facts: boolean;
  readonly quiet?: boolean;
}

/**
 * `bycatch batch`: audits apps into a store, and tells how it went.
 *
 * @throws UsageError before any work starts, and where the store cannot be written
 */
export async function batch(
  paths: readonly string[],
  options: BatchOptions,
  build: BatchBuild,
): Promise<Ending> {
  const { evaluation, settings, isPlain, compiledRules } = await prepareEvaluation(options, build);
  const { watch = false } = options;
  if (watch && paths.includes("-")) {
    throw new UsageError("--watch", "a list from standard input cannot be watched", "Name the folders.");
  }
  const found = watch ? undefined : await findNamedApps(paths);
  if (found?.apps.length === 0) {
    const fix = "Of a folder, files that end in .apk are taken; any other file can be named itself.";
    throw new UsageError(printable(paths.join(" "), 200), "there is no app", fix);
  }
  const unlock = makeStore(options.store);
  try {
    const store = await openStore(folderFiles(options.store), evaluation);
    await store.keepJudge(build.codeDigest, compiledRules);
    const parts = new PartThread(build.partsProgram);
    const journal = openJournal(options.store, store, parts);
    try {
      return await auditAll(
        found ?? { watched: paths },
        { store, journal, settings, isPlain, compiledRules },
        options,
        build,
      );
    } finally {
      journal.close();
      await parts.close();
    }
  } catch (error) {
    throw storeFailure(error, options.store);
  } finally {
    unlock();
  }
}

/** Makes the store's folder and locks it. */
function makeStore(folder: string): () => void {
  try {
    makeStoreFolder(folder);
    return lockStore(folder);
  } catch (error) {
    throw storeFailure(error, folder, "Nothing was begun.");
  }
}

/** What the system refuses of the store is the user's to mend. */
function storeFailure(
  error: unknown,
  folder: string,
  fix = "What is finished is kept: the same command goes on.",
): unknown {
  if (!isSystemError(error)) return error;
  const problem =
    error.code === "ENOSPC"
      ? "the disk is full"
      : `cannot be read or written (${error.code}${error.syscall === undefined ? "" : `, ${error.syscall}`})`;
  return new UsageError("--store", `${folder}: ${problem}`, fix, { cause: error });
}

async function auditAll(
  inputs: NamedApps | { readonly watched: readonly string[] },
  {
    store,
    journal,
    settings,
    isPlain,
    compiledRules,
  }: {
    readonly store: Store;
    readonly journal: Journal;
    readonly settings: EvaluationSettings;
    readonly isPlain: boolean;
    readonly compiledRules: string;
  },
  options: BatchOptions,
  build: BatchBuild,
): Promise<Ending> {
  const saved = await journal.recover();
  if (saved > 0)
    tell(`${saved.toLocaleString("en")} ${saved === 1 ? "app" : "apps"} saved of a run that was broken off`);
  const processes = options.jobs ?? availableParallelism();
  const factsFolder = resolve(options.store, "facts");
  const pool = new AuditPool({
    program: build.auditProgram,
    processes,
    ...settings,
    seconds: options.timeout,
    mebibytes: options.memory,
    ...(options.facts ? { factsFolder } : {}),
  });
  const index = openInputIndex(options.store);
  const found = "watched" in inputs ? undefined : inputs.apps.length;
  let troubles = "watched" in inputs ? 0 : inputs.troubles;
  const progress = new BatchProgress(found, options.quiet ?? false);
  const stop = listenForStop(progress);
  const carry = (apps: readonly AppInput[]) =>
    carryOver(apps, {
      folder: options.store,
      factsFolder,
      store,
      index,
      codeDigest: build.codeDigest,
      compiledRules,
      program: build.carryProgram,
      threads: processes,
      stop: stop.signal,
      onProgress: (count) => progress.tellCompared(count),
    });
  try {
    const runOptions: RunOptions = {
      store,
      journal,
      index,
      pool,
      processes,
      retriesFailed: options.retryFailed ?? false,
      // Nothing tells of an app that other rules of flows cannot bear on it.
      ...(options.facts && settings.compiledFlowRules === undefined ? { carryOver: carry } : {}),
      stop: stop.signal,
      onBegin: (tally) => progress.begin(tally),
      onApp: (app, audited) => progress.tellApp(app, audited),
    };
    const onTrouble = (path: string, problem: string) => {
      troubles++;
      progress.note(`${printable(path, 2_000)}: ${problem}`);
    };
    const tally =
      "watched" in inputs
        ? await runWatch(inputs.watched, {
            ...runOptions,
            onTrouble,
            onWatch: () => progress.tellWatch(inputs.watched),
          })
        : await runBatch(inputs.apps, runOptions);
    const seconds = progress.end();
    await writeStdout(
      renderSummary(tally, {
        found,
        troubles,
        seconds,
        evaluation: store.evaluation,
        isPlain,
        store: options.store,
        isStopped: stop.signal.aborted,
      }),
    );
    // A watch ends by being stopped.
    const isEarly = stop.signal.aborted && found !== undefined;
    const unread =
      troubles + sumFailed(tally) + tally.incomplete + tally.skippedFailed + tally.skippedIncomplete;
    return unread === 0 && !isEarly ? "done" : "incomplete";
  } finally {
    progress.end();
    stop.forget();
    await pool.close();
    index.close();
  }
}

/** SIGINT and SIGTERM: once, to stop when the apps under way are finished; again, at once. */
function listenForStop(progress: BatchProgress): { readonly signal: AbortSignal; forget(): void } {
  const stop = new AbortController();
  const onSignal = () => {
    if (stop.signal.aborted) {
      progress.end();
      tell("stopped at once; what is finished is kept, and the same command goes on");
      // Processes that audit end when their channel does.
      process.exit(exitCodes.incomplete.code);
    }
    stop.abort();
    progress.note("stopping when the apps under way are finished; once more to stop at once");
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  return {
    signal: stop.signal,
    forget() {
      process.off("SIGINT", onSignal);
      process.off("SIGTERM", onSignal);
    },
  };
}
