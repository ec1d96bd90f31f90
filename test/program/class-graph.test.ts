import { describe, expect, test } from "vitest";
import {
  buildClassGraph,
  type CodeReferences,
  findReferences,
  PackageTable,
  ReferenceQuery,
} from "../../src/program/index.js";
import { isRenamed } from "../../src/sdk/index.js";
import { readFixtureDexFiles } from "../support/fixture-apps.js";

/** Edges of an app of fixtures/apps to its renamed classes, by name. */
function edgesOf(app: string, isAsked: (name: string) => boolean = isRenamed): string[] {
  const packages = new PackageTable([], isRenamed);
  const code = readFixtureDexFiles(app).map(
    (dex): CodeReferences => findReferences(dex, new ReferenceQuery(), packages, []),
  );
  const { from, to } = buildClassGraph(code, packages, (number) => isAsked(packages.names[number]!));
  return Array.from({ length: from.length }, (_, edge) => {
    const [source, target] = [packages.names[from.at(edge)], packages.names[to.at(edge)]];
    return `${source} -> ${target}`;
  }).sort();
}

describe("who refers to renamed classes", () => {
  test("by calls, fields, arrays and superclasses, as the sources of renamed-sdk say", () => {
    expect(edgesOf("renamed-sdk")).toEqual([
      "La/a; -> La/c;",
      "La/c; -> La/d;",
      "La/c; -> La/e;",
      "La/c; -> La/h;",
      "La/d; -> La/c;",
      "La/e; -> La/f;",
      "La/z; -> La/y;",
      "Lcom/adjust/sdk/ -> La/i;",
      "Lcom/example/shop/ -> La/a;",
      "Lcom/example/shop/ -> La/g;",
      "Lcom/kochava/base/ -> La/h;",
      "Lcom/kochava/base/ -> La/k;",
    ]);
  });

  test("and to packages that kept their names, if asked", () => {
    expect(edgesOf("renamed-sdk", (name) => name === "Lcom/kochava/base/")).toEqual([]);
    expect(edgesOf("lookalikes", () => true).every((edge) => edge.includes(" -> "))).toBe(true);
  });
});
