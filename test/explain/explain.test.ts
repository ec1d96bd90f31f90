import { describe, expect, test } from "vitest";
import { type Explanation, explain, findSubjects, type Remedy } from "../../src/explain/index.js";
import { exampleApp, exampleKnowledge, FINE, GET_ID, ID, LOCATE, ownApp } from "./example-knowledge.js";

const rulesAlone = exampleKnowledge();
const withApp = exampleKnowledge(exampleApp());

function explained(text: string, knowledge = rulesAlone): Explanation {
  const [subject, ...alsoNamed] = findSubjects(text, knowledge);
  return explain(subject!, knowledge, alsoNamed);
}

const unknown = {
  answer: "unknown",
  unread: [],
  hasOtherRules: false,
  hasOtherMapping: false,
  unattributed: 0,
};

const remediesOf = ({ remedies }: Explanation, kind: Remedy["kind"]) =>
  remedies.filter((remedy) => remedy.kind === kind);

describe("an SDK", () => {
  const harbor = explained("harbor-ads");

  test("says what it is, and who gets it in the end", () => {
    expect(harbor.is).toBe(
      "A third-party SDK (analytics) of harbor Inc. (US), which belongs to tidewater Inc., which belongs to ocean Inc.",
    );
    expect(harbor.owners?.map(({ id }) => id)).toEqual(["harbor", "tidewater", "ocean"]);
    expect([harbor.note, harbor.site]).toEqual([
      "Its core is in harbor-core.",
      "https://harbor-ads.example/",
    ]);
  });

  test("is recognised by signatures, each with what it is worth; a host makes no match", () => {
    expect(harbor.signatures).toEqual([
      { kind: "class-prefix", value: "Lcom/harbor/ads/", worth: "certain" },
      { kind: "component", value: "com.harbor.ads.AdActivity", worth: "likely" },
      { kind: "host", value: "ads.harbor.example" },
    ]);
  });

  test("says what its vendor documents, which is not what it could access", () => {
    expect(harbor.practices).toEqual([
      {
        party: "harbor-ads",
        name: "harbor-ads",
        dataType: "device-ids",
        collected: true,
        shared: true,
        purposes: ["analytics"],
        source: "https://harbor.example/data",
        readOn: "2026-01-10",
      },
      {
        party: "harbor-ads",
        name: "harbor-ads",
        dataType: "precise-location",
        collected: false,
        source: "https://harbor.example/data",
        readOn: "2026-01-10",
      },
    ]);
    expect(harbor).not.toHaveProperty("access");
  });

  test("has sources with dates", () => {
    expect(harbor.sources).toEqual([
      { of: "harbor-ads", kind: "platform-reference", where: "a rule for tests", readOn: "2026-11-22" },
    ]);
  });

  test("in an app: evidence, accesses with their limits, what its permissions open", () => {
    const { presence, access, app } = explained("harbor-ads", withApp);
    expect(app).toMatchObject({ file: "app.apk", packageName: "com.example.app", hasOtherRules: false });
    expect(presence).toMatchObject({ answer: "present", version: "3.1", confidence: "certain", classes: 10 });
    expect(access?.map(({ dataType, rung, accesses }) => [dataType, rung, accesses.length])).toEqual([
      ["device-ids", "referenced", 1],
      ["precise-location", "permitted", 0],
    ]);
    expect(access?.[0]).toMatchObject({
      company: { id: "ocean" },
      limits: [{ kind: "api-level" }],
      accesses: [{ api: GET_ID, evidence: [{ caller: "Lcom/harbor/ads/Ids;->read()V" }] }],
    });
  });

  test("is absent from an app that was read whole, and unknown in one that was not", () => {
    expect(explained("plankton", withApp).presence).toEqual({ answer: "absent" });
    const app = exampleApp();
    const cut = exampleKnowledge({ ...app, coverage: { ...app.coverage, unread: ["classes2.dex"] } });
    expect(explained("plankton", cut).presence).toEqual({ ...unknown, unread: ["classes2.dex"] });
  });

  test("is unknown where a diagnostic alone says that a part was not read", () => {
    const diagnostic = { code: "truncated" as const, part: "classes3.dex", message: "classes3.dex: cut" };
    const withDiagnostic = (effect: "unread" | "odd") =>
      explained("plankton", exampleKnowledge({ ...exampleApp(), diagnostics: [{ effect, ...diagnostic }] }));
    expect(withDiagnostic("unread")).toMatchObject({
      presence: { ...unknown, unread: ["classes3.dex"] },
      app: { unread: ["classes3.dex"] },
    });
    expect(withDiagnostic("odd").presence).toEqual({ answer: "absent" });
  });

  test("is unknown where other rules looked for it, or names may be wrong; what was seen stays seen", () => {
    const app = exampleApp();
    const tool = { ...app.tool, rulesVersion: "0123456789ab" };
    const byOthers = exampleKnowledge({ ...app, tool });
    expect(explained("plankton", byOthers).presence).toEqual({ ...unknown, hasOtherRules: true });
    expect(explained("harbor-ads", byOthers).presence).toMatchObject({ answer: "present" });
    expect(explained("vendor:plankton", byOthers).sdks).toMatchObject([{ presence: "unknown" }]);
    const mapping = { effect: "odd", code: "other-mapping", part: "mapping.txt", message: "" } as const;
    const misnamed = exampleKnowledge({ ...app, diagnostics: [mapping] });
    expect(explained("plankton", misnamed).presence).toEqual({ ...unknown, hasOtherMapping: true });
  });
});

describe("an SDK that is the app makers' own", () => {
  const own = exampleKnowledge(ownApp());

  test("is there, with what it was seen by; its accesses are told as theirs", () => {
    const { presence, access } = explained("harbor-ads", own);
    expect(presence).toEqual({
      answer: "present",
      kind: "first-party",
      confidence: "certain",
      version: "3.1",
      classes: 4,
      evidence: [{ kind: "class", entry: "classes.dex", value: "Lcom/harbor/ads/Main;" }],
      own: { why: "own-vendor", classes: 4 },
    });
    expect(access).toBeUndefined();
    expect(explained("first-party", own).access?.map(({ dataType }) => dataType)).toEqual(["device-ids"]);
  });

  test("is among its company's, and brings its permissions", () => {
    const { sdks, access } = explained("ocean", own);
    expect(sdks).toMatchObject([{ id: "harbor-ads", presence: "present", isOwn: true }]);
    expect(access).toBeUndefined();
    expect(explained(ID, own).broughtBy).toMatchObject([{ id: "harbor-ads", presence: "present" }]);
  });

  test("in part only, stays a party beside", () => {
    const [first] = ownApp("named").parties;
    const app = exampleApp();
    const parties = [{ ...app.parties[0]!, ownSdks: first!.ownSdks! }, ...app.parties.slice(1)];
    const { presence, access } = explained("harbor-ads", exampleKnowledge({ ...app, parties }));
    expect(presence).toMatchObject({ kind: "sdk", classes: 10, own: { why: "named", classes: 4 } });
    expect(access).toHaveLength(2);
  });

  test("of a rule that only the report's rules have, can be asked for", () => {
    const app = ownApp();
    const [first] = app.parties;
    const ownSdks = first!.ownSdks!.map((sdk) => ({ ...sdk, id: "reef", name: "Reef" }));
    const knowledge = exampleKnowledge({ ...app, parties: [{ ...first!, ownSdks }] });
    expect(explained("reef", knowledge)).toMatchObject({
      subject: { kind: "sdk", name: "Reef" },
      presence: { answer: "present" },
    });
  });
});

test("an SDK is unknown in an app with code that has lost its names", () => {
  const app = exampleApp();
  const { classes } = app.coverage;
  const coverage = { ...app.coverage, classes: { ...classes, unattributed: 7 } };
  const renamed = exampleKnowledge({ ...app, coverage });
  expect(explained("plankton", renamed).presence).toEqual({ ...unknown, unattributed: 7 });
});

describe("how to be rid of it", () => {
  const harbor = explained("harbor-ads");

  test("manifest switches, as the app has them", () => {
    const lines = ['<meta-data android:name="com.harbor.ads.LOCATION" android:value="false" />'];
    const [without] = remediesOf(harbor, "manifest-switch");
    expect(without).toMatchObject({ lines, source: "https://harbor.example/docs/switches" });
    expect(without).not.toHaveProperty("state");
    const stateIn = (value: string | undefined) => {
      const app = exampleApp();
      const parties = app.parties.map((item) => ({
        ...item,
        ...(item.switches === undefined
          ? {}
          : {
              switches: item.switches.map(({ value: _, ...rest }) => ({
                ...rest,
                ...(value === undefined ? {} : { value }),
              })),
            }),
      }));
      return remediesOf(explained("harbor-ads", exampleKnowledge({ ...app, parties })), "manifest-switch")[0]
        ?.state;
    };
    expect([stateIn("true"), stateIn("false"), stateIn(undefined)]).toEqual([
      "set-otherwise",
      "switched-off",
      "not-set",
    ]);
    // Other rules made the report, which say nothing of the switch.
    const parties = exampleApp().parties.map(({ switches: _, ...rest }) => rest);
    const [untold] = remediesOf(
      explained("harbor-ads", exampleKnowledge({ ...exampleApp(), parties })),
      "manifest-switch",
    );
    expect(untold).not.toHaveProperty("state");
  });

  test("switches in code", () => {
    expect(remediesOf(harbor, "code-switch")[0]).toMatchObject({
      lines: ["Lcom/harbor/ads/Harbor;->setConsent(Lcom/harbor/ads/Harbor$Consent;[Z)V"],
      effect: "With NONE, nothing is read.",
    });
  });

  test("what starts it: a provider, an initializer", () => {
    expect(remediesOf(harbor, "remove-start").map(({ lines }) => lines)).toEqual([
      ['<provider android:name="com.harbor.ads.StartProvider" tools:node="remove" />'],
      [
        '<provider android:name="androidx.startup.InitializationProvider" android:authorities="${applicationId}.androidx-startup" android:exported="false" tools:node="merge">',
        '    <meta-data android:name="com.harbor.ads.StartInitializer" tools:node="remove" />',
        "</provider>",
      ],
    ]);
  });

  test("permissions that bear on data, with what that costs everybody", () => {
    expect(remediesOf(harbor, "remove-permission").map(({ lines }) => lines)).toEqual([
      [`<uses-permission android:name="${ID}" tools:node="remove" />`],
      [`<uses-permission android:name="${FINE}" tools:node="remove" />`],
    ]);
    const [, fine] = remediesOf(explained("harbor-ads", withApp), "remove-permission");
    expect(fine?.warnings).toEqual([
      "This takes it from everybody: the app's own code and every other SDK lose it too.",
      "In this app, code of the app itself, com.acme uses READ_PLACE.",
      "With tools:selector, and the package of the SDK's manifest, only what that one brings is removed.",
    ]);
  });

  test("its artefacts", () => {
    expect(remediesOf(harbor, "exclude-artefact")[0]?.lines).toEqual([
      "configurations.configureEach {",
      '    exclude(group = "com.harbor", module = "ads")',
      '    exclude(group = "com.harbor", module = "ads-core")',
      "}",
    ]);
  });

  test("names are escaped as XML", () => {
    const app = exampleApp();
    const odd = { metaData: 'a"><evil/>&', off: '"', effect: "Odd." };
    const parties = [{ ...app.parties[2]!, id: "odd", switches: [odd] }];
    const [remedy] = explained("odd", exampleKnowledge({ ...app, parties })).remedies;
    expect(remedy?.lines).toEqual([
      '<meta-data android:name="a&quot;>&lt;evil/>&amp;" android:value="&quot;" />',
    ]);
  });
});

describe("a company", () => {
  test("has the SDKs of all that it owns", () => {
    const ocean = explained("ocean");
    expect(ocean.is).toBe("A company. The rules know one SDK of it and of companies that it owns.");
    expect(ocean.sdks).toEqual([
      {
        id: "harbor-ads",
        name: "harbor-ads",
        kind: "sdk",
        category: "analytics",
        vendor: { id: "harbor", name: "harbor Inc.", country: "US" },
      },
    ]);
    expect(ocean.practices).toHaveLength(2);
    expect(ocean.remedies).toEqual([]);
  });

  test("in an app: what the code of all of them could access", () => {
    const ocean = explained("ocean", withApp);
    expect(ocean.sdks).toMatchObject([{ id: "harbor-ads", presence: "present", dataTypes: ["device-ids"] }]);
    expect(ocean.access?.map(({ party }) => party)).toEqual(["harbor-ads", "harbor-ads"]);
    expect(ocean.remedies.length).toBeGreaterThan(0);
  });

  test("is there since it was checked", () => {
    expect(explained("harbor").sources[0]).toEqual({
      of: "harbor Inc.",
      kind: "vendor-page",
      where: "https://harbor.example/",
      readOn: "2026-02-02",
    });
  });
});

describe("a data type", () => {
  test("is yielded by APIs with their limits, and opened by permissions", () => {
    const { yields, permissions, practices } = explained("data-type:device-ids");
    expect(yields?.map(({ id }) => id)).toEqual(["device-ids", "ids"]);
    expect(yields?.[1]?.apis).toEqual([
      {
        kind: "method",
        reference: GET_ID,
        needs: [],
        since: 21,
        until: 28,
        confidence: "certain",
        note: "Old.",
      },
      { kind: "field", reference: "Lcom/os/Ids;->ID:Ljava/lang/String;", needs: [], confidence: "likely" },
      {
        kind: "content-uri",
        reference: "content://com.os/ids",
        needs: [],
        targetUntil: 30,
        confidence: "certain",
      },
    ]);
    expect(yields?.[0]?.apis[0]?.constants).toEqual(["id", 'old "id"']);
    expect(permissions).toMatchObject([{ name: ID, protection: "normal", opens: ["device-ids"] }]);
    expect(practices?.map(({ party, collected }) => [party, collected])).toEqual([["harbor-ads", true]]);
  });

  test("is also what a finer one degrades to", () => {
    expect(explained("approximate-location").yields).toMatchObject([
      {
        id: "places",
        degradesTo: { dataType: "approximate-location", whenMissing: FINE },
        apis: [
          {
            reference: LOCATE,
            needs: [{ permissions: [FINE, ID], all: false, fromTarget: 29, otherwise: "nothing" }],
          },
          {
            kind: "override",
            needs: [{ permissions: [FINE], all: true, fromDevice: 23, toDevice: 28, otherwise: "partial" }],
          },
        ],
      },
    ]);
  });

  test("in an app: who could access it, third parties first", () => {
    const { access, remedies } = explained("precise-location", withApp);
    expect(access?.map(({ party, rung }) => [party, rung])).toEqual([
      ["unrecognised:com.acme", "referenced"],
      ["harbor-ads", "permitted"],
      ["first-party", "referenced"],
    ]);
    // The switch of who could, and the permission, which the app requests.
    expect(remedies.map(({ kind }) => kind)).toEqual(["manifest-switch", "remove-permission"]);
  });
});

test("an API rule: its own APIs, and whose code of an app calls them", () => {
  const ids = explained("ids", withApp);
  expect(ids.is).toBe(
    "A kind of data that 3 APIs of Android and its libraries yield; for Google Play it is device-ids.",
  );
  expect(ids.access?.map(({ party, dataType }) => [party, dataType])).toEqual([["harbor-ads", "device-ids"]]);
});

describe("a permission", () => {
  test("opens data types, is needed by APIs, is brought by SDKs", () => {
    const fine = explained(FINE);
    expect(fine.is).toBe("A permission for which Android asks the user.");
    expect(fine.opens).toEqual(["precise-location"]);
    expect(fine.yields?.map(({ id, apis }) => [id, apis.length])).toEqual([["places", 2]]);
    expect(fine.broughtBy).toEqual([{ id: "harbor-ads", name: "harbor-ads", module: "harbor-places" }]);
    expect(explained(ID).yields?.map(({ id, apis }) => [id, apis.length])).toEqual([["places", 1]]);
  });

  test("in an app: who calls what needs it, the findings, taking it away", () => {
    const id = explained(ID, withApp);
    expect(id.broughtBy).toMatchObject([{ id: "harbor-ads", presence: "present" }]);
    expect(id.permissions?.[0]?.inApp).toMatchObject({ usedBy: ["harbor-ads"] });
    expect(id.findings?.map(({ kind }) => kind)).toEqual(["piggy-back-permission"]);
    expect(id.remedies.map(({ kind }) => kind)).toEqual(["remove-permission"]);
  });

  test("that the app does not request is not taken away", () => {
    expect(explained("NET", withApp).remedies).toEqual([]);
    expect(explained("NET").remedies).toHaveLength(1);
  });
});

describe("a finding", () => {
  test("of an access: its calls, what is documented of the data type, how to be rid of it", () => {
    const { access, practices, remedies } = explained("data-access/harbor-ads/device-ids", withApp);
    expect(access?.map(({ dataType }) => dataType)).toEqual(["device-ids"]);
    expect(practices?.map(({ dataType }) => dataType)).toEqual(["device-ids"]);
    expect(new Set(remedies.map(({ kind }) => kind))).toEqual(
      new Set(["manifest-switch", "code-switch", "remove-start", "exclude-artefact"]),
    );
  });

  test("of what a permission merely opens: that permission", () => {
    const { permissions, remedies } = explained("data-access/harbor-ads/precise-location", withApp);
    expect(permissions).toMatchObject([{ name: FINE }]);
    expect(remedies.at(-1)).toMatchObject({
      kind: "remove-permission",
      lines: [expect.stringContaining(FINE)],
    });
  });

  test("without an app: what it would say", () => {
    const { is, app, access } = explained(`piggy-back-permission/harbor-ads/${ID}`);
    expect(is).toMatch(/^harbor-ads: com\.os\.permission\.READ_ID\. The app asks its users for it/);
    expect([app, access]).toEqual([undefined, undefined]);
  });

  test("its kind: why it matters, and those of the app", () => {
    expect(explained("piggy-back-permission").is).toMatch(/^The app asks its users for it/);
    expect(explained("data-access", withApp).findings).toHaveLength(3);
  });
});

test("what only a report knows is told as the report has it", () => {
  const app = exampleApp();
  const parties = [
    {
      ...app.parties[1]!,
      id: "their-own",
      name: "Their Own",
      practices: [{ dataType: "x", collected: true, source: "https://x.example/", readOn: "2026-01-01" }],
    },
  ];
  const own = explained("their-own", exampleKnowledge({ ...app, parties }));
  expect(own.is).toBe("A third-party SDK of harbor Inc., which belongs to ocean Inc.");
  expect(own.practices).toMatchObject([{ party: "their-own", dataType: "x" }]);
  expect(own.remedies).toMatchObject([{ kind: "manifest-switch", value: "true" }]);
  expect(own.sources).toEqual([]);
});
