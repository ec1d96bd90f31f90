import { resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import {
  type AppPlace,
  type AppQueue,
  bucketFiles,
  enqueueApps,
  isUrl,
  noteEvaluation,
  openQueue,
  type QueueStatus,
  showLocation,
} from "../batch/index.js";
import { UsageError } from "../diagnostics/index.js";
import { evaluationId } from "../store/index.js";
import type { BatchBuild } from "./batch-command.js";
import { tell } from "./console.js";
import { type Ending, worstOf } from "./exit-codes.js";
import { findNamedApps } from "./find-named-apps.js";
import { namingFlag } from "./naming-flag.js";
import { type EvaluationOptions, prepareEvaluation } from "./prepare-evaluation.js";
import { Progress } from "./progress.js";
import { connectToQueue, openS3Client, tellQueueErrors } from "./queue-connection.js";

/** The options of `bycatch batch` that bear on a queue, as commander hands them over. */
export interface EnqueueCommandOptions extends EvaluationOptions {
  readonly queue: string | true;
  readonly appsPerJob: number;
  readonly attempts: number;
  readonly backoff: number;
  readonly mostWaiting: number;
  readonly wait?: boolean;
  readonly s3PathStyle?: boolean;
  readonly quiet?: boolean;
}

/** Between two looks at a queue that is waited for, in milliseconds. */
const LOOK_AGAIN = 500;

/**
 * `bycatch batch --queue`: adds apps to a queue, for workers to audit; waits for them if asked.
 *
 * @throws UsageError before anything is added
 */
export async function enqueue(
  places: readonly string[],
  options: EnqueueCommandOptions,
  build: BatchBuild,
): Promise<Ending> {
  const { inputs, troubles } = await findInputs(places, options.s3PathStyle ?? false);
  if (inputs.length === 0) throw new UsageError("batch", "there are no apps in what was named");
  const { evaluation } = await prepareEvaluation(options, build);
  const id = evaluationId(evaluation);
  const connection = await connectToQueue(options.queue);
  const progress = new Progress(options.quiet ?? false);
  try {
    const queue = await openQueue(connection, id, tellQueueErrors());
    try {
      await noteEvaluation(connection, id, evaluation);
      const { added, known } = await enqueueApps(queue, inputs, {
        appsPerJob: options.appsPerJob,
        attempts: options.attempts,
        backoffSeconds: options.backoff,
        mostWaiting: options.mostWaiting,
        onProgress: (added, known) =>
          progress.show(`${added + known} of ${inputs.length} apps are in the queue`),
      });
      progress.erase();
      const before = known === 0 ? "" : `, ${known} ${known === 1 ? "was" : "were"} added before`;
      tell(
        `${added} ${added === 1 ? "app was" : "apps were"} added to ${connection.shown} for the evaluation ${id}${before}`,
      );
      const ending = options.wait ? await waitForAll(queue, progress) : "done";
      return troubles > 0 ? worstOf([ending, "incomplete"]) : ending;
    } finally {
      progress.erase();
      await queue.close();
    }
  } finally {
    await connection.close();
  }
}

/** The apps that were named, and how many places could not be looked into. */
async function findInputs(
  places: readonly string[],
  pathStyle: boolean,
): Promise<{ readonly inputs: readonly AppPlace[]; readonly troubles: number }> {
  const { apps, elsewhere, troubles } = await findNamedApps(places, isUrl);
  const inputs: AppPlace[] = apps.map(({ path, name }) => ({ location: resolve(path), name }));
  for (const url of elsewhere) {
    if (/^s3:\/\/.*\/$/is.test(url)) inputs.push(...(await listBucket(url, pathStyle)));
    else inputs.push({ location: url, name: showLocation(url) });
  }
  return { inputs, troubles };
}

/** The APKs below a bucket's prefix. */
async function listBucket(url: string, pathStyle: boolean): Promise<AppPlace[]> {
  const s3 = await openS3Client(pathStyle);
  try {
    const names = await namingFlag("batch", url, () => bucketFiles(s3, url).list(""));
    return names.filter((name) => /\.apk$/i.test(name)).map((name) => ({ location: url + name, name }));
  } finally {
    s3.client.destroy();
  }
}

async function waitForAll(queue: AppQueue, progress: Progress): Promise<Ending> {
  for (;;) {
    const status = await queue.status();
    const { waiting, active, delayed } = status.jobs;
    if (waiting + active + delayed === 0) {
      progress.erase();
      tell(describeStatus(status));
      const { incomplete, failed } = status.apps;
      return incomplete + failed + status.jobs.dead > 0 ? "incomplete" : "done";
    }
    progress.show(describeStatus(status));
    await pause(LOOK_AGAIN);
  }
}

/** A queue's state in a line. */
export function describeStatus({ jobs, apps }: QueueStatus): string {
  const done = `${apps.audited} audited, ${apps.incomplete} incomplete, ${apps.failed} failed, ${apps.known} known already`;
  return `${done}; jobs: ${jobs.waiting} waiting, ${jobs.active} active, ${jobs.delayed} to be tried again, ${jobs.dead} dead`;
}
