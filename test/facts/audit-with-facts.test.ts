import { describe, expect, test } from "vitest";
import { bytesSource } from "../../src/archive/index.js";
import { type AuditOptions, auditSource, parseMapping, prepareRules } from "../../src/audit.js";
import { auditFromFacts, auditWithFacts } from "../../src/audit-with-facts.js";
import { defaultLimits } from "../../src/diagnostics/index.js";
import { loadCompiledRules, shippedDepthData } from "../../src/ruleset/index.js";
import { buildApp } from "../support/app-builder.js";
import { buildDex } from "../support/dex-builder.js";
import { MemoryFactStore } from "../support/fact-store.js";
import { readFixtureApp, readFixtureEntries } from "../support/fixture-apps.js";
import { compileTinyRules, sdkRule, vendor } from "../support/tiny-rules.js";

const shippedRules = new URL("../../dist/rules.jsonl", import.meta.url);
const rules = prepareRules(loadCompiledRules(shippedRules), shippedDepthData(shippedRules));

const [first, second] = readFixtureEntries("multi-dex").flatMap(({ name, content }) =>
  name.endsWith(".dex") ? [content] : [],
) as [Uint8Array, Uint8Array];

interface Audited {
  /** The result, as it is written. */
  readonly result: string;
  readonly sha256: string;
  /** The DEX files whose code was gone through. */
  readonly walked: readonly string[];
}

async function audit(
  bytes: Uint8Array,
  facts: MemoryFactStore,
  options: AuditOptions & { name?: string; used?: typeof rules } = {},
): Promise<Audited> {
  const { name = "app.apk", used = rules } = options;
  const source = bytesSource(name, bytes);
  const walked: string[] = [];
  const onWalk = (part: string) => walked.push(part);
  const result = JSON.stringify(await auditWithFacts(source, used, { ...options, facts, onWalk }));
  expect(result).toBe(JSON.stringify(await auditSource(source, used, options)));
  return { result, sha256: await source.sha256(), walked };
}

describe("facts of a DEX file", () => {
  test("serve every app that has it, under whatever name", async () => {
    const facts = new MemoryFactStore();
    const one = await audit(buildApp({ manifest: {}, dexFiles: [first] }), facts);
    const other = await audit(buildApp({ manifest: {}, dexFiles: [second, first] }), facts);
    expect(one.walked).toEqual(["classes.dex"]);
    expect(other.walked).toEqual(["classes.dex"]);
    expect(JSON.parse(other.result).app.dexFiles.map((file: { name: string }) => file.name)).toEqual([
      "classes.dex",
      "classes2.dex",
    ]);
  });

  test("are kept of none that has something to be told of, which is told each time", async () => {
    const facts = new MemoryFactStore();
    const cut = second.slice(0, second.length - 40);
    const bytes = buildApp({ manifest: {}, dexFiles: [first, cut] });
    const cold = await audit(bytes, facts);
    const warm = await audit(bytes, facts);
    expect(JSON.parse(cold.result).diagnostics).not.toEqual([]);
    expect(cold.walked).toEqual(["classes.dex", "classes2.dex"]);
    expect(warm.walked).toEqual(["classes2.dex"]);
    expect(auditFromFacts(cold.sha256, rules, { facts })).toBeUndefined();
  });

  test("are kept of none of several in the same bytes", async () => {
    const facts = new MemoryFactStore();
    const { bytes } = buildDex(
      [{ classes: [{ descriptor: "Lt/A;" }] }, { classes: [{ descriptor: "Lt/B;" }] }],
      41,
    );
    const app = buildApp({ manifest: {}, dexFiles: [bytes] });
    expect((await audit(app, facts)).walked).toEqual(["classes.dex", "classes.dex!1"]);
    expect((await audit(app, facts)).walked).toEqual(["classes.dex", "classes.dex!1"]);
  });
});

describe("facts of an app", () => {
  const bytes = readFixtureApp("tracker");

  test("give the file the name that it has now", async () => {
    const facts = new MemoryFactStore();
    const { sha256 } = await audit(bytes, facts, { name: "before.apk" });
    expect((await audit(bytes, facts, { name: "after.apk" })).walked).toEqual([]);
    const named = (name?: string) =>
      auditFromFacts(sha256, rules, { facts, ...(name === undefined ? {} : { name }) })?.app.files[0]?.name;
    expect(named()).toBe("before.apk");
    expect(named("after.apk")).toBe("after.apk");
  });

  test("that speak of the file's name serve no other name", async () => {
    const facts = new MemoryFactStore();
    const app = buildApp({ dexFiles: [first] });
    const { sha256, result } = await audit(app, facts, { name: "before.apk" });
    expect(JSON.parse(result).diagnostics[0].message).toContain("before.apk");
    expect(auditFromFacts(sha256, rules, { facts, name: "before.apk" })).toBeDefined();
    expect(auditFromFacts(sha256, rules, { facts, name: "after.apk" })).toBeUndefined();
    await audit(app, facts, { name: "after.apk" });
  });

  test("serve every depth and first party", async () => {
    const facts = new MemoryFactStore();
    const { sha256 } = await audit(bytes, facts);
    for (const options of [{ depth: "permitted" as const }, { firstParty: ["com.kochava"] }]) {
      const { result, walked } = await audit(bytes, facts, options);
      expect(walked).toEqual([]);
      expect(JSON.stringify(auditFromFacts(sha256, rules, { ...options, facts }))).toBe(result);
    }
  });

  test("serve the limits that they were taken under", async () => {
    const facts = new MemoryFactStore();
    const limits = { ...defaultLimits, evidencePerItem: 1 };
    const { sha256 } = await audit(bytes, facts);
    expect(auditFromFacts(sha256, rules, { facts, limits })).toBeUndefined();
    expect((await audit(bytes, facts, { limits })).walked).toEqual(["classes.dex"]);
    expect(auditFromFacts(sha256, rules, { facts, limits })).toBeDefined();
  });

  test("are neither made nor used with a mapping", async () => {
    const facts = new MemoryFactStore();
    const text = new TextEncoder().encode("com.example.Original -> a.b:\n");
    const mapping = await parseMapping(bytesSource("mapping.txt", text));
    await audit(bytes, facts, { mapping });
    expect(facts.kept.size).toBe(0);
    const { sha256 } = await audit(bytes, facts);
    expect(auditFromFacts(sha256, rules, { facts, mapping })).toBeUndefined();
  });

  test("are neither made nor used where what can run is asked for: they hold no calls but those asked for", async () => {
    const facts = new MemoryFactStore();
    await audit(bytes, facts, { depth: "reachable" });
    expect(facts.kept.size).toBe(0);
    const { sha256 } = await audit(bytes, facts);
    expect(auditFromFacts(sha256, rules, { facts, depth: "reachable" })).toBeUndefined();
  });
});

test("of a version that a new rule tells in another way, the SDK's apps are read again", async () => {
  const sdk = (version: string) =>
    prepareRules(
      compileTinyRules({
        "vendors/acme.yaml": vendor("acme"),
        "acme.yaml": sdkRule("acme", ["class-prefix: Lcom/acme/"], `version: [${version}]\n`),
      }),
    );
  const before = sdk('{ string: "Acme SDK/*" }');
  const after = sdk('{ string: "acme-*" }');
  const build = (descriptor: string) =>
    buildApp({
      manifest: {},
      dexFiles: [
        buildDex([
          {
            classes: [
              {
                descriptor,
                methods: [{ name: "m", code: (ids) => [0x001a, ids.string("acme-2.1"), 0x0e] }],
              },
            ],
            strings: ["acme-2.1"],
          },
        ]).bytes,
      ],
    });
  const facts = new MemoryFactStore();
  const apps = ["Lcom/acme/A;", "Lorg/other/A;"].map(build);
  const versions: unknown[] = [];
  for (const app of apps) await audit(app, facts, { used: before });
  for (const app of apps) {
    const { result, walked } = await audit(app, facts, { used: after });
    versions.push([
      JSON.parse(result).parties.find((party: { id: string }) => party.id === "acme")?.version,
      walked,
    ]);
  }
  expect(versions).toEqual([
    ["2.1", ["classes.dex"]],
    [undefined, []],
  ]);
});
