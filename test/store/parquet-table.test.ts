import { describe, expect, test } from "vitest";
import { prepareRules } from "../../src/audit.js";
import type { AuditResult } from "../../src/findings/index.js";
import { loadCompiledRules } from "../../src/ruleset/index.js";
import {
  failureRows,
  type Row,
  readTable,
  resultRows,
  tableNames,
  tables,
  writeTable,
} from "../../src/store/index.js";
import { auditProgram } from "../programs/audit-programs.js";
import { readPrograms } from "../programs/read-program.js";
import { auditFixture } from "../support/fixture-apps.js";

const rules = prepareRules(loadCompiledRules(new URL("../../dist/rules.jsonl", import.meta.url)));
const sha256 = "00".repeat(32);
const file = { sha256, path: "a/lookalikes.apk", size: 4096 };
const failed = failureRows(
  { ...file, sha256: undefined, size: undefined },
  { reason: "crash", message: "x" },
);

/** What there is of an app, with the hand-overs and flows of another. */
async function audit(): Promise<AuditResult> {
  const program = readPrograms().find(({ name }) => name === "third-party/log-event")!;
  const { handOvers = [], flows = [] } = await auditProgram(program);
  return { ...(await auditFixture("lookalikes", rules)), handOvers, flows };
}

describe.each(tableNames)("%s", (name) => {
  test("a row has the table's columns and no other", async () => {
    const names = tables[name].columns.map((column) => column.name).sort();
    const rows: readonly Row[] = [...resultRows(file, await audit())[name], ...failed[name]];
    for (const row of rows) expect(Object.keys(row).sort()).toEqual(names);
    if (name !== "diagnostics") expect(rows).not.toEqual([]);
  });

  test("rows come back out of Parquet as they went in, and the same rows are the same bytes", async () => {
    const rows = [...resultRows(file, await audit())[name], ...failed[name]];
    const bytes = await writeTable(name, rows);
    expect(await readTable(bytes)).toEqual(JSON.parse(JSON.stringify(rows)));
    expect(await writeTable(name, rows)).toEqual(bytes);
  });

  test("no rows are a table, too", async () => {
    expect(await readTable(await writeTable(name, []))).toEqual([]);
  });
});

test("a value that must be there is missed", async () => {
  await expect(writeTable("hosts", [{ app: sha256 }])).rejects.toThrow("no value in party");
});
