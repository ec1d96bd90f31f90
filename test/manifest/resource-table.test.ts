import { describe, expect, test } from "vitest";
import { type Diagnostics, defaultLimits, FormatError } from "../../src/diagnostics/index.js";
import { ResDataType, readResourceTable } from "../../src/manifest/index.js";
import { type ArscPackage, buildArsc } from "../support/arsc-builder.js";
import { readZipEntry } from "./read-zip-entry.js";

const { INT_DEC, REFERENCE, DYNAMIC_REFERENCE, NULL } = ResDataType;

function read(bytes: Uint8Array, limits = defaultLimits) {
  const diagnostics: Diagnostics = [];
  return { table: readResourceTable(bytes, "resources.arsc", limits, diagnostics), diagnostics };
}

function tableOf(...packages: ArscPackage[]) {
  return read(buildArsc(packages));
}

const values = ["zero", undefined, { dataType: INT_DEC, data: 42 }, "bag" as const, "four"];

describe.each([
  ["dense", false],
  ["dense", true],
  ["offset16", false],
  ["offset16", true],
  ["sparse", false],
  ["sparse", true],
] as const)("entries with %s offsets, compact %s", (encoding, compact) => {
  const { table, diagnostics } = tableOf({
    id: 0x7f,
    typeNames: ["string"],
    keyNames: ["a", "b", "c", "d", "e"],
    types: [{ typeId: 1, values, encoding, compact }],
  });

  test("values", () => {
    expect(table.resolve(0x7f010000)).toMatchObject({ id: 0x7f010000, value: { text: "zero" } });
    expect(table.resolve(0x7f010002)?.value).toEqual({ dataType: INT_DEC, data: 42, text: undefined });
    expect(table.resolve(0x7f010004)?.value.text).toBe("four");
  });

  test("what has no value: a bag, a gap, an entry past the end, another type, another package", () => {
    for (const id of [0x7f010003, 0x7f010001, 0x7f010005, 0x7f01ffff, 0x7f020000, 0x01010000, 0]) {
      expect(table.resolve(id), id.toString(16)).toBeUndefined();
    }
    expect(diagnostics).toEqual([]);
  });

  test("names", () => {
    expect(table.findName(0x7f010004)).toBe("string/e");
    expect(table.findName(0x7f010001)).toBeUndefined();
  });
});

test("the default configuration first, else the first that has the entry", () => {
  const { table } = tableOf({
    id: 0x7f,
    types: [
      { typeId: 1, language: "de", values: ["deutsch", "nur deutsch"] },
      { typeId: 1, language: "fr", values: ["français", "seulement français"] },
      { typeId: 1, values: ["default", undefined] },
    ],
  });
  expect(table.resolve(0x7f010000)?.value.text).toBe("default");
  expect(table.resolve(0x7f010001)?.value.text).toBe("nur deutsch");
});

describe("references", () => {
  const chain = (length: number) => [
    ...[...Array(length).keys()].map((index) => ({ dataType: REFERENCE, data: 0x7f010001 + index })),
    "end",
  ];

  test("are followed, and the last id is told", () => {
    const { table } = tableOf({ id: 0x7f, types: [{ typeId: 1, values: chain(3) }] });
    expect(table.resolve(0x7f010000)).toMatchObject({ id: 0x7f010003, value: { text: "end" } });
  });

  test("as many as resourceReferences, and no more", () => {
    const limits = { ...defaultLimits, resourceReferences: 3 };
    const bytes = buildArsc([{ id: 0x7f, types: [{ typeId: 1, values: chain(4) }] }]);
    const { table, diagnostics } = read(bytes, limits);
    expect(table.resolve(0x7f010001)?.value.text).toBe("end");
    expect(diagnostics).toEqual([]);
    expect(table.resolve(0x7f010000)).toBeUndefined();
    expect(diagnostics).toMatchObject([{ effect: "unread", code: "limit" }]);
  });

  test("in a circle end", () => {
    const circle = [{ dataType: REFERENCE, data: 0x7f010000 }];
    const { table, diagnostics } = tableOf({ id: 0x7f, types: [{ typeId: 1, values: circle }] });
    expect(table.resolve(0x7f010000)).toBeUndefined();
    expect(diagnostics).toMatchObject([{ code: "limit" }]);
  });

  test("to nothing (@null, an empty value, another app's resource) resolve to nothing", () => {
    const nothing = [
      { dataType: REFERENCE, data: 0 },
      { dataType: NULL, data: 0 },
      { dataType: REFERENCE, data: 0x01040000 },
    ];
    const { table } = tableOf({ id: 0x7f, types: [{ typeId: 1, values: nothing }] });
    expect([0x7f010000, 0x7f010001, 0x7f010002].map((id) => table.resolve(id))).toEqual(
      Array(3).fill(undefined),
    );
  });

  test("of a shared library go to itself", () => {
    const own = [{ dataType: DYNAMIC_REFERENCE, data: 0x00010001 }, "library"];
    const { table } = tableOf({ id: 0, types: [{ typeId: 1, values: own }] });
    expect(table.resolve(0x00010000)?.value.text).toBe("library");
  });
});

test("type ids of a feature split count from its typeIdOffset", () => {
  const { table } = tableOf({
    id: 0x7f,
    typeNames: ["string"],
    keyNames: ["a"],
    typeIdOffset: 4,
    types: [{ typeId: 5, values: ["split"] }],
  });
  expect(table.resolve(0x7f050000)?.value.text).toBe("split");
  expect(table.findName(0x7f050000)).toBe("string/a");
  expect(table.resolve(0x7f010000)).toBeUndefined();
});

test("a package header from before typeIdOffset", () => {
  const { table } = tableOf({ id: 0x7f, oldHeader: true, types: [{ typeId: 1, values: ["old"] }] });
  expect(table.packages.map(({ id, name }) => [id, name])).toEqual([[0x7f, "org.example"]]);
  expect(table.resolve(0x7f010000)?.value.text).toBe("old");
});

test("staged ids lead to final ones", () => {
  const { table } = tableOf({
    id: 0x01,
    stagedAliases: [[0x01ff0000, 0x01010001]],
    types: [{ typeId: 1, values: ["a", "final"] }],
  });
  expect(table.resolve(0x01ff0000)?.value.text).toBe("final");
});

test("packages of one id are one group", () => {
  const { table } = tableOf(
    { id: 0x7f, types: [{ typeId: 1, values: ["first"] }] },
    { id: 0x7f, types: [{ typeId: 2, values: ["second"] }] },
  );
  expect(table.resolve(0x7f010000)?.value.text).toBe("first");
  expect(table.resolve(0x7f020000)?.value.text).toBe("second");
});

test("a sparse table as aapt2 writes it", async () => {
  const apk = new URL("../../fixtures/manifest/sparse.apk", import.meta.url).pathname;
  const { table } = read((await readZipEntry(apk, "resources.arsc"))!);
  // Ids and values as `aapt2 dump resources` prints them; `german` is in the sparse chunk alone.
  expect(table.resolve(0x7f010000)?.value.text).toBe("nur deutsch");
  expect(table.resolve(0x7f01000b)?.value.text).toBe("default 11");
  expect(table.findName(0x7f01000c)).toBe("string/s12");
});

describe("damage", () => {
  const bytes = buildArsc([
    {
      id: 0x7f,
      types: [
        { typeId: 1, values: ["a"] },
        { typeId: 2, values: ["b"] },
      ],
    },
    { id: 0x7e, types: [{ typeId: 1, values: ["c"] }] },
  ]);

  test("no resource table at all", () => {
    expect(() => read(new Uint8Array(4))).toThrow(FormatError);
    expect(() => read(new Uint8Array(40).fill(8))).toThrow(FormatError);
  });

  test("a spoilt entry costs itself, and one diagnostic speaks for all of them", () => {
    const spoilt = bytes.slice();
    const view = new DataView(spoilt.buffer);
    const type = findChunks(spoilt, 0x0201)[0]!;
    view.setUint32(type + 16, 0x7ffffff0, true);
    const { table, diagnostics } = read(spoilt);
    expect(table.resolve(0x7f010000)).toBeUndefined();
    expect(table.findName(0x7f010000)).toBeUndefined();
    expect(table.resolve(0x7f020000)?.value.text).toBe("b");
    expect(diagnostics).toMatchObject([{ effect: "unread", code: "truncated", part: "resources.arsc" }]);
  });

  test("a type whose count lies costs that type", () => {
    const spoilt = bytes.slice();
    new DataView(spoilt.buffer).setUint32(findChunks(spoilt, 0x0201)[0]! + 12, 0xffffffff, true);
    const { table, diagnostics } = read(spoilt);
    expect(table.resolve(0x7f010000)).toBeUndefined();
    expect(table.resolve(0x7f020000)?.value.text).toBe("b");
    expect(diagnostics).toMatchObject([{ effect: "unread", code: "truncated" }]);
  });

  test("a package whose header lies costs that package", () => {
    const spoilt = bytes.slice();
    new DataView(spoilt.buffer).setUint16(findChunks(spoilt, 0x0200)[0]! + 2, 16, true);
    const { table, diagnostics } = read(spoilt);
    expect(table.resolve(0x7f010000)).toBeUndefined();
    expect(table.resolve(0x7e010000)?.value.text).toBe("c");
    expect(diagnostics).toMatchObject([{ effect: "unread", code: "bad-value" }]);
  });
});

/** Offsets of the chunks of a type, wherever they stand. */
function findChunks(bytes: Uint8Array, type: number): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const found: number[] = [];
  const walk = (start: number, end: number) => {
    for (let at = start; at < end; at += view.getUint32(at + 4, true)) {
      if (view.getUint16(at, true) === type) found.push(at);
      if (view.getUint16(at, true) === 0x0200) {
        walk(at + view.getUint16(at + 2, true), at + view.getUint32(at + 4, true));
      }
    }
  };
  walk(12, bytes.length);
  return found;
}
