import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { questions, STORE_VERSION, type Table, tables } from "../../src/store/index.js";

const file = new URL("../../docs/store.md", import.meta.url);
const docs = readFileSync(file, "utf8");

/** The tables as docs/store.md has them. */
function renderTables(): string {
  return Object.entries<Table>(tables)
    .map(([name, { row, columns }]) => {
      const lines = columns.map(
        (column) =>
          `| \`${column.name}\` | ${column.type}${column.isNullable ? ", may be null" : ""} | ${column.description} |`,
      );
      return `### ${name}\n\n${row}\n\n| Column | Type | What it holds |\n|---|---|---|\n${lines.join("\n")}\n`;
    })
    .join("\n");
}

test("docs/store.md has every table and column as the code has them", () => {
  const section = /(<!-- tables: [^\n]* -->\n)([\s\S]*?)(<!-- \/tables -->)/;
  expect(docs).toMatch(section);
  const expected = docs.replace(section, (_, begin, __, end) => `${begin}\n${renderTables()}\n${end}`);
  if (process.env.UPDATE_DOCS === "1") writeFileSync(file, expected);
  else expect(docs, "UPDATE_DOCS=1 writes it").toBe(expected);
});

test("docs/store.md tells every question, and the tables' version", () => {
  for (const name of Object.keys(questions)) expect(docs).toMatch(new RegExp(`^\\| \`${name}[\` ]`, "m"));
  expect(docs).toContain(`now ${STORE_VERSION})`);
});
