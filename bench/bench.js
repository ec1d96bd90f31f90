// Whole-process time and peak memory of `bycatch scan`, against the floor: `npm run bench [-- --runs 9]
// [--apps B,F]`. All programs take turns in one run, so that a busy machine troubles each alike. Quote ratios
// taken in one run, not seconds of two machines. Nothing here decides a test.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import JSZip from "jszip";
import { corpus, fetchCorpus, findCorpusFile } from "../test/support/fetch-corpus.js";

const root = fileURLToPath(new URL("../", import.meta.url));
const cache = join(root, ".cache", "bench");
const node = process.execPath;
const bycatch = join(root, "bin", "bycatch.js");
const hook = join(root, "bench", "report-memory.cjs");

const { values: options } = parseArgs({
  options: { runs: { type: "string", default: "7" }, apps: { type: "string", default: "B,D,E,F,G" } },
});
const runs = Number(options.runs);

/** Real apps, small to large; G is put together from the code of all. */
const apps = {
  B: "devicefarmer-stf@3.7.9--STFService.apk",
  D: "io.appium.settings@8.0.10--settings_apk-debug.apk",
  E: "android-apidemos@5.0.0--ApiDemos-debug.apk",
  F: "appium-uiautomator2-server@10.6.6--appium-uiautomator2-server-v10.6.6.apk",
};

/** What takes turns on each app; the first is what the ratios count from. */
const programs = {
  floor: (apk) => [node, join(root, "bench", "floor.js"), apk],
  scan: (apk) => [node, bycatch, "scan", apk],
  "scan --depth reachable": (apk) => [node, bycatch, "scan", "--depth", "reachable", apk],
  check: (apk) => [node, bycatch, "check", ...gateOf(apk), apk],
  "scan to JSON": (apk) => [node, bycatch, "scan", "--format", "json", apk],
  "dexdump -d": (apk) => ["dexdump", "-d", apk],
  androguard: (apk) => ["python3", "-c", ANDROGUARD, apk],
};

/** A policy and a lockfile that an app passes, and another policy behind it: what a pipeline has. */
function gateOf(apk) {
  const folder = join(cache, "gate");
  mkdirSync(folder, { recursive: true });
  const [policy, lockfile] = ["policy.yaml", "lock"].map((name) => join(folder, `${basename(apk)}.${name}`));
  const paths = ["--policy", policy, "--lock", lockfile, "--allow-incomplete"];
  const { status } = spawnSync(node, [bycatch, "init", "--force", ...paths, apk]);
  if (status !== 0) throw new Error(`bycatch init ${apk} ended with ${status}`);
  const text = readFileSync(policy, "utf8").replace(/^rules:/m, "extends: [children]\nrules:");
  writeFileSync(policy, text);
  return paths;
}

/** What androguard's users run first; it looks for no SDK and no data. */
const ANDROGUARD = `import sys
try:
    from androguard.util import set_log; set_log("ERROR")
except ImportError: pass
from androguard.misc import AnalyzeAPK
AnalyzeAPK(sys.argv[1])`;

/** How often the slow ones run. */
const fewRuns = { "dexdump -d": 3, androguard: 1 };

await main();

async function main() {
  for (const { package: name, reason } of await fetchCorpus(["apk"], console.error)) {
    console.error(`not measured: ${name} (${reason})`);
  }
  const missing = findMissingTools();
  const rows = [...measureStart()];
  for (const name of options.apps.split(",")) {
    const path = name === "G" ? await buildLargeApp() : findApp(name);
    if (path !== undefined) rows.push(...measureApp(name, path, missing));
  }
  const result = { node: process.version, cpus: cpus().length, cpu: cpus()[0]?.model, runs, missing, rows };
  mkdirSync(cache, { recursive: true });
  writeFileSync(join(cache, "result.json"), `${JSON.stringify(result, undefined, 2)}\n`);
  console.log(renderMarkdown(result));
}

function findMissingTools() {
  return [
    spawnSync("dexdump", ["-h"]).error && "dexdump -d",
    spawnSync("python3", ["-c", "import androguard"]).status !== 0 && "androguard",
  ].filter(Boolean);
}

function measureStart() {
  const commands = { "node -e 0": [node, "-e", "0"], "bycatch --version": [node, bycatch, "--version"] };
  return summarize("start", undefined, takeTurns(commands), "node -e 0");
}

function measureApp(name, path, missing) {
  console.error(`measuring ${name}`);
  const commands = Object.fromEntries(
    Object.entries(programs)
      .filter(([program]) => !missing.includes(program) && !(name === "G" && program === "androguard"))
      .map(([program, command]) => [program, command(path)]),
  );
  return summarize(name, statSync(path).size, takeTurns(commands), "floor");
}

/** Samples by program; a round of each that is not counted warms the page cache. */
function takeTurns(commands) {
  const samples = Object.fromEntries(Object.keys(commands).map((program) => [program, []]));
  for (let round = 0; round <= runs; round++) {
    for (const [program, command] of Object.entries(commands)) {
      if (round > (fewRuns[program] ?? runs)) continue;
      const sample = runOnce(command);
      if (round > 0 || fewRuns[program] === 1) samples[program].push(sample);
    }
  }
  return samples;
}

function runOnce([program, ...args]) {
  const env =
    program === node ? { ...process.env, NODE_OPTIONS: `--require ${JSON.stringify(hook)}` } : process.env;
  const start = performance.now();
  const { status, error, output } = spawnSync(program, args, {
    env,
    stdio: ["ignore", "ignore", "ignore", "pipe"],
    encoding: "utf8",
  });
  const seconds = (performance.now() - start) / 1000;
  // 3 is an app that could not be read whole: it was scanned; 1 one that a policy refuses.
  if (error !== undefined || ![0, 1, 3].includes(status)) {
    throw error ?? new Error(`${program} ${args.join(" ")} ended with ${status}`);
  }
  return { seconds, mebibytes: output[3] ? Number(output[3]) / 1024 : undefined };
}

function summarize(input, bytes, samples, reference) {
  const seconds = (program) => median(samples[program].map((sample) => sample.seconds));
  return Object.entries(samples).map(([program, list]) => ({
    input,
    bytes,
    program,
    seconds: seconds(program),
    ratio: seconds(program) / seconds(reference),
    mebibytes: list[0]?.mebibytes === undefined ? undefined : median(list.map((sample) => sample.mebibytes)),
    runs: list.length,
  }));
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function findApp(name) {
  const entry = corpus.find(({ id }) => id === apps[name]);
  if (entry === undefined)
    throw new Error(`--apps: there is no ${name}; there are ${Object.keys(apps)} and G`);
  return findCorpusFile(entry);
}

/** All distinct DEX files of the corpus in one APK, under F's manifest; kept between runs. */
async function buildLargeApp() {
  const paths = corpus.flatMap((entry) => (entry.kind === "apk" ? (findCorpusFile(entry) ?? []) : []));
  const name = createHash("sha256").update(paths.join()).digest("hex").slice(0, 16);
  const path = join(cache, `all-dex-${name}.apk`);
  if (existsSync(path)) return path;
  console.error("building G from the DEX files of the corpus");
  const whole = new JSZip();
  const seen = new Set();
  for (const source of [findApp("F"), ...paths].filter(Boolean)) {
    const zip = await JSZip.loadAsync(readFileSync(source));
    for (const entry of zip.file(/^(classes\d*\.dex|AndroidManifest\.xml|resources\.arsc)$/)) {
      const isDex = entry.name.endsWith(".dex");
      if (!isDex && whole.file(entry.name) !== null) continue;
      const content = await entry.async("nodebuffer");
      const digest = createHash("sha256").update(content).digest("hex");
      if (isDex && seen.has(digest)) continue;
      if (isDex) seen.add(digest);
      whole.file(isDex ? `classes${seen.size === 1 ? "" : seen.size}.dex` : entry.name, content);
    }
  }
  mkdirSync(cache, { recursive: true });
  const compression = { compression: "DEFLATE", compressionOptions: { level: 6 } };
  writeFileSync(path, await whole.generateAsync({ type: "nodebuffer", ...compression }));
  return path;
}

/** What looking for what can run adds to a scan, as a multiple of the floor. */
function compareDepths(rows) {
  const secondsOf = (app, name) =>
    rows.find(({ input, program }) => input === app && program === name)?.seconds;
  const costs = [...new Set(rows.map(({ input }) => input))].flatMap((app) => {
    const [floor, scan, reach] = ["floor", "scan", "scan --depth reachable"].map((name) =>
      secondsOf(app, name),
    );
    return reach === undefined ? [] : [`${app} ${((reach - scan) / floor).toFixed(2)}`];
  });
  return costs.length === 0 ? [] : [`--depth reachable adds, in floors: ${costs.join(", ")}.`];
}

/** What a check costs over a scan. */
function compareChecks(rows) {
  const secondsOf = (app, name) =>
    rows.find(({ input, program }) => input === app && program === name)?.seconds;
  const costs = [...new Set(rows.map(({ input }) => input))].flatMap((app) => {
    const [scan, check] = [secondsOf(app, "scan"), secondsOf(app, "check")];
    return scan === undefined || check === undefined ? [] : [`${app} ${(check / scan).toFixed(2)}`];
  });
  return costs.length === 0 ? [] : [`check / scan: ${costs.join(", ")}.`];
}

function renderMarkdown({ node: version, cpus: count, cpu, missing, rows }) {
  const number = (value, digits) => (value === undefined ? "" : value.toFixed(digits));
  return [
    `Node ${version}, ${count} x ${cpu}; medians of interleaved whole-process runs, page cache warm.`,
    ...(missing.length === 0 ? [] : [`Not installed, so not measured: ${missing.join(", ")}.`]),
    ...compareChecks(rows),
    ...compareDepths(rows),
    "",
    "| Input | MB | Program | Seconds | Ratio | Peak MiB | Runs |",
    "|---|---|---|---|---|---|---|",
    ...rows.map(({ input, bytes, program, seconds, ratio, mebibytes, runs: count }) => {
      const size = bytes === undefined ? "" : number(bytes / 1e6, 1);
      return `| ${input} | ${size} | ${program} | ${number(seconds, 3)} | ${number(ratio, 2)} | ${number(mebibytes, 0)} | ${count} |`;
    }),
  ].join("\n");
}
