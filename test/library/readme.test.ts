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

test("the README's library example runs as it stands and prints what it says", () => {
  const example = /^```js\n(\/\/ example: library\n.*?)^```$/ms.exec(
    readFileSync(join(root, "README.md"), "utf8"),
  )?.[1];
  if (example === undefined)
    throw new Error('README.md has no block "```js" that begins with "// example: library"');
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(root, join(folder, "node_modules", "bycatch"), "junction");
  copyFileSync(join(root, "fixtures/apps/tracker.apk"), join(folder, "app-release.apk"));
  writeFileSync(join(folder, "example.mjs"), example);
  const printed = execFileSync(process.execPath, ["example.mjs"], { cwd: folder, encoding: "utf8" });
  // fixtures/apps/tracker: a third party that no rule knows, with calls that yield these.
  expect(printed).toMatch(/^unrecognised:com\.acme\.tracker precise-location Lcom\/acme\/tracker\/\S+$/m);
  expect(printed).toMatch(/^unrecognised:com\.acme\.tracker contacts Lcom\/acme\/tracker\/\S+$/m);
});
