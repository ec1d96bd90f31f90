import { copyFileSync, existsSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { fixtureAppPath } from "../support/fixture-apps.js";
import { bycatch, temporaryFolder } from "./run-bycatch.js";

const noContacts = "policy-version: 1\nrules:\n  - id: no-contacts\n    deny: { data-type: contacts }\n";
const noPhotos = "policy-version: 1\nrules:\n  - id: no-photos\n    deny: { data-type: photos }\n";

/** A folder with files, and tracker.apk, whose com.acme.tracker could access contacts. */
function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder();
  copyFileSync(fixtureAppPath("tracker.apk"), join(folder, "app.apk"));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

const check = (folder: string, ...args: string[]) => bycatch(["check", "app.apk", ...args], {}, folder);

describe("an earlier run's verdict", () => {
  const outputs = ["-o", "v.json", "-o", "sarif=linked", "-o", "-"];
  const passed = (files: Readonly<Record<string, string>> = {}) => {
    const folder = folderOf({ "bycatch.policy.yaml": noPhotos, ...files });
    if (process.platform === "win32") writeFileSync(join(folder, "linked"), "");
    else {
      writeFileSync(join(folder, "target"), "");
      symlinkSync("target", join(folder, "linked"));
    }
    expect(check(folder, ...outputs).status).toBe(0);
    return folder;
  };
  const isThere = (folder: string, name: string) => existsSync(join(folder, name));

  test.each<[string, number, Readonly<Record<string, string>>, readonly string[]]>([
    ["a truncated app", 3, { "app.apk": "PK" }, []],
    ["a mistake in the policy", 2, { "bycatch.policy.yaml": "policy-version: 2" }, []],
    [
      "a name that no rule knows",
      2,
      { "bycatch.policy.yaml": noPhotos.replace("data-type: photos", "data-type: fotos") },
      [],
    ],
    ["an option that does not fit", 2, {}, ["--mapping", "none.txt"]],
  ])("is removed, and that is told: %s", (_, code, files, args) => {
    const folder = passed();
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    const { status, stderr } = check(folder, ...outputs, ...args);
    expect(status).toBe(code);
    expect([isThere(folder, "v.json"), isThere(folder, "linked")]).toEqual([false, false]);
    expect(stderr).toContain("bycatch: v.json is removed: it was an earlier run's");
    for (const name of ["app.apk", "bycatch.policy.yaml"]) expect(isThere(folder, name)).toBe(true);
  });

  test("is left where it was not named, or a verdict is written", () => {
    const folder = passed();
    writeFileSync(join(folder, "app.apk"), "PK");
    check(folder, "-o", "other.json");
    expect(isThere(folder, "v.json")).toBe(true);
    copyFileSync(fixtureAppPath("tracker.apk"), join(folder, "app.apk"));
    writeFileSync(join(folder, "bycatch.policy.yaml"), noContacts);
    expect(check(folder, ...outputs).status).toBe(1);
    expect(isThere(folder, "v.json")).toBe(true);
  });

  test.each(["app.apk", "base.yaml", "base.policy", "rule.txt", "none/v.json"])(
    "%s, which is no verdict, stays though nothing could be judged",
    (name) => {
      const files = { "base.yaml": noContacts, "base.policy": noContacts, "rule.txt": "id: x\n" };
      const folder = folderOf({ ...files, "bycatch.policy.yaml": "extends: [./base.yaml]\nrules: 1\n" });
      const { status } = check(folder, "--rules", "rule.txt", "-o", "v.json", "-o", `json=${name}`);
      expect(status).toBe(2);
      for (const one of ["app.apk", ...Object.keys(files)]) expect(isThere(folder, one)).toBe(true);
    },
  );
});
