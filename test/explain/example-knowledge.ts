import { Knowledge } from "../../src/explain/index.js";
import type { AuditResult } from "../../src/index.js";
import { RuleIndex } from "../../src/ruleset/index.js";
import {
  access,
  buildResult,
  call,
  party,
  permission,
  permissionFinding,
  permitted,
  type ResultParts,
} from "../support/result-builder.js";
import {
  apiRule,
  compileTinyRules,
  compileTinySources,
  dataTypes,
  permissions,
  sdkRule,
  supportLibraryRule,
  vendor,
} from "../support/tiny-rules.js";

export const GET_ID = "Lcom/os/Ids;->getId()Ljava/lang/String;";
export const LOCATE = "Lcom/os/Places;->locate()Lcom/os/Place;";
export const FINE = "android.permission.READ_PLACE";
export const ID = "com.os.permission.READ_ID";

/** An invented SDK of a company that another owns, with all that a rule can say. */
const HARBOR = `
brings:
  - permission: ${ID}
  - { permission: ${FINE}, module: harbor-places }
  - permission: com.os.permission.NET
switches:
  - meta-data: com.harbor.ads.LOCATION
    off: "false"
    effect: No place is read for ad requests.
    data-types: [precise-location]
    source: https://harbor.example/docs/switches
  - method: Lcom/harbor/ads/Harbor;->setConsent(Lcom/harbor/ads/Harbor$Consent;[Z)V
    effect: With NONE, nothing is read.
auto-init:
  - provider: com.harbor.ads.StartProvider
  - initializer: com.harbor.ads.StartInitializer
maven: [com.harbor:ads, com.harbor:ads-core]
practices:
  - { data-type: device-ids, collected: true, shared: true, purposes: [analytics], source: "https://harbor.example/data", read-on: 2026-01-10 }
  - { data-type: precise-location, collected: false, source: "https://harbor.example/data", read-on: 2026-01-10 }
note: Its core is in harbor-core.
`;

const NEEDS = `
degrades-to: { data-type: approximate-location, when-missing: ${FINE} }
needs:
  - { any-of: [${FINE}, ${ID}], from-target: 29 }
`;

const files = {
  "harbor.yaml": sdkRule(
    "harbor-ads",
    ["class-prefix: Lcom/harbor/ads/", "component: com.harbor.ads.AdActivity", "host: ads.harbor.example"],
    HARBOR,
  ).replace("vendor: harbor-ads", "vendor: harbor"),
  "plankton.yaml": sdkRule("plankton", ["class-prefix: Lcom/plankton/"]),
  "knots.yaml": supportLibraryRule("knots", ["class-prefix: Lcom/knots/"], "note: Ties other code."),
  "vendors/harbor.yaml": vendor(
    "harbor",
    ", parent: tidewater, country: US, site: https://harbor.example/, checked-on: 2026-02-02",
  ),
  "vendors/tidewater.yaml": vendor("tidewater", ", parent: ocean"),
  "vendors/ocean.yaml": vendor("ocean", ", privacy: https://ocean.example/privacy"),
  "vendors/plankton.yaml": vendor("plankton"),
  "ids.yaml": apiRule(
    "ids",
    "device-ids",
    `  - { method: "${GET_ID}", since: 21, until: 28, note: Old. }\n  - { field: "Lcom/os/Ids;->ID:Ljava/lang/String;", confidence: likely }\n  - { content-uri: "content://com.os/ids", target-until: 30 }\n`,
  ),
  "places.yaml": apiRule(
    "places",
    "precise-location",
    `  - { method: "${LOCATE}" }\n  - { override: "Lcom/os/Listener;->onPlace(Lcom/os/Place;)V", needs: [{ all-of: [${FINE}], from-device: 23, to-device: 28, otherwise: partial }] }\n`,
    NEEDS,
  ),
  // A kind of data with the id of a data type.
  "device-ids.yaml": apiRule(
    "device-ids",
    "device-ids",
    `  - method: Lcom/os/Settings;->get(Ljava/lang/String;)V\n    argument: { index: 0, one-of: [id, "old \\"id\\""] }\n`,
  ),
  "data-types.yaml": dataTypes("device-ids", "precise-location", "approximate-location"),
  "permissions.yaml": permissions(
    `${FINE} dangerous precise-location`,
    `${ID} normal device-ids`,
    "com.os.permission.NET normal",
  ),
};

const index = new RuleIndex(compileTinyRules(files));

/** What the invented rules know, of an app where a result is given. */
export function exampleKnowledge(result?: AuditResult): Knowledge {
  return new Knowledge(index, compileTinySources(files), result);
}

/** An app of the invented SDK's vendor, with that SDK and nothing else. */
export function ownApp(why: "own-vendor" | "named" = "own-vendor"): AuditResult {
  const evidence = [{ kind: "class" as const, entry: "classes.dex", value: "Lcom/harbor/ads/Main;" }];
  const own = { id: "harbor-ads", kind: "sdk" as const, name: "harbor-ads", why, evidence };
  return madeByRules({
    parties: [
      party("first-party", "com.harbor.app", {
        kind: "first-party",
        ownSdks: [{ ...own, version: "3.1", confidence: "certain", classes: 4 }],
      }),
    ],
    accesses: [
      access("first-party", "device-ids", GET_ID, "Lcom/harbor/ads/Ids;->read()V", { yields: "ids" }),
    ],
  });
}

function madeByRules(parts: ResultParts): AuditResult {
  const result = buildResult(parts);
  return { ...result, tool: { ...result.tool, rulesVersion: index.rulesVersion } };
}

/** The same app of which it is known what can run and where data goes: the SDK's identifier to the network, a place to the SDK. */
export function followedApp(): AuditResult {
  const whole = exampleApp();
  const end = (owner: string, api: string, caller: string, codeUnit: number) => ({
    party: owner,
    api,
    entry: "classes.dex",
    caller,
    codeUnit,
  });
  const [read, send, show] = [
    "Lcom/harbor/ads/Ids;->read()V",
    "Lcom/harbor/ads/Net;->send()V",
    "Lcom/example/app/Map;->show()V",
  ];
  const post = "Lcom/os/Net;->post(Ljava/lang/String;)V";
  const setPlace = "Lcom/harbor/ads/Harbor;->setPlace(Lcom/os/Place;)V";
  const step = (caller: string, codeUnit: number) => ({ entry: "classes.dex", caller, codeUnit });
  const common = { confidence: "likely", limits: [] } as const;
  const flows: AuditResult["flows"] = [
    {
      id: "flow/device-ids/harbor-ads/harbor-ads/00000001",
      dataType: "device-ids",
      yields: "ids",
      kind: "self-collected",
      hashed: true,
      ...common,
      source: end("harbor-ads", GET_ID, read, 4),
      sink: { ...end("harbor-ads", post, send, 9), kind: "network", hosts: ["ads.harbor.example"] },
      path: [step(read, 4), step(read, 7), step(send, 2), step(send, 9)],
      omitted: 3,
    },
    {
      id: "flow/precise-location/first-party/harbor-ads/00000002",
      dataType: "precise-location",
      yields: "places",
      kind: "handed-over",
      ...common,
      source: end("first-party", LOCATE, show, 1),
      sink: { ...end("harbor-ads", post, send, 9), kind: "network", hosts: ["unknown"] },
      path: [step(show, 1), step(send, 9)],
    },
  ];
  const reach = {
    component: "com.harbor.ads.StartProvider",
    kind: "provider",
    chain: ["Lcom/harbor/ads/StartProvider;->onCreate()Z", read] as const,
  } as const;
  return {
    ...whole,
    depth: "flows",
    accesses: whole.accesses.map((one) =>
      one.party === "harbor-ads" ? { ...one, reach: { ...reach, beforeConsent: reach } } : one,
    ),
    handOvers: [
      {
        party: "harbor-ads",
        api: setPlace,
        caller: show,
        confidence: "likely",
        callSites: 1,
        dataTypes: [],
        passes: ["precise-location"],
        events: ["opened"],
        properties: [],
        evidence: [call(setPlace, show)],
      },
    ],
    reachability: { entryPoints: 2, methods: 9, gaps: [{ kind: "reflection", methods: 2 }] },
    flows,
    flowCoverage: {
      sources: 3,
      methods: 9,
      steps: 99,
      cutCalls: 1,
      cutMethods: 0,
      cuts: [{ party: "harbor-ads", calls: 1, methods: 0 }],
      isCut: false,
    },
    findings: [
      ...whole.findings.map((finding) =>
        finding.id === "data-access/harbor-ads/device-ids"
          ? {
              ...finding,
              rung: "flows" as const,
              flows: [flows[0]!.id],
              reach: { ...reach, beforeConsent: reach },
            }
          : finding,
      ),
      {
        id: "data-hand-over/harbor-ads/precise-location",
        kind: "data-hand-over",
        party: "harbor-ads",
        dataType: "precise-location",
        rung: "flows",
        flows: [flows[1]!.id],
        ...common,
        evidence: [call(LOCATE, show)],
      },
    ],
  };
}

/** An app with the invented SDK and a package that nobody knows. */
export function exampleApp(): AuditResult {
  const limit = {
    kind: "api-level" as const,
    leaves: "sometimes" as const,
    sinceSdkVersion: 29,
    message: "Yields the data up to API level 28 (Android 9) only.",
  };
  return madeByRules({
    parties: [
      party("first-party", "com.example.app", { kind: "first-party", evidence: [] }),
      party("harbor-ads", "harbor-ads", {
        version: "3.1",
        vendor: { id: "harbor", name: "harbor Inc.", parent: { id: "ocean", name: "ocean Inc." } },
        switches: [
          {
            metaData: "com.harbor.ads.LOCATION",
            off: "false",
            value: "true",
            effect: "No place is read for ad requests.",
          },
        ],
      }),
      party("unrecognised:com.acme", "com.acme", { kind: "unrecognised" }),
    ],
    accesses: [
      access("harbor-ads", "device-ids", GET_ID, "Lcom/harbor/ads/Ids;->read()V", {
        yields: "ids",
        callSites: 2,
        limits: [limit],
      }),
      access("unrecognised:com.acme", "precise-location", LOCATE, "Lcom/acme/Track;->go()V", {
        yields: "places",
      }),
      access("first-party", "precise-location", LOCATE, "Lcom/example/app/Map;->show()V", {
        yields: "places",
      }),
    ],
    permissions: [
      permission(FINE, { usedBy: ["first-party", "unrecognised:com.acme"] }),
      permission(ID, { protection: "normal", usedBy: ["harbor-ads"] }),
    ],
    findings: [
      permitted("harbor-ads", "precise-location", FINE),
      permissionFinding("piggy-back-permission", ID, "harbor-ads"),
    ],
  });
}
