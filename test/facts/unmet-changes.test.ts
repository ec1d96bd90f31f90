import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { bytesSource } from "../../src/archive/index.js";
import { type AuditRules, prepareRules } from "../../src/audit.js";
import { auditFromFacts, auditWithFacts } from "../../src/audit-with-facts.js";
import { FormatError } from "../../src/diagnostics/index.js";
import type { AuditResult } from "../../src/findings/index.js";
import { RuleChange } from "../../src/rule-change.js";
import { loadCompiledRules, type Ruleset } from "../../src/ruleset/index.js";
import { buildApp } from "../support/app-builder.js";
import { buildDex } from "../support/dex-builder.js";
import { MemoryFactStore } from "../support/fact-store.js";
import {
  apiRule,
  dataTypes,
  permissions,
  sdkRule,
  supportLibraryRule,
  vendor,
} from "../support/tiny-rules.js";
import { auditAfterChange, prepareTinyRules, rowsOf } from "./audit-after-change.js";
import { realApps } from "./real-apps.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const shipped = loadCompiledRules(join(root, "dist", "rules.jsonl")).toRuleset();

const descriptors = [
  "Lcom/acme/A;",
  "Lcom/acme/A$In;",
  "Lcom/acme/ads/B;",
  "Lcom/acme/R$id;",
  "Lorg/x/D;",
  "Lorg/example/app/Main;",
  "La/a;",
  "La/b;",
  "Lzz/y/C;",
];
const texts = [
  "acme-token",
  "https://in.acme.com/v1",
  "in.acme.com",
  "content://sms/inbox",
  "org-x-token",
  "orgxx/1.2.3",
];
const signatures = [
  "class-prefix: Lcom/acme/",
  "class-prefix: Lcom/acme/ads/",
  "class-prefix: Lcom/acme/A;",
  "class-prefix: Lorg/x/",
  "class-prefix: Lorg/example/",
  "class-prefix: La/b;",
  "class-prefix: Lzz/",
  "component: com.acme.Service",
  'authority: "${applicationId}.acme"',
  "authority: org.x.provider",
  'defines-permission: "${applicationId}.ACME"',
  "meta-data: com.acme.key",
  "native-library: libacme.so",
  "file: assets/acme.json",
  "file: assets/*.acme",
  'string: "acme-token"',
  'string: "org-x-token"',
  'host: "in.acme.com"',
  'host: "acme.com"',
];

const app = fc.record({
  classes: fc.uniqueArray(fc.constantFrom(...descriptors), { minLength: 1, maxLength: 4 }),
  loaded: fc.uniqueArray(fc.constantFrom(...texts), { maxLength: 2 }),
  calls: fc.boolean(),
  manifest: fc.record(
    {
      packageName: fc.constantFrom("org.example.app", "com.acme.shop", "zz.y"),
      services: fc.constant(["com.acme.Service"]),
      launchers: fc.constantFrom(["org.x.D"], ["zz.y.C"], ["org.example.app.Main"]),
      providers: fc.constantFrom({ "p.P": "org.example.app.acme" }, { "p.P": "org.x.provider" }),
      permissions: fc.constant(["org.example.app.ACME"]),
      metaData: fc.constant({ "com.acme.key": "1" }),
      usesPermissions: fc.constantFrom(["p.CAMERA"], ["p.CAMERA", "p.ROUGH"]),
    },
    { requiredKeys: ["packageName"] },
  ),
  entries: fc.subarray(["lib/x86/libacme.so", "assets/acme.json", "assets/x.acme"], { maxLength: 1 }),
});

const rule = fc.record({
  signatures: fc.uniqueArray(fc.constantFrom(...signatures), { minLength: 1, maxLength: 3 }),
  version: fc.constantFrom("", 'version: [{ string: "orgxx/*" }]\n'),
  brings: fc.constantFrom("", "brings: [{ permission: p.CAMERA }]\n"),
  vendor: fc.constantFrom("one", "two"),
});
const rules = fc.record({
  sdks: fc.array(rule, { minLength: 2, maxLength: 3 }),
  library: fc.constantFrom(...signatures.slice(0, 7)),
  parent: fc.constantFrom("", ", parent: two"),
  ownApps: fc.constantFrom("", ", own-apps: [com.acme]"),
  api: fc.constantFrom(
    "method: Lorg/x/D;->get()V",
    "method: Landroid/x/Y;->get()V",
    "method: Lno/No;->never()V",
    "content-uri: content://sms",
  ),
  degrades: fc.constantFrom("", "degrades-to: { when-missing: p.CAMERA, data-type: rough }"),
  dataType: fc.constantFrom("ids", "other"),
});
type Rules = typeof rules extends fc.Arbitrary<infer T> ? T : never;

/** One thing in the place of another: most changes of rules are of one. */
const change = fc.oneof(
  ...(["sdks", "library", "parent", "ownApps", "api", "degrades", "dataType"] as const).map((key) =>
    fc.record({ key: fc.constant(key), by: rules }),
  ),
  fc.record({ key: fc.constant("first" as const), by: rules }),
  fc.record({ key: fc.constant("less" as const), by: rules }),
);

function applyChange(before: Rules, { key, by }: { key: keyof Rules | "first" | "less"; by: Rules }): Rules {
  if (key === "first") return { ...before, sdks: [by.sdks[0]!, ...before.sdks.slice(1)] };
  if (key === "less") return { ...before, sdks: before.sdks.slice(1) };
  return { ...before, [key]: by[key] };
}

function prepare({ sdks, library, parent, ownApps, api, degrades, dataType }: Rules): AuditRules {
  const files: Record<string, string> = {
    "data-types.yaml": dataTypes("ids", "other", "rough"),
    "permissions.yaml": permissions("p.CAMERA dangerous ids", "p.ROUGH dangerous rough"),
    "api.yaml": apiRule("api", dataType, `  - ${api}`, degrades),
    "vendors/one.yaml": vendor("one", parent + ownApps),
    "vendors/two.yaml": vendor("two"),
    "library.yaml": supportLibraryRule("library", [library]),
  };
  // A prefix is one rule's: two that have it contradict each other.
  const taken = new Set([library]);
  sdks.forEach(({ signatures: wanted, version, brings, vendor }, index) => {
    const id = `sdk-${index}`;
    const signatures = wanted.filter((one) => !taken.has(one));
    if (signatures.length === 0) signatures.push(`class-prefix: Lnone/n${index}/`);
    for (const one of signatures) if (one.startsWith("class-prefix")) taken.add(one);
    files[`${id}.yaml`] = sdkRule(id, signatures, version + brings).replace(
      `vendor: ${id}`,
      `vendor: ${vendor}`,
    );
  });
  return prepareTinyRules(files);
}

function build({
  classes,
  loaded,
  calls,
  manifest,
  entries,
}: typeof app extends fc.Arbitrary<infer T> ? T : never) {
  const { bytes } = buildDex([
    {
      classes: classes.map((descriptor) => ({
        descriptor,
        methods: [
          {
            name: "run",
            code: (ids) => [
              ...loaded.flatMap((text) => [0x001a, ids.string(text)]),
              ...(calls ? [0x0071, ids.method("Landroid/x/Y;", "get"), 0] : []),
              0x0e,
            ],
          },
        ],
      })),
      refs: [{ owner: "Landroid/x/Y;", method: { name: "get" } }],
      strings: texts,
    },
  ]);
  const others = Object.fromEntries(entries.map((name) => [name, new Uint8Array([1])]));
  return buildApp({ manifest, dexFiles: [bytes], files: others });
}

test("an app that a change of rules does not meet has the same rows by the new ones", async () => {
  const met = { yes: 0, no: 0 };
  await fc.assert(
    fc.asyncProperty(app, rules, change, async (shape, before, changed) => {
      const prepared = [before, applyChange(before, changed)].map(prepare);
      try {
        const { isMet } = await auditAfterChange(build(shape), prepared[0]!, prepared[1]!);
        met[isMet ? "yes" : "no"]++;
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
      }
    }),
    { numRuns: 400, seed: 1 },
  );
  expect(met.no, JSON.stringify(met)).toBeGreaterThan(50);
  expect(met.yes, JSON.stringify(met)).toBeGreaterThan(50);
});

/** The rules without one party's; classes that only its component signatures name are nobody's then. */
function without(id: string): Ruleset {
  return {
    ...shipped,
    rulesVersion: "changed",
    sdks: shipped.sdks.filter((rule) => rule.id !== id),
    supportLibraries: shipped.supportLibraries.filter((rule) => rule.id !== id),
    componentClasses: shipped.componentClasses.filter(({ party }) => party !== id),
  };
}

describe.each(realApps)("%s, when the rule of one party goes", (name, path) => {
  const bytes = new Uint8Array(readFileSync(path));
  const facts = new MemoryFactStore();
  const before = prepareRules(shipped);
  let result: AuditResult;
  let sha256: string;
  beforeAll(async () => {
    const source = bytesSource(name, bytes);
    sha256 = await source.sha256();
    result = await auditWithFacts(source, before, { facts });
  });

  test("is met by those that match, and not by most others, which leave it as it is", () => {
    const matched = new Set(
      result.parties.flatMap(({ id, ownSdks = [] }) => [id, ...ownSdks.map((own) => own.id)]),
    );
    const ids = [...shipped.sdks, ...shipped.supportLibraries].map(({ id }) => id);
    let unmet = 0;
    const others = ids.filter((id) => !matched.has(id));
    for (const id of [...matched].filter((one) => ids.includes(one))) {
      const change = RuleChange.between(before, prepareRules(without(id)));
      expect(change?.mayMeet(sha256, name, { facts }) ?? true, id).toBe(true);
    }
    const asked = others.filter((_, index) => index % 25 === 0);
    for (const id of asked) {
      const after = prepareRules(without(id));
      if (RuleChange.between(before, after)?.mayMeet(sha256, name, { facts }) !== false) continue;
      unmet++;
      expect(rowsOf(auditFromFacts(sha256, after, { facts, name })!), id).toEqual(rowsOf(result));
    }
    expect(unmet).toBeGreaterThan(asked.length * 0.8);
  });
});
