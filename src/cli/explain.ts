import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { UsageError } from "../diagnostics/index.js";
import { explain, findSubjects, Knowledge, suggestSubjects } from "../explain/index.js";
import type { AuditResult } from "../findings/index.js";
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
import { describeInputFailure, type Failure } from "./describe-failure.js";
import type { Ending } from "./exit-codes.js";
import { loadRules } from "./load-rules.js";
import { Progress } from "./progress.js";
import { readReport } from "./read-report.js";
import { auditFile, endingOf, readMapping, tellOtherMapping } from "./scan.js";

/** `bycatch explain`'s options, as commander hands them over. */
export interface ExplainOptions {
  readonly rules?: readonly string[];
  readonly firstParty?: readonly string[];
  readonly mapping?: string;
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
  if (input === undefined) refuseAuditOptions(options, "bears on an app, and none is named");
  const paths = options.rules ?? [];
  const loaded = await loadRules(paths, shippedRules);
  const rules = typeof loaded === "function" ? loaded() : loaded;
  const sources = await loadSources(paths, shippedRules);
  const result = input === undefined ? undefined : await readApp(input, rules, options);
  if (result !== undefined && "ending" in result) {
    tellFailure(result);
    return result.ending;
  }
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

/** The result of an audit: read from its report, or made now. */
async function readApp(
  path: string,
  rules: Parameters<typeof auditFile>[1],
  options: ExplainOptions,
): Promise<AuditResult | Failure> {
  const names = options.mapping === undefined ? undefined : await readMapping(options.mapping);
  let isJson: boolean;
  try {
    isJson = beginsLikeJson(path);
  } catch (error) {
    return describeInputFailure(path, error);
  }
  if (isJson) {
    const result = await readReport(path);
    if (!("ending" in result))
      refuseAuditOptions(options, `${path} is a report, in which that was decided when it was made`);
    return result;
  }
  const progress = new Progress(false);
  try {
    const { firstParty = [] } = options;
    const given = { firstParty, depth: "referenced" as const, names };
    const result = await auditFile(path, rules, given, (part) => progress.show(part));
    progress.erase();
    if (!("ending" in result)) tellOtherMapping(path, result);
    return result;
  } finally {
    progress.erase();
  }
}

/** What bears on the audit of an app says nothing where none is audited. */
function refuseAuditOptions({ firstParty, mapping }: ExplainOptions, why: string): void {
  const flag = firstParty !== undefined ? "--first-party" : mapping !== undefined ? "--mapping" : undefined;
  if (flag !== undefined) throw new UsageError(flag, why, "Name the APK.");
}

/** An archive begins otherwise; a report may have any name, or come through a pipe, which is read once only. */
function beginsLikeJson(path: string): boolean {
  const fd = openSync(path, "r");
  try {
    if (!fstatSync(fd).isFile()) return true;
    const head = Buffer.alloc(64);
    const size = readSync(fd, head, 0, head.length, 0);
    return path.endsWith(".json") || /^\uFEFF?\s*[{[]/.test(head.toString("utf8", 0, size));
  } finally {
    closeSync(fd);
  }
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
