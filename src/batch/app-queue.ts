import type { Job, JobType, Queue } from "bullmq";
import type { Redis } from "ioredis";
import { UsageError } from "../diagnostics/index.js";
import { type Evaluation, findJsonObject, parseEvaluation } from "../store/index.js";
import { showLocation } from "./app-location.js";
import { loadOptionalPackage } from "./optional-package.js";
import { QueueClaims } from "./queue-claims.js";
import { isOfConnection, type QueueConnection } from "./queue-connection.js";
import {
  type JobSummary,
  jobDigest,
  jobId,
  type QueueInput,
  type QueueJob,
  readJobData,
} from "./queue-job.js";

/** What all keys of ours begin with. */
export const KEY_PREFIX = "bycatch";

/** By evaluation id: the evaluation, as JSON. */
const EVALUATIONS = `${KEY_PREFIX}:evaluations`;
/** Counts how often queues were cleared: workers that see it change look again at what is done. */
const CLEARED = `${KEY_PREFIX}:cleared`;

/** Dead jobs looked at at a time. */
const PAGE = 500;

/** As if a job had not been tried. */
const ANEW = { resetAttemptsMade: true, resetAttemptsStarted: true };

/** How a job is tried. */
export interface JobTries {
  /** In all. */
  readonly attempts: number;
  /** Before the second attempt; twice as much before each further one. */
  readonly backoffSeconds: number;
}

/** How many jobs there are, or apps in them, by what is to be done with them. */
export interface JobCounts {
  readonly waiting: number;
  readonly active: number;
  /** Waiting for another attempt. */
  readonly delayed: number;
  readonly dead: number;
}

/** Jobs, and what was done with apps so far. */
export interface QueueStatus {
  readonly jobs: JobCounts;
  readonly apps: JobSummary;
}

/** Apps that could not be audited after all attempts. */
export interface DeadLetter {
  readonly job: string;
  /** Without credentials. */
  readonly apps: readonly string[];
  readonly attempts: number;
  readonly reason: string;
}

/** The queue of one evaluation. */
export class AppQueue {
  /** Id of the evaluation. */
  readonly evaluation: string;
  readonly claims: QueueClaims;
  readonly #client: Redis;
  readonly #queue: Queue;

  /** For {@link openQueue} alone. */
  constructor(client: Redis, queue: Queue, evaluation: string) {
    this.#client = client;
    this.#queue = queue;
    this.evaluation = evaluation;
    this.claims = new QueueClaims(client, this.#key("claims"));
  }

  /** Adds a job; one of the same apps that is there already stays as it is, and is tried anew if it is a dead letter. */
  async add(inputs: readonly QueueInput[], tries: JobTries, isNext = false): Promise<void> {
    const job: QueueJob = { version: 1, evaluation: this.evaluation, inputs };
    const added = await this.#queue.add("apps", job, {
      jobId: jobId(jobDigest(job)),
      attempts: tries.attempts,
      backoff: { type: "exponential", delay: Math.round(tries.backoffSeconds * 1_000) },
      removeOnComplete: true,
      removeOnFail: false,
      stackTraceLimit: 1,
      lifo: isNext,
    });
    if (await added.isFailed()) await added.retry("failed", ANEW);
  }

  /** Which of some inputs were added before, by their keys. */
  async areKnown(keys: readonly string[]): Promise<boolean[]> {
    if (keys.length === 0) return [];
    return (await this.#client.smismember(this.#key("inputs"), ...keys)).map((known) => known === 1);
  }

  async noteKnown(keys: readonly string[]): Promise<void> {
    await this.#client.sadd(this.#key("inputs"), ...keys);
  }

  async countJobs(): Promise<JobCounts> {
    const {
      waiting = 0,
      prioritized = 0,
      paused = 0,
      active = 0,
      delayed = 0,
      failed = 0,
    } = await this.#queue.getJobCounts();
    return { waiting: waiting + prioritized + paused, active, delayed, dead: failed };
  }

  /** Apps of the jobs that {@link countJobs} counts: each job is read, so that it takes the longer the more there are. */
  async countApps(): Promise<JobCounts> {
    return {
      waiting: await this.#countAppsOf("waiting", "prioritized"),
      active: await this.#countAppsOf("active"),
      delayed: await this.#countAppsOf("delayed"),
      dead: await this.#countAppsOf("failed"),
    };
  }

  async #countAppsOf(...states: JobType[]): Promise<number> {
    // While it is counted jobs move on, and may be met twice.
    const apps = new Map<string | undefined, number>();
    for (let start = 0; ; start += PAGE) {
      const page = (await this.#queue.getJobs(states, start, start + PAGE - 1)) as (Job | undefined)[];
      for (const job of page) if (job) apps.set(job.id, readJobData(job.data)?.inputs.length ?? 0);
      if (page.length === 0) return [...apps.values()].reduce((sum, count) => sum + count, 0);
    }
  }

  async status(): Promise<QueueStatus> {
    const apps = { audited: 0, incomplete: 0, failed: 0, known: 0, handedOn: 0 };
    // A scan may meet a field twice.
    const met = new Set<string>();
    let cursor = "0";
    do {
      const [next, entries] = await this.#client.hscan(this.#key("done"), cursor, "COUNT", 1_000);
      for (let index = 0; index + 1 < entries.length; index += 2) {
        const summary = parseSummary(entries[index + 1]!);
        if (summary === undefined || met.has(entries[index]!)) continue;
        met.add(entries[index]!);
        for (const name of Object.keys(apps) as (keyof JobSummary)[]) apps[name] += summary[name];
      }
      cursor = next;
    } while (cursor !== "0");
    return { jobs: await this.countJobs(), apps };
  }

  /** What became of a job that is done; `undefined` where none of that digest is. */
  async findDone(digest: string): Promise<JobSummary | undefined> {
    const text = await this.#client.hget(this.#key("done"), digest);
    return text === null ? undefined : parseSummary(text);
  }

  async noteDone(digest: string, summary: JobSummary): Promise<void> {
    await this.#client.hset(this.#key("done"), digest, JSON.stringify(summary));
  }

  /** Whether a job waits, runs, or will be tried again. */
  async isUnfinished(digest: string): Promise<boolean> {
    const state = await this.#queue.getJobState(jobId(digest));
    return !["unknown", "completed", "failed"].includes(state);
  }

  /** How often a queue was cleared. */
  async countCleared(): Promise<string> {
    return (await this.#client.get(CLEARED)) ?? "0";
  }

  async *deadLetters(): AsyncGenerator<DeadLetter> {
    for await (const job of this.#deadJobs()) {
      const { inputs } = readJobData(job.data) ?? { inputs: [] };
      yield {
        job: job.id ?? "",
        apps: inputs.map(({ location }) => showLocation(location)),
        attempts: job.attemptsMade,
        reason: job.failedReason ?? "",
      };
    }
  }

  /**
   * Lets dead letters be tried anew, with as many attempts as the first time.
   *
   * @returns how many jobs
   */
  async retryDead(isWanted: (app: string) => boolean): Promise<number> {
    // Those that fail again at once must not be met again.
    const jobs = await this.#listDeadJobs();
    let retried = 0;
    for (const job of jobs) {
      const { inputs } = readJobData(job.data) ?? { inputs: [] };
      if (!inputs.some(({ location }) => isWanted(showLocation(location)))) continue;
      await job.retry("failed", ANEW);
      retried++;
    }
    return retried;
  }

  /**
   * Forgets all jobs and what was done. What is in a store stays there, and is not done again.
   *
   * @throws UsageError while jobs are being done, unless forced
   */
  async clear(isForced: boolean): Promise<void> {
    const { active } = await this.countJobs();
    if (active > 0 && !isForced) {
      throw new UsageError(
        "queue clear",
        `${active} ${active === 1 ? "job is" : "jobs are"} being done`,
        "Stop the workers first, or give --force if there are none.",
      );
    }
    await this.#queue.obliterate({ force: isForced });
    await this.#client.incr(CLEARED);
    await this.#client.hdel(EVALUATIONS, this.evaluation);
    await this.#client.unlink(this.#key("claims"), this.#key("done"), this.#key("inputs"));
  }

  /** The dead letters of one app each: the job's id by the app's place. */
  async findDeadApps(): Promise<Map<string, string>> {
    const found = new Map<string, string>();
    for await (const job of this.#deadJobs()) {
      const { inputs } = readJobData(job.data) ?? { inputs: [] };
      if (inputs.length === 1 && job.id !== undefined) found.set(inputs[0]!.location, job.id);
    }
    return found;
  }

  /** Forgets a dead letter, if it is one still. */
  async forgetDead(id: string): Promise<void> {
    const job = await this.#queue.getJob(id);
    if (job !== undefined && (await job.isFailed())) await job.remove();
  }

  /** Forgets the dead letters alone: their apps can be added again. */
  async clearDead(): Promise<number> {
    const jobs = await this.#listDeadJobs();
    for (const job of jobs) {
      const keys = (readJobData(job.data)?.inputs ?? []).map(({ key }) => key);
      if (keys.length > 0) await this.#client.srem(this.#key("inputs"), ...keys);
      await job.remove();
    }
    return jobs.length;
  }

  async close(): Promise<void> {
    await this.#queue.close();
  }

  async #listDeadJobs(): Promise<Job[]> {
    const jobs: Job[] = [];
    for await (const job of this.#deadJobs()) jobs.push(job);
    return jobs;
  }

  async *#deadJobs(): AsyncGenerator<Job> {
    for (let start = 0; ; start += PAGE) {
      const page = await this.#queue.getFailed(start, start + PAGE - 1);
      yield* page;
      if (page.length < PAGE) return;
    }
  }

  #key(name: string): string {
    return `${KEY_PREFIX}:${name}:${this.evaluation}`;
  }
}

/** Name of BullMQ's queue. */
export function queueName(evaluation: string): string {
  return `apps-${evaluation}`;
}

/** BullMQ. */
export function loadBullmq(): typeof import("bullmq") {
  return loadOptionalPackage("bullmq", "--queue", "needs BullMQ", "Run: npm install bullmq ioredis");
}

/**
 * Opens the queue of an evaluation.
 *
 * @param id of the evaluation
 */
export async function openQueue(
  { client }: QueueConnection,
  id: string,
  onError: (error: Error) => void,
): Promise<AppQueue> {
  const { Queue } = loadBullmq();
  const queue = new Queue(queueName(id), { connection: client, prefix: KEY_PREFIX });
  queue.on("error", (error) => {
    if (!isOfConnection(error)) onError(error);
  });
  await queue.waitUntilReady();
  return new AppQueue(client, queue, id);
}

/** Says what an evaluation's id stands for, for those who look at the queue. */
export async function noteEvaluation(
  { client }: QueueConnection,
  id: string,
  evaluation: Evaluation,
): Promise<void> {
  await client.hset(EVALUATIONS, id, JSON.stringify(evaluation));
}

/** The evaluations that apps were added for: id, and what it stands for. */
export async function listQueuedEvaluations({
  client,
}: QueueConnection): Promise<{ readonly id: string; readonly evaluation: Evaluation | undefined }[]> {
  const entries = Object.entries(await client.hgetall(EVALUATIONS));
  return entries
    .filter(([id]) => /^[0-9a-f]{16}$/.test(id))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([id, text]) => ({ id, evaluation: parseEvaluation(text) }));
}

function parseSummary(text: string): JobSummary | undefined {
  const value = findJsonObject(text);
  const names = ["audited", "incomplete", "failed", "known", "handedOn"];
  return names.every((name) => Number.isSafeInteger(value[name]))
    ? (value as unknown as JobSummary)
    : undefined;
}
