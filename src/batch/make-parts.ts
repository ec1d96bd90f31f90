// The program of the thread that makes parts: started by PartThread, which tells it what of.
import { partBuilder } from "../store/index.js";
import type { PartTask } from "./part-thread.js";
import { buffersOf, serveTasks } from "./serve-tasks.js";

serveTasks(async (task: PartTask) => {
  if (task.kind === "list") return { result: await partBuilder.listLines(task.path) };
  const result = await partBuilder.buildPart(task.path, task.apps);
  return { result, buffers: buffersOf(result.tables) };
});
