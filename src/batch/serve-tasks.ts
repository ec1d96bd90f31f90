import { parentPort } from "node:worker_threads";
import type { FromThread, ToThread } from "./task-thread.js";

/** What a task came to, and buffers in it that are handed over and not copied. */
interface Performed {
  readonly result: unknown;
  readonly buffers?: readonly ArrayBuffer[];
}

/** Does what `TaskThread` asks of the thread that this is called in. */
export function serveTasks<Task>(perform: (task: Task) => Promise<Performed>): void {
  const send = (message: FromThread, buffers: readonly ArrayBuffer[] = []) =>
    parentPort?.postMessage(message, [...buffers]);
  parentPort?.on("message", async ({ number, task }: ToThread<Task>) => {
    try {
      const { result, buffers } = await perform(task);
      send({ number, result }, buffers);
    } catch (thrown) {
      const error = thrown instanceof Error ? thrown : new Error(String(thrown));
      send({ number, error, details: { ...error } });
    }
  });
}

/** The buffers of a part's tables. */
export function buffersOf(tables: ReadonlyMap<string, Uint8Array>): ArrayBuffer[] {
  return [...tables.values()].map(({ buffer }) => buffer as ArrayBuffer);
}
