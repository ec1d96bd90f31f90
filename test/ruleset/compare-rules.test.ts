import { expect, test } from "vitest";
import { compareRules } from "../../src/ruleset/index.js";
import {
  apiRule,
  dataTypes,
  indexTinyRules,
  permissions,
  sdkRule,
  supportLibraryRule,
  vendor,
} from "../support/tiny-rules.js";

const files = {
  "data-types.yaml": dataTypes("ids", "other"),
  "permissions.yaml": permissions("p.CAMERA dangerous"),
  "ids.yaml": apiRule("ids", "ids", "  - method: Lcom/lib/Api;->get()V"),
  "vendors/acme.yaml": vendor("acme", ", parent: boat"),
  "vendors/boat.yaml": vendor("boat"),
  "acme.yaml": sdkRule("acme", ["class-prefix: Lcom/acme/"]),
  "boat.yaml": sdkRule("boat", ["class-prefix: Lcom/boat/", "component: com.far.Service"]),
  "lib.yaml": supportLibraryRule("lib", ["class-prefix: Lcom/lib/"]),
};

/** What a change of files comes to: ids of changed rules, each as often as there are versions of it. */
function compare(changed: Readonly<Record<string, string | undefined>>) {
  const after = Object.entries({ ...files, ...changed }).flatMap(([path, text]) =>
    text === undefined ? [] : [[path, text] as const],
  );
  const rules = compareRules(indexTinyRules(files), indexTinyRules(Object.fromEntries(after)));
  if (rules === undefined) return undefined;
  const ids = [rules.sdks, rules.supportLibraries, rules.apis].flatMap((list) => list.map(({ id }) => id));
  return { ids, classes: rules.componentClasses.map((one) => one.class) };
}

test.each([
  ["nothing", {}, [], []],
  [
    "a rule more",
    { "new.yaml": sdkRule("new", ["string: new-sdk-text"]).replace("vendor: new", "vendor: acme") },
    ["new"],
    [],
  ],
  ["a rule less", { "acme.yaml": undefined }, ["acme"], []],
  [
    "a rule's name",
    { "lib.yaml": files["lib.yaml"].replace("name: lib", "name: other") },
    ["lib", "lib"],
    [],
  ],
  [
    "a rule with a component",
    { "boat.yaml": files["boat.yaml"].replace("name: boat", "name: other") },
    ["boat", "boat"],
    ["Lcom/far/Service;", "Lcom/far/Service;"],
  ],
  [
    "who owns a class that only a manifest tells of",
    { "lib.yaml": supportLibraryRule("lib", ["class-prefix: Lcom/lib/", "class-prefix: Lcom/far/"]) },
    ["boat", "boat", "lib", "lib"],
    ["Lcom/far/Service;"],
  ],
  [
    "a vendor's name",
    { "vendors/acme.yaml": "{ id: acme, name: Other, parent: boat }" },
    ["acme", "acme"],
    [],
  ],
  [
    "the name of who owns a vendor",
    { "vendors/boat.yaml": "{ id: boat, name: Other }" },
    ["acme", "boat", "acme", "boat"],
    ["Lcom/far/Service;", "Lcom/far/Service;"],
  ],
  [
    "an API more",
    { "ids.yaml": apiRule("ids", "ids", "  - method: Lcom/lib/Api;->get()V\n  - method: La/B;->c()V") },
    ["ids", "ids"],
    [],
  ],
  ["a note", { "acme.yaml": `note: nobody looks at it\n${files["acme.yaml"]}` }, [], []],
])("%s", (_, changed, ids, classes) => {
  expect(compare(changed)).toEqual({ ids, classes });
});

test("a party whose host lies above a changed party's host is changed with it", () => {
  const more = { "boat.yaml": sdkRule("boat", ["class-prefix: Lcom/boat/", 'host: "in.acme.com"']) };
  const acme = { "acme.yaml": sdkRule("acme", ["class-prefix: Lcom/acme/", 'host: "acme.com"']) };
  const rules = compareRules(
    indexTinyRules({ ...files, ...acme }),
    indexTinyRules({ ...files, ...acme, ...more }),
  );
  expect(rules!.sdks.map(({ id }) => id)).toEqual(["acme", "boat", "acme", "boat"]);
});

test.each([
  ["data types", { "data-types.yaml": dataTypes("ids", "other", "third") }],
  ["permissions", { "permissions.yaml": permissions("p.CAMERA normal") }],
  [
    "a permission that opens data, and that no API needs by name",
    { "permissions.yaml": permissions("p.CAMERA dangerous ids") },
  ],
  [
    "which data type is what is left of another",
    {
      "ids.yaml": apiRule(
        "ids",
        "ids",
        "  - method: Lcom/lib/Api;->get()V",
        "degrades-to: { when-missing: p.CAMERA, data-type: other }",
      ),
    },
  ],
  ["a content URI", { "uri.yaml": apiRule("uri", "ids", "  - content-uri: content://sms") }],
  [
    "who owns a class with APIs",
    { "acme.yaml": sdkRule("acme", ["class-prefix: Lcom/acme/", "class-prefix: Lcom/lib/Api;"]) },
  ],
])("%s may meet any app", (_, changed) => {
  expect(compare(changed)).toBeUndefined();
});
