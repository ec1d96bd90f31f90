import { describe, expect, test } from "vitest";
import { type Diagnostics, defaultLimits, FormatError } from "../../src/diagnostics/index.js";
import { ResDataType, readXmlTree } from "../../src/manifest/index.js";
import {
  type AxmlElement,
  type AxmlOptions,
  buildAxml,
  buildStringPool,
  chunk,
  concat,
  words,
} from "../support/axml-builder.js";
import { readZipEntry } from "./read-zip-entry.js";

const document: AxmlElement = {
  name: "manifest",
  attributes: [
    { plain: "package", value: "org.example" },
    { android: "versionCode", value: 7 },
    { android: "label", value: { dataType: ResDataType.REFERENCE, data: 0x7f010000 } },
  ],
  children: ["  text ä🐟 ", { name: "application", attributes: [{ android: "debuggable", value: true }] }],
};

function read(bytes: Uint8Array, limits = defaultLimits) {
  const diagnostics: Diagnostics = [];
  return { tree: readXmlTree(bytes, "AndroidManifest.xml", limits, diagnostics), diagnostics };
}

/** What the document says, whichever way it was written. */
const regular = read(buildAxml(document)).tree;

test("elements, attributes, values and text come out as they were put in", () => {
  expect(regular).toMatchObject({
    name: "manifest",
    namespace: undefined,
    line: 7,
    text: "  text ä🐟 ",
    attributes: [
      { name: "package", namespace: undefined, resourceId: undefined, rawValue: "org.example" },
      {
        name: "versionCode",
        namespace: "http://schemas.android.com/apk/res/android",
        resourceId: 0x0101021b,
        rawValue: undefined,
        typedValue: { dataType: ResDataType.INT_DEC, data: 7, text: undefined },
      },
      { name: "label", typedValue: { dataType: ResDataType.REFERENCE, data: 0x7f010000 } },
    ],
    children: [{ name: "application", children: [], attributes: [{ name: "debuggable" }] }],
  });
});

describe("what Android reads all the same", () => {
  const unknownChunk = chunk(0x0abc, [words(1, 2)], words(3));
  const variants: [string, AxmlOptions][] = [
    ["a pool in UTF-8", { utf8: true }],
    ["flags of the pool that nobody knows", { poolFlags: 0x1235 & ~0x100 }],
    ["a file type that says something else", { fileType: 0x0000 }],
    ["names that are empty", { spell: () => "" }],
    ["names that lie", { spell: (name) => (name === "label" ? "debuggable" : "label") }],
    ["node headers larger than known", { nodeHeaderSize: 24 }],
    ["attributes that start later", { attributeStart: 32 }],
    ["attributes larger than known", { attributeSize: 28 }],
    ["unknown chunks between", { extraChunk: unknownChunk }],
    ["a document that ends with its elements open", { withoutEndTags: true }],
    ["bytes after the document", { trailing: new Uint8Array(999).fill(0xff) }],
  ];
  test.each(variants)("%s", (_, options) => {
    const { tree, diagnostics } = read(buildAxml(document, options));
    // The names do not stand where their text does: they stay what their ids say.
    expect(tree).toEqual(regular);
    expect(diagnostics).toEqual([]);
  });

  test("of two string pools the last one before the first node", () => {
    const decoy = buildStringPool(["decoy"], true);
    const bytes = buildAxml(document);
    const both = chunk(0x0003, [], concat(decoy, bytes.subarray(8)));
    expect(read(both).tree).toEqual(regular);
  });

  test("elements after the root are not looked at", () => {
    const second = chunk(0x0102, [words(0, 0)], words(0, 0, 0, 0, 0));
    const bytes = buildAxml(document);
    const both = chunk(0x0003, [], concat(bytes.subarray(8), second));
    expect(read(both)).toEqual({ tree: regular, diagnostics: [] });
  });
});

test.each([
  ["UTF-8", true],
  ["UTF-16", false],
])("strings of every length in %s, where their encoding changes", (_, utf8) => {
  for (const length of [0, 1, 0x7f, 0x80, 0x7fff, 0x8000, 0x12345]) {
    if (utf8 && length > 0x7fff) continue;
    const label = "x".repeat(length);
    const bytes = buildAxml({ name: "a", attributes: [{ android: "label", value: label }] }, { utf8 });
    expect(read(bytes).tree.attributes[0]!.rawValue, `length ${length}`).toBe(label);
  }
});

test("a UTF-8 string whose length was cut to 15 bits, as aapt did", () => {
  const text = "y".repeat(0x8123);
  const bytes = buildAxml({ name: "a", attributes: [{ android: "label", value: text }] }, { utf8: true });
  // The bits above the fifteenth fall into the mark that a second byte follows: read back, 0x0123.
  expect(read(bytes).tree.attributes[0]!.rawValue).toBe(text);
});

test.each([
  ["UTF-16", Buffer.from("abcd\0", "utf16le"), false],
  ["UTF-8", Buffer.from("abcd\0"), true],
])(
  "a %s string without its terminating zero is no string, and costs only who refers to it",
  (_, text, utf8) => {
    const bytes = buildAxml(
      { name: "manifest", attributes: [{ plain: "package", value: "abcd" }] },
      { utf8 },
    );
    bytes[Buffer.from(bytes).indexOf(text) + (utf8 ? 4 : 8)] = 1;
    const { tree } = read(bytes);
    expect(tree.name).toBe("manifest");
    expect(tree.attributes[0]).toMatchObject({ name: "package", rawValue: undefined });
  },
);

test("UTF-8 as aapt writes it for res/xml", async () => {
  const apk = new URL("../../fixtures/manifest/features-utf8.apk", import.meta.url).pathname;
  const { tree } = read((await readZipEntry(apk, "res/xml/network.xml"))!);
  const domain = tree.children[0]!.children[0]!;
  expect(domain).toMatchObject({ name: "domain", text: "example.org" });
  expect(domain.attributes[0]).toMatchObject({ name: "includeSubdomains", resourceId: undefined });
});

describe("damage", () => {
  test("an empty file, and one that is no binary XML", () => {
    expect(() => read(new Uint8Array())).toThrow(FormatError);
    expect(() => read(new TextEncoder().encode("<manifest/>"))).toThrow(FormatError);
  });

  test("a file cut anywhere is refused, as on a device", () => {
    const bytes = buildAxml(document);
    for (let size = 0; size < bytes.length; size++) {
      expect(() => read(bytes.slice(0, size)), `cut to ${size} bytes`).toThrow(FormatError);
    }
  });

  test("a node whose size lies costs what follows it, and what stands before is kept", () => {
    const bytes = buildAxml(document);
    const view = new DataView(bytes.buffer);
    const second = nodesOf(bytes)[2]!;
    view.setUint32(second + 4, 0x7ffffff0, true);
    const { tree, diagnostics } = read(bytes);
    expect(tree).toMatchObject({ name: "manifest", children: [] });
    expect(diagnostics).toMatchObject([{ effect: "unread", code: "truncated", offset: second }]);
  });

  test("more attributes than the element has room for", () => {
    const bytes = buildAxml(document);
    new DataView(bytes.buffer).setUint16(nodesOf(bytes)[0]! + 16 + 12, 0xffff, true);
    expect(() => read(bytes)).toThrow(/65535 attributes exceed the chunk/);
  });

  test("attributes that would lie outside their element", () => {
    const bytes = buildAxml(document);
    new DataView(bytes.buffer).setUint16(nodesOf(bytes)[0]! + 16 + 10, 0x1000, true);
    expect(() => read(bytes)).toThrow(/ResXMLTree_attribute: attributeSize is 4096/);
  });

  test("no root element", () => {
    const empty = chunk(0x0003, [], buildStringPool([], false));
    expect(() => read(empty)).toThrow("has no root element");
  });

  test("no string pool", () => {
    const start = chunk(0x0102, [words(0, 0)], words(0, 0, 0, 0, 0));
    expect(() => read(chunk(0x0003, [], start))).toThrow("no string pool");
  });
});

describe("limits", () => {
  const nest = (depth: number): AxmlElement => ({
    name: "a",
    children: depth === 1 ? [] : [nest(depth - 1)],
  });

  test("xmlDepth", () => {
    const limits = { ...defaultLimits, xmlDepth: 5 };
    expect(read(buildAxml(nest(5)), limits).diagnostics).toEqual([]);
    expect(read(buildAxml(nest(6)), limits).diagnostics).toMatchObject([{ effect: "unread", code: "limit" }]);
  });

  test("xmlElements", () => {
    const limits = { ...defaultLimits, xmlElements: 3 };
    expect(read(buildAxml(nest(3)), limits).diagnostics).toEqual([]);
    expect(read(buildAxml(nest(4)), limits).diagnostics).toMatchObject([{ effect: "unread", code: "limit" }]);
  });

  test("stringPoolStrings", () => {
    const limits = { ...defaultLimits, stringPoolStrings: 2 };
    expect(() => read(buildAxml(document), limits)).toThrow(expect.objectContaining({ code: "limit" }));
  });

  test("text that a small file repeats without end", () => {
    const text = "z".repeat(10_000);
    const bytes = buildAxml({ name: "a", children: Array<string>(1000).fill(text) });
    const { tree, diagnostics } = read(bytes);
    expect(tree.text.length).toBeLessThan(bytes.length * 4);
    expect(diagnostics).toMatchObject([{ effect: "unread", code: "limit" }]);
  });
});

/** Offsets of the nodes of a file. */
function nodesOf(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const offsets: number[] = [];
  for (let at = 8; at < bytes.length; at += view.getUint32(at + 4, true)) {
    const type = view.getUint16(at, true);
    if (type >= 0x0100 && type < 0x0180) offsets.push(at);
  }
  return offsets;
}
