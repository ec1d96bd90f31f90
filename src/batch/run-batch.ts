import type { Row } from "../store/index.js";
import { BatchRun, isFailureOf, type RunParts } from "./batch-run.js";
import type { AppInput } from "./find-apps.js";
import { describeInput } from "./input-file.js";
import type { Tally } from "./tally.js";

/** What a run is told beside what it works with. */
export interface RunOptions extends RunParts {
  /** Whether apps that failed before are audited again. */
  readonly retriesFailed: boolean;
  /** Carries rows of apps over that need not be audited: gives the digests of these. */
  readonly carryOver?: (apps: readonly AppInput[]) => Promise<ReadonlySet<string>>;
  /** Takes no more apps from then on; those under way are finished. */
  readonly stop: AbortSignal;
  /** Told when the run begins: its numbers, which go on changing. */
  readonly onBegin?: (tally: Tally) => void;
}

type RetryOptions = Pick<RunOptions, "store" | "index" | "retriesFailed">;

/**
 * Audits apps that the store does not have, in their order.
 *
 * @throws what made the run fail: a store that cannot be written, a pool that cannot start
 */
export async function runBatch(apps: readonly AppInput[], options: RunOptions): Promise<Tally> {
  await dropRetried(apps, options);
  const run = await BatchRun.begin(options, new Set(), await options.carryOver?.(apps));
  options.onBegin?.(run.tally);
  for (const app of apps) {
    if (options.stop.aborted) break;
    await run.take(app);
  }
  run.endChunk();
  await run.settle();
  run.countCarried();
  return run.tally;
}

/** Takes the rows of apps out of the store that are about to be tried again. */
export async function dropRetried(apps: readonly AppInput[], options: RetryOptions): Promise<void> {
  const names = await findRetried(options);
  const digests = new Map<string, (string | undefined)[]>();
  for (const { name, path } of apps) {
    if (!names.has(name)) continue;
    const file = describeInput(path);
    digests.set(name, [...(digests.get(name) ?? []), file && options.index.find(file)]);
  }
  if (digests.size === 0) return;
  await options.store.dropFailed((row) => {
    const ofName = digests.get(row.path as string) ?? [];
    return isRetried(row, options) && ofName.some((sha256) => isFailureOf(row, sha256));
  });
}

/** Names of the apps whose rows go when they are met. */
export async function findRetried(options: RetryOptions): Promise<Set<string>> {
  const names = new Set<string>();
  await options.store.dropFailed((row) => {
    if (isRetried(row, options)) names.add(row.path as string);
    return false;
  });
  return names;
}

/** What has no digest is not known again, and so is tried again by each run. */
function isRetried(row: Row, { retriesFailed }: RetryOptions): boolean {
  return retriesFailed || row.app === null;
}
