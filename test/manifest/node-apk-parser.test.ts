import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { defaultLimits } from "../../src/diagnostics/index.js";
import { ResDataType, readXmlTree, type XmlElement } from "../../src/manifest/index.js";
import { readZipEntry } from "./read-zip-entry.js";

/** node-apk-parser's answer, as far as it is compared. */
interface Parsed {
  readonly package: string;
  readonly usesPermissions: readonly { readonly name: string }[];
  readonly application: { readonly activities: readonly { readonly name: string }[] };
}

const { readFile } = createRequire(import.meta.url)("node-apk-parser") as {
  readFile(file: string): { readManifestSync(): Parsed };
};

const MODULES = fileURLToPath(new URL("../../node_modules/", import.meta.url));

// A second oracle, written without a look at AOSP's tools. It opens APKs itself.
test.each([
  "appium-uiautomator2-server/apks/appium-uiautomator2-server-v10.6.6.apk",
  "appium-uiautomator2-server/apks/appium-uiautomator2-server-debug-androidTest.apk",
  "android-apidemos/apks/ApiDemos-debug.apk",
  "io.appium.settings/apks/settings_apk-debug.apk",
  "gps-demo-app/assets/gpsDemo-debug.apk",
])("node-apk-parser reads the same names in %s", async (apk) => {
  const theirs = readFile(MODULES + apk).readManifestSync();
  const bytes = await readZipEntry(MODULES + apk, "AndroidManifest.xml");
  const tree = readXmlTree(bytes!, "AndroidManifest.xml", defaultLimits, []);
  const application = tree.children.find((child) => child.name === "application")!;
  expect(textOf(tree, "package")).toBe(theirs.package);
  expect(namesOf(tree, "uses-permission")).toEqual(
    theirs.usesPermissions.map((permission) => permission.name),
  );
  expect(namesOf(application, "activity")).toEqual(
    theirs.application.activities.map((activity) => activity.name),
  );
});

function namesOf(parent: XmlElement, tag: string): (string | undefined)[] {
  return parent.children.filter((child) => child.name === tag).map((child) => textOf(child, "name"));
}

function textOf(element: XmlElement, name: string): string | undefined {
  const value = element.attributes.find((attribute) => attribute.name === name)?.typedValue;
  return value?.dataType === ResDataType.STRING ? value.text : undefined;
}
