import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { FormatError } from "../../src/diagnostics/index.js";
import { auditFlows } from "../programs/audit-programs.js";
import { readPrograms } from "../programs/read-program.js";
import { buildZip } from "../support/zip-builder.js";
import { inflateParts, mutate, seededRandom } from "./mutate.js";

test("whatever a DEX file holds, following flows ends, and nothing is thrown but that it is spoilt", async () => {
  const broken: string[] = [];
  let followed = 0;
  let found = 0;
  for (const [number, { name, apk }] of readPrograms().entries()) {
    const parts = inflateParts(new Uint8Array(readFileSync(apk)));
    for (let round = 0; round < 2; round++) {
      const random = seededRandom(number * 2 + round);
      const mutated = parts.map((part) =>
        String(part.name).endsWith(".dex")
          ? { ...part, content: mutate(part.content as Uint8Array, random) }
          : part,
      );
      try {
        const { flows, flowCoverage } = await auditFlows(buildZip(mutated));
        if (flowCoverage !== undefined) followed++;
        found += flows?.length ?? 0;
      } catch (error) {
        if (!(error instanceof FormatError))
          broken.push(`${name}, round ${round}: ${(error as Error).stack}`);
      }
    }
  }
  expect(broken).toEqual([]);
  // Else this would only have shown that broken files are refused.
  expect(followed).toBeGreaterThan(300);
  expect(found).toBeGreaterThan(100);
}, 300_000);
