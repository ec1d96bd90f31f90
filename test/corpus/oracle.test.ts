import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, type TestContext, test } from "vitest";
import { parse } from "yaml";
import { openApp } from "../../src/app/index.js";
import { openFileSource } from "../../src/archive/index.js";
import { type Diagnostics, defaultLimits } from "../../src/diagnostics/index.js";
import { audit } from "../../src/index.js";
import type { AndroidManifest } from "../../src/manifest/index.js";
import { compareWithAapt, runAapt } from "../support/aapt.js";
import { type CorpusEntry, corpus, findCorpusFile } from "../support/fetch-corpus.js";
import { aaptFacts, codeFacts, dexdumpFacts, manifestFacts } from "./app-facts.js";

/** Something that we and a tool say differently, and who is right. */
interface KnownDifference {
  readonly app: string;
  readonly tool: "aapt" | "aapt and dexdump" | "node-apk-parser";
  /** Each line a difference, as the test prints it. */
  readonly differences: readonly string[];
  readonly reason: string;
}

const fixtures = fileURLToPath(new URL("../../fixtures/corpus/", import.meta.url));
const known: KnownDifference[] = parse(readFileSync(join(fixtures, "known-differences.yaml"), "utf8"));
const { readFile } = createRequire(import.meta.url)("node-apk-parser") as {
  readFile(file: string): { readManifestSync(): NodeApkParserManifest };
};

interface NodeApkParserManifest {
  readonly package: string;
  readonly versionCode: number | string;
  readonly usesPermissions: readonly { readonly name: string }[];
}

const aaptVersion = versionOf("aapt", "version");
const dexdumpVersion = versionOf("dpkg-query", "-W", "-f", "dexdump $" + "{Version}", "dexdump");

test("the oracles are installed where nobody would notice their absence", () => {
  if (!process.env.CI) return;
  expect(aaptVersion, "aapt is missing (Debian package aapt)").toBeDefined();
  expect(
    versionOf("dexdump", "-h") ?? dexdumpVersion,
    "dexdump is missing (Debian package dexdump)",
  ).toBeDefined();
});

test("every known difference is about an app of the corpus, and has a reason", () => {
  const ids = new Set(corpus.map(({ id }) => id));
  expect(known.filter(({ app, reason }) => !ids.has(app) || reason.trim().length < 20)).toEqual([]);
});

describe.each(corpus.filter(({ kind }) => kind === "apk").map((entry) => [entry.id, entry] as const))(
  "%s",
  (id, entry) => {
    const checkedIn = join(fixtures, `${id}.txt`);

    test("is read whole", async (context) => {
      const { diagnostics } = await read(pathOf(entry, context));
      expect(diagnostics.filter(({ effect }) => effect === "unread")).toEqual([]);
    });

    test("package, versions, permissions, components and code are what the checked-in words say", async (context) => {
      const path = pathOf(entry, context);
      const live = await oracleText(path);
      if (live !== undefined && process.env.UPDATE_ORACLE) writeFileSync(checkedIn, live);
      const expected = readFileSync(checkedIn, "utf8").trimEnd().split("\n").slice(1);
      if (live !== undefined) expect(live.trimEnd().split("\n").slice(1), "checked in").toEqual(expected);
      const { manifest } = await read(path);
      const ours = [...manifestFacts(manifest), ...codeFacts(await audit(path))];
      expect(differencesOf(ours, expected)).toEqual(knownDifferences(id, "aapt and dexdump"));
    });

    test("all that the manifest says is what aapt prints", async (context) => {
      const path = pathOf(entry, context);
      const { manifest } = await read(path);
      if (aaptVersion === undefined) return context.skip("NOT TESTED: aapt is not installed");
      const { badging, permissions, xmltree } = runAapt(path)!;
      expect(compareWithAapt(manifest, badging, permissions, xmltree)).toEqual(knownDifferences(id, "aapt"));
    });

    test("node-apk-parser, where it can read the app, names the same package and permissions", async (context) => {
      const path = pathOf(entry, context);
      const { manifest } = await read(path);
      const theirs = tryNodeApkParser(path);
      expect(typeof theirs === "string" ? [theirs] : differencesOf(namesOf(manifest), theirs)).toEqual(
        knownDifferences(id, "node-apk-parser"),
      );
    });
  },
);

function pathOf(entry: CorpusEntry, context: TestContext): string {
  const path = findCorpusFile(entry);
  if (path !== undefined) return path;
  if (process.env.CI) throw new Error(`${entry.package} could not be fetched`);
  return context.skip(`NOT TESTED: ${entry.package} could not be fetched`);
}

async function read(path: string): Promise<{ manifest: AndroidManifest; diagnostics: Diagnostics }> {
  const diagnostics: Diagnostics = [];
  const source = openFileSource(path);
  const app = openApp(source, defaultLimits, diagnostics);
  try {
    for await (const _ of app.dexFiles());
    if (app.manifest === undefined) throw new Error(`the manifest of ${path} was not read`);
    return { manifest: app.manifest, diagnostics };
  } finally {
    source.close();
  }
}

/** What a fixture holds; `undefined` where a tool is missing. */
async function oracleText(path: string): Promise<string | undefined> {
  if (aaptVersion === undefined || dexdumpVersion === undefined) return undefined;
  const manifest = aaptFacts(runAapt(path)!);
  return [`# ${aaptVersion}; ${dexdumpVersion}`, ...manifest, ...(await dexdumpFacts(path)), ""].join("\n");
}

function tryNodeApkParser(path: string): string[] | string {
  try {
    const { package: packageName, usesPermissions } = readFile(path).readManifestSync();
    return [packageName, ...[...new Set(usesPermissions.map(({ name }) => name))].sort()];
  } catch (error) {
    return `throws ${(error as Error).message}`;
  }
}

function namesOf(manifest: AndroidManifest): string[] {
  return [manifest.packageName, ...[...new Set(manifest.usesPermissions.map(({ name }) => name))].sort()];
}

function differencesOf(ours: readonly string[], theirs: readonly string[]): string[] {
  return [
    ...ours.filter((line) => !theirs.includes(line)).map((line) => `ours: ${line}`),
    ...theirs.filter((line) => !ours.includes(line)).map((line) => `theirs: ${line}`),
  ];
}

function knownDifferences(id: string, tool: KnownDifference["tool"]): readonly string[] {
  return known
    .filter((difference) => difference.app === id && difference.tool === tool)
    .flatMap((d) => d.differences);
}

function versionOf(tool: string, ...args: string[]): string | undefined {
  try {
    return execFileSync(tool, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] })
      .trim()
      .split("\n")[0];
  } catch {
    return undefined;
  }
}
