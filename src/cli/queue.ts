import { type AppQueue, listQueuedEvaluations, openQueue, type QueueConnection } from "../batch/index.js";
import { UsageError } from "../diagnostics/index.js";
import { printable } from "../report/printable-text.js";
import { describeStatus } from "./batch-queue.js";
import { tell, writeStdout } from "./console.js";
import { evaluationText } from "./evaluation-text.js";
import type { Ending } from "./exit-codes.js";
import { connectToQueue, tellQueueErrors } from "./queue-connection.js";

/** Options of `bycatch queue …`, as commander hands them over. */
export interface QueueOptions {
  readonly queue?: string;
  readonly evaluation?: string;
  readonly format?: "terminal" | "json";
  readonly force?: boolean;
  readonly dead?: boolean;
}

/** `bycatch queue status`: what is waiting, being done, dead and done. */
export function showQueue(options: QueueOptions): Promise<Ending> {
  return withQueues(options, async (queues) => {
    const statuses = await Promise.all(
      queues.map(async ({ id, about, queue }) => ({
        evaluation: id,
        about,
        left: await queue.countApps(),
        ...(await queue.status()),
      })),
    );
    if (options.format === "json") {
      // What was handed on is an app of another job, and counted there.
      const value = statuses.map(({ evaluation, jobs, left, apps: { handedOn: _, ...done } }) => ({
        evaluation,
        jobs,
        apps: { ...left, ...done },
      }));
      await writeStdout(`${JSON.stringify(value, undefined, 2)}\n`);
      return "done";
    }
    if (statuses.length === 0) await writeStdout("No apps were added.\n");
    for (const status of statuses) {
      const { waiting, active, delayed, dead } = status.left;
      const left = `apps: ${waiting} waiting, ${active} active, ${delayed} to be tried again, ${dead} dead`;
      await writeStdout(`${status.evaluation}  ${status.about}\n  ${describeStatus(status)}\n  ${left}\n`);
    }
    return "done";
  });
}

/** `bycatch queue dead`: apps that could not be audited after all attempts, and why. */
export function listDead(options: QueueOptions): Promise<Ending> {
  return withQueues(options, async (queues) => {
    const letters = [];
    for (const { id, queue } of queues) {
      for await (const letter of queue.deadLetters()) letters.push({ evaluation: id, ...letter });
    }
    if (options.format === "json") {
      await writeStdout(`${JSON.stringify(letters, undefined, 2)}\n`);
      return "done";
    }
    if (letters.length === 0) await writeStdout("There are no dead letters.\n");
    for (const { apps, attempts, reason } of letters) {
      const tries = `${attempts} ${attempts === 1 ? "attempt" : "attempts"}`;
      for (const app of apps) await writeStdout(`${printable(app)}\n`);
      await writeStdout(`  ${tries}: ${printable(reason, 2_000)}\n`);
    }
    return "done";
  });
}

/** `bycatch queue retry`: lets dead letters be tried anew. */
export function retryDead(apps: readonly string[], options: QueueOptions): Promise<Ending> {
  return withQueues(options, async (queues) => {
    const wanted = new Set(apps);
    let retried = 0;
    for (const { queue } of queues)
      retried += await queue.retryDead((app) => apps.length === 0 || wanted.has(app));
    if (retried === 0 && apps.length > 0) {
      throw new UsageError("queue retry", "none of these is a dead letter", "See: bycatch queue dead");
    }
    tell(`${retried} dead ${retried === 1 ? "letter is" : "letters are"} tried anew`);
    return "done";
  });
}

/** `bycatch queue clear`: forgets jobs, or dead letters alone. */
export function clearQueue(options: QueueOptions): Promise<Ending> {
  return withQueues(options, async (queues) => {
    for (const { id, queue } of queues) {
      if (options.dead) {
        const number = await queue.clearDead();
        tell(
          `${number} dead ${number === 1 ? "letter of" : "letters of"} ${id} ${number === 1 ? "is" : "are"} forgotten`,
        );
      } else {
        await queue.clear(options.force ?? false);
        tell(`the queue of ${id} is empty; what is in stores stays there`);
      }
    }
    return "done";
  });
}

interface OpenQueue {
  /** Of the evaluation. */
  readonly id: string;
  /** What it stands for. */
  readonly about: string;
  readonly queue: AppQueue;
}

async function withQueues(
  options: QueueOptions,
  work: (queues: readonly OpenQueue[]) => Promise<Ending>,
): Promise<Ending> {
  const connection = await connectToQueue(options.queue);
  const queues: OpenQueue[] = [];
  try {
    for (const { id, about } of await chooseEvaluations(connection, options.evaluation)) {
      queues.push({ id, about, queue: await openQueue(connection, id, tellQueueErrors()) });
    }
    return await work(queues);
  } finally {
    for (const { queue } of queues) await queue.close();
    await connection.close();
  }
}

async function chooseEvaluations(connection: QueueConnection, wanted: string | undefined) {
  const all = (await listQueuedEvaluations(connection)).map(({ id, evaluation }) => {
    if (evaluation === undefined) return { id, about: "" };
    return { id, about: evaluationText(evaluation) };
  });
  if (wanted === undefined) return all;
  const chosen = all.filter(({ id }) => id === wanted);
  if (chosen.length > 0) return chosen;
  const known = all.length === 0 ? "It has none." : `It has ${all.map(({ id }) => id).join(", ")}.`;
  throw new UsageError("--evaluation", `the queue has no apps for ${printable(wanted, 40)}`, known);
}
