import { describe, expect, test } from "vitest";
import { depthAskedFor } from "../../src/policy/evaluate-policy.js";
import type { Requirement, Selector } from "../../src/policy/policy-schema.js";
import {
  access,
  call,
  givenTo,
  missingPermission,
  party,
  permission,
  permissionFinding,
  permitted,
  type ResultParts,
} from "../support/result-builder.js";
import { ask, outline, unread } from "./written-policy.js";

const API = "Landroid/x/Y;->z()V";
const reads = (owner: string, dataType: string, parts: Parameters<typeof access>[4] = {}) =>
  access(owner, dataType, API, `Lcom/${owner.replace(/\W/g, "/")}/A;->b()V`, parts);
const names = (owner: string, host: string) => ({ party: owner, host, sites: 1, urls: [], evidence: [] });
const unattributed = party("unattributed", "unattributed", { kind: "unattributed", evidence: [] });

/** An app with one of each kind of party, and all that a selector can speak of. */
const build: ResultParts = {
  parties: [
    party("first-party", "com.example.app", { kind: "first-party", evidence: [] }),
    party("tide-ads", "Tide Ads", {
      category: "advertising",
      version: "9.8",
      vendor: {
        id: "tide",
        name: "Tide",
        parent: { id: "ocean", name: "Ocean" },
        owners: [
          { id: "bay", name: "Bay" },
          { id: "ocean", name: "Ocean", country: "CN" },
        ],
        country: "US",
      },
    }),
    party("gull", "Gull", {
      category: "analytics",
      vendor: { id: "gull-gmbh", name: "Gull GmbH", country: "DE" },
    }),
    party("mast", "Mast", {
      category: "advertising",
      confidence: "possible",
      vendor: { id: "mast", name: "Mast" },
    }),
    party("androidx", "AndroidX", { kind: "support-library" }),
    party("unrecognised:com.acme", "com.acme", { kind: "unrecognised" }),
  ],
  accesses: [
    reads("tide-ads", "device-or-other-ids"),
    reads("gull", "device-or-other-ids", { confidence: "possible" }),
    reads("unrecognised:com.acme", "contacts"),
    reads("first-party", "precise-location"),
  ],
  findings: [
    permitted("gull", "contacts", "android.permission.READ_CONTACTS"),
    permissionFinding("unused-permission", "android.permission.CAMERA"),
    permissionFinding("missing-permission", "android.permission.READ_PHONE_STATE", "tide-ads"),
  ],
  permissions: [
    permission("android.permission.READ_CONTACTS", { usedBy: ["unrecognised:com.acme"] }),
    permission("com.google.android.gms.permission.AD_ID", {
      declaredBy: [
        { party: "tide-ads", confidence: "likely" },
        { party: "mast", confidence: "possible" },
        { party: "first-party", confidence: "possible" },
      ],
    }),
    permission("android.permission.CAMERA"),
  ],
  hosts: [
    names("tide-ads", "ads.tide.example"),
    names("gull", "eviltide.example"),
    names("gull", "tide.example"),
    names("first-party", "api.example.com"),
  ],
};

const found = (deny: Selector) =>
  ask({ deny }, build)
    .problems.filter(({ severity }) => severity === "error")
    .map(({ id }) => id.slice(2));

describe("what a denial speaks of", () => {
  test.each<[string, Selector, readonly string[]]>([
    ["an SDK", { sdk: "gull" }, ["party/gull"]],
    ["several", { sdk: ["gull", "tide-ads"] }, ["party/gull", "party/tide-ads"]],
    ["a party of an app's", { sdk: "unrecognised:com.acme" }, ["party/unrecognised:com.acme"]],
    ["a support library by its id", { sdk: "androidx" }, ["party/androidx"]],
    ["a vendor", { vendor: "tide" }, ["party/tide-ads"]],
    ["a vendor is not who owns it", { vendor: "ocean" }, []],
    ["a company that owns in the end", { company: "ocean" }, ["party/tide-ads"]],
    ["a company that owns and is owned", { company: "bay" }, ["party/tide-ads"]],
    ["the country of who owns the maker", { country: "CN" }, ["party/tide-ads"]],
    ["a maker that nobody owns", { company: "gull-gmbh" }, ["party/gull"]],
    ["a maker that is owned", { company: "tide" }, ["party/tide-ads"]],
    ["a category", { category: ["analytics", "social"] }, ["party/gull"]],
    ["a country", { country: "US" }, ["party/tide-ads"]],
    ["keys together", { country: ["US", "DE"], category: "analytics" }, ["party/gull"]],
    ["a maker, and not its libraries", { vendor: "tide", party: "support-library" }, []],
    ["keys that do not meet", { country: "US", category: "analytics" }, []],
    [
      "third parties",
      { party: "third-party" },
      ["party/gull", "party/tide-ads", "party/unrecognised:com.acme"],
    ],
    ["SDKs", { party: "sdk" }, ["party/gull", "party/tide-ads"]],
    ["unknown ones", { party: "unrecognised" }, ["party/unrecognised:com.acme"]],
    ["support libraries", { party: "support-library" }, ["party/androidx"]],
    ["a data type", { "data-type": "device-or-other-ids" }, ["data-access/tide-ads/device-or-other-ids"]],
    ["a data type of one", { "data-type": "device-or-other-ids", vendor: "gull-gmbh" }, []],
    [
      "less sure",
      { "data-type": "device-or-other-ids", vendor: "gull-gmbh", confidence: "possible" },
      ["data-access/gull/device-or-other-ids"],
    ],
    [
      "more sure",
      { "data-type": "device-or-other-ids", confidence: "certain" },
      ["data-access/tide-ads/device-or-other-ids"],
    ],
    ["any data", { rung: "referenced", sdk: "tide-ads" }, ["data-access/tide-ads/device-or-other-ids"]],
    ["contacts, in code", { "data-type": "contacts" }, ["data-access/unrecognised:com.acme/contacts"]],
    [
      "contacts, by permission",
      { "data-type": "contacts", rung: "permitted" },
      ["data-access/gull/contacts", "data-access/unrecognised:com.acme/contacts"],
    ],
    [
      "the app's own code",
      { "data-type": "precise-location", party: "first-party" },
      ["data-access/first-party/precise-location"],
    ],
    ["not the app's own code unless said", { "data-type": "precise-location" }, []],
    [
      "anybody's code",
      { "data-type": "precise-location", party: "any" },
      ["data-access/first-party/precise-location"],
    ],
    [
      "the coarser location is in the precise one",
      { "data-type": "approximate-location", party: "any" },
      ["data-access/first-party/precise-location"],
    ],
    ["a permission", { permission: "android.permission.CAMERA" }, ["permission/android.permission.CAMERA"]],
    ["by its last part", { permission: "AD_ID" }, ["permission/com.google.android.gms.permission.AD_ID"]],
    ["the last part is whole", { permission: ["ID", "CONTACTS", "permission.CAMERA"] }, []],
    [
      "who brings it",
      { permission: "AD_ID", party: "third-party" },
      ["permission/com.google.android.gms.permission.AD_ID/tide-ads"],
    ],
    [
      "who uses it",
      { permission: "READ_CONTACTS", party: "third-party" },
      ["permission/android.permission.READ_CONTACTS/unrecognised:com.acme"],
    ],
    [
      "whose it is",
      { permission: ["CAMERA", "AD_ID"], party: "first-party" },
      ["permission/android.permission.CAMERA/first-party"],
    ],
    ["a host", { host: "tide.example" }, ["host/gull/tide.example"]],
    [
      "all below one, and no other that ends so",
      { host: "*.tide.example" },
      ["host/tide-ads/ads.tide.example"],
    ],
    ["a third party's host unless said", { host: "*.example.com" }, []],
    [
      "the app's own host",
      { host: "*.example.com", party: "first-party" },
      ["host/first-party/api.example.com"],
    ],
    [
      "a finding",
      { finding: "missing-permission" },
      ["missing-permission/tide-ads/android.permission.READ_PHONE_STATE"],
    ],
    [
      "the app's finding",
      { finding: "unused-permission", permission: "CAMERA" },
      ["unused-permission/first-party/android.permission.CAMERA"],
    ],
    [
      "a finding of a rung",
      { finding: "data-access", rung: "permitted", sdk: "gull" },
      ["data-access/gull/contacts"],
    ],
    ["a finding of another permission", { finding: "missing-permission", permission: "CAMERA" }, []],
  ])("%s", (_, deny, expected) => {
    expect(found(deny)).toEqual(expected);
  });

  test("what it finds is told with its evidence, its sentence and its place", () => {
    const check = ask(
      { deny: { "data-type": "device-or-other-ids" }, because: "It is nobody's.", fix: "Remove it." },
      build,
    );
    expect(check).toMatchObject({
      id: "a",
      title: "Denied: data-type device-or-other-ids",
      because: "It is nobody's.",
      place: { file: "p.yaml", line: 3 },
      outcome: "fail",
    });
    expect(check.problems[0]).toEqual({
      id: "a/data-access/tide-ads/device-or-other-ids",
      severity: "error",
      message: "Tide Ads 9.8 could access device-or-other-ids (referenced)",
      fix: "Remove it.",
      party: "tide-ads",
      dataType: "device-or-other-ids",
      rung: "referenced",
      confidence: "certain",
      findings: ["data-access/tide-ads/device-or-other-ids"],
      evidence: [call(API, "Lcom/tide/ads/A;->b()V")],
    });
  });

  test.each(["warning", "note"] as const)("a %s does not fail", (severity) => {
    expect(outline(ask({ deny: { sdk: "gull" }, severity }, build))).toEqual([
      "pass",
      `${severity} a/party/gull`,
    ]);
  });

  test.each<[string, Selector, Selector, readonly string[]]>([
    ["a party", { category: ["advertising", "analytics"] }, { sdk: "gull" }, ["party/tide-ads"]],
    ["a kind of party", { party: "third-party" }, { party: "sdk" }, ["party/unrecognised:com.acme"]],
    [
      "a data type",
      { rung: "referenced" },
      { "data-type": "contacts" },
      ["data-access/tide-ads/device-or-other-ids"],
    ],
    [
      "all keys together",
      { party: "third-party" },
      { party: "sdk", country: "US" },
      ["party/gull", "party/unrecognised:com.acme"],
    ],
    [
      "a host",
      { host: ["*.tide.example", "tide.example"] },
      { host: "tide.example" },
      ["host/tide-ads/ads.tide.example"],
    ],
    [
      "a permission of a party",
      { permission: ["AD_ID", "CAMERA"], party: "any" },
      { sdk: "tide-ads" },
      ["permission/android.permission.CAMERA/first-party"],
    ],
  ])("unless leaves %s alone", (_, deny, unless, expected) => {
    const errors = ask({ deny, unless }, build).problems.filter(({ severity }) => severity === "error");
    expect(errors.map(({ id }) => id.slice(2))).toEqual(expected);
  });
});

describe("what is not sure enough is told and does not fail", () => {
  test.each<[string, Selector, string]>([
    [
      "that an SDK is there",
      { sdk: "mast" },
      "Mast is in the build; this is only possible, and does not count",
    ],
    [
      "an access",
      { "data-type": "device-or-other-ids", sdk: "gull" },
      "Gull could access device-or-other-ids (referenced); this is only possible, and does not count",
    ],
    [
      "who brings a permission",
      { permission: "AD_ID", sdk: "mast" },
      "Mast may bring com.google.android.gms.permission.AD_ID; this is only possible, and does not count",
    ],
  ])("%s", (_, deny, message) => {
    const { outcome, problems } = ask({ deny }, build);
    expect([outcome, problems.map((one) => [one.severity, one.message])]).toEqual([
      "pass",
      [["note", message]],
    ]);
    expect(ask({ deny: { ...deny, confidence: "possible" } }, build).outcome).toBe("fail");
  });
});

test("who only may bring a permission and has code that uses it is sure enough", () => {
  const parts: ResultParts = {
    parties: [party("mast", "Mast")],
    permissions: [
      permission("android.permission.NFC", {
        declaredBy: [{ party: "mast", confidence: "possible" }],
        usedBy: ["mast"],
      }),
    ],
  };
  const { outcome, problems } = ask({ deny: { permission: "NFC", sdk: "mast" } }, parts);
  expect(outcome).toBe("fail");
  expect(problems).toMatchObject([
    { message: "Mast may bring and has code that uses android.permission.NFC", confidence: "likely" },
  ]);
});

describe("what a denial leaves out, and its author may believe to be in it, is told", () => {
  const hidden: ResultParts = {
    parties: [unattributed, party("androidx", "AndroidX", { kind: "support-library" })],
    accesses: [reads("unattributed", "contacts"), reads("androidx", "photos")],
    hosts: [names("unattributed", "x.example")],
  };

  test.each<[string, Selector]>([
    ["", { "data-type": "contacts" }],
    [", of third parties", { "data-type": "contacts", party: "third-party" }],
    [", of an SDK that may be in it", { "data-type": "contacts", category: "advertising" }],
    [", of any data", { rung: "referenced" }],
  ])("code that is nobody's%s", (_, deny) => {
    const { outcome, problems } = ask({ deny }, hidden);
    expect(outcome).toBe("pass");
    expect(problems.map(({ severity, message }) => `${severity}: ${message}`)).toEqual([
      "warning: code that is nobody's could access contacts (referenced); it may be a third party's, and counts only where a rule says `party: unattributed`",
    ]);
  });

  test("hosts of code that is nobody's", () => {
    expect(outline(ask({ deny: { host: "x.example" } }, hidden))).toEqual([
      "pass",
      "note a/host/unattributed/x.example",
    ]);
  });

  test("nothing where the rule has decided it", () => {
    const silent: readonly Selector[] = [
      { "data-type": "contacts", party: "first-party" },
      { "data-type": "precise-location" },
      { permission: "READ_CONTACTS" },
    ];
    for (const deny of silent) expect(outline(ask({ deny }, hidden))).toEqual(["pass"]);
    const unless: Selector = { party: "unattributed" };
    expect(outline(ask({ deny: { "data-type": "contacts" }, unless }, hidden))).toEqual(["pass"]);
    const both = ask({ deny: { "data-type": "contacts", party: ["third-party", "unattributed"] } }, hidden);
    expect(outline(both)).toEqual(["fail", "error a/data-access/unattributed/contacts"]);
  });

  test("classes that are nobody's, where it is asked who is there: an SDK of which every name is gone", () => {
    expect(outline(ask({ deny: { category: "advertising" } }, hidden))).toEqual(["pass", "note a/renamed"]);
    expect(outline(ask({ deny: { category: "advertising", party: "first-party" } }, hidden))).toEqual([
      "pass",
    ]);
    const unless: Selector = { party: "unattributed" };
    expect(outline(ask({ deny: { category: "advertising" }, unless }, hidden))).toEqual(["pass"]);
    expect(outline(ask({ deny: { category: "advertising" } }, {}))).toEqual(["pass"]);
  });

  test("data of a warning's rule is a note", () => {
    const rule = { deny: { "data-type": "contacts" }, severity: "warning" } as const;
    expect(outline(ask(rule, hidden))).toEqual(["pass", "note a/data-access/unattributed/contacts"]);
  });

  const told = (deny: Selector, unless?: Selector) =>
    ask({ deny, ...(unless && { unless }) }, build).problems.flatMap(({ id, severity, message }) =>
      id === "a/unjudged" ? [`${severity}: ${message}`] : [],
    );

  test("parties of whom no rule knows the maker, the category or the seat", () => {
    expect(told({ category: "social" })).toEqual([
      "note: no category is known of com.acme: this rule cannot judge it",
    ]);
    expect(told({ country: "CN" })).toEqual([
      "note: no country is known of Mast, com.acme: this rule cannot judge them",
    ]);
    expect(told({ category: "social", country: "CN" })).toEqual([
      "note: no category or country is known of com.acme: this rule cannot judge it",
    ]);
    expect(told({ company: "ocean", "data-type": "contacts" })).toEqual([
      "note: no company is known of com.acme: this rule cannot judge it",
    ]);
  });

  test("but not of those that the rule could not mean", () => {
    expect(told({ company: "ocean", "data-type": "photos" })).toEqual([]);
    expect(told({ country: "CN", party: "first-party" })).toEqual([]);
    expect(told({ country: "CN", sdk: "gull" })).toEqual([]);
    expect(told({ country: "CN" }, { sdk: ["mast", "unrecognised:com.acme"] })).toEqual([]);
    expect(told({ party: "third-party" })).toEqual([]);
  });
});

describe("of a permission that Android adds, the manifest has no line", () => {
  const because = "android.permission.READ_EXTERNAL_STORAGE included it";
  const added = (
    impliedBy: Partial<NonNullable<Parameters<typeof permission>[1]>["impliedBy"]>,
  ): ResultParts => ({
    permissions: [
      permission("a.permission.MEDIA", {
        declaredBy: [],
        impliedBy: { because, sinceSdkVersion: 29, ...impliedBy },
      }),
    ],
  });

  test.each([
    ["because of another permission", { permission: "a.permission.STORAGE" }],
    ["because of an old target", {}],
  ])("%s", (_, impliedBy) => {
    const [problem] = ask({ deny: { permission: "MEDIA" } }, added(impliedBy)).problems;
    expect(problem!.message).toBe(`Android adds a.permission.MEDIA, because ${because}`);
    expect(problem!.evidence).toEqual([]);
  });
});

describe("a kind of data", () => {
  const ids = (...kinds: string[]) => kinds.map((yields) => reads("gull", "device-or-other-ids", { yields }));
  const build: ResultParts = { parties: [party("gull", "Gull")], accesses: ids("imei-meid", "android-id") };

  test("is told from another of its type", () => {
    expect(outline(ask({ deny: { yields: "imei-meid" } }, build))).toEqual([
      "fail",
      "error a/data-access/gull/device-or-other-ids/imei-meid",
    ]);
    expect(outline(ask({ deny: { yields: "advertising-id" } }, build))).toEqual(["pass"]);
    expect(outline(ask({ deny: { yields: "imei-meid", "data-type": "contacts" } }, build))).toEqual(["pass"]);
  });

  test("is left alone by its name", () => {
    const both = { yields: ["imei-meid", "android-id"] };
    expect(outline(ask({ deny: both, unless: { yields: "android-id" } }, build))).toEqual([
      "fail",
      "error a/data-access/gull/device-or-other-ids/imei-meid",
    ]);
  });

  test("of code that is nobody's is a warning; of what yields nothing, none", () => {
    const nobodys = reads("unattributed", "device-or-other-ids", { yields: "imei-meid" });
    const parts = { parties: [party("unattributed", "x", { kind: "unattributed" })], accesses: [nobodys] };
    expect(outline(ask({ deny: { yields: "imei-meid" } }, parts))).toEqual([
      "pass",
      "warning a/data-access/unattributed/device-or-other-ids/imei-meid",
    ]);
    const blocked = [
      reads("gull", "device-or-other-ids", { yields: "imei-meid", limits: [missingPermission("P")] }),
    ];
    expect(outline(ask({ deny: { yields: "imei-meid" } }, { ...build, accesses: blocked }))).toEqual([
      "pass",
    ]);
  });
});

describe("access that yields nothing", () => {
  const blocked: ResultParts = {
    parties: [party("gull", "Gull"), party("first-party", "x", { kind: "first-party" })],
    accesses: [
      reads("gull", "contacts", { limits: [missingPermission("android.permission.READ_CONTACTS")] }),
      reads("first-party", "contacts", { limits: [missingPermission("android.permission.READ_CONTACTS")] }),
    ],
  };

  test("is not denied, whoever's it is, and none is required by it", () => {
    expect(outline(ask({ deny: { "data-type": "contacts", party: "any" } }, blocked))).toEqual(["pass"]);
    expect(ask({ require: { "data-type": "contacts" } }, blocked).outcome).toBe("fail");
  });

  test("one that yields on some devices is", () => {
    const limit = {
      kind: "api-level",
      leaves: "sometimes",
      sinceSdkVersion: 29,
      message: "Up to 28.",
    } as const;
    const parts = { ...blocked, accesses: [reads("gull", "contacts", { limits: [limit] })] };
    expect(ask({ deny: { "data-type": "contacts" } }, parts).outcome).toBe("fail");
  });
});

describe("what was not seen", () => {
  test.each<[string, Selector]>([
    ["a party", { sdk: "adjust" }],
    ["a permission", { permission: "CAMERA" }],
    ["a host", { host: "x.example" }],
  ])("%s where a part was not read is no pass", (_, deny) => {
    expect(ask({ deny }, { diagnostics: [unread] }).outcome).toBe("unknown");
    expect(ask({ require: deny }, { diagnostics: [unread] }).outcome).toBe("unknown");
    expect(ask({ deny }, {}).outcome).toBe("pass");
  });

  test("what was seen counts all the same", () => {
    expect(ask({ deny: { sdk: "gull" } }, { ...build, diagnostics: [unread] }).outcome).toBe("fail");
    expect(ask({ require: { sdk: "gull" } }, { ...build, diagnostics: [unread] }).outcome).toBe("pass");
  });

  const shallow: ResultParts = { ...build, accesses: [], findings: [], depth: "permitted" };

  test.each<[string, Selector]>([
    ["a data type", { "data-type": "contacts" }],
    ["a finding", { finding: "data-access" }],
    ["who uses a permission", { permission: "CAMERA", party: "unrecognised" }],
  ])("%s that was not looked for is no pass, and that is told", (_, deny) => {
    for (const rule of [{ deny }, { require: deny }]) {
      const { outcome, problems } = ask(rule, shallow);
      expect(outcome).toBe("unknown");
      expect(problems).toMatchObject([
        { id: "a/depth", severity: "warning", fix: "Scan the app again with --depth referenced." },
      ]);
    }
  });

  test.each<[string, Selector]>([
    ["what permissions open", { "data-type": "photos", rung: "permitted" }],
    ["a permission", { permission: "NFC" }],
    ["a party", { sdk: "adjust" }],
    ["a host", { host: "x.example" }],
  ])("%s is looked for at every depth", (_, deny) => {
    expect(outline(ask({ deny }, shallow))).toEqual(["pass"]);
  });
});

describe("an SDK that is the app makers' own", () => {
  const own: ResultParts = {
    parties: [
      party("first-party", "com.tide.app", {
        kind: "first-party",
        ownSdks: [
          {
            id: "tide-ads",
            kind: "sdk",
            name: "Tide Ads",
            why: "own-vendor",
            confidence: "certain",
            classes: 2,
            evidence: [],
          },
        ],
      }),
    ],
  };

  test("is meant by its name, and not as a third party", () => {
    expect(ask({ deny: { sdk: "tide-ads" } }, own).problems).toMatchObject([
      { message: "the app makers' own Tide Ads is in the build", severity: "error" },
    ]);
    expect(ask({ require: { sdk: "tide-ads" } }, own).outcome).toBe("pass");
    expect(ask({ deny: { sdk: "tide-ads", party: "first-party" } }, own).outcome).toBe("fail");
    expect(ask({ deny: { sdk: "tide-ads", party: "third-party" } }, own).outcome).toBe("pass");
    expect(ask({ deny: { party: "third-party" } }, own).outcome).toBe("pass");
    expect(ask({ deny: { sdk: "tide-ads" }, unless: { sdk: "tide-ads" } }, own).outcome).toBe("pass");
  });
});

describe("a requirement", () => {
  const require = (one: Requirement, parts: ResultParts = build) => ask({ require: one }, parts);

  test("passes by one that is there, and fails in words", () => {
    expect(require({ category: "analytics" }).outcome).toBe("pass");
    expect(require({ category: ["consent-management", "identity"] }).problems).toMatchObject([
      {
        id: "a/missing",
        message: "category consent-management or identity was not seen in the build",
        evidence: [],
      },
    ]);
    expect(ask({ require: { category: "social" }, severity: "warning" }, build).outcome).toBe("pass");
  });

  test("is not met by what is only possible", () => {
    expect(require({ sdk: "mast" }).problems[0]!.message).toBe("Mast is in the build, but only as possible");
    expect(require({ sdk: "mast", confidence: "possible" }).outcome).toBe("pass");
  });

  test("may be met in code that could be given to nobody: that is said", () => {
    expect(require({ sdk: "gull" }, { parties: [unattributed] }).problems[0]!.message).toBe(
      "sdk gull was not seen in the build; 10 classes could be given to nobody, and may be it",
    );
  });
});

describe("what must be switched off", () => {
  const withSwitch = (value: string | undefined, parts: Parameters<typeof party>[2] = {}): ResultParts => ({
    parties: [
      party("gull", "Gull", {
        switches: [
          {
            metaData: "com.gull.ON",
            off: "false",
            effect: "Nothing is recorded.",
            ...(value === undefined ? {} : { value }),
          },
          { metaData: "com.gull.IDS", off: "true", value: "true", effect: "No ids." },
        ],
        ...parts,
      }),
    ],
  });
  const off = (names: string | string[], parts: ResultParts, more: Requirement = {}) =>
    ask({ require: { "switched-off": names, ...more } }, parts);

  test.each<[string, string | undefined, string | undefined]>([
    ["off", "false", undefined],
    ["not set", undefined, 'com.gull.ON of Gull is not set; "false" switches off: Nothing is recorded'],
    ["on", "true", 'com.gull.ON of Gull is "true"; "false" switches off: Nothing is recorded'],
    [
      "a value that is none",
      "FALSE",
      'com.gull.ON of Gull is "FALSE"; "false" switches off: Nothing is recorded',
    ],
    ["an empty value", "", 'com.gull.ON of Gull is ""; "false" switches off: Nothing is recorded'],
  ])("%s", (_, value, message) => {
    for (const names of ["com.gull.ON", "any", ["com.gull.ON", "com.other"]]) {
      const { problems } = off(names, withSwitch(value));
      expect(problems.map((problem) => problem.message)).toEqual(message === undefined ? [] : [message]);
      if (message !== undefined)
        expect(problems[0]).toMatchObject({
          id: "a/switch/gull/com.gull.ON",
          severity: "error",
          fix: 'Add <meta-data android:name="com.gull.ON" android:value="false" /> to <application> in AndroidManifest.xml.',
        });
    }
  });

  test("only what is asked for, of whom it is asked", () => {
    expect(off("com.gull.IDS", withSwitch("true")).outcome).toBe("pass");
    expect(off("any", withSwitch("true"), { sdk: "tide-ads" }).outcome).toBe("pass");
    expect(off("any", withSwitch("true"), { sdk: "gull" }).outcome).toBe("fail");
  });

  test("a party that is not there needs none; where a part was not read it may be there", () => {
    expect(off("any", {}, { sdk: "gull" }).outcome).toBe("pass");
    expect(off("any", { diagnostics: [unread] }, { sdk: "gull" }).outcome).toBe("unknown");
  });

  test("a party that is only possible is told", () => {
    expect(outline(off("any", withSwitch("true", { confidence: "possible" })))).toEqual([
      "pass",
      "note a/switch/gull/com.gull.ON",
    ]);
    expect(
      off("any", withSwitch("true", { confidence: "possible" }), { confidence: "possible" }).outcome,
    ).toBe("fail");
  });

  test("who is named and has no such switch is told: it is not off", () => {
    const parts: ResultParts = { parties: [party("gull", "Gull", { category: "analytics" })] };
    expect(off("any", parts, { category: "analytics" })).toMatchObject({
      outcome: "pass",
      problems: [{ severity: "note", message: "no switch that this asks for is known of Gull" }],
    });
    expect(outline(off("any", parts))).toEqual(["pass"]);
  });
});

describe("what can run", () => {
  const main = { component: "com.example.Main", kind: "activity", chain: ["La;->a()V"] } as const;
  const early = { component: "com.tide.Init", kind: "provider", chain: ["La;->b()V"] } as const;
  const deep: ResultParts = {
    ...build,
    depth: "reachable",
    reachability: { entryPoints: 2, methods: 9, gaps: [] },
    accesses: [
      reads("tide-ads", "device-or-other-ids", { reach: { ...main, beforeConsent: early } }),
      reads("gull", "contacts", { reach: main }),
      reads("unrecognised:com.acme", "contacts"),
      reads("first-party", "precise-location", { reach: { ...early, beforeConsent: early } }),
      reads("androidx", "contacts", { reach: main }),
    ],
    findings: [],
  };
  const messagesOf = (deny: Selector, parts = deep) =>
    ask({ deny }, parts).problems.map(({ message }) => message);

  test("is at least referenced, which needs no way", () => {
    expect(outline(ask({ deny: { "data-type": "contacts" } }, deep))).toEqual([
      "fail",
      "error a/data-access/gull/contacts",
      "error a/data-access/unrecognised:com.acme/contacts",
    ]);
  });

  test("is asked for by its rung", () => {
    expect(messagesOf({ "data-type": "contacts", rung: "reachable" })).toEqual([
      "Gull could access contacts (reachable from the activity com.example.Main)",
    ]);
    expect(messagesOf({ "data-type": "contacts", rung: "reachable", party: "support-library" })).toEqual([
      "AndroidX could access contacts (reachable from the activity com.example.Main)",
    ]);
    expect(messagesOf({ yields: "contacts", rung: "reachable" })).toEqual([
      "Gull could access contacts (reachable from the activity com.example.Main)",
    ]);
    expect(messagesOf({ finding: "data-access", rung: "reachable", sdk: "gull" })).toHaveLength(1);
  });

  test("before consent is asked for, whoever's code it is", () => {
    expect(messagesOf({ "before-consent": true })).toEqual([
      "Tide Ads 9.8 could access device-or-other-ids (reachable from the provider com.tide.Init, before consent)",
    ]);
    expect(messagesOf({ "before-consent": true, party: "first-party" })).toEqual([
      "the app's own code could access precise-location (reachable from the provider com.tide.Init, before consent)",
    ]);
    expect(messagesOf({ "before-consent": true, "data-type": "contacts", party: "any" })).toEqual([]);
    expect(messagesOf({ "before-consent": true, finding: "data-access" })).toHaveLength(1);
  });

  test("is not known of a report of less depth, and no flag lets that pass", () => {
    for (const deny of [
      { "before-consent": true },
      { "before-consent": true, rung: "permitted" },
      { rung: "reachable" },
    ] as const)
      expect(ask({ deny }, { ...deep, depth: "referenced", accesses: [] })).toMatchObject({
        outcome: "unknown",
        isTooShallow: true,
        problems: [
          {
            id: "a/depth",
            message: "what can run was not looked for: the report was made with `--depth referenced`",
            fix: "Scan the app again with --depth reachable.",
          },
        ],
      });
  });

  test("may be more than was found: told, and no reason to fail", () => {
    const gaps = [{ kind: "reflection", methods: 3 } as const, { kind: "other-code" } as const];
    const holed = { ...deep, accesses: [], reachability: { entryPoints: 2, methods: 9, gaps } };
    expect(ask({ deny: { "before-consent": true } }, holed)).toMatchObject({
      outcome: "pass",
      problems: [
        {
          id: "a/gaps",
          severity: "note",
          message:
            "more may run than was found: reflection that names no class (3 methods), code of other files is not read",
        },
      ],
    });
    expect(ask({ deny: { "data-type": "contacts" } }, holed).problems).toEqual([]);
  });

  test("decides how far an APK must be looked at", () => {
    expect(depthAskedFor([])).toBe("referenced");
    expect(depthAskedFor([{ deny: { rung: "permitted" } }])).toBe("referenced");
    expect(depthAskedFor([{ deny: { host: "a.example" } }, { require: { "before-consent": true } }])).toBe(
      "reachable",
    );
  });
});

describe("what third parties are given", () => {
  const given: ResultParts = { ...build, depth: "flows", findings: [givenTo("gull", "user-ids")] };

  test("is found by its kind of finding", () => {
    const deny = { finding: "data-hand-over", "data-type": "user-ids" } as const;
    expect(ask({ deny }, given)).toMatchObject({
      outcome: "fail",
      problems: [{ dataType: "user-ids", rung: "flows", findings: ["data-hand-over/gull/user-ids"] }],
    });
    expect(ask({ deny: { ...deny, "data-type": "contacts" } }, given)).toMatchObject({ outcome: "pass" });
  });

  test.each([["data-hand-over"], [["data-access", "data-hand-over"]]] as const)(
    "is not known of a report of less depth (%j), and an APK is looked at as deep",
    (finding) => {
      const deny = { finding: typeof finding === "string" ? finding : [...finding] };
      expect(ask({ deny }, { parties: build.parties!, depth: "reachable" })).toMatchObject({
        outcome: "unknown",
        isTooShallow: true,
        problems: [{ id: "a/depth", fix: "Scan the app again with --depth flows." }],
      });
      expect(depthAskedFor([{ deny }])).toBe("flows");
    },
  );
});
