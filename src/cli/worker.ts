import { realpath } from "node:fs/promises";
import { availableParallelism, hostname, tmpdir } from "node:os";
import { resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import {
  type AppFetcher,
  type AppQueue,
  AuditPool,
  bucketFiles,
  isUrl,
  type JobSummary,
  listQueuedEvaluations,
  openFetcher,
  openQueue,
  parseBucketUrl,
  type QueueConnection,
  QueueWorker,
  type S3,
  WorkerFault,
} from "../batch/index.js";
import { UsageError } from "../diagnostics/index.js";
import { folderFiles, openStore, type PartFiles } from "../store/index.js";
import type { BatchBuild } from "./batch-command.js";
import { tell } from "./console.js";
import { type Ending, exitCodes } from "./exit-codes.js";
import { namingFlag } from "./naming-flag.js";
import { type EvaluationOptions, prepareEvaluation } from "./prepare-evaluation.js";
import { connectToQueue, openS3Client, tellQueueErrors } from "./queue-connection.js";
import { makeStoreFolder } from "./store-folder.js";

/** `bycatch worker`'s options, as commander hands them over. */
export interface WorkerOptions extends EvaluationOptions {
  readonly queue?: string;
  readonly store: string;
  readonly jobs?: number;
  readonly timeout: number;
  readonly memory: number;
  readonly facts?: string;
  readonly root?: string;
  readonly temp?: string;
  readonly maxAppBytes: number;
  readonly fetchTimeout: number;
  readonly lock: number;
  readonly grace: number;
  readonly untilEmpty?: boolean;
  readonly s3PathStyle?: boolean;
  readonly quiet?: boolean;
}

/** Without a byte a fetch is given up, in seconds. */
const MOST_IDLE = 60;

/** For the queue to hear of it, in seconds. */
const MORE_GRACE = 5;

/** Between two looks whether anything is left, in milliseconds. */
const LOOK_AGAIN = 500;

/**
 * `bycatch worker`: audits what is in a queue, until it is told to stop.
 *
 * @throws UsageError before any work starts, or where the store or this machine refuses
 */
export async function work(options: WorkerOptions, build: BatchBuild): Promise<Ending> {
  const { evaluation, settings } = await prepareEvaluation(options, build);
  const open = new OpenThings();
  try {
    const openS3 = once(async () => {
      const s3 = await openS3Client(options.s3PathStyle ?? false);
      open.add(async () => s3.client.destroy());
      return s3;
    });
    const files = await openFiles(options.store, openS3);
    // Before anything is written: without a queue there is nothing to store.
    const connection = await connectToQueue(options.queue);
    open.add(() => connection.close());
    if (!isUrl(options.store)) makeStoreFolder(options.store);
    const store = await namingFlag("--store", options.store, () => openStore(files, evaluation));
    const fetcher = await openAppFetcher(options, openS3);
    open.add(() => fetcher.close());
    const processes = options.jobs ?? availableParallelism();
    const auditor = new AuditPool({
      program: build.auditProgram,
      processes,
      ...settings,
      seconds: options.timeout,
      mebibytes: options.memory,
      ...(options.facts === undefined ? {} : { factsFolder: resolve(options.facts) }),
    });
    open.add(() => auditor.close());
    const tellError = tellQueueErrors();
    const queue = await openQueue(connection, store.id, tellError);
    open.add(() => queue.close());
    const tally = new Tally(options.quiet ?? false);
    const worker = await QueueWorker.start({
      connection,
      queue,
      fetcher,
      auditor,
      openStore: () => openStore(files, evaluation),
      // While some are audited as many are fetched.
      apps: processes * 2,
      lockSeconds: options.lock,
      now: Date.now,
      onJob: (summary) => tally.add(summary),
      onTrouble: (problem) => tellError(new Error(problem)),
    });
    tell(`takes jobs for the evaluation ${store.id} from ${connection.shown}`);
    if (!connection.isDurable) tell(`${connection.shown} keeps nothing on its disk (appendonly no)`);
    await tellOthers(connection, store.id);
    const stopped = await untilStopped(worker, options, async () => {
      const { waiting, active, delayed } = await queue.countJobs();
      return waiting + active + delayed === 0;
    });
    tally.tellAll();
    if (!stopped.isHeard) {
      tell("the queue does not answer: what is not finished comes back to it by itself");
      await auditor.close();
      await fetcher.close();
      // BullMQ would wait for an answer before it lets go of anything.
      process.exit(exitCodes.done.code);
    }
    return stopped.isEmpty ? await endingOf(connection, queue, tally) : "done";
  } finally {
    await open.closeAll();
  }
}

/** What must be closed, the last that was opened first. */
class OpenThings {
  readonly #closers: (() => Promise<void>)[] = [];

  add(close: () => Promise<void>): void {
    this.#closers.push(close);
  }

  async closeAll(): Promise<void> {
    for (const close of this.#closers.splice(0).reverse()) await close();
  }
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}

async function openAppFetcher(options: WorkerOptions, openS3: () => Promise<S3>): Promise<AppFetcher> {
  const { temp = tmpdir(), root, maxAppBytes, fetchTimeout } = options;
  if (root !== undefined) await namingFlag("--root", root, () => realpath(root));
  const settings = {
    folder: temp,
    mostBytes: maxAppBytes,
    seconds: fetchTimeout,
    idleSeconds: Math.min(MOST_IDLE, fetchTimeout),
    root,
    openS3,
  };
  return namingFlag("--temp", temp, () =>
    openFetcher(settings, { host: hostname(), own: process.pid, isRunning }),
  );
}

async function openFiles(store: string, openS3: () => Promise<S3>): Promise<PartFiles> {
  if (!isUrl(store)) return folderFiles(store);
  parseBucketUrl(store);
  return bucketFiles(await openS3(), store);
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Whoever waits for jobs that others were meant for would wait for ever. */
async function tellOthers(connection: QueueConnection, id: string): Promise<void> {
  const evaluations = await listQueuedEvaluations(connection);
  if (evaluations.length === 0 || evaluations.some((other) => other.id === id)) return;
  const others = evaluations.map((other) => other.id).join(", ");
  tell(
    `apps were added for ${others} alone: to take those, a worker needs the bycatch, rules, --depth and --first-party of who added them`,
  );
}

/**
 * Until a signal, until nothing is left if that was asked for, or until the worker cannot go on; then stops it.
 *
 * @returns whether nothing was left, and whether the queue heard of the stop
 */
async function untilStopped(
  worker: QueueWorker,
  { grace, untilEmpty }: WorkerOptions,
  isEmpty: () => Promise<boolean>,
): Promise<{ readonly isEmpty: boolean; readonly isHeard: boolean }> {
  const stop = new AbortController();
  const onSignal = () => {
    // Once more: at once. Processes that audit end when their channel does.
    if (stop.signal.aborted) process.exit(exitCodes.incomplete.code);
    tell(`stops: finishes the apps in flight within ${grace} s, and gives back the others`);
    stop.abort();
  };
  process.on("SIGTERM", onSignal);
  process.on("SIGINT", onSignal);
  const signalled = new Promise<void>((resolve) => stop.signal.addEventListener("abort", () => resolve()));
  let isLeftNothing = false;
  const emptied = async () => {
    while (!(await isEmpty())) await pause(LOOK_AGAIN, undefined, { signal: stop.signal });
    isLeftNothing = true;
  };
  const reasons = [signalled, worker.ended];
  if (untilEmpty) reasons.push(emptied().catch(ignoreAbort));
  const fault = await Promise.race(reasons).catch((error: unknown) => error);
  const isHeard = await stopInTime(worker, grace);
  process.off("SIGTERM", onSignal);
  process.off("SIGINT", onSignal);
  if (fault instanceof WorkerFault) {
    throw new UsageError("worker", fault.message, "Its jobs went back to the queue.", { cause: fault });
  }
  if (fault !== undefined) throw fault;
  return { isEmpty: isLeftNothing && !stop.signal.aborted, isHeard };
}

/** How a worker ends that was to work until nothing is left: whoever waits for it must hear of what is not there. */
async function endingOf(connection: QueueConnection, queue: AppQueue, tally: Tally): Promise<Ending> {
  const { dead } = await queue.countJobs();
  if (dead > 0) tell(`${dead} dead ${dead === 1 ? "letter" : "letters"}: bycatch queue dead lists them`);
  const others = await countOthers(connection, queue.evaluation);
  if (others > 0)
    tell(`${others} ${others === 1 ? "job waits" : "jobs wait"} for workers of other evaluations`);
  return dead + others + tally.unread > 0 ? "incomplete" : "done";
}

/** Jobs that wait, and are of other evaluations than a worker's. */
async function countOthers(connection: QueueConnection, own: string): Promise<number> {
  let jobs = 0;
  for (const { id } of await listQueuedEvaluations(connection)) {
    if (id === own) continue;
    const other = await openQueue(connection, id, tellQueueErrors());
    const { waiting, delayed } = await other.countJobs();
    jobs += waiting + delayed;
    await other.close();
  }
  return jobs;
}

/** @returns whether the queue heard of it: one that is away would be waited for */
async function stopInTime(worker: QueueWorker, grace: number): Promise<boolean> {
  const stopped = worker.stop(grace).then(() => true);
  stopped.catch(() => undefined);
  return Promise.race([stopped, pause((grace + MORE_GRACE) * 1_000, false, { ref: false })]);
}

function ignoreAbort(error: unknown): void {
  if (!(error instanceof Error && error.name === "AbortError")) throw error;
}

/** What this worker did, in lines. */
class Tally {
  readonly #isQuiet: boolean;
  readonly #start = performance.now();
  #audited = 0;
  #incomplete = 0;
  #failed = 0;
  #known = 0;

  constructor(isQuiet: boolean) {
    this.#isQuiet = isQuiet;
  }

  /** Apps that failed, and those of which parts could not be read. */
  get unread(): number {
    return this.#incomplete + this.#failed;
  }

  add({ audited, incomplete, failed, known }: JobSummary): void {
    this.#audited += audited;
    this.#incomplete += incomplete;
    this.#failed += failed;
    this.#known += known;
    if (!this.#isQuiet) this.tellAll();
  }

  tellAll(): void {
    const rate =
      (this.#audited + this.#incomplete + this.#failed) / ((performance.now() - this.#start) / 1_000);
    tell(
      `${this.#audited} audited, ${this.#incomplete} incomplete, ${this.#failed} failed, ${this.#known} known already; ${rate.toFixed(1)} apps a second`,
    );
  }
}
