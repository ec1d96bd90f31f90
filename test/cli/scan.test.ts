import { readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, test } from "vitest";
import type { AuditResult } from "../../src/index.js";
import { auditResultSchema } from "../../src/report/audit-result-schema.js";
import { displayWidth } from "../../src/report/display-width.js";
import { bycatch, gpsDemo, server, settings, temporaryFolder } from "./run-bycatch.js";

describe("a real app", () => {
  test.each([gpsDemo, settings, server])("%s: terminal report, nothing on standard error, exit 0", (app) => {
    const { stdout, stderr, status } = bycatch(["scan", app]);
    expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
    expect(stdout.startsWith(basename(app))).toBe(true);
    expect(stdout).toContain("\nAccess is not collection: ");
    expect(stdout.split("\n").filter((line) => displayWidth(line) > 80)).toEqual([]);
    expect(stdout).not.toContain("\x1b");
  });

  test("says what its own code accesses", () => {
    expect(bycatch(["scan", gpsDemo]).stdout).toContain(
      "  the app's own · 9 classes\n    precise-location\n",
    );
  });

  test("--verbose adds the places", () => {
    expect(bycatch(["scan", "--verbose", gpsDemo]).stdout).toMatch(
      /LocationManager\.\w+ {2}\d+ places?\n +\S+\.GPSTest\.\w+ {2}classes\.dex 0x/,
    );
  });

  test("--quiet is the summary alone", () => {
    const { stdout, status } = bycatch(["scan", "-q", gpsDemo, settings]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^gpsDemo-debug\.apk: [^\n]+\nsettings_apk-debug\.apk: [^\n]+\n/);
    expect(stdout).not.toContain("Permissions");
  });

  test("--first-party makes a tree the app's own, --depth permitted does not look at its code", () => {
    const scan = (...args: string[]) =>
      JSON.parse(bycatch(["scan", "-f", "json", settings, ...args]).stdout) as AuditResult;
    const classes = (result: AuditResult) => result.coverage.classes["first-party"];
    expect(classes(scan("--first-party", "androidx,kotlin"))).toBeGreaterThan(classes(scan()));
    expect(scan().accesses.length).toBeGreaterThan(0);
    expect(scan("--depth", "permitted").accesses).toEqual([]);
  });
});

describe("formats", () => {
  test("JSON of one app is its result, and fits the schema", () => {
    const { stdout, status } = bycatch(["scan", "--format", "json", settings]);
    expect(status).toBe(0);
    const result = auditResultSchema.parse(JSON.parse(stdout));
    expect(result.app.packageName).toBe("io.appium.settings");
  });

  test("JSON of several apps is an array, JSON Lines a line for each", () => {
    const names = (results: AuditResult[]) => results.map(({ app }) => app.files[0]!.name);
    const array = bycatch(["scan", "-f", "json", gpsDemo, settings]).stdout;
    expect(names(JSON.parse(array))).toEqual([basename(gpsDemo), basename(settings)]);
    const lines = bycatch(["scan", "-f", "jsonl", gpsDemo, settings]).stdout.trimEnd().split("\n");
    expect(names(lines.map((line) => JSON.parse(line)))).toEqual([basename(gpsDemo), basename(settings)]);
    expect(bycatch(["scan", "-f", "jsonl", gpsDemo]).stdout.split("\n")).toHaveLength(2);
  });

  test("the same run gives the same bytes", () => {
    expect(bycatch(["scan", "-f", "json", settings]).stdout).toBe(
      bycatch(["scan", "-f", "json", settings]).stdout,
    );
  });

  test("one run writes several; standard output has what is asked for it", () => {
    const folder = temporaryFolder();
    const at = (name: string) => join(folder, name);
    const outputs = [at("a.json"), at("b.txt"), `jsonl=${at("c.out")}`, at("d.report"), "-"];
    const { stdout, stderr, status } = bycatch([
      "scan",
      gpsDemo,
      ...outputs.flatMap((output) => ["-o", output]),
    ]);
    expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
    expect(readdirSync(folder).sort()).toEqual(["a.json", "b.txt", "c.out", "d.report"]);
    const read = (name: string) => readFileSync(at(name), "utf8");
    expect(JSON.parse(read("a.json"))).toEqual(JSON.parse(read("c.out")));
    expect(read("c.out").split("\n")).toHaveLength(2);
    expect(read("b.txt")).toBe(stdout);
    expect(read("d.report")).toBe(stdout);
  });

  test("with a file for the report, standard output stays empty", () => {
    const path = join(temporaryFolder(), "report.json");
    expect(bycatch(["scan", gpsDemo, "-o", path])).toMatchObject({ stdout: "", stderr: "", status: 0 });
  });

  test("a report replaces the old one, through a link too", () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "real.json"), "old");
    symlinkSync("real.json", join(folder, "link.json"));
    expect(bycatch(["scan", gpsDemo, "-o", join(folder, "link.json")]).status).toBe(0);
    expect(JSON.parse(readFileSync(join(folder, "real.json"), "utf8"))).toHaveProperty("app");
    expect(readdirSync(folder).sort()).toEqual(["link.json", "real.json"]);
  });
});

describe("colour and width", () => {
  const isColored = (args: string[], env?: NodeJS.ProcessEnv) =>
    bycatch(["scan", gpsDemo, ...args], env).stdout.includes("\x1b[");

  test.each<[string, string[], NodeJS.ProcessEnv, boolean]>([
    ["no terminal", [], {}, false],
    ["--color always", ["--color", "always"], {}, true],
    ["FORCE_COLOR", [], { FORCE_COLOR: "1" }, true],
    ["FORCE_COLOR=0", [], { FORCE_COLOR: "0" }, false],
    ["NO_COLOR over FORCE_COLOR", [], { NO_COLOR: "1", FORCE_COLOR: "1" }, false],
    ["the flag over NO_COLOR", ["--color", "always"], { NO_COLOR: "1" }, true],
    ["the flag over FORCE_COLOR", ["--color", "never"], { FORCE_COLOR: "1" }, false],
  ])("%s", (_, args, env, expected) => {
    expect(isColored(args, env)).toBe(expected);
  });

  test("a file is coloured only where the flag says so", () => {
    const path = join(temporaryFolder(), "report.txt");
    bycatch(["scan", gpsDemo, "-o", path], { FORCE_COLOR: "1" });
    expect(readFileSync(path, "utf8")).not.toContain("\x1b");
  });

  test("--width", () => {
    const widest = (width: number) =>
      Math.max(
        ...bycatch(["scan", settings, "--width", String(width)])
          .stdout.split("\n")
          .map(displayWidth),
      );
    expect(widest(50)).toBeLessThanOrEqual(50);
    expect(widest(140)).toBeGreaterThan(100);
  });
});
