import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { bytesSource } from "../../src/archive/index.js";
import { auditSource, prepareRules } from "../../src/audit.js";
import { loadRuleset } from "../../src/ruleset/load-ruleset.js";
import { programsFolder, readPrograms } from "../programs/read-program.js";
import { buildApp } from "../support/app-builder.js";
import { buildDex, type Ids } from "../support/dex-builder.js";

const rules = prepareRules(
  loadRuleset([join(import.meta.dirname, "../../rules"), join(programsFolder, "rules")]),
);

async function findBlindSpots(bytes: Uint8Array) {
  const { blindSpots = [] } = await auditSource(bytesSource("app.apk", bytes), rules);
  return blindSpots.map(({ party, kind, sites, names }) => ({ party, kind, sites, names }));
}

/** The programs that show each kind; README, Known limits, counts them. */
const shownBy = {
  reflection: [
    "reflection/concatenated-names",
    "reflection/unknown-name",
    "reflection/unknown-name-constant-argument",
  ],
  "native-method": [
    "jni/called-from-native",
    "jni/native-boolean",
    "jni/native-object",
    "jni/native-other-object",
    "jni/native-result",
    "jni/native-result-of-constant",
  ],
  "native-library": [
    "jni/called-from-native",
    "jni/native-boolean",
    "jni/native-object",
    "jni/native-other-object",
    "jni/native-result",
    "jni/native-result-of-constant",
  ],
  "web-view": [
    "webview/bridge",
    "webview/bridge-never-added",
    "webview/bridge-not-annotated",
    "webview/client",
    "webview/client-never-set",
    "webview/evaluate-javascript",
    "webview/load-data",
    "webview/load-url",
    "webview/load-url-constant",
    "webview/mac",
  ],
  "web-view-bridge": ["webview/bridge", "webview/bridge-not-annotated"],
};

test("the programs have those that their code has", async () => {
  const found = new Map<string, string[]>();
  for (const { name, apk } of readPrograms()) {
    for (const { kind } of await findBlindSpots(new Uint8Array(readFileSync(apk))))
      found.set(kind, [...(found.get(kind) ?? []), name]);
  }
  expect(Object.fromEntries([...found].sort())).toEqual(Object.fromEntries(Object.entries(shownBy).sort()));
});

test("README, Known limits, counts them, and names programs that are there", () => {
  const readme = readFileSync(join(import.meta.dirname, "../../README.md"), "utf8");
  const limits = readme.slice(readme.indexOf("## Known limits"), readme.indexOf("And of what is read:"));
  const rows = limits.split("\n").filter((line) => /\| \d+ \|$/.test(line));
  expect(rows.length).toBeGreaterThanOrEqual(12);
  const names = new Set(readPrograms().map(({ name }) => name));
  for (const row of rows) {
    const program = /`([a-z-]+\/[a-z-]+)` \| \d+ \|$/.exec(row)?.[1];
    if (program?.startsWith("fixtures") === false) expect(names, row).toContain(program);
  }
  const counted = Object.entries(shownBy).map(([kind, { length }]) => [
    kind,
    Number(/(\d+) \|$/.exec(rows.find((row) => row.includes(`\`${kind}\``)) ?? "")?.[1]),
    length,
  ]);
  for (const [kind, told, length] of counted) expect(told, String(kind)).toBe(length);
});

describe("a call that looks a name up", () => {
  const CLASS = "Ljava/lang/Class;";
  const STRING = "Ljava/lang/String;";

  /** An app whose one method has this code; v4 is its parameter, of which nothing is known. */
  function build(code: (ids: Ids) => number[], owner = CLASS, name = "forName", parameters = [STRING]) {
    const { bytes } = buildDex([
      {
        classes: [
          {
            descriptor: "Lorg/app/Main;",
            methods: [{ name: "run", parameters: [STRING], code: (ids) => [...code(ids), 0x0e] }],
          },
        ],
        refs: [{ owner, method: { name, parameters, returns: name === "<init>" ? "V" : CLASS } }],
        strings: ["org.app.Plugin"],
      },
    ]);
    return buildApp({ manifest: { packageName: "org.app" }, dexFiles: [bytes] });
  }
  const load = (ids: Ids) => [0x001a, ids.string("org.app.Plugin")];
  const forName = (ids: Ids, register: number) => [0x1071, ids.method(CLASS, "forName"), register];
  const reflection = { party: "first-party", kind: "reflection", sites: 1, names: [] };

  test("is a blind spot unless the name is a constant right before it", async () => {
    expect(await findBlindSpots(build((ids) => forName(ids, 4)))).toEqual([reflection]);
    expect(await findBlindSpots(build((ids) => [...load(ids), ...forName(ids, 0)]))).toEqual([]);
  });

  test("is one where another way leads to it, past the constant", async () => {
    // if-eqz v4 over the constant: v0 is what it was, or the name.
    const code = (ids: Ids) => [0x0438, 4, ...load(ids), ...forName(ids, 0)];
    expect(await findBlindSpots(build(code))).toEqual([reflection]);
  });

  test("is one where the register was written again", async () => {
    // move-object v0, v4
    const code = (ids: Ids) => [...load(ids), 0x4007, ...forName(ids, 0)];
    expect(await findBlindSpots(build(code))).toEqual([reflection]);
  });

  test("of code that is loaded at run time, whatever is passed", async () => {
    const LOADER = "Ldalvik/system/DexClassLoader;";
    const four = [STRING, STRING, STRING, "Ljava/lang/ClassLoader;"];
    const code = (ids: Ids) => [0x5070 | (0 << 8), ids.method(LOADER, "<init>"), 0x3210];
    expect(await findBlindSpots(build(code, LOADER, "<init>", four))).toEqual([
      { party: "first-party", kind: "dynamic-code", sites: 1, names: [] },
    ]);
  });
});
