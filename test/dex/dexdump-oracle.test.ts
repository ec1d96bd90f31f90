import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type DexFile, readDexFiles, visitCode } from "../../src/dex/index.js";
import { type Diagnostics, defaultLimits } from "../../src/diagnostics/index.js";
import { buildDex, type DexSpec } from "../support/dex-builder.js";
import {
  compareWithDexdump,
  type DexSummary,
  findDexdump,
  renderSummary,
  summarizeDex,
} from "../support/dexdump.js";
import { readApkDex } from "./read-apk-dex.js";

const TIMEOUT = 300_000;

const tool = findDexdump("fixtures/dex/strings.dex");

/** What is compared, by the name of its fixture. */
const inputs: readonly [name: string, path: string][] = [
  ["instructions", "fixtures/dex/instructions.dex"],
  ["values", "fixtures/dex/values.dex"],
  ["strings", "fixtures/dex/strings.dex"],
  ["tiny", "fixtures/dex/tiny.dex"],
  ["gps-demo-app", "node_modules/gps-demo-app/assets/gpsDemo-debug.apk"],
  ["io.appium.settings", "node_modules/io.appium.settings/apks/settings_apk-debug.apk"],
  ["android-apidemos", "node_modules/android-apidemos/apks/ApiDemos-debug.apk"],
  [
    "uiautomator2-test",
    "node_modules/appium-uiautomator2-server/apks/appium-uiautomator2-server-debug-androidTest.apk",
  ],
  [
    "uiautomator2-server",
    "node_modules/appium-uiautomator2-server/apks/appium-uiautomator2-server-v10.6.6.apk",
  ],
];

test("in CI dexdump is installed", () => {
  expect(process.env.CI !== undefined && tool === undefined, "CI without dexdump compares nothing live").toBe(
    false,
  );
});

test("a reading that differs in one bit has another digest", () => {
  const bytes = readFileSync("fixtures/dex/tiny.dex");
  const [whole] = readDexFiles(bytes, "classes.dex", defaultLimits, []);
  const changed = Uint8Array.from(bytes);
  let codeOff = 0;
  visitCode(whole!, (_methodIdx, _classDefIdx, off) => (codeOff ||= off), []);
  changed[codeOff + 16 + 1]! ^= 1; // the register of the first instruction
  const [other] = readDexFiles(changed, "classes.dex", defaultLimits, []);
  expect(summarizeDex(other!).digest).not.toBe(summarizeDex(whole!).digest);
  expect(summarizeDex(other!).instructions).toBe(summarizeDex(whole!).instructions);
});

describe("our reading is dexdump's", () => {
  test.each(inputs)(
    "%s",
    async (name, path) => {
      const diagnostics: Diagnostics = [];
      const dexFiles = await readInput(path, diagnostics);
      expect(diagnostics).toEqual([]);
      expect(dexFiles.length).toBeGreaterThan(0);
      const expected = `fixtures/dex/${name}.dexdump.txt`;
      if (tool === undefined) {
        expect(renderLines(dexFiles, dexFiles.map(summarizeDex))).toEqual(readExpected(expected));
        return;
      }
      const comparisons = await compareWithDexdump(tool, path, dexFiles);
      for (const { source, differences } of comparisons) expect(differences, source).toEqual([]);
      const lines = renderLines(
        dexFiles,
        comparisons.map(({ summary }) => summary),
      );
      if (process.env.UPDATE_GOLDEN === "1") {
        writeFileSync(expected, [`dexdump ${tool.version}`, ...lines, ""].join("\n"));
      }
      // Newer versions print strings another way, so that only their counts can be compared with the fixture.
      const kept = tool.escapesStrings ? withoutDigest : (line: string) => line;
      expect(lines.map(kept)).toEqual(readExpected(expected).map(kept));
    },
    TIMEOUT,
  );

  const runs = [35, 37, 38, 39, 40];
  test.each(runs)("version 0%d, as our builder writes it", async (version) => {
    const { bytes } = buildDex([builtSpec], version);
    const path = join(tmpdir(), `bycatch-built-${process.pid}-${version}.dex`);
    writeFileSync(path, bytes);
    try {
      const diagnostics: Diagnostics = [];
      const dexFiles = readDexFiles(bytes, "built.dex", defaultLimits, diagnostics);
      const expected = { classes: 2, methods: 3, methodsWithCode: 3, codeUnits: 5, instructions: 4 };
      expect(diagnostics).toEqual([]);
      expect(summarizeDex(dexFiles[0]!)).toMatchObject(expected);
      if (tool === undefined) return;
      const comparisons = await compareWithDexdump(tool, path, dexFiles);
      expect(comparisons).toMatchObject([{ differences: [], summary: expected }]);
    } finally {
      rmSync(path);
    }
  });
});

const builtSpec: DexSpec = {
  classes: [
    {
      descriptor: "Lt/A;",
      interfaces: ["Ljava/lang/Runnable;"],
      methods: [{ name: "a", code: () => [0x0e] }],
    },
    {
      descriptor: "Lt/B;",
      superclass: "Lt/A;",
      methods: [
        { name: "b", parameters: ["I"], code: (ids) => [0x1a, ids.string("text"), 0x0e] },
        { name: "c", returns: "Lt/A;", code: () => [0x11] },
      ],
    },
  ],
  strings: ["text"],
};

function readInput(path: string, diagnostics: Diagnostics): Promise<DexFile[]> {
  if (path.endsWith(".apk")) return readApkDex(path, diagnostics);
  return Promise.resolve(readDexFiles(readFileSync(path), "classes.dex", defaultLimits, diagnostics));
}

function renderLines(dexFiles: readonly DexFile[], summaries: readonly DexSummary[]): string[] {
  return summaries.map((summary, i) => renderSummary(dexFiles[i]?.source ?? "", summary));
}

function readExpected(path: string): string[] {
  return readFileSync(path, "utf8").trimEnd().split("\n").slice(1);
}

function withoutDigest(line: string): string {
  return line.replace(/, sha256 .*$/, "");
}
