// What following values costs: each APK of the corpus and of the test apps, time and memory against instructions.
// Whole processes, one after the other; the median of --runs. No figure here decides a test.
import { spawnSync } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const root = fileURLToPath(new URL("..", import.meta.url));
const bycatch = join(root, "bin", "bycatch.js");
const memory = join(root, "bench", "report-memory.cjs");
const { values } = parseArgs({ options: { runs: { type: "string", default: "3" } } });

const folders = [
  join(root, ".cache", "corpus"),
  ...["appium-uiautomator2-server", "android-apidemos", "io.appium.settings", "gps-demo-app"].map((name) =>
    join(root, "node_modules", name),
  ),
];
const seen = new Set();
const rows = [];
for (const apk of folders.flatMap(findApks).sort((a, b) => statSync(a).size - statSync(b).size)) {
  const size = statSync(apk).size;
  if (seen.has(`${basename(apk)} ${size}`)) continue;
  seen.add(`${basename(apk)} ${size}`);
  rows.push(measure(apk));
}
print(rows);

function findApks(folder) {
  let entries;
  try {
    entries = readdirSync(folder, { recursive: true, encoding: "utf8" });
  } catch {
    console.error(`not measured: ${folder} is not there`);
    return [];
  }
  return entries.filter((name) => name.endsWith(".apk")).map((name) => join(folder, name));
}

function measure(apk) {
  const reach = run("reachable", apk);
  const flows = run("flows", apk);
  const { app, reachability, flowCoverage, flows: found = [] } = flows.result;
  return {
    name: `${basename(apk)} (${(statSync(apk).size / 1e6).toFixed(1)} MB)`,
    instructions: app.dexFiles.reduce((sum, { instructions }) => sum + instructions, 0),
    methods: reachability?.methods ?? 0,
    steps: flowCoverage?.steps ?? 0,
    isCut: flowCoverage?.isCut ?? false,
    added: flows.seconds - reach.seconds,
    seconds: flows.seconds,
    mebibytes: flows.mebibytes,
    found: found.length,
  };
}

function run(depth, apk) {
  const samples = [];
  let result;
  for (let round = 0; round < Number(values.runs); round++) {
    const start = performance.now();
    const { stdout, status, output } = spawnSync(
      process.execPath,
      [bycatch, "scan", "--depth", depth, "--format", "json", apk],
      {
        encoding: "utf8",
        maxBuffer: 1 << 30,
        env: { ...process.env, NODE_OPTIONS: `--require ${JSON.stringify(memory)}` },
        stdio: ["ignore", "pipe", "ignore", "pipe"],
      },
    );
    // 3: an app that could not be read whole.
    if (![0, 3].includes(status)) return { seconds: Number.NaN, result: { app: { dexFiles: [] } } };
    samples.push({ seconds: (performance.now() - start) / 1000, mebibytes: Number(output[3]) / 1024 });
    result ??= JSON.parse(stdout);
  }
  const median = (of) => samples.map(of).sort((a, b) => a - b)[samples.length >> 1];
  return { seconds: median((one) => one.seconds), mebibytes: median((one) => one.mebibytes), result };
}

function print(measured) {
  const head = [
    "App",
    "Instructions",
    "Methods that can run",
    "Steps",
    "Adds to reachable, s",
    "Whole scan, s",
    "MiB",
    "Flows",
  ];
  console.log(`| ${head.join(" | ")} |\n|${"---|".repeat(head.length)}`);
  for (const one of measured.sort((a, b) => a.methods - b.methods))
    console.log(
      `| ${one.name} | ${one.instructions} | ${one.methods} | ${one.steps}${one.isCut ? " (cut)" : ""} | ${one.added.toFixed(2)} | ${one.seconds.toFixed(2)} | ${one.mebibytes?.toFixed(0)} | ${one.found} |`,
    );
}
