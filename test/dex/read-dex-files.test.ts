import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readDexFiles, visitCode } from "../../src/dex/index.js";
import { type Diagnostics, defaultLimits, FormatError } from "../../src/diagnostics/index.js";
import { buildDex, type DexSpec } from "../support/dex-builder.js";

const read = (bytes: Uint8Array) => {
  const diagnostics: Diagnostics = [];
  const dexFiles = readDexFiles(bytes, "classes.dex", defaultLimits, diagnostics);
  const methods: string[] = [];
  for (const dex of dexFiles)
    visitCode(dex, (methodIdx) => methods.push(dex.methodRef(methodIdx)), diagnostics);
  return { dexFiles, diagnostics, methods };
};

const setU32 = (bytes: Uint8Array, offset: number, value: number) => {
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(offset, value, true);
};

const returnVoid = () => [0x0e];
const twoClasses: DexSpec = {
  classes: ["A", "B"].map((name) => ({
    descriptor: `Lt/${name};`,
    methods: [
      { name: "m", code: returnVoid },
      { name: "n", code: returnVoid },
    ],
  })),
};
const all = ["Lt/A;->m()V", "Lt/A;->n()V", "Lt/B;->m()V", "Lt/B;->n()V"];

describe("a DEX file", () => {
  test("is laid over its bytes, not copied", () => {
    const { bytes } = buildDex([twoClasses]);
    const { dexFiles, methods, diagnostics } = read(bytes);
    const dex = dexFiles[0]!;
    expect(diagnostics).toEqual([]);
    expect(methods).toEqual(all);
    for (const array of [
      dex.bytes,
      dex.stringIds,
      dex.typeIds,
      dex.methodIds16,
      dex.classDefs,
      dex.codeUnits,
    ]) {
      expect(array.buffer).toBe(bytes.buffer);
    }
  });

  test("is copied, once, where it begins at an odd address", () => {
    const { bytes } = buildDex([twoClasses]);
    for (const shift of [1, 2, 3]) {
      const shifted = new Uint8Array(bytes.length + 4);
      shifted.set(bytes, shift);
      const { methods, diagnostics } = read(shifted.subarray(shift, shift + bytes.length));
      expect(diagnostics).toEqual([]);
      expect(methods).toEqual(all);
    }
  });

  test("that is cut says where, and gives the classes that are left", () => {
    const { bytes, offsets } = buildDex([twoClasses]);
    const cut = offsets.get("class_data Lt/B;")!;
    const { methods, diagnostics } = read(bytes.subarray(0, cut));
    expect(methods).toEqual(["Lt/A;->m()V", "Lt/A;->n()V"]);
    const end = `0x${cut.toString(16)}`;
    expect(diagnostics).toEqual([
      {
        effect: "unread",
        code: "truncated",
        part: "classes.dex",
        offset: 0x20,
        message: `classes.dex@0x20 header_item: file_size is 0x${bytes.length.toString(16)}, but the file ends at ${end}`,
      },
      {
        effect: "unread",
        code: "truncated",
        part: "classes.dex",
        offset: cut,
        message: `classes.dex@${end} class_data_item: needs 1 bytes, but the file ends at ${end}, in Lt/B;`,
      },
    ]);
  });

  test("that is cut within an id list keeps the items before", () => {
    const { bytes, offsets } = buildDex([twoClasses]);
    const { dexFiles, diagnostics } = read(bytes.subarray(0, offsets.get("class_defs")! + 40));
    expect(dexFiles[0]!.classDefsSize).toBe(1);
    expect(diagnostics[1]!.message).toMatch(
      /class_defs: has 2 items, but the file ends at 0x[0-9a-f]+, after 1$/,
    );
  });

  test("with bytes after its end is odd, and read", () => {
    const { bytes } = buildDex([twoClasses]);
    const { methods, diagnostics } = read(Uint8Array.from([...bytes, 1, 2, 3, 4]));
    expect(methods).toEqual(all);
    expect(diagnostics).toMatchObject([{ effect: "odd", code: "bad-value", offset: 0x20 }]);
  });

  test("of another header_size is odd, and read", () => {
    const { bytes } = buildDex([twoClasses]);
    setU32(bytes, 0x24, 0x78);
    const { methods, diagnostics } = read(bytes);
    expect(methods).toEqual(all);
    expect(diagnostics).toMatchObject([{ effect: "odd", code: "bad-value", offset: 0x24 }]);
  });

  test("with a list at an odd place is odd, and read", () => {
    const { bytes, offsets } = buildDex([twoClasses]);
    const at = offsets.get("class_defs")!;
    const moved = new Uint8Array(bytes.length + 72);
    moved.set(bytes);
    moved.set(bytes.subarray(at, at + 64), bytes.length + 2);
    setU32(moved, 0x20, moved.length);
    setU32(moved, 0x64, bytes.length + 2);
    const { methods, diagnostics } = read(moved);
    expect(methods).toEqual(all);
    expect(diagnostics).toMatchObject([{ effect: "odd", code: "bad-offset", offset: bytes.length + 2 }]);
  });
});

describe("a class or method that is spoilt", () => {
  const spoil = (where: string, delta: number, value: number) => {
    const { bytes, offsets } = buildDex([twoClasses]);
    setU32(bytes, offsets.get(where)! + delta, value);
    return read(bytes);
  };

  test("costs the class where its class_data_item lies nowhere", () => {
    const { methods, diagnostics } = spoil("class_def Lt/A;", 24, 0xffff_fff0);
    expect(methods).toEqual(all.slice(2));
    expect(diagnostics).toMatchObject([{ effect: "unread", code: "truncated", part: "classes.dex" }]);
    expect(diagnostics[0]!.message).toMatch(/^classes\.dex@0xfffffff0 class_data_item: .*, in Lt\/A;$/);
  });

  test("costs the class where its members are another's", () => {
    const { bytes, offsets } = buildDex([twoClasses]);
    setU32(bytes, offsets.get("class_def Lt/A;")! + 24, offsets.get("class_data Lt/B;")!);
    const { methods, diagnostics } = read(bytes);
    expect(methods).toEqual(all.slice(2));
    expect(diagnostics[0]!.message).toContain("method_idx 2 is a method of another class, in Lt/A;");
  });

  test("costs the method where its insns run past the end", () => {
    const { methods, diagnostics } = spoil("code Lt/A;->m", 12, 0x7fff_ffff);
    expect(methods).toEqual(all.slice(1));
    expect(diagnostics).toMatchObject([{ effect: "unread", code: "truncated" }]);
    expect(diagnostics[0]!.message).toMatch(
      /code_item insns: needs 4294967294 bytes, .*, in Lt\/A;->m\(\)V$/,
    );
  });

  test("costs the method where its arguments do not fit its registers", () => {
    const { methods, diagnostics } = spoil("code Lt/A;->n", 0, 0x0005_0004);
    expect(methods).toEqual([all[0], all[2], all[3]]);
    expect(diagnostics[0]!.message).toContain("ins_size 5 is above registers_size 4, in Lt/A;->n()V");
  });

  test("costs the method where its try_items run past the end", () => {
    const { methods, diagnostics } = spoil("code Lt/B;->m", 4, 0xffff_0000);
    expect(methods).toEqual([all[0], all[1], all[3]]);
    expect(diagnostics[0]!.message).toContain("try_item: needs 524280 bytes");
  });

  test("is named by its index where its name is spoilt too", () => {
    const { bytes, offsets } = buildDex([twoClasses]);
    setU32(bytes, offsets.get("class_def Lt/A;")!, 0xfff0);
    expect(read(bytes).diagnostics[0]!.message).toMatch(/in type@fff0$/);
  });
});

describe("a container", () => {
  const member = (name: string): DexSpec => ({
    strings: ["shared"],
    classes: [
      {
        descriptor: `Lt/${name};`,
        methods: [{ name: "m", code: (ids) => [0x1a, ids.string("shared"), 0x0e] }],
      },
    ],
  });
  const built = () => buildDex([member("A"), member("B"), member("C")], 41);

  test("gives each DEX file in it, on one run of bytes with shared strings", () => {
    const { bytes } = built();
    const { dexFiles, methods, diagnostics } = read(bytes);
    expect(diagnostics).toEqual([]);
    expect(dexFiles.map(({ source, version }) => [source, version])).toEqual([
      ["classes.dex", 41],
      ["classes.dex!1", 41],
      ["classes.dex!2", 41],
    ]);
    expect(methods).toEqual(["Lt/A;->m()V", "Lt/B;->m()V", "Lt/C;->m()V"]);
    const [first, second] = dexFiles;
    expect(second!.bytes.buffer).toBe(first!.bytes.buffer);
    const where = (dex: typeof first) => dex!.stringIds[dex!.findStringIdx("shared")!];
    expect(where(second)).toBe(where(first));
    expect(second!.header.headerOffset).toBeGreaterThan(0);
  });

  test("may count a member's offsets from its own header, as ART's loader takes it", () => {
    const { bytes } = buildDex([member("A")], 41);
    const doubled = new Uint8Array(bytes.length * 2);
    doubled.set(bytes);
    doubled.set(bytes, bytes.length);
    setU32(doubled, 0x70, doubled.length);
    const { methods, diagnostics } = read(doubled);
    expect(methods).toEqual(["Lt/A;->m()V", "Lt/A;->m()V"]);
    expect(diagnostics).toEqual([]);
  });

  test("whose second header is spoilt gives the first, and says so", () => {
    const { bytes, offsets } = built();
    bytes[offsets.get("1 header")!] = 0;
    const { methods, diagnostics } = read(bytes);
    expect(methods).toEqual(["Lt/A;->m()V"]);
    expect(diagnostics).toMatchObject([{ effect: "unread", code: "bad-magic", part: "classes.dex!1" }]);
  });

  test("whose header_offset does not fit loses that member", () => {
    const { bytes, offsets } = built();
    setU32(bytes, offsets.get("1 header")! + 0x74, 0x7fff_fff0);
    const { methods, diagnostics } = read(bytes);
    expect(methods).toEqual(["Lt/A;->m()V", "Lt/C;->m()V"]);
    expect(diagnostics).toMatchObject([{ effect: "unread", code: "bad-offset", part: "classes.dex!1" }]);
  });

  test("that is cut says so once for itself and once for what is lost", () => {
    const { bytes, offsets } = built();
    const { methods, diagnostics } = read(bytes.subarray(0, offsets.get("2 header")! + 0x10));
    expect(methods).toEqual(["Lt/A;->m()V", "Lt/B;->m()V"]);
    expect(diagnostics.map(({ code, part }) => [code, part])).toEqual([
      ["truncated", "classes.dex"],
      ["truncated", "classes.dex!2"],
    ]);
  });
});

describe("finding by text", () => {
  const texts = fc.uniqueArray(
    fc
      .array(fc.constantFrom(0, 1, 0x41, 0x7f, 0x80, 0x7ff, 0x800, 0xd83d, 0xde00, 0xffff), { maxLength: 4 })
      .map((units) => String.fromCharCode(...units)),
    { minLength: 1, maxLength: 30 },
  );

  test("finds every string, and none that is not there", () => {
    fc.assert(
      fc.property(texts, fc.string(), (strings, other) => {
        const dex = read(buildDex([{ classes: [], strings }]).bytes).dexFiles[0]!;
        for (let i = 0; i < dex.stringIdsSize; i++) expect(dex.findStringIdx(dex.string(i))).toBe(i);
        if (!strings.includes(other)) expect(dex.findStringIdx(other)).toBeUndefined();
      }),
      { numRuns: 50 },
    );
  });

  test("finds them in a file that is not in order, and says that it is not", () => {
    const { bytes, offsets } = buildDex([twoClasses]);
    const ids = offsets.get("string_ids")!;
    const words = new DataView(bytes.buffer);
    const first = words.getUint32(ids, true);
    words.setUint32(ids, words.getUint32(ids + 8, true), true);
    words.setUint32(ids + 8, first, true);
    const types = offsets.get("type_ids")!;
    const type = words.getUint32(types, true);
    words.setUint32(types, words.getUint32(types + 4, true), true);
    words.setUint32(types + 4, type, true);
    const { dexFiles, diagnostics } = read(bytes);
    const dex = dexFiles[0]!;
    for (let i = 0; i < dex.stringIdsSize; i++) expect(dex.findStringIdx(dex.string(i))).toBe(i);
    for (let i = 0; i < dex.typeIdsSize; i++) expect(dex.findTypeIdx(dex.typeDescriptor(i))).toBe(i);
    expect(dex.findStringIdx("not there")).toBeUndefined();
    expect(diagnostics[0]).toMatchObject({ effect: "odd", code: "bad-value", offset: types + 4 });
  });

  test("an unreadable string neither matches nor stops the search", () => {
    const { bytes, offsets } = buildDex([twoClasses]);
    setU32(bytes, offsets.get("string_ids")! + 4, 0xffff_fff0);
    const dex = read(bytes).dexFiles[0]!;
    expect(() => dex.string(1)).toThrow(FormatError);
    expect(dex.findStringIdx("n")).toBe(dex.stringIdsSize - 1);
  });

  test("types are found in real files", () => {
    const dex = read(readFileSync("fixtures/dex/instructions.dex")).dexFiles[0]!;
    for (let i = 0; i < dex.typeIdsSize; i++) expect(dex.findTypeIdx(dex.typeDescriptor(i))).toBe(i);
    expect(dex.findTypeIdx("Lt/Instruction;")).toBeUndefined();
    expect(dex.findTypeIdx("text")).toBeUndefined();
  });

  test("names outside ASCII are text like any other", () => {
    const dex = read(readFileSync("fixtures/dex/strings.dex")).dexFiles[0]!;
    const typeIdx = dex.findTypeIdx("Lt/Strings$Ünïcødé;")!;
    expect(dex.typeDescriptor(typeIdx)).toBe("Lt/Strings$Ünïcødé;");
    const refs = Array.from({ length: dex.methodIdsSize }, (_, i) => dex.methodRef(i));
    expect(refs).toEqual(["Lt/Strings$Ünïcødé;->字(Lt/Strings$Ünïcødé;)V"]);
    for (const text of ["", "a\0b", "\0", "café", "😀", "lone \ud83d", "lone \ude00", "\uffff"]) {
      expect(dex.string(dex.findStringIdx(text)!), JSON.stringify(text)).toBe(text);
    }
  });
});
