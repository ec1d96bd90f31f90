import { readFileSync, writeFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import type { AuditResult } from "../../src/index.js";
import { compareDataSafety, type DataSafetyComparison } from "../../src/policy/index.js";
import { dataSafetyJsonSchema, dataSafetySchema } from "../../src/report/data-safety-schema.js";
import { displayWidth } from "../../src/report/display-width.js";
import { renderDataSafety, renderDataSafetyJson, renderDataSafetyMarkdown } from "../../src/report/index.js";
import { googleDataTypes, parseForm, readFormFixture } from "../support/data-safety.js";
import { access, buildResult, missingPermission, party, says } from "../support/result-builder.js";

const PAGE = "https://harbor.example/docs/data-safety";

/** An app with an SDK that documents, one that denies, one that nobody knows, and code of its own. */
function example(parts: { readonly diagnostics?: AuditResult["diagnostics"] } = {}): AuditResult {
  return buildResult({
    ...parts,
    parties: [
      party("harbor-ads", "Harbor Ads", {
        vendor: { id: "harbor", name: "Harbor Inc." },
        practices: [
          says("device-or-other-ids", PAGE, {
            shared: true,
            purposes: ["analytics", "advertising-or-marketing"],
          }),
          says("approximate-location", PAGE, { purposes: ["advertising-or-marketing"] }),
          says("photos", PAGE, { collected: false }),
        ],
      }),
      party("unrecognised:com.acme", "com.acme", { kind: "unrecognised" }),
      party("first-party", "com.example.app", { kind: "first-party" }),
      party("androidx", "AndroidX", { kind: "support-library" }),
    ],
    accesses: [
      access(
        "harbor-ads",
        "device-or-other-ids",
        "Landroid/provider/Settings$Secure;->getString(Landroid/content/ContentResolver;Ljava/lang/String;)Ljava/lang/String;",
        "Lcom/harbor/Ids;->read()V",
        { callSites: 3 },
      ),
      access(
        "harbor-ads",
        "photos",
        "Landroid/provider/MediaStore$Images$Media;->EXTERNAL_CONTENT_URI:Landroid/net/Uri;",
        "Lcom/harbor/Roll;->list()V",
      ),
      access(
        "unrecognised:com.acme",
        "contacts",
        "Landroid/provider/ContactsContract$Contacts;->CONTENT_URI:Landroid/net/Uri;",
        "Lcom/acme/Book;->open()V",
        { confidence: "likely" },
      ),
      access(
        "unrecognised:com.acme",
        "calendar-events",
        "Landroid/provider/CalendarContract$Events;->CONTENT_URI:Landroid/net/Uri;",
        "Lcom/acme/Days;->open()V",
        { confidence: "possible" },
      ),
      access(
        "first-party",
        "contacts",
        "Landroid/provider/ContactsContract$Contacts;->CONTENT_URI:Landroid/net/Uri;",
        "Lcom/example/app/Pick;->pick()V",
      ),
      access(
        "androidx",
        "approximate-location",
        "Landroid/location/LocationManager;->getLastKnownLocation(Ljava/lang/String;)Landroid/location/Location;",
        "Landroidx/T;->t()V",
        { limits: [missingPermission("android.permission.ACCESS_FINE_LOCATION")] },
      ),
    ],
  });
}

const UNREAD = { effect: "unread", code: "truncated", part: "classes2.dex", message: "cut off" } as const;

function compare(result = example(), form: string | undefined = "push-demo"): DataSafetyComparison {
  const parsed = form === "" ? undefined : parseForm(readFormFixture(form));
  return compareDataSafety(result, { dataTypes: googleDataTypes }, parsed);
}

const comparisons: Record<string, DataSafetyComparison> = {
  "with-a-form": compare(),
  "without-a-form": compare(example(), ""),
  "collects-nothing": compare(example(), "collects-nothing"),
  incomplete: compare(buildResult({ diagnostics: [UNREAD] })),
  empty: compare(buildResult(), ""),
};

const render = (comparison: DataSafetyComparison, width = 80, isVerbose = false) =>
  renderDataSafety(comparison, { color: false, width, isVerbose });

describe("the whole page", () => {
  test.each([
    ["data-safety", "with-a-form", false],
    ["data-safety-verbose", "with-a-form", true],
    ["data-safety-known", "without-a-form", false],
    ["data-safety-incomplete", "incomplete", false],
  ] as const)("%s", (name, comparison, isVerbose) => {
    const path = new URL(`${name}-80.golden.txt`, import.meta.url);
    const page = render(comparisons[comparison]!, 80, isVerbose);
    if (process.env.UPDATE_GOLDEN) writeFileSync(path, page);
    expect(page).toBe(readFileSync(path, "utf8"));
  });

  test("as Markdown", () => {
    const path = new URL("data-safety.golden.md", import.meta.url);
    const page = renderDataSafetyMarkdown(comparisons["with-a-form"]!);
    if (process.env.UPDATE_GOLDEN) writeFileSync(path, page);
    expect(page).toBe(readFileSync(path, "utf8"));
  });

  test.each(Object.keys(comparisons))("%s: no line is longer than the page, but addresses", (name) => {
    for (const width of [40, 80, 140]) {
      for (const isVerbose of [false, true]) {
        const lines = render(comparisons[name]!, width, isVerbose).split("\n");
        expect(lines.filter((line) => displayWidth(line) > width && !/^ +https:/.test(line))).toEqual([]);
        expect(lines.filter((line) => /\s$/.test(line))).toEqual([]);
      }
    }
  });

  test.each(Object.keys(comparisons))("%s: colour adds nothing but colour", (name) => {
    const colored = renderDataSafety(comparisons[name]!, { color: true, width: 80, isVerbose: true });
    expect(colored).toContain("\x1b");
    expect(colored.replace(/\x1b\[(?:1|2|22|3[1-3]|39)m/g, "")).toBe(render(comparisons[name]!, 80, true));
  });
});

describe("what a person reads first", () => {
  test("what vendors document and the form lacks, then what is asked, then what is only told", () => {
    const page = render(compare(example(), "collects-nothing"));
    const order = [
      "FAIL",
      "Vendors say their SDKs collect it",
      "Vendors say their SDKs share it",
      "Code could access it",
      "less sure",
    ];
    expect(
      order
        .map((text) => page.indexOf(text))
        .every((at, index, all) => at >= 0 && at > (all[index - 1] ?? -1)),
    ).toBe(true);
  });

  test("no access is called a collection", () => {
    const result = buildResult({
      parties: [party("a", "A")],
      accesses: [access("a", "contacts", "Lp/Q;->r()V", "La/M;->m()V")],
    });
    for (const text of [
      render(compare(result, "collects-nothing")),
      renderDataSafetyMarkdown(compare(result, "collects-nothing")),
    ]) {
      expect(text).toContain("could access");
      expect(text.replace("Access is not collection", "")).not.toMatch(/collect(?!s-nothing)/);
    }
  });

  test("the outcome: pass, fail, incomplete", () => {
    expect(render(compare(buildResult(), "collects-nothing"))).toMatch(/^PASS {2}/m);
    expect(render(compare(example(), "collects-nothing"))).toMatch(/^FAIL {2}3 answers are missing/m);
    expect(render(comparisons.incomplete!)).toMatch(/^INCOMPLETE {2}/m);
    expect(renderDataSafetyMarkdown(comparisons.incomplete!)).toMatch(/^## Data safety: incomplete$/m);
  });
});

describe("JSON", () => {
  const validate = new Ajv2020({ strict: false }).compile(dataSafetyJsonSchema() as object);

  test.each(Object.keys(comparisons))("%s: gives back what went in, and is as its schema says", (name) => {
    const json = renderDataSafetyJson(comparisons[name]!);
    const value = JSON.parse(json);
    expect(value).toEqual(JSON.parse(JSON.stringify(comparisons[name])));
    expect(validate(value), JSON.stringify(validate.errors)).toBe(true);
    expect(dataSafetySchema.safeParse(value).error).toBeUndefined();
  });

  test("the schema refuses what is not so", () => {
    const value = JSON.parse(renderDataSafetyJson(comparisons["with-a-form"]!));
    expect(validate({ ...value, more: 1 })).toBe(false);
    expect(validate({ ...value, lists: [{ ...value.lists[0], kind: "collection" }] })).toBe(false);
  });
});

describe("a text from a file", () => {
  const evil = "\x1b[2J\u202eevil|`@octocat` <b>#1</b>\n# head";
  const result = buildResult({
    parties: [party("a", evil, { practices: [says("contacts", `https://x.example/${evil}`)] })],
    accesses: [access("a", "photos", `L${evil};->r()V`, `L${evil};->m()V`)],
    app: { files: [{ name: evil, sha256: "ab".repeat(32), size: 1 }], packageName: evil },
  });

  test("reaches no terminal", () => {
    for (const form of ["", "collects-nothing"]) {
      for (const text of [
        render(compare(result, form), 80, true),
        renderDataSafetyJson(compare(result, form)),
        renderDataSafetyMarkdown(compare(result, form)),
      ])
        expect(text.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    }
  });

  test("is no markup in Markdown", () => {
    const page = renderDataSafetyMarkdown(compare(result, "collects-nothing"));
    // Without code spans nothing is left that GitHub makes anything of.
    const bare = page.replace(/(`+)(?!`)[\s\S]*?(?<!`)\1(?!`)/g, "CODE");
    expect(bare).toContain("CODE");
    expect(bare).not.toMatch(/@octocat|<b>|^# head/m);
  });
});
