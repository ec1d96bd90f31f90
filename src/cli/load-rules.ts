import { createHash } from "node:crypto";
import { type AuditRules, prepareRules } from "../audit.js";
import { isSystemError, UsageError } from "../diagnostics/index.js";
import { isRungAtLeast, type Rung } from "../findings/index.js";
import {
  CompiledRules,
  loadCompiledRules,
  type Ruleset,
  readCompiledRules,
  renderCompiledRules,
  shippedDepthData,
} from "../ruleset/index.js";
import { tell } from "./console.js";

/**
 * What gives the rules: those that ship are loaded once, when the first app is open. The user's
 * own are checked before any work starts.
 */
export async function loadRules(paths: readonly string[], shippedRules: URL): Promise<() => AuditRules> {
  if (paths.length === 0) {
    let prepared: AuditRules | undefined;
    return () => (prepared ??= prepareRules(loadCompiledRules(shippedRules), shippedDepthData(shippedRules)));
  }
  const { depthDataWith } = await import("../ruleset/load-ruleset.js");
  const rules = prepareRules(await loadOwnRules(paths, shippedRules), depthDataWith(paths, shippedRules));
  return () => rules;
}

/** The rules that processes and threads audit by. */
export interface CompiledTexts {
  /** Digest of all that follows. */
  readonly rulesVersion: string;
  /** Text that `CompiledRules` reads. */
  readonly compiledRules: string;
  /** What `parseCompiledFlowRules` reads, of the depth `flows` alone; absent where it is what ships. */
  readonly compiledFlowRules?: string;
}

export async function loadCompiledTexts(
  paths: readonly string[],
  depth: Rung,
  shippedRules: URL,
): Promise<CompiledTexts> {
  if (paths.length === 0) {
    const compiledRules = readCompiledRules(shippedRules);
    return { rulesVersion: new CompiledRules(compiledRules).header.rulesVersion, compiledRules };
  }
  const rules = await loadOwnRules(paths, shippedRules);
  const own = { rulesVersion: rules.rulesVersion, compiledRules: renderCompiledRules(rules) };
  if (!isRungAtLeast(depth, "flows")) return own;
  const { compileOwnFlowRules } = await import("../ruleset/load-ruleset.js");
  const compiledFlowRules = compileOwnFlowRules(paths, shippedRules);
  if (compiledFlowRules === undefined) return own;
  // A digest of rules has nothing of flows: what they are followed by bears on rows, too.
  const digest = createHash("sha256").update(own.rulesVersion).update(compiledFlowRules).digest("hex");
  return { ...own, rulesVersion: digest.slice(0, own.rulesVersion.length), compiledFlowRules };
}

async function loadOwnRules(paths: readonly string[], shippedRules: URL): Promise<Ruleset> {
  // Only who brings rules waits for YAML and the schemas.
  const { loadRuleset } = await import("../ruleset/load-ruleset.js");
  try {
    const tellReplaced = (path: string, id: string) => tell(`${path} replaces the rule ${id} that ships`);
    return loadRuleset(paths, loadCompiledRules(shippedRules).toRuleset(), tellReplaced);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    throw new UsageError("--rules", `${error.path ?? paths.join(", ")} cannot be read (${error.code})`, "", {
      cause: error,
    });
  }
}
