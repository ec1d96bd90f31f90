import { beforeAll, describe, expect, test } from "vitest";
import type { AuditResult } from "../../src/findings/index.js";
import { auditResultSchema } from "../../src/report/audit-result-schema.js";
import { type MeasuredFlows, renderFlows } from "../accuracy/print-table.js";
import { auditProgram, failuresOf, knownFlowFailures } from "./audit-programs.js";
import { type Program, readPrograms } from "./read-program.js";
import { type FlowVerdict, measureFlows, scoreFlows } from "./score-flows.js";

const programs = readPrograms();

interface Audited {
  readonly program: Program;
  readonly result: AuditResult;
  readonly verdicts: readonly FlowVerdict[];
}

const audited: Audited[] = [];
beforeAll(async () => {
  for (const program of programs) {
    const result = await auditProgram(program);
    audited.push({ program, result, verdicts: await scoreFlows(program, result) });
  }
});

describe("the flows of the programs", () => {
  const allVerdicts = () => audited.flatMap(({ verdicts }) => verdicts);

  test("are what their authors say, but for what is known to be wrong", () => {
    // What is mended goes from the list, and with it the reason.
    expect(failuresOf(allVerdicts())).toEqual({
      "false-positive": Object.keys(knownFlowFailures["false-positive"]).sort(),
      "false-negative": Object.keys(knownFlowFailures["false-negative"]).sort(),
      "said-otherwise": Object.keys(knownFlowFailures["said-otherwise"]).sort(),
    });
  });

  test("have a reason for each failure that is known", () => {
    for (const reason of Object.values(knownFlowFailures).flatMap((known) => Object.values(known)))
      expect(reason).toMatch(/^[a-z].{20}/);
  });

  test("are judged for every program, at every sink", () => {
    for (const { program, verdicts } of audited)
      expect(verdicts.length, program.name).toBeGreaterThanOrEqual(
        program.sinks.length * program.sources.size,
      );
    expect(new Set(audited.map(({ program }) => program.name)).size).toBe(programs.length);
  });

  test("are found with an F1 of 0.9 at least", () => {
    const { found, precision, recall, f1 } = measureFlows(allVerdicts());
    expect(found).toBeGreaterThan(150);
    expect(Math.min(precision, recall)).toBeGreaterThan(0.9);
    expect(f1).toBeGreaterThan(0.9);
  });

  test("are written as the schema of the report says, with an id of their own each", () => {
    for (const { program, result } of audited) {
      const written = JSON.parse(JSON.stringify(result));
      expect(auditResultSchema.parse(written), program.name).toEqual(written);
      const ids = result.flows!.map(({ id }) => id);
      expect(new Set(ids).size, program.name).toBe(ids.length);
      const named = result.findings.flatMap(({ flows = [] }) => flows);
      expect(
        named.filter((id) => !ids.includes(id)),
        program.name,
      ).toEqual([]);
    }
  });

  test("are looked for in all of each program", () => {
    for (const { program, result } of audited) {
      expect(result.flowCoverage, program.name).toMatchObject({ cutCalls: 0, cutMethods: 0, isCut: false });
      expect(result.diagnostics, program.name).toEqual([]);
    }
  });

  test.runIf(process.env.PRINT_ACCURACY)("print how well they are told", () => {
    const groupOf = ({ program }: Audited) => program.name.split("/")[0]!;
    const measureAs = (name: string, verdicts: readonly FlowVerdict[]): MeasuredFlows => ({
      name,
      ...measureFlows(verdicts),
      failures: failuresOf(verdicts),
    });
    const measured = [...new Set(audited.map(groupOf))].map((group) =>
      measureAs(
        group,
        audited.filter((one) => groupOf(one) === group).flatMap(({ verdicts }) => verdicts),
      ),
    );
    measured.push(measureAs("all", allVerdicts()));
    process.stdout.write(`\n${renderFlows(`Flows of ${programs.length} programs`, measured)}\n`);
  });
});
