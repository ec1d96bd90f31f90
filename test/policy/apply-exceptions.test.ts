import { describe, expect, test } from "vitest";
import { applyExceptions, type CheckResult, evaluatePolicy, type Policy } from "../../src/policy/index.js";
import { buildResult, party, permissionFinding, type ResultParts } from "../support/result-builder.js";
import { outline, policyOf, unread, type WrittenRule } from "./written-policy.js";

type Exception = Omit<Policy["exceptions"][number], "place">;

const build: ResultParts = {
  parties: [
    party("tide-ads", "Tide Ads", { category: "advertising" }),
    party("gull", "Gull", { category: "advertising" }),
    party("mast", "Mast", { category: "advertising", confidence: "possible" }),
  ],
};
const noAds: WrittenRule = { deny: { category: "advertising" } };
const agreed = { rule: "a", because: "It pays for the app.", owner: "ads team" };

/** What the policy's checks say on a day, with that of the exceptions last. */
function judge(
  rule: WrittenRule,
  exceptions: readonly Exception[],
  parts = build,
  today = "2026-06-30",
  soon?: string,
) {
  const policy = policyOf([rule], exceptions);
  const result = buildResult(parts);
  return applyExceptions(evaluatePolicy(policy, result), policy, result, {
    today,
    ...(soon === undefined ? {} : { soon }),
  });
}

const excepted = ({ excepted }: CheckResult) => excepted.map(({ id }) => id);

test("without exceptions nothing changes, and there is no check of them", () => {
  const result = buildResult(build);
  const policy = policyOf([noAds]);
  expect(applyExceptions(evaluatePolicy(policy, result), policy, result, { today: "2026-01-01" })).toEqual(
    evaluatePolicy(policy, result),
  );
});

describe("an exception", () => {
  test("without an end is from all of its rule, and stays to be seen", () => {
    const [check, exceptions] = judge(noAds, [agreed]);
    expect(outline(check!)).toEqual(["pass"]);
    expect(check!.excepted).toMatchObject([
      {
        id: "a/party/gull",
        severity: "error",
        exception: { because: "It pays for the app.", owner: "ads team" },
      },
      { id: "a/party/tide-ads" },
      { id: "a/party/mast", severity: "note" },
    ]);
    expect(check!.excepted[0]!.exception).not.toHaveProperty("until");
    expect(outline(exceptions!)).toEqual(["pass"]);
  });

  test.each([
    ["the day before", "2026-06-29"],
    ["the last day", "2026-06-30"],
  ])("counts on %s", (_, today) => {
    const [check, exceptions] = judge(noAds, [{ ...agreed, until: "2026-06-30" }], build, today);
    expect([check!.outcome, exceptions!.outcome]).toEqual(["pass", "pass"]);
  });

  test("does not count on the day after: what it was for counts again, and says whose it was", () => {
    const [check, exceptions] = judge(noAds, [{ ...agreed, until: "2026-06-30" }], build, "2026-07-01");
    expect(outline(check!)).toEqual([
      "fail",
      "error a/party/gull",
      "error a/party/tide-ads",
      "note a/party/mast",
    ]);
    expect(check!.problems[0]!.exception).toEqual({
      because: "It pays for the app.",
      owner: "ads team",
      until: "2026-06-30",
    });
    expect(exceptions).toMatchObject({ id: "exceptions", kind: "exceptions", outcome: "fail" });
    expect(exceptions!.problems).toMatchObject([
      {
        id: "exceptions/a/1",
        severity: "error",
        message:
          "the exception of ads team from a ended on 2026-06-30 (p.yaml:13), and what it was for is still there: Gull is in the build; Tide Ads is in the build",
      },
    ]);
  });

  test("for a part of a rule leaves the rest", () => {
    const [check] = judge(noAds, [{ ...agreed, for: { sdk: "gull" } }]);
    expect(outline(check!)).toEqual(["fail", "error a/party/tide-ads", "note a/party/mast"]);
    expect(excepted(check!)).toEqual(["a/party/gull"]);
  });

  test("from another rule leaves this one", () => {
    const policy = policyOf([noAds, { deny: { sdk: "gull" } }], [{ ...agreed, rule: "b" }]);
    const result = buildResult(build);
    const [a, b] = applyExceptions(evaluatePolicy(policy, result), policy, result, { today: "2026-01-01" });
    expect([a!.outcome, b!.outcome]).toEqual(["fail", "pass"]);
  });

  test("of something missing is from the whole rule only", () => {
    const required: WrittenRule = { require: { category: "consent-management" } };
    expect(judge(required, [agreed])[0]!.outcome).toBe("pass");
    expect(judge(required, [{ ...agreed, for: { sdk: "gull" } }])[0]!.outcome).toBe("fail");
  });

  test("of a warning counts as one when it has ended: the build does not fail of a day", () => {
    const [check, exceptions] = judge({ ...noAds, severity: "warning" }, [
      { ...agreed, until: "2026-01-01" },
    ]);
    expect(outline(check!)[0]).toBe("pass");
    expect(outline(exceptions!)).toEqual(["pass", "warning exceptions/a/1"]);
  });
});

describe("an exception that ends soon", () => {
  const until = (day: string, parts: Partial<Exception> = {}) => ({ ...agreed, until: day, ...parts });
  const told = (exceptions: readonly Exception[], rule = noAds) =>
    outline(judge(rule, exceptions, build, "2026-06-30", "2026-07-14").at(-1)!);

  test("is told before it does, and fails nothing", () => {
    const [check, exceptions] = judge(noAds, [until("2026-07-14")], build, "2026-06-30", "2026-07-14");
    expect([check!.outcome, exceptions!.outcome]).toEqual(["pass", "pass"]);
    expect(exceptions!.problems).toMatchObject([
      { severity: "warning", message: "the exception of ads team from a ends on 2026-07-14 (p.yaml:13)" },
    ]);
  });

  test("is not told before that, nor where nobody says what is soon", () => {
    expect(told([until("2026-07-15")])).toEqual(["pass"]);
    expect(outline(judge(noAds, [until("2026-07-01")])[1]!)).toEqual(["pass"]);
  });

  test("is not told where another goes on, or where it is for what is only told", () => {
    expect(told([until("2026-07-01"), until("2026-12-31")])).toEqual(["pass"]);
    expect(told([until("2026-07-01"), until("2026-12-31", { for: { sdk: "gull" } })])).toEqual([
      "pass",
      "warning exceptions/a/1",
    ]);
    expect(told([until("2026-07-01")], { ...noAds, severity: "note" })).toEqual(["pass"]);
  });
});

describe("several exceptions of one thing", () => {
  const ended = { ...agreed, until: "2026-01-01" };
  const valid = { ...agreed, owner: "legal", until: "2026-12-31" };

  test.each([
    ["before", [ended, valid], 1],
    ["behind", [valid, ended], 2],
  ])("one that goes on counts, an ended one %s it only asks to be removed", (_, exceptions, number) => {
    const [check, ofExceptions] = judge(noAds, exceptions);
    expect(check!.outcome).toBe("pass");
    expect(check!.excepted.map(({ exception }) => exception!.owner)).toEqual(["legal", "legal", "legal"]);
    expect(outline(ofExceptions!)).toEqual(["pass", `warning exceptions/a/${number}`]);
    expect(ofExceptions!.problems[0]!.message).toContain("ended on 2026-01-01, and is not needed any more");
  });

  test("one that goes on for a part leaves the ended one's rest", () => {
    const [check, ofExceptions] = judge(noAds, [ended, { ...valid, for: { sdk: "gull" } }]);
    expect(outline(check!)).toEqual(["fail", "error a/party/tide-ads", "note a/party/mast"]);
    expect(outline(ofExceptions!)).toEqual(["fail", "error exceptions/a/1"]);
    expect(ofExceptions!.problems[0]!.message).not.toContain("Gull");
  });
});

describe("an exception that is for nothing", () => {
  const other = { ...agreed, for: { sdk: "pike" } };

  test("is told, and fails nothing", () => {
    const [, exceptions] = judge(noAds, [other]);
    expect(outline(exceptions!)).toEqual(["pass", "warning exceptions/a/1"]);
    expect(exceptions!.problems[0]).toMatchObject({
      message: "the exception of ads team from a (p.yaml:13) is for nothing in this build",
      fix: "Remove it.",
    });
    expect(outline(judge(noAds, [{ ...other, until: "2026-01-01" }])[1]!)).toEqual([
      "pass",
      "warning exceptions/a/1",
    ]);
  });

  test("is not told where what it is for may be in what was not read", () => {
    expect(outline(judge(noAds, [other], { ...build, diagnostics: [unread] })[1]!)).toEqual(["pass"]);
  });

  test("is not told where its rule was not asked: without a Data safety form", () => {
    expect(judge(noAds, [{ ...agreed, rule: "data-safety" }]).map(({ id }) => id)).toEqual(["a"]);
  });
});

describe("of a finding about several permissions", () => {
  const [fine, coarse] = ["ACCESS_FINE_LOCATION", "ACCESS_COARSE_LOCATION"];
  const names = `android.permission.${fine} android.permission.${coarse}`;
  const parts = { ...build, findings: [permissionFinding("missing-permission", names, "gull")] };
  const deny = { finding: "missing-permission" } as const;

  test.each([
    ["the first", fine, "fail"],
    ["the second", coarse, "fail"],
    ["each", [fine, coarse], "pass"],
  ])("who names %s", (_, permission, outcome) => {
    expect(judge({ deny, unless: { permission } }, [], parts)[0]!.outcome).toBe(outcome);
    expect(judge({ deny }, [{ ...agreed, for: { permission } }], parts)[0]!.outcome).toBe(outcome);
  });
});

test("exceptions from the Data safety form", () => {
  const problem = {
    id: "data-safety/gull/contacts",
    severity: "error",
    message: "…",
    party: "gull",
    findings: [],
    evidence: [],
  } as const;
  const check: CheckResult = {
    id: "data-safety",
    kind: "data-safety",
    title: "The form says what the app does",
    outcome: "fail",
    problems: [problem, { ...problem, id: "data-safety/tide-ads/contacts", party: "tide-ads" }],
    excepted: [],
  };
  const policy = policyOf([], [{ ...agreed, rule: "data-safety", for: { sdk: "gull" } }]);
  const [judged] = applyExceptions([check], policy, buildResult(build), { today: "2026-01-01" });
  expect(outline(judged!)).toEqual(["fail", "error data-safety/tide-ads/contacts"]);
  expect(excepted(judged!)).toEqual(["data-safety/gull/contacts"]);
});

describe("what was not seen stays unknown when all that was seen is agreed to", () => {
  test.each<[string, WrittenRule, ResultParts]>([
    ["a part was not read", noAds, { ...build, diagnostics: [unread] }],
    [
      "code was not looked at",
      { deny: { permission: "CAMERA", party: "third-party" } },
      {
        ...build,
        depth: "permitted",
        permissions: [
          {
            name: "android.permission.CAMERA",
            protection: "dangerous",
            declaredBy: [{ party: "gull", confidence: "likely" }],
            usedBy: [],
          },
        ],
      },
    ],
  ])("%s", (_, rule, parts) => {
    expect(judge(rule, [], parts)[0]!.outcome).toBe("fail");
    expect(judge(rule, [{ ...agreed, for: { sdk: ["gull", "tide-ads"] } }], parts)[0]!.outcome).toBe(
      "unknown",
    );
  });

  test("of a warning, which fails nothing, too", () => {
    const warned: WrittenRule = { ...noAds, severity: "warning" };
    const parts = { ...build, diagnostics: [unread] };
    expect(judge(warned, [], parts)[0]!.outcome).toBe("unknown");
    expect(outline(judge(warned, [agreed], parts)[0]!)).toEqual(["unknown"]);
  });

  test("a requirement that is met stays met", () => {
    const parts = { ...build, diagnostics: [unread] };
    expect(judge({ require: { sdk: "gull" } }, [agreed], parts)[0]!.outcome).toBe("pass");
  });
});
