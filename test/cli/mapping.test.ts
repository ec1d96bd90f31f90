import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { auditResultSchema } from "../../src/report/audit-result-schema.js";
import { bycatch, temporaryFolder } from "./run-bycatch.js";

const fixture = (name: string) => fileURLToPath(new URL(`../../fixtures/apps/${name}`, import.meta.url));
const app = fixture("mapped.apk");
const mapping = fixture("mapped/mapping.txt");

function write(content: string | Uint8Array, name = "mapping.txt"): string {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, content);
  return path;
}

describe("bycatch scan --mapping", () => {
  test("gives renamed code its names back, and says so", () => {
    const { stdout, stderr, status } = bycatch(["scan", app, "--mapping", mapping]);
    expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
    expect(stdout).toContain("\noriginal names of 8 classes restored by mapping.txt\n");
    expect(stdout).toContain("\nAdjust 4.28.5 ");
    expect(stdout).toContain("All of the code attributed.");
    expect(bycatch(["scan", app]).stdout).toContain("No third party was found. 9% of the code attributed.");
  });

  test("in JSON too, which fits its schema", () => {
    const { stdout } = bycatch(["scan", "-f", "json", app, "--mapping", mapping]);
    const { app: summary } = auditResultSchema.parse(JSON.parse(stdout));
    expect(summary.mapping).toMatchObject({ name: "mapping.txt", classes: 8 });
  });

  test("of another build: a warning, whatever report is asked for, and exit 0", () => {
    const other = write("com.acme.Sdk -> x.y:\n");
    const warning = `bycatch: ${app}: mapping.txt names no class of this app, so no name was restored: it is probably another build's\n`;
    for (const args of [[], ["-q"], ["-f", "json"], ["-o", join(temporaryFolder(), "report.json")]]) {
      const { stderr, status } = bycatch(["scan", app, "--mapping", other, ...args]);
      expect({ stderr, status }).toEqual({ stderr: warning, status: 0 });
    }
  });
});

describe("what is no mapping stops before work starts, with exit 2", () => {
  const advice = "  Give the mapping.txt that R8 or ProGuard wrote in the build of this very app.\n";
  test.each<[string, () => string, (path: string) => string]>([
    [
      "a line that is none of a mapping's",
      () => write("com.acme.Sdk -> a.b:\n    void run( -> a\n"),
      (path) =>
        `${path}:2: is no member: a field is written int count -> a, a method 1:5:void run(int):10:14 -> b\n${advice}`,
    ],
    [
      "another file",
      () => write(readFileSync(app), "app.apk"),
      (path) =>
        `${path}:1: is no line of a mapping: a class is written com.acme.Sdk -> a.b.c: and its members are indented\n${advice}`,
    ],
    [
      "one that is not there",
      () => "no/mapping.txt",
      () => "--mapping: no/mapping.txt cannot be read (ENOENT)\n",
    ],
    ["a directory", temporaryFolder, (path) => `--mapping: ${path} cannot be read (EISDIR)\n`],
  ])("%s", (_, make, sentence) => {
    const path = make();
    const { stdout, stderr, status } = bycatch(["scan", app, "--mapping", path]);
    expect({ stdout, stderr, status }).toEqual({
      stdout: "",
      stderr: `bycatch: ${sentence(path)}`,
      status: 2,
    });
  });

  test("a report is not written over the mapping", () => {
    const path = write("com.acme.Sdk -> x.y:\n");
    const { stderr, status } = bycatch(["scan", app, "--mapping", path, "-o", path]);
    expect(status).toBe(2);
    expect(stderr).toContain(path);
    expect(readFileSync(path, "utf8")).toBe("com.acme.Sdk -> x.y:\n");
  });
});
