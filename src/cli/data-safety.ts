import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { UsageError } from "../diagnostics/index.js";
import {
  compareDataSafety,
  type DataSafetyComparison,
  type DataSafetyForm,
  type DraftBasis,
  draftDataSafety,
  sawAll,
} from "../policy/index.js";
import {
  outcomeOfComparison,
  renderDataSafety,
  renderDataSafetyJson,
  renderDataSafetyMarkdown,
} from "../report/index.js";
import type { CompiledRules } from "../ruleset/index.js";
import { type ColorChoice, findWidth, tell, tellFailure, wantsColor } from "./console.js";
import type { Ending } from "./exit-codes.js";
import { loadForm } from "./load-form.js";
import { loadRules } from "./load-rules.js";
import {
  type DataSafetyFormat,
  dataSafetyFormats,
  type Output,
  parseOutputs,
  protectInputs,
} from "./outputs.js";
import { type AppOptions, readApp } from "./read-app.js";
import { ReportFile } from "./report-file.js";
import { writeOutput } from "./write-output.js";

/** `bycatch data-safety`'s options, as commander hands them over. */
export interface DataSafetyOptions extends AppOptions {
  readonly rules?: readonly string[];
  readonly form?: string;
  readonly draft?: string;
  readonly force?: boolean;
  readonly allowIncomplete?: boolean;
  readonly format: DataSafetyFormat;
  readonly output?: readonly string[];
  readonly verbose?: boolean;
  readonly color: ColorChoice;
  readonly width?: number;
}

/**
 * `bycatch data-safety`: compares a build with its Data safety form, and drafts one.
 *
 * @param input an APK, which is audited, or the JSON report of one
 * @throws UsageError before any work starts, or where an output refuses
 */
export async function dataSafety(
  input: string,
  options: DataSafetyOptions,
  shippedRules: URL,
): Promise<Ending> {
  const { form: formPath, draft: draftPath } = options;
  const outputs = parseOutputs(options.output ?? [], options.format, dataSafetyFormats);
  const drafts =
    draftPath === undefined
      ? []
      : [{ format: "draft", path: checkDraft(draftPath, outputs, options.force ?? false) }];
  const inputs = [input, formPath, options.mapping].filter((path) => path !== undefined);
  protectInputs([...outputs, ...drafts], inputs);
  const rules = (await loadRules(options.rules ?? [], shippedRules))();
  const { dataTypes } = rules.index.compiled.header;
  const form = formPath === undefined ? undefined : await loadForm(formPath, dataTypes);
  const draft = draftPath === undefined ? undefined : new ReportFile(draftPath);
  try {
    const result = await readApp(input, () => rules, options);
    if ("ending" in result) {
      tellFailure(result);
      return result.ending;
    }
    const comparison = compareDataSafety(result, { dataTypes }, form);
    for (const output of outputs) await writeOutput(output, render(comparison, output, options));
    if (draft !== undefined) await writeDraft(draft, draftPath!, comparison, dataTypes, form);
    return endingOf(comparison, options.allowIncomplete ?? false);
  } finally {
    draft?.discard();
  }
}

type DataTypes = CompiledRules["header"]["dataTypes"];

/** A draft stands in a file of its own. */
function checkDraft(path: string, outputs: readonly Output<string>[], force: boolean): string {
  if (path === "-")
    throw new UsageError("--draft", "names standard output, where the report goes", "Name a file.");
  if (outputs.some((output) => output.path !== undefined && resolve(output.path) === resolve(path)))
    throw new UsageError("--draft", `${path} is named twice`, "Give the draft a file of its own.");
  if (existsSync(path) && !force)
    throw new UsageError(
      "--draft",
      `${path} is there already, and may hold a person's answers`,
      "Name another file; or write it anew with --force.",
    );
  return path;
}

function render(
  comparison: DataSafetyComparison,
  output: Output<DataSafetyFormat>,
  { color, width = findWidth(), verbose = false }: DataSafetyOptions,
): string {
  switch (output.format) {
    case "terminal": {
      const isLog = output.path === undefined;
      return renderDataSafety(comparison, { color: isLog && wantsColor(color), width, isVerbose: verbose });
    }
    case "json":
      return renderDataSafetyJson(comparison);
    case "markdown":
      return renderDataSafetyMarkdown(comparison);
  }
}

async function writeDraft(
  file: ReportFile,
  path: string,
  comparison: DataSafetyComparison,
  dataTypes: DataTypes,
  form: DataSafetyForm | undefined,
): Promise<void> {
  const { renderDraft } = await import("../policy/render-data-safety-draft.js");
  const rows = draftDataSafety(comparison, dataTypes, form);
  file.write(renderDraft(rows));
  file.finish();
  const of = (basis: DraftBasis) => rows.filter((row) => row.basis === basis).length;
  const declared = form === undefined ? "" : `${of("as-declared")} as declared, `;
  tell(
    `${path} is written: of ${rows.length} rows ${declared}${of("vendor-documented")} answered by what vendors document, ${of("machine-observed")} that code raises, ${of("ask-a-human")} for a person; a person answers for all of them`,
  );
}

function endingOf(comparison: DataSafetyComparison, allowIncomplete: boolean): Ending {
  if (outcomeOfComparison(comparison) === "fail") return "fail";
  const { depth, unread } = comparison;
  return sawAll({ depth, unread: allowIncomplete ? [] : unread }) ? "done" : "incomplete";
}
