import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { openApp } from "../../src/app/index.js";
import { bytesSource } from "../../src/archive/index.js";
import { type DexFile, readDexFiles } from "../../src/dex/index.js";
import { defaultLimits, FormatError } from "../../src/diagnostics/index.js";
import { AndroidClasses, buildCallGraphs, CallChains, Reachability } from "../../src/program/index.js";
import { readPrograms } from "../programs/read-program.js";
import { mutate, seededRandom } from "./mutate.js";

const android = new AndroidClasses(
  readFileSync(fileURLToPath(new URL("../../rules/android-classes.tsv", import.meta.url)), "latin1"),
);

async function readProgram(apk: string) {
  const app = openApp(bytesSource("app.apk", new Uint8Array(readFileSync(apk))), defaultLimits, []);
  const dexFiles: DexFile[] = [];
  for await (const dex of app.dexFiles()) dexFiles.push(dex);
  return { manifest: app.manifest!, layouts: app.readLayoutNames(), dexFiles };
}

test("whatever a DEX file holds, the call graph ends, and nothing is thrown", async () => {
  const random = seededRandom(5);
  const programs = readPrograms().filter((_, index) => index % 12 === 0);
  let built = 0;
  for (const { apk } of programs) {
    const { manifest, layouts, dexFiles } = await readProgram(apk);
    for (let round = 0; round < 60; round++) {
      const mutated = dexFiles.flatMap(({ bytes }) => readMutated(mutate(bytes, random)));
      const graphs = buildCallGraphs({ manifest, layouts, dexFiles: mutated, android }, defaultLimits);
      const chains = new CallChains(graphs.whole);
      for (let method = 0; method < graphs.whole.methods.size; method++) chains.find(method);
      const reachability = new Reachability(graphs, defaultLimits);
      for (const dex of mutated)
        for (let classDefIdx = 0; classDefIdx <= dex.classDefsSize; classDefIdx++)
          for (let methodIdx = 0; methodIdx <= Math.min(dex.methodIdsSize, 100); methodIdx++)
            reachability.find(dex, classDefIdx, methodIdx);
      reachability.findGaps();
      if (mutated.length > 0) built++;
    }
  }
  expect(built).toBeGreaterThan(300);
});

/** None where the header is spoilt. */
function readMutated(bytes: Uint8Array): DexFile[] {
  try {
    return readDexFiles(bytes, "classes.dex", defaultLimits, []);
  } catch (error) {
    if (error instanceof FormatError) return [];
    throw error;
  }
}
