import { Option } from "commander";
import { UsageError } from "../diagnostics/index.js";
import type { Rung } from "../findings/index.js";
import { type Ending, renderExitCodes } from "./exit-codes.js";
import { firstPartyOption, type OwnCommand, parseCount, parseMebibytes, rulesOption } from "./options.js";
import { addQueueOptions } from "./queue-commands.js";

/** What a batch is run with, beside the user's options: what this build is made of. */
export interface BatchBuild {
  /** The compiled rules. */
  readonly rules: URL;
  /** The bundled `audit-process.js`. */
  readonly program: URL;
  /** Version of bycatch. */
  readonly version: string;
}

/** Adds `bycatch batch`. */
export function addBatch(
  program: OwnCommand,
  build: BatchBuild,
  depths: Readonly<Record<Rung, string>>,
  end: (ending: Ending) => void,
): void {
  const command = program
    .command("batch")
    .summary("audit many apps into a store")
    .description(
      "Audits every app in folders and writes a store: Parquet files that bycatch query\nand any other engine can read. An app that hangs, crashes or is spoilt is a row that\nsays so, and keeps no other from it. Run again, it goes on where it stopped: what\nthe store has is not audited again.",
    )
    .argument("<path...>", "folders, APK files, globs; - reads a list of files from standard input")
    .option("--store <dir>", "folder of the store; it is made")
    .option("--jobs <n>", "processes that audit; as many as there are cores unless given", parseCount)
    .addOption(
      new Option("--timeout <seconds>", "of one app, which then failed").argParser(parseCount).default(120),
    )
    .addOption(
      new Option("--memory <MiB>", "of the process of one app, which then failed")
        .argParser(parseMebibytes)
        .default(2048),
    )
    .option("--watch", "go on with what is dropped into the folders, until stopped by SIGINT or SIGTERM")
    .option(
      "--no-facts",
      "keep nothing of what is read of apps: with it, other rules need not read them again",
    )
    .option("--retry-failed", "audit again what failed before")
    .addOption(
      new Option("--depth <rung>", "how far to look").choices(Object.keys(depths)).default("referenced"),
    )
    .addOption(firstPartyOption)
    .addOption(rulesOption)
    .option("-q, --quiet", "no progress; what failed, and the summary");
  addQueueOptions(command)
    .addHelpText("after", batchHelp)
    .action(async (paths, options) => {
      if (options.queue !== undefined) {
        const { enqueue } = await import("./batch-queue.js");
        return end(await enqueue(paths, options, build));
      }
      if (options.store === undefined) {
        throw new UsageError("--store", "is missing", "Name the store's folder, or a queue by --queue.");
      }
      const { batch } = await import("./batch.js");
      end(await batch(paths, options, build));
    });
}

const batchHelp = `
Examples:
  $ bycatch batch apks/ --store out/
  $ bycatch batch "apks/2026-*/**/*.apk" --store out/ --jobs 8
  $ find /mnt -name '*.apk' -print0 | bycatch batch - --store out/
  $ bycatch batch inbox/ --store out/ --watch
  $ bycatch query top-sdks --store out/
  $ bycatch batch apks/ --queue redis://queue:6379/0    for workers to audit

${renderExitCodes()}`;
