import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { type Diagnostics, defaultLimits, FormatError } from "../../src/diagnostics/index.js";
import { readManifest, readResourceTable, readXmlTree, renderManifestXml } from "../../src/manifest/index.js";
import { buildArsc } from "../support/arsc-builder.js";
import { buildAxml } from "../support/axml-builder.js";
import { readZipEntry } from "./read-zip-entry.js";

const FIXTURES = fileURLToPath(new URL("../../fixtures/manifest/", import.meta.url));

/** Small limits, so that a case that grows out of bounds fails and does not merely take long. */
const limits = {
  ...defaultLimits,
  xmlDepth: 50,
  xmlElements: 5_000,
  stringPoolStrings: 5_000,
  diagnostics: 50,
};

/** Reads what there is to read; anything but a FormatError is ours and goes up. */
function readAll(axml: Uint8Array, arsc: Uint8Array): Diagnostics {
  const diagnostics: Diagnostics = [];
  const attempt = <T>(read: () => T): T | undefined => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      return undefined;
    }
  };
  const resources = attempt(() => readResourceTable(arsc, "resources.arsc", limits, diagnostics));
  attempt(() => readManifest(axml, "AndroidManifest.xml", resources, limits, diagnostics));
  for (let type = 0; type < 8; type++) {
    for (let entry = 0; entry < 14; entry++) {
      const id = 0x7f000000 | (type << 16) | entry;
      resources?.resolve(id);
      resources?.findName(id);
    }
  }
  return diagnostics;
}

const names = ["features-utf8", "features-utf16", "features-aapt2", "sparse"];

const axml = buildAxml(
  {
    name: "manifest",
    attributes: [
      { plain: "package", value: "org.example" },
      { android: "versionName", value: { dataType: 1, data: 0x7f010000 } },
    ],
    children: [
      {
        name: "application",
        children: [{ name: "service", attributes: [{ android: "name", value: ".S" }] }],
      },
    ],
  },
  { utf8: true },
);

const arsc = buildArsc([
  {
    id: 0x7f,
    typeNames: ["string", "bool"],
    keyNames: ["a", "b", "c"],
    types: [
      { typeId: 1, values: ["text", { dataType: 1, data: 0x7f020001 }, "bag"] },
      { typeId: 2, values: [undefined, "second"], encoding: "sparse" },
      { typeId: 2, values: ["x"], encoding: "offset16", compact: true, language: "de" },
    ],
    stagedAliases: [[0x7f030000, 0x7f010000]],
  },
]);

test("files cut at every byte", () => {
  for (let size = 0; size < axml.length; size++) readAll(axml.slice(0, size), arsc);
  for (let size = 0; size < arsc.length; size++) readAll(axml, arsc.slice(0, size));
});

test("every byte of small files, set to what boundaries are made of", () => {
  for (const [file, read] of [
    [axml, (bytes: Uint8Array) => readAll(bytes, arsc)],
    [arsc, (bytes: Uint8Array) => readAll(axml, bytes)],
  ] as const) {
    for (let at = 0; at < file.length; at++) {
      for (const change of [0x01, 0x80, 0xff]) {
        const bytes = file.slice();
        bytes[at]! ^= change;
        expect(read(bytes).length, `byte ${at} ^ ${change}`).toBeLessThanOrEqual(limits.diagnostics + 10);
      }
    }
  }
});

test.each(names)("seeded changes to %s", async (name) => {
  const manifest = (await readZipEntry(`${FIXTURES}${name}.apk`, "AndroidManifest.xml"))!;
  const table = (await readZipEntry(`${FIXTURES}${name}.apk`, "resources.arsc"))!;
  const random = seeded(name.length);
  for (let round = 0; round < 300; round++) readAll(change(manifest, random), change(table, random));
});

test("a changed document can be written as XML", async () => {
  const manifest = (await readZipEntry(`${FIXTURES}features-utf8.apk`, "AndroidManifest.xml"))!;
  const random = seeded(1);
  let rendered = 0;
  for (let round = 0; round < 100; round++) {
    try {
      await renderManifestXml(readXmlTree(change(manifest, random), "m", limits, []));
      rendered++;
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
    }
  }
  expect(rendered).toBeGreaterThan(10);
});

test("a document that shares long strings costs little", () => {
  const long = ".".repeat(20_000);
  const bytes = buildAxml({
    name: "manifest",
    attributes: [{ plain: "package", value: "org.example" }],
    children: [
      {
        name: "application",
        children: Array.from({ length: 3_000 }, () => ({
          name: "provider",
          attributes: [
            { android: "name" as const, value: long },
            { android: "authorities" as const, value: ";".repeat(20_000) },
          ],
        })),
      },
    ],
  });
  const before = process.memoryUsage().heapUsed;
  const manifest = readManifest(bytes, "AndroidManifest.xml", undefined, limits, []);
  // Looking at a character makes a string of its own of what was put together.
  const characters = manifest.providers.map((provider) => provider.name.charCodeAt(5));
  expect(characters).toHaveLength(3_000);
  // Were each name built anew, this would be 60 MB and more.
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(40_000_000);
  expect(manifest.providers[1]?.authorities).toBe(manifest.providers[0]?.authorities);
});

/** Sets a few bytes or words of a copy, as a fuzzer would. */
function change(bytes: Uint8Array, random: () => number): Uint8Array {
  const changed = bytes.slice();
  const view = new DataView(changed.buffer);
  const interesting = [0, 1, 0x7f, 0x80, 0xff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff, bytes.length];
  for (let count = 1 + (random() % 3); count > 0; count--) {
    // Half of the changes hit the first kilobyte, where the counts and offsets are.
    const range = random() % 2 === 0 ? Math.min(1024, bytes.length) : bytes.length;
    const at = random() % range;
    if (random() % 2 === 0 && at + 4 <= bytes.length) {
      view.setUint32(at & ~3, interesting[random() % interesting.length]!, true);
    } else changed[at] = random() & 0xff;
  }
  return changed;
}

/** xorshift32. */
function seeded(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}
