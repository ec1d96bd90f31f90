import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { openApp } from "../../src/app/index.js";
import { bytesSource } from "../../src/archive/index.js";
import { readDexFiles } from "../../src/dex/index.js";
import { defaultLimits } from "../../src/diagnostics/index.js";
import { ClassHierarchy } from "../../src/program/index.js";
import { findVersion } from "../../src/sdk/index.js";
import { buildApp, type ManifestShape } from "../support/app-builder.js";
import { indexTinyRules, sdkRule, vendor } from "../support/tiny-rules.js";

const VALUES = "Lt/Values;->aString:Ljava/lang/String;";

/** fixtures/dex/values.dex, whose class Lt/Values; has a constant of this text, 31 characters. */
function readValues(constant: string) {
  const bytes = Uint8Array.from(readFileSync("fixtures/dex/values.dex"));
  bytes.set(Buffer.from(constant), Buffer.from(bytes).indexOf("https://collect.acme.example/v1"));
  return readDexFiles(bytes, "classes.dex", defaultLimits, []);
}

interface Embedded {
  readonly files?: Readonly<Record<string, string>>;
  readonly metaData?: NonNullable<ManifestShape["metaData"]>;
  readonly constant?: string;
}

/** The version that a rule's ways, in YAML, find in an app. */
function findWith(ways: readonly string[], { files, metaData = {}, constant }: Embedded): string | undefined {
  const more = `version: [${ways.map((way) => `{ ${way} }`).join(", ")}]\n`;
  const rules = indexTinyRules({
    "vendors/acme.yaml": vendor("acme"),
    "acme.yaml": sdkRule("acme", ["class-prefix: Lcom/acme/"], more),
  });
  const app = openApp(
    bytesSource("app.apk", buildApp({ manifest: { metaData }, files: files ?? {} })),
    defaultLimits,
    [],
  );
  const dexFiles = constant === undefined ? [] : readValues(constant);
  return findVersion(rules.parties[0]!, app, new ClassHierarchy(dexFiles, defaultLimits, []));
}

describe("a version file", () => {
  const way = "file: acme.properties, key: version";

  test.each([
    ["a key among others", "versions=1\nversion=4.2.5\nclient=acme\n", "4.2.5"],
    ["spaces, a colon and CRLF", "client=acme\r\nversion : 4.2.5\r\n", "4.2.5"],
    ["a value with separators in it", "version=4.2.5=x:y\n", undefined],
    ["no such key", "versions=4.2.5\n", undefined],
    ["no value", "version=\n", undefined],
  ])("%s", (_, text, version) => {
    expect(findWith([way], { files: { "acme.properties": text } })).toBe(version);
  });

  test("whose name a pattern gives is the first that fits", () => {
    const files = {
      "lib/internal_a1/acme.properties": "version=4.2.5\n",
      "lib/acme.properties": "version=1\n",
    };
    expect(findWith(["file: lib/internal_*/acme.properties, key: version"], { files })).toBe("4.2.5");
    expect(findWith(["file: other/*/acme.properties, key: version"], { files })).toBeUndefined();
  });

  test("of several kilobytes is read to its end", () => {
    const text = `${"# a line of a licence, as build tools put it there\n".repeat(160)}version=4.2.5\n`;
    expect(text.length).toBeGreaterThan(8_000);
    expect(findWith([way], { files: { "acme.properties": text } })).toBe("4.2.5");
  });

  test("without a key is the version", () => {
    const found = findWith(["file: META-INF/acme.version"], {
      files: { "META-INF/acme.version": "1.7.0\n" },
    });
    expect(found).toBe("1.7.0");
  });
});

test.each([
  ["4.2.5-build.0123456789.01234567", "4.2.5-build.0123456789.01234567"],
  ["android4.2.5-build.0123456789.0", "4.2.5-build.0123456789.0"],
  ["https://collect.acme.example/v2", undefined],
])("a constant %s", (constant, version) => {
  expect(findWith([`field: ${VALUES}`], { constant })).toBe(version);
});

test("neither another field nor another class of that name is taken", () => {
  const constant = "4.2.5-build.0123456789.01234567";
  expect(findWith(["field: Lt/Values;->aNothing:Ljava/lang/String;"], { constant })).toBeUndefined();
  expect(findWith(["field: Lt/Values;->aStrin:Ljava/lang/String;"], { constant })).toBeUndefined();
  expect(findWith(["field: Lu/Values;->aString:Ljava/lang/String;"], { constant })).toBeUndefined();
});

test("a meta-data element", () => {
  const way = "meta-data: com.acme.VERSION";
  expect(findWith([way], { metaData: { "com.acme.VERSION": "3.1" } })).toBe("3.1");
  expect(findWith([way], { metaData: { "com.acme.VERSIONS": "3.1" } })).toBeUndefined();
});

test("the first way that gives a version counts", () => {
  const ways = ["file: acme.properties, key: version", "meta-data: com.acme.VERSION"];
  const metaData = { "com.acme.VERSION": "3.1" };
  const withText = (text: string) => findWith(ways, { files: { "acme.properties": text }, metaData });
  expect(withText("version=4.2.5")).toBe("4.2.5");
  // What a build has not filled in is no version.
  expect(withText("version=$" + "{version}")).toBe("3.1");
  expect(findWith(ways, { metaData })).toBe("3.1");
});
