import { Worker } from "node:worker_threads";
import { OUT_OF_MEMORY } from "./process-messages.js";

/** Milliseconds between two looks. */
const INTERVAL = 50;

/**
 * What the thread runs: it looks also while the process's own thread is in a loop. A process that grows over its
 * limit, or whose parent is gone, is ended on the spot.
 */
const GUARD = `
const { writeSync } = require("node:fs");
const { workerData: { most, interval, words, seen } } = require("node:worker_threads");
const parent = process.ppid;
setInterval(() => {
  if (process.ppid !== parent) process.kill(process.pid, "SIGKILL");
  const resident = process.memoryUsage.rss();
  seen[0] = resident;
  if (resident <= most) return;
  try { writeSync(2, words); } catch {}
  process.kill(process.pid, "SIGKILL");
}, interval);
`;

/**
 * Ends this process when it holds more memory than allowed, saying so on standard error, or when its parent died.
 *
 * V8's own limit knows only its heap; what DEX files take lies outside of it.
 *
 * @returns what gives the bytes that this process held when the guard last looked
 */
export function guardMemory(mebibytes: number): () => number {
  const seen = new Float64Array(new SharedArrayBuffer(8));
  const worker = new Worker(GUARD, {
    eval: true,
    workerData: { most: mebibytes * 2 ** 20, interval: INTERVAL, words: `${OUT_OF_MEMORY}\n`, seen },
    resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2 },
  });
  worker.unref();
  return () => seen[0]!;
}
