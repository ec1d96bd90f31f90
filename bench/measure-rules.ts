import { readFileSync, writeFileSync } from "node:fs";
import { performance } from "node:perf_hooks";
import { openFileSource } from "../src/archive/index.js";
import { attributeSource, prepareRules } from "../src/audit.js";
import { defaultLimits } from "../src/diagnostics/index.js";
import { renderCompiledRules } from "../src/ruleset/compiled-rules.js";
import { loadCompiledRules, RuleIndex, type Ruleset } from "../src/ruleset/index.js";
import { matchSdks, seeApp } from "../src/sdk/index.js";

/*
 * One fresh process: loads a compiled file of rules, matches an app against them again and again.
 * Arguments: the shipped rules, the app, how many synthetic rules (0: those that ship), where to write them.
 */

const [shippedPath, appPath, number, synthetic] = process.argv.slice(2) as [string, string, string, string];
const shipped = loadCompiledRules(shippedPath).toRuleset();
const path = Number(number) === 0 ? shippedPath : synthetic;
if (path === synthetic) writeFileSync(path, renderCompiledRules(makeRules(Number(number))));

const started = performance.now();
const index = new RuleIndex(loadCompiledRules(path));
const load = performance.now() - started;

const source = openFileSource(appPath);
const { app, packages, uses } = await attributeSource(source, prepareRules(shipped));
const seen = seeApp(app, packages, uses.strings);
const match = median(60, () => matchSdks(seen, index, defaultLimits));
source.close();
console.log(JSON.stringify({ rules: index.parties.length, bytes: readFileSync(path).length, load, match }));

/** The median of warm runs, in milliseconds. */
function median(runs: number, run: () => unknown): number {
  const times = Array.from({ length: runs }, () => {
    const start = performance.now();
    run();
    return performance.now() - start;
  });
  return times.sort((a, b) => a - b)[Math.floor(runs / 2)]!;
}

/** Rules of invented SDKs with as many signatures as a deep one has; APIs and permissions are those that ship. */
function makeRules(count: number): Ruleset {
  const [model] = shipped.sdks;
  const sdks = Array.from({ length: count }, (_, i) => ({
    ...model!,
    id: `synthetic-${i}`,
    vendor: shipped.vendors[0]!.id,
    signatures: [
      { "class-prefix": `Lcom/synthetic${i}/sdk/` },
      { "class-prefix": `Lcom/synthetic${i}/internal/` },
      ...Array.from({ length: 4 }, (_, n) => ({ component: `com.synthetic${i}.sdk.Component${n}` })),
      { authority: `com.synthetic${i}.provider` },
      { "meta-data": `com.synthetic${i}.API_KEY` },
      { "native-library": `libsynthetic${i}.so` },
      { file: `synthetic${i}.properties` },
      { file: `assets/synthetic${i}/*.json` },
      { string: `synthetic${i}-preferences` },
      { host: `api.synthetic${i}.example` },
    ],
  }));
  return { ...shipped, sdks, supportLibraries: [], componentClasses: [] };
}
