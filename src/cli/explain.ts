import { UsageError } from "../diagnostics/index.js";
import { explain, findSubjects, Knowledge, suggestSubjects } from "../explain/index.js";
import type { Rung } from "../findings/index.js";
import { renderExplanation, renderExplanationJson } from "../report/index.js";
import { printable } from "../report/printable-text.js";
import { loadCompiledRuleSources, type RuleSources } from "../ruleset/index.js";
import {
  askWhetherMeant,
  type ColorChoice,
  findWidth,
  tellFailure,
  wantsColor,
  writeStdout,
} from "./console.js";
import type { Ending } from "./exit-codes.js";
import { loadRules } from "./load-rules.js";
import { type AppOptions, readApp, refuseAuditOptions, refuseDeeper } from "./read-app.js";
import { endingOf } from "./scan.js";

/** `bycatch explain`'s options, as commander hands them over. */
export interface ExplainOptions extends AppOptions {
  readonly rules?: readonly string[];
  /** How far to look; as usual unless given. */
  readonly depth?: Rung;
  readonly format: "terminal" | "json";
  readonly color: ColorChoice;
  readonly width?: number;
  readonly verbose?: boolean;
}

/**
 * `bycatch explain`: what one thing is and why we say so, by the rules and, where one is given, in an app.
 *
 * @param input an APK, which is audited, or the JSON report of one
 * @throws UsageError for a subject that nothing knows, with near ones; for a file that is no report
 */
export async function explainSubject(
  text: string,
  input: string | undefined,
  options: ExplainOptions,
  shippedRules: URL,
): Promise<Ending> {
  if (input === undefined) {
    const why = "bears on an app, and none is named";
    refuseAuditOptions(options, why);
    if (options.depth !== undefined) throw new UsageError("--depth", why, "Name the APK.");
  }
  const paths = options.rules ?? [];
  const rules = (await loadRules(paths, shippedRules))();
  const sources = await loadSources(paths, shippedRules);
  const result = input === undefined ? undefined : await readApp(input, () => rules, options, options.depth);
  if (result !== undefined && "ending" in result) {
    tellFailure(result);
    return result.ending;
  }
  if (result !== undefined) refuseDeeper(options.depth, result, input!);
  const knowledge = new Knowledge(rules.index, sources, result);
  const [subject, ...alsoNamed] = findSubjects(text, knowledge);
  if (subject === undefined) throw unknownSubject(text, input, knowledge);
  const explanation = explain(subject, knowledge, alsoNamed);
  await writeStdout(
    options.format === "json"
      ? renderExplanationJson(explanation)
      : renderExplanation(explanation, {
          color: wantsColor(options.color),
          width: options.width ?? findWidth(),
          isVerbose: options.verbose ?? false,
        }),
  );
  return result === undefined ? "done" : endingOf(result);
}

/** What rules say beside what a scan needs: of those that ship, and of the user's own. */
async function loadSources(paths: readonly string[], shippedRules: URL): Promise<RuleSources> {
  const shipped = loadCompiledRuleSources(new URL("rule-sources.json", shippedRules));
  if (paths.length === 0) return shipped;
  const { loadRuleSources } = await import("../ruleset/load-ruleset.js");
  return loadRuleSources(paths, shipped);
}

function unknownSubject(text: string, input: string | undefined, knowledge: Knowledge): UsageError {
  const near = suggestSubjects(text, knowledge);
  const where = input === undefined ? "the rules" : `the rules or ${input}`;
  const isOfApp = input === undefined && /^unrecognised:|^(?:first-party|unattributed)$|\//.test(text);
  const fix =
    near.length > 0
      ? askWhetherMeant(near)
      : isOfApp
        ? "What only an app has needs that app or its report behind it."
        : 'A subject is the id of an SDK, a vendor, a data type, an API rule, a permission or a finding; "bycatch rules list" lists SDKs.';
  return new UsageError(`explain ${printable(text, 200)}`, `nothing of this name is in ${where}`, fix);
}
