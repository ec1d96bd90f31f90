import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type AuditResult, audit, check, loadRules, lock } from "../../src/index.js";
import { auditResultSchema } from "../../src/report/audit-result-schema.js";
import { bycatch, temporaryFolder } from "../cli/run-bycatch.js";
import { programsFolder } from "../programs/read-program.js";

const rulePath = join(programsFolder, "rules");
const rules = await loadRules([rulePath]);
const apkOf = (program: string) => join(programsFolder, `${program}.apk`);
const collected = apkOf("third-party/self-collected");
const handedOver = apkOf("third-party/set-user-id");
/** Its twin: the SDK is given a constant. */
const given = apkOf("third-party/set-user-id-constant");

function scan(apk: string, ...args: string[]): AuditResult {
  const run = bycatch(["scan", "--depth", "flows", "--rules", rulePath, "-f", "json", apk, ...args]);
  expect({ stderr: run.stderr, status: run.status }).toEqual({ stderr: "", status: 0 });
  return JSON.parse(run.stdout);
}

describe("scan --depth flows", () => {
  test("is in the help", () => {
    const { stdout } = bycatch(["scan", "--help"]);
    expect(stdout).toMatch(/--depth <rung>[^-]*"flows"/);
    expect(stdout).toMatch(/^ {2}flows {2,}also where the data goes/m);
  });

  test("says in JSON where data goes, and how much of the app was gone through", () => {
    const result = auditResultSchema.parse(scan(collected));
    expect(result.depth).toBe("flows");
    expect(result.flows).toHaveLength(1);
    const [flow] = result.flows!;
    expect(flow).toMatchObject({
      id: expect.stringMatching(/^flow\/device-or-other-ids\//),
      kind: "self-collected",
      sink: { kind: "network", hosts: [expect.stringMatching(/\.example$/)] },
    });
    expect(flow!.source.party).toBe(flow!.sink.party);
    expect(flow!.path.at(0)).toMatchObject({ caller: flow!.source.caller, codeUnit: flow!.source.codeUnit });
    expect(flow!.path.at(-1)).toMatchObject({ caller: flow!.sink.caller, codeUnit: flow!.sink.codeUnit });
    expect(result.flowCoverage).toMatchObject({ sources: 1, isCut: false });
    expect(result.flowCoverage!.steps).toBeGreaterThan(0);
  });

  test("is the rung of a finding that names flows, each of which there is", () => {
    const { findings, flows } = scan(collected);
    const finding = findings.find(({ kind }) => kind === "data-access");
    expect(finding).toMatchObject({ rung: "flows", party: flows![0]!.source.party });
    expect(finding!.flows).toEqual(flows!.map(({ id }) => id));
  });

  test("says what a third party is handed over, and of its twin that is given none nothing", () => {
    const { findings, flows } = scan(handedOver);
    const handOver = findings.filter(({ kind }) => kind === "data-hand-over");
    expect(handOver).toHaveLength(1);
    const ids = flows!.filter(({ kind }) => kind === "handed-over").map(({ id }) => id);
    expect(handOver[0]).toMatchObject({ rung: "flows", flows: ids });
    expect(ids.length).toBeGreaterThan(0);
    const twin = scan(given);
    expect(twin.findings.filter(({ kind }) => kind === "data-hand-over")).toEqual([]);
    expect(twin.flows!.filter(({ kind }) => kind === "handed-over")).toEqual([]);
  });

  test("is the same as the library gives", async () => {
    const result = await audit(collected, { depth: "flows", rules });
    expect(scan(collected)).toEqual(JSON.parse(JSON.stringify(result)));
  });

  test("prints the rung in the terminal", () => {
    const { stdout, status } = bycatch([
      ...["scan", "--depth", "flows", "--rules", rulePath, "--width", "120"],
      collected,
    ]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/device-or-other-ids {2}flows/);
  });
});

describe("a policy that asks for flows", () => {
  const today = "2026-12-31";
  const policy = (asked = "data-type: device-or-other-ids") => {
    const path = join(temporaryFolder(), "policy.yaml");
    writeFileSync(path, `policy-version: 1\nrules:\n  - { id: leaves, deny: { ${asked}, rung: flows } }\n`);
    return path;
  };
  const outcomeOf = async (apk: string, depth: "flows" | "reachable", asked?: string) => {
    const result = await audit(apk, { depth, rules });
    return (await check(result, { policy: policy(asked), rules, today })).checks[0]!;
  };

  test("fails where data flows, and passes where it is only read", async () => {
    const failed = await outcomeOf(collected, "flows");
    expect(failed).toMatchObject({ outcome: "fail", problems: [{ rung: "flows" }] });
    expect(await outcomeOf(apkOf("third-party/presence-only"), "flows")).toMatchObject({
      outcome: "pass",
      problems: [],
    });
  });

  test.each([
    ["one kind of data", collected, "yields: android-id", "fail"],
    ["another kind of data", collected, "yields: advertising-id", "pass"],
    ["the app's own code", apkOf("straight/moves"), "party: first-party", "fail"],
    ["the app's own code that keeps it", apkOf("straight/dead-code"), "party: first-party", "pass"],
  ])("and so of %s", async (_, apk, asked, outcome) => {
    expect(await outcomeOf(apk, "flows", asked)).toMatchObject({ outcome });
  });

  test("is not answered by less depth, and the command line looks as far as it asks", async () => {
    expect(await outcomeOf(collected, "reachable")).toMatchObject({
      outcome: "unknown",
      isTooShallow: true,
      problems: [{ fix: "Scan the app again with --depth flows." }],
    });
    const { status, stdout } = bycatch(["check", "--policy", policy(), "--rules", rulePath, collected]);
    expect(stdout).toContain("device-or-other-ids");
    expect(status).toBe(1);
  });
});

test("a lockfile keeps the rung, and a build whose data has come to flow has more", async () => {
  const path = join(temporaryFolder(), "bycatch.lock");
  const result = await audit(collected, { depth: "flows", rules });
  writeFileSync(path, lock(result));
  expect(lock(result)).toMatch(/^data-access \S+ device-or-other-ids .* flows$/m);
  const checkWith = (one: AuditResult) => check(one, { lockfile: path, rules, today: "2026-12-31" });
  expect(await checkWith(result)).toMatchObject({ outcome: "pass" });
  writeFileSync(path, lock(result).replace(/^(data-access .*) flows$/m, "$1 reachable"));
  expect(await checkWith(result)).toMatchObject({ outcome: "fail" });
});
