import { describe, expect, test } from "vitest";
import { PackageTable, packageOf } from "../../src/program/index.js";
import { readFixtureDexFiles } from "../support/fixture-apps.js";

function tableOf(app: string, apart: readonly string[] = []) {
  const packages = new PackageTable(apart);
  for (const dex of readFixtureDexFiles(app)) packages.addClasses(dex, []);
  const counts = packages.names.map((name, number): [string, number] => [name, packages.classes[number]!]);
  return { packages, counts: Object.fromEntries(counts.filter(([, classes]) => classes > 0)) };
}

describe("the packages of an app", () => {
  test("are counted over all DEX files, the default package among them", () => {
    expect(tableOf("renamed").counts).toEqual({
      L: 1,
      "La/b/": 1,
      "Lcom/a/b/": 1,
      "Lcom/example/renamed/": 1,
      "Lo/": 1,
    });
    expect(tableOf("multi-dex").counts).toEqual({
      "Lcom/acme/base/": 2,
      "Lcom/acme/caller/": 1,
      "Lcom/acme/leaf/": 2,
      "Lcom/doubled/": 2,
      "Lcom/example/multidex/": 1,
    });
  });

  test("a class apart is, with its inner classes, a package of its own", () => {
    const apart = "Lcom/google/android/gms/ads/identifier/AdvertisingIdClient;";
    const { counts } = tableOf("advertising-id-client", [apart]);
    expect(counts[apart]).toBe(2);
    expect(counts["Lcom/google/android/gms/ads/identifier/"]).toBeUndefined();
  });

  test("a class apart takes no class of a longer name with it", () => {
    const { counts } = tableOf("tracker", ["Lcom/acme/tracker/Listen;", "Lcom/acme/tracker/Wrapper;"]);
    expect(counts["Lcom/acme/tracker/Listen;"]).toBeUndefined();
    expect(counts["Lcom/acme/tracker/Wrapper;"]).toBe(1);
  });
});

test("the package of a class is what stands before its name", () => {
  expect(packageOf("Lcom/acme/Sdk;")).toBe("Lcom/acme/");
  expect(packageOf("Lcom/acme/Sdk$Inner;")).toBe("Lcom/acme/");
  expect(packageOf("Ld;")).toBe("L");
});
