import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Spec, Validation } from "@cyclonedx/cyclonedx-library";
import { parse } from "csv-parse/sync";
import { XMLValidator } from "fast-xml-parser";
import { describe, expect, test } from "vitest";
import type { AuditResult } from "../../src/index.js";
import { listSchemaErrors, runMultitool } from "../report/sarif-oracle.js";
import { corpus, findCorpusFile } from "../support/fetch-corpus.js";
import { bycatch, gpsDemo, settings, temporaryFolder } from "./run-bycatch.js";

const bom = new Validation.JsonStrictValidator(Spec.Version.v1dot6);

/** Real apps with third parties in them; `undefined` where one was not fetched. */
const apps: Record<string, string | undefined> = {
  settings,
  ...Object.fromEntries(
    ["jpush-react-native@1.3.4", "react-native-paypal@4.1.0"].map((name) => {
      const entry = corpus.find((one) => one.package === name)!;
      return [name, findCorpusFile(entry)];
    }),
  ),
};

/** What Microsoft's validator says of every log of ours, and why it stays so: `docs/formats.md`. */
const known = new Set([
  "SARIF2002",
  "SARIF2003",
  "SARIF2005",
  "SARIF2006",
  "SARIF2009",
  "SARIF2010",
  "SARIF2011",
  "SARIF2012",
  "SARIF2013",
]);

type Ending = ".sarif" | ".json" | ".cdx.json" | ".csv" | ".md";

function scanTo(app: string, ...endings: Ending[]): Record<Ending, string> {
  const folder = temporaryFolder();
  const outputs = endings.map((ending) => [ending, join(folder, `report${ending}`)] as const);
  const { status, stderr } = bycatch(["scan", app, ...outputs.flatMap(([, path]) => ["-o", path])]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  const texts = outputs.map(([ending, path]) => [ending, readFileSync(path, "utf8")]);
  return Object.fromEntries(texts);
}

const scans = new Map<string, Record<Ending, string>>();

/** All forms of one scan. */
function scanOnce(app: string): Record<Ending, string> {
  const scan = scans.get(app) ?? scanTo(app, ".sarif", ".json", ".cdx.json", ".csv", ".md");
  scans.set(app, scan);
  return scan;
}

describe("a scan to the rung flows", () => {
  const programs = new URL("../../fixtures/programs/", import.meta.url);
  const app = fileURLToPath(new URL("third-party/passed-on.apk", programs));
  const scanned = (ending: string) => {
    const path = join(temporaryFolder(), `report${ending}`);
    const rules = fileURLToPath(new URL("rules", programs));
    const { status, stderr } = bycatch(["scan", "--depth", "flows", "--rules", rules, app, "-o", path]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    return readFileSync(path, "utf8");
  };

  test("SARIF has the way of the value, and fits the schema", () => {
    const log = JSON.parse(scanned(".sarif"));
    expect(listSchemaErrors(log)).toEqual([]);
    const given = log.runs[0].results.find(({ ruleId }: { ruleId: string }) => ruleId === "data-hand-over");
    expect(given.codeFlows).toHaveLength(2);
    for (const { threadFlows } of given.codeFlows) {
      const kinds = threadFlows[0].locations.map((step: { kinds: string[] }) => step.kinds[0]);
      expect([kinds[0], kinds.at(-1)]).toEqual(["source", "sink"]);
    }
  });

  test("Microsoft's validator knows nothing new against it", (context) => {
    const said = runMultitool(scanned(".sarif"));
    if (said === undefined) return context.skip("NOT TESTED: the SARIF Multitool is not installed");
    expect(said.filter((line) => !known.has(line.split(" ")[0]!))).toEqual([]);
  });
});

describe.each(Object.entries(apps))("a scan of %s", (_, app) => {
  test("SARIF fits the schema, with a result for each finding, and no path of this machine", (context) => {
    if (app === undefined) return context.skip("NOT TESTED: the app could not be fetched");
    const { ".sarif": sarif, ".json": json } = scanOnce(app);
    const log = JSON.parse(sarif);
    expect(listSchemaErrors(log)).toEqual([]);
    const { findings } = JSON.parse(json) as AuditResult;
    expect(log.runs[0].results).toHaveLength(findings.length);
    expect(sarif).not.toContain(process.cwd());
    expect(log.runs[0].artifacts[0].location.uri).toBe(basename(app));
  });

  test("Microsoft's validator knows nothing new against it", (context) => {
    if (app === undefined) return context.skip("NOT TESTED: the app could not be fetched");
    const said = runMultitool(scanOnce(app)[".sarif"]);
    if (said === undefined) return context.skip("NOT TESTED: the SARIF Multitool is not installed");
    expect(said.length).toBeGreaterThan(0);
    expect(said.filter((line) => !known.has(line.split(" ")[0]!))).toEqual([]);
  });

  test("CycloneDX is valid by the official schema, and the same each time", async (context) => {
    if (app === undefined) return context.skip("NOT TESTED: the app could not be fetched");
    const { ".cdx.json": text, ".json": json } = scanOnce(app);
    expect(await bom.validate(text)).toBeNull();
    const { parties } = JSON.parse(json) as AuditResult;
    const isComponent = ({ kind }: AuditResult["parties"][number]) =>
      kind === "sdk" || kind === "support-library" || kind === "unrecognised";
    expect(JSON.parse(text).components).toHaveLength(parties.filter(isComponent).length);
    expect(scanTo(app, ".cdx.json")).toEqual({ ".cdx.json": text });
  });

  test("CSV and Markdown tell of each third party", (context) => {
    if (app === undefined) return context.skip("NOT TESTED: the app could not be fetched");
    const { ".csv": csv, ".md": markdown, ".json": json } = scanOnce(app);
    const { parties } = JSON.parse(json) as AuditResult;
    const rows: Record<string, string>[] = parse(csv, { columns: true });
    expect([...new Set(rows.map(({ party }) => party))]).toEqual(parties.map(({ id }) => id));
    for (const { kind, name } of parties)
      if (kind === "unrecognised") expect(markdown).toContain(`\`${name}\``);
    expect(markdown.startsWith(`## Bycatch: \`${basename(app)}\``)).toBe(true);
  });
});

describe("several apps", () => {
  const scan = (format: string) => bycatch(["scan", "-f", format, gpsDemo, settings]);

  test("SARIF: a run for each in one log, which GitHub keeps apart", () => {
    const log = JSON.parse(scan("sarif").stdout);
    expect(listSchemaErrors(log)).toEqual([]);
    const ids = log.runs.map((run: { automationDetails: { id: string } }) => run.automationDetails.id);
    expect(ids).toEqual([
      "bycatch-scan/de.impressive.artworx.tutorials.gps/",
      "bycatch-scan/io.appium.settings/",
    ]);
  });

  test("CSV: one header; Markdown: a section for each", () => {
    const rows: string[][] = parse(scan("csv").stdout);
    expect(rows.filter(([first]) => first === "file")).toHaveLength(1);
    expect([...new Set(rows.slice(1).map(([file]) => file))]).toEqual([
      basename(gpsDemo),
      basename(settings),
    ]);
    expect(scan("markdown").stdout.match(/^## Bycatch: /gm)).toHaveLength(2);
  });

  test("CycloneDX: refused before any work, with nothing written", () => {
    const folder = temporaryFolder();
    const path = join(folder, "bom.cdx.json");
    const { status, stdout, stderr } = bycatch([
      "scan",
      gpsDemo,
      settings,
      "-o",
      path,
      "-o",
      join(folder, "a.md"),
    ]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toContain("a bill of materials describes one app, and 2 are named");
    expect(readdirSync(folder)).toEqual([]);
  });

  test("none that could be read: nothing is written", () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "x.apk"), "no archive");
    const { status } = bycatch(["scan", join(folder, "x.apk"), "-o", join(folder, "x.sarif")]);
    expect(status).toBe(3);
    expect(readdirSync(folder)).toEqual(["x.apk"]);
  });
});

test("an app that was not read whole: the log says that it is no success", () => {
  const folder = temporaryFolder();
  const spoilt = Buffer.from(readFileSync(settings));
  // The entry's deflated data, behind its local header.
  const name = spoilt.indexOf("classes3.dex");
  spoilt.fill(0xff, name + 40, name + 80);
  writeFileSync(join(folder, "spoilt.apk"), spoilt);
  const { stdout, status } = bycatch(["scan", "-f", "sarif", join(folder, "spoilt.apk")]);
  expect(status).toBe(3);
  const log = JSON.parse(stdout);
  expect(listSchemaErrors(log)).toEqual([]);
  expect(log.runs[0].invocations[0].executionSuccessful).toBe(false);
  expect(log.runs[0].invocations[0].toolExecutionNotifications[0].level).toBe("error");
});

describe("a check of a real app", () => {
  const policy = `policy-version: 1
rules:
  - id: no-location
    title: Nobody could access the location
    deny:
      party: [first-party, third-party, unattributed]
      data-type: [precise-location, approximate-location]
    because: The app has no use for it.
`;

  function checkTo(...outputs: string[]) {
    const folder = temporaryFolder();
    mkdirSync(join(folder, "ci"));
    writeFileSync(join(folder, "ci/policy.yaml"), policy);
    const args = [
      "check",
      settings,
      "--policy",
      "ci/policy.yaml",
      ...outputs.flatMap((output) => ["-o", output]),
    ];
    const run = bycatch(args, {}, folder);
    return { ...run, read: (name: string) => readFileSync(join(folder, name), "utf8") };
  }

  test("every form, by its ending or its name", () => {
    const { status, stdout, stderr, read } = checkTo(
      "v.sarif",
      "v.xml",
      "v.md",
      "v.csv",
      "v.json",
      "github=-",
    );
    expect({ status, stderr }).toEqual({ status: 1, stderr: "" });
    const log = JSON.parse(read("v.sarif"));
    expect(listSchemaErrors(log)).toEqual([]);
    expect(log.runs[0].results[0].locations[0].physicalLocation.artifactLocation).toEqual({
      uri: "ci/policy.yaml",
      uriBaseId: "%SRCROOT%",
    });
    expect(XMLValidator.validate(read("v.xml"))).toBe(true);
    expect(read("v.xml")).toContain(
      '<testsuites name="bycatch" tests="1" failures="1" errors="0" skipped="0">',
    );
    expect(read("v.md")).toMatch(/^<!-- bycatch -->\n## Bycatch: failed\n/);
    expect(parse(read("v.csv"), { columns: true })).toHaveLength(1);
    expect(JSON.parse(read("v.json")).outcome).toBe("fail");
    expect(stdout).toMatch(
      /^::error file=ci\/policy\.yaml,line=3,title=Bycatch%3A Nobody could access the location::[^\n]+\nbycatch: fail: io\.appium\.settings [^\n]+\n$/,
    );
  });

  test("Microsoft's validator knows nothing new against it", (context) => {
    const said = runMultitool(checkTo("v.sarif").read("v.sarif"));
    if (said === undefined) return context.skip("NOT TESTED: the SARIF Multitool is not installed");
    expect(said.filter((line) => !known.has(line.split(" ")[0]!))).toEqual([]);
  });

  test("a form that is none of a verdict's is refused", () => {
    const { status, stderr } = checkTo("cyclonedx=v.out");
    expect(status).toBe(2);
    expect(stderr).toContain('there is no format "cyclonedx"');
  });
});
