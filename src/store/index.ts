/**
 * Many audits' results as tables. Comes in: an `AuditResult`, or why there is none. Goes out: rows, and Parquet files
 * of rows that any engine can read, in parts that are whole or not there. Never audits, never prints.
 */
export { carryPart, type Part, type StoredStatus } from "./build-part.js";
export { type Database, type DatabaseOptions, openDatabase, type Selection } from "./database.js";
export { type Evaluation, evaluationId, parseEvaluation } from "./evaluation.js";
export { describeEvaluation, type StoredEvaluation } from "./evaluations.js";
export { findEarlier } from "./find-earlier.js";
export { findJsonObject } from "./find-json.js";
export {
  FLEET_SCHEMA_VERSION,
  type FleetApp,
  type FleetApps,
  type FleetCategory,
  type FleetCompany,
  type FleetDataType,
  type FleetEvaluation,
  type FleetHost,
  type FleetOutliers,
  type FleetPermission,
  type FleetReach,
  type FleetSdk,
  type FleetSummary,
  type FleetTrend,
  type FleetUnrecognised,
  type FleetVendor,
  type FleetVersion,
  type FleetVersions,
  fleetLimits,
  type Reach,
  type Spread,
  type Top,
} from "./fleet-summary.js";
export { type InputFile, type InputIndex, openInputIndex } from "./input-index.js";
export { type Journal, openJournal } from "./journal.js";
export { readTable, writeTable } from "./parquet-table.js";
export { type PartBuilder, partBuilder } from "./part-builder.js";
export { folderFiles, type PartFiles } from "./part-files.js";
export {
  type LookedFor,
  lookedFor,
  type Question,
  type QuestionName,
  type QuestionOptions,
  questions,
} from "./questions.js";
export { failureRows, resultRows, type StoredApp, type StoredFailure } from "./result-rows.js";
export type { ResultColumn, ResultValue } from "./result-values.js";
export { literal } from "./sql-text.js";
export { openStore, STORE_FILE, type Store } from "./store.js";
export { summarizeFleet } from "./summarize-fleet.js";
export {
  type Column,
  type ColumnType,
  type Row,
  type Rows,
  STORE_VERSION,
  type Table,
  type TableName,
  tableNames,
  tables,
  type Value,
} from "./tables.js";
export { listWaiting } from "./waiting-apps.js";
