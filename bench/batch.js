// What a batch costs: `npm run bench:batch [-- --part rate,rules,memory,queue --apps 1000 --many 10000 --few 100 --runs 3]`.
// Apps per second and core, scaling from one core to all (taskset holds a run to one), a rule update against a fresh scan,
// the most memory of a run over many apps against one over a few; and what these figures make of 20 million apps. The apps
// are those of the corpus, over and over, each with DEX files of its own (for memory, where they do not matter, a comment): no
// two have the same signature in the header, so that nothing kept of one serves another. Quote ratios taken in one run. Nothing here decides a test.
import { spawn } from "node:child_process";
import { mkdirSync, openSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import JSZip from "jszip";
import { corpus, fetchCorpus, findCorpusFile } from "../test/support/fetch-corpus.js";

const root = fileURLToPath(new URL("../", import.meta.url));
const cache = join(root, ".cache", "bench", "batch");
const bycatch = join(root, "bin", "bycatch.js");

const { values: options } = parseArgs({
  options: {
    part: { type: "string", default: "rate,rules,memory,queue" },
    apps: { type: "string", default: "1000" },
    many: { type: "string", default: "10000" },
    few: { type: "string", default: "100" },
    runs: { type: "string", default: "3" },
  },
});
const cores = cpus().length;

/** A rule that nothing of the corpus fits. */
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

/** A permission that no app has: who asks for which is looked at in every app, so that any may be met by it. */
const PERMISSION = `sources:
  - kind: public-code
    where: invented for this measurement
    read-on: 2026-11-25
permissions:
  - { name: com.wrackline.permission.NONE, protection: normal }
`;

/** What is planned, and the machines that it is planned for. */
const PLANNED_APPS = 20_000_000;
const PLANNED_CORES = 16;

await main();

async function main() {
  for (const { package: name, reason } of await fetchCorpus(["apk"], console.error)) {
    console.error(`not measured: ${name} (${reason})`);
  }
  rmSync(cache, { recursive: true, force: true });
  mkdirSync(cache, { recursive: true });
  const paths = corpus.flatMap((entry) => (entry.kind === "apk" ? (findCorpusFile(entry) ?? []) : []));
  const parts = {
    rate: measureRate,
    rules: measureRuleUpdate,
    memory: measureMemory,
    queue: measureQueue,
  };
  tell(`Node ${process.version}, ${cores} x ${cpus()[0]?.model}; ${paths.length} APKs of the corpus.`);
  const measured = {};
  for (const part of options.part.split(",")) {
    if (parts[part] === undefined)
      throw new Error(`--part: there is no ${part}; there are ${Object.keys(parts)}`);
    tell("", ...(await parts[part](paths, measured)));
  }
  if (measured.rate !== undefined && measured.update !== undefined) tell("", ...plan(measured));
  rmSync(cache, { recursive: true, force: true });
}

function tell(...lines) {
  console.log(lines.join("\n"));
}

/** Fresh runs over the corpus, on one core and on all, taking turns; with the facts kept and without. */
async function measureRate(paths, measured) {
  const folder = join(cache, "rate");
  const count = Number(options.apps);
  const { dexBytes } = await writeCopies(repeat(paths, count), folder);
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
      rmSync(store, { recursive: true });
    }
  }
  const rates = Object.entries(samples).map(([way, list]) => [
    way,
    count / median(list.map(({ seconds }) => seconds)),
  ]);
  const [one, all, kept] = rates.map(([, rate]) => rate);
  const sizes = await measureSizes(paths);
  const mebibytes = (bytes) => (bytes / count / 2 ** 20).toFixed(1);
  const apk = folderBytes(folder) / count;
  Object.assign(measured, { bare: all / cores, rate: kept / cores, apk, ...sizes });
  const lines = [
    `${count} apps of ${mebibytes(folderBytes(folder))} MiB, of which ${mebibytes(dexBytes)} MiB of DEX when inflated; medians of ${options.runs} runs in turn, start-up included:`,
    "",
    "| Way | Apps per second | Per core | MiB of DEX per second and core |",
    "|---|---|---|---|",
    ...rates.map(([way, rate], index) => {
      const perCore = rate / (index === 0 ? 1 : cores);
      const dex = (perCore * dexBytes) / count / 2 ** 20;
      return `| ${way} | ${rate.toFixed(1)} | ${perCore.toFixed(1)} | ${dex.toFixed(0)} |`;
    }),
    "",
    `Scaling from 1 core to ${cores}: ${(all / one / cores).toFixed(2)}.`,
    `Kept of an app: ${(sizes.facts / 1024).toFixed(0)} KiB of facts, ${(sizes.parquet / 1024).toFixed(1)} KiB of Parquet.`,
  ];
  rmSync(folder, { recursive: true });
  return lines;
}

/** Bytes of facts and of Parquet for an app, by apps that have nothing in common. */
async function measureSizes(paths) {
  const store = join(cache, "store");
  await runBatch([...paths, "--store", store]);
  const tables = readdirSync(store, { recursive: true }).filter((name) => name.endsWith(".parquet"));
  const parquet = tables.reduce((sum, name) => sum + statSync(join(store, name)).size, 0);
  const facts = folderBytes(join(store, "facts"));
  rmSync(store, { recursive: true });
  return { facts: facts / paths.length, parquet: parquet / paths.length };
}

/** Changes of rules over apps whose facts are there, one that any app may be met by and one that meets none, against a fresh scan. */
async function measureRuleUpdate(paths, measured) {
  const folder = join(cache, "rules");
  const count = Number(options.apps);
  await writeCopies(repeat(paths, count), folder);
  const own = join(cache, "own-rules");
  mkdirSync(own);
  const flags = ["--rules", own, "--jobs", String(cores)];
  const cached = join(cache, "cached");
  const fresh = join(cache, "fresh");
  await runBatch([folder, "--store", cached, "--jobs", String(cores)]);
  const samples = { again: [], facts: [], carried: [] };
  // Other rules each time: what the store has is not audited again.
  const write = (name, text, run) =>
    writeFileSync(join(own, name), text.replaceAll("wrackline", `wrackline${run}`));
  for (let run = 0; run < Number(options.runs); run++) {
    write("permissions.yaml", PERMISSION, run);
    samples.again.push(await runBatch([folder, "--store", fresh, "--no-facts", ...flags]));
    samples.facts.push(await runBatch([folder, "--store", cached, ...flags]));
    write("wrackline.yaml", RULE, run);
    samples.carried.push(await runBatch([folder, "--store", cached, ...flags]));
    rmSync(fresh, { recursive: true });
  }
  for (const path of [folder, cached]) rmSync(path, { recursive: true });
  const medianOf = (key, of) => median(samples[of].map((sample) => sample[key]));
  const [again, facts, carried] = Object.keys(samples).map((of) => medianOf("seconds", of));
  Object.assign(measured, {
    update: count / facts / cores,
    leader: count / medianOf("leaderSeconds", "facts"),
    carried: count / carried / cores,
    carryingLeader: count / medianOf("leaderSeconds", "carried"),
  });
  return [
    `${count} apps, medians of ${options.runs}: a fresh scan ${again.toFixed(1)} s.`,
    `A change of rules that any app may be met by, from facts: ${facts.toFixed(1)} s, ${(again / facts).toFixed(1)} times as fast.`,
    `A rule more, which meets no app, rows carried over: ${carried.toFixed(1)} s, ${(again / carried).toFixed(1)} times as fast.`,
    `The thread that leads could do ${measured.leader.toFixed(0)} apps per second from facts, ${measured.carryingLeader.toFixed(0)} carried over, by its own time.`,
  ];
}

/** The figures, multiplied; a machine does no more than what leads it can hand out. */
function plan({ bare, rate, update, leader, carried, carryingLeader, apk, facts, parquet, queue }) {
  const hours = (perCore, leader, machines) =>
    (PLANNED_APPS / Math.min(perCore * PLANNED_CORES, leader) / machines / 3600).toFixed(1);
  const tebibytes = (bytes) => ((bytes * PLANNED_APPS) / 2 ** 40).toFixed(1);
  const row = (what, perCore, bound = leader) =>
    `| ${what} | ${perCore.toFixed(1)} | ${[1, 10, 50].map((machines) => hours(perCore, bound, machines)).join(" | ")} |`;
  return [
    `${PLANNED_APPS.toLocaleString("en")} apps like these, hours on machines of ${PLANNED_CORES} cores:`,
    "",
    "| | Apps per second and core | 1 machine | 10 machines | 50 machines |",
    "|---|---|---|---|---|",
    row("Audit, no facts", bare),
    row("Audit, facts kept", rate),
    row("Rule update that may meet any app, from facts", update),
    row("Rule update that meets none, carried over", carried, carryingLeader),
    "",
    `APKs: ${tebibytes(apk)} TiB. Facts: ${tebibytes(facts)} TiB. Parquet: ${tebibytes(parquet * 1024)} GiB.`,
    ...(queue === undefined
      ? []
      : [`Redis, if all wait: ${((queue * PLANNED_APPS) / 2 ** 30).toFixed(1)} GiB.`]),
  ];
}

/** The most memory of a run over many apps, against runs over the first few and the first tenth of them. */
async function measureMemory(paths) {
  const many = Number(options.many);
  const few = Number(options.few);
  const small = paths.filter((path) => statSync(path).size < 2 ** 20);
  const large = paths.filter((path) => !small.includes(path));
  // Of every few apps, each large one is one: what a process needs for the largest, it needs from the beginning.
  const order = Array.from({ length: many }, (_, index) => large[index % few] ?? small[index % small.length]);
  const folder = join(cache, "memory");
  mkdirSync(folder, { recursive: true });
  for (const [index, path] of order.entries()) {
    const copy = join(folder, `${String(index).padStart(6, "0")}.apk`);
    writeFileSync(copy, withComment(readFileSync(path), `copy ${index}`));
  }
  const copies = readdirSync(folder).sort();
  const peaks = [];
  const counts = [few, Math.ceil(many / 10), many];
  for (const count of counts) {
    const store = join(cache, "store");
    const list = join(cache, "list.txt");
    writeFileSync(
      list,
      copies
        .slice(0, count)
        .map((name) => join(folder, name))
        .join("\n"),
    );
    const { samples } = await runBatch(["-", "--store", store, "--jobs", String(cores)], false, list);
    rmSync(store, { recursive: true });
    peaks.push({
      main: Math.max(...samples.map(({ main }) => main)),
      workers: Math.max(...samples.map(({ workers }) => workers)),
    });
  }
  rmSync(folder, { recursive: true });
  return ["main", "workers"].map((what) => {
    const name = what === "main" ? "the process that leads" : "its worker processes together";
    const sizes = peaks.map((peak) => peak[what] / 1024);
    const told = counts.map((count, index) => `${sizes[index].toFixed(0)} MiB over ${count} apps`);
    const ratios = [0, 1].map((index) => (sizes[2] / sizes[index]).toFixed(2));
    return `Most memory of ${name}: ${told.join(", ")}: ${ratios[0]} times that of ${few}, ${ratios[1]} times that of ${counts[1]}.`;
  });
}

/** An archive with a comment behind its end of central directory record, which makes it another file. */
function withComment(archive, comment) {
  const bytes = Buffer.concat([archive, Buffer.from(comment, "latin1")]);
  const end = archive.lastIndexOf("PK\x05\x06", undefined, "latin1");
  bytes.writeUInt16LE(bytes.readUInt16LE(end + 20) + comment.length, end + 20);
  return bytes;
}

/** Bytes of Redis's memory for an app that waits. */
async function measureQueue(_, measured) {
  const port = 20_000 + (process.pid % 10_000);
  const count = Number(options.many);
  const server = spawn("redis-server", ["--port", String(port), "--bind", "127.0.0.1", "--save", ""], {
    stdio: "ignore",
  });
  const failed = new Promise((resolve) => {
    server.on("error", () => resolve(["The queue is not measured: there is no redis-server."]));
  });
  const measuring = (async () => {
    const { Redis } = await import("ioredis");
    const redis = new Redis({ port, retryStrategy: () => 100, maxRetriesPerRequest: null });
    redis.on("error", () => undefined);
    const used = async () => Number(/used_memory:(\d+)/.exec(await redis.info("memory"))[1]);
    const before = await used();
    const list = join(cache, "urls.txt");
    const urls = Array.from(
      { length: count },
      (_, index) => `https://apps.example/${index % 100}/${index}.apk`,
    );
    writeFileSync(list, urls.join("\n"));
    await runBatch(["-", "--queue", `redis://127.0.0.1:${port}/0`], false, list);
    measured.queue = ((await used()) - before) / count;
    redis.disconnect();
    return [`Redis holds ${measured.queue.toFixed(0)} bytes for an app that waits (of ${count} URLs).`];
  })();
  try {
    return await Promise.race([failed, measuring]);
  } finally {
    server.kill();
  }
}

/**
 * Copies of apps, each with other DEX files: a device does not look at the signature in their header, and neither do we.
 *
 * @returns bytes of DEX in all copies together
 */
async function writeCopies(paths, folder) {
  mkdirSync(folder, { recursive: true });
  const indexes = new Map(paths.map((path) => [path, []]));
  for (const [index, path] of paths.entries()) indexes.get(path).push(index);
  let dexBytes = 0;
  for (const [path, copies] of indexes) {
    const zip = await JSZip.loadAsync(readFileSync(path));
    const dexNames = Object.keys(zip.files).filter((name) => /^classes\d*\.dex$/.test(name));
    const dexFiles = await Promise.all(dexNames.map((name) => zip.file(name).async("nodebuffer")));
    dexBytes += dexFiles.reduce((sum, { length }) => sum + length, 0) * copies.length;
    for (const index of copies) {
      dexFiles.forEach((dex, number) => {
        dex.write(`copy ${index}`.padEnd(20), 12, "latin1");
        zip.file(dexNames[number], dex, { compression: "DEFLATE", compressionOptions: { level: 1 } });
      });
      // Where no DEX file makes the difference, the comment does.
      const bytes = await zip.generateAsync({
        type: "nodebuffer",
        compression: "DEFLATE",
        comment: `copy ${index}`,
      });
      writeFileSync(join(folder, `${String(index).padStart(6, "0")}.apk`), bytes);
    }
  }
  return { dexBytes };
}

/**
 * Runs a batch to its end; samples the memory of its processes, in KiB, five times a second.
 *
 * @param isHeld to one core: a process alone would inflate on others too
 * @param list file that is its standard input
 */
function runBatch(args, isHeld = false, list = undefined) {
  const start = performance.now();
  const command = [...(isHeld ? ["taskset", "-c", "0"] : []), process.execPath, bycatch, "batch", ...args];
  const child = spawn(command[0], command.slice(1), {
    stdio: [list === undefined ? "ignore" : openSync(list), "ignore", "pipe"],
  });
  const samples = [];
  let leaderSeconds = 0;
  const timer = setInterval(() => {
    const sample = sampleMemory(child.pid);
    if (sample === undefined) return;
    samples.push(sample);
    leaderSeconds = threadSeconds(child.pid);
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
      else resolve({ seconds: (performance.now() - start) / 1000, samples, leaderSeconds });
    });
  });
}

/** Time that a process's first thread was at work. */
function threadSeconds(pid) {
  const fields = readFileSync(`/proc/${pid}/task/${pid}/stat`, "utf8").split(") ")[1].split(" ");
  // In clock ticks, of which Linux has a hundred a second.
  return (Number(fields[11]) + Number(fields[12])) / 100;
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
