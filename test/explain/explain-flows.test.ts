import { expect, test } from "vitest";
import { explain, findSubjects, type Knowledge } from "../../src/explain/index.js";
import { exampleApp, exampleKnowledge, followedApp } from "./example-knowledge.js";

const followed = exampleKnowledge(followedApp());
const HANDED = "data-hand-over/harbor-ads/precise-location";

function explained(text: string, knowledge: Knowledge = followed) {
  const [subject, ...alsoNamed] = findSubjects(text, knowledge);
  return explain(subject!, knowledge, alsoNamed);
}
const idsOf = (text: string) => explained(text).flows?.map(({ id }) => id.replace(/.*\//, ""));

test("flows are those that begin or end in a party's code, of the data, behind the finding", () => {
  expect(idsOf("harbor-ads")).toEqual(["00000001", "00000002"]);
  expect(idsOf("vendor:harbor")).toEqual(["00000001", "00000002"]);
  expect(idsOf("first-party")).toEqual(["00000002"]);
  expect(idsOf("unrecognised:com.acme")).toEqual([]);
  expect(idsOf("data-type:device-ids")).toEqual(["00000001"]);
  expect(idsOf("api:places")).toEqual(["00000002"]);
  expect(idsOf("data-access/harbor-ads/device-ids")).toEqual(["00000001"]);
  expect(idsOf(HANDED)).toEqual(["00000002"]);
  expect(explained("precise-location").flows![0]).toMatchObject({
    sourceName: "com.example.app",
    sinkName: "harbor-ads",
  });
});

test("what is handed over stands by the receiver, the data and the finding of it", () => {
  for (const text of ["harbor-ads", "vendor:harbor", "precise-location", HANDED])
    expect(explained(text).handOvers, text).toHaveLength(1);
  for (const text of ["first-party", "data-type:device-ids", "data-access/harbor-ads/device-ids"])
    expect(explained(text).handOvers, text).toBeUndefined();
});

test("whose calls were not told apart is said of who is asked for", () => {
  expect(explained("harbor-ads").cuts).toEqual([
    { party: "harbor-ads", name: "harbor-ads", calls: 1, methods: 0 },
  ]);
  expect(explained("first-party").cuts).toEqual([]);
  expect(explained("data-access/harbor-ads/device-ids").cuts).toHaveLength(1);
});

test("a hand-over is about a data type, and about no permission", () => {
  const { is, permissions, access, practices } = explained(HANDED);
  expect(is).toMatch(/^harbor-ads: precise-location\. The app's own code, or another third party's/);
  expect([permissions, access]).toEqual([undefined, undefined]);
  expect(practices!.map(({ dataType }) => dataType)).toEqual(["precise-location"]);
  // By the rules alone, too.
  expect(explained(HANDED, exampleKnowledge()).permissions).toBeUndefined();
});

test("an access counts as going on where a flow of it was found, also the app's own", () => {
  const rungs = (explained("precise-location").access ?? []).map(({ party, rung }) => [party, rung]);
  expect(rungs).toContainEqual(["first-party", "flows"]);
  expect(rungs).toContainEqual(["unrecognised:com.acme", "referenced"]);
});

test("where flows were not looked for, nothing is said of them", () => {
  const knowledge = exampleKnowledge(exampleApp());
  for (const text of ["harbor-ads", "precise-location", "data-access/harbor-ads/device-ids"]) {
    const { flows, cuts, app } = explained(text, knowledge);
    expect([flows, cuts, app!.gaps], text).toEqual([undefined, undefined, undefined]);
  }
});
