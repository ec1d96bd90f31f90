import { expect, test } from "vitest";
import { isRenamed, mayBeRenamed } from "../../src/sdk/index.js";

test.each([
  ["La/b;", true],
  ["La;", true],
  ["La/a/a/b$c;", true],
  ["Lcom/a/b/c;", true],
  ["Lo/Xk;", true],
  ["Lp000/ab;", true],
  ["Lobfus/a$1;", true],
  ["Ldefpackage/aBc;", true],
  ["Lmylibrary/Client;", false],
  ["Lmylibrary/Client$a;", false],
  ["Lcom/acme/a;", false],
  ["Lcom/acme/Sdk;", false],
  ["Lio/ab/Sdk;", true], // as it may be called; a rule or a longer segment saves it
  ["Lorg/abc/a;", false],
])("%s: %s", (name, expected) => {
  expect(isRenamed(name)).toBe(expected);
});

test("classes of one-segment packages are looked at one by one", () => {
  expect(mayBeRenamed("Lmylibrary/")).toBe(true);
  expect(mayBeRenamed("Lcom/acme/")).toBe(false);
  expect(mayBeRenamed("L")).toBe(true);
});
