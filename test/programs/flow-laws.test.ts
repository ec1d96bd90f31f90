import { readFileSync } from "node:fs";
import { describe, expect, test, vi } from "vitest";
import { defaultLimits } from "../../src/diagnostics/index.js";
import type { AuditResult } from "../../src/findings/index.js";
import { installed } from "../cli/run-bycatch.js";
import { inflateParts } from "../hostile/mutate.js";
import { buildZip } from "../support/zip-builder.js";
import { auditFlows, auditProgram } from "./audit-programs.js";
import { readPrograms } from "./read-program.js";

vi.setConfig({ testTimeout: 120_000 });

const readInstalled = (path: string) => new Uint8Array(readFileSync(installed(path)));
const settings = readInstalled("io.appium.settings/apks/settings_apk-debug.apk");

/** What flows are, without the ways they take. */
function outline({ flows = [] }: AuditResult): string[] {
  return flows.map(({ path: _path, omitted: _omitted, ...flow }) => JSON.stringify(flow)).sort();
}

test("a real app gives the same result twice", async () => {
  const [first, second] = [await auditFlows(settings), await auditFlows(settings.slice())];
  expect(first.flows!.length).toBeGreaterThan(5);
  expect(JSON.stringify(second)).toBe(JSON.stringify(first));
});

test("programs have the same flows in whatever order their classes are defined", async () => {
  let flows = 0;
  for (const { apk, name } of readPrograms().filter((_, index) => index % 7 === 0)) {
    const parts = inflateParts(new Uint8Array(readFileSync(apk)));
    const reversed = parts.map((part) =>
      String(part.name).endsWith(".dex")
        ? { ...part, content: reverseClasses(part.content as Uint8Array) }
        : part,
    );
    const [before, after] = [await auditFlows(buildZip(parts)), await auditFlows(buildZip(reversed))];
    expect(after.diagnostics, name).toEqual([]);
    expect(outline(after), name).toEqual(outline(before));
    flows += before.flows!.length;
  }
  expect(flows).toBeGreaterThan(20);
});

/** A DEX file with its class_def_items in the opposite order. */
function reverseClasses(dex: Uint8Array): Uint8Array {
  const SIZE = 32;
  const view = new DataView(dex.buffer, dex.byteOffset, dex.length);
  const [count, start] = [view.getUint32(0x60, true), view.getUint32(0x64, true)];
  const reversed = dex.slice();
  for (let index = 0; index < count; index++) {
    const from = start + index * SIZE;
    reversed.set(dex.subarray(from, from + SIZE), start + (count - 1 - index) * SIZE);
  }
  return reversed;
}

describe("the limit of steps", () => {
  const auditWith = (bytes: Uint8Array, flowSteps: number) =>
    auditFlows(bytes, { limits: { ...defaultLimits, flowSteps } });

  test("cuts a real app, and is told of", async () => {
    const { flows, flowCoverage, diagnostics, coverage } = await auditWith(settings, 1_000);
    expect(flowCoverage).toMatchObject({ isCut: true, sources: expect.any(Number) });
    // Only what is under way is brought to an end.
    expect(flowCoverage!.steps).toBeGreaterThan(1_000);
    expect(flowCoverage!.steps).toBeLessThan(10_000);
    expect(diagnostics).toEqual([
      {
        ...{ effect: "unread", code: "limit", part: "flows" },
        message: expect.stringContaining("(flowSteps, 1000)"),
      },
    ]);
    expect(coverage.unread).toContain("flows");
    expect(flows!.length).toBeLessThan((await auditFlows(settings)).flows!.length);
  });

  test("is not told of where it is not reached", async () => {
    const { flowCoverage, diagnostics } = await auditFlows(settings);
    expect(flowCoverage).toMatchObject({ isCut: false });
    expect(flowCoverage!.steps).toBeLessThan(defaultLimits.flowSteps);
    expect(diagnostics).toEqual([]);
  });

  test("cuts a program at any number of steps, and what is not there is said to be assumed", async () => {
    const program = readPrograms().find(({ name }) => name === "fields/object-in-object")!;
    const whole = await auditProgram(program);
    const ids = whole.flows!.map(({ id }) => id);
    let cut = 0;
    for (let flowSteps = 0; flowSteps < whole.flowCoverage!.steps + 2; flowSteps++) {
      const result = await auditWith(new Uint8Array(readFileSync(program.apk)), flowSteps);
      // What is not gone into is taken to return what it was given.
      const others = result.flows!.filter(({ id }) => !ids.includes(id));
      expect(others.filter(({ assumed }) => !assumed)).toEqual([]);
      if (result.flowCoverage!.isCut) cut++;
      else expect(outline(result)).toEqual(outline(whole));
    }
    expect(cut).toBeGreaterThan(3);
  });
});

test("of less depth nothing is said of flows", async () => {
  const result = await auditFlows(settings, { depth: "reachable" });
  expect([result.flows, result.flowCoverage]).toEqual([undefined, undefined]);
  expect(result.findings.filter(({ rung, flows }) => rung === "flows" || flows !== undefined)).toEqual([]);
});
