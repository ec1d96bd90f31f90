import { describe, expect, test } from "vitest";
import { parseReport } from "../../src/cli/read-report.js";
import type { AuditResult, Diagnostic } from "../../src/index.js";
import { following } from "../report/example-flows.js";
import {
  access,
  buildResult,
  party,
  permission,
  permissionFinding,
  type ResultParts,
} from "../support/result-builder.js";

const unread: Diagnostic = {
  effect: "unread",
  code: "truncated",
  part: "classes2.dex",
  message: "classes2.dex: cut",
};
const cut: Diagnostic = {
  effect: "unread",
  code: "limit",
  part: "app.apk",
  message: "app.apk: 7 more diagnostics are not listed (limit diagnostics, 2)",
};
const parts: ResultParts = {
  parties: [party("gull", "Gull", { vendor: { id: "gull-inc", name: "Gull Inc." } })],
  accesses: [access("gull", "contacts", "La/B;->c()V", "Lcom/gull/Main;->run()V")],
  hosts: [{ party: "gull", host: "gull.example", sites: 1, urls: [], evidence: [] }],
  // Of the app's makers there is no code.
  findings: [
    { ...permissionFinding("unused-permission", "android.permission.CAMERA"), party: "first-party" },
  ],
  permissions: [permission("android.permission.CAMERA", { usedBy: ["gull"] })],
  diagnostics: [unread],
};
const sound = buildResult(parts);

const read = (result: AuditResult) => parseReport(JSON.stringify(result), "p.json");
const withUnread = (parts: readonly string[], diagnostics: readonly Diagnostic[]): AuditResult => ({
  ...sound,
  coverage: { ...sound.coverage, unread: parts },
  diagnostics,
});

describe("a report", () => {
  test.each<[string, AuditResult]>([
    ["whose parts fit together", sound],
    ["with flows", following()],
    ["with more unread parts than it has room to tell of", withUnread(["classes2.dex", "x"], [unread, cut])],
    ["of which all that was told was odd", withUnread([], [{ ...cut, effect: "odd" }])],
  ])("%s is read", async (_, result) => {
    expect(await read(result)).toEqual(JSON.parse(JSON.stringify(result)));
  });

  test.each<[string, AuditResult, string]>([
    [
      "two parties of one id",
      { ...sound, parties: [...sound.parties, ...sound.parties] },
      'two parties "gull"',
    ],
    [
      "an access of nobody",
      { ...sound, accesses: sound.accesses.map((one) => ({ ...one, party: "pike" })) },
      'accesses.0 names the party "pike", which parties has not',
    ],
    [
      "a host of nobody",
      { ...sound, hosts: sound.hosts.map((one) => ({ ...one, party: "first-party" })) },
      'hosts.0 names the party "first-party"',
    ],
    [
      "what is handed over to a party that is not there",
      { ...sound, handOvers: [{ ...following().handOvers![0]!, party: "pike" }] },
      'handOvers.0 names the party "pike"',
    ],
    [
      "a flow of a party that is not there",
      {
        ...following(),
        flows: following().flows!.map((flow) => ({ ...flow, sink: { ...flow.sink, party: "pike" } })),
      },
      'flows.0.sink names the party "pike"',
    ],
    [
      "a finding of a flow that is not there",
      { ...following(), flows: following().flows!.slice(1) },
      'names the flow "flow/device-or-other-ids/harbor-ads/harbor-ads/00000001", which flows has not',
    ],
    [
      "a finding of nobody",
      { ...sound, findings: sound.findings.map((one) => ({ ...one, party: "pi\u001bke" })) },
      String.raw`findings.0 names the party "pi\x1bke"`,
    ],
    [
      "a company of nobody",
      { ...sound, companies: sound.companies.map((one) => ({ ...one, parties: ["pike"] })) },
      'companies.0 names the party "pike"',
    ],
    [
      "a permission that nobody brings",
      {
        ...sound,
        permissions: [
          permission("android.permission.CAMERA", { declaredBy: [{ party: "pike", confidence: "likely" }] }),
        ],
      },
      'permissions.0.declaredBy names the party "pike"',
    ],
    [
      "a permission that nobody uses",
      { ...sound, permissions: [permission("android.permission.CAMERA", { usedBy: ["pike"] })] },
      'permissions.0.usedBy names the party "pike"',
    ],
    [
      "an unread part taken out",
      withUnread([], [unread]),
      'diagnostics say that "classes2.dex" could not be read, and coverage.unread has it not',
    ],
    [
      "a diagnostic taken out",
      withUnread(["classes2.dex"], []),
      'coverage.unread has "classes2.dex", and no diagnostic says that it could not be read',
    ],
    ["all unread parts taken out of a cut list", withUnread([], [cut]), "coverage.unread has none"],
    [
      "an unread part taken out of a cut list",
      withUnread(["x"], [unread, cut]),
      'diagnostics say that "classes2.dex"',
    ],
  ])("with %s is refused", async (_, result, problem) => {
    await expect(read(result)).rejects.toMatchObject({
      name: "UsageError",
      where: "p.json",
      problem: expect.stringContaining(problem),
    });
  });
});
