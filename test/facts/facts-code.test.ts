import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { digestFactsCode } from "../../digest-code.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const copy = mkdtempSync(join(tmpdir(), "bycatch-code-"));
let digest: string;
beforeAll(async () => {
  cpSync(join(root, "src"), join(copy, "src"), { recursive: true });
  digest = await digestFactsCode(root);
});
afterAll(() => rmSync(copy, { recursive: true }));

/** The digest with one text of a file in the place of another. */
async function digestWith(file: string, text: string, other: string): Promise<string> {
  const path = join(copy, "src", file);
  const code = readFileSync(path, "utf8");
  expect(code).toContain(text);
  writeFileSync(path, code.replace(text, other));
  try {
    return await digestFactsCode(copy);
  } finally {
    writeFileSync(path, code);
  }
}

test.each([
  ["how versions look", "sdk/find-version.ts", "{0,20}", "{0,30}"],
  [
    "which classes the platform has",
    "program/platform-classes.ts",
    '"Landroid/app/Service;":',
    '"Landroid/app/Other;":',
  ],
  [
    "how far constants are followed",
    "program/find-constants.ts",
    "MOST_CONSTANTS = 8",
    "MOST_CONSTANTS = 16",
  ],
  ["which packages are renamed", "ruleset/renamed-package.ts", "length <= 3", "length <= 4"],
  ["how texts are found", "program/text-index.ts", "0x9e3779b1", "0x9e3779b3"],
  ["which texts are URLs", "program/text-index.ts", "bytes[at + 2] === S ? at + 3 : at + 2", "at + 2"],
  ["how much of a text is read", "app/open-app.ts", "64 * 1024", "128 * 1024"],
  ["what is other code", "app/open-app.ts", 'name.startsWith("lib/")', 'name.startsWith("libs/")'],
  ["which classes a build makes", "program/package-table.ts", '["R$", "R;", "BuildConfig;"]', '["R$", "R;"]'],
  ["where facts stand", "facts/dex-facts-layout.ts", "SITE_KIND_BITS = 3", "SITE_KIND_BITS = 4"],
])("facts of another build are not used where it differs in %s", async (_, file, text, other) => {
  expect(await digestWith(file, text, other)).not.toBe(digest);
});

test.each([
  ["comments", "dex/dex-file.ts", "/** What makes", "/** What now makes"],
  ["reports", "report/render-rows.ts", "export", "export const another = 1;\nexport"],
  ["findings", "findings/summarize.ts", '"bycatch"', '"Bycatch"'],
])("facts of a build that differs in its %s are used", async (_, file, text, other) => {
  expect(await digestWith(file, text, other)).toBe(digest);
});
