import { expect, test } from "vitest";
import { loadSamples, MOST_MEMORY, type Sample, sweep } from "./attempt.js";
import { mutate, seededRandom } from "./mutate.js";

const MUTATIONS = 5_000;

const samples = loadSamples();

test("an archive cut at each hundredth of its length gives a result or a FormatError", async () => {
  const { broken, audits, grownBy } = await sweep(samples.flatMap(cuts));
  expect(broken).toEqual([]);
  expect(audits).toBe(samples.length * 100);
  expect(grownBy).toBeLessThan(MOST_MEMORY);
});

test("an archive mutated anywhere gives a result or a FormatError", async () => {
  const { broken, results, grownBy } = await sweep(mutations());
  expect(broken).toEqual([]);
  // Else the sweep would only have shown that broken archives are refused.
  expect(results).toBeGreaterThan(MUTATIONS / 10);
  expect(grownBy).toBeLessThan(MOST_MEMORY);
});

function cuts({ name, bytes }: Sample): Sample[] {
  return Array.from({ length: 100 }, (_, percent) => ({
    name: `${name} cut to ${percent} %`,
    bytes: bytes.subarray(0, Math.floor((bytes.length * percent) / 100)),
  }));
}

function* mutations(): Generator<Sample> {
  for (let seed = 0; seed < MUTATIONS; seed++) {
    const { name, bytes } = samples[seed % samples.length]!;
    yield { name: `${name}, seed ${seed}`, bytes: mutate(bytes, seededRandom(seed)) };
  }
}
