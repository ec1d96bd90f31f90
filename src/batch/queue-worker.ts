import { setTimeout as pause } from "node:timers/promises";
import type { Job, Worker } from "bullmq";
import type { Rows, Store, StoredStatus } from "../store/index.js";
import { showLocation } from "./app-location.js";
import { type AppQueue, KEY_PREFIX, loadBullmq, queueName } from "./app-queue.js";
import type { AppFetcher } from "./fetch-app.js";
import { FetchError } from "./fetch-error.js";
import type { Audited, AuditInput } from "./process-messages.js";
import { isOfConnection, type QueueConnection } from "./queue-connection.js";
import { type JobSummary, jobDigest, type QueueInput, type QueueJob, readJob } from "./queue-job.js";
import { Slots } from "./slots.js";

/** Jobs at once: while the last apps of one are audited, the next one's begin. */
const JOBS_AT_ONCE = 2;

/** Times that a job's worker may die over it before its apps are parted. */
const DEATHS_TOGETHER = 2;
/** Times that the worker of a single app may. */
const MOST_DEATHS = 5;

/** How long an app waits that another job has, in milliseconds. */
const WAIT_FOR_OTHER = 5_000;

/** How long a store that does not take a part is tried, and the first wait, in milliseconds. */
const STORE_TRIES = 4;
const STORE_WAIT = 1_000;

/** What audits an app's file; `AuditPool` is one. */
export interface AppAuditor {
  audit(input: AuditInput): Promise<Audited>;
}

/** What a worker works with. */
export interface QueueWorkerSettings {
  readonly connection: QueueConnection;
  readonly queue: AppQueue;
  readonly fetcher: AppFetcher;
  readonly auditor: AppAuditor;
  /** The store as this evaluation sees it, read anew at each call. */
  readonly openStore: () => Promise<Store>;
  /** Apps at once, with those that are being fetched. */
  readonly apps: number;
  /** After so long without a sign of life a worker's jobs are another's. */
  readonly lockSeconds: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Told of each job that is done. */
  readonly onJob: (summary: JobSummary) => void;
  /** Told of what goes wrong and is no app's fault. */
  readonly onTrouble: (problem: string) => void;
}

/** Why a worker cannot go on: its machine or the store, and no app. */
export class WorkerFault extends Error {
  override readonly name = "WorkerFault";
}

/** What became of an app of a job; of one that was not begun, or was given up, there is nothing. */
type Outcome =
  | { readonly kind: "audited"; readonly audited: Audited }
  /** Its content is another's, or in the store. */
  | { readonly kind: "known" }
  /** A job that is not done yet has its content. */
  | { readonly kind: "elsewhere" }
  /** It could not be had, or its audit crashed. */
  | { readonly kind: "lost"; readonly problem: string; readonly isLasting: boolean };

/** Takes jobs of a queue, audits their apps, and writes a part of each job. */
export class QueueWorker {
  readonly #settings: QueueWorkerSettings;
  readonly #slots: Slots;
  /** Begins no more apps. */
  readonly #stop = new AbortController();
  /** Gives up those that are being audited. */
  readonly #giveUp = new AbortController();
  #store: Store;
  #cleared: string;
  #worker: Worker | undefined;
  #errors: Pick<typeof import("bullmq"), "DelayedError" | "UnrecoverableError" | "WaitingError">;
  #onFault: (fault: WorkerFault) => void = () => undefined;
  readonly #ended = new Promise<void>((resolve, reject) => {
    this.#onFault = reject;
    this.#stop.signal.addEventListener("abort", () => resolve());
  });

  private constructor(
    settings: QueueWorkerSettings,
    bullmq: typeof import("bullmq"),
    store: Store,
    cleared: string,
  ) {
    this.#settings = settings;
    this.#slots = new Slots(settings.apps);
    this.#errors = bullmq;
    this.#store = store;
    this.#cleared = cleared;
  }

  /** Begins to take jobs. */
  static async start(settings: QueueWorkerSettings): Promise<QueueWorker> {
    const bullmq = loadBullmq();
    const cleared = await settings.queue.countCleared();
    const worker = new QueueWorker(settings, bullmq, await settings.openStore(), cleared);
    worker.#listen(bullmq);
    return worker;
  }

  /** Resolves when the worker has been stopped; rejects when it cannot go on. It must be stopped then, too. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  /**
   * Takes no more jobs, finishes the apps that are being audited, and gives back the others; what does not finish in
   * time is given back, too.
   */
  async stop(graceSeconds: number): Promise<void> {
    this.#stop.abort();
    const timer = setTimeout(() => this.#giveUp.abort(), graceSeconds * 1_000);
    await this.#worker?.close();
    clearTimeout(timer);
  }

  #listen({ Worker }: typeof import("bullmq")): void {
    const { connection, queue, lockSeconds, onTrouble } = this.#settings;
    const worker = new Worker(
      queueName(queue.evaluation),
      // Three parameters: BullMQ looks whether there is one for the signal.
      (job, token, signal) => this.#work(job, token ?? "", signal as AbortSignal),
      {
        connection: connection.client,
        prefix: KEY_PREFIX,
        concurrency: JOBS_AT_ONCE,
        lockDuration: lockSeconds * 1_000,
        stalledInterval: Math.max(1_000, (lockSeconds * 1_000) / 2),
        maxStalledCount: MOST_DEATHS,
        drainDelay: 2,
      },
    );
    worker.on("lockRenewalFailed", (jobs) => {
      for (const job of jobs) worker.cancelJob(job);
    });
    worker.on("error", (error) => {
      // Of connections the connection tells, and of locks the line above.
      if (isOfConnection(error) || error.message.startsWith("could not renew lock")) return;
      onTrouble(error.message);
    });
    this.#worker = worker;
  }

  async #work(job: Job, token: string, lost: AbortSignal): Promise<JobSummary> {
    const { queue, onJob } = this.#settings;
    const chunk = readJob(job.data, queue.evaluation);
    if (typeof chunk === "string") throw new this.#errors.UnrecoverableError(chunk);
    try {
      const digest = jobDigest(chunk);
      await this.#lookAgain();
      // A worker that died after it wrote the part.
      const isWritten = await this.#tryStore(() => this.#store.hasPart(digest));
      const summary = isWritten
        ? ((await queue.findDone(digest)) ?? (await this.#noteWritten(digest)))
        : await this.#do(job, token, chunk, digest, lost);
      onJob(summary);
      return summary;
    } catch (error) {
      if (!(error instanceof WorkerFault)) throw error;
      this.#onFault(error);
      return this.#giveBack(job, token);
    }
  }

  async #do(
    job: Job,
    token: string,
    chunk: QueueJob,
    digest: string,
    lost: AbortSignal,
  ): Promise<JobSummary> {
    const { inputs } = chunk;
    const isDeadly = job.stalledCounter >= DEATHS_TOGETHER && inputs.length > 1;
    const outcomes = isDeadly
      ? inputs.map((): Outcome => ({ kind: "lost", problem: "a worker died over it", isLasting: false }))
      : await this.#auditAll(inputs, digest, lost);
    if (lost.aborted) throw new this.#errors.WaitingError("the job is another worker's now");
    const left = inputs.filter((_, index) => outcomes[index] === undefined);
    if (left.length === inputs.length) return this.#giveBack(job, token);
    if (inputs.length === 1) await this.#endSingle(job, token, outcomes[0]!);
    // What a job has that is not done yet may yet be lost to it.
    const alone = inputs.filter((_, index) => ["lost", "elsewhere"].includes(outcomes[index]?.kind ?? ""));
    await this.#handOn(job, left, alone);
    const audited = outcomes.flatMap((outcome) => (outcome?.kind === "audited" ? [outcome.audited] : []));
    const summary: JobSummary = {
      ...countStatuses(audited),
      known: outcomes.filter((outcome) => outcome?.kind === "known").length,
      handedOn: left.length + alone.length,
    };
    // From here on for as long as a lock lasts nobody else writes this part.
    if (!(await this.#extendLock(job, token))) {
      throw new this.#errors.WaitingError("the job is another worker's now");
    }
    if (audited.length > 0) {
      const rows = audited.map(({ rowsJson }) => JSON.parse(rowsJson) as Rows);
      await this.#tryStore(() => this.#store.writePart(rows, digest));
    }
    await this.#settings.queue.noteDone(digest, summary);
    return summary;
  }

  async #auditAll(
    inputs: readonly QueueInput[],
    digest: string,
    lost: AbortSignal,
  ): Promise<(Outcome | undefined)[]> {
    const fault = new AbortController();
    const ended = AbortSignal.any([lost, fault.signal, this.#giveUp.signal]);
    const met = new Set<string>();
    const outcomes = await Promise.all(
      inputs.map((input) =>
        this.#slots.run(async () => {
          if (this.#stop.signal.aborted || ended.aborted) return undefined;
          try {
            return await untilAborted(this.#auditOne(input, digest, met, ended), ended);
          } catch (error) {
            if (ended.aborted) return undefined;
            fault.abort(error);
            return undefined;
          }
        }),
      ),
    );
    if (fault.signal.aborted) throw fault.signal.reason;
    return outcomes;
  }

  async #auditOne(
    input: QueueInput,
    digest: string,
    met: Set<string>,
    signal: AbortSignal,
  ): Promise<Outcome> {
    const { fetcher, auditor } = this.#settings;
    const { location, name } = input;
    try {
      const file = await fetcher.fetchApp(location, signal);
      try {
        const { sha256, size, path } = file;
        if (met.has(sha256)) return { kind: "known" };
        met.add(sha256);
        const holder = await this.#claim(sha256, digest);
        if (holder === "store") return { kind: "known" };
        if (holder === "other") return { kind: "elsewhere" };
        // It does not fail for what an app does.
        const audited = await auditor.audit({ path, name, known: { sha256, size } }).catch((error: Error) => {
          throw new WorkerFault(error.message, { cause: error });
        });
        if (!file.isUnchanged()) {
          const problem = `${showLocation(location)}: changed while it was being read`;
          return { kind: "lost", problem, isLasting: false };
        }
        if (audited.reason !== "crash" && audited.reason !== "unreadable")
          return { kind: "audited", audited };
        const problem = `${showLocation(location)}: ${audited.message ?? audited.reason}`;
        return { kind: "lost", problem, isLasting: false };
      } finally {
        await file.release();
      }
    } catch (error) {
      // Redis is full, or lets nobody write: no job can be done then.
      if (error instanceof Error && error.name === "ReplyError") {
        throw new WorkerFault(`the queue: ${error.message}`, { cause: error });
      }
      if (!(error instanceof FetchError) || signal.aborted) throw error;
      if (error.isOfMachine) throw new WorkerFault(error.message, { cause: error });
      return { kind: "lost", problem: error.message, isLasting: error.isLasting };
    }
  }

  /**
   * Whose a content is: the job's that asks, another's that is not done yet, or a part has it. No job gives up what it
   * has: whoever finds it done, and without the content, takes it over.
   */
  async #claim(sha256: string, digest: string): Promise<"own" | "other" | "store"> {
    const { queue } = this.#settings;
    for (;;) {
      const holder = await queue.claims.claim(sha256, digest);
      if (holder === digest) {
        // Its own part is not there, so that whatever has it is from before.
        return (await this.#tryStore(() => this.#store.findDone())).has(sha256) ? "store" : "own";
      }
      if (await this.#tryStore(() => this.#isInPart(sha256, holder))) return "store";
      if (await queue.isUnfinished(holder)) return "other";
      // It may have written its part between the two questions.
      if (await this.#tryStore(() => this.#isInPart(sha256, holder))) return "store";
      // That job is done without it, or is gone. Who takes it over is asked for again.
      await queue.claims.takeOver(sha256, holder, digest);
    }
  }

  async #isInPart(sha256: string, digest: string): Promise<boolean> {
    return (await this.#store.readPartApps(digest, ["app"])).some(({ app }) => app === sha256);
  }

  /** Counts what is in a part whose worker died before it could. */
  async #noteWritten(digest: string): Promise<JobSummary> {
    const apps = await this.#tryStore(() => this.#store.readPartApps(digest, ["status"]));
    const summary = { ...countStatuses(apps), known: 0, handedOn: 0 };
    await this.#settings.queue.noteDone(digest, summary);
    return summary;
  }

  /** After a queue was cleared its jobs' claims are gone, and what they left in the store is not known yet. */
  async #lookAgain(): Promise<void> {
    const { queue, openStore } = this.#settings;
    const cleared = await queue.countCleared();
    if (cleared === this.#cleared) return;
    this.#store = await this.#tryStore(openStore);
    this.#cleared = cleared;
  }

  /** A job of one app: what is no row ends it another way. */
  async #endSingle(job: Job, token: string, outcome: Outcome): Promise<void> {
    if (outcome.kind === "lost") {
      if (outcome.isLasting) throw new this.#errors.UnrecoverableError(outcome.problem);
      throw new Error(outcome.problem);
    }
    if (outcome.kind === "elsewhere") {
      await job.moveToDelayed(this.#settings.now() + WAIT_FOR_OTHER, token);
      throw new this.#errors.DelayedError();
    }
  }

  /** Apps that are not in the job's part become jobs: before it is written, so that nothing is forgotten. */
  async #handOn(job: Job, left: readonly QueueInput[], alone: readonly QueueInput[]): Promise<void> {
    const { queue } = this.#settings;
    const { attempts = 1, backoff } = job.opts;
    const milliseconds = typeof backoff === "object" ? (backoff.delay ?? 0) : (backoff ?? 0);
    const tries = { attempts, backoffSeconds: milliseconds / 1_000 };
    if (left.length > 0) await queue.add(left, tries, true);
    for (const input of alone) await queue.add([input], tries);
  }

  async #giveBack(job: Job, token: string): Promise<never> {
    await job.moveToWait(token);
    throw new this.#errors.WaitingError();
  }

  async #extendLock(job: Job, token: string): Promise<boolean> {
    return (await job.extendLock(token, this.#settings.lockSeconds * 1_000)) === 1;
  }

  /** Does something with the store; one that has trouble for a moment is waited for. */
  async #tryStore<T>(work: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await work();
      } catch (error) {
        if (!isOfSystem(error)) throw error;
        if (attempt === STORE_TRIES || this.#stop.signal.aborted) {
          const problem = error instanceof FetchError ? error.message : `cannot be used (${error.code})`;
          throw new WorkerFault(`the store: ${problem}`, { cause: error });
        }
        await pause(STORE_WAIT * 2 ** (attempt - 1), undefined, { signal: this.#stop.signal }).catch(
          () => undefined,
        );
      }
    }
  }
}

function countStatuses(
  apps: readonly { readonly status?: unknown }[],
): Pick<JobSummary, "audited" | "incomplete" | "failed"> {
  const count = (wanted: StoredStatus) => apps.filter(({ status }) => status === wanted).length;
  return { audited: count("audited"), incomplete: count("incomplete"), failed: count("failed") };
}

function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    signal.addEventListener("abort", onAbort);
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}

/** Trouble of a disk, of the network, or of a bucket. */
function isOfSystem(error: unknown): error is Error & { readonly code: string } {
  return (
    error instanceof Error &&
    "code" in error &&
    typeof error.code === "string" &&
    !error.code.startsWith("ERR_")
  );
}
