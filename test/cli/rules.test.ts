import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sdkRule, vendor } from "../support/tiny-rules.js";
import { bycatch, gpsDemo, installed, settings, temporaryFolder } from "./run-bycatch.js";

const nodeModules = installed("");

/** A folder with an invented SDK's rule and its vendor. */
function ownRules(signature: string, change: (rule: string) => string = (rule) => rule): string {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "vendors"));
  writeFileSync(join(folder, "vendors/tide.yaml"), vendor("tide", ", site: https://tide.example/"));
  writeFileSync(join(folder, "tide.yaml"), change(sdkRule("tide", [signature])));
  return folder;
}

const shown = (rule: string) =>
  rule.replace("present: [{ class: Lx/Y; }]", "present: [{ class: Lcom/tide/sdk/Wave; }]");

describe("rules lint", () => {
  test("finds nothing in the rules that ship", () => {
    const { stdout, stderr, status } = bycatch(["rules", "lint"]);
    expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
    expect(stdout).toMatch(/^\d[\d,]* rule files: no complaints \(\d+\.\d s\)\n$/);
  });

  test("reads rules of one's own with those that ship, and speaks of one's own alone", () => {
    const sound = bycatch(["rules", "lint", ownRules("class-prefix: Lcom/tide/sdk/", shown)]);
    expect([sound.stdout, sound.status]).toEqual([expect.stringMatching(/^2 rule files: no complaints/), 0]);
    const folder = ownRules("class-prefix: Lcom/adjust/sdk/inner/", shown);
    const { stdout, status } = bycatch(["rules", "lint", folder]);
    expect(status).toBe(2);
    expect(stdout).toContain("tide.yaml:7: Lcom/adjust/sdk/inner/ stands in a package of adjust");
    expect(stdout).toContain("If that is meant, add the pair to nested-prefixes.yaml");
    expect(stdout).toMatch(/\n2 rule files: 1 complaint\n$/);
  });

  describe("says so where a rule", () => {
    const folder = mkdtempSync(join(tmpdir(), "bycatch-rules-"));
    afterAll(() => rmSync(folder, { recursive: true }));
    let said: ReturnType<typeof bycatch>;
    beforeAll(() => {
      mkdirSync(join(folder, "vendors"));
      writeFileSync(join(folder, "vendors/tide.yaml"), vendor("tide", ", site: https://tide.example/"));
      for (const [id, signature] of [
        ["claims", "class-prefix: Lcom/google/android/material/"],
        ["swallows", "class-prefix: Lcom/tiktok/open/"],
        ["names", "meta-data: com.google.android.gms.ads.APPLICATION_ID"],
      ] as const)
        writeFileSync(
          join(folder, `${id}.yaml`),
          shown(sdkRule(id, [signature]).replace(`vendor: ${id}`, "vendor: tide")),
        );
      said = bycatch(["rules", "lint", folder]);
    });

    test.each([
      // The shipped rule comes later by its id, or stands inside: the complaint would be placed there.
      ["claims what a shipped rule claims", /claims\.yaml:7: .*claimed by `\S+` and by `\S+`/],
      [
        "swallows a shipped rule",
        /swallows\.yaml:7: Lcom\/tiktok\/open\/sdk\/ stands in a package of swallows, .* without tiktok-opensdk/,
      ],
      [
        "names what a shipped rule names",
        /names\.yaml:7: the meta-data \S+ of names is also in google-admob/,
      ],
    ])("%s", (_, complaint) => expect(said.stdout).toMatch(complaint));

    test("does so, each of them once, and is no rule to use", () => {
      expect(said.stdout).toMatch(/\n4 rule files: 3 complaints\n$/);
      expect(said.status).toBe(2);
    });
  });

  test("goes on after a file that does not check", () => {
    const folder = ownRules("class-prefix: Lcom/tide/sdk/", shown);
    writeFileSync(join(folder, "broken.yaml"), "id: broken\nname: Broken\nsignatures: [{ clas: L; }]\n");
    writeFileSync(join(folder, "worse.yaml"), "id: [\n");
    const { stdout, status } = bycatch(["rules", "lint", folder]);
    expect(status).toBe(2);
    expect(stdout).toMatch(/broken\.yaml:3: /);
    expect(stdout).toMatch(/worse\.yaml:\d+: /);
    expect(stdout).toMatch(/\n4 rule files: 2 complaints\n$/);
  });

  test("complains of a file that does not check, and not of what refers to it", () => {
    const folder = ownRules("class-prefix: Lcom/tide/sdk/", (rule) =>
      rule.replace("signatures:", "signature:"),
    );
    const rule = bycatch(["rules", "lint", folder]);
    expect(rule.stdout).toMatch(/^\S*\/tide\.yaml:\d+: .*\n {2}.*\n2 rule files: 1 complaint\n$/);
    const other = ownRules("class-prefix: Lcom/tide/sdk/", shown);
    writeFileSync(join(other, "vendors/tide.yaml"), "id: [\n");
    const vendorFile = bycatch(["rules", "lint", other]);
    expect(vendorFile.stdout).toMatch(
      /^\S*\/vendors\/tide\.yaml:\d+: .*\n {2}.*\n2 rule files: 1 complaint\n$/,
    );
  });

  test("says what there is not", () => {
    const { stderr, status } = bycatch(["rules", "lint", "no-such-folder"]);
    expect([stderr, status]).toEqual([expect.stringContaining("no-such-folder"), 2]);
  });
});

describe("rules test", () => {
  test("finds that the examples of the rules that ship hold, in the real apps at hand too", () => {
    const { stdout, status } = bycatch(["rules", "test", "--apps", nodeModules]);
    expect(status).toBe(0);
    expect(stdout).toMatch(
      /^\d[\d,]* rules: all \d+ examples hold; \d+ rules seen in \d+ real apps? \(\d+\.\d s\)\n$/,
    );
  });

  test("names an example that does not hold", () => {
    const folder = ownRules("class-prefix: Lcom/tide/sdk/");
    const { stdout, status } = bycatch(["rules", "test", folder]);
    expect(status).toBe(2);
    expect(stdout).toMatch(/tide\.yaml:\d+: the rule does not match its own example {"class":"Lx\/Y;"}\.\n/);
  });

  test("asks a real app that a rule names, where it is at hand", () => {
    const app = "gps-demo-app@2.1.1/assets/gpsDemo-debug.apk";
    const naming = (rule: string) => shown(rule).replace(/(\n {2}absent)/, `\n  apps: ["${app}"]$1`);
    const folder = ownRules("class-prefix: Lcom/tide/sdk/", naming);
    const missing = bycatch(["rules", "test", folder]);
    expect(missing.status).toBe(0);
    expect(missing.stderr).toContain("1 real app that rules name not looked at: give --apps");
    const nowhere = bycatch(["rules", "test", folder, "--apps", temporaryFolder()]);
    expect([nowhere.status, nowhere.stderr]).toEqual([2, ""]);
    expect(nowhere.stdout).toContain(`there is none of the 1 real app that rules name, such as ${app}.\n`);
    const asked = bycatch(["rules", "test", folder, "--apps", nodeModules]);
    expect(asked.status).toBe(2);
    expect(asked.stdout).toContain(`the rule is not recognised in ${app}`);
  });
});

describe("rules list and show", () => {
  test("list what a company owns, through its companies", () => {
    const { stdout, status } = bycatch(["rules", "list", "--vendor", "applovin", "-f", "json"]);
    expect(status).toBe(0);
    const ids = (JSON.parse(stdout) as { id: string; parent?: string }[]).map(({ id, parent }) => [
      id,
      parent,
    ]);
    expect(ids).toContainEqual(["applovin", undefined]);
    expect(ids).toContainEqual(["adjust", "applovin"]);
  });

  test("list a category, for people", () => {
    const { stdout } = bycatch(["rules", "list", "--category", "runtime"]);
    expect(stdout).toMatch(/^react-native +runtime +Meta Platforms, Inc\. +\d+ signatures of \d+ kinds/m);
    expect(stdout).toMatch(/\n\d+ rules\n$/);
    expect(bycatch(["rules", "list", "--support-libraries"]).stdout).toMatch(/^okhttp +support library /m);
  });

  test("say what there is where a name is wrong", () => {
    expect(bycatch(["rules", "list", "--category", "ads"])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("One of ad-mediation, advertising,"),
    });
    expect(bycatch(["rules", "show", "adjus"])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("Did you mean adjust, "),
    });
    expect(bycatch(["rules", "show", "adjsut"]).stderr).toContain("Did you mean adjust?");
    // A data type and a permission have no file of their own.
    for (const id of ["precise-locatoin", "READ_CONTACTS"])
      expect(bycatch(["rules", "show", id]).stderr).not.toMatch(
        /precise-location|READ_CONTACTS\?|permission\./,
      );
    expect(bycatch(["rules", "show", "a\nb"]).stderr).toMatch(/^bycatch: rules show a\\nb: /);
  });

  test("show a rule as it is written", () => {
    const { stdout } = bycatch(["rules", "show", "adjust"]);
    expect(stdout).toContain("# rules/sdks/attribution/adjust.yaml\nid: adjust\n");
  });
});

describe("rules draft", () => {
  test("writes what an app shows of a package, and with vendor and name filled in it passes", () => {
    const folder = temporaryFolder();
    const args = [
      "--package",
      "io.appium.settings",
      "--vendor",
      "appium-project",
      "--name",
      "Appium Settings",
    ];
    const { stdout, status } = bycatch(["rules", "draft", settings, ...args]);
    expect(status).toBe(0);
    expect(stdout).toContain("id: appium-settings\nname: Appium Settings # as its maker calls it\n");
    expect(stdout).toContain("  - class-prefix: Lio/appium/settings/ # 64 classes\n");
    expect(stdout).toContain("  - component: io.appium.settings.LocationService\n");
    expect(stdout).toContain("VERSION_NAME:Ljava/lang/String; # here 8.0.10\n");
    mkdirSync(join(folder, "vendors"));
    writeFileSync(join(folder, "appium-settings.yaml"), stdout);
    writeFileSync(
      join(folder, "vendors/appium-project.yaml"),
      "{ id: appium-project, name: Appium project, site: https://appium.io/ }",
    );
    expect(bycatch(["rules", "lint", folder])).toMatchObject({ status: 0 });
    expect(bycatch(["rules", "test", folder])).toMatchObject({ status: 0 });
  });

  test("says that a package is not there, or belongs to a rule, or is no package", () => {
    expect(bycatch(["rules", "draft", gpsDemo, "--package", "com.acme"])).toMatchObject({
      status: 2,
      stdout: "",
      stderr: expect.stringContaining("defines no class below com.acme"),
    });
    expect(
      bycatch(["rules", "draft", settings, "--package", "com.google.android.gms.location"]),
    ).toMatchObject({
      status: 0,
      stderr: expect.stringContaining("com.google.android.gms.location belongs to the rule "),
    });
    expect(bycatch(["rules", "draft", gpsDemo, "--package", "com..acme"])).toMatchObject({ status: 2 });
    expect(bycatch(["rules", "draft", gpsDemo])).toMatchObject({ status: 2 });
  });
});
