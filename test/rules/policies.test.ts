import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { evaluatePolicy, type Policy } from "../../src/policy/index.js";
import { joinPolicies, parsePolicy } from "../../src/policy/parse-policy.js";
import { RuleNames } from "../../src/policy/rule-names.js";
import { RuleIndex } from "../../src/ruleset/index.js";
import { loadRuleset } from "../../src/ruleset/load-ruleset.js";
import {
  access,
  buildResult,
  missingPermission,
  party,
  permission,
  permissionFinding,
  type ResultParts,
} from "../support/result-builder.js";

const folder = fileURLToPath(new URL("../../rules/", import.meta.url));
const names = new RuleNames(new RuleIndex(loadRuleset([folder])));

const files = readdirSync(`${folder}policies`).filter((name) => name.endsWith(".yaml"));

async function load(file: string): Promise<Policy> {
  const path = `rules/policies/${file}`;
  return joinPolicies(
    [await parsePolicy(readFileSync(`${folder}policies/${file}`, "utf8"), path, () => false)],
    names,
  );
}

const FINE = "android.permission.ACCESS_FINE_LOCATION";
const AD_ID = "com.google.android.gms.permission.AD_ID";

/** A build with one third party in it that reads a data type. */
const reads = (dataType: string, owner = "acme", more: Parameters<typeof access>[4] = {}): ResultParts => ({
  parties: [party("acme", "Acme"), party("first-party", "x", { kind: "first-party" })],
  accesses: [access(owner, dataType, "Landroid/x/Y;->z()V", "La/B;->c()V", more)],
});
const of = (category: string): ResultParts => ({ parties: [party("acme", "Acme", { category })] });
const asks = (name: string): ResultParts => ({ permissions: [permission(name)] });
const adId = [asks(AD_ID), asks("android.permission.AD_SERVICES_CONFIG")] as const;
const location = [reads("precise-location"), reads("contacts")] as const;
const askingLocation = [asks(FINE), asks("android.permission.CAMERA")] as const;
const nothing: ResultParts = {};

/** For each rule that ships a build that fails it, or is warned, and a like one that does not. */
const builds: Readonly<Record<string, readonly [bad: ResultParts, good: ResultParts]>> = {
  "children-no-advertising-id": adId,
  "children-no-location-permission": askingLocation,
  "children-no-identifiers": [
    reads("device-or-other-ids", "acme", { yields: "imei-meid" }),
    reads("device-or-other-ids", "acme", { yields: "app-set-id" }),
  ],
  "children-no-location": location,
  "children-no-personal-data": [reads("installed-apps"), reads("crash-logs")],
  "children-no-data-broker": [of("data-broker"), of("analytics")],
  "children-no-recording-of-sessions": [of("session-replay"), of("crash-reporting")],
  "children-advertising": [of("ad-mediation"), of("analytics")],
  "health-no-health-data": [reads("health-info"), reads("fitness-info", "first-party")],
  "health-no-advertising": [of("attribution"), of("maps")],
  "health-no-data-broker": [of("data-broker"), nothing],
  "health-no-recording-of-sessions": [of("session-replay"), of("utility")],
  "health-no-advertising-id": adId,
  "health-no-location": location,
  "health-analytics": [of("push-engagement"), of("identity")],
  "no-location-permission": askingLocation,
  "no-location-access": [
    reads("approximate-location", "first-party"),
    reads("precise-location", "acme", { limits: [missingPermission(FINE)] }),
  ],
  "no-location-in-waiting": [
    { ...of("analytics"), findings: [permissionFinding("missing-permission", FINE, "acme")] },
    {
      ...of("analytics"),
      findings: [permissionFinding("missing-permission", "android.permission.CAMERA", "acme")],
    },
  ],
};

test("policies ship, each named as it is after what it is for", () => {
  expect(files).toEqual(["children.yaml", "health.yaml", "no-location.yaml"]);
});

describe.each(files)("%s", async (file) => {
  const policy = await load(file);

  test("has no exceptions, and tells of each rule what it asks and why", () => {
    expect(policy.exceptions).toEqual([]);
    for (const { id, title, because } of policy.rules) expect([title, because], id).not.toContain(undefined);
    const prefix = file.replace(".yaml", "");
    // Whoever builds on several must be able to name each rule.
    for (const { id } of policy.rules) expect(id).toMatch(new RegExp(`^${prefix}-`));
  });

  test("an app in which there is nothing passes", () => {
    const checks = evaluatePolicy(policy, buildResult());
    expect(checks.filter(({ outcome, problems }) => outcome !== "pass" || problems.length > 0)).toEqual([]);
  });

  test.each(policy.rules.map(({ id }) => id))("%s: a build that has it, and one that has not", (id) => {
    const judge = (parts: ResultParts) => {
      const check = evaluatePolicy(policy, buildResult(parts)).find((one) => one.id === id)!;
      return check.problems.filter(({ severity }) => severity !== "note");
    };
    const severity = policy.rules.find((one) => one.id === id)!.severity ?? "error";
    const [bad, good] = builds[id]!;
    expect(judge(bad)).toMatchObject([{ severity }]);
    expect(judge(good)).toEqual([]);
  });
});

test("no build is written for a rule that does not ship", async () => {
  const ids = (await Promise.all(files.map(load))).flatMap(({ rules }) => rules.map(({ id }) => id));
  expect(Object.keys(builds).sort()).toEqual(ids.sort());
});
