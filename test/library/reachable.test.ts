import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { type AuditResult, audit, check, defaultLimits, loadRules, lock } from "../../src/index.js";
import { auditResultSchema } from "../../src/report/audit-result-schema.js";
import { bycatch, executable, installed, settings, temporaryFolder } from "../cli/run-bycatch.js";
import { type Program, programsFolder, readPrograms } from "../programs/read-program.js";

const depth = "reachable";
const rulePath = join(programsFolder, "rules");
const rules = await loadRules([rulePath]);
const programs = readPrograms();
const find = (name: string) => programs.find((program) => program.name === name)!;
const auditProgram = ({ apk }: Program, limits = defaultLimits) => audit(apk, { depth, rules, limits });

type Access = AuditResult["accesses"][number];
const callersOf = ({ evidence }: Access) => evidence.map(({ caller }) => caller);

/** What the call graph is known to get wrong, by `<program>: <statement>`. */
const knownFailures = new Set(
  Object.keys(
    parse(
      readFileSync(new URL("../programs/known-call-graph-failures.yaml", import.meta.url), "utf8"),
    ) as object,
  ),
);

/** Statements of a program's author about methods with accesses, and whether the audit says the same. */
function judge({ expected, sources }: Program, { accesses }: AuditResult): [string, boolean][] {
  const ofMethod = (method: string) =>
    accesses.filter((access) => callersOf(access).every((caller) => caller === method));
  return [
    ...(expected.reachable ?? []).flatMap(({ method, component }) =>
      ofMethod(method).map(({ reach }): [string, boolean] => [
        `${method} can run, from ${component}`,
        reach?.component === component && reach.chain.at(-1) === method,
      ]),
    ),
    ...(expected.unreachable ?? []).flatMap((method) =>
      ofMethod(method).map(({ reach }): [string, boolean] => [`${method} cannot run`, reach === undefined]),
    ),
    ...Object.entries(expected["before-consent"] ?? {}).flatMap(([label, isBefore]) => {
      const found = sources
        .get(label)!
        .flatMap(({ caller, api }) =>
          accesses.filter((access) => access.api === api && callersOf(access).includes(caller)),
        );
      if (found.length === 0) return [];
      const isEarly = found.some(({ reach }) => reach?.beforeConsent !== undefined);
      return [
        [`${label} is ${isBefore ? "" : "not "}read before consent`, isEarly === isBefore] as [
          string,
          boolean,
        ],
      ];
    }),
  ];
}

test("audits of the programs say what their authors say of accesses", async () => {
  const judged: [string, boolean][] = [];
  for (const program of programs) {
    const { expected, name } = program;
    if ((expected.reachable ?? expected.unreachable ?? expected["before-consent"]) === undefined) continue;
    const statements = judge(program, await auditProgram(program));
    judged.push(...statements.map(([text, holds]): [string, boolean] => [`${name}: ${text}`, holds]));
  }
  const count = (end: RegExp) => judged.filter(([text]) => end.test(text)).length;
  expect(count(/can run, from/)).toBeGreaterThan(10);
  expect(count(/cannot run$/)).toBeGreaterThan(3);
  expect(count(/is read before consent$/)).toBeGreaterThan(4);
  expect(count(/is not read before consent$/)).toBeGreaterThan(4);
  const wrong = judged.filter(([, holds]) => !holds).map(([text]) => text);
  expect(wrong.filter((text) => !knownFailures.has(text))).toEqual([]);
});

describe("a third party that reads before consent", () => {
  const program = find("third-party/init-provider");

  test("is a finding of the rung reachable, with the chain", async () => {
    const result = await auditProgram(program);
    const finding = result.findings.find(({ id }) => id === "data-access/brinewave-ads/device-or-other-ids");
    const chain = {
      component: "com.brinewave.ads.InitProvider",
      kind: "provider",
      chain: [
        "Lcom/brinewave/ads/InitProvider;->onCreate()Z",
        "Lcom/brinewave/ads/Brinewave;->start(Landroid/content/Context;)V",
        "Lcom/brinewave/ads/Reader;->run()V",
      ],
    };
    expect(finding).toMatchObject({ rung: "reachable", reach: { ...chain, beforeConsent: chain } });
    expect(finding!.evidence[0].caller).toBe(chain.chain.at(-1));
    expect(result.reachability).toEqual({ entryPoints: 2, methods: expect.any(Number), gaps: [] });
    expect(auditResultSchema.parse(JSON.parse(JSON.stringify(result)))).toEqual(
      JSON.parse(JSON.stringify(result)),
    );
  });

  test("fails a policy that asks, and one of its twin that does not passes", async () => {
    const policy = join(temporaryFolder(), "policy.yaml");
    writeFileSync(
      policy,
      "policy-version: 1\nrules:\n  - { id: early, deny: { data-type: device-or-other-ids, before-consent: true } }\n",
    );
    const outcomeOf = async (result: AuditResult) =>
      (await check(result, { policy, rules, today: "2026-12-31" })).checks[0]!;
    expect(await outcomeOf(await auditProgram(program))).toMatchObject({
      outcome: "fail",
      problems: [
        {
          message:
            "Brinewave Ads could access device-or-other-ids (reachable from the provider com.brinewave.ads.InitProvider, before consent)",
        },
      ],
    });
    const clean = await auditProgram(find("third-party/init-on-click"));
    expect(await outcomeOf(clean)).toMatchObject({ outcome: "pass", problems: [] });
    const shallow = await audit(program.apk, { rules });
    expect(await outcomeOf(shallow)).toMatchObject({
      outcome: "unknown",
      isTooShallow: true,
      problems: [{ id: "early/depth", fix: "Scan the app again with --depth reachable." }],
    });
    // An APK is looked at as far as the policy asks.
    const { status, stdout } = bycatch(["check", "--policy", policy, "--rules", rulePath, program.apk]);
    expect(stdout).toContain("before consent");
    expect(status).toBe(1);
  });

  test("is what the command line prints", () => {
    const { stdout, status } = bycatch([
      ...["scan", "--depth", depth, "--rules", rulePath, "--width", "120"],
      program.apk,
    ]);
    expect(status).toBe(0);
    expect(stdout).toContain("device-or-other-ids  reachable");
    expect(stdout).toContain(
      "can run before consent, from the provider com.brinewave.ads.InitProvider in 2 calls",
    );
    expect(stdout).toContain("no calls lead there, and all of the code was followed.");
  });
});

test("a lockfile that says how far code goes is compared with builds that were looked at as far, or less", async () => {
  const program = find("third-party/init-provider");
  const path = join(temporaryFolder(), "bycatch.lock");
  const today = "2026-12-31";
  const [deep, shallow] = [await auditProgram(program), await audit(program.apk, { rules })];
  writeFileSync(path, lock(shallow));
  expect(await check(deep, { lockfile: path, rules, today })).toMatchObject({
    outcome: "pass",
    checks: [{ problems: [] }],
  });
  writeFileSync(path, lock(deep));
  expect(readFileSync(path, "utf8")).toMatch(/^data-access brinewave-ads .* reachable$/m);
  expect(await check(deep, { lockfile: path, rules, today })).toMatchObject({ outcome: "pass" });
  expect(await check(shallow, { lockfile: path, rules, today })).toMatchObject({
    outcome: "incomplete",
    checks: [{ outcome: "unknown", problems: [{ id: "lockfile/depth" }] }],
  });
});

describe("limits", () => {
  test("a chain that is longer than shown lacks its middle", async () => {
    const result = await auditProgram(find("third-party/init-provider"), {
      ...defaultLimits,
      chainMethods: 2,
    });
    const [access] = result.accesses;
    expect(access?.reach).toMatchObject({
      chain: ["Lcom/brinewave/ads/InitProvider;->onCreate()Z", "Lcom/brinewave/ads/Reader;->run()V"],
      omitted: 1,
    });
  });

  test("a graph that is cut makes the result incomplete", async () => {
    const result = await auditProgram(find("third-party/init-provider"), {
      ...defaultLimits,
      callGraphSteps: 20,
    });
    expect(result.reachability?.gaps).toEqual([{ kind: "unread" }, { kind: "limit" }]);
    expect(result.coverage.unread).toEqual(["call graph"]);
    expect(result.findings.filter(({ rung }) => rung === depth)).toEqual([]);
  });
});

describe("real apps", () => {
  const ofParty = ({ accesses }: AuditResult, api: string) =>
    accesses.find((access) => access.party === "first-party" && access.api.startsWith(api))!;

  test("io.appium.settings reads the clipboard when it is sent a broadcast", async () => {
    const result = await audit(settings, { depth });
    expect(ofParty(result, "Landroid/content/ClipboardManager;->getPrimaryClip").reach).toEqual({
      component: "io.appium.settings.receivers.ClipboardReceiver",
      kind: "receiver",
      chain: [
        "Lio/appium/settings/receivers/ClipboardReceiver;->onReceive(Landroid/content/Context;Landroid/content/Intent;)V",
        "Lio/appium/settings/receivers/ClipboardReceiver;->getClipboardText(Landroid/content/Context;)Ljava/lang/String;",
      ],
    });
    expect(result.reachability!.gaps).toEqual([{ kind: "reflection", methods: expect.any(Number) }]);
  });

  test("ApiDemos reads contacts in its activities, and no provider of it does", async () => {
    const result = await audit(installed("android-apidemos/apks/ApiDemos-debug.apk"), { depth });
    const { reach } = ofParty(result, "Landroid/provider/ContactsContract$CommonDataKinds$Phone;");
    expect(reach).toMatchObject({ component: "io.appium.android.apis.view.List3", kind: "activity" });
    expect(result.accesses.filter((access) => access.reach?.beforeConsent !== undefined)).toEqual([]);
  });

  test("but for what can run the result is that of less depth", async () => {
    const withoutReach = (result: AuditResult) => {
      const { reachability: _, depth: __, ...rest } = result;
      const bare = (item: AuditResult["accesses" | "findings"][number]) => {
        const { reach: _reach, evidence: _evidence, ...others } = item;
        return { ...others, ...("rung" in item && item.rung === depth ? { rung: "referenced" } : {}) };
      };
      return { ...rest, accesses: rest.accesses.map(bare), findings: rest.findings.map(bare) };
    };
    const [deep, shallow] = [await audit(settings, { depth }), await audit(settings)];
    expect(withoutReach(deep)).toEqual(withoutReach(shallow));
  });
});

test("a batch keeps what can run, and a query asks for it", () => {
  const folder = temporaryFolder();
  const out = join(folder, "out");
  const { apk } = find("third-party/init-provider");
  const run = (...args: string[]) => bycatch(args, {}, folder);
  const made = run("batch", apk, "--store", out, "--depth", depth, "--rules", rulePath);
  expect(made.status, made.stderr).toBe(0);
  const sql =
    "SELECT party, rung, component, component_kind, len(chain) AS methods, before_consent FROM findings WHERE kind = 'data-access'";
  const asked = run("query", sql, "--store", out, "--format", "json");
  expect(JSON.parse(asked.stdout)).toEqual([
    {
      party: "brinewave-ads",
      rung: depth,
      component: "com.brinewave.ads.InitProvider",
      component_kind: "provider",
      methods: 3,
      before_consent: true,
    },
  ]);
  const who = run("query", "who-reads", "device-or-other-ids", "--apps", "--store", out, "--format", "json");
  expect(JSON.parse(who.stdout)).toMatchObject([{ party: "brinewave-ads", rung: depth }]);
  const counted = run("query", "who-reads", "device-or-other-ids", "--store", out, "--format", "json");
  expect(JSON.parse(counted.stdout)).toMatchObject([{ party: "brinewave-ads", referenced: 1, permitted: 0 }]);
});

test("a plain scan does not read Android's classes", () => {
  const trace = `import fs from "node:fs"; import { syncBuiltinESMExports } from "node:module";
    const read = fs.readFileSync;
    fs.readFileSync = (path, ...rest) => { console.error(String(path)); return read(path, ...rest); };
    syncBuiltinESMExports();`;
  const hook = `data:text/javascript,${encodeURIComponent(trace)}`;
  const pathsOf = (...args: string[]) =>
    spawnSync(process.execPath, ["--import", hook, executable, "scan", ...args, settings], {
      encoding: "utf8",
    }).stderr;
  expect(pathsOf()).not.toContain("android-classes");
  expect(pathsOf("--depth", depth)).toContain("android-classes.tsv");
});
