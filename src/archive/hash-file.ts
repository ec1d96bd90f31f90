import { createHash } from "node:crypto";
import { readSync } from "node:fs";

/** From this size on, in bytes, a thread of its own is worth what it costs to start. */
const WORTH_A_THREAD = 32 << 20;

/** Bytes read at a time, into one buffer. */
const BLOCK = 1 << 18;

/** What the thread runs: a file beside the bundle would have to be found. The descriptor is the process's. */
const WORKER = `
const { createHash } = require("node:crypto");
const { readSync } = require("node:fs");
const { parentPort, workerData: { fd, block } } = require("node:worker_threads");
const hash = createHash("sha256");
const buffer = Buffer.allocUnsafeSlow(block);
for (let offset = 0, got; (got = readSync(fd, buffer, 0, block, offset)) > 0; offset += got) hash.update(buffer.subarray(0, got));
parentPort.postMessage(hash.digest("hex"));
`;

/** SHA-256 of an open file of `size` bytes, lower-case hexadecimal; a large one is hashed on a thread of its own. */
export function hashFile(fd: number, size: number): Promise<string> {
  return size < WORTH_A_THREAD ? Promise.resolve(hashHere(fd)) : hashOnThread(fd);
}

function hashHere(fd: number): string {
  const hash = createHash("sha256");
  const buffer = Buffer.allocUnsafeSlow(BLOCK);
  let offset = 0;
  for (
    let got = readSync(fd, buffer, 0, BLOCK, offset);
    got > 0;
    got = readSync(fd, buffer, 0, BLOCK, offset)
  ) {
    hash.update(buffer.subarray(0, got));
    offset += got;
  }
  return hash.digest("hex");
}

async function hashOnThread(fd: number): Promise<string> {
  const { Worker } = await import("node:worker_threads");
  return new Promise((resolve, reject) => {
    const worker = new Worker(WORKER, { eval: true, workerData: { fd, block: BLOCK } });
    worker.once("message", resolve);
    worker.once("error", reject);
  });
}
