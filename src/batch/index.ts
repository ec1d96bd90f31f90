/**
 * Many audits. Comes in: where apps are. Goes out: their rows, into a store, each app once, whatever any of them
 * does to the process that audits it. Knows no command line, and prints nothing.
 */
export { AuditPool, type PoolSettings, type Unwanted } from "./audit-pool.js";
export {
  type AppInput,
  type AppSources,
  type FoundApps,
  findApps,
  type OnTrouble,
  parseAppList,
} from "./find-apps.js";
export type { Audited, AuditInput, ProcessSettings } from "./process-messages.js";
export { type RunOptions, runBatch } from "./run-batch.js";
export { runWatch } from "./run-watch.js";
export { type FailureReason, sumFailed, type Tally } from "./tally.js";
