import { describe, expect, test } from "vitest";
import { bytesSource } from "../../src/archive/index.js";
import { auditFromFacts, auditWithFacts } from "../../src/audit-with-facts.js";
import { defaultLimits } from "../../src/diagnostics/index.js";
import { buildApp } from "../support/app-builder.js";
import { buildAxml } from "../support/axml-builder.js";
import { buildDex } from "../support/dex-builder.js";
import { MemoryFactStore } from "../support/fact-store.js";
import { sdkRule, vendor } from "../support/tiny-rules.js";
import { buildZip } from "../support/zip-builder.js";
import { auditAfterChange, prepareTinyRules } from "./audit-after-change.js";

const readsVersions = (...files: readonly string[]) =>
  prepareTinyRules({
    "vendors/acme.yaml": vendor("acme"),
    "acme.yaml": sdkRule(
      "acme",
      ["class-prefix: Lcom/acme/"],
      `version: [${files.map((file) => `{ file: ${file} }`).join(", ")}]\n`,
    ),
  });
const dex = buildDex([{ classes: [{ descriptor: "Lcom/acme/A;" }] }]).bytes;

/** An app with so many meta-data of one value, which its manifest holds once. */
function buildMetaData(count: number, value: string): Uint8Array {
  const metaData = Array.from({ length: count }, () => ({
    name: "meta-data",
    attributes: [
      { android: "name" as const, value: "n" },
      { android: "value" as const, value },
    ],
  }));
  const manifest = buildAxml({
    name: "manifest",
    attributes: [{ plain: "package", value: "org.example.app" }],
    children: [{ name: "application", children: metaData }],
  });
  return buildZip([
    { name: "AndroidManifest.xml", content: manifest },
    { name: "classes.dex", content: dex },
  ]);
}

describe("facts of an app", () => {
  const rules = readsVersions("META-INF/acme.version");

  test("keep texts that are not ASCII", async () => {
    const { isFromFacts } = await auditAfterChange(buildMetaData(2, "Größe \ud83d \u{1f600}"), rules, rules);
    expect(isFromFacts).toBe(true);
  });

  test("are not kept of a manifest that says one long text again and again", async () => {
    const facts = new MemoryFactStore();
    const app = buildMetaData(1_000, "é".repeat(20_000));
    const { isFromFacts } = await auditAfterChange(app, rules, rules, {}, facts);
    expect(isFromFacts).toBe(false);
    expect(Math.max(...[...facts.kept.values()].map(({ length }) => length))).toBeLessThan(10_000);
  });

  test("with a text that speaks of the file's name serve no other name", async () => {
    const app = buildApp({ manifest: {}, dexFiles: [dex], files: { "META-INF/acme.version": "1.2.3" } });
    // No signature: the entry's local header is told to be that of the file.
    app[Buffer.from(app).indexOf("META-INF/acme.version") - 30] = 0;
    const facts = new MemoryFactStore();
    await auditWithFacts(bytesSource("before.apk", app), rules, { facts });
    const sha256 = await bytesSource("before.apk", app).sha256();
    expect(auditFromFacts(sha256, rules, { facts, name: "after.apk" })).toBeUndefined();
    expect(JSON.stringify(auditFromFacts(sha256, rules, { facts }))).toContain("before.apk");
  });

  test("are not kept where what was read is near the limit of all that is", async () => {
    const files = { "META-INF/a.v": "x".repeat(3000), "META-INF/b.v": "2.2.2".padEnd(2500) };
    const app = buildApp({ manifest: {}, dexFiles: [dex], files });
    const before = readsVersions("META-INF/a.v", "META-INF/b.v");
    const limits = { ...defaultLimits, totalBytes: 4400 };
    const { result, isFromFacts } = await auditAfterChange(app, before, readsVersions("META-INF/b.v"), {
      limits,
    });
    expect(result.parties.find(({ id }) => id === "acme")?.version).toBe("2.2.2");
    expect(isFromFacts).toBe(false);
  });
});
