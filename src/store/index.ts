/**
 * Many audits' results as tables. Comes in: an `AuditResult`, or why there is none. Goes out: rows, and Parquet files
 * of rows that any engine can read. Never audits.
 */
export { readTable, writeTable } from "./parquet-table.js";
export { failureRows, resultRows, type StoredApp, type StoredFailure } from "./result-rows.js";
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
