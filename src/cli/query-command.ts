import type { QuestionName } from "../store/index.js";
import { type Ending, renderExitCodes } from "./exit-codes.js";
import { type OwnCommand, parseWhole } from "./options.js";
import { queryFormats } from "./outputs.js";
import { renderTable } from "./table-text.js";

/** Questions as they are asked. */
const questionSummaries = {
  "top-sdks": "SDKs, by how many apps have them",
  vendors: "vendors of SDKs, by how many apps have one",
  "who-reads": "<data-type>: parties that could read it, in how many apps",
  flows: "[data-type]: whose code sends which data where, in how many apps",
  "hand-overs": "[party]: what apps' own code hands over, in how many apps",
  "apps-with": "<party>: the apps that have it, and which version",
  unrecognised: "third parties that no rule knows",
  hosts: "hosts that code names",
  permissions: "permissions that apps request, and who uses them",
  changes: "what came and went between two versions of an app",
  failures: "apps that were not audited, or not in full, and why",
  tables: "[table]: the tables that SQL can ask, and their columns",
} satisfies Record<QuestionName, string>;

/** Adds `bycatch query`. */
export function addQuery(program: OwnCommand, shippedRules: URL, end: (ending: Ending) => void): void {
  program
    .command("query")
    .summary("ask a store of many audits, in SQL or by a ready-made question")
    .description(
      "Asks the store that bycatch batch filled: a ready-made question, or SQL over its\ntables. DuckDB answers; it reads the store and nothing else.",
    )
    .argument("<question...>", "a question of those below and what it is about, or a SELECT statement")
    .option("--store <dir>", "folder of the store")
    .option(
      "--evaluation <id>",
      "by which rules, version, depth and first party: an id; the last written of full depth without --first-party, else the last, unless given",
    )
    .option("--apps", "who-reads, flows, hand-overs: the apps, and not how many they are")
    .option(
      "--between <version...>",
      "changes: the old and the new version, code or name; an app's first and last unless given",
    )
    .option("--package <id>", "changes: of one app only")
    .option("--limit <rows>", "at most so many rows", parseWhole(1, 999_999_999))
    .option("--sql", "print the question's SQL instead of asking it")
    .outputOptions(queryFormats)
    .pageOptions()
    .addHelpText("after", queryHelp)
    .action(async ([question = "", ...values]: string[], options) => {
      const { query } = await import("./query.js");
      end(await query(question, values, options, shippedRules));
    });
}

const queryHelp = `
Questions:
${renderTable(questionSummaries)}

Formats:
${renderTable(queryFormats)}
  With --output, .txt, .csv, .json, .jsonl and .parquet tell the format.

Examples:
  $ bycatch query top-sdks --store out/
  $ bycatch query who-reads precise-location --store out/ -o readers.csv
  $ bycatch query "SELECT * FROM hosts WHERE host LIKE '%.cn'" --store out/
  $ bycatch query top-sdks --sql > my.sql

${renderExitCodes()}`;
