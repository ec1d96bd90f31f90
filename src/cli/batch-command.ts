import { UsageError } from "../diagnostics/index.js";
import { type Ending, renderExitCodes } from "./exit-codes.js";
import type { OwnCommand } from "./options.js";
import { addQueueOptions } from "./queue-commands.js";

/** What a batch is run with, beside the user's options: what this build is made of. */
export interface BatchBuild {
  /** The compiled rules. */
  readonly rules: URL;
  /** The bundled `audit-process.js`. */
  readonly auditProgram: URL;
  /** The bundled `make-parts.js`. */
  readonly partsProgram: URL;
  /** The bundled `carry-rows.js`. */
  readonly carryProgram: URL;
  /** SHA-256, in hexadecimal, of the code that audits: a version may have several. */
  readonly codeDigest: string;
  /** Version of bycatch. */
  readonly version: string;
}

/** Adds `bycatch batch`. */
export function addBatch(program: OwnCommand, build: BatchBuild, end: (ending: Ending) => void): void {
  const command = program
    .command("batch")
    .summary("audit many apps into a store")
    .description(
      "Audits every app in folders and writes a store: Parquet files that bycatch\nquery and any other engine can read. An app that hangs, crashes or is spoilt is\na row that says so, and keeps no other from it. Run again, it goes on where it\nstopped: what the store has is not audited again.",
    )
    .argument("<path...>", "folders, APK files, globs; - reads a list of files from standard input")
    .option("--store <dir>", "folder of the store: new, empty, or a store already")
    .processOptions()
    .option("--watch", "go on with what is dropped into the folders, until stopped by SIGINT or SIGTERM")
    .option(
      "--no-facts",
      "keep nothing of what is read of apps; what is kept saves other rules from reading them again",
    )
    .option("--retry-failed", "audit again what failed before")
    .evaluationOptions()
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
