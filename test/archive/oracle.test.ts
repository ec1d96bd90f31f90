import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { crc32 } from "node:zlib";
import JSZip from "jszip";
import { expect, test } from "vitest";
import { openArchive, openFileSource, readEntry, readEntrySync } from "../../src/archive/index.js";
import { type Diagnostics, defaultLimits } from "../../src/diagnostics/index.js";

const require = createRequire(import.meta.url);

/** Real APKs that the development dependencies bring. */
const apks = [
  ["appium-uiautomator2-server", "apks/appium-uiautomator2-server-v10.6.6.apk"],
  ["appium-uiautomator2-server", "apks/appium-uiautomator2-server-debug-androidTest.apk"],
  ["android-apidemos", "apks/ApiDemos-debug.apk"],
  ["io.appium.settings", "apks/settings_apk-debug.apk"],
] as const;

test.each(apks)("%s/%s: the same entries, in the same order, as jszip reads", async (name, file) => {
  const path = inPackage(name, file);
  const { archive, diagnostics, close } = open(path);
  const zip = await JSZip.loadAsync(readFileSync(path));
  expect(archive.entries.map(({ name }) => name)).toEqual(Object.keys(zip.files));
  expect(diagnostics).toEqual([]);
  close();
});

test.each(apks)("%s/%s: the manifest and the code are what jszip inflates", async (name, file) => {
  const path = inPackage(name, file);
  const { archive, close } = open(path);
  const zip = await JSZip.loadAsync(readFileSync(path));
  const names = ["AndroidManifest.xml", "resources.arsc", "classes.dex"];
  for (const entry of archive.entries.filter(({ name }) => names.includes(name))) {
    const expected = await zip.file(entry.name)?.async("nodebuffer");
    expect(
      Buffer.from(await readEntry(archive, entry, defaultLimits)).equals(expected ?? Buffer.alloc(0)),
      entry.name,
    ).toBe(true);
  }
  close();
});

test.each(apks)("%s/%s: every entry has its CRC, read either way", async (name, file) => {
  const path = inPackage(name, file);
  const { archive, diagnostics, close } = open(path);
  const wrong: string[] = [];
  for (const entry of archive.entries) {
    const content = readEntrySync(archive, entry, defaultLimits);
    if (crc32(content) !== entry.crc32 || content.byteOffset % 8 !== 0) wrong.push(entry.name);
  }
  const code = archive.entries.filter(({ name }) => name.endsWith(".dex"));
  const inflated = await Promise.all(code.map((entry) => readEntry(archive, entry, defaultLimits)));
  inflated.forEach((content, index) => {
    if (crc32(content) !== code[index]?.crc32) wrong.push(`${code[index]?.name} on the pool`);
  });
  expect(wrong).toEqual([]);
  expect(diagnostics).toEqual([]);
  close();
});

function open(path: string) {
  const diagnostics: Diagnostics = [];
  const source = openFileSource(path);
  return {
    archive: openArchive(source, defaultLimits, diagnostics),
    diagnostics,
    close: () => source.close(),
  };
}

function inPackage(name: string, path: string): string {
  return join(dirname(require.resolve(`${name}/package.json`)), path);
}
