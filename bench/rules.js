// What rules cost: loading the compiled file, and matching an app against it, with 100, 450 and 2,000 invented
// rules and with those that ship: `npm run bench:rules [-- --runs 9]`. Fresh processes take turns, medians are
// shown. Nothing here decides a test.
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build } from "esbuild";

const root = fileURLToPath(new URL("../", import.meta.url));
const cache = join(root, ".cache", "bench");
const app = join(root, "node_modules/appium-uiautomator2-server/apks/appium-uiautomator2-server-v10.6.6.apk");
const { values: options } = parseArgs({ options: { runs: { type: "string", default: "7" } } });
const counts = [100, 450, 2_000, 0];

mkdirSync(cache, { recursive: true });
const program = join(cache, "measure-rules.mjs");
await build({
  entryPoints: [join(root, "bench", "measure-rules.ts")],
  outfile: program,
  bundle: true,
  platform: "node",
  format: "esm",
  define: { BYCATCH_VERSION: '"0"' },
  banner: {
    js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
  },
  logLevel: "warning",
});
const measured = counts.map(() => []);
for (let run = 0; run < Number(options.runs); run++) {
  for (const [row, count] of counts.entries()) {
    const args = [
      program,
      join(root, "dist/rules.jsonl"),
      app,
      String(count),
      join(cache, `rules-${count}.jsonl`),
    ];
    const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: "utf8" });
    if (status !== 0) throw new Error(stderr);
    measured[row].push(JSON.parse(stdout));
  }
}

const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
console.log("| Rules | Compiled file | Load and index | Matching one app |\n|---|---|---|---|");
for (const [row, count] of counts.entries()) {
  const { rules, bytes } = measured[row][0];
  const of = (key) => median(measured[row].map((one) => one[key])).toFixed(key === "match" ? 2 : 1);
  const name = count === 0 ? `the ${rules} that ship` : `${rules.toLocaleString("en")} invented`;
  console.log(`| ${name} | ${Math.round(bytes / 1_024)} KiB | ${of("load")} ms | ${of("match")} ms |`);
}
