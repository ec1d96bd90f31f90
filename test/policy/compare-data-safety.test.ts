import { describe, expect, test } from "vitest";
import type { AuditResult } from "../../src/index.js";
import {
  checkDataSafety,
  compareDataSafety,
  type DataSafetyComparison,
  type DataSafetyItem,
} from "../../src/policy/index.js";
import {
  COLLECTED,
  COLLECTS_YES,
  declares,
  FOR_ANALYTICS,
  googleDataTypes,
  parseForm,
  readFormFixture,
  SHARED,
  writeForm,
} from "../support/data-safety.js";
import { access, buildResult, missingPermission, party, permitted, says } from "../support/result-builder.js";

const PAGE = "https://acme.example/data";
const rules = { dataTypes: googleDataTypes };
const NOTHING = readFormFixture("collects-nothing");

function compare(result: AuditResult, text?: string): DataSafetyComparison {
  return compareDataSafety(result, rules, text === undefined ? undefined : parseForm(text));
}

function itemsOf(comparison: DataSafetyComparison): readonly DataSafetyItem[] {
  return comparison.lists.flatMap(({ items }) => items);
}

/** Severity and id of each item. */
function outline(result: AuditResult, text: string): string[] {
  return itemsOf(compare(result, text)).map(({ severity, id }) => `${severity} ${id}`);
}

const reads = (owner: string, parts = {}) =>
  access(owner, "contacts", "Lp/Q;->read()V", `L${owner}/M;->m()V`, parts);
const acme = (parts = {}) => party("acme", "Acme", parts);
const collects = (parts = {}) => acme({ practices: [says("contacts", PAGE, parts)] });

describe("what a vendor documents and the form lacks", () => {
  test("a collection: with page, day, and who", () => {
    const vendor = { id: "acme-inc", name: "Acme Inc." };
    const result = buildResult({
      parties: [acme({ vendor, practices: [says("contacts", PAGE, { purposes: ["analytics"] })] })],
    });
    const [item, ...more] = itemsOf(compare(result, NOTHING));
    expect(more).toEqual([]);
    expect(item).toEqual({
      id: "undeclared-collection/acme/contacts",
      kind: "undeclared-collection",
      severity: "error",
      dataType: "contacts",
      party: { id: "acme", kind: "sdk", name: "Acme", vendor, confidence: "certain" },
      documented: [{ collected: true, purposes: ["analytics"], source: PAGE, readOn: "2026-11-22" }],
      evidence: [{ kind: "class", entry: "classes.dex", value: "Lcom/acme/Main;" }],
    });
  });

  const declared = (...answers: string[]) =>
    writeForm(COLLECTS_YES, ...declares("CONTACTS", "PSL_CONTACTS", ...answers));
  const cases: readonly (readonly [
    name: string,
    practice: object,
    form: string,
    items: readonly string[],
  ])[] = [
    ["collected, and not declared at all", {}, NOTHING, ["error undeclared-collection/acme/contacts"]],
    [
      "collected, and declared shared only",
      {},
      declared(SHARED),
      ["error undeclared-collection/acme/contacts"],
    ],
    ["collected, and chosen only", {}, declared(), ["error undeclared-collection/acme/contacts"]],
    ["collected, and declared so", {}, declared(COLLECTED), []],
    [
      "shared, and not declared at all",
      { shared: true },
      NOTHING,
      ["error undeclared-collection/acme/contacts", "error undeclared-sharing/acme/contacts"],
    ],
    [
      "shared, and declared collected only",
      { shared: true },
      declared(COLLECTED),
      ["error undeclared-sharing/acme/contacts"],
    ],
    ["not shared, and declared collected only", { shared: false }, declared(COLLECTED), []],
    ["shared, and declared so", { shared: true }, declared(COLLECTED, SHARED), []],
    [
      "a purpose that the form lacks",
      { purposes: ["analytics", "personalization"] },
      declared(COLLECTED, FOR_ANALYTICS),
      ["warning undeclared-purpose/acme/contacts"],
    ],
    ["purposes that the form has", { purposes: ["analytics"] }, declared(COLLECTED, FOR_ANALYTICS), []],
    [
      "a purpose of what is not declared collected is no item of its own",
      { purposes: ["analytics"] },
      declared(SHARED),
      ["error undeclared-collection/acme/contacts"],
    ],
    ["that it does not collect it", { collected: false }, NOTHING, []],
  ];

  test.each(cases)("%s", (_, practice, form, items) => {
    expect(outline(buildResult({ parties: [collects(practice)] }), form)).toEqual(items);
  });

  test("the purposes that are missing, and those alone", () => {
    const result = buildResult({ parties: [collects({ purposes: ["analytics", "personalization"] })] });
    const [item] = itemsOf(compare(result, declared(COLLECTED, FOR_ANALYTICS)));
    expect(item?.purposes).toEqual(["personalization"]);
  });

  test("weighs a step less where the SDK is only possibly there", () => {
    const result = buildResult({ parties: [{ ...collects(), confidence: "possible" }] });
    expect(outline(result, NOTHING)).toEqual(["warning undeclared-collection/acme/contacts"]);
  });

  test("is not also asked for its code; which is told with it", () => {
    const result = buildResult({ parties: [collects()], accesses: [reads("acme")] });
    const [item, ...more] = itemsOf(compare(result, NOTHING));
    expect(more).toEqual([]);
    expect(item).toMatchObject({ kind: "undeclared-collection", observed: { callSites: 1 } });
  });

  test("names the line where the answer would stand", () => {
    const result = buildResult({ parties: [collects({ shared: true })] });
    const form = writeForm(
      COLLECTS_YES,
      ...declares("CONTACTS", "PSL_CONTACTS", COLLECTED),
      "PSL_DATA_USAGE_RESPONSES:PSL_CONTACTS:PSL_DATA_USAGE_COLLECTION_AND_SHARING PSL_DATA_USAGE_ONLY_SHARED -",
    );
    expect(itemsOf(compare(result, form)).map(({ line }) => line)).toEqual([5]);
    expect(
      itemsOf(compare(result, writeForm(COLLECTS_YES, "PSL_DATA_TYPES_CONTACTS PSL_CONTACTS -"))).map(
        ({ line }) => line,
      ),
    ).toEqual([3, 3]);
  });
});

describe("what code could access and the form says nothing of", () => {
  test.each([
    ["an SDK's", "sdk", ["warning undeclared-access/acme/contacts"]],
    ["an unrecognised third party's", "unrecognised", ["warning undeclared-access/acme/contacts"]],
    ["the app's own", "first-party", ["warning undeclared-access/acme/contacts"]],
    ["what is nobody's", "unattributed", ["warning undeclared-access/acme/contacts"]],
    ["a support library's, which works for whoever calls it", "support-library", []],
  ] as const)("%s code", (_, kind, items) => {
    expect(outline(buildResult({ parties: [acme({ kind })], accesses: [reads("acme")] }), NOTHING)).toEqual(
      items,
    );
  });

  test.each([
    ["possible only", { confidence: "possible" }, ["note undeclared-access/acme/contacts"]],
    ["likely", { confidence: "likely" }, ["warning undeclared-access/acme/contacts"]],
    ["limited to nothing", { limits: [missingPermission("P")] }, []],
  ] as const)("%s", (_, parts, items) => {
    expect(outline(buildResult({ parties: [acme()], accesses: [reads("acme", parts)] }), NOTHING)).toEqual(
      items,
    );
  });

  test("counts where one access of several yields something, with that one's place first", () => {
    const blocked = reads("acme", { limits: [missingPermission("P")], api: "Lp/Q;->blocked()V" });
    const result = buildResult({ parties: [acme()], accesses: [blocked, reads("acme")] });
    const [item] = itemsOf(compare(result, NOTHING));
    expect(item?.observed).toMatchObject({ isOpen: true, callSites: 2 });
    expect(item?.observed?.places.map(({ api }) => api)).toEqual(["Lp/Q;->read()V", "Lp/Q;->blocked()V"]);
  });

  test("weighs less where the vendor says that it does not collect it; its word is told", () => {
    const result = buildResult({ parties: [collects({ collected: false })], accesses: [reads("acme")] });
    expect(outline(result, NOTHING)).toEqual(["note undeclared-access/acme/contacts"]);
    expect(itemsOf(compare(result, NOTHING))[0]?.documented).toMatchObject([
      { collected: false, source: PAGE },
    ]);
  });

  test("what is permitted only is no access", () => {
    const result = buildResult({
      parties: [acme()],
      findings: [permitted("acme", "contacts", "android.permission.READ_CONTACTS")],
    });
    expect(outline(result, NOTHING)).toEqual([]);
  });

  test("a data type that is declared is not asked for; its neighbour is", () => {
    const form = writeForm(
      COLLECTS_YES,
      ...declares("LOCATION", "PSL_PRECISE_LOCATION", COLLECTED, FOR_ANALYTICS),
    );
    const locate = (type: string) => access("acme", type, "Lp/Q;->locate()V", "Lacme/M;->m()V");
    const result = buildResult({
      parties: [acme()],
      accesses: [locate("precise-location"), locate("approximate-location")],
    });
    // Google asks for the two in rows of their own.
    expect(outline(result, form)).toEqual(["warning undeclared-access/acme/approximate-location"]);
  });
});

describe("what is declared and nothing was seen of", () => {
  const form = writeForm(COLLECTS_YES, ...declares("CONTACTS", "PSL_CONTACTS", COLLECTED, FOR_ANALYTICS));
  const UNREAD = { effect: "unread", code: "truncated", part: "classes2.dex", message: "cut off" } as const;

  test("is a note, where everything was read", () => {
    expect(outline(buildResult(), form)).toEqual(["note declared-not-observed/contacts"]);
  });

  test.each([
    ["code refers to it", buildResult({ parties: [acme()], accesses: [reads("acme")] })],
    [
      "a support library's code does",
      buildResult({ parties: [acme({ kind: "support-library" })], accesses: [reads("acme")] }),
    ],
    [
      "code does that yields nothing",
      buildResult({ parties: [acme()], accesses: [reads("acme", { limits: [missingPermission("P")] })] }),
    ],
    ["a vendor documents it", buildResult({ parties: [collects()] })],
  ])("is nothing where %s", (_, result) => {
    expect(outline(result, form)).toEqual([]);
  });

  test("is not decided where a part could not be read, or no code was looked at", () => {
    for (const result of [buildResult({ diagnostics: [UNREAD] }), buildResult({ depth: "permitted" })]) {
      expect(outline(result, form)).toEqual([]);
      expect(compare(result, form).undecided).toEqual(["contacts"]);
    }
  });

  test("of a form that says the app collects nothing there is nothing declared", () => {
    const both = form.replace("PERSONAL_DATA,,true", "PERSONAL_DATA,,false");
    expect(outline(buildResult({ parties: [collects()] }), both)).toEqual([
      "error undeclared-collection/acme/contacts",
    ]);
    expect(outline(buildResult(), both)).toEqual([]);
  });
});

describe("a comparison", () => {
  test("lists by kind, what vendors document first, each in the form's order", () => {
    const result = buildResult({
      parties: [
        acme({ practices: [says("device-or-other-ids", PAGE), says("contacts", PAGE)] }),
        party("first", "First", { kind: "first-party" }),
      ],
      accesses: [reads("first"), access("first", "name", "Lp/Q;->name()V", "Lf/M;->m()V")],
    });
    expect(outline(result, NOTHING)).toEqual([
      "error undeclared-collection/acme/contacts",
      "error undeclared-collection/acme/device-or-other-ids",
      "warning undeclared-access/first/name",
      "warning undeclared-access/first/contacts",
    ]);
  });

  test("without a form has what is known, and no lists", () => {
    const comparison = compare(buildResult({ parties: [collects()], accesses: [reads("acme")] }));
    expect(comparison).toMatchObject({ lists: [], undecided: [] });
    expect(comparison).not.toHaveProperty("form");
    expect(comparison.dataTypes).toMatchObject([
      { dataType: "contacts", parties: [{ party: { id: "acme" }, observed: { isOpen: true } }] },
    ]);
  });
});

describe("as a check", () => {
  const check = (result: AuditResult, text: string) => {
    const { form, ...comparison } = compare(result, text);
    return checkDataSafety({ ...comparison, form: form! });
  };

  test("fails by what vendors document, with what to do and the findings behind it", () => {
    const result = buildResult({
      parties: [collects({ purposes: ["analytics"] })],
      accesses: [reads("acme")],
    });
    const { problems, ...rest } = check(result, NOTHING);
    expect(rest).toEqual({
      id: "data-safety",
      kind: "data-safety",
      title: "form.csv declares what vendors say that their SDKs collect",
      place: { file: "form.csv", line: 1 },
      outcome: "fail",
      excepted: [],
    });
    expect(problems).toMatchObject([
      {
        id: "data-safety/undeclared-collection/acme/contacts",
        severity: "error",
        message: `Acme collects contacts, its vendor says, and the form does not declare it collected (${PAGE}, read on 2026-11-22)`,
        party: "acme",
        dataType: "contacts",
        confidence: "certain",
        findings: ["data-access/acme/contacts"],
      },
    ]);
    expect(problems[0]).not.toHaveProperty("rung");
  });

  test("an access warns, has its rung, and is not called a collection", () => {
    const { problems, outcome } = check(
      buildResult({ parties: [acme()], accesses: [reads("acme", { confidence: "likely" })] }),
      NOTHING,
    );
    expect(outcome).toBe("pass");
    expect(problems).toMatchObject([{ severity: "warning", rung: "referenced", confidence: "likely" }]);
    expect(problems[0]?.message).toBe("code of Acme could access contacts, of which the form says nothing");
    expect(problems[0]?.message).not.toMatch(/collect/);
  });

  test("warns of what the form says against itself", () => {
    const { problems } = check(buildResult(), writeForm(COLLECTS_YES));
    expect(problems).toMatchObject([
      {
        id: "data-safety/inconsistent-form/collects/2",
        severity: "warning",
        message:
          "form.csv:2 contradicts itself: says that the app collects data, and has no data type chosen",
      },
    ]);
  });

  test("is unknown where not everything was read, unless it fails anyway", () => {
    const diagnostics = [
      { effect: "unread", code: "truncated", part: "classes2.dex", message: "cut off" },
    ] as const;
    expect(check(buildResult({ diagnostics }), NOTHING).outcome).toBe("unknown");
    expect(check(buildResult({ diagnostics, parties: [collects()] }), NOTHING).outcome).toBe("fail");
    expect(check(buildResult({ depth: "permitted" }), NOTHING).outcome).toBe("unknown");
  });

  test("has one id for each thing", () => {
    const result = buildResult({
      parties: [collects({ shared: true }), party("b", "B"), party("first", "F", { kind: "first-party" })],
      accesses: [reads("b"), reads("first"), reads("acme")],
    });
    const ids = check(result, NOTHING).problems.map(({ id }) => id);
    expect(ids).toHaveLength(4);
    expect(new Set(ids).size).toBe(4);
  });
});
