import type { Row } from "../store/index.js";
import { BatchRun, type RunParts } from "./batch-run.js";
import type { AppInput } from "./find-apps.js";
import type { Tally } from "./tally.js";

/** What a run is told beside what it works with. */
export interface RunOptions extends RunParts {
  /** Whether apps that failed before are audited again. */
  readonly retriesFailed: boolean;
  /** Takes no more apps from then on; those under way are finished. */
  readonly stop: AbortSignal;
  /** Told when the run begins: its numbers, which go on changing. */
  readonly onBegin?: (tally: Tally) => void;
}

/**
 * Audits apps that the store does not have, in their order.
 *
 * @throws what made the run fail: a store that cannot be written, a pool that cannot start
 */
export async function runBatch(apps: readonly AppInput[], options: RunOptions): Promise<Tally> {
  await dropRetried(apps, options);
  const run = await BatchRun.begin(options);
  options.onBegin?.(run.tally);
  for (const app of apps) {
    if (options.stop.aborted) break;
    await run.take(app);
  }
  run.endChunk();
  await run.settle();
  return run.tally;
}

/** Takes the rows of apps out of the store that are about to be tried again. */
export async function dropRetried(
  apps: readonly AppInput[],
  { store, retriesFailed }: Pick<RunOptions, "store" | "retriesFailed">,
): Promise<void> {
  let names: Set<string> | undefined;
  const isAmongThem = ({ path }: Row) =>
    (names ??= new Set(apps.map(({ name }) => name))).has(path as string);
  // Without a digest it is not known again, and so is tried again by each run.
  await store.dropFailed((row) => (retriesFailed || row.app === null) && isAmongThem(row));
}
