import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fleetSchema } from "../../src/report/fleet-schema.js";
import { evaluationId, folderFiles, openStore } from "../../src/store/index.js";
import { fixtureEvaluation, writeFixtureStore } from "../store/fixture-store.js";
import { evaluation, tinyRows } from "../store/tiny-rows.js";
import { attributeOf, parsePage } from "../support/parsed-page.js";
import { bycatch, temporaryFolder } from "./run-bycatch.js";

let store: string;
beforeAll(async () => {
  store = mkdtempSync(join(tmpdir(), "bycatch-report-"));
  await writeFixtureStore(store);
});
afterAll(() => rmSync(store, { recursive: true }));

test("a page goes to standard output", () => {
  const { stdout, stderr, status } = bycatch(["report", "--store", store]);
  expect([stderr, status]).toEqual(["", 0]);
  const page = parsePage(stdout);
  expect(page.errors).toEqual([]);
  expect(page.text).toContain("What rides along in 10 apps");
  expect(page.text).toContain("2 apps could not be read at all");
  expect(page.text).toContain(evaluationId(fixtureEvaluation));
  expect(page.elements.some((element) => attributeOf(element, "id") === "heat-referenced")).toBe(true);
});

test("the same store gives the same bytes, in each form", () => {
  const folder = temporaryFolder();
  const write = (name: string) =>
    bycatch([
      "report",
      "--store",
      store,
      "-o",
      join(folder, `${name}.html`),
      "-o",
      join(folder, `${name}.json`),
    ]);
  expect(write("one").status).toBe(0);
  expect(write("two").status).toBe(0);
  for (const ending of ["html", "json"])
    expect(readFileSync(join(folder, `one.${ending}`), "utf8")).toBe(
      readFileSync(join(folder, `two.${ending}`), "utf8"),
    );
  const summary = JSON.parse(readFileSync(join(folder, "one.json"), "utf8"));
  expect(fleetSchema.parse(summary)).toEqual(summary);
  expect(summary).toMatchObject({
    schemaVersion: "1.0",
    evaluation: { id: evaluationId(fixtureEvaluation), ...fixtureEvaluation },
    apps: { total: 10, audited: 8, failed: 2 },
  });
});

test("of several evaluations it is said which one the page is of", async () => {
  const folder = temporaryFolder();
  await writeFixtureStore(folder);
  const other = await openStore(folderFiles(folder), { ...evaluation, depth: "permitted" });
  await other.writePart([tinyRows("one")]);
  const ask = (...args: readonly string[]) => bycatch(["report", "--store", folder, "-f", "json", ...args]);
  const last = ask();
  const { tool, rulesVersion } = fixtureEvaluation;
  expect(last.stderr).toBe(
    `bycatch: of 2 evaluations this is ${evaluationId(fixtureEvaluation)} (bycatch ${tool}, rules ${rulesVersion}, depth referenced); others, the last written first:
  --evaluation ${other.id}  (bycatch ${evaluation.tool}, rules ${evaluation.rulesVersion}, depth permitted)
`,
  );
  const named = ask("--evaluation", other.id.slice(0, 6));
  expect(JSON.parse(named.stdout).apps.total).toBe(1);
  expect(named.stderr).toMatch(/^bycatch: what code refers to was not looked for .*\n$/);
  const missing = ask("--evaluation", "f0f0f0");
  expect([missing.status, missing.stdout]).toEqual([2, ""]);
  expect(missing.stderr).toContain("--evaluation: the store has no evaluation f0f0f0");
});

test("what cannot be reported is said before work starts", async () => {
  const folder = temporaryFolder();
  const refused = (args: readonly string[]) => {
    const { status, stdout, stderr } = bycatch(["report", ...args]);
    expect([status, stdout]).toEqual([2, ""]);
    return stderr;
  };
  expect(refused([])).toContain("required option '--store <dir>' not specified");
  expect(refused(["--store", folder])).toContain("is no store");
  expect(refused(["--store", join(folder, "none")])).toContain("is no store");
  symlinkSync("loop", join(folder, "loop"));
  expect(refused(["--store", join(folder, "loop")])).toContain("cannot be read (ELOOP)");
  const url = refused(["--store", "s3://key:secret@bucket/x"]);
  expect(url).toContain("is a URL, and bycatch report reads folders");
  expect(url).not.toContain("secret");
  expect(refused(["--store", store, "-f", "pdf"])).toContain("Allowed choices are html, json");
  expect(refused(["--store", store, "-o", join(folder, "none", "x.html")])).toContain(
    "there is no directory",
  );
  expect(refused(["--store", store, "-o", join(folder, "fleet.pdf")])).toContain(
    "fleet.pdf would not be what .pdf says: the formats are html, json",
  );
  const empty = join(folder, "empty");
  mkdirSync(empty);
  await openStore(folderFiles(empty), evaluation);
  expect(refused(["--store", empty])).toMatch(/has no app yet\n {2}Run bycatch batch first/);
  writeFileSync(join(folder, "page.html"), "old");
  expect(refused(["--store", empty, "-o", join(folder, "page.html")])).toContain("has no app yet");
  expect(readFileSync(join(folder, "page.html"), "utf8")).toBe("old");
});
