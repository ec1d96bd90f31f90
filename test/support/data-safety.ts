import { readFileSync } from "node:fs";
import { type DataSafetyForm, parseDataSafetyForm } from "../../src/policy/data-safety-form.js";
import { FORM_COLUMNS } from "../../src/policy/data-safety-template.js";
import type { DataType } from "../../src/ruleset/index.js";
import { compileTinyRules } from "./tiny-rules.js";

/** Google's data types as the rules that ship have them. */
export const googleDataTypes: readonly DataType[] = compileTinyRules({
  "data-types.yaml": readFileSync(new URL("../../rules/data-types.yaml", import.meta.url), "utf8"),
}).dataTypes;

export const FIRST_LINE = FORM_COLUMNS.join(",");

/** A form of the rows written, each `question response value`, with `-` for what is empty. */
export function writeForm(...rows: readonly string[]): string {
  const lines = rows.map((row) => {
    const [question, response, value] = row.split(" ").map((word) => (word === "-" ? "" : word));
    return `${question},${response},${value},OPTIONAL,some words`;
  });
  return `${[FIRST_LINE, ...lines].join("\n")}\n`;
}

/** The rows of a data type that is declared: chosen, and what is true of it. */
export function declares(question: string, id: string, ...answers: readonly string[]): string[] {
  return [
    `PSL_DATA_TYPES_${question} ${id} true`,
    ...answers.map((answer) => {
      const [last, response = "-"] = answer.split("/");
      return `PSL_DATA_USAGE_RESPONSES:${id}:${last} ${response} true`;
    }),
  ];
}

export const COLLECTED = "PSL_DATA_USAGE_COLLECTION_AND_SHARING/PSL_DATA_USAGE_ONLY_COLLECTED";
export const SHARED = "PSL_DATA_USAGE_COLLECTION_AND_SHARING/PSL_DATA_USAGE_ONLY_SHARED";
export const COLLECTS_YES = "PSL_DATA_COLLECTION_COLLECTS_PERSONAL_DATA - true";
export const FOR_ANALYTICS = "DATA_USAGE_COLLECTION_PURPOSE/PSL_ANALYTICS";

export function parseForm(text: string): DataSafetyForm {
  return parseDataSafetyForm(text, "form.csv", googleDataTypes);
}

/** A fixture of fixtures/data-safety. */
export function readFormFixture(name: string): string {
  return readFileSync(new URL(`../../fixtures/data-safety/${name}.csv`, import.meta.url), "utf8");
}
