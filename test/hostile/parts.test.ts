import { describe, expect, test } from "vitest";
import { attempt, loadApps, MOST_MEMORY, type Sample, sweep } from "./attempt.js";
import { inflateParts, mutatePart, seededRandom } from "./mutate.js";

const MUTATIONS = 5_000;

// Behind a deflate stream a mutation is found by zlib; stored, it reaches the readers of the formats.
describe("binary XML, resource tables and DEX files, mutated inside a sound archive", () => {
  const apps = loadApps();

  test.each(apps.map((app) => [app.name, app] as const))("%s", async (_, app) => {
    const { audits, broken, grownBy } = await sweep(mutations(app, Math.ceil(MUTATIONS / apps.length)));
    expect(broken).toEqual([]);
    expect(audits).toBe(Math.ceil(MUTATIONS / apps.length));
    expect(grownBy).toBeLessThan(MOST_MEMORY);
  });

  test("the same mutated bytes give the same result twice", async () => {
    for (const app of apps) {
      for (const { name, bytes } of mutations(app, 20)) {
        expect((await attempt(name, bytes.slice())).outcome).toBe((await attempt(name, bytes)).outcome);
      }
    }
  });
});

function* mutations({ name, bytes }: Sample, count: number): Generator<Sample> {
  const parts = inflateParts(bytes);
  for (let seed = 0; seed < count; seed++) {
    yield { name: `${name}, seed ${seed}`, bytes: mutatePart(parts, seededRandom(seed)) };
  }
}
