import { describe, expect, test } from "vitest";
import { argumentRegister } from "../../src/access/find-api-uses.js";
import {
  type ApiUse,
  attributeAccesses,
  attributeHosts,
  buildApiQuery,
  Holdings,
} from "../../src/access/index.js";
import { defaultLimits } from "../../src/diagnostics/index.js";
import type { Reach } from "../../src/program/index.js";
import type { Attribution, Confidence, Party } from "../../src/sdk/index.js";
import { buildManifest } from "../support/app-builder.js";
import {
  apiRule,
  dataTypes,
  indexTinyRules,
  sdkRule,
  supportLibraryRule,
  vendor,
} from "../support/tiny-rules.js";

const index = indexTinyRules({
  "data-types.yaml": dataTypes("ids"),
  "vendors/acme.yaml": vendor("acme"),
  "acme.yaml": sdkRule("acme", [
    "class-prefix: Lcom/acme/",
    "host: collect.acme.example.io",
    "host: acme-cdn.io",
  ]),
  "core.yaml": supportLibraryRule("core", ["class-prefix: Lorg/core/"]),
  "ids.yaml": apiRule(
    "ids",
    "ids",
    `  - method: Lorg/core/Ids;->get()V
  - method: Landroid/Ids;->guess()V
    confidence: possible`,
  ),
});
const [ownApi, guessApi] = buildApiQuery(index).apisOfTarget.flat();
const holdings = new Holdings(buildManifest({}), []);

function party(id: string, rule?: Party["rule"]): Party {
  const kind = rule?.kind ?? "unrecognised";
  return {
    id,
    kind,
    name: id,
    confidence: "certain",
    classes: 1,
    codeUnits: 1,
    evidence: [],
    ...(rule === undefined ? {} : { rule }),
  };
}

const [acmeRule, coreRule] = index.parties;
/** Packages 0, 1 and 2. */
const attribution: Attribution = {
  parties: [party("acme", acmeRule!), party("core", coreRule!), party("unrecognised:x")],
  partyOfPackage: Int32Array.of(0, 1, 2),
  inferred: new Uint8Array(3),
};

function use(packageNumber: number, asked: typeof ownApi, confidence: Confidence, codeUnit: number): ApiUse {
  const evidence = () => ({
    kind: "method-call" as const,
    entry: "classes.dex",
    value: "v",
    caller: "c",
    codeUnit,
  });
  // What stands for a place is told apart by its code unit alone.
  const place = { dex: {} as ApiUse["place"]["dex"], classDefIdx: 0, methodIdx: codeUnit };
  return { asked: asked!, packageNumber, confidence, place, evidence };
}

describe("accesses", () => {
  const accesses = (uses: readonly ApiUse[], limits = defaultLimits) =>
    attributeAccesses(uses, attribution, holdings, index, limits);

  test("are one for each party and API, with every place counted", () => {
    const found = accesses([
      use(2, ownApi, "certain", 1),
      use(0, ownApi, "certain", 2),
      use(2, ownApi, "certain", 3),
    ]);
    expect(found.map((access) => [access.party.id, access.callSites])).toEqual([
      ["acme", 1],
      ["unrecognised:x", 2],
    ]);
  });

  test("leave out a library's use of its own API", () => {
    expect(accesses([use(1, ownApi, "certain", 1)])).toEqual([]);
    expect(accesses([use(1, guessApi, "certain", 1)])).toHaveLength(1);
  });

  test("are as sure as the surest place, which comes first", () => {
    const [access] = accesses([
      use(2, ownApi, "possible", 1),
      use(2, ownApi, "certain", 2),
      use(2, ownApi, "likely", 3),
    ]);
    expect(access!.confidence).toBe("certain");
    expect(access!.evidence.map(({ codeUnit }) => codeUnit)).toEqual([2, 1, 3]);
  });

  test("are no surer than the rule is of its API", () => {
    expect(accesses([use(2, guessApi, "certain", 1)])[0]!.confidence).toBe("possible");
  });

  test("count places past the limit of evidence", () => {
    const uses = Array.from({ length: 10 }, (_, at) => use(2, ownApi, at === 9 ? "certain" : "possible", at));
    const [access] = accesses(uses, { ...defaultLimits, evidencePerItem: 3 });
    expect(access!.callSites).toBe(10);
    expect(access!.evidence.map(({ codeUnit }) => codeUnit)).toEqual([9, 0, 1]);
  });
});

describe("how accesses come to run", () => {
  const chainOf = (component: string, methods: number) => {
    const [first, ...others] = Array.from({ length: methods }, (_, at) => `L${component};->m${at}()V`);
    return { component, kind: "activity" as const, chain: [first!, ...others] as [string, ...string[]] };
  };
  const find = (uses: readonly ApiUse[], reachOf: (codeUnit: number) => Reach | undefined) =>
    attributeAccesses(uses, attribution, holdings, index, defaultLimits, ({ methodIdx }) =>
      reachOf(methodIdx),
    )[0]!;
  const uses = [1, 2, 3].map((at) => use(2, ownApi, "certain", at));

  test("is by the shortest way to any of the places, which is shown first", () => {
    const { reach, evidence } = find(uses, (at) => (at === 2 ? chainOf("a", 2) : chainOf("b", 5)));
    expect(reach).toEqual(chainOf("a", 2));
    expect(evidence.map(({ codeUnit }) => codeUnit)).toEqual([2, 1, 3]);
  });

  test("of ways of one length is the first", () => {
    const { reach, evidence } = find(uses, (at) => chainOf(`c${at}`, 2));
    expect(reach?.component).toBe("c1");
    expect(evidence.map(({ codeUnit }) => codeUnit)).toEqual([1, 2, 3]);
  });

  test("has the shortest way before consent, of whichever place", () => {
    const { reach } = find(uses, (at) => ({
      ...chainOf("a", at),
      ...(at === 1 ? {} : { beforeConsent: chainOf(`early${at}`, 10 - at) }),
    }));
    expect(reach).toEqual({ ...chainOf("a", 1), beforeConsent: chainOf("early3", 7) });
  });

  test("counts what is left out of a chain", () => {
    const { reach } = find(uses, (at) => ({ ...chainOf(`c${at}`, 2), omitted: 5 - at }));
    expect(reach?.component).toBe("c3");
  });

  test("is not known where no way leads to any", () => {
    expect(find(uses, () => undefined)).not.toHaveProperty("reach");
  });

  test("does not bring a less sure place before a surer one", () => {
    const { evidence, reach } = find([uses[0]!, use(2, ownApi, "possible", 2)], (at) =>
      at === 2 ? chainOf("a", 1) : undefined,
    );
    expect(reach?.component).toBe("a");
    expect(evidence.map(({ codeUnit }) => codeUnit)).toEqual([1, 2]);
  });
});

describe("hosts", () => {
  function hostsOf(text: string): string[] {
    const evidence = () => ({ kind: "string" as const, entry: "classes.dex", value: text });
    return attributeHosts([{ text, packageNumber: 2, evidence }], attribution, index, defaultLimits).map(
      ({ host }) => host,
    );
  }

  test.each<[string, string[]]>([
    ["https://collect.acme.example.io/v1", ["collect.acme.example.io"]],
    ["HTTPS://Api.Acme.IO", ["api.acme.io"]],
    ["wss://socket.acme.io:8443/x", ["socket.acme.io"]],
    ["http://user:secret@acme.io/", ["acme.io"]],
    ["https://acme.io?x=1", ["acme.io"]],
    ["https://acme.io.", ["acme.io"]],
    ["acme-cdn.io", ["acme-cdn.io"]], // a rule names it
    ["other-cdn.io", []],
    ["https://", []],
    ["https://localhost/x", []],
    ["https://%s/v1", []],
    ["https://a..b/", []],
    ["ftp://acme.io/", []],
    ["see https://acme.io/", []],
    ["http://schemas.android.com/apk/res/android", []],
    ["http://www.w3.org/2000/svg", []],
    ["https://api.example.com/", []],
    ["http://127.0.0.1/", []],
    ["http://192.168.1.7/", []],
    ["http://10.0.2.2:8081/", []],
    ["https://8.8.8.8/dns", ["8.8.8.8"]],
    ["https://w3.org.acme.io/", ["w3.org.acme.io"]],
  ])("%s", (text, expected) => {
    expect(hostsOf(text)).toEqual(expected);
  });

  test("each URL is told once, a bare name is no URL, and every place counts", () => {
    const texts = ["https://a.acme.io/1", "https://a.acme.io/2", "https://a.acme.io/1", "acme-cdn.io"];
    const uses = texts.map((text) => ({
      text,
      packageNumber: 2,
      evidence: () => ({ kind: "string" as const, entry: "classes.dex", value: text }),
    }));
    expect(
      attributeHosts(uses, attribution, index, defaultLimits).map(({ host, sites, urls }) => ({
        host,
        sites,
        urls,
      })),
    ).toEqual([
      { host: "a.acme.io", sites: 3, urls: ["https://a.acme.io/1", "https://a.acme.io/2"] },
      { host: "acme-cdn.io", sites: 1, urls: [] },
    ]);
  });
});

test("the register of an argument counts the receiver once and wide types twice", () => {
  const proto = "(JLjava/lang/String;[[DD[Lcom/acme/A;I)V";
  expect([0, 1, 2, 3, 4, 5].map((position) => argumentRegister(proto, position, true))).toEqual([
    0, 2, 3, 4, 6, 7,
  ]);
  expect([0, 1, 2].map((position) => argumentRegister(proto, position, false))).toEqual([1, 3, 4]);
});
