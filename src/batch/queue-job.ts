import { createHash } from "node:crypto";

/** An app that is to be in a queue. */
export interface AppPlace {
  /** A path that workers have, too, or a URL: it may hold credentials. */
  readonly location: string;
  /** As the rows call it. */
  readonly name: string;
}

/** An app, as a queue has it. */
export interface QueueInput extends AppPlace {
  /** What tells it from another that was at its place before: of a file, by its size and time. */
  readonly key: string;
}

/** The data of a job: some apps, for one evaluation. */
export interface QueueJob {
  readonly version: 1;
  /** Id of the evaluation. */
  readonly evaluation: string;
  readonly inputs: readonly QueueInput[];
}

/** Apps of one job. */
export const MOST_INPUTS = 1_000;
/** Characters of a path or URL. */
const MOST_CHARACTERS = 8_192;

/** What was done with the apps of a job. */
export interface JobSummary {
  readonly audited: number;
  readonly incomplete: number;
  readonly failed: number;
  /** Apps whose content another path had, or an earlier run. */
  readonly known: number;
  /** Apps that are a job of their own now. */
  readonly handedOn: number;
}

/** What the tables' part of a job is called: 16 hexadecimal digits, by what is in the job. */
export function jobDigest({ evaluation, inputs }: QueueJob): string {
  const apps = inputs.map(({ location, name, key }) => [location, name, key]);
  const content = JSON.stringify([evaluation, ...apps]);
  return createHash("sha256").update(content).digest("hex").slice(0, 16);
}

/** Id of a job; BullMQ takes none that is a number. */
export function jobId(digest: string): string {
  return `job-${digest}`;
}

/**
 * The data of a job, checked: whoever can write to the queue can have written it.
 *
 * @returns what is wrong with it, where it is no job for this evaluation
 */
export function readJob(data: unknown, evaluation: string): QueueJob | string {
  const job = readJobData(data);
  if (job === undefined) return "is no job of bycatch, or of another version";
  if (job.evaluation !== evaluation) {
    return `was made for the evaluation ${job.evaluation}, and this worker has ${evaluation}: another version, rules or options`;
  }
  return job;
}

/** The data of a job for whatever evaluation; `undefined` if it is none. */
export function readJobData(data: unknown): QueueJob | undefined {
  if (!isRecord(data) || data.version !== 1) return undefined;
  const { evaluation, inputs } = data;
  if (typeof evaluation !== "string" || !/^[0-9a-f]{16}$/.test(evaluation)) return undefined;
  if (!Array.isArray(inputs) || inputs.length === 0 || inputs.length > MOST_INPUTS) return undefined;
  if (!inputs.every(isInput)) return undefined;
  return {
    version: 1,
    evaluation,
    inputs: inputs.map(({ location, name, key }) => ({ location, name, key })),
  };
}

function isInput(value: unknown): value is QueueInput {
  return isRecord(value) && isText(value.location) && isText(value.name) && isText(value.key);
}

function isText(value: unknown): value is string {
  return (
    typeof value === "string" && value !== "" && value.length <= MOST_CHARACTERS && !value.includes("\0")
  );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
