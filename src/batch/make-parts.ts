// The program of the thread that makes parts: started by PartThread, which tells it what of.
import { parentPort } from "node:worker_threads";
import { partBuilder } from "../store/index.js";
import type { FromPartThread, PartTask, ToPartThread } from "./part-messages.js";

parentPort?.on("message", async ({ number, task }: ToPartThread) => {
  try {
    const { result, buffers } = await perform(task);
    send({ number, result }, buffers);
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    send({ number, error, details: { ...error } });
  }
});

async function perform(task: PartTask): Promise<{ result: unknown; buffers?: ArrayBuffer[] }> {
  if (task.kind === "list") return { result: await partBuilder.listLines(task.path) };
  const result = await partBuilder.buildPart(task.path, task.apps);
  return { result, buffers: [...result.tables.values()].map(({ buffer }) => buffer as ArrayBuffer) };
}

function send(message: FromPartThread, buffers: ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, buffers);
}
