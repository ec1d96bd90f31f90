// What a batch costs: `npm run bench:batch [-- --part rate,scaling,rules,memory] [--apps 1000] [--many 10000]`. Apps per second
// and core, scaling from one core to all (taskset holds
// a run to one), a rule update against a fresh scan, memory after many apps against after
// a few. The apps are those of the corpus, over and over, each with an archive comment of its own, so that no two
// files are the same; their DEX files are. Quote ratios taken in one run. Nothing here decides a test.
import { spawn } from "node:child_process";
import {
  closeSync,
  copyFileSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { corpus, fetchCorpus, findCorpusFile } from "../test/support/fetch-corpus.js";

const root = fileURLToPath(new URL("../", import.meta.url));
const cache = join(root, ".cache", "bench", "batch");
const bycatch = join(root, "bin", "bycatch.js");

const { values: options } = parseArgs({
  options: {
    part: { type: "string", default: "rate,rules,memory" },
    apps: { type: "string", default: "1000" },
    many: { type: "string", default: "10000" },
    few: { type: "string", default: "100" },
    runs: { type: "string", default: "3" },
  },
});
const cores = cpus().length;

/** A rule that no rules update would notice but for its digest: nothing of the corpus fits it. */
const RULE = `id: bench-wrackline
name: Wrackline
vendor: adjust
category: analytics
site: https://wrackline.example/
signatures:
  - class-prefix: Lcom/wrackline/
  - string: https://in.wrackline.example
note: Invented for this measurement.
sources:
  - kind: public-code
    where: invented for this measurement
    read-on: 2026-11-25
examples:
  present:
    - class: Lcom/wrackline/A;
  absent:
    - class: Lcom/wracklineb/A;
`;

await main();

async function main() {
  for (const { package: name, reason } of await fetchCorpus(["apk"], console.error)) {
    console.error(`not measured: ${name} (${reason})`);
  }
  rmSync(cache, { recursive: true, force: true });
  mkdirSync(cache, { recursive: true });
  const paths = corpus.flatMap((entry) => (entry.kind === "apk" ? (findCorpusFile(entry) ?? []) : []));
  const parts = { rate: measureRate, rules: measureRuleUpdate, memory: measureMemory };
  const lines = [
    `Node ${process.version}, ${cores} x ${cpus()[0]?.model}; ${paths.length} APKs of the corpus.`,
  ];
  for (const part of options.part.split(",")) {
    if (parts[part] === undefined)
      throw new Error(`--part: there is no ${part}; there are ${Object.keys(parts)}`);
    lines.push("", ...(await parts[part](paths)));
  }
  rmSync(cache, { recursive: true, force: true });
  console.log(lines.join("\n"));
}

/** Fresh runs over the corpus, on one core and on all, taking turns; with the facts kept and without. */
async function measureRate(paths) {
  const folder = join(cache, "rate");
  const count = paths.length * 8;
  writeCopies(repeat(paths, count), folder);
  const ways = {
    "1 core, no facts": ["--jobs", "1", "--no-facts"],
    [`${cores} cores, no facts`]: ["--jobs", String(cores), "--no-facts"],
    [`${cores} cores, facts kept`]: ["--jobs", String(cores)],
  };
  const samples = Object.fromEntries(Object.keys(ways).map((way) => [way, []]));
  for (let run = 0; run < Number(options.runs); run++) {
    for (const [way, flags] of Object.entries(ways)) {
      const store = join(cache, "store");
      samples[way].push(await runBatch([folder, "--store", store, ...flags], way.startsWith("1 core")));
      if (run === 0 && !flags.includes("--no-facts")) tellSizes(store, folder, count);
      rmSync(store, { recursive: true });
    }
  }
  rmSync(folder, { recursive: true });
  const rates = Object.entries(samples).map(([way, list]) => [
    way,
    count / median(list.map(({ seconds }) => seconds)),
  ]);
  const [one, all] = rates.map(([, rate]) => rate);
  return [
    `${count} apps, medians of ${options.runs} runs in turn, start-up included:`,
    "",
    "| Way | Apps per second | Per core |",
    "|---|---|---|",
    ...rates.map(([way, rate], index) => {
      const used = index === 0 ? 1 : cores;
      return `| ${way} | ${rate.toFixed(1)} | ${(rate / used).toFixed(1)} |`;
    }),
    "",
    `Scaling from 1 core to ${cores}: ${(all / one / cores).toFixed(2)}.`,
  ];
}

function tellSizes(store, folder, count) {
  const mebibytes = (path) => (folderBytes(path) / 2 ** 20).toFixed(1);
  const tables = readdirSync(store, { recursive: true }).filter((name) => name.endsWith(".parquet"));
  const parquet = tables.reduce((sum, name) => sum + statSync(join(store, name)).size, 0);
  console.error(
    `${count} apps of ${mebibytes(folder)} MiB: ${mebibytes(join(store, "facts"))} MiB of facts, ${(parquet / count).toFixed(0)} bytes of Parquet an app`,
  );
}

/** A rule more, over apps whose facts are there, against the same apps read anew. */
async function measureRuleUpdate(paths) {
  const folder = join(cache, "rules");
  const count = Number(options.apps);
  writeCopies(repeat(paths, count), folder);
  const rule = join(cache, "wrackline.yaml");
  writeFileSync(rule, RULE);
  const jobs = ["--jobs", String(cores)];
  const cached = join(cache, "cached");
  const fresh = join(cache, "fresh");
  await runBatch([folder, "--store", cached, ...jobs]);
  const again = await runBatch([folder, "--store", fresh, "--no-facts", "--rules", rule, ...jobs]);
  const update = await runBatch([folder, "--store", cached, "--rules", rule, ...jobs]);
  for (const path of [folder, cached, fresh]) rmSync(path, { recursive: true });
  return [
    `${count} apps: a fresh scan ${again.seconds.toFixed(1)} s, a rule update from facts ${update.seconds.toFixed(1)} s: ${(again.seconds / update.seconds).toFixed(1)} times as fast.`,
  ];
}

/** Resident memory at the end of a run over many apps, against one over the first few of them. */
async function measureMemory(paths) {
  const many = Number(options.many);
  const few = Number(options.few);
  const small = paths.filter((path) => statSync(path).size < 2 ** 20);
  const large = paths.filter((path) => !small.includes(path));
  // Of every few apps, each large one is one: what a process needs for the largest, it needs from the beginning.
  const order = Array.from({ length: many }, (_, index) => large[index % few] ?? small[index % small.length]);
  const ends = [];
  for (const count of [few, many]) {
    const folder = join(cache, "memory");
    const store = join(cache, "store");
    writeCopies(order.slice(0, count), folder);
    const { samples } = await runBatch([folder, "--store", store, "--jobs", String(cores)]);
    for (const path of [folder, store]) rmSync(path, { recursive: true });
    // The last second belongs to what ends, not to what runs.
    ends.push(samples.slice(-25, -5));
  }
  return ["main", "workers"].map((what) => {
    const [before, after] = ends.map((list) => median(list.map((sample) => sample[what])) / 1024);
    const name = what === "main" ? "the process that leads" : "its worker processes together";
    return `Memory of ${name}: ${before.toFixed(0)} MiB at the end of ${few} apps, ${after.toFixed(0)} MiB at the end of ${many}: ${(after / before).toFixed(2)}.`;
  });
}

/** Copies of apps, each with an archive comment of its own. */
function writeCopies(paths, folder) {
  mkdirSync(folder, { recursive: true });
  paths.forEach((path, index) => {
    const copy = join(folder, `${String(index).padStart(6, "0")}.apk`);
    copyFileSync(path, copy);
    addComment(copy, `copy ${index}`);
  });
}

/** Puts a comment behind the end of central directory record, which is last in the file where there is none yet. */
function addComment(path, comment) {
  const fd = openSync(path, "r+");
  const { size } = fstatSync(fd);
  const tail = Buffer.alloc(Math.min(size, 65_557));
  readSync(fd, tail, 0, tail.length, size - tail.length);
  const end = tail.lastIndexOf(Buffer.from("PK\x05\x06", "latin1"));
  const old = tail.readUInt16LE(end + 20);
  const record = Buffer.alloc(2);
  record.writeUInt16LE(old + comment.length);
  writeSync(fd, record, 0, 2, size - tail.length + end + 20);
  writeSync(fd, comment, size);
  closeSync(fd);
}

/**
 * Runs a batch to its end; samples the memory of its processes, in KiB, five times a second.
 *
 * @param isHeld to one core: a process alone would inflate on others too
 */
function runBatch(args, isHeld = false) {
  const start = performance.now();
  const command = [...(isHeld ? ["taskset", "-c", "0"] : []), process.execPath, bycatch, "batch", ...args];
  const child = spawn(command[0], command.slice(1), { stdio: ["ignore", "ignore", "pipe"] });
  const samples = [];
  const timer = setInterval(() => {
    const sample = sampleMemory(child.pid);
    if (sample !== undefined) samples.push(sample);
  }, 200);
  let told = "";
  child.stderr.on("data", (text) => {
    told += text;
  });
  return new Promise((resolve, reject) => {
    child.on("exit", (status) => {
      clearInterval(timer);
      // 3: some app could not be read whole, as on the corpus.
      if (status !== 0 && status !== 3)
        reject(new Error(`batch ${args.join(" ")} ended with ${status}: ${told}`));
      else resolve({ seconds: (performance.now() - start) / 1000, samples });
    });
  });
}

function sampleMemory(pid) {
  try {
    const main = residentKibibytes(pid);
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8")
      .trim()
      .split(" ")
      .filter(Boolean);
    const workers = children.map(residentKibibytes).reduce((sum, size) => sum + size, 0);
    return { main, workers };
  } catch {
    return undefined; // It has just ended.
  }
}

function residentKibibytes(pid) {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0);
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function folderBytes(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}

/** Each path so many times over, up to a number of them. */
function repeat(paths, count) {
  return Array.from({ length: count }, (_, index) => paths[index % paths.length]);
}
