import { type DataSafetyForm, readUserFile } from "../policy/index.js";
import type { CompiledRules } from "../ruleset/index.js";
import { tell } from "./console.js";
import { nameFile } from "./name-file.js";

type DataTypes = CompiledRules["header"]["dataTypes"];

/**
 * A Data safety form as Play Console exports it. Rows that are not known are told.
 *
 * @throws UsageError naming file and line
 */
export async function loadForm(path: string, dataTypes: DataTypes): Promise<DataSafetyForm> {
  const { parseDataSafetyForm } = await import("../policy/data-safety-form.js");
  const form = parseDataSafetyForm(readUserFile(path), path, dataTypes);
  const [first] = form.unknownRows;
  if (first !== undefined)
    tell(
      `${path}:${first.line}: ${form.unknownRows.length === 1 ? "a row" : `${form.unknownRows.length} rows`} with a question or an answer that this version does not know, ${JSON.stringify(first.questionId.slice(0, 100))} first: not read, and not in a draft`,
    );
  return { ...form, path: nameFile(path) };
}
