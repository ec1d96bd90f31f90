import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { AndroidClasses } from "../../src/program/index.js";

const text = readFileSync(new URL("../../rules/android-classes.tsv", import.meta.url), "latin1");
const lines = text.split("\n").filter((line) => line.includes("\t"));

test("the lines are sorted: they are found by halving", () => {
  expect([...lines].sort()).toEqual(lines);
});

test("every class of the file is found, with what its line says", () => {
  const android = new AndroidClasses(text);
  for (const line of lines) {
    const [name = "", supers = "", methods = ""] = line.split("\t");
    expect(android.has(name), name).toBe(true);
    if (supers !== "") expect(android.supersOf(name).join(" ")).toBe(supers);
    if (methods !== "") expect([...android.methodsOf(name)].join(" ")).toBe(methods);
  }
  expect(lines.length).toBeGreaterThan(4_000);
});

test("what is not there, or only begins so, is not found", () => {
  const android = new AndroidClasses(text);
  const absent = ["", "L", "Landroid/app/Activity", "Lzz;", "#", "\n", "Landroid/app/Activity;\t", "La;"];
  for (const name of absent) {
    expect(android.has(name), name).toBe(false);
    expect(android.supersOf(name)).toEqual([]);
    expect([...android.methodsOf(name)]).toEqual([]);
  }
});

test.each(["", "\n", "# only a comment", "La;\t\t", "La;\t\t\nLb;\tLa;\tx/0\n"])("a file of %j", (small) => {
  const android = new AndroidClasses(small);
  expect(android.has("La;")).toBe(small.startsWith("La;"));
  expect(android.supersOf("Lb;")).toEqual(small.includes("Lb;") ? ["La;"] : []);
  expect(android.has("Lc;")).toBe(false);
});
