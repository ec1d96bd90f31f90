import { type AuditRules, prepareRules } from "../audit.js";
import { isSystemError, UsageError } from "../diagnostics/index.js";
import { loadCompiledRules } from "../ruleset/index.js";
import { tell } from "./console.js";

/**
 * What gives the rules: those that ship are loaded once, when the first app is open. The user's
 * own are checked before any work starts.
 */
export async function loadRules(paths: readonly string[], shippedRules: URL): Promise<() => AuditRules> {
  if (paths.length === 0) {
    let prepared: AuditRules | undefined;
    return () => (prepared ??= prepareRules(loadCompiledRules(shippedRules)));
  }
  // Only who brings rules waits for YAML and the schemas.
  const { loadRuleset } = await import("../ruleset/load-ruleset.js");
  try {
    const tellReplaced = (path: string, id: string) => tell(`${path} replaces the rule ${id} that ships`);
    const rules = prepareRules(loadRuleset(paths, loadCompiledRules(shippedRules).toRuleset(), tellReplaced));
    return () => rules;
  } catch (error) {
    if (!isSystemError(error)) throw error;
    throw new UsageError("--rules", `${error.path ?? paths.join(", ")} cannot be read (${error.code})`, "", {
      cause: error,
    });
  }
}
