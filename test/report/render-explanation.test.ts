import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type Explanation, explain, findSubjects } from "../../src/explain/index.js";
import type { AuditResult } from "../../src/index.js";
import { displayWidth } from "../../src/report/display-width.js";
import { renderExplanation, renderExplanationJson } from "../../src/report/index.js";
import { exampleApp, exampleKnowledge, FINE, followedApp, ID, ownApp } from "../explain/example-knowledge.js";
import { hostileText, poison } from "../support/hostile-text.js";

const withApp = exampleKnowledge(exampleApp());
const rulesAlone = exampleKnowledge();
const followed = exampleKnowledge(followedApp());

function explained(text: string, knowledge = withApp): Explanation {
  const [subject, ...alsoNamed] = findSubjects(text, knowledge);
  return explain(subject!, knowledge, alsoNamed);
}

const render = (explanation: Explanation, width = 80, isVerbose = false) =>
  renderExplanation(explanation, { color: false, width, isVerbose });

const subjects = [
  "harbor-ads",
  "knots",
  "ocean",
  "precise-location",
  "places",
  FINE,
  "unrecognised:com.acme",
  "first-party",
  "data-access",
  "data-access/harbor-ads/device-ids",
  "data-access/harbor-ads/precise-location",
  `piggy-back-permission/harbor-ads/${ID}`,
];

describe("the whole page", () => {
  test.each([
    ["explained-sdk", "harbor-ads", withApp],
    ["explained-data-type", "precise-location", withApp],
    ["explained-rules-alone", "harbor-ads", rulesAlone],
    ["explained-company", "ocean", withApp],
    ["explained-permission", FINE, withApp],
    ["explained-sdk-flows", "harbor-ads", followed],
    ["explained-data-type-flows", "precise-location", followed],
    ["explained-access-flows", "data-access/harbor-ads/device-ids", followed],
    ["explained-hand-over-flows", "data-hand-over/harbor-ads/precise-location", followed],
  ] as const)("%s", (name, text, knowledge) => {
    for (const width of [80, 140]) {
      const path = new URL(`${name}-${width}.golden.txt`, import.meta.url);
      const page = render(explained(text, knowledge), width);
      if (process.env.UPDATE_GOLDEN) writeFileSync(path, page);
      expect(page).toBe(readFileSync(path, "utf8"));
    }
  });

  test.each(subjects)("%s: no line is longer than the page, but those to copy", (text) => {
    for (const width of [40, 80, 110, 140]) {
      for (const isVerbose of [false, true]) {
        const lines = render(explained(text), width, isVerbose).split("\n");
        const long = lines.filter((line) => displayWidth(line) > width);
        const isCopied = (line: string) => /^ +(?:<|android:|tools:|exclude|https:|bycatch )/.test(line);
        expect(
          long.filter((line) => !isCopied(line)),
          `at ${width}`,
        ).toEqual([]);
        expect(lines.filter((line) => /\s$/.test(line))).toEqual([]);
      }
    }
  });

  test.each(subjects)("%s: colour adds nothing but colour", (text) => {
    const colored = renderExplanation(explained(text), { color: true, width: 80, isVerbose: false });
    expect(colored).toContain("\x1b");
    expect(colored.replace(/\x1b\[(?:1|2|22|3[1-3]|39)m/g, "")).toBe(render(explained(text)));
  });

  test("what was seen is never called a collection, but by the vendor", () => {
    for (const text of subjects) {
      const page = render(explained(text), 140, true);
      expect(page.replaceAll(/vendor says it .*|an access is no collection/g, "")).not.toMatch(/collect/i);
    }
  });
});

describe("how far an access goes is said to the depth that was looked to", () => {
  const ID_ACCESS = "data-access/harbor-ads/device-ids";
  const pageOf = (result: AuditResult) =>
    render(explained(ID_ACCESS, exampleKnowledge(result)), 140).replaceAll(/\s+/g, " ");

  test.each([
    ["referenced", exampleApp(), "whether it runs was not looked for (--depth reachable)."],
    [
      "reachable",
      { ...exampleApp(), depth: "reachable", reachability: { entryPoints: 1, methods: 1, gaps: [] } },
      "no calls lead there, and all of the code was followed. Where the value goes was not looked for (--depth flows).",
    ],
    [
      "flows, and no way to it",
      { ...followedApp(), findings: exampleApp().findings },
      "More may run than was found: reflection that names no class (2 methods). No flow of it was found: the value was not seen to leave the app's code.",
    ],
    [
      "flows",
      followedApp(),
      "It can run before consent, from the provider com.harbor.ads.StartProvider in 1 call: StartProvider.onCreate -> Ids.read Its code brings the value on: see below.",
    ],
  ] as const)("%s", (_, result, said) => {
    expect(pageOf(result as AuditResult)).toContain(said);
  });

  test("a way that was found is told at `reachable`", () => {
    const { flows: _, flowCoverage: __, ...whole } = followedApp();
    const findings = whole.findings.flatMap(({ flows: ___, ...finding }) =>
      finding.id === ID_ACCESS ? [{ ...finding, rung: "reachable" as const }] : [],
    );
    const page = pageOf({ ...whole, depth: "reachable", findings });
    expect(page).toContain("StartProvider.onCreate -> Ids.read Where the value goes was not looked for");
    expect(page).not.toContain("Where it goes");
  });

  test("flows that a finding does not name are counted", () => {
    const whole = followedApp();
    const findings = whole.findings.map((finding) =>
      finding.id === ID_ACCESS ? { ...finding, flowsOmitted: 4 } : finding,
    );
    expect(pageOf({ ...whole, findings })).toContain("and 4 more flows (a scan's JSON has all)");
  });
});

test("hostile text of flows stays in its place", () => {
  const page = render(explained("harbor-ads", followed), 80, true);
  const flows = poison(followedApp().flows!).map((flow, index) => ({
    ...flow,
    ...{ sourceName: hostileText, sinkName: hostileText },
    source: { ...flow.source, party: `a${index}` },
  }));
  const poisoned = render({ ...explained("harbor-ads", followed), flows }, 80, true);
  expect(poisoned.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u);
  expect(poisoned).not.toBe(page);
});

test("methods of one name that differ are told apart by what they take; alike ones are one line", () => {
  const explanation = explained("ids", rulesAlone);
  const [facts] = explanation.yields!;
  const [api] = facts!.apis;
  const [none, one] = ["Lcom/os/Ids;->get()V", "Lcom/os/Ids;->get(ILcom/os/Slot$Kind;)V"];
  const pageOf = (since?: number) => {
    const second = { ...api!, reference: one, ...(since === undefined ? {} : { since }) };
    return render({ ...explanation, yields: [{ ...facts!, apis: [{ ...api!, reference: none }, second] }] });
  };
  expect(pageOf(23)).toMatch(
    / com\.os\.Ids\.get\(\) .*\n(?: {6}.*\n)* {4}com\.os\.Ids\.get\(int, Slot\.Kind\) /,
  );
  expect(pageOf().match(/com\.os\.Ids\.get/g)).toHaveLength(1);
});

test("a company's practices name the SDK, also where only one has any", () => {
  expect(render(explained("ocean", rulesAlone))).toContain(
    "  harbor-ads: vendor says it collects: device-ids",
  );
  expect(render(explained("harbor-ads", rulesAlone))).toContain("\n  vendor says it collects: device-ids");
});

describe("lists", () => {
  const explanation = explained("ocean", rulesAlone);
  const sdks = Array.from({ length: 40 }, (_, index) => ({ ...explanation.sdks![0]!, id: `sdk-${index}` }));

  test("are cut, and say so; --verbose has all", () => {
    const short = render({ ...explanation, sdks });
    expect(short).toContain("and 28 more (--verbose lists them)");
    expect(short).not.toContain("sdk-12 ");
    expect(render({ ...explanation, sdks }, 80, true)).toContain("sdk-39 ");
  });
});

test("parts that could not be read are told, and other rules", () => {
  const app = exampleApp();
  const tool = { ...app.tool, rulesVersion: "0123456789ab" };
  const cut = exampleKnowledge({ ...app, tool, coverage: { ...app.coverage, unread: ["classes2.dex"] } });
  const page = render(explained("plankton", cut), 140);
  expect(page).toContain("It was not seen in this app.");
  expect(page).toContain("1 part of the app could not be read: nothing is claimed absent");
  expect(page).toContain("The report was made with other rules than those that explain it.");
  expect(page).toContain("The rules that the report was made with may not know it.");
  expect(page).not.toContain("No trace");
  const absent = "No trace of it is in this app: all of its DEX code was read and attributed.";
  expect(render(explained("plankton"), 140)).toContain(absent);
});

test("an SDK that is the app makers' own is there, and no third party", () => {
  const own = exampleKnowledge(ownApp());
  const sdk = render(explained("harbor-ads", own), 140);
  expect(sdk).toContain(
    "  It is in this app, as the app makers' own code, version 3.1, 4 classes: its vendor builds the app\n    class ",
  );
  expect(sdk).toContain("    bycatch explain first-party app.apk\n");
  expect(sdk).not.toContain("No access was seen");
  const company = render(explained("ocean", own), 140);
  expect(company).toContain("its makers' own");
  expect(company).toContain("    bycatch explain first-party app.apk\n");
  expect(company).not.toMatch(/None of them was seen|No access was seen/);
  const named = render(explained("harbor-ads", exampleKnowledge(ownApp("named"))), 140);
  expect(named).toContain("4 classes: --first-party named it");
});

test("what was not looked at is not told as absent", () => {
  const app = exampleApp();
  const permitted = exampleKnowledge({ ...app, depth: "permitted", accesses: [], findings: [] });
  expect(render(explained("harbor-ads", permitted))).toContain("  Calls were not looked for.");
  expect(render(explained("unused-permission", permitted))).toContain("  Calls were not looked for.");
  expect(render(explained("data-access", permitted))).toContain("  None was made.");
  const [unread, manifest] = [["AndroidManifest.xml"], "com.os.permission.NET"];
  const blind = exampleKnowledge({ ...app, coverage: { ...app.coverage, unread } });
  expect(render(explained(manifest, blind))).toContain("not seen in this app, whose manifest could not");
  expect(render(explained(manifest))).toContain("not requested by this app");
});

describe("hostile text", () => {
  const hostile = `\x1b[2J\x1b]0;gone\x07\u202e\u200b\r\n\x9b31m汉e\u0301\u0302\u0303\u0304${"x".repeat(3_000)}`;
  /** Words of ours, by which the page decides; all else comes from files or rules. */
  const ours = new Set([
    "kind",
    "confidence",
    "worth",
    "leaves",
    "rung",
    "answer",
    "presence",
    "protection",
    "state",
  ]);

  function poison(value: unknown, key = ""): unknown {
    if (typeof value === "string") return ours.has(key) ? value : value + hostile;
    if (Array.isArray(value)) return value.map((item) => poison(item, key));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, poison(item, name)]));
  }

  test.each(subjects)("%s: nothing that a terminal obeys gets through, in either form", (text) => {
    const poisoned = poison(explained(text)) as Explanation;
    for (const width of [40, 80, 140]) {
      const page = render(poisoned, width, true);
      expect(page.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    }
    const json = renderExplanationJson(poisoned);
    expect(json.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(poisoned)));
  });

  test("a name of a million characters does not fill the screen", () => {
    const explanation = explained("unrecognised:com.acme");
    const long = "x".repeat(1_000_000);
    const page = render({ ...explanation, subject: { ...explanation.subject, name: long, id: long } });
    expect(page.length).toBeLessThan(10_000);
  });
});
