import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import type { AuditResult } from "../../src/index.js";
import { auditResultSchema, reportJsonSchema } from "../../src/report/audit-result-schema.js";
import { renderJson, renderJsonLine } from "../../src/report/index.js";
import { buildResult, party } from "../support/result-builder.js";
import { empty, incomplete, speedTest } from "./example-results.js";

/** What a value is after it went through JSON. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

describe("renderJson", () => {
  test.each([speedTest, incomplete, empty])("%o: gives back what went in", (example) => {
    expect(JSON.parse(renderJson(example()))).toEqual(plain(example()));
    expect(JSON.parse(renderJsonLine(example()))).toEqual(plain(example()));
  });

  test("is laid out with two spaces and ends in one newline; a line of JSON Lines is one line", () => {
    expect(renderJson(empty())).toMatch(/^{\n {2}"schemaVersion": "1\.0",\n[\s\S]*[^\n]\n}\n$/);
    expect(renderJsonLine(speedTest())).toMatch(/^{.*}\n$/);
  });

  test("gives the same bytes for a result that was read back", () => {
    expect(renderJson(JSON.parse(renderJson(incomplete())) as AuditResult)).toBe(renderJson(incomplete()));
  });

  test("holds nothing that a terminal obeys or hides, and still the same text", () => {
    const name = "a\x1b[2J\x9b\x7f\u202e\u200b\u2028\ue0b0\u{e0041}\ud800\u00a0汉\n";
    const result = buildResult({ parties: [party("x", name)] });
    const json = renderJson(result);
    expect(json.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/u);
    expect((JSON.parse(json) as AuditResult).parties[0]!.name).toBe(name);
    expect(json).toContain("汉");
  });
});

describe("the schema", () => {
  const validate = new Ajv2020({ strict: false }).compile(reportJsonSchema() as object);

  test.each([speedTest, incomplete, empty])("%o: fits, in zod and as JSON Schema", (example) => {
    expect(auditResultSchema.parse(plain(example()))).toEqual(plain(example()));
    expect(validate(plain(example())), JSON.stringify(validate.errors)).toBe(true);
  });

  test.each<[string, (result: Record<string, unknown>) => void]>([
    ["a key that is not known", (result) => Object.assign(result, { extra: 1 })],
    ["a part that is missing", (result) => delete result.coverage],
    ["a rung that is not known", (result) => Object.assign(result, { depth: "rumoured" })],
    [
      "a finding without evidence",
      (result) => Object.assign((result.findings as object[])[0]!, { evidence: [] }),
    ],
    ["a negative count", (result) => Object.assign((result.accesses as object[])[0]!, { callSites: -1 })],
    ["a party of no kind", (result) => delete (result.parties as Record<string, unknown>[])[0]!.kind],
  ])("refuses %s", (_, spoil) => {
    const result = plain(speedTest()) as Record<string, unknown>;
    spoil(result);
    expect(auditResultSchema.safeParse(result).success, "zod").toBe(false);
    expect(validate(result), "JSON Schema").toBe(false);
  });
});
