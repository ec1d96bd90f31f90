import { XMLParser, XMLValidator } from "fast-xml-parser";
import { expect, test } from "vitest";
import { defaultLimits } from "../../src/diagnostics/index.js";
import { ResDataType, readResourceTable, readXmlTree, renderManifestXml } from "../../src/manifest/index.js";
import { type AxmlElement, buildAxml } from "../support/axml-builder.js";
import { readZipEntry } from "./read-zip-entry.js";

async function render(root: AxmlElement): Promise<string> {
  return renderManifestXml(readXmlTree(buildAxml(root), "AndroidManifest.xml", defaultLimits, []));
}

async function renderFixture(withResources: boolean): Promise<string> {
  const apk = new URL("../../fixtures/manifest/features-utf8.apk", import.meta.url).pathname;
  const tree = readXmlTree((await readZipEntry(apk, "AndroidManifest.xml"))!, "m", defaultLimits, []);
  if (!withResources) return renderManifestXml(tree);
  const resources = readResourceTable((await readZipEntry(apk, "resources.arsc"))!, "r", defaultLimits, []);
  return renderManifestXml(tree, { resources });
}

test("a manifest reads like its source, with references resolved", async () => {
  const xml = await renderFixture(true);
  const lines = xml.split("\n").map((line) => line.trim());
  expect(lines[0]).toBe('<?xml version="1.0" encoding="utf-8"?>');
  expect(lines).toContain(
    '<uses-permission android:name="android.permission.BLUETOOTH" android:maxSdkVersion="30"/>',
  );
  expect(lines).toContain(
    '<uses-permission android:name="android.permission.BLUETOOTH_SCAN" android:usesPermissionFlags="neverForLocation"/>',
  );
  expect(lines).toContain(
    '<permission android:name="org.example.features.PRIVATE" android:protectionLevel="signature|privileged"/>',
  );
  expect(lines).toContain('<meta-data android:name="text" android:value="a &quot;quoted&quot; \\ text"/>');
  expect(lines).toContain('<meta-data android:name="text-by-reference" android:value="2.0-default"/>');
  expect(lines).toContain('<meta-data android:name="resource" android:resource="@xml/network"/>');
  expect(lines).toContain('<activity android:name=".MainActivity" android:exported="true">');
  expect(xml).toContain('android:label="Größe 🐟"');
  expect(xml).toContain('android:foregroundServiceType="location|camera"');
});

test("without the table, references stand as ids", async () => {
  expect(await renderFixture(false)).toContain('android:label="@0x7f0');
});

test("every element and attribute is in the text", async () => {
  const parsed = new XMLParser({ ignoreAttributes: false }).parse(await renderFixture(true));
  expect(parsed.manifest["@_package"]).toBe("org.example.features");
  expect(parsed.manifest["uses-permission"]).toHaveLength(5);
  expect(parsed.manifest.application.activity).toHaveLength(2);
});

test("hostile names and texts leave the XML well formed", async () => {
  const hostile = [
    "",
    "<a>&\"'",
    "]]>",
    "-->",
    "__proto__",
    "constructor",
    "hasOwnProperty",
    "#text",
    ":@",
    "?xml",
    "1a",
    "a b",
    "a=b",
    "\ud800",
    "\0\x01\x1f\ufffe",
    "@_x",
    "xmlns",
    "xml",
    "größe",
    "&#0;",
    "\n\t",
  ];
  const root: AxmlElement = {
    name: "manifest",
    children: hostile.map((text) => ({
      name: text,
      attributes: [
        { plain: text, value: text },
        { plain: `${text}!`, value: text },
        { android: "label", value: text },
      ],
      children: [text],
    })),
  };
  const xml = await render(root);
  expect(XMLValidator.validate(xml)).toBe(true);
  expect(xml.match(/android:label=/g)).toHaveLength(hostile.length);
  expect(xml).toContain('android:label="&lt;a&gt;&amp;&quot;&apos;"');
  expect(xml).toContain('android:label="\ufffd\ufffd\ufffd\ufffd"');
});

test("long values are cut, and numbers that mean nothing stay numbers", async () => {
  const xml = await render({
    name: "manifest",
    attributes: [
      { android: "label", value: "x".repeat(5000) },
      { android: "theme", value: { dataType: ResDataType.ATTRIBUTE, data: 0x01010001 } },
      { android: "icon", value: { dataType: ResDataType.REFERENCE, data: 0 } },
      { android: "versionCode", value: { dataType: ResDataType.INT_HEX, data: 0x1f } },
      { android: "host", value: { dataType: 0xee, data: 1 } },
    ],
  });
  expect(xml).toContain(`android:label="${"x".repeat(1000)}…"`);
  expect(xml).toContain(
    'android:theme="?0x01010001" android:icon="@null" android:versionCode="0x1f" android:host=""',
  );
});
