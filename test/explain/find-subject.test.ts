import { describe, expect, test } from "vitest";
import { findSubjects, suggestSubjects } from "../../src/explain/index.js";
import { exampleApp, exampleKnowledge, FINE } from "./example-knowledge.js";

const rulesAlone = exampleKnowledge();
const withApp = exampleKnowledge(exampleApp());

/** `kind id` of all that a text names. */
function named(text: string, knowledge = rulesAlone): string[] {
  return findSubjects(text, knowledge).map(({ kind, id }) => `${kind} ${id}`);
}

describe("a text names", () => {
  test.each([
    ["an SDK", "harbor-ads", ["sdk harbor-ads"]],
    ["a support library", "knots", ["support-library knots"]],
    ["an SDK before the company of its id", "plankton", ["sdk plankton", "vendor plankton"]],
    ["a company, by its kind", "vendor:plankton", ["vendor plankton"]],
    ["a data type before the API rule of its id", "device-ids", ["data-type device-ids", "api device-ids"]],
    ["an API rule, by its kind", "api:device-ids", ["api device-ids"]],
    ["a permission by its whole name", FINE, [`permission ${FINE}`]],
    ["a permission by its last part", "READ_PLACE", [`permission ${FINE}`]],
    ["a permission in small letters", "read_place", [`permission ${FINE}`]],
    ["a kind of finding", "piggy-back-permission", ["finding-kind piggy-back-permission"]],
    [
      "a finding that an app may have",
      "data-access/harbor-ads/device-ids",
      ["finding data-access/harbor-ads/device-ids"],
    ],
    ["a finding about a permission", `unused-permission/${FINE}`, [`finding unused-permission/${FINE}`]],
    ["an id in other letters", "Harbor-Ads", ["sdk harbor-ads"]],
  ])("%s", (_, text, expected) => {
    expect(named(text)).toEqual(expected);
  });

  test.each([
    "constructor",
    "__proto__",
    "",
    "nothing",
    "vendor:harbor-ads",
    "data-access/nobody/device-ids",
    "data-access/harbor-ads/nothing",
    "no-kind/harbor-ads/device-ids",
    "unrecognised:com.acme",
    "first-party",
  ])("nothing: %j", (text) => {
    expect(named(text)).toEqual([]);
  });

  test("what only an app has, with that app", () => {
    expect(named("unrecognised:com.acme", withApp)).toEqual(["unrecognised unrecognised:com.acme"]);
    expect(named("first-party", withApp)).toEqual(["first-party first-party"]);
    const finding = "data-access/unrecognised:com.acme/precise-location";
    expect(named(finding, withApp)).toEqual([`finding ${finding}`]);
    expect(named("data-access/harbor-ads/approximate-location", withApp)).toEqual([]);
  });
});

describe("what a text may have meant", () => {
  test.each([
    ["a slip", "habror-ads", "harbor-ads"],
    ["a part", "harbor", "harbor-ads"],
    ["a permission's last part", "READ_PLCAE", FINE],
    ["a name", "Precise-locatoin", "precise-location"],
    ["a kind of finding", "piggyback-permission", "piggy-back-permission"],
  ])("%s", (_, text, expected) => {
    expect(suggestSubjects(text, rulesAlone)).toContain(expected);
  });

  test("of the kinds that are meant", () => {
    expect(suggestSubjects("harbor", rulesAlone, ["vendor"])).toEqual(["harbor"]);
    expect(suggestSubjects("precise-locatoin", rulesAlone, ["sdk", "vendor"])).toEqual([]);
  });

  test("an id of the app", () => {
    expect(suggestSubjects("com.acme", withApp)[0]).toBe("unrecognised:com.acme");
  });

  test("nothing, of what is like nothing, however long", () => {
    expect(suggestSubjects("quite-another-thing", rulesAlone)).toEqual([]);
    expect(suggestSubjects("x".repeat(1_000_000), rulesAlone)).toEqual([]);
  });
});
