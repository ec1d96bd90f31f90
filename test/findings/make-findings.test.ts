import { describe, expect, test } from "vitest";
import { type Access, buildApiQuery, Holdings, type Limit } from "../../src/access/index.js";
import { type Diagnostics, defaultLimits } from "../../src/diagnostics/index.js";
import type { Evidence } from "../../src/evidence/index.js";
import {
  type Finding,
  makeFindings,
  type PermissionSummary,
  summarizePermissions,
} from "../../src/findings/index.js";
import type { Reach } from "../../src/program/index.js";
import type { Confidence, Party, PartyKind } from "../../src/sdk/index.js";
import { buildManifest, type PermissionShape } from "../support/app-builder.js";
import { apiRule, dataTypes, indexTinyRules, permissions, sdkRule, vendor } from "../support/tiny-rules.js";

const FINE = "android.permission.ACCESS_FINE_LOCATION";
const COARSE = "android.permission.ACCESS_COARSE_LOCATION";
const CONTACTS = "android.permission.READ_CONTACTS";
const WRITE_CONTACTS = "android.permission.WRITE_CONTACTS";
const BLUETOOTH = "android.permission.BLUETOOTH";
const INTERNET = "android.permission.INTERNET";
const PRIVILEGED = "android.permission.READ_PRIVILEGED_PHONE_STATE";

const index = indexTinyRules({
  "data-types.yaml": dataTypes("precise-location", "approximate-location", "contacts", "ids"),
  "permissions.yaml": permissions(
    `${FINE} dangerous approximate-location,precise-location`,
    `${COARSE} dangerous approximate-location`,
    `${CONTACTS} dangerous contacts`,
    `${INTERNET} normal`,
    `${BLUETOOTH} normal ids`,
    `${WRITE_CONTACTS} dangerous contacts`,
    `${PRIVILEGED} signature ids`,
  ),
  "vendors/acme.yaml": vendor("acme"),
  "acme.yaml": sdkRule(
    "acme",
    ["class-prefix: Lcom/acme/"],
    `brings: [{ permission: ${FINE} }, { permission: ${CONTACTS}, module: people }]\n`,
  ),
  "location.yaml": apiRule(
    "location",
    "precise-location",
    "  - method: La/A;->location()V",
    `needs: [{ any-of: [${FINE}, ${COARSE}] }]`,
  ),
  "contacts.yaml": apiRule(
    "contacts",
    "contacts",
    "  - method: La/A;->contacts()V",
    `needs: [{ all-of: [${CONTACTS}] }]`,
  ),
  "ids.yaml": apiRule("ids", "ids", "  - method: La/A;->ids()V"),
});
const apis = buildApiQuery(index).apisOfTarget.flat();
const evidence: Evidence = { kind: "method-call", entry: "classes.dex", value: "v" };

function party(id: string, kind: PartyKind, confidence: Confidence = "certain"): Party {
  const rule = id === "acme" ? { rule: index.parties[0]! } : {};
  return {
    id,
    kind,
    name: id,
    confidence,
    classes: 1,
    codeUnits: 1,
    evidence: [{ ...evidence, kind: "class" }],
    ...rule,
  };
}

const own = party("first-party", "first-party");
const acme = party("acme", "sdk");
const stranger = party("unrecognised:x", "unrecognised");
const core = party("core", "support-library");
const nobody = party("unattributed", "unattributed");

function access(
  of: Party,
  yields: string,
  {
    limits = [],
    confidence = "certain",
    reach,
  }: { limits?: Limit[]; confidence?: Confidence; reach?: Reach } = {},
): Access {
  const asked = apis.find(({ rule }) => rule.id === yields)!;
  return {
    party: of,
    asked,
    dataType: asked.rule["data-type"],
    confidence,
    callSites: 1,
    ...(reach === undefined ? {} : { reach }),
    evidence: [evidence],
    limits,
  };
}

function limit(
  leaves: Limit["leaves"],
  kind: Limit["kind"] = "permission-missing",
  names: readonly string[] = [CONTACTS],
): Limit {
  return { kind, leaves, permissions: names, message: "m" };
}

interface Case {
  readonly parties?: readonly Party[];
  readonly accesses?: readonly Access[];
  readonly asks?: readonly PermissionShape[];
  readonly depth?: "permitted" | "referenced";
  readonly diagnostics?: Diagnostics;
  readonly hasOtherCode?: boolean;
}

function summarize({ parties = [own, acme], accesses = [], asks = [] }: Case): PermissionSummary[] {
  return summarizePermissions(buildManifest({ usesPermissions: asks }), parties, accesses, index);
}

function find(of: Case): Finding[] {
  const { parties = [own, acme], accesses = [], depth = "referenced", diagnostics = [] } = of;
  const permissionSummaries = summarize(of);
  return makeFindings({
    parties,
    accesses,
    permissions: permissionSummaries,
    rules: index,
    depth,
    holdings: new Holdings(
      buildManifest({ minSdkVersion: 21, usesPermissions: of.asks ?? [] }),
      index.ruleset.permissions,
    ),
    hasOtherCode: of.hasOtherCode ?? false,
    flows: [],
    diagnostics,
    limits: defaultLimits,
  });
}

function outline(findings: readonly Finding[]): string[] {
  return findings.map(({ id, rung, confidence, limits }) =>
    [id, rung, confidence, ...limits.map(({ kind, leaves }) => `${kind} ${leaves}`)]
      .filter(Boolean)
      .join(", "),
  );
}

const unread: Diagnostics = [{ effect: "unread", code: "truncated", part: "classes2.dex", message: "m" }];

describe("data-access", () => {
  test("is referenced where a third party's code is seen to use an API, permitted where it could", () => {
    expect(
      outline(
        find({ accesses: [access(acme, "contacts"), access(own, "location")], asks: [CONTACTS, FINE] }),
      ),
    ).toEqual([
      "data-access/acme/approximate-location, permitted, certain",
      "data-access/acme/contacts, referenced, certain",
      "data-access/acme/precise-location, permitted, certain",
      `piggy-back-permission/acme/${CONTACTS}, likely`,
    ]);
  });

  test("is said of third parties only", () => {
    const parties = [own, core, nobody];
    const accesses = parties.map((one) => access(one, "ids"));
    expect(
      find({ parties, accesses, asks: [CONTACTS] }).filter(({ kind }) => kind === "data-access"),
    ).toEqual([]);
  });

  test("is no surer than that the party is there, and that the call yields the data", () => {
    const guessed = party("guessed", "sdk", "possible");
    const accesses = [access(guessed, "ids"), access(acme, "ids", { confidence: "likely" })];
    expect(outline(find({ parties: [guessed, acme], accesses }))).toEqual([
      "data-access/acme/ids, referenced, likely",
      "data-access/guessed/ids, referenced, possible",
    ]);
  });

  test("is limited only by what limits every access", () => {
    const nothing = access(acme, "contacts", { limits: [limit("nothing")] });
    const some = access(acme, "contacts", {
      limits: [limit("sometimes", "api-level")],
      confidence: "possible",
    });
    const free = access(acme, "contacts");
    expect(outline(find({ accesses: [nothing, some] }))[0]).toBe(
      "data-access/acme/contacts, referenced, possible, api-level sometimes",
    );
    expect(outline(find({ accesses: [nothing, some, free] }))[0]).toBe(
      "data-access/acme/contacts, referenced, certain",
    );
  });

  test("is permitted with what limits the permission, and not by one for other devices only", () => {
    const on = (maxSdkVersion: number) =>
      outline(find({ asks: [{ name: CONTACTS, maxSdkVersion }], depth: "permitted" }));
    expect(on(28)).toEqual(["data-access/acme/contacts, permitted, certain, permission-max-sdk sometimes"]);
    expect(on(20)).toEqual([]);
  });

  test("at depth permitted rests on permissions alone", () => {
    expect(outline(find({ asks: [CONTACTS], depth: "permitted" }))).toEqual([
      "data-access/acme/contacts, permitted, certain",
    ]);
  });

  test("is not permitted by a permission that everybody gets, or that no app gets", () => {
    expect(find({ asks: [INTERNET, PRIVILEGED], depth: "permitted" })).toEqual([]);
  });
});

describe("unused-permission", () => {
  test("is one that opens data and that no code uses", () => {
    const findings = find({ parties: [own], asks: [CONTACTS, INTERNET] });
    expect(outline(findings)).toEqual([`unused-permission/${CONTACTS}, possible`]);
  });

  test("is not said of a permission that every app gets and that guards more than the rules know", () => {
    expect(find({ parties: [own], asks: [BLUETOOTH, WRITE_CONTACTS] })).toEqual([]);
  });

  test("is not said where something could not be read", () => {
    expect(find({ parties: [own], asks: [CONTACTS], diagnostics: unread })).toEqual([]);
    const odd: Diagnostics = [{ ...unread[0]!, effect: "odd" }];
    expect(find({ parties: [own], asks: [CONTACTS], diagnostics: odd })).toHaveLength(1);
  });

  test("is not said of what a library or code of nobody's uses", () => {
    for (const user of [core, nobody, own]) {
      const findings = find({ parties: [own, user], accesses: [access(user, "contacts")], asks: [CONTACTS] });
      expect(findings, user.id).toEqual([]);
    }
  });

  test("is not said of what Android adds", () => {
    expect(find({ parties: [own], accesses: [access(own, "location")], asks: [FINE] })).toEqual([]);
  });
});

describe("piggy-back-permission", () => {
  const accesses = [access(acme, "contacts"), access(stranger, "contacts")];
  const isPiggyBack = ({ kind }: Finding) => kind === "piggy-back-permission";

  test("is said of each third party where nobody else uses the permission", () => {
    const findings = find({ parties: [own, acme, stranger], accesses, asks: [CONTACTS] }).filter(isPiggyBack);
    expect(outline(findings)).toEqual([
      `piggy-back-permission/acme/${CONTACTS}, likely`,
      `piggy-back-permission/unrecognised:x/${CONTACTS}, likely`,
    ]);
    expect(findings[0]!.evidence.map(({ kind }) => kind)).toEqual(["permission", "method-call"]);
  });

  test("is not said where the app itself uses it", () => {
    const all = [...accesses, access(own, "contacts")];
    expect(
      find({ parties: [own, acme, stranger], accesses: all, asks: [CONTACTS] }).filter(isPiggyBack),
    ).toEqual([]);
  });

  test("is less sure where code could not be read, or is nobody's", () => {
    const of = { parties: [own, acme], accesses: [access(acme, "contacts")], asks: [CONTACTS] };
    const confidences = [
      find({ ...of, diagnostics: unread }),
      find({ ...of, parties: [own, acme, nobody] }),
      find({ ...of, hasOtherCode: true }),
    ].map((findings) => findings.find(isPiggyBack)?.confidence);
    expect(confidences).toEqual(["possible", "possible", "possible"]);
  });

  test("is not said of a permission that the app does not ask for", () => {
    expect(find({ accesses: [access(acme, "contacts")] }).filter(isPiggyBack)).toEqual([]);
  });
});

describe("missing-permission", () => {
  const isMissing = ({ kind }: Finding) => kind === "missing-permission";
  const missing = (...accesses: Access[]) =>
    outline(find({ parties: [own, acme, stranger], accesses }).filter(isMissing));

  test("is said where it alone keeps a third party's call from yielding anything", () => {
    expect(missing(access(acme, "contacts", { limits: [limit("nothing")] }))).toEqual([
      `missing-permission/acme/${CONTACTS}, certain, permission-missing nothing`,
    ]);
  });

  test("is not said where something else stands in the way, or something is left", () => {
    expect(
      missing(access(acme, "contacts", { limits: [limit("nothing"), limit("nothing", "target-sdk")] })),
    ).toEqual([]);
    expect(missing(access(acme, "contacts", { limits: [limit("partial")] }))).toEqual([]);
    expect(missing(access(acme, "contacts", { limits: [limit("sometimes")] }))).toEqual([]);
  });

  test("is not said of the app's own calls, nor of what no app can hold", () => {
    expect(missing(access(own, "contacts", { limits: [limit("nothing")] }))).toEqual([]);
    expect(
      missing(access(acme, "ids", { limits: [limit("nothing", "permission-missing", [PRIVILEGED])] })),
    ).toEqual([]);
  });

  test("is as sure as the surest of its calls, and no surer than the party", () => {
    const limits = [limit("nothing")];
    const sure = access(acme, "contacts", { limits });
    const guess = access(acme, "contacts", { limits, confidence: "possible" });
    const line = (confidence: string) => [
      `missing-permission/acme/${CONTACTS}, ${confidence}, permission-missing nothing`,
    ];
    expect(missing(sure, guess)).toEqual(line("certain"));
    expect(missing(guess, sure)).toEqual(line("certain"));
    const guessed = party("guessed", "sdk", "possible");
    expect(missing(access(guessed, "contacts", { limits }))[0]).toContain(
      `missing-permission/guessed/${CONTACTS}, possible`,
    );
  });
});

test("findings come in the order of their ids, each id once, each with evidence", () => {
  const accesses = [acme, stranger].flatMap((one) =>
    ["location", "contacts", "ids"].map((yields) => access(one, yields)),
  );
  const findings = find({ parties: [own, stranger, acme], accesses, asks: [CONTACTS, FINE, COARSE] });
  const ids = findings.map(({ id }) => id);
  expect(ids).toEqual([...new Set(ids)].sort());
  for (const { evidence: seen, id } of findings) expect(seen.length, id).toBeGreaterThan(0);
});

describe("permissions", () => {
  test("are used by the parties whose code calls what they guard", () => {
    const parties = [own, acme, stranger];
    const summary = summarize({
      parties,
      accesses: [access(stranger, "location"), access(acme, "location")],
      asks: [COARSE, CONTACTS],
    });
    expect(summary.map(({ name, usedBy }) => [name, usedBy])).toEqual([
      [COARSE, ["acme", "unrecognised:x"]],
      [CONTACTS, []],
    ]);
  });

  test("are likely an SDK's that is known to bring them; an optional module's possibly", () => {
    const summary = summarize({ asks: [FINE, CONTACTS, INTERNET] });
    const declared = summary
      .filter(({ impliedBy }) => impliedBy === undefined)
      .map(({ name, declaredBy }) => [name, declaredBy]);
    expect(declared).toEqual([
      [
        FINE,
        [
          { party: "acme", confidence: "likely" },
          { party: "first-party", confidence: "possible" },
        ],
      ],
      [INTERNET, [{ party: "first-party", confidence: "likely" }]],
      [
        CONTACTS,
        [
          { party: "acme", confidence: "possible" },
          { party: "first-party", confidence: "likely" },
        ],
      ],
    ]);
  });

  test("are likely the app's own where its own code uses them, whoever brings them", () => {
    const [fine] = summarize({ accesses: [access(own, "location")], asks: [FINE] }).filter(
      ({ name }) => name === FINE,
    );
    expect(fine!.declaredBy).toEqual([
      { party: "acme", confidence: "likely" },
      { party: "first-party", confidence: "likely" },
    ]);
  });

  test("that Android adds say why, and have been declared by nobody", () => {
    const coarse = summarize({ asks: [FINE] }).find(({ name }) => name === COARSE);
    expect(coarse).toMatchObject({ declaredBy: [], impliedBy: { permission: FINE, sinceSdkVersion: 1 } });
  });

  test("keep their limits, their protection, and unknown names", () => {
    const [scan, unknown] = summarize({
      asks: [{ name: "a.b.SCAN", maxSdkVersion: 30, neverForLocation: true }, { name: "a.b.UNKNOWN" }],
    });
    expect(scan).toMatchObject({ maxSdkVersion: 30, usesPermissionFlags: ["neverForLocation"] });
    expect(unknown).toMatchObject({ name: "a.b.UNKNOWN", protection: "unknown" });
    expect(summarize({ asks: [FINE] }).find(({ name }) => name === FINE)!.protection).toBe("dangerous");
  });

  test("asked for twice are one", () => {
    const findings = find({ parties: [own], asks: [CONTACTS, { name: CONTACTS, maxSdkVersion: 30 }] });
    expect(outline(findings)).toEqual([`unused-permission/${CONTACTS}, possible`]);
  });
});

describe("what can run", () => {
  const from = (component: string, methods = 1): Reach => ({
    component,
    kind: "activity",
    chain: ["La;->a()V", ...Array.from({ length: methods - 1 }, () => "La;->b()V")],
  });
  const only = (...accesses: Access[]) => find({ accesses }).find(({ id }) => id === "data-access/acme/ids")!;

  test("is reachable, by the shortest way to any access", () => {
    const finding = only(
      access(acme, "ids", { reach: from("A", 3) }),
      access(acme, "ids", { reach: from("B", 2) }),
    );
    expect(finding).toMatchObject({ rung: "reachable", reach: from("B", 2) });
  });

  test("is referenced where no way was found", () => {
    expect(only(access(acme, "ids"))).toMatchObject({ rung: "referenced" });
    expect(only(access(acme, "ids"))).not.toHaveProperty("reach");
  });

  test("is no access that yields something, where what can run yields nothing", () => {
    const nothing = access(acme, "ids", { reach: from("A"), limits: [limit("nothing")] });
    expect(only(nothing, access(acme, "ids"))).toMatchObject({ rung: "referenced", limits: [] });
    expect(only(nothing)).toMatchObject({ rung: "reachable" });
  });

  test("makes nothing less sure, and is cited first of what is as sure", () => {
    const partly = limit("partial");
    const sure = access(acme, "ids");
    const reached = access(acme, "ids", { reach: from("A"), limits: [partly] });
    expect(only(sure, reached)).toMatchObject({ rung: "reachable", confidence: "certain", limits: [partly] });
    const doubtful = access(acme, "ids", { reach: from("A"), confidence: "possible" });
    expect(only(sure, doubtful)).toMatchObject({ rung: "reachable", confidence: "certain", limits: [] });
  });
});
