import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import type { DexFile } from "../../src/dex/index.js";
import { findDexdump } from "../support/dexdump.js";
import { readApkDex } from "./read-apk-dex.js";

const tool = findDexdump("fixtures/dex/strings.dex");

const inputs: readonly [name: string, path: string][] = [
  ["android-apidemos", "node_modules/android-apidemos/apks/ApiDemos-debug.apk"],
  ["io.appium.settings", "node_modules/io.appium.settings/apks/settings_apk-debug.apk"],
  ["a program with a bridge", "fixtures/programs/webview/bridge.apk"],
];

/** `413 Ldalvik/annotation/Signature;` of each annotated method, sorted, as dexdump prints them. */
function listByDexdump(path: string): string[] {
  const { stdout } = spawnSync("dexdump", ["-a", path], { encoding: "latin1", maxBuffer: 1 << 30 });
  const found: string[] = [];
  let method: string | undefined;
  for (const line of stdout.split("\n")) {
    if (!line.startsWith("  VISIBILITY_")) method = /^Annotations on method #(\d+) '/.exec(line)?.[1];
    else if (method !== undefined) found.push(`${method} ${/^ {2}VISIBILITY_\w+ (\S+;)/.exec(line)?.[1]}`);
  }
  return found.sort();
}

function list(dexFiles: readonly DexFile[]): string[] {
  return dexFiles
    .flatMap((dex) =>
      Array.from({ length: dex.classDefsSize }, (_, index) =>
        [...dex.methodAnnotations(dex.classDef(index))].flatMap(([methodIdx, types]) =>
          types.map((type) => `${methodIdx} ${dex.typeDescriptor(type)}`),
        ),
      ).flat(),
    )
    .sort();
}

test("in CI dexdump is installed", () => {
  expect(process.env.CI !== undefined && tool === undefined).toBe(false);
});

describe.skipIf(tool === undefined)("the annotations of methods are those of dexdump", () => {
  test.each(inputs)("%s", async (_, path) => {
    const ours = list(await readApkDex(path, []));
    expect(ours).toEqual(listByDexdump(path));
    expect(ours.length).toBeGreaterThan(0);
  });
});
