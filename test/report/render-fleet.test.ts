import { createHash } from "node:crypto";
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fleetJsonSchema, fleetSchema } from "../../src/report/fleet-schema.js";
import { printable } from "../../src/report/printable-text.js";
import { renderFleetHtml, renderFleetJson } from "../../src/report/render-fleet.js";
import type { FleetSummary } from "../../src/store/index.js";
import { hostileText } from "../support/hostile-text.js";
import { attributeOf, parsePage, textOf } from "../support/parsed-page.js";
import { emptyFleet, exampleFleet, largestFleet, markTexts } from "./example-fleet.js";

const tame = parsePage(renderFleetHtml(exampleFleet));

describe("text from an app", () => {
  test("is text in whatever field it stands", () => {
    const anyText = fc
      .oneof(
        fc.string({ unit: "binary", maxLength: 12 }),
        fc.stringMatching(/^[<>&"'`=/!\- a-z]{0,18}$/),
        fc.constantFrom("</bdi></td>", "<img src=x>", "\u202e\u2066", "</table><p>", "</script>"),
      )
      // Longer ones are cut in some places.
      .filter((text) => printable(text).length <= 18);
    fc.assert(
      fc.property(anyText, (text) => {
        const mark = `\u00a7${text}\u00a7`;
        const page = parsePage(renderFleetHtml(markTexts(exampleFleet, mark)));
        expect(page.shape).toEqual(tame.shape);
        expect(page.text.replaceAll(printable(mark), "")).toBe(tame.text);
        expect(page.errors).toEqual([]);
      }),
      { numRuns: 25 },
    );
  }, 120_000);

  test("a reason that is none of ours is text too", () => {
    const failures = { total: 1, rows: [{ reason: "<script>", apps: 1 }] };
    const page = parsePage(renderFleetHtml({ ...exampleFleet, apps: { ...exampleFleet.apps, failures } }));
    expect(page.text).toContain("Not read: <script>");
  });

  test("is nothing that a browser obeys or hides", () => {
    const page = renderFleetHtml(markTexts(exampleFleet, hostileText));
    expect(page).not.toMatch(/[\u202a-\u202e\u2066-\u2069\u200b\x00-\x09\x0b-\x1f]/);
    expect(parsePage(page).shape).toEqual(tame.shape);
  });
});

describe("the page", () => {
  test("lets in its own style and script alone", () => {
    const policies = tame.elements.filter(
      (element) => attributeOf(element, "http-equiv") === "Content-Security-Policy",
    );
    expect(policies).toHaveLength(1);
    const hash = (text: string) => createHash("sha256").update(text).digest("base64");
    expect(attributeOf(policies[0]!, "content")).toBe(
      [
        "default-src 'none'",
        `style-src 'sha256-${hash(textOf(tame, "style"))}'`,
        `script-src 'sha256-${hash(textOf(tame, "script"))}'`,
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
      ].join("; "),
    );
    const names = tame.elements.map(({ tagName }) => tagName);
    expect(names.indexOf("meta"), "the policy stands before what it is about").toBeLessThan(
      names.indexOf("style"),
    );
  });

  test("asks for nothing, and has no style or script in an attribute", () => {
    for (const { tagName, attrs } of tame.elements)
      for (const { name, value } of attrs) {
        expect(name, `${tagName} ${name}`).not.toMatch(/^on|^style$|^srcset$|^action$|^ping$/);
        if (/^(href|src|xlink:href)$/.test(name))
          expect(value).toMatch(/^(#[a-z-]+|data:image\/svg\+xml,.*)$/);
      }
    expect(textOf(tame, "style")).not.toMatch(/url\(|@import/);
    expect(textOf(tame, "script")).not.toMatch(
      /innerHTML|insertAdjacent|document\.write|eval|fetch|XMLHttp|import\(/,
    );
  });

  test("each place that a link or a label names is there once", () => {
    const ids = tame.elements.flatMap((element) => attributeOf(element, "id") ?? []);
    expect(new Set(ids).size).toBe(ids.length);
    for (const element of tame.elements) {
      const link = attributeOf(element, "href");
      if (link?.startsWith("#")) expect(ids).toContain(link.slice(1));
      for (const name of ["aria-labelledby", "for"]) {
        const label = attributeOf(element, name);
        if (label !== undefined) expect(ids).toContain(label);
      }
    }
  });

  test("the same summary gives the same bytes", () => {
    expect(renderFleetHtml(structuredClone(exampleFleet))).toBe(renderFleetHtml(exampleFleet));
  });

  test("has less than 2 MB, whatever the apps are called and however many there are", () => {
    for (const text of ["\u202e<&".repeat(100), '"'.repeat(300), "\u{1f4a9}".repeat(150)]) {
      const page = renderFleetHtml(largestFleet(text));
      expect(Buffer.byteLength(page)).toBeLessThan(2_000_000);
      expect(page).toContain("49,900 more SDKs are not shown here");
    }
  });
});

describe("what is said", () => {
  test("an access is not called a collection", () => {
    const collects = tame.text.match(/\b\w*collect\w*/gi);
    expect(collects).toEqual(["collection"]);
    expect(tame.text).toContain("An access is not a collection.");
  });

  test("the figures stand in sentences", () => {
    expect(tame.text).toContain("Third parties’ code is in 1,130 of 1,230 apps (92%).");
    expect(tame.text).toContain("The median app carries 7.5, the fullest 48.");
    expect(tame.text).toContain(
      "In 980 (80%) such code refers to a part of Android that yields personal data.",
    );
    expect(tame.text).toContain("Met most often is device-or-other-ids, in 850 apps.");
    expect(tame.text).toContain("The company met most often is Acme Holding, Inc.");
  });

  test("of several that are met as often none is said to be met most", () => {
    const [first, ...rest] = exampleFleet.dataTypes.rows;
    const dataTypes = {
      total: 4,
      rows: [first!, { ...first!, dataType: "photos" }, ...rest],
    };
    const [one, two] = exampleFleet.companies.rows;
    const companies = { total: 2, rows: [one!, { ...two!, apps: one!.apps }] };
    const { text } = parsePage(renderFleetHtml({ ...exampleFleet, dataTypes, companies }));
    expect(text).not.toContain("met most often");
    expect(text).not.toContain("Met most often");
  });

  test("a permission that the rules do not have is told as such", () => {
    const [one] = exampleFleet.permissions.rows;
    const permissions = { total: 1, rows: [{ ...one!, protection: "unknown" }] };
    const { text } = parsePage(renderFleetHtml({ ...exampleFleet, permissions }));
    expect(text).toContain("ACCESS_FINE_LOCATIONnot in the rules400");
  });

  test("an app that was not read whole is marked where it stands beside others", () => {
    const rows = tame.text.match(/^.*com\.example\.speedtest 5\.4\.1.*$/gm);
    expect(rows).toEqual(
      expect.arrayContaining([
        "com.example.speedtest 5.4.1 not read wholeapps/speedtest-541.apk48",
        "com.example.speedtest 5.4.1apps/speedtest-541.apk14",
      ]),
    );
  });

  test("what was not read is told, and nothing where all was", () => {
    expect(tame.text).toContain(
      "Not everything was read: parts of 30 apps could not be read, and 20 apps could not be read at all.",
    );
    const apps = { ...exampleFleet.apps, incomplete: 0, failed: 0, failures: { total: 0, rows: [] } };
    expect(renderFleetHtml({ ...exampleFleet, apps })).not.toContain("Not everything was read");
  });

  test("what was not looked for is not said to be absent", () => {
    const permitted: FleetSummary = {
      ...exampleFleet,
      evaluation: { ...exampleFleet.evaluation, depth: "permitted" },
    };
    const { text } = parsePage(renderFleetHtml(permitted));
    expect(text).toContain("What their code refers to was not looked into.");
    expect(text).not.toContain("such code refers to");
    expect(text).toContain("Depthpermitted: what code refers to was not looked for");
    expect(text).toMatch(/^Acme Analytics.*not looked for$/m);
    expect(text).toContain("device-or-other-idsnot looked fornot looked for20not looked fornot looked for");
    expect(text).toContain("A use of it was not looked for.");
    expect(text).not.toContain("none seen");
    expect(text).not.toContain("no use of it was seen in their code");
    expect(text).not.toContain("Permitted, and no use seen");
    const nothing = { total: 0, rows: [] };
    const unseen = parsePage(
      renderFleetHtml({
        ...permitted,
        dataTypes: nothing,
        vendors: nothing,
        unrecognised: { apps: 0, cells: [] },
        outliers: { ...permitted.outliers, mostDataTypes: [] },
      }),
    ).text;
    expect(unseen.match(/What code refers to was not looked for\./g)).toHaveLength(4);
    expect(unseen).not.toContain("Of no data type an access was seen.");
    expect(tame.text).toContain("Depthreferenced");
  });

  test("of a version that was not read whole neither what went nor what came after is said", () => {
    const rows = [...tame.text.matchAll(/code (\d+)(, not read whole)?\d+\s*\d+\s*\d+\s*(.*)/g)].map(
      (row) => row[3],
    );
    expect(rows.slice(0, 3)).toEqual([
      expect.stringContaining("first shown"),
      expect.stringMatching(/Acme Analytics, Torch Ads and 7 more.*not compared/),
      expect.stringMatching(/not compared.*Torch Ads/),
    ]);
  });

  test("of what is incomplete and what is switched off nothing is said that does not hold", () => {
    expect(tame.text).toContain("is not said where that one was not read whole");
    expect(tame.text).toContain("is not said of a version that was not read whole itself");
    expect(tame.text).not.toMatch(/a switch(?: in the manifest is off)?\./);
    expect(tame.text).toContain("A switch in the manifest leaves something");
  });

  test("vendors are compared with vendors, and not with all that no rule knows together", () => {
    const colours = (unrecognised: number) => {
      const cells = [
        { dataType: "precise-location", referenced: unrecognised, permitted: 0, yieldsNothing: 0 },
      ];
      const page = parsePage(
        renderFleetHtml({ ...exampleFleet, unrecognised: { apps: unrecognised, cells } }),
      );
      return page.elements.flatMap((element) =>
        element.tagName === "td" ? ((attributeOf(element, "class") ?? "").match(/heat-\d/g) ?? []) : [],
      );
    };
    const few = colours(10);
    expect(colours(1_000_000).filter((colour, index) => colour !== few[index])).toEqual(["heat-6"]);
  });

  test("a store of which nothing could be read says so", () => {
    const { text } = parsePage(renderFleetHtml(emptyFleet));
    expect(text).toContain("What rides along in 1 app");
    expect(text).toContain("None of them could be read, so there is nothing to tell.");
    expect(text).toContain("No SDK was seen.");
    expect(text).not.toMatch(/NaN|undefined|Infinity/);
  });

  test("part of a whole is never rounded to none or all", () => {
    const apps = { ...exampleFleet.apps, withThirdParty: 1, withAccess: 1_229 };
    const { text } = parsePage(renderFleetHtml({ ...exampleFleet, apps }));
    expect(text).toContain("in 1 of 1,230 apps (under 1%)");
    expect(text).toContain("In 1,229 (99%)");
  });
});

describe("JSON", () => {
  test("holds nothing that a terminal obeys or hides, and still the same text", () => {
    const summary = markTexts(exampleFleet, `${hostileText}\x9b\u2028`);
    const json = renderFleetJson(summary);
    expect(json.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/u);
    expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(summary)));
  });

  const validate = new Ajv2020({ strict: false }).compile(fleetJsonSchema() as object);

  test("is what the summary is, and fits the schema", () => {
    for (const summary of [exampleFleet, emptyFleet, largestFleet("")]) {
      const written = JSON.parse(renderFleetJson(summary));
      expect(written).toEqual(JSON.parse(JSON.stringify(summary)));
      expect(fleetSchema.parse(written)).toEqual(written);
      expect(validate(written), JSON.stringify(validate.errors)).toBe(true);
    }
  });

  // biome-ignore lint/suspicious/noExplicitAny: parsed JSON, to be spoilt
  test.each<[string, (summary: any) => void]>([
    ["a key that is not known", (one) => Object.assign(one, { extra: 1 })],
    ["a list that is missing", (one) => delete one.hosts],
    ["a share above all", (one) => Object.assign(one.apps.attributedShare, { median: 1.5 })],
    ["a number below none", (one) => Object.assign(one.sdks.rows[0], { apps: -1 })],
    ["a depth that is none", (one) => Object.assign(one.evaluation, { depth: "collected" })],
    ["a list without its total", (one) => delete one.trends.rows[0].versions.total],
  ])("the schema refuses %s", (_, spoil) => {
    const spoilt = JSON.parse(renderFleetJson(exampleFleet));
    spoil(spoilt);
    expect(fleetSchema.safeParse(spoilt).success, "zod").toBe(false);
    expect(validate(spoilt), "JSON Schema").toBe(false);
  });
});
