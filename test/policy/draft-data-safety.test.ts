import { parse } from "csv-parse/sync";
import { describe, expect, test } from "vitest";
import type { AuditResult } from "../../src/index.js";
import { FORM_COLUMNS, listTemplateRows } from "../../src/policy/data-safety-template.js";
import { compareDataSafety, draftDataSafety } from "../../src/policy/index.js";
import { renderDraft } from "../../src/policy/render-data-safety-draft.js";
import {
  FIRST_LINE,
  googleDataTypes,
  parseForm,
  readFormFixture,
  writeForm,
} from "../support/data-safety.js";
import { access, buildResult, party, says } from "../support/result-builder.js";

const PAGE = "https://acme.example/data";

function draft(result: AuditResult, text?: string): string {
  const form = text === undefined ? undefined : parseForm(text);
  const comparison = compareDataSafety(result, { dataTypes: googleDataTypes }, form);
  return renderDraft(draftDataSafety(comparison, googleDataTypes, form));
}

const readCsv = (text: string) => parse(text) as string[][];

/** Value and label of the rows whose ids hold a text, by the last part of their ids. */
function cells(text: string, holds: string): Record<string, string> {
  return Object.fromEntries(
    readCsv(text)
      .filter(([question, response]) => `${question} ${response}`.includes(holds))
      .map(([question, response, value, , label]) => [
        response || question!.split(":").at(-1)!,
        `${value === "" ? "" : `${value} `}${label}`,
      ]),
  );
}

const acme = (parts = {}) => party("acme", "Acme", { practices: [says("contacts", PAGE, parts)] });
const reads = (owner: string) => access(owner, "contacts", "Lp/Q;->read()V", `L${owner}/M;->m()V`);
const DOCUMENTED = `[vendor-documented: Acme, ${PAGE}, read 2026-11-22]`;

describe("a draft", () => {
  test("is the whole template in Google's order, five columns, every row marked, nothing answered by itself", () => {
    const [head, ...rows] = readCsv(draft(buildResult()));
    expect(head).toEqual([...FORM_COLUMNS]);
    expect(rows.map(([question, response, , requirement]) => [question, response, requirement])).toEqual(
      listTemplateRows(googleDataTypes).map(({ questionId, responseId, requirement }) => [
        questionId,
        responseId,
        requirement,
      ]),
    );
    expect(
      rows.filter(([, , value, , label]) => value !== "" || !label!.startsWith("[ask-a-human] ")),
    ).toEqual([]);
  });

  test("answers what a vendor documents, and names it, its page and the day", () => {
    const text = draft(buildResult({ parties: [acme({ shared: true, purposes: ["analytics"] })] }));
    expect(cells(text, "PSL_DATA_COLLECTION_COLLECTS_PERSONAL_DATA")).toEqual({
      PSL_DATA_COLLECTION_COLLECTS_PERSONAL_DATA: `true ${DOCUMENTED} Does the app, or any SDK in it, collect or share user data?`,
    });
    expect(cells(text, "PSL_DATA_TYPES_CONTACTS")).toEqual({ PSL_CONTACTS: `true ${DOCUMENTED} Contacts` });
    expect(cells(text, ":PSL_CONTACTS:PSL_DATA_USAGE")).toEqual({
      PSL_DATA_USAGE_ONLY_COLLECTED: `true ${DOCUMENTED} Contacts: collected`,
      PSL_DATA_USAGE_ONLY_SHARED: `true ${DOCUMENTED} Contacts: shared`,
      PSL_DATA_USAGE_EPHEMERAL: "[ask-a-human] Contacts: processed in memory only, never stored?",
    });
    expect(cells(text, ":PSL_CONTACTS:DATA_USAGE_USER_CONTROL")).toEqual({
      PSL_DATA_USAGE_USER_CONTROL_OPTIONAL: "[ask-a-human] Contacts: users can choose",
      PSL_DATA_USAGE_USER_CONTROL_REQUIRED: "[ask-a-human] Contacts: users cannot turn it off",
    });
    for (const [use, verb] of [
      ["COLLECTION", "collected"],
      ["SHARING", "shared"],
    ]) {
      expect(cells(text, `:PSL_CONTACTS:DATA_USAGE_${use}_PURPOSE`)).toMatchObject({
        PSL_ANALYTICS: `true ${DOCUMENTED} Contacts: ${verb} for analytics`,
        PSL_ADVERTISING: `[ask-a-human] Contacts: ${verb} for advertising or marketing`,
      });
    }
  });

  test("does not answer sharing where the vendor says nothing of it, or denies it", () => {
    for (const parts of [{ purposes: ["analytics"] }, { shared: false, purposes: ["analytics"] }]) {
      const text = draft(buildResult({ parties: [acme(parts)] }));
      expect(cells(text, ":PSL_CONTACTS:PSL_DATA_USAGE").PSL_DATA_USAGE_ONLY_SHARED).toMatch(
        /^\[ask-a-human\] /,
      );
      expect(cells(text, ":PSL_CONTACTS:DATA_USAGE_SHARING_PURPOSE").PSL_ANALYTICS).toMatch(
        /^\[ask-a-human\] /,
      );
    }
  });

  test("answers nothing for an access, and says whose code it is; a support library's is not raised", () => {
    const parties = [
      party("acme", "Acme"),
      party("own", "com.example", { kind: "first-party" }),
      party("lib", "Lib", { kind: "support-library" }),
    ];
    const text = draft(buildResult({ parties, accesses: ["acme", "own", "lib"].map(reads) }));
    const mark =
      "[machine-observed: code of Acme, the app itself could read it; whether it is sent anywhere is not known]";
    expect(cells(text, "PSL_DATA_TYPES_CONTACTS")).toEqual({ PSL_CONTACTS: `${mark} Contacts` });
    expect(cells(text, ":PSL_CONTACTS:PSL_DATA_USAGE")).toMatchObject({
      PSL_DATA_USAGE_ONLY_COLLECTED: `${mark} Contacts: collected`,
      PSL_DATA_USAGE_ONLY_SHARED: "[ask-a-human] Contacts: shared",
    });
    expect(
      readCsv(text)
        .slice(1)
        .filter(([, , value]) => value !== ""),
    ).toEqual([]);
  });

  test("names three, and counts the rest", () => {
    const parties = ["a", "b", "c", "d", "e"].map((id) => party(id, id.toUpperCase()));
    const text = draft(buildResult({ parties, accesses: parties.map(({ id }) => reads(id)) }));
    expect(cells(text, "PSL_DATA_TYPES_CONTACTS").PSL_CONTACTS).toContain(
      "code of A, B, C, and 2 more could read it;",
    );
  });
});

describe("a draft on top of a form", () => {
  const whole = readFormFixture("push-demo");

  test("keeps its answers and its labels, and says what speaks against them", () => {
    const result = buildResult({
      parties: [
        party("acme", "Acme", {
          practices: [
            says("installed-apps", PAGE, { purposes: ["personalization"] }),
            says("device-or-other-ids", PAGE, { purposes: ["analytics"] }),
          ],
        }),
      ],
      accesses: [access("acme", "photos", "Lp/Q;->photos()V", "Lacme/M;->m()V")],
    });
    const text = draft(result, whole);
    expect(cells(text, "PSL_DATA_TYPES_PERSONAL PSL_NAME")).toEqual({
      PSL_NAME: "true [as-declared] Personal info: name",
    });
    expect(cells(text, "PSL_APPS_ON_DEVICE").PSL_APPS_ON_DEVICE).toBe(
      `[as-declared; but vendor-documented: Acme, ${PAGE}, read 2026-11-22] App activity: installed apps`,
    );
    // What it declares and a vendor documents too is not spoken against.
    expect(cells(text, "PSL_DATA_TYPES_IDENTIFIERS").PSL_DEVICE_ID).toBe(
      "true [as-declared] Device or other IDs",
    );
    expect(cells(text, "PSL_DATA_TYPES_PHOTOS").PSL_PHOTOS).toBe(
      "[as-declared; but machine-observed: code of Acme could read it; whether it is sent anywhere is not known] Photos and videos: photos",
    );
    // The file has a row of the data type, and none of its use: that is answered with it.
    expect(cells(text, ":PSL_APPS_ON_DEVICE:DATA_USAGE_COLLECTION_PURPOSE").PSL_PERSONALIZATION).toMatch(
      /^\[as-declared; but vendor-documented: /,
    );
    // Of this one it has no row at all.
    expect(cells(text, "PSL_DATA_TYPES_CALENDAR").PSL_CALENDAR).toMatch(/^\[ask-a-human\] /);
    expect(parseForm(text).inconsistencies).toEqual([
      {
        line: expect.any(Number),
        dataType: "photos",
        message: "photos is not chosen, and has answers on its use",
      },
    ]);
  });

  test("that says the app collects nothing answers no row with yes", () => {
    const text = draft(
      buildResult({ parties: [acme({ shared: true, purposes: ["analytics"] })] }),
      readFormFixture("collects-nothing"),
    );
    const [first, ...others] = readCsv(text).slice(1);
    expect(first).toMatchObject({
      2: "false",
      4: `[as-declared; but vendor-documented: Acme, ${PAGE}, read 2026-11-22] Does your app collect or share any user data?`,
    });
    expect(others.filter(([, , value]) => value !== "")).toEqual([]);
    expect(cells(text, "PSL_DATA_TYPES_CONTACTS").PSL_CONTACTS).toBe(
      `[as-declared; but vendor-documented: Acme, ${PAGE}, read 2026-11-22] Contacts`,
    );
  });

  test("of an older template tells the old answer beside the question that took its place", () => {
    const text = draft(buildResult(), readFormFixture("saved-by-a-spreadsheet"));
    expect(readCsv(text)).toHaveLength(783);
    expect(cells(text, "DATA_DELETION_YES").DATA_DELETION_YES).toBe(
      "[ask-a-human: the form given answers true to PSL_DATA_COLLECTION_USER_REQUEST_DELETE, which this replaces] Can users ask for data to be deleted without deleting the account?: yes",
    );
  });
});

describe("a draft read back", () => {
  const result = buildResult({
    parties: [acme({ shared: true, purposes: ["analytics"] })],
    accesses: [reads("acme")],
  });

  test("declares what was documented", () => {
    const form = parseForm(draft(result));
    expect(form).toMatchObject({ collects: true, unknownRows: [], inconsistencies: [] });
    expect(form.rows.size).toBe(782);
    expect(form.dataTypes.get("contacts")).toEqual({
      isChosen: true,
      collected: true,
      shared: true,
      collectionPurposes: ["analytics"],
      sharingPurposes: ["analytics"],
    });
    expect([...form.dataTypes.values()].filter(({ isChosen }) => isChosen)).toHaveLength(1);
    const { lists } = compareDataSafety(result, { dataTypes: googleDataTypes }, form);
    expect(lists.flatMap(({ items }) => items)).toEqual([]);
  });

  test("keeps every answer of the form that it was made on, and grows no further marks", () => {
    const form = parseForm(readFormFixture("push-demo"));
    const once = draft(result, readFormFixture("push-demo"));
    const back = parseForm(once);
    for (const [key, { value }] of form.rows) expect(back.rows.get(key)?.value, key).toBe(value);
    const twice = draft(result, once);
    expect(draft(result, twice)).toBe(twice);
    expect(
      readCsv(twice)
        .slice(1)
        .filter(([, , , , label]) => (label!.match(/\[/g) ?? []).length !== 1),
    ).toEqual([]);
  });
});

describe("what comes out of a file", () => {
  const DANGEROUS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "＝1", "＠x"];

  test.each(DANGEROUS)("%j is no formula in a spreadsheet, and comes back as it was", (value) => {
    const form = [FIRST_LINE, `PSL_ACM_SPECIFY,,"${value}",MAYBE_REQUIRED,"${value}"`].join("\n");
    const text = draft(
      buildResult({ parties: [party("acme", value, { practices: [says("contacts", value)] })] }),
      form,
    );
    for (const cell of readCsv(text).flat()) expect(cell).not.toMatch(/^[=+\-@\t\r＝＋－＠]/u);
    expect(parseForm(text).rows.get("PSL_ACM_SPECIFY ")?.value).toBe(value);
  });

  test("cannot end a mark, a row or a cell, and holds nothing that a terminal obeys", () => {
    const evil = 'A] true,"\n\x1b[2J\u202e';
    const text = draft(
      buildResult({ parties: [party("acme", evil, { practices: [says("contacts", `https://x/${evil}`)] })] }),
    );
    const rows = readCsv(text);
    expect(rows).toHaveLength(783);
    expect(text.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    const label = rows.find(([, response]) => response === "PSL_CONTACTS")?.[4];
    expect(label).toMatch(/^\[vendor-documented: A\) true[^\]]*\] Contacts$/);
  });

  test("an answer of several lines stays", () => {
    const form = writeForm("PSL_ACM_SPECIFY - x").replace(",x,", ',"one\ntwo",');
    expect(parseForm(draft(buildResult(), form)).rows.get("PSL_ACM_SPECIFY ")?.value).toBe("one\ntwo");
  });
});
