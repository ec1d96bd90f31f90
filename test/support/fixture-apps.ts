import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { bytesSource, openArchive, readEntrySync } from "../../src/archive/index.js";
import { type AuditOptions, type AuditRules, auditSource } from "../../src/audit.js";
import { type DexFile, readDexFiles } from "../../src/dex/index.js";
import { type Diagnostics, defaultLimits } from "../../src/diagnostics/index.js";
import type { AuditResult } from "../../src/findings/index.js";

const folder = new URL("../../fixtures/apps/", import.meta.url);

/** Path of something in fixtures/apps. */
export function fixtureAppPath(name: string): string {
  return fileURLToPath(new URL(name, folder));
}

/** The bytes of `fixtures/apps/<name>.apk`. */
export function readFixtureApp(name: string): Uint8Array {
  return new Uint8Array(readFileSync(fixtureAppPath(`${name}.apk`)));
}

/** The entries of an app of fixtures/apps, in the order of the archive. */
export function readFixtureEntries(name: string): { name: string; content: Uint8Array }[] {
  const archive = openArchive(bytesSource(`${name}.apk`, readFixtureApp(name)), defaultLimits, []);
  return archive.entries.map((entry) => ({
    name: entry.name,
    content: readEntrySync(archive, entry, defaultLimits),
  }));
}

/** The DEX files of an app of fixtures/apps. */
export function readFixtureDexFiles(name: string): DexFile[] {
  const diagnostics: Diagnostics = [];
  const files = readFixtureEntries(name)
    .filter((entry) => entry.name.endsWith(".dex"))
    .flatMap((entry) => readDexFiles(entry.content, entry.name, defaultLimits, diagnostics));
  if (diagnostics.length > 0) throw new Error(`${name}: ${diagnostics[0]!.message}`);
  return files;
}

/** Audits an app's bytes. */
export function auditBytes(
  name: string,
  bytes: Uint8Array,
  rules: AuditRules,
  options: AuditOptions = {},
): Promise<AuditResult> {
  return auditSource(bytesSource(name, bytes), rules, options);
}

/** Audits an app of fixtures/apps. */
export function auditFixture(
  name: string,
  rules: AuditRules,
  options: AuditOptions = {},
): Promise<AuditResult> {
  return auditBytes(`${name}.apk`, readFixtureApp(name), rules, options);
}
