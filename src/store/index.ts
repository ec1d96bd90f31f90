/**
 * Many audits' results as tables. Comes in: an `AuditResult`, or why there is none. Goes out: rows, and Parquet files
 * of rows that any engine can read. Never audits.
 */
export type { AskStore } from "./fleet-scope.js";
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
export { readTable, writeTable } from "./parquet-table.js";
export { failureRows, resultRows, type StoredApp, type StoredFailure } from "./result-rows.js";
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
