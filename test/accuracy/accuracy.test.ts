import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { prepareRules } from "../../src/audit.js";
import { loadRuleset } from "../../src/ruleset/load-ruleset.js";
import { readInput } from "./inputs.js";
import { readLabels } from "./labels.js";
import { type Measured, measure } from "./measure.js";
import { renderAccuracy } from "./print-table.js";

const rules = prepareRules(loadRuleset([fileURLToPath(new URL("../../rules", import.meta.url))]));
const known = parse(
  readFileSync(new URL("../../fixtures/labels/known-deviations.yaml", import.meta.url), "utf8"),
) as Readonly<Record<string, readonly { readonly deviation: string; readonly because: string }[]>>;

const measured: Measured[] = [];

/** `npm run accuracy` prints precision and recall, and what is behind them. */
describe("what a person says is in a real binary", () => {
  test.each(readLabels())("$name", async (label) => {
    const input = await readInput(label);
    if ("missing" in input) {
      if (process.env.CI) throw new Error(`${label.name} cannot be measured: ${input.missing}`);
      console.warn(`\nNOT MEASURED: ${label.name}: ${input.missing}`);
      return;
    }
    const one = await measure(label, input.bytes, rules);
    measured.push(one);
    // Each deviation is one that was looked into; one that is mended is struck off.
    expect(one.deviations).toEqual((known[label.name] ?? []).map(({ deviation }) => deviation));
  });

  test("every deviation that is known is of a binary that is labelled, and says why", () => {
    const names = readLabels().map(({ name }) => name);
    expect(Object.keys(known).filter((name) => !names.includes(name))).toEqual([]);
    for (const { because } of Object.values(known).flat()) expect(because).toMatch(/.{10}/);
  });

  test.runIf(process.env.PRINT_ACCURACY)("prints", () => {
    process.stdout.write(`\n${renderAccuracy("Labelled", measured)}\n`);
  });
});
