import { describe, expect, test } from "vitest";
import { evaluatePolicy, proposePolicy } from "../../src/policy/index.js";
import { joinPolicies, parsePolicy } from "../../src/policy/parse-policy.js";
import { hostileText } from "../support/hostile-text.js";
import {
  access,
  buildResult,
  party,
  permissionFinding,
  type ResultParts,
} from "../support/result-builder.js";

const reads = (owner: string, dataType: string, caller = "La/B;->c()V") =>
  access(owner, dataType, "Landroid/x/Y;->z()V", caller);

const unrecognised = (name: string) => party(`unrecognised:${name}`, name, { kind: "unrecognised" });

/** What a proposal says, and what it says of the build that it was made from. */
async function propose(parts: ResultParts) {
  const result = buildResult(parts);
  const { text, notes } = proposePolicy(result);
  const file = await parsePolicy(text, "bycatch.policy.yaml", () => false);
  const policy = joinPolicies([file], { has: () => true, suggest: () => [] });
  const checks = evaluatePolicy(policy, result);
  return { text, notes, rules: policy.rules, outcomes: [...new Set(checks.map(({ outcome }) => outcome))] };
}

describe("a build passes what is proposed of it", () => {
  test.each([
    "com.\u00e9vil.tracker",
    "com.\ud83d\ude00",
    "com.\ud800.half",
    "com.x: y",
    "com.x #y",
    "com.'x\"",
    "com.x\n  - id: evil",
    "com.\u202e\u0085\u2028\x7f\0",
    "true",
    hostileText,
  ])("a third party of the name %j", async (name) => {
    const id = `unrecognised:${name}`;
    const { text, rules, outcomes } = await propose({
      app: { packageName: name },
      parties: [unrecognised(name), party("sdk", "SDK", { category: "data-broker" })],
      accesses: [reads(id, "contacts"), reads(id, "photos")],
    });
    expect(outcomes).toEqual(["pass"]);
    expect(rules.find((rule) => rule.id === "only-known-contacts")!.unless).toEqual({ sdk: [id] });
    expect(text).toMatch(/^[\x20-\x7e\n]+$/);
  });
});

test("an app without third parties: all of it begins as nobody's", async () => {
  const { rules, notes, outcomes, text } = await propose({});
  expect(rules.map(({ id }) => id)).toEqual(["no-data-broker", "nothing-new-is-read", "known-third-parties"]);
  expect(rules[1]!.deny!["data-type"]).toContain("contacts");
  expect([notes, outcomes]).toEqual([[], ["pass"]]);
  expect(text).not.toContain("unless");
});

test("several readers of a data type are each named once, and nobody who reads another", async () => {
  const { rules, notes } = await propose({
    parties: [party("gull", "Gull"), party("mast", "Mast"), party("pike", "Pike")],
    accesses: [
      reads("mast", "contacts"),
      reads("gull", "contacts"),
      reads("gull", "contacts", "La/C;->d()V"),
      reads("pike", "photos"),
    ],
  });
  expect(rules.find(({ id }) => id === "only-known-contacts")!.unless).toEqual({ sdk: ["gull", "mast"] });
  expect(rules.find(({ id }) => id === "only-known-photos")!.unless).toEqual({ sdk: ["pike"] });
  expect(rules.find(({ id }) => id === "nothing-new-is-read")!.deny!["data-type"]).not.toContain("contacts");
  expect(notes).toEqual([
    "Could access contacts, and may go on: gull, mast.",
    "Could access photos, and may go on: pike.",
  ]);
});

test("data brokers, unknown parties, permissions of third parties alone, and code that is nobody's are worth a thought", async () => {
  const { rules, notes, outcomes } = await propose({
    parties: [
      party("harbor", "Harbor", { category: "data-broker" }),
      unrecognised("com.acme"),
      party("unattributed", "unattributed", { kind: "unattributed", classes: 7 }),
    ],
    findings: [permissionFinding("piggy-back-permission", "android.permission.CAMERA", "harbor")],
  });
  expect(rules.find(({ id }) => id === "no-data-broker")!.unless).toEqual({ sdk: ["harbor"] });
  expect(rules.find(({ id }) => id === "known-third-parties")).toMatchObject({
    unless: { sdk: ["unrecognised:com.acme"] },
    severity: "warning",
  });
  expect(notes).toEqual([
    "A data broker is in the build, and is let through: harbor.",
    "Only third parties use android.permission.CAMERA: does the app need it?",
    "No rule knows unrecognised:com.acme: find out what they are.",
    "7 classes could be given to nobody; with the build's mapping.txt (--mapping) more is seen.",
  ]);
  expect(outcomes).not.toContain("fail");
});

test("a switch that is not off stands as a comment, which is a rule once the # is away", async () => {
  const one = { metaData: "com.gull.OFF", off: "true", effect: "Nothing is recorded: at all.\n- id: evil" };
  const { text, rules, outcomes } = await propose({
    parties: [
      party("gull", "Gull", { switches: [one, { ...one, metaData: "com.gull.ADS_OFF", value: "true" }] }),
    ],
  });
  expect(rules).toHaveLength(3);
  expect(outcomes).toEqual(["pass"]);
  expect(text).not.toContain("ADS_OFF");
  expect(text).toContain('  # "Nothing is recorded: at all.\\n- id: evil"\n');
  const opened = text.replace(/^ {2}# (- id: .*)\n {2}# /m, "  $1\n  ");
  const file = await parsePolicy(opened, "p.yaml", () => false);
  expect(file.value.rules!.at(-1)).toEqual({
    id: "gull-switched-off-com-gull-off",
    require: { sdk: "gull", "switched-off": "com.gull.OFF" },
  });
});
