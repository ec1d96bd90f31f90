import { expect, test } from "vitest";
import { openFileSource } from "../../src/archive/index.js";
import { openApp } from "../../src/app/index.js";
import { defaultLimits } from "../../src/diagnostics/index.js";
import { corpus, findCorpusFile } from "../support/fetch-corpus.js";
import { compareWithAapt, runAapt } from "../support/aapt.js";
import { compareWithDexdump, summarizeDex } from "../support/dexdump.js";
test("probe", async () => {
  for (const e of corpus.filter(e => e.kind === "apk")) {
    const path = findCorpusFile(e)!; const d: any[] = [];
    const t0 = performance.now();
    const app = openApp(openFileSource(path), defaultLimits, d);
    const dex = []; for await (const x of app.dexFiles()) dex.push(x);
    const t1 = performance.now();
    let diffs: any = [];
    try { const a = runAapt(path)!; if (app.manifest) diffs = compareWithAapt(app.manifest, a.badging, a.permissions, a.xmltree); } catch (x: any) { diffs = ["aapt: " + String(x.stderr ?? x).slice(0, 300)]; }
    const t2 = performance.now();
    const c = await compareWithDexdump({ version: "x", escapesStrings: false }, path, dex);
    const t3 = performance.now();
    dex.map(summarizeDex);
    const t4 = performance.now();
    console.log(e.id, d, diffs, c.flatMap(x => x.differences).slice(0, 3), [t1 - t0, t2 - t1, t3 - t2, t4-t3].map(Math.round));
  }
}, 600000);
