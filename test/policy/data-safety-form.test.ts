import { describe, expect, test } from "vitest";
import { UsageError } from "../../src/diagnostics/index.js";
import { listTemplateRows, rowKey } from "../../src/policy/data-safety-template.js";
import {
  COLLECTED,
  COLLECTS_YES,
  declares,
  FIRST_LINE,
  FOR_ANALYTICS,
  googleDataTypes,
  parseForm,
  readFormFixture,
  SHARED,
  writeForm,
} from "../support/data-safety.js";

describe("the template", () => {
  const rows = listTemplateRows(googleDataTypes);

  test("has Google's 782 rows, each once: 22 on the app, 38 data types, 19 on the use of each", () => {
    expect(rows).toHaveLength(782);
    expect(new Set(rows.map(rowKey)).size).toBe(782);
    expect(rows.filter(({ meaning }) => meaning.of === "app")).toHaveLength(22);
    expect(rows.slice(22, 60).map(({ responseId }) => responseId)).toEqual(
      googleDataTypes.map((one) => one["play-response-id"]),
    );
    expect(rows.filter(({ meaning }) => meaning.of === "purpose")).toHaveLength(38 * 14);
  });

  test("has the form's order, from the first question to the last purpose", () => {
    const names = rows.map(
      ({ questionId, responseId, requirement }) => `${questionId},${responseId},${requirement}`,
    );
    expect([names[0], names[22], names[59], names[60], names[62], names[78], names[79], names[781]]).toEqual([
      "PSL_DATA_COLLECTION_COLLECTS_PERSONAL_DATA,,REQUIRED",
      "PSL_DATA_TYPES_PERSONAL,PSL_NAME,MULTIPLE_CHOICE",
      "PSL_DATA_TYPES_IDENTIFIERS,PSL_DEVICE_ID,MULTIPLE_CHOICE",
      "PSL_DATA_USAGE_RESPONSES:PSL_NAME:PSL_DATA_USAGE_COLLECTION_AND_SHARING,PSL_DATA_USAGE_ONLY_COLLECTED,MULTIPLE_CHOICE",
      "PSL_DATA_USAGE_RESPONSES:PSL_NAME:PSL_DATA_USAGE_EPHEMERAL,,MAYBE_REQUIRED",
      "PSL_DATA_USAGE_RESPONSES:PSL_NAME:DATA_USAGE_SHARING_PURPOSE,PSL_ACCOUNT_MANAGEMENT,MULTIPLE_CHOICE",
      "PSL_DATA_USAGE_RESPONSES:PSL_EMAIL:PSL_DATA_USAGE_COLLECTION_AND_SHARING,PSL_DATA_USAGE_ONLY_COLLECTED,MULTIPLE_CHOICE",
      "PSL_DATA_USAGE_RESPONSES:PSL_DEVICE_ID:DATA_USAGE_SHARING_PURPOSE,PSL_ACCOUNT_MANAGEMENT,MULTIPLE_CHOICE",
    ]);
  });
});

describe("a form", () => {
  test("of today's template: what each data type is declared as", () => {
    const form = parseForm(readFormFixture("push-demo"));
    expect(form).toMatchObject({ path: "form.csv", collects: true, unknownRows: [], isOld: false });
    expect(form.rows.size).toBe(105);
    expect(form.dataTypes.size).toBe(38);
    expect(form.dataTypes.get("name")).toEqual({
      isChosen: true,
      collected: true,
      shared: false,
      ephemeral: false,
      userControl: "required",
      collectionPurposes: ["app-functionality", "account-management"],
      sharingPurposes: [],
    });
    expect(form.dataTypes.get("contacts")).toMatchObject({ isChosen: false, collected: false });
    expect(form.inconsistencies).toEqual([
      { line: 50, dataType: "photos", message: "photos is not chosen, and has answers on its use" },
    ]);
  });

  test("of an older template, saved by a spreadsheet: BOM, CRLF, upper case", () => {
    const text = readFormFixture("saved-by-a-spreadsheet");
    expect([text.startsWith("\uFEFF"), text.includes("\r\n"), text.includes("TRUE")]).toEqual([
      true,
      true,
      true,
    ]);
    const form = parseForm(text);
    expect(form).toMatchObject({ collects: true, isOld: true, unknownRows: [], inconsistencies: [] });
    expect(form.dataTypes.get("approximate-location")).toEqual({
      isChosen: true,
      collected: true,
      shared: true,
      ephemeral: false,
      userControl: "optional",
      collectionPurposes: ["app-functionality"],
      sharingPurposes: ["advertising-or-marketing"],
    });
    expect(form.dataTypes.get("precise-location")?.isChosen).toBe(false);
  });

  test("with the first question alone", () => {
    const form = parseForm(readFormFixture("collects-nothing"));
    expect(form).toMatchObject({ collects: false, isOld: false, inconsistencies: [] });
    expect(form.rows.size).toBe(1);
  });

  test("may end its lines in any way, leave lines empty, and hold texts of several lines", () => {
    const rows = [
      `"PSL_ACM_SPECIFY",,"by\r\nmail, ""really""",MAYBE_REQUIRED,"a label\nof two lines"`,
      "",
      "PSL_ACCOUNT_DELETION_URL,,'=1+1,MAYBE_REQUIRED",
      "PSL_DATA_TYPES_CONTACTS,PSL_CONTACTS, True ",
    ];
    for (const end of ["\n", "\r\n", "\r"]) {
      const form = parseForm([FIRST_LINE, ...rows].join(end));
      const values = [...form.rows.values()].map(({ value, line }) => [line, value]);
      expect(values).toEqual([
        [2, 'by\nmail, "really"'],
        // Behind a text and a label of two lines each, and an empty line.
        [6, "=1+1"],
        [7, " True "],
      ]);
      expect(form.dataTypes.get("contacts")?.isChosen).toBe(true);
    }
  });

  test("may have questions and answers of another day: they are counted", () => {
    const form = parseForm(
      writeForm(COLLECTS_YES, "PSL_NEW_QUESTION - maybe", "PSL_DATA_TYPES_CONTACTS PSL_FACES true"),
    );
    expect(form.unknownRows.map(({ line, questionId }) => [line, questionId])).toEqual([
      [3, "PSL_NEW_QUESTION"],
      [4, "PSL_DATA_TYPES_CONTACTS"],
    ]);
  });
});

describe("what is no form", () => {
  const row = (value: string) => `PSL_DATA_TYPES_CONTACTS,PSL_CONTACTS,${value},MULTIPLE_CHOICE,Contacts`;
  const cases: readonly (readonly [name: string, text: string, where: string, problem: RegExp])[] = [
    ["nothing", "", "form.csv:1", /is empty/],
    ["a byte-order mark alone", "\uFEFF", "form.csv:1", /is empty/],
    ["another CSV", "a,b\n1,2\n", "form.csv:1", /is no Data safety form: begins with "a"/],
    ["a report", '{"schemaVersion": "1.0"}', "form.csv:1", /no sound CSV|no Data safety form/],
    ["semicolons", `${FIRST_LINE.replaceAll(",", ";")}\n`, "form.csv:1", /by semicolons/],
    ["tabs", `${FIRST_LINE.replaceAll(",", "\t")}\n`, "form.csv:1", /by tabs/],
    ["a column too many", `${FIRST_LINE},More\n${row("true")},x\n`, "form.csv:1", /is no Data safety form/],
    ["a column too few", `${FIRST_LINE.split(",").slice(0, 4)}\n`, "form.csv:1", /is no Data safety form/],
    ["no answers", `${FIRST_LINE}\n`, "form.csv", /a first line and no answers/],
    [
      "a translated answer",
      `${FIRST_LINE}\n\n${row("WAHR")}\n`,
      "form.csv:3",
      /takes true, false or nothing, and here is "WAHR"/,
    ],
    ["a number", `${FIRST_LINE}\n${row("1")}\n`, "form.csv:2", /and here is "1"/],
    ["text with controls", `${FIRST_LINE}\n${row("\x1b[2J")}\n`, "form.csv:2", /and here is "\\u001b\[2J"/],
    [
      "too few columns",
      `${FIRST_LINE}\nPSL_DATA_TYPES_CONTACTS,PSL_CONTACTS\n`,
      "form.csv:2",
      /has 2 columns/,
    ],
    ["too many columns", `${FIRST_LINE}\n${row("true")},one,two\n`, "form.csv:2", /has 7 columns/],
    [
      "an answer twice",
      `${FIRST_LINE}\n${row("true")}\n${row("true")}\n`,
      "form.csv:3",
      /what line 2 has answered/,
    ],
    [
      "an open quote",
      `${FIRST_LINE}\n${row("true")}\n"PSL,,\n`,
      "form.csv:3",
      /no sound CSV: ends inside a quoted text/,
    ],
    [
      "a stray quote",
      `${FIRST_LINE}\nPSL"X",,true\n`,
      "form.csv:2",
      /no sound CSV: a double quote stands where/,
    ],
    ["too large", `${FIRST_LINE}\n${"x".repeat(4 * 1024 * 1024)}`, "form.csv", /is larger than 4 MB/],
  ];

  test.each(cases)("%s", (_, text, where, problem) => {
    let error: unknown;
    try {
      parseForm(text);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(UsageError);
    expect(error).toMatchObject({
      where,
      problem: expect.stringMatching(problem),
      fix: expect.stringMatching(/\w/),
    });
  });
});

describe("what a form says against itself", () => {
  const contacts = (...answers: string[]) => declares("CONTACTS", "PSL_CONTACTS", ...answers);
  const NO = "PSL_DATA_COLLECTION_COLLECTS_PERSONAL_DATA - false";
  const cases: readonly (readonly [rows: readonly string[], line: number, message: string])[] = [
    [
      [NO, ...contacts(COLLECTED, FOR_ANALYTICS)],
      2,
      "says that the app collects nothing, and has a data type chosen",
    ],
    [
      [
        NO,
        ...contacts(COLLECTED, FOR_ANALYTICS),
        ...declares("CALENDAR", "PSL_CALENDAR", COLLECTED, FOR_ANALYTICS),
      ],
      2,
      "says that the app collects nothing, and has 2 data types chosen",
    ],
    [
      contacts(COLLECTED, FOR_ANALYTICS),
      1,
      "does not say whether the app collects data, and has a data type chosen",
    ],
    [[COLLECTS_YES], 2, "says that the app collects data, and has no data type chosen"],
    [[COLLECTS_YES, ...contacts()], 3, "contacts is chosen, and is said to be neither collected nor shared"],
    [[COLLECTS_YES, ...contacts(COLLECTED)], 4, "contacts is collected, and no purpose is given"],
    [[COLLECTS_YES, ...contacts(SHARED)], 4, "contacts is shared, and no purpose is given"],
    [
      [COLLECTS_YES, ...contacts(SHARED, "DATA_USAGE_SHARING_PURPOSE/PSL_ANALYTICS", FOR_ANALYTICS)],
      6,
      "contacts has purposes of collecting it, and is not said to be collected",
    ],
    [
      [COLLECTS_YES, ...contacts(COLLECTED, FOR_ANALYTICS, "DATA_USAGE_SHARING_PURPOSE/PSL_ANALYTICS")],
      6,
      "contacts has purposes of sharing it, and is not said to be shared",
    ],
    [
      [
        COLLECTS_YES,
        ...contacts(
          COLLECTED,
          FOR_ANALYTICS,
          "DATA_USAGE_USER_CONTROL/PSL_DATA_USAGE_USER_CONTROL_REQUIRED",
          "DATA_USAGE_USER_CONTROL/PSL_DATA_USAGE_USER_CONTROL_OPTIONAL",
        ),
      ],
      7,
      "contacts is said both to be optional and to be required",
    ],
  ];

  test.each(cases)("%j", (rows, line, message) => {
    expect(parseForm(writeForm(...rows)).inconsistencies.map((one) => [one.line, one.message])).toEqual([
      [line, message],
    ]);
  });

  test("nothing where all goes together", () => {
    expect(parseForm(writeForm(COLLECTS_YES, ...contacts(COLLECTED, FOR_ANALYTICS))).inconsistencies).toEqual(
      [],
    );
  });
});
