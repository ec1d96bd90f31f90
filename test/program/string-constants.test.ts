import { describe, expect, test } from "vitest";
import { readDexFiles } from "../../src/dex/index.js";
import { defaultLimits } from "../../src/diagnostics/index.js";
import { ClassHierarchy, readReturnedString, readStringPattern } from "../../src/program/index.js";
import { buildDex, type DexSpec, type Ids } from "../support/dex-builder.js";

const CONST_STRING = 0x1a;
const CONST_STRING_JUMBO = 0x1b;
const RETURN_OBJECT = 0x11;
const NOP = 0;

function read(...specs: DexSpec[]) {
  return specs.flatMap((spec) => readDexFiles(buildDex([spec]).bytes, "classes.dex", defaultLimits, []));
}

describe("what a method returns", () => {
  const VERSION = "Lcom/acme/Sdk;->version()Ljava/lang/String;";
  const returned = (code: (ids: Ids) => readonly number[], wanted = VERSION) => {
    const method = { name: "version", returns: "Ljava/lang/String;", code };
    const dexFiles = read({
      classes: [{ descriptor: "Lcom/acme/Sdk;", methods: [method] }],
      strings: ["4.2.5"],
    });
    return readReturnedString(new ClassHierarchy(dexFiles, defaultLimits, []), wanted);
  };
  const constant = (ids: Ids, register = 0) => [CONST_STRING | (register << 8), ids.string("4.2.5")];

  test.each([
    ["a constant", (ids: Ids) => [...constant(ids), RETURN_OBJECT], "4.2.5"],
    ["a jumbo constant", (ids: Ids) => [CONST_STRING_JUMBO, ids.string("4.2.5"), 0, RETURN_OBJECT], "4.2.5"],
    ["another register", (ids: Ids) => [...constant(ids), RETURN_OBJECT | (1 << 8)], undefined],
    ["something before", (ids: Ids) => [NOP, ...constant(ids), RETURN_OBJECT], undefined],
    ["something between", (ids: Ids) => [...constant(ids), NOP, RETURN_OBJECT], undefined],
    ["a constant and no return", (ids: Ids) => constant(ids), undefined],
    ["a string that is not there", () => [CONST_STRING, 0xffff, RETURN_OBJECT], undefined],
  ])("%s", (_, code, expected) => {
    expect(returned(code)).toBe(expected);
  });

  test("is asked by class, name and signature", () => {
    const code = (ids: Ids) => [...constant(ids), RETURN_OBJECT];
    expect(returned(code, "Lcom/acme/Other;->version()Ljava/lang/String;")).toBeUndefined();
    expect(returned(code, "Lcom/acme/Sdk;->build()Ljava/lang/String;")).toBeUndefined();
    expect(returned(code, "Lcom/acme/Sdk;->version(I)Ljava/lang/String;")).toBeUndefined();
  });
});

describe("what stands for the star of a user agent", () => {
  const found = (...strings: string[][]) =>
    readStringPattern(read(...strings.map((texts) => ({ classes: [], strings: texts }))), "AcmeSDK/*");

  test.each([
    [[["AcmeSDK/4.2.5", "Acme", "zebra"]], "4.2.5"],
    [[["AcmeSDK/4.2.5"], ["AcmeSDK/4.2.5"]], "4.2.5"],
    [[["AcmeSDK/4.2.5"], ["AcmeSDK/4.2.6"]], undefined],
    [[["AcmeSDK/4.2.5", "AcmeSDK/beta"]], undefined],
    [[["AcmeSDK/", "AcmeSDKs/4.2.5"]], undefined],
    [[["acmesdk/4.2.5"]], undefined],
    [[[]], undefined],
  ])("%j: %s", (strings, expected) => {
    expect(found(...strings)).toBe(expected);
  });

  test("with an end", () => {
    const dexFiles = read({ classes: [], strings: ["AcmeSDK/4.2.5 (Android)", "AcmeSDK/4.2.6"] });
    expect(readStringPattern(dexFiles, "AcmeSDK/* (Android)")).toBe("4.2.5");
  });
});
