/**
 * Many audits. Comes in: where apps are. Goes out: their rows, into a store, each app once, whatever any of them
 * does to the process that audits it. Knows no command line, and prints nothing.
 */
export { isUrl, parseBucketUrl, showLocation } from "./app-location.js";
export {
  type AppQueue,
  type DeadLetter,
  listQueuedEvaluations,
  noteEvaluation,
  openQueue,
  type QueueStatus,
} from "./app-queue.js";
export { AuditPool, type PoolSettings, type Unwanted } from "./audit-pool.js";
export { bucketFiles } from "./bucket-files.js";
export { type CarryOptions, carryOver } from "./carry-over.js";
export { type Enqueued, type EnqueueOptions, enqueueApps } from "./enqueue-apps.js";
export { type AppFetcher, type FetchOptions, openFetcher } from "./fetch-app.js";
export {
  type AppInput,
  type AppSources,
  type FoundApps,
  findApps,
  type OnTrouble,
  parseAppList,
} from "./find-apps.js";
export { PartThread } from "./part-thread.js";
export type { Audited, AuditInput, ProcessSettings } from "./process-messages.js";
export { parseQueueUrl, type QueueAddress, type QueueCredentials } from "./queue-address.js";
export { type OnConnection, openQueueConnection, type QueueConnection } from "./queue-connection.js";
export { type AppPlace, type JobSummary, MOST_INPUTS } from "./queue-job.js";
export { QueueWorker, type QueueWorkerSettings, WorkerFault } from "./queue-worker.js";
export { type RunOptions, runBatch } from "./run-batch.js";
export { runWatch } from "./run-watch.js";
export { openS3, type S3, type S3Options } from "./s3-client.js";
export { type FailureReason, sumFailed, type Tally } from "./tally.js";
