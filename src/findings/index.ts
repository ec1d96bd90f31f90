/**
 * What we tell the user. Comes in: parties, accesses, permissions. Goes out: findings, each with
 * evidence, and the audit's result as plain data. Never reads bytes, never prints.
 */
export type {
  AccessSummary,
  AppSummary,
  AuditResult,
  BlindSpotSummary,
  CompanySummary,
  Coverage,
  Finding,
  HandOverSummary,
  HostSummary,
  OwnSdkSummary,
  PartySummary,
  PermissionSummary,
  PracticeSummary,
  Rung,
} from "./audit-result.js";
export { rungs, SCHEMA_VERSION } from "./audit-result.js";
export { type FindingKind, findingKinds } from "./finding-kinds.js";
export { makeFindings } from "./make-findings.js";
export { summarize } from "./summarize.js";
export { summarizeCompanies } from "./summarize-companies.js";
export { summarizePermissions } from "./summarize-permissions.js";
export { summarizePractices } from "./summarize-practices.js";
