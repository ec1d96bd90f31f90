import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  compareInventories,
  parseLockfile,
  renderEntry,
  sayChange,
  takeInventory,
} from "../../src/policy/index.js";
import { speedTest } from "../report/example-results.js";

const HEAD = "lockfile-version 1\nattributed-share 1.00\n";
const read = (...lines: string[]) => parseLockfile(HEAD + lines.join("\n"), "lock");
const compare = (before: string[], after: string[]) => compareInventories(read(...before), read(...after));

/** A change as a line: what it is, as it was, as it is. */
const outline = (before: string[], after: string[]) =>
  compare(before, after).map(({ effect, before: was, after: is }) =>
    [effect, was && `- ${renderEntry(was)}`, is && `+ ${renderEntry(is)}`].filter(Boolean).join(" "),
  );

describe("one thing", () => {
  test.each<[string | undefined, string | undefined, "more" | "less" | "other" | "same", string]>([
    [undefined, "third-party a", "more", "a is a new third party"],
    [undefined, "third-party a 2", "more", "a 2 is a new third party"],
    ["third-party a 1", undefined, "less", "a 1 has left"],
    ["third-party a 1", "third-party a 2", "other", "a went from 1 to 2"],
    ["third-party a 1", "third-party a", "other", "a went from 1 to an unknown version"],
    ["third-party a", "third-party a 2", "other", "a went from an unknown version to 2"],
    ["third-party a 1", "third-party a 1", "same", ""],

    [undefined, "permission p likely-by a b", "more", "p is a new permission, likely brought by a, b"],
    [
      undefined,
      "permission p likely-by first-party",
      "more",
      "p is a new permission, likely brought by the app itself",
    ],
    [undefined, "permission p by android", "more", "p is a new permission, added by Android"],
    ["permission p likely-by a", undefined, "less", "p is no longer requested"],
    [
      "permission p until-sdk 28 likely-by a",
      "permission p until-sdk 30 likely-by a",
      "more",
      "p is now requested up to API level 30",
    ],
    [
      "permission p until-sdk 28 likely-by a",
      "permission p likely-by a",
      "more",
      "p is now requested on every device",
    ],
    [
      "permission p likely-by a",
      "permission p until-sdk 30 likely-by a",
      "less",
      "p is now requested up to API level 30",
    ],
    ["permission p likely-by a", "permission p likely-by b", "other", "p is now likely brought by b"],
    [
      "permission p by android",
      "permission p likely-by first-party",
      "other",
      "p is now likely brought by the app itself",
    ],
    ["permission p likely-by a b", "permission p likely-by b a", "same", ""],

    [undefined, "data-access a t t referenced", "more", "a could access t (referenced), which is new"],
    [
      undefined,
      "data-access a t t referenced yields-nothing",
      "more",
      "a has new code for t (referenced), which yields nothing to this build",
    ],
    ["data-access a t t referenced", undefined, "less", "a no longer has code for t"],
    [
      "data-access a t t permitted",
      "data-access a t t referenced",
      "more",
      "a could access t (referenced), where it was permitted",
    ],
    [
      "data-access a t t referenced",
      "data-access a t t permitted",
      "less",
      "a could access t (permitted), where it was referenced",
    ],
    [
      "data-access a t t referenced yields-nothing",
      "data-access a t t referenced",
      "more",
      "a could access t (referenced), where it yielded nothing",
    ],
    [
      "data-access a t t referenced",
      "data-access a t t referenced yields-nothing",
      "less",
      "a's code for t now yields nothing",
    ],
    // Of what yields nothing, how far it would go is no more and no less.
    [
      "data-access a t t permitted yields-nothing",
      "data-access a t t referenced yields-nothing",
      "other",
      "a's code for t is now referenced, and still yields nothing",
    ],
    // It reaches less far, but it was nothing before.
    [
      "data-access a t t referenced yields-nothing",
      "data-access a t t permitted",
      "more",
      "a could access t (permitted), where it yielded nothing",
    ],
    ["data-access a t t referenced", "data-access a t t referenced", "same", ""],

    [undefined, "data-hand-over a t", "more", "a is given t by others' code, which is new"],
    ["data-hand-over a t", undefined, "less", "a is no longer given t by others' code"],
    [undefined, "host a h.example", "more", "a names the host h.example, which is new"],
    ["host a h.example", undefined, "less", "a no longer names the host h.example"],
  ])("%s -> %s: %s", (before, after, effect, sentence) => {
    const changes = compare(before === undefined ? [] : [before], after === undefined ? [] : [after]);
    if (effect === "same") {
      expect(changes).toEqual([]);
      return;
    }
    expect(changes.map((change) => [change.effect, sayChange(change)])).toEqual([[effect, sentence]]);
    const [{ before: was, after: is }] = changes as [(typeof changes)[0]];
    expect([was && renderEntry(was), is && renderEntry(is)]).toEqual([before, after]);
  });
});

test("many: in a lockfile's order, whatever order they came in", () => {
  const before = ["host b h", "third-party a 1", "permission p likely-by a", "data-access a t t referenced"];
  const after = ["data-access b t t referenced", "third-party b", "third-party a 2", "host a h"];
  const expected = [
    "other - third-party a 1 + third-party a 2",
    "more + third-party b",
    "less - permission p likely-by a",
    "less - data-access a t t referenced",
    "more + data-access b t t referenced",
    "more + host a h",
    "less - host b h",
  ];
  expect(outline(before, after)).toEqual(expected);
  expect(outline([...before].reverse(), [...after].reverse())).toEqual(expected);
});

test("a vow that a permission is not for the location: gone is more, made is less", () => {
  const [vowed, free] = ["never-for-location ", ""].map((vow) => read(`permission p ${vow}likely-by a`));
  expect(compareInventories(vowed!, free!).map(({ effect }) => effect)).toEqual(["more"]);
  expect(compareInventories(free!, vowed!).map(({ effect }) => effect)).toEqual(["less"]);
});

describe("laws", () => {
  const line = fc.oneof(
    fc
      .constantFrom("third-party a", "third-party a 1", "third-party a 2")
      .map((text) => ["a", text] as const),
    fc
      .constantFrom(
        "permission p likely-by a",
        "permission p until-sdk 30 likely-by a",
        "permission p likely-by b",
      )
      .map((text) => ["p", text] as const),
    fc
      .constantFrom("permitted", "referenced", "permitted yields-nothing", "referenced yields-nothing")
      .map((rung) => ["t", `data-access a t t ${rung}`] as const),
    fc.constantFrom("1", "2", "3").map((host) => [`h${host}`, `host a ${host}`] as const),
  );
  const build = fc
    .uniqueArray(line, { selector: ([key]) => key, maxLength: 6 })
    .map((lines) => read(...lines.map(([, text]) => text)));

  test("a build differs from itself in nothing", () => {
    fc.assert(
      fc.property(build, (one) => {
        expect(compareInventories(one, one)).toEqual([]);
      }),
    );
    const inventory = takeInventory(speedTest());
    expect(inventory.entries.length).toBeGreaterThan(10);
    expect(compareInventories(inventory, takeInventory(speedTest()))).toEqual([]);
  });

  test("the other way round, more is less and less is more", () => {
    const opposite = { more: "less", less: "more", other: "other" } as const;
    fc.assert(
      fc.property(build, build, (one, other) => {
        const back = compareInventories(other, one).map(({ effect, before, after }) => ({
          effect: opposite[effect],
          ...(after === undefined ? {} : { before: after }),
          ...(before === undefined ? {} : { after: before }),
        }));
        expect(compareInventories(one, other)).toEqual(back);
      }),
    );
  });
});
