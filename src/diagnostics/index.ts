/**
 * The words every stage uses about trouble: whose fault it is, what it spoils, and the bounds that
 * keep a hostile file from spoiling more. Knows no format and imports nothing.
 */
export {
  type Diagnostic,
  type DiagnosticCode,
  type Diagnostics,
  diagnoseUnread,
  readOrDiagnose,
  readOrUndefined,
} from "./diagnostic.js";
export { FormatError, type FormatErrorCode } from "./format-error.js";
export { defaultLimits, type Limits } from "./limits.js";
export { isSystemError } from "./system-error.js";
export { UsageError } from "./usage-error.js";
