import { type Ending, renderExitCodes } from "./exit-codes.js";
import type { OwnCommand } from "./options.js";
import { fleetFormats } from "./outputs.js";
import { renderTable } from "./table-text.js";

/** Adds `bycatch report`. */
export function addReport(program: OwnCommand, end: (ending: Ending) => void): void {
  program
    .command("report")
    .summary("show what is known of all apps of a store, on one page")
    .description(
      "Shows what is known of all apps of a store together: which SDKs, vendors and\ncompanies are in how many, what data their code could access, versions in use,\noutliers, and how apps changed. The page opens from disk and asks for nothing.",
    )
    .requiredOption("--store <dir>", "folder of the store")
    .option(
      "--evaluation <id>",
      "by which rules, version, depth and first party: an id; the last written of full depth without --first-party, else the last, unless given",
    )
    .outputOptions(fleetFormats, "html")
    .addHelpText("after", reportHelp)
    .action(async (options) => {
      const { report } = await import("./report.js");
      end(await report(options));
    });
}

const reportHelp = `
Formats:
${renderTable(fleetFormats)}
  With --output, .html and .json tell the format. The schema of the JSON ships as
  bycatch/schema/fleet.json.

Examples:
  $ bycatch report --store out/ -o fleet.html
  $ bycatch report --store out/ -f json | jq '.sdks.rows[].name'

${renderExitCodes()}`;
