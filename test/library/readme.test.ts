import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "bycatch-readme-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

mkdirSync(join(folder, "node_modules"));
symlinkSync(root, join(folder, "node_modules", "bycatch"), "junction");
copyFileSync(join(root, "fixtures/apps/tracker.apk"), join(folder, "app-release.apk"));

/** Runs a block of the README's, with what a test adds to it, and gives what it prints. */
function runExample(name: string, added = ""): string {
  const blocks = readFileSync(join(root, "README.md"), "utf8").matchAll(/^```js\n(.*?)^```$/gms);
  const example = [...blocks].find(([, text]) => text!.startsWith(`// example: ${name}\n`))?.[1];
  if (example === undefined)
    throw new Error(`README.md has no block of js that begins with "// example: ${name}"`);
  writeFileSync(join(folder, `${name}.mjs`), example + added);
  return execFileSync(process.execPath, [`${name}.mjs`], { cwd: folder, encoding: "utf8" });
}

test("the README's library example runs as it stands and prints what it says", () => {
  const printed = runExample("library");
  // fixtures/apps/tracker: a third party that no rule knows, with calls that yield these.
  expect(printed).toMatch(/^unrecognised:com\.acme\.tracker precise-location Lcom\/acme\/tracker\/\S+$/m);
  expect(printed).toMatch(/^unrecognised:com\.acme\.tracker contacts Lcom\/acme\/tracker\/\S+$/m);
});

test("so does the one of the gate", () => {
  copyFileSync(join(root, "fixtures/apps/no-third-parties.apk"), join(folder, "app-1.0.apk"));
  writeFileSync(
    join(folder, "bycatch.policy.yaml"),
    "policy-version: 1\nrules:\n  - id: known\n    deny: { party: unrecognised }\n",
  );
  writeFileSync(
    join(folder, "bycatch.lock"),
    "lockfile-version 1\nrules x\ndepth referenced\nattributed-share 1.00\n",
  );
  writeFileSync(
    join(folder, "export.csv"),
    "Question ID (machine readable),Response ID (machine readable),Response value,Answer requirement,Human-friendly question label\nPSL_DATA_COLLECTION_COLLECTS_PERSONAL_DATA,,false,REQUIRED,x\n",
  );
  const shown = `
console.log(verdict.outcome, ...verdict.checks.map(({ id, outcome }) => \`\${id}:\${outcome}\`));
console.log(text.includes("third-party unrecognised:com.acme.tracker"));
console.log(changes.parties.some(({ id }) => id === "unrecognised:com.acme.tracker"));
console.log(declared.lists.map(({ kind, items }) => \`\${kind}:\${items.length > 0}\`).join(" "));
`;
  expect(runExample("gate", shown).split("\n")).toEqual([
    "fail known:fail lockfile:fail",
    "true",
    "true",
    expect.stringMatching(/undeclared-access:true/),
    "",
  ]);
});
