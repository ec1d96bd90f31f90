import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { exitCodes } from "../../src/cli/exit-codes.js";

test.each(["README.md", "ci/README.md"])("the table of %s is the one that commands print", (path) => {
  const text = readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
  const [, table] = /^\| Exit code \| Means \|\n\|---\|---\|\n((?:\|.*\n)+)/m.exec(text)!;
  const rows = Object.values(exitCodes).map(({ code, meaning }) => `| ${code} | ${meaning} |\n`);
  expect(table).toBe(rows.join(""));
});
