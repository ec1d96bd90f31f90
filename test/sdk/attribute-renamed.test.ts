import fc from "fast-check";
import { expect, test } from "vitest";
import { IntList } from "../../src/program/int-list.js";
import { attributeRenamed } from "../../src/sdk/attribute-renamed.js";

/** The first party, whose use of a class says nothing; two SDKs. */
const [APP, ADS, MAPS] = [0, 1, 2];

/** Owners of renamed classes by name: `ads`, `maps`, or nobody. */
function attribute(
  edges: readonly (readonly [from: string, to: string])[],
  seeds: Readonly<Record<string, number>> = {},
): Record<string, string> {
  const named: Readonly<Record<string, number>> = { APP, ADS, MAPS, ADS2: ADS };
  const names = [...new Set([...Object.keys(named), ...edges.flat()])];
  const numberOf = (name: string) => names.indexOf(name);
  const graph = { from: new IntList(), to: new IntList() };
  for (const [from, to] of edges) {
    graph.from.push(numberOf(from));
    graph.to.push(numberOf(to));
  }
  const partyOf = Int32Array.from(names, (name) => named[name] ?? -1);
  const seedOf = new Map(Object.entries(seeds).map(([name, party]) => [numberOf(name), party]));
  const owners = attributeRenamed(partyOf, (party) => party === APP, seedOf, graph);
  return Object.fromEntries(
    names
      .filter((name) => !(name in named))
      .map((name) => [name, ["app", "ads", "maps"][owners[numberOf(name)]!] ?? "nobody"]),
  );
}

test.each([
  ["what one SDK alone refers to", [["ADS", "a"]], {}, { a: "ads" }],
  [
    "through other renamed classes",
    [
      ["ADS", "a"],
      ["a", "b"],
      ["b", "c"],
    ],
    {},
    { a: "ads", b: "ads", c: "ads" },
  ],
  [
    "from two places of one SDK",
    [
      ["ADS", "a"],
      ["ADS2", "a"],
    ],
    {},
    { a: "ads" },
  ],
  [
    "what two SDKs refer to",
    [
      ["ADS", "a"],
      ["MAPS", "a"],
      ["a", "b"],
    ],
    {},
    { a: "nobody", b: "nobody" },
  ],
  [
    "what the first party refers to",
    [
      ["APP", "a"],
      ["a", "b"],
    ],
    {},
    { a: "nobody", b: "nobody" },
  ],
  [
    "what the first party and an SDK refer to",
    [
      ["APP", "a"],
      ["ADS", "a"],
    ],
    {},
    { a: "nobody" },
  ],
  [
    "what nothing refers to, and what that refers to",
    [
      ["a", "b"],
      ["ADS", "b"],
    ],
    {},
    { a: "nobody", b: "nobody" },
  ],
  [
    "a circle that nothing refers to",
    [
      ["a", "b"],
      ["b", "a"],
    ],
    {},
    { a: "nobody", b: "nobody" },
  ],
  [
    "a circle with a class that kept its name",
    [
      ["APP", "a"],
      ["a", "ADS"],
      ["ADS", "a"],
    ],
    {},
    { a: "ads" },
  ],
  [
    "a class that refers to one that kept its name",
    [
      ["APP", "a"],
      ["a", "ADS"],
    ],
    {},
    { a: "nobody" },
  ],
  [
    "a circle with a seed",
    [
      ["APP", "a"],
      ["a", "b"],
      ["b", "a"],
    ],
    { b: ADS },
    { a: "ads", b: "ads" },
  ],
  [
    "a circle with two SDKs' seeds",
    [
      ["a", "b"],
      ["b", "a"],
    ],
    { a: ADS, b: MAPS },
    { a: "ads", b: "maps" },
  ],
  [
    "a circle with the first party and an SDK",
    [
      ["APP", "a"],
      ["a", "APP"],
      ["a", "ADS"],
      ["ADS", "a"],
    ],
    {},
    { a: "nobody" },
  ],
  [
    "a circle with the first party alone",
    [
      ["APP", "a"],
      ["a", "APP"],
    ],
    {},
    { a: "nobody" },
  ],
  [
    "a circle with a seed that the app calls and that calls the app",
    [
      ["APP", "a"],
      ["a", "b"],
      ["b", "a"],
      ["a", "APP"],
    ],
    { b: ADS },
    { a: "nobody", b: "ads" },
  ],
  [
    "a seed that refers to the first party",
    [
      ["APP", "a"],
      ["a", "APP"],
      ["a", "b"],
      ["b", "a"],
    ],
    { a: ADS },
    { a: "nobody", b: "nobody" },
  ],
  [
    "what an SDK alone refers to, and refers to the first party",
    [
      ["ADS", "a"],
      ["a", "APP"],
      ["a", "b"],
    ],
    {},
    { a: "nobody", b: "nobody" },
  ],
  [
    "an app's circle that the optimizer joined with an SDK",
    [
      ["APP", "x"],
      ["ADS", "x"],
      ["x", "ADS"],
      ["x", "APP"],
      ["x", "y"],
      ["y", "x"],
      ["APP", "y"],
    ],
    {},
    { x: "nobody", y: "nobody" },
  ],
  [
    "a seed, whoever refers to it",
    [
      ["MAPS", "a"],
      ["a", "b"],
    ],
    { a: ADS },
    { a: "ads", b: "ads" },
  ],
  [
    "what a seed and another refer to",
    [
      ["MAPS", "b"],
      ["a", "b"],
    ],
    { a: ADS },
    { a: "ads", b: "nobody" },
  ],
] as const)("%s", (_, edges, seeds, expected) => {
  expect(attribute(edges, seeds)).toEqual(expected);
});

test("the order of the edges tells nothing, and a class given to an SDK is reached from it or in a circle with it", () => {
  const name = fc.constantFrom("APP", "ADS", "MAPS", "a", "b", "c", "d", "e");
  fc.assert(
    fc.property(fc.array(fc.tuple(name, name), { maxLength: 25 }), (edges) => {
      const owners = attribute(edges);
      expect(attribute([...edges].reverse())).toEqual(expect.objectContaining(owners));
      for (const [renamed, owner] of Object.entries(owners)) {
        if (owner === "nobody") continue;
        expect(
          edges.some(([from, to]) => from === renamed && to === "APP"),
          renamed,
        ).toBe(false);
        expect(reaches(edges, owner.toUpperCase(), renamed), renamed).toBe(true);
        // Nobody else comes to it but through what is the owner's.
        const direct = edges.filter(([from, to]) => to === renamed && from !== renamed).map(([from]) => from);
        const inCircle = reaches(edges, renamed, owner.toUpperCase());
        if (!inCircle)
          for (const from of direct) expect([owner, owner.toUpperCase()]).toContain(owners[from] ?? from);
      }
    }),
  );
});

function reaches(edges: readonly (readonly [string, string])[], start: string, end: string): boolean {
  const seen = new Set([start]);
  for (let grown = true; grown; ) {
    grown = false;
    for (const [from, to] of edges) {
      if (!seen.has(from) || seen.has(to)) continue;
      seen.add(to);
      grown = true;
    }
  }
  return seen.has(end);
}

test("a line of a hundred thousand classes needs no stack, and takes no time to speak of", () => {
  const size = 100_000;
  const graph = { from: new IntList(), to: new IntList() };
  for (let number = 0; number + 1 < size; number++) {
    graph.from.push(number);
    graph.to.push(number + 1);
  }
  const partyOf = new Int32Array(size).fill(-1);
  partyOf[0] = ADS;
  const owners = attributeRenamed(partyOf, () => false, new Map(), graph);
  expect(owners.every((owner) => owner === ADS)).toBe(true);
});
