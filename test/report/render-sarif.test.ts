import { describe, expect, test } from "vitest";
import type { AuditResult } from "../../src/index.js";
import type { Verdict } from "../../src/policy/index.js";
import { renderSarifRun, sarifFrame } from "../../src/report/result-formats.js";
import { verdictRenderers } from "../../src/report/verdict-formats.js";
import { poison } from "../support/hostile-text.js";
import { access, buildResult, call, party, permitted } from "../support/result-builder.js";
import { buildVerdict, check, problem } from "../support/verdict-builder.js";
import { following } from "./example-flows.js";
import { empty, incomplete, reaching, speedTest } from "./example-results.js";
import { failed, passed, undecided } from "./example-verdicts.js";
import { listSchemaErrors } from "./sarif-oracle.js";

interface Result {
  ruleId: string;
  ruleIndex: number;
  kind?: string;
  level: string;
  message: { text: string };
  locations: { physicalLocation: Physical; logicalLocations?: Logical[] }[];
  relatedLocations: {
    id: number;
    physicalLocation: Physical;
    logicalLocations?: Logical[];
    properties: object;
  }[];
  codeFlows?: object[];
  partialFingerprints: Record<string, string>;
  suppressions?: { kind: string; status: string; justification: string }[];
  properties: Record<string, unknown>;
}
interface Physical {
  artifactLocation: { uri: string; index?: number; uriBaseId?: string };
  region?: { startLine: number };
}
interface Logical {
  name: string;
  fullyQualifiedName: string;
  kind: string;
}
interface Run {
  tool: { driver: { rules: { id: string; name: string; help: { text: string } }[] } };
  automationDetails: { id: string };
  invocations: {
    executionSuccessful: boolean;
    toolExecutionNotifications: { level: string; message: { text: string } }[];
  }[];
  artifacts: { location: { uri: string }; parentIndex?: number; hashes?: object }[];
  results: Result[];
}

function logOf(...runs: readonly string[]): { runs: Run[] } {
  return JSON.parse(sarifFrame.before + runs.join(sarifFrame.between) + sarifFrame.after);
}
const runOf = (result: AuditResult) => logOf(renderSarifRun(result)).runs[0]!;
const verdictLog = (verdict: Verdict) => JSON.parse(verdictRenderers.sarif(verdict)) as { runs: Run[] };
const verdictRun = (verdict: Verdict) => verdictLog(verdict).runs[0]!;

test.each([
  ["referenced", "its code was not seen to use it"],
  ["permitted", "a use of it was not looked for"],
] as const)("of what is permitted, at depth %s: %s", (depth, said) => {
  const parts = { parties: [party("a", "A")], findings: [permitted("a", "photos", "P")], depth };
  expect(JSON.stringify(renderSarifRun(buildResult(parts)))).toContain(
    `A is permitted photos by P; ${said}.`,
  );
});

describe("SARIF of results", () => {
  test.each([speedTest, reaching, following, incomplete, empty])(
    "%o: fits the schema, alone, together and poisoned",
    (example) => {
      const run = renderSarifRun(example());
      expect(listSchemaErrors(logOf(run))).toEqual([]);
      expect(listSchemaErrors(logOf(run, run))).toEqual([]);
      expect(listSchemaErrors(logOf(renderSarifRun(poison(example()))))).toEqual([]);
    },
  );

  test("a log without runs fits too, and the schema refuses what is none", () => {
    expect(listSchemaErrors(logOf())).toEqual([]);
    expect(listSchemaErrors({ version: "2.1.0" })).not.toEqual([]);
  });

  test("each finding is a result of its kind, in the rules at that index", () => {
    const result = speedTest();
    const { results, tool } = runOf(result);
    expect(results.map(({ partialFingerprints }) => partialFingerprints["bycatchId/v1"])).toEqual(
      result.findings.map(({ id }) => id),
    );
    for (const { ruleId, ruleIndex } of results) expect(tool.driver.rules[ruleIndex]!.id).toBe(ruleId);
    expect(new Set(results.map(({ level }) => level))).toEqual(new Set(["note"]));
  });

  test("the app is the place that GitHub shows; the code stands in the DEX file inside it", () => {
    const { artifacts, results } = runOf(
      buildResult({
        parties: [party("acme", "Acme")],
        accesses: [
          access("acme", "contacts", "La/Api;->read()V", "Lcom/acme/Sdk$a;->start([I)V", {
            evidence: [
              call("La/Api;->read()V", "Lcom/acme/Sdk$a;->start([I)V", {
                entry: "classes2.dex",
                codeUnit: 31,
              }),
              { kind: "class", entry: "classes.dex", value: "Lcom/acme/Sdk;" },
              { kind: "permission", entry: "AndroidManifest.xml", value: "android.permission.X" },
            ],
          }),
        ],
      }),
    );
    const [{ locations, relatedLocations, message }] = results as [Result];
    expect(message.text).toBe("Acme could access contacts: Sdk.a.start -> Api.read.");
    const method = { name: "start", fullyQualifiedName: "Lcom/acme/Sdk$a;->start([I)V", kind: "function" };
    expect(locations).toEqual([
      {
        physicalLocation: { artifactLocation: { uri: "app.apk", index: 0 }, region: { startLine: 1 } },
        logicalLocations: [method],
      },
    ]);
    expect(relatedLocations.map(({ logicalLocations }) => logicalLocations)).toEqual([
      [method],
      [{ name: "Sdk", fullyQualifiedName: "Lcom/acme/Sdk;", kind: "type" }],
      undefined,
    ]);
    expect(relatedLocations[0]).toMatchObject({
      message: { text: "method-call a.Api.read at code unit 0x1f" },
      properties: { codeUnit: 31 },
    });
    expect(artifacts.map(({ location, parentIndex }) => [location.uri, parentIndex])).toEqual([
      ["app.apk", undefined],
      ["classes2.dex", 0],
      ["classes.dex", 0],
      ["AndroidManifest.xml", 0],
    ]);
    for (const { physicalLocation } of relatedLocations) {
      const { uri, index } = physicalLocation.artifactLocation;
      expect(artifacts[index!]!.location.uri).toBe(uri);
    }
  });

  test("fingerprints do not move with the code", () => {
    const build = (codeUnit: number, caller: string) =>
      runOf(
        buildResult({
          parties: [party("acme", "Acme")],
          accesses: [
            access("acme", "contacts", "La/Api;->read()V", caller, {
              evidence: [call("La/Api;->read()V", caller, { codeUnit })],
            }),
          ],
        }),
      ).results[0]!;
    const [before, after] = [build(1, "Lcom/acme/Sdk;->a()V"), build(700, "Lcom/acme/Other;->b()V")];
    expect(after.locations).not.toEqual(before.locations);
    expect(after.partialFingerprints).toEqual(before.partialFingerprints);
    expect(before.partialFingerprints).toEqual({
      "bycatchId/v1": "data-access/acme/contacts",
      primaryLocationLineHash: expect.stringMatching(/^[0-9a-f]{16}:1$/),
    });
  });

  test("what was not read makes the run no success, and says so", () => {
    const [invocation] = runOf(incomplete()).invocations;
    expect(invocation!.executionSuccessful).toBe(false);
    expect(invocation!.toolExecutionNotifications.map(({ level, message }) => [level, message.text])).toEqual(
      [
        ["error", "classes3.dex@0x1f00 class_data_item: needs 4 bytes, but the file ends at 0x1f02"],
        ["note", "classes.dex: two entries of this name"],
      ],
    );
    expect(runOf(speedTest()).invocations[0]!.executionSuccessful).toBe(true);
  });

  test("ways are code flows, that before consent another where it is; without one there is none", () => {
    expect(renderSarifRun(speedTest())).not.toContain("codeFlows");
    const flowsOf = (id: string) =>
      (runOf(reaching()).results.find(
        ({ partialFingerprints }) => partialFingerprints["bycatchId/v1"] === id,
      )!.codeFlows ?? []) as {
        message: { text: string };
        threadFlows: { locations: { location: { logicalLocations: Logical[] } }[] }[];
      }[];
    const flows = flowsOf("data-access/harbor-ads/precise-location");
    expect(flows.map(({ message }) => message.text)).toEqual([
      "Can run from the activity com.example.speedtest.Main in 1 call",
      "Before consent from the provider com.harbor.ads.InitProvider in 2 calls",
    ]);
    expect(
      flows.map(({ threadFlows }) =>
        threadFlows[0]!.locations.map(({ location }) => location.logicalLocations[0]!.fullyQualifiedName),
      ),
    ).toEqual([
      [
        "Lcom/example/speedtest/Main;->onCreate(Landroid/os/Bundle;)V",
        "Lcom/harbor/ads/GeoLocator;->locate()V",
      ],
      [
        "Lcom/harbor/ads/InitProvider;->onCreate()Z",
        "Lcom/harbor/ads/a/b;->a(Landroid/content/Context;)V",
        "Lcom/harbor/ads/GeoLocator;->locate()V",
      ],
    ]);
    expect(flowsOf("data-access/harbor-ads/device-or-other-ids").map(({ message }) => message.text)).toEqual([
      "Can run before consent, from the provider com.harbor.ads.InitProvider in 2 calls",
    ]);
    expect(flowsOf("data-access/plankton/device-or-other-ids")).toEqual([]);
  });

  describe("the way of a value", () => {
    interface Flow {
      message: { text: string };
      threadFlows: { locations: Step[] }[];
    }
    interface Step {
      kinds?: string[];
      importance?: string;
      location: {
        message: { text: string };
        physicalLocation?: Physical;
        logicalLocations: Logical[];
        properties?: { codeUnit: number };
      };
      properties?: { stepsLeftOut: number };
    }
    const resultOf = (id: string, result = following()) =>
      runOf(result).results.find(({ partialFingerprints }) => partialFingerprints["bycatchId/v1"] === id)!;
    const flowsOf = (id: string, result = following()) =>
      (resultOf(id, result).codeFlows ?? []) as unknown as Flow[];

    test("is the first code flow of a finding, step by step, with what the ends are", () => {
      const [way, reach] = flowsOf("data-access/harbor-ads/device-or-other-ids");
      expect(way!.message.text).toBe(
        "device-or-other-ids: Harbor Publisher Services: the network: bid.harbor.example and a host that no constant names (self-collected, android-id, hashed, likely)",
      );
      expect(
        way!.threadFlows[0]!.locations.map(({ kinds, importance, location }) => [
          kinds![0],
          importance,
          location.message.text,
          location.properties!.codeUnit,
          location.physicalLocation!.artifactLocation.uri,
          location.logicalLocations[0]!.fullyQualifiedName,
        ]),
      ).toEqual([
        [
          "source",
          "essential",
          "com.harbor.ads.Device.id reads it from android.provider.Settings$Secure.getString at code unit 0x4",
          4,
          "classes.dex",
          "Lcom/harbor/ads/Device;->id()V",
        ],
        [
          "value",
          "important",
          "com.harbor.ads.a.b.a at code unit 0x9",
          9,
          "classes.dex",
          "Lcom/harbor/ads/a/b;->a(Landroid/content/Context;)V",
        ],
        [
          "sink",
          "essential",
          "com.harbor.ads.Uplink.send gives it to java.io.OutputStream.write at code unit 0x1f",
          31,
          "classes.dex",
          "Lcom/harbor/ads/Uplink;->send([B)V",
        ],
      ]);
      expect(reach!.message.text).toMatch(/^Can run/);
    });

    test("says what was left out of it, and of which source Android calls the method", () => {
      const [{ threadFlows }] = flowsOf("data-hand-over/plankton/precise-location") as [Flow];
      const { locations } = threadFlows[0]!;
      expect(locations.map(({ location, properties }) => [location.message.text, properties])).toEqual([
        [
          "com.example.speedtest.Map.onLocationChanged is called with it, as android.location.LocationListener.onLocationChanged",
          undefined,
        ],
        ["com.example.speedtest.Map.onLocationChanged at code unit 0x8", undefined],
        ["7 steps left out; com.plankton.Plankton.setPlace at code unit 0x3", { stepsLeftOut: 7 }],
        ["com.plankton.Upload.run gives it to java.io.OutputStream.write at code unit 0xc", undefined],
      ]);
      expect(locations[0]!.location.properties).toBeUndefined();
    });

    test("is told in the message, with who gives it", () => {
      expect(resultOf("data-access/harbor-ads/device-or-other-ids").message.text).toMatch(
        / Where it goes: android-id to the network: bid\.harbor\.example and a host that no constant names \(1 flow, likely\)\./,
      );
      expect(resultOf("data-hand-over/plankton/precise-location").message.text).toBe(
        "Plankton Analytics is given precise-location by the app's own code, and its code brings it on: precise-location to the network: in.plankton.example (1 flow, likely).",
      );
    });

    test("of many flows 20 are shown and the rest is counted; of a long way the middle is left out", () => {
      const whole = following();
      const [first] = whole.flows!;
      const steps = Array.from({ length: 100 }, (_, at) => ({ ...first!.path[1]!, codeUnit: at }));
      const path = [first!.path[0]!, ...steps, first!.path.at(-1)!];
      const many = Array.from({ length: 30 }, (_, at) => ({ ...first!, id: `flow/${at}`, path, omitted: 5 }));
      const id = "data-access/harbor-ads/device-or-other-ids";
      const findings = whole.findings.map((finding) =>
        finding.id === id
          ? { ...finding, flows: many.slice(0, 25).map((flow) => flow.id), flowsOmitted: 5 }
          : finding,
      );
      const result = { ...whole, flows: many, findings };
      const ways = flowsOf(id, result).filter(({ message }) => !/run|consent/.test(message.text));
      expect(ways).toHaveLength(20);
      expect(resultOf(id, result).properties.flowsNotShown).toBe(10);
      expect(resultOf(id, result).message.text).toContain("(30 flows, likely)");
      for (const { threadFlows } of ways) {
        const { locations } = threadFlows[0]!;
        expect(locations).toHaveLength(40);
        expect(locations[20]!.properties).toEqual({ stepsLeftOut: 62 + 5 });
        expect(locations[20]!.location.properties!.codeUnit).toBe(81);
      }
    });
  });

  test("text is no link, no placeholder and no control; a URI is one", () => {
    const { results, artifacts, automationDetails } = runOf(
      buildResult({
        app: { packageName: "a/../b c", files: [{ name: "a b#%[1].apk", sha256: "ab".repeat(32), size: 1 }] },
        parties: [party("acme", "[x](javascript:1) {0}\x1b[2J")],
        accesses: [access("acme", "contacts", "La/Api;->read()V", "Lb;->c()V")],
      }),
    );
    expect(results[0]!.message.text).toMatch(
      /^\\\[x\\\]\(javascript:1\) \{\{0\}\}\\\\x1b\\\[2J could access/,
    );
    expect(artifacts[0]!.location.uri).toBe("a%20b%23%25%5B1%5D.apk");
    expect(automationDetails.id).toBe("bycatch-scan/a/../b%20c/");
    for (const example of [reaching, following])
      expect(renderSarifRun(poison(example())).replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u);
  });
});

describe("SARIF of verdicts", () => {
  const verdicts = { failed, undecided, passed };

  test.each(Object.keys(verdicts) as (keyof typeof verdicts)[])(
    "%s: fits the schema, poisoned too",
    (name) => {
      expect(listSchemaErrors(verdictLog(verdicts[name]()))).toEqual([]);
      expect(listSchemaErrors(verdictLog(poison(verdicts[name]())))).toEqual([]);
    },
  );

  test("a check is a rule, a problem a result of its severity at the check's line", () => {
    const { results, tool } = verdictRun(failed());
    expect(tool.driver.rules.map(({ id, name }) => [id, name])[0]).toEqual([
      "no-data-broker",
      "NoDataBroker",
    ]);
    expect(tool.driver.rules[0]!.help.text).toBe("No data broker rides along.\n\nWe promised so.");
    expect(results.map(({ ruleId, level, kind = "fail" }) => `${ruleId} ${kind} ${level}`)).toEqual([
      "no-data-broker fail error",
      "no-location fail error",
      "no-location fail error",
      "no-contacts fail error",
      "known-owners fail warning",
      "has-consent open none",
      "lockfile fail error",
      "lockfile fail error",
      "lockfile fail note",
    ]);
    expect(results[1]!.locations[0]!.physicalLocation).toEqual({
      artifactLocation: { uri: "bycatch.policy.yaml", uriBaseId: "%SRCROOT%" },
      region: { startLine: 12 },
    });
    expect(results[1]!.relatedLocations[0]!.logicalLocations![0]!.fullyQualifiedName).toBe(
      "Lcom/harbor/ads/GeoLocator;->locate()V",
    );
    expect(results[0]!.message.text).toBe("Harbor Ads 9.8.3 is a data broker's. Remove the dependency.");
  });

  test("only what was agreed to, and still is, is suppressed", () => {
    const suppressed = verdictRun(failed()).results.filter(({ suppressions }) => suppressions !== undefined);
    expect(
      suppressed.map(({ partialFingerprints, suppressions }) => [
        partialFingerprints["bycatchId/v1"],
        suppressions,
      ]),
    ).toEqual([
      [
        "no-location/plankton/approximate-location",
        [
          {
            kind: "external",
            status: "accepted",
            justification: "agreed to by @maps-team until 2027-01-31: Needed for the map",
          },
        ],
      ],
    ]);
  });

  test("a check that passed is no result; one that could not be decided is open, and the run no success", () => {
    expect(verdictRun(passed()).results.map(({ ruleId }) => ruleId)).toEqual(["known-owners"]);
    const { results, invocations } = verdictRun(undecided(true));
    expect(results.find(({ kind }) => kind === "open")!.message.text).toBe(
      "Could not be decided: 1 part could not be read, so nothing is claimed absent: classes3.dex.",
    );
    expect(invocations[0]!.executionSuccessful).toBe(false);
  });

  test.each([
    ["/home/me/app/bycatch.policy.yaml", "bycatch.policy.yaml"],
    ["C:\\me\\policy.yaml", "policy.yaml"],
    ["../policies/all.yaml", "all.yaml"],
    ["./ci/a b.yaml", "ci/a%20b.yaml"],
  ])("%s: no path of the machine", (file, uri) => {
    const verdict = buildVerdict([check("x", [problem("x/y", "z")], { place: { file, line: 2 } })]);
    expect(verdictRun(verdict).results[0]!.locations[0]!.physicalLocation.artifactLocation.uri).toBe(uri);
  });

  test("a check that is written nowhere is shown at the app", () => {
    const { place: _, ...nowhere } = check("reading", [problem("reading/x", "z")]);
    expect(verdictRun(buildVerdict([nowhere])).results[0]!.locations[0]!.physicalLocation).toEqual({
      artifactLocation: { uri: "app.apk", index: 0 },
      region: { startLine: 1 },
    });
  });
});
