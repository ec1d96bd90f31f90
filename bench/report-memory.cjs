// Loaded into each measured Node process by --require: tells its peak memory, in KiB, on file descriptor 3.
const { writeSync } = require("node:fs");
const { isMainThread } = require("node:worker_threads");

if (isMainThread) process.on("exit", () => writeSync(3, String(process.resourceUsage().maxRSS)));
