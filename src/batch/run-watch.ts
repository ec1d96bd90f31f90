import { BatchRun } from "./batch-run.js";
import type { AppInput } from "./find-apps.js";
import { dropRetried, findRetried, type RunOptions } from "./run-batch.js";
import type { Tally } from "./tally.js";
import { type WatchOptions, watchApps } from "./watch-apps.js";

/**
 * Audits the apps in folders and what is dropped into them, until it is told to stop. What is finished becomes a part
 * when nothing more has come for a moment.
 *
 * @param named folders, files and globs
 * @throws UsageError for a name that neither is there nor is a glob; else what made the run fail
 */
export async function runWatch(
  named: readonly string[],
  options: RunOptions & Omit<WatchOptions, "stop">,
): Promise<Tally> {
  let run: BatchRun | undefined;
  for await (const ready of watchApps(named, options)) {
    // The first that are ready are those which were there: what failed of them is tried again all at once.
    if (ready.length > 0) run ??= await beginWatch(ready, options);
    for (const app of ready) {
      if (options.stop.aborted) break;
      await run?.take(app);
    }
    if (ready.length === 0) run?.endChunk();
  }
  run ??= await beginWatch([], options);
  run.endChunk();
  await run.settle();
  run.countCarried();
  return run.tally;
}

async function beginWatch(ready: readonly AppInput[], options: RunOptions): Promise<BatchRun> {
  await dropRetried(ready, options);
  const carried = await options.carryOver?.(ready);
  const run = await BatchRun.begin(options, await findRetried(options), carried);
  options.onBegin?.(run.tally);
  return run;
}
