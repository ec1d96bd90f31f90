/**
 * What we tell the user. Comes in: parties, accesses, permissions. Goes out: findings, each with
 * evidence, and the audit's result as plain data. Never reads bytes, never prints.
 */

export { leavesNothing } from "../access/index.js";
export { sinkKinds } from "../ruleset/index.js";
export { isThirdParty } from "../sdk/index.js";
export type {
  AccessSummary,
  AppSummary,
  AuditResult,
  BlindSpotSummary,
  CompanySummary,
  Coverage,
  Finding,
  FlowCoverage,
  FlowEndSummary,
  FlowSummary,
  HandOverSummary,
  HostSummary,
  OwnSdkSummary,
  PartySummary,
  PermissionSummary,
  PracticeSummary,
  ReachabilitySummary,
} from "./audit-result.js";
export { SCHEMA_VERSION } from "./audit-result.js";
export { type FindingKind, findingKinds } from "./finding-kinds.js";
export { sayGap } from "./gap-words.js";
export { type JoinedHandOver, joinHandOvers } from "./join-hand-overs.js";
export { makeFindings } from "./make-findings.js";
export { flowEvidence } from "./make-flow-findings.js";
export {
  isRungAtLeast,
  lowerRung,
  type Rung,
  rungOfAccess,
  rungOfAccesses,
  rungs,
  rungWithFlows,
} from "./rungs.js";
export { summarize } from "./summarize.js";
export { summarizeCompanies } from "./summarize-companies.js";
export { summarizeFlows } from "./summarize-flows.js";
export { summarizePermissions } from "./summarize-permissions.js";
export { summarizePractices } from "./summarize-practices.js";
export { diagnoseNoManifest, lacksManifest, summarizeReachability } from "./summarize-reachability.js";
