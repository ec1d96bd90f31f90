import { describe, expect, test } from "vitest";
import { checkLockfile, parseLockfile, renderLockfile, takeInventory } from "../../src/policy/index.js";
import {
  access,
  buildResult,
  givenTo,
  missingPermission,
  party,
  permission,
  type ResultParts,
} from "../support/result-builder.js";
import { outline, unread } from "./written-policy.js";

const reads = (owner: string, dataType: string, parts: Parameters<typeof access>[4] = {}) =>
  access(owner, dataType, "Landroid/x/Y;->z()V", "La/B;->c()V", parts);

const agreed: ResultParts = {
  parties: [party("gull", "Gull", { version: "1.0" })],
  accesses: [reads("gull", "contacts")],
  permissions: [permission("android.permission.READ_CONTACTS", { maxSdkVersion: 30 })],
  hosts: [{ party: "gull", host: "gull.example", sites: 1, urls: [], evidence: [] }],
};

/** Checks a build against the lockfile of another, as it would be read from disk. */
function check(now: ResultParts, before: ResultParts = agreed, change = (text: string) => text) {
  const text = change(renderLockfile(takeInventory(buildResult(before))));
  return checkLockfile(parseLockfile(text, "bycatch.lock"), "bycatch.lock", buildResult(now));
}

test("the build that it was written of passes, and nothing is told", () => {
  expect(check(agreed)).toEqual({
    id: "lockfile",
    kind: "lockfile",
    title: "Nothing rides along that bycatch.lock does not have",
    place: { file: "bycatch.lock", line: 1 },
    outcome: "pass",
    problems: [],
    excepted: [],
  });
});

describe("more than it allows fails, with the lines, the sentence and the evidence", () => {
  test.each<[string, ResultParts, string, string, { before?: string; after?: string }]>([
    [
      "a third party",
      { parties: [...agreed.parties!, party("mast", "Mast", { version: "2.1" })] },
      "lockfile/third-party/mast",
      "mast 2.1 is a new third party: Mast",
      { after: "third-party mast 2.1" },
    ],
    [
      "a permission",
      {
        permissions: [
          ...agreed.permissions!,
          permission("android.permission.CAMERA", { declaredBy: [{ party: "gull", confidence: "likely" }] }),
        ],
      },
      "lockfile/permission/android.permission.CAMERA",
      "android.permission.CAMERA is a new permission, likely brought by gull",
      { after: "permission android.permission.CAMERA likely-by gull" },
    ],
    [
      "a permission for longer",
      { permissions: [permission("android.permission.READ_CONTACTS")] },
      "lockfile/permission/android.permission.READ_CONTACTS",
      "android.permission.READ_CONTACTS is now requested on every device",
      {
        before: "permission android.permission.READ_CONTACTS until-sdk 30 likely-by first-party",
        after: "permission android.permission.READ_CONTACTS likely-by first-party",
      },
    ],
    [
      "a data type",
      { accesses: [...agreed.accesses!, reads("gull", "photos")] },
      "lockfile/data-access/gull/photos/photos",
      "gull could access photos (referenced), which is new",
      { after: "data-access gull photos photos referenced" },
    ],
    [
      "a host",
      {
        hosts: [
          ...agreed.hosts!,
          {
            party: "gull",
            host: "t.gull.example",
            sites: 1,
            urls: [],
            evidence: [{ kind: "host", entry: "classes.dex", value: "t.gull.example" }],
          },
        ],
      },
      "lockfile/host/gull/t.gull.example",
      "gull names the host t.gull.example, which is new",
      { after: "host gull t.gull.example" },
    ],
  ])("%s", (_, now, id, message, change) => {
    const { outcome, problems } = check({ ...agreed, ...now });
    expect(outcome).toBe("fail");
    expect(problems).toMatchObject([{ id, severity: "error", message, change }]);
    expect(problems).toHaveLength(1);
    expect(problems[0]!.evidence).not.toEqual([]);
  });

  test("code that yielded nothing and now does", () => {
    const before = {
      ...agreed,
      accesses: [reads("gull", "contacts", { limits: [missingPermission("x.Y")] })],
    };
    expect(check(agreed, before).problems).toMatchObject([
      {
        severity: "error",
        message: "gull could access contacts (referenced), where it yielded nothing",
        findings: ["data-access/gull/contacts"],
        change: {
          before: "data-access gull contacts contacts referenced yields-nothing",
          after: "data-access gull contacts contacts referenced",
        },
      },
    ]);
  });

  test("a party of a name that plays tricks stays on its line", () => {
    const id = "unrecognised:com.x\nthird-party evil\u202e";
    const { problems } = check({
      ...agreed,
      parties: [...agreed.parties!, party(id, id, { kind: "unrecognised" })],
    });
    expect(problems[0]!.change!.after).toBe('third-party "unrecognised:com.x\\nthird-party evil\\u202e"');
  });
});

describe("less, and other, is told", () => {
  test("nothing of all that was there", () => {
    expect(outline(check({}))).toEqual([
      "pass",
      "note lockfile/third-party/gull",
      "note lockfile/permission/android.permission.READ_CONTACTS",
      "note lockfile/data-access/gull/contacts/contacts",
      "note lockfile/host/gull/gull.example",
    ]);
  });

  test("another version, another who brings a permission", () => {
    const now: ResultParts = {
      ...agreed,
      parties: [party("gull", "Gull", { version: "1.1" })],
      permissions: [
        permission("android.permission.READ_CONTACTS", {
          maxSdkVersion: 30,
          declaredBy: [
            { party: "gull", confidence: "likely" },
            { party: "first-party", confidence: "possible" },
          ],
        }),
      ],
    };
    const { outcome, problems } = check(now);
    expect(outcome).toBe("pass");
    expect(problems.map(({ severity, message }) => `${severity}: ${message}`)).toEqual([
      "note: gull went from 1.0 to 1.1",
      "note: android.permission.READ_CONTACTS is now likely brought by gull",
    ]);
  });

  test("a permission that Android adds is told beside the one that it is added for, and fails without it", () => {
    const added = permission("a.permission.MEDIA", {
      declaredBy: [],
      impliedBy: { permission: "a.permission.STORAGE", because: "STORAGE had it", sinceSdkVersion: 29 },
    });
    const asked = permission("a.permission.STORAGE", {});
    const both = { ...agreed, permissions: [...agreed.permissions!, asked, added] };
    expect(outline(check(both))).toEqual([
      "fail",
      "error lockfile/permission/a.permission.STORAGE",
      "note lockfile/permission/a.permission.MEDIA",
    ]);
    const alone = check({ ...agreed, permissions: [...agreed.permissions!, added] });
    expect(outline(alone)).toEqual(["fail", "error lockfile/permission/a.permission.MEDIA"]);
    expect(alone.problems[0]).toMatchObject({
      message: "a.permission.MEDIA is a new permission, added by Android: STORAGE had it",
      evidence: [],
    });
  });

  test("a library's data and hosts warn", () => {
    const okhttp = party("okhttp", "OkHttp", { kind: "support-library" });
    const now: ResultParts = {
      ...agreed,
      parties: [...agreed.parties!, okhttp],
      hosts: [...agreed.hosts!, { party: "okhttp", host: "a.example", sites: 1, urls: [], evidence: [] }],
    };
    expect(outline(check(now))).toEqual(["pass", "warning lockfile/host/okhttp/a.example"]);
  });

  test("a version warns where more came with it", () => {
    const now: ResultParts = {
      ...agreed,
      parties: [party("gull", "Gull", { version: "1.1" })],
      permissions: [
        ...agreed.permissions!,
        permission("android.permission.CAMERA", { declaredBy: [{ party: "gull", confidence: "likely" }] }),
      ],
    };
    expect(outline(check(now))).toEqual([
      "fail",
      "error lockfile/permission/android.permission.CAMERA",
      "warning lockfile/third-party/gull",
    ]);
  });
});

describe("what was not read", () => {
  test("is not gone, and the build does not pass", () => {
    expect(outline(check({ diagnostics: [unread] }))).toEqual(["unknown"]);
  });

  test("hides nothing of what is more", () => {
    const now = { ...agreed, parties: [...agreed.parties!, party("mast", "Mast")], diagnostics: [unread] };
    expect(outline(check(now))).toEqual(["fail", "error lockfile/third-party/mast"]);
  });
});

describe("a report of another depth than the lockfile's", () => {
  const shallow: ResultParts = { ...agreed, accesses: [], depth: "permitted" };

  test("of less: what code could access was not looked for, is not gone, and the build does not pass", () => {
    const { outcome, problems } = check(shallow);
    expect(outcome).toBe("unknown");
    expect(problems).toMatchObject([
      {
        id: "lockfile/depth",
        severity: "warning",
        message:
          "what code could access is in the lockfile, and was not looked for: the report was made with `--depth permitted`",
        fix: "Scan the app again with --depth referenced.",
      },
    ]);
    expect(outline(check({ ...shallow, hosts: [] }))).toContain("note lockfile/host/gull/gull.example");
  });

  test("of more: all of it is new, and why is told", () => {
    expect(outline(check(agreed, shallow))).toEqual([
      "fail",
      "error lockfile/data-access/gull/contacts/contacts",
      "note lockfile/depth",
    ]);
  });
});

describe("what a third party is given", () => {
  const given: ResultParts = { ...agreed, depth: "flows", findings: [givenTo("gull", "user-ids")] };

  test("is agreed to by a line of its own", () => {
    expect(outline(check(given, given))).toEqual(["pass"]);
  });

  test("fails where it is new, with the finding and its evidence", () => {
    const { outcome, problems } = check(given, { ...agreed, depth: "flows" });
    expect(outcome).toBe("fail");
    expect(problems).toMatchObject([
      {
        id: "lockfile/data-hand-over/gull/user-ids",
        severity: "error",
        message: "gull is given user-ids by others' code, which is new",
        findings: ["data-hand-over/gull/user-ids"],
        change: { after: "data-hand-over gull user-ids" },
        ...{ party: "gull", dataType: "user-ids", rung: "flows" },
      },
    ]);
    expect(problems[0]!.evidence).toEqual(givenTo("gull", "user-ids").evidence);
  });

  test("is told where it is gone, and not where it was not looked for", () => {
    expect(outline(check({ ...agreed, depth: "flows" }, given))).toEqual([
      "pass",
      "note lockfile/data-hand-over/gull/user-ids",
    ]);
    const shallow = check({ ...agreed, depth: "reachable" }, given);
    expect(outline(shallow)).toEqual(["unknown", "warning lockfile/depth"]);
    expect(shallow.problems[0]).toMatchObject({
      message:
        "where data goes is in the lockfile, and was not looked for: the report was made with `--depth reachable`",
      fix: "Scan the app again with --depth flows.",
    });
    expect(outline(check({ ...agreed, accesses: [], depth: "permitted" }, given))).toEqual([
      "unknown",
      "warning lockfile/depth",
    ]);
  });

  test.each(["referenced", "reachable"] as const)(
    "is allowed by no lockfile for which it was not looked for (%s), and why is told",
    (depth) => {
      const { outcome, problems } = check(given, { ...agreed, depth });
      expect(outcome).toBe("fail");
      expect(problems.map(({ severity, message }) => `${severity}: ${message}`)).toEqual([
        "error: gull is given user-ids by others' code, which is new",
        `note: the lockfile was written of a report made with \`--depth ${depth}\`: what third parties are given is not in it`,
      ]);
      expect(outline(check({ ...given, findings: [] }, { ...agreed, depth }))).toEqual(["pass"]);
    },
  );
});

describe("what makes a comparison doubtful is told", () => {
  const apart = (units: number): ResultParts => ({
    ...agreed,
    parties: [
      party("gull", "Gull", { version: "1.0", codeUnits: 100 - units }),
      party("unattributed", "unattributed", { kind: "unattributed", codeUnits: units }),
    ],
  });

  test.each([
    [0, 4, ["pass"]],
    [0, 5, ["pass", "warning lockfile/attributed-share"]],
    [16, 20, ["pass"]],
    // 0.84 - 0.79 is less than 0.05 to a computer.
    [16, 21, ["pass", "warning lockfile/attributed-share"]],
    // 0.849 and 0.799, of which the lockfile has 0.84.
    [15.1, 20.1, ["pass", "warning lockfile/attributed-share"]],
    [15.1, 20, ["pass"]],
    [40, 0, ["pass"]],
  ])("a share of code that is nobody's from %d%% to %d%%", (before, now, expected) => {
    expect(outline(check(apart(now), apart(before)))).toEqual(expected);
  });

  test("in words, with the lines", () => {
    expect(check(apart(40), apart(0)).problems[0]).toMatchObject({
      message:
        "only 60% of the code could be given to anyone, where it was 100%: what is new may be in the rest",
      change: { before: "attributed-share 1.00", after: "attributed-share 0.60" },
    });
    expect(check(apart(71), apart(0)).problems[0]!.message).toMatch(/^only 29% of the code /);
  });

  test("another app, other rules", () => {
    const other = check(agreed, { ...agreed, app: { packageName: "com.other" } }, (text) =>
      text.replace(/^rules .*$/m, "rules ffff"),
    );
    expect(other.outcome).toBe("pass");
    expect(other.problems.map(({ severity, message }) => `${severity}: ${message}`)).toEqual([
      "warning: the lockfile is com.other's, and this is com.example.app",
      "note: the lockfile was written with other rules (ffff, now 0123456789abcdef): a difference may come from them and not from the build",
    ]);
  });
});
