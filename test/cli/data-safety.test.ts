import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import { corpus, findCorpusFile } from "../support/fetch-corpus.js";
import { fixtureAppPath } from "../support/fixture-apps.js";
import { sdkRule, vendor } from "../support/tiny-rules.js";
import { bycatch, gpsDemo, settings, temporaryFolder } from "./run-bycatch.js";

const tracker = fixtureAppPath("tracker.apk");
const PAGE = "https://acme.example/data";

const formPath = (name: string) =>
  fileURLToPath(new URL(`../../fixtures/data-safety/${name}.csv`, import.meta.url));
const nothing = formPath("collects-nothing");

const run = (...args: string[]) => bycatch(["data-safety", ...args]);

/** A folder with the rule of the tracker, whose vendor documents that it collects and shares contacts. */
function acmeRules(): string {
  const folder = temporaryFolder();
  const practices = `practices: [{ data-type: contacts, collected: true, shared: true, purposes: [analytics], source: "${PAGE}", read-on: 2026-11-22 }]\n`;
  writeFileSync(join(folder, "acme.yaml"), sdkRule("acme", ["class-prefix: Lcom/acme/tracker/"], practices));
  writeFileSync(join(folder, "vendor.yaml"), vendor("acme"));
  return folder;
}

describe("a form", () => {
  test("that lacks what a vendor documents fails, with page and day", () => {
    const { stdout, stderr, status } = run(tracker, "--rules", acmeRules(), "--form", nothing);
    expect([stderr, status]).toEqual(["", 1]);
    expect(stdout).toContain("FAIL  2 answers are missing that vendors document");
    expect(stdout).toContain(`${PAGE}  read on 2026-11-22`);
    expect(stdout.indexOf(PAGE)).toBeLessThan(stdout.indexOf("Code could access it"));
  });

  test("of which code only raises questions passes", () => {
    const { stdout, status } = run(tracker, "--form", nothing);
    expect([status, stdout]).toEqual([
      0,
      expect.stringContaining("PASS  no answer is missing that a vendor documents, 4 questions"),
    ]);
  });

  test("is compared with a report as with the app", () => {
    const report = join(temporaryFolder(), "report.json");
    const rules = acmeRules();
    bycatch(["scan", tracker, "--rules", rules, "-o", report]);
    const [ofApp, ofReport] = [tracker, report].map((path) =>
      run(path, "--rules", rules, "--form", nothing, "-f", "json"),
    );
    expect(ofReport).toMatchObject({ status: 1, stderr: "" });
    expect(ofReport!.stdout).toBe(ofApp!.stdout);
  });

  test("is named by no path of the machine", () => {
    for (const format of ["terminal", "json", "markdown"]) {
      const { stdout } = run(tracker, "--form", nothing, "-f", format);
      expect(stdout).toContain("collects-nothing.csv");
      expect(stdout).not.toContain(nothing);
    }
  });

  test("is JSON by the schema that ships", () => {
    const { stdout } = run(tracker, "--rules", acmeRules(), "--form", nothing, "-f", "json");
    const schema = JSON.parse(
      readFileSync(new URL("../../dist/schema/data-safety.schema.json", import.meta.url), "utf8"),
    );
    const validate = new Ajv2020({ strict: false }).compile(schema);
    expect(validate(JSON.parse(stdout)), JSON.stringify(validate.errors)).toBe(true);
  });

  test("goes to several outputs", () => {
    const folder = temporaryFolder();
    const [md, json] = ["out.md", "out.json"].map((name) => join(folder, name));
    const { stdout } = run(tracker, "--form", nothing, "-o", md!, "-o", json!);
    expect(stdout).toBe("");
    expect(readFileSync(md!, "utf8")).toMatch(/^## Data safety: passed\n/);
    expect(JSON.parse(readFileSync(json!, "utf8"))).toMatchObject({ schemaVersion: "1.0" });
  });

  test("with rows that are not known is read, and that is told", () => {
    const path = join(temporaryFolder(), "form.csv");
    writeFileSync(path, `${readFileSync(nothing, "utf8")}PSL_NEW\u202e,,true,OPTIONAL,x\n`);
    const { stderr, status } = run(gpsDemo, "--form", path);
    expect(status).toBe(0);
    expect(stderr).toMatch(/form\.csv:3: a row with a question or an answer that this version does not know/);
    expect(stderr).not.toContain("\u202e");
  });
});

describe("without a form", () => {
  test("it tells what is known, and passes", () => {
    const { stdout, stderr, status } = run(tracker, "--rules", acmeRules());
    expect([stderr, status]).toEqual(["", 0]);
    expect(stdout).toContain("What is known of each data type");
    expect(stdout).toContain("documented       acme  collects it for analytics; shared");
  });
});

describe("a draft", () => {
  test("is written, read back, and has nothing left to declare", () => {
    const draft = join(temporaryFolder(), "draft.csv");
    const rules = acmeRules();
    const first = run(tracker, "--rules", rules, "--draft", draft);
    expect(first).toMatchObject({
      status: 0,
      stderr: expect.stringMatching(/draft\.csv is written: of 782 rows \d+ answered/),
    });
    expect(readFileSync(draft, "utf8").split("\n")).toHaveLength(784);
    // What a person has written into it is not written over unasked.
    expect(run(tracker, "--rules", rules, "--draft", draft)).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/draft\.csv is there already.*\n.*--force/),
    });
    const again = join(temporaryFolder(), "again.csv");
    run(tracker, "--rules", rules, "--form", draft, "--draft", again);
    // A row that the first left to a person is not answered, and the second leaves it so.
    const leftToPeople = (path: string) =>
      readFileSync(path, "utf8")
        .split("\n")
        .filter((line) => /\[(?:ask-a-human|machine-observed)/.test(line));
    expect(leftToPeople(draft).length).toBeGreaterThan(700);
    expect(leftToPeople(again)).toEqual(leftToPeople(draft));
    expect(run(tracker, "--rules", rules, "--draft", draft, "--force").status).toBe(first.status);
    const second = run(tracker, "--rules", rules, "--form", draft);
    expect(second).toMatchObject({ status: 0, stderr: "" });
    expect(second.stdout).toContain("PASS");
  });

  test("takes the place of no input, and of no report", () => {
    const form = join(temporaryFolder(), "form.csv");
    const text = readFileSync(nothing);
    writeFileSync(form, text);
    for (const args of [
      ["--form", form, "--draft", form],
      ["--form", form, "--draft", tracker],
      ["--form", form, "-o", form],
      ["--draft", "-"],
      ["--draft", `${form}.md`, "-o", `${form}.md`],
    ])
      expect(run(tracker, ...args), args.join(" ")).toMatchObject({
        status: 2,
        stdout: "",
        stderr: expect.stringMatching(/^bycatch: --(?:output|draft): /),
      });
    expect(readFileSync(form)).toEqual(text);
    expect(existsSync(`${form}.md`)).toBe(false);
  });

  test("leaves nothing behind where the app cannot be read, or its folder is not there", () => {
    const folder = temporaryFolder();
    const draft = join(folder, "draft.csv");
    expect(run("nothing.apk", "--draft", draft).status).toBe(2);
    expect(run(tracker, "--draft", join(folder, "no", "draft.csv"))).toMatchObject({ status: 2, stdout: "" });
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe("what is wrong", () => {
  test.each([
    ["no form", "a,b\n1,2\n", /form\.csv:1: is no Data safety form/],
    [
      "a wrong answer",
      readFileSync(nothing, "utf8").replace(",false,", ",nein,"),
      /form\.csv:2: PSL_\w+ takes true, false or nothing, and here is "nein"\n {2}\S/,
    ],
  ])("%s stops before the app is read", (_, text, problem) => {
    const path = join(temporaryFolder(), "form.csv");
    writeFileSync(path, text);
    // The app is not there: the form is what is told of.
    expect(run("nothing.apk", "--form", path)).toMatchObject({
      status: 2,
      stdout: "",
      stderr: expect.stringMatching(problem),
    });
  });

  test("a form that is not there", () => {
    expect(run(tracker, "--form", "no.csv")).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("no.csv: there is no such file"),
    });
  });

  test("an app that could not be read whole is incomplete, unless that is allowed; it can still fail", () => {
    const folder = temporaryFolder();
    const report = join(folder, "report.json");
    const rules = acmeRules();
    bycatch(["scan", tracker, "--rules", rules, "-o", report]);
    const result = JSON.parse(readFileSync(report, "utf8"));
    result.coverage.unread = ["classes2.dex"];
    result.diagnostics = [
      { effect: "unread", code: "truncated", part: "classes2.dex", message: "classes2.dex: cut" },
    ];
    writeFileSync(report, JSON.stringify(result));
    expect(run(report).status).toBe(3);
    expect(run(report, "--allow-incomplete").status).toBe(0);
    expect(run(report, "--form", nothing).status).toBe(1);
  });
});

describe("real apps", () => {
  const jpush = corpus.find(({ id }) => id === "jpush-react-native@1.3.4--app-debug.apk");
  const path = jpush === undefined ? undefined : findCorpusFile(jpush);

  test.skipIf(path === undefined)(
    "JPush: its vendor's word is missing in a form that collects nothing",
    () => {
      const { stdout, status } = run(path!, "--form", nothing, "-f", "json");
      const { lists } = JSON.parse(stdout);
      const ids = lists.flatMap(({ items }: { items: { severity: string; id: string }[] }) =>
        items.filter(({ severity }) => severity === "error").map(({ id }) => id),
      );
      expect([status, ids]).toEqual([
        1,
        ["undeclared-collection/jpush/installed-apps", "undeclared-collection/jpush/device-or-other-ids"],
      ]);
    },
  );

  test("an app whose own code reads the location is asked for it", () => {
    const { stdout, status } = run(settings, "--form", nothing, "-f", "json");
    expect([status, stdout]).toEqual([
      0,
      expect.stringContaining('"id": "undeclared-access/first-party/precise-location"'),
    ]);
  });
});
