import { describe, expect, test } from "vitest";
import type { AuditResult } from "../../src/index.js";
import { compareBuilds, type Difference, hasMore } from "../../src/policy/index.js";
import { isFlowChange, isHandOverChange } from "../../src/report/difference-words.js";
import { apkOf, lockOf } from "../report/example-differences.js";
import { following } from "../report/example-flows.js";
import { buildResult } from "../support/result-builder.js";

const tool = { name: "bycatch", version: "1.2.3" };

describe("where data goes, and what is handed over", () => {
  const GIVEN = "precise-location";
  const compareResults = (before: AuditResult, after: AuditResult) =>
    compareBuilds(apkOf(before), apkOf(after), tool);
  const ofWays = (difference: Difference) =>
    Object.fromEntries(
      difference.parties.map(({ id, changes }) => [
        id,
        changes.flatMap((change) =>
          isFlowChange(change)
            ? [
                `${change.effect} ${change.kind} ${change.dataType} ${change.from} ${change.sink} ${change.hosts?.join() ?? ""}`.trim(),
              ]
            : isHandOverChange(change)
              ? [`${change.effect} ${change.kind} ${[...change.dataTypes, ...change.events].join()}`]
              : [],
        ),
      ]),
    );
  const whole = following();
  const without = { ...whole, flows: [], handOvers: [] };

  test("is new with its parties, hosts and both ends; and gone the other way round", () => {
    const difference = compareResults(without, whole);
    expect(ofWays(difference)).toEqual({
      "harbor-ads": ["more flow-gained device-or-other-ids harbor-ads network bid.harbor.example,unknown"],
      mast: ["more flow-gained installed-apps harbor-ads log"],
      plankton: [
        "more flow-gained precise-location first-party network in.plankton.example",
        `more newly-handed app-interactions,${GIVEN},login,purchase`,
      ],
      "first-party": ["more flow-gained precise-location first-party log"],
    });
    expect(hasMore(difference)).toBe(true);
    const [flow] = difference.parties.find(({ id }) => id === "mast")!.changes;
    expect(flow).toMatchObject({
      flow: "passed-on",
      fromName: "Harbor Publisher Services",
      evidence: [{ caller: "Lcom/harbor/ads/Rivals$1;->run()V" }, { caller: "Lcom/mast/Log;->put()V" }],
    });
    const back = compareResults(whole, without);
    expect(ofWays(back).mast).toEqual(["less flow-lost installed-apps harbor-ads log"]);
    expect(hasMore(back)).toBe(false);
  });

  test("another host is a change of its own; what yields nothing goes nowhere", () => {
    const [first, ...others] = whole.flows!;
    const old = { ...first!, sink: { ...first!.sink, hosts: ["old.harbor.example", "unknown"] } };
    // Of Plankton's IMEI nothing is left in this app.
    const before = { ...whole, flows: [old, ...others.filter(({ yields }) => yields !== "imei-meid")] };
    expect(ofWays(compareResults(before, whole))).toEqual({
      "harbor-ads": [
        "more flow-gained device-or-other-ids harbor-ads network bid.harbor.example",
        "less flow-lost device-or-other-ids harbor-ads network old.harbor.example",
      ],
    });
  });

  test("what was not read may hold it", () => {
    const { coverage, diagnostics } = buildResult({
      parties: whole.parties,
      diagnostics: [{ effect: "unread", code: "truncated", part: "classes9.dex", message: "classes9.dex" }],
    });
    const after = { ...without, coverage, diagnostics };
    const changes = compareResults(whole, after).parties.flatMap((one) => one.changes);
    expect(changes.filter(isFlowChange).map(({ mayBeIn }) => mayBeIn)).toEqual(Array(4).fill("after"));
  });

  test("is compared only of sides that were looked at for it", () => {
    const { flows: _, flowCoverage: __, ...reached } = { ...whole, depth: "reachable" as const };
    const difference = compareResults({ ...reached, handOvers: [] }, whole);
    // What is passed is known by following values; what a method means is known without.
    expect(ofWays(difference)).toEqual({ plankton: ["more newly-handed app-interactions,login,purchase"] });
    expect(difference.caveats.map(({ kind }) => kind)).toEqual(["other-depth"]);
    expect(ofWays(compareBuilds(lockOf(whole), apkOf(whole), tool))).toEqual({});
    // Of flows and calls a lockfile has but what findings say that a party is handed over.
    const agreed = lockOf({ ...without, findings: [] });
    expect(ofWays(compareBuilds(agreed, apkOf(whole), tool))).toMatchObject({
      mast: ["more newly-handed installed-apps"],
      plankton: [`more newly-handed ${GIVEN}`],
    });
    expect(
      ofWays(compareResults({ ...reached, depth: "permitted", handOvers: [] }, whole)).plankton ?? [],
    ).toEqual([]);
  });
});
