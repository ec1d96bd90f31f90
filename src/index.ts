import { bytesSource, openFileSource } from "./archive/index.js";
import { type AuditRules, auditSource, prepareRules, type AuditOptions as SourceOptions } from "./audit.js";
import type { AuditResult } from "./findings/index.js";
import { loadCompiledRuleset } from "./ruleset/index.js";

export type { Limit, LimitKind } from "./access/index.js";
export {
  type Diagnostic,
  type DiagnosticCode,
  defaultLimits,
  FormatError,
  type FormatErrorCode,
  type Limits,
  UsageError,
} from "./diagnostics/index.js";
export type { Evidence, EvidenceKind } from "./evidence/index.js";
export type {
  AccessSummary,
  AppSummary,
  AuditResult,
  Coverage,
  Finding,
  FindingKind,
  HostSummary,
  PartySummary,
  PermissionSummary,
  Rung,
} from "./findings/index.js";
export type { Confidence, PartyKind } from "./sdk/index.js";

/** What an audit can be told; each has a default. */
export interface AuditOptions extends SourceOptions {
  /** Rule files or directories of the user's own, on top of those that ship. */
  readonly rules?: readonly string[];
}

/**
 * Audits one finished build: which third parties could access what personal data, on what evidence.
 * Never uses the network, never writes.
 *
 * @param app path of an APK, or its bytes with a name for the report
 * @throws FormatError if it is no Android app; UsageError for a bad rule file; Node's own error where a
 *   path cannot be opened. What spoils only a part of the app is among the result's diagnostics.
 */
export async function audit(
  app: string | { readonly name: string; readonly bytes: Uint8Array },
  options: AuditOptions = {},
): Promise<AuditResult> {
  const rules = await loadRules(options.rules ?? []);
  const source = typeof app === "string" ? openFileSource(app) : bytesSource(app.name, app.bytes);
  try {
    return await auditSource(source, rules, options);
  } finally {
    source.close();
  }
}

let shipped: AuditRules | undefined;

async function loadRules(paths: readonly string[]): Promise<AuditRules> {
  const compiled = loadCompiledRuleset(new URL("../dist/rules.json", import.meta.url));
  if (paths.length === 0) return (shipped ??= prepareRules(compiled));
  const { loadRuleset } = await import("./ruleset/load-ruleset.js");
  return prepareRules(loadRuleset(paths, compiled));
}
