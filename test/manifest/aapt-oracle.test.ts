import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { type Diagnostics, defaultLimits } from "../../src/diagnostics/index.js";
import { readManifest, readResourceTable, readXmlTree } from "../../src/manifest/index.js";
import {
  compareWithAapt,
  formatAaptFile,
  normalizeXmltree,
  parseAaptFile,
  renderAsXmltree,
  runAapt,
} from "../support/aapt.js";
import { readZipEntry } from "./read-zip-entry.js";

const FIXTURES = fileURLToPath(new URL("../../fixtures/manifest/", import.meta.url));
const MODULES = fileURLToPath(new URL("../../node_modules/", import.meta.url));

const apks = [
  "features-utf8.apk",
  "features-utf16.apk",
  "features-aapt2.apk",
  "sparse.apk",
  "legacy.apk",
].map((name) => FIXTURES + name);
apks.push(
  ...[
    "appium-uiautomator2-server/apks/appium-uiautomator2-server-v10.6.6.apk",
    "appium-uiautomator2-server/apks/appium-uiautomator2-server-debug-androidTest.apk",
    "android-apidemos/apks/ApiDemos-debug.apk",
    "io.appium.settings/apks/settings_apk-debug.apk",
    "gps-demo-app/assets/gpsDemo-debug.apk",
  ].map((name) => MODULES + name),
);

interface KnownDifference {
  readonly apk: string;
  readonly difference: string;
  readonly reason: string;
}

const known: KnownDifference[] = JSON.parse(readFileSync(`${FIXTURES}known-differences.json`, "utf8"));

describe.each(apks.map((apk) => [basename(apk), apk] as const))("%s", (name, apk) => {
  const checkedIn = `${FIXTURES}${name.replace(/\.apk$/, "")}.aapt.txt`;
  const live = runAapt(apk);
  // Where aapt is missing, the checked-in words stand in, but not where nobody would notice.
  if (live === undefined && process.env.CI) throw new Error("aapt is not installed (Debian package aapt)");
  if (live !== undefined && process.env.UPDATE_GOLDEN) writeFileSync(checkedIn, formatAaptFile(live));
  const sources = { "aapt as installed": live, "aapt's checked-in words": readCheckedIn(checkedIn) };

  for (const [source, aapt] of Object.entries(sources)) {
    if (aapt === undefined) continue;

    test(`the manifest agrees with ${source}`, async () => {
      const diagnostics: Diagnostics = [];
      const arsc = await readZipEntry(apk, "resources.arsc");
      const resources = arsc && readResourceTable(arsc, "resources.arsc", defaultLimits, diagnostics);
      const bytes = await readZipEntry(apk, "AndroidManifest.xml");
      const manifest = readManifest(bytes!, "AndroidManifest.xml", resources, defaultLimits, diagnostics);
      const expected = known.filter((difference) => difference.apk === name).map((d) => d.difference);
      expect(compareWithAapt(manifest, aapt.badging, aapt.permissions, aapt.xmltree)).toEqual(expected);
      expect(diagnostics.filter((diagnostic) => diagnostic.effect === "unread")).toEqual([]);
    });

    test(`every element and attribute agrees with ${source}`, async () => {
      const bytes = await readZipEntry(apk, "AndroidManifest.xml");
      const diagnostics: Diagnostics = [];
      const tree = readXmlTree(bytes!, "AndroidManifest.xml", defaultLimits, diagnostics);
      expect(renderAsXmltree(tree)).toEqual(normalizeXmltree(aapt.xmltree));
      expect(diagnostics).toEqual([]);
    });
  }

  test("some word of aapt's is at hand", () => {
    expect(live ?? readCheckedIn(checkedIn)).toBeDefined();
  });
});

function readCheckedIn(file: string) {
  return existsSync(file) ? parseAaptFile(readFileSync(file, "utf8")) : undefined;
}

test("the comparison tells what differs", async () => {
  const apk = `${FIXTURES}legacy.apk`;
  const bytes = await readZipEntry(apk, "AndroidManifest.xml");
  const manifest = readManifest(bytes!, "AndroidManifest.xml", undefined, defaultLimits, []);
  const { badging, permissions, xmltree } = readCheckedIn(`${FIXTURES}legacy.aapt.txt`)!;
  const [open, closed] = manifest.providers;
  const changed = {
    ...manifest,
    usesPermissions: [],
    providers: [
      { ...open!, exported: false },
      { ...closed!, name: "org.example.Else" },
    ],
  };
  const differences = compareWithAapt(changed, badging, permissions, xmltree);
  expect(differences).toContain("uses-permissions: ours , aapt's android.permission.READ_CONTACTS");
  expect(differences).toContain(
    "provider org.example.legacy.Open exported: ours false (default), aapt's true (default)",
  );
  expect(differences).toContain("provider org.example.Else: only ours, is there");
  expect(differences).toContain("provider org.example.legacy.Closed: only aapt's, is there");
});
