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
  type DataSafetyKind,
  type DataSafetyList,
  sawAll,
} from "./compare-data-safety.js";
export { type Change, compareInventories } from "./compare-inventories.js";
export type { DataTypeFacts, DocumentedUse, ObservedAccess, ResponsibleParty } from "./data-safety-facts.js";
export type { DataSafetyForm, DeclaredUse } from "./data-safety-form.js";
export { isDay } from "./day.js";
export {
  type AccessChange,
  type Bringer,
  type Caveat,
  type ComparedBuild,
  type Difference,
  type DifferenceSide,
  type HostChange,
  hasMore,
  type PartyChange,
  type PartyDifference,
  type PermissionChange,
  type PermissionRequest,
  type PresenceChange,
  type VersionChange,
} from "./difference.js";
export { type DraftBasis, type DraftRow, draftDataSafety } from "./draft-data-safety.js";
export { type EntryFacts, indexFacts } from "./entry-facts.js";
export { evaluatePolicy } from "./evaluate-policy.js";
export {
  type DataAccessEntry,
  type Entry,
  type EntryKind,
  entryKinds,
  type HostEntry,
  type Inventory,
  isHigherRung,
  type PermissionEntry,
  type ThirdPartyEntry,
  takeInventory,
} from "./inventory.js";
export type { PolicyFiles } from "./load-policy.js";
export { looksLikeLockfile, parseLockfile, renderChange, renderEntry, renderLockfile } from "./lockfile.js";
export type { KnownNames, NameKind, Policy } from "./policy.js";
export { type ProposedPolicy, proposePolicy } from "./propose-policy.js";
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
  severities,
  sortProblems,
  type Verdict,
} from "./verdict.js";
