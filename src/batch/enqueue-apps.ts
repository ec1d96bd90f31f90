import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { isUrl } from "./app-location.js";
import type { AppQueue, JobTries } from "./app-queue.js";
import type { AppPlace, QueueInput } from "./queue-job.js";

/** Inputs looked up at a time. */
const PAGE = 1_000;
/** Between two looks at a queue that is full, in milliseconds. */
const PATIENCE = 500;

/** How apps are added to a queue. */
export interface EnqueueOptions extends JobTries {
  /** Apps of a job. */
  readonly appsPerJob: number;
  /** Jobs that wait at most: what adds more waits. */
  readonly mostWaiting: number;
  /** Told of each job: how many apps were added so far, and how many were there before. */
  readonly onProgress: (added: number, known: number) => void;
  readonly signal?: AbortSignal;
}

/** What was added. */
export interface Enqueued {
  readonly added: number;
  /** Apps that were added before. */
  readonly known: number;
}

/**
 * Adds apps to a queue, as jobs of some each. What was added before, and is the same file still, is not added again.
 *
 * @throws the signal's reason when it is aborted; what was added stays
 */
export async function enqueueApps(
  queue: AppQueue,
  places: readonly AppPlace[],
  options: EnqueueOptions,
): Promise<Enqueued> {
  const { appsPerJob, onProgress } = options;
  let added = 0;
  let known = 0;
  let chunk: QueueInput[] = [];
  const dead = await queue.findDeadApps();
  const send = async () => {
    if (chunk.length === 0) return;
    await waitForRoom(queue, options);
    await queue.add(chunk, options);
    // If we die before this the same apps become the same job again, which is there already.
    await queue.noteKnown(chunk.map(({ key }) => key));
    // Another file is at its place now: that one cannot be had any more.
    for (const { location } of chunk) {
      const letter = dead.get(location);
      if (letter !== undefined) await queue.forgetDead(letter);
    }
    added += chunk.length;
    chunk = [];
    onProgress(added, known);
  };
  for (let start = 0; start < places.length; start += PAGE) {
    const page = await Promise.all(places.slice(start, start + PAGE).map(addKey));
    const areKnown = await queue.areKnown(page.map(({ key }) => key));
    for (const [index, input] of page.entries()) {
      if (areKnown[index]) {
        known++;
        continue;
      }
      chunk.push(input);
      if (chunk.length === appsPerJob) await send();
    }
  }
  await send();
  onProgress(added, known);
  return { added, known };
}

async function waitForRoom(queue: AppQueue, { mostWaiting, signal }: EnqueueOptions): Promise<void> {
  for (;;) {
    signal?.throwIfAborted();
    const { waiting, delayed } = await queue.countJobs();
    if (waiting + delayed < mostWaiting) return;
    await pause(PATIENCE, undefined, signal === undefined ? {} : { signal });
  }
}

/** The same for the same file: one that was changed is another. */
async function addKey({ location, name }: AppPlace): Promise<QueueInput> {
  const parts: (string | number)[] = [location];
  if (!isUrl(location)) {
    try {
      const { size, mtimeMs } = await stat(location);
      parts.push(size, mtimeMs);
    } catch (error) {
      // It may be that workers alone have it; if they do not, it becomes a dead letter.
      if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    }
  }
  const key = createHash("sha256").update(JSON.stringify(parts)).digest("base64url").slice(0, 22);
  return { location, name, key };
}
