import { summarizeFleet } from "../store/index.js";
import type { Ending } from "./exit-codes.js";
import { openStoreFolder, tellDepth, tellWhichEvaluation } from "./open-store-folder.js";
import { type FleetFormat, fleetFormats, parseOutputs } from "./outputs.js";
import { writeOutput } from "./write-output.js";

/** `bycatch report`'s options, as commander hands them over. */
export interface ReportOptions {
  readonly store: string;
  readonly evaluation?: string;
  readonly format: FleetFormat;
  readonly output?: readonly string[];
}

/**
 * `bycatch report`: what is known of all apps of a store together.
 *
 * @throws UsageError for a folder that is no store, or has nothing to report
 */
export async function report(options: ReportOptions): Promise<Ending> {
  const outputs = parseOutputs(options.output ?? [], options.format, fleetFormats);
  const opened = await openStoreFolder("report", options.store, { id: options.evaluation });
  const { database, evaluation } = opened;
  try {
    tellWhichEvaluation(opened, options);
    tellDepth(opened, ["accesses"]);
    const summary = await summarizeFleet(database, { id: evaluation.id, ...evaluation.evaluation });
    const { fleetRenderers } = await import("../report/fleet-formats.js");
    for (const output of outputs) await writeOutput(output, fleetRenderers[output.format](summary));
  } finally {
    database.close();
  }
  return "done";
}
