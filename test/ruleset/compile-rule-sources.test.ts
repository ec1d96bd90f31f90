import { expect, test } from "vitest";
import {
  apiRule,
  compileTinyRules,
  compileTinySources,
  dataTypes,
  permissions,
  sdkRule,
  supportLibraryRule,
  vendor,
} from "../support/tiny-rules.js";

const TIDE = `
maven: [com.tide:sdk]
note: It wakes with the app.
auto-init: [{ provider: com.tide.sdk.StartProvider }]
switches:
  - { meta-data: com.tide.ENABLED, off: "false", effect: Nothing is read. }
  - { method: "Lcom/tide/sdk/Tide;->optOut()V", effect: Nothing is read from now on. }
`;

const files = {
  "tide.yaml": sdkRule("tide", ["class-prefix: Lcom/tide/sdk/"], TIDE),
  "knots.yaml": supportLibraryRule("knots", ["class-prefix: Lcom/knots/"], "note: Ties other code."),
  "vendors/tide.yaml": vendor("tide", ", privacy: https://tide.example/privacy, checked-on: 2026-11-22"),
  "imei.yaml": apiRule(
    "imei",
    "ids",
    '  - { method: "La/B;->c()V" }\n  - { field: "La/B;->d:I", note: Old. }\n',
  ),
  "data-types.yaml": dataTypes("ids"),
  "permissions.yaml": permissions("com.tide.READ dangerous ids"),
};

const source = { kind: "platform-reference", where: "a rule for tests", "read-on": "2026-11-22" };

test("what a scan does not need stands apart, by id", () => {
  expect(compileTinySources(files)).toEqual({
    parties: {
      tide: {
        site: "https://tide.example/",
        note: "It wakes with the app.",
        maven: ["com.tide:sdk"],
        autoInit: [{ provider: "com.tide.sdk.StartProvider" }],
        codeSwitches: [{ method: "Lcom/tide/sdk/Tide;->optOut()V", effect: "Nothing is read from now on." }],
        sources: [source],
      },
      knots: {
        note: "Ties other code.",
        sources: [{ kind: "platform-reference", where: "a rule for tests", "read-on": "2026-11-22" }],
      },
    },
    vendors: { tide: { privacy: "https://tide.example/privacy", checkedOn: "2026-11-22" } },
    apis: { imei: { apiNotes: { 1: "Old." }, sources: [source] } },
    dataTypes: { ids: { sources: [source] } },
    permissions: { "com.tide.READ": { sources: [source] } },
  });
});

test("the compiled rules have none of it", () => {
  const rules = compileTinyRules(files);
  expect(Object.keys(rules.sdks[0]!)).toEqual(["id", "name", "vendor", "category", "signatures", "switches"]);
  expect(rules.sdks[0]!.switches).toEqual([
    { "meta-data": "com.tide.ENABLED", off: "false", effect: "Nothing is read." },
  ]);
  expect(rules.vendors).toEqual([{ id: "tide", name: "tide Inc." }]);
  expect(JSON.stringify(rules)).not.toMatch(/note|sources|privacy|maven/);
});

test("a user's rule replaces what a shipped one of its id says", () => {
  const base = compileTinySources(files);
  const own = compileTinySources(
    { "own.yaml": sdkRule("tide", ["class-prefix: Lcom/tide/sdk/"], "note: Mine.") },
    base,
  );
  expect(own.parties.tide).toEqual({ site: "https://tide.example/", note: "Mine.", sources: [source] });
  expect(own.parties.knots).toEqual(base.parties.knots);
  expect(base.parties.tide!.note).toBe("It wakes with the app.");
});
