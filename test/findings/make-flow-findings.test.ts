import { expect, test } from "vitest";
import { flowsFrom, nameFlows } from "../../src/findings/make-flow-findings.js";
import { following } from "../report/example-flows.js";

const flows = following().flows!;

test("flows of a party's own reading count, of which something is left", () => {
  const idsOf = (party: string, dataType: string) => flowsFrom(flows, party, dataType).map(({ id }) => id);
  expect(idsOf("harbor-ads", "device-or-other-ids")).toEqual([flows[0]!.id]);
  // What others read and give it is no reading of its own.
  expect(idsOf("plankton", "precise-location")).toEqual([]);
  // What stands before it leaves nothing.
  expect(idsOf("plankton", "device-or-other-ids")).toEqual([]);
});

test("a finding names 20 flows, and counts the others", () => {
  const many = Array.from({ length: 23 }, (_, at) => ({ ...flows[0]!, id: `flow/${at}` }));
  expect(nameFlows(many.slice(0, 20))).toEqual({ flows: many.slice(0, 20).map(({ id }) => id) });
  expect(nameFlows(many)).toEqual({ flows: many.slice(0, 20).map(({ id }) => id), flowsOmitted: 3 });
});
