import type { PoolSettings } from "../batch/index.js";
import type { Rung } from "../findings/index.js";
import type { Evaluation } from "../store/index.js";
import type { BatchBuild } from "./batch-command.js";
import { loadCompiledTexts } from "./load-rules.js";
import { DEFAULT_DEPTH } from "./options.js";

/** The options that make an evaluation, as commander hands them over. */
export interface EvaluationOptions {
  readonly depth: Rung;
  readonly firstParty?: readonly string[];
  readonly rules?: readonly string[];
}

/** What processes that audit are told of it. */
export type EvaluationSettings = Pick<
  PoolSettings,
  "compiledRules" | "compiledFlowRules" | "depth" | "firstParty"
>;

interface PreparedEvaluation {
  readonly evaluation: Evaluation;
  readonly settings: EvaluationSettings;
  /** Whether it is what this bycatch judges by unless it is told otherwise. */
  readonly isPlain: boolean;
  /** All rules, as text that `CompiledRules` reads. */
  readonly compiledRules: string;
}

/**
 * What apps are audited by: the evaluation that options and rules make, and what processes are told of it.
 *
 * @throws UsageError for rules that cannot be loaded
 */
export async function prepareEvaluation(
  { rules = [], depth, firstParty = [] }: EvaluationOptions,
  build: BatchBuild,
): Promise<PreparedEvaluation> {
  const texts = await loadCompiledTexts(rules, depth, build.rules);
  const { rulesVersion, compiledRules, compiledFlowRules } = texts;
  return {
    evaluation: { tool: build.version, rulesVersion, depth, firstParty },
    // Those that ship, processes have beside them.
    settings: {
      ...(rules.length === 0 ? {} : { compiledRules }),
      ...(compiledFlowRules === undefined ? {} : { compiledFlowRules }),
      depth,
      firstParty,
    },
    isPlain: rules.length === 0 && depth === DEFAULT_DEPTH && firstParty.length === 0,
    compiledRules,
  };
}
