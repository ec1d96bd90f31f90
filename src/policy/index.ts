/**
 * Judging a build. Comes in: an `AuditResult`, and what the user asks of it: a policy, a lockfile, a Data safety form.
 * Goes out: a `Verdict`, plain data. Never looks at the app, never prints; what day it is, it is told.
 */
export { applyExceptions } from "./apply-exceptions.js";
export { checkDataSafety, checkForm } from "./check-data-safety.js";
export { checkLockfile, sayChange } from "./check-lockfile.js";
export { compareBuilds } from "./compare-builds.js";
export {
  compareDataSafety,
  type DataSafetyComparison,
  type DataSafetyItem,
  type DataSafetyList,
  sawAll,
} from "./compare-data-safety.js";
export { compareInventories } from "./compare-inventories.js";
export type { DataTypeFacts, DocumentedUse, ObservedAccess } from "./data-safety-facts.js";
export type { DataSafetyForm } from "./data-safety-form.js";
export { isDay } from "./day.js";
export { sayDeeper, sayLookedFor } from "./depth-words.js";
export {
  type AccessChange,
  type Bringer,
  type ComparedBuild,
  type Difference,
  type DifferenceSide,
  type HandOverChange,
  hasMore,
  type PartyChange,
  type PartyDifference,
  type PermissionChange,
  type PermissionRequest,
  type PresenceChange,
} from "./difference.js";
export { type DraftBasis, draftDataSafety } from "./draft-data-safety.js";
export { indexFacts } from "./entry-facts.js";
export { evaluatePolicy } from "./evaluate-policy.js";
export {
  type Entry,
  type Inventory,
  isHigherRung,
  takeInventory,
} from "./inventory.js";
export type { PolicyFiles } from "./load-policy.js";
export { looksLikeLockfile, parseLockfile, renderChange, renderEntry, renderLockfile } from "./lockfile.js";
export type { Policy } from "./policy.js";
export { proposePolicy } from "./propose-policy.js";
export { readUserFile } from "./read-user-file.js";
export {
  type AppliedException,
  type CheckKind,
  type CheckOutcome,
  type CheckResult,
  makeVerdict,
  outcomeOf,
  type Problem,
  type Severity,
  type Verdict,
} from "./verdict.js";
