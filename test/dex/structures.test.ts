import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { ByteView } from "../../src/bytes/index.js";
import { readHeaderItem } from "../../src/dex/header-item.js";
import { type DexFile, readCodeItem, readDexFiles, readTries, visitCode } from "../../src/dex/index.js";
import { type Diagnostics, defaultLimits, FormatError } from "../../src/diagnostics/index.js";
import { buildDex } from "../support/dex-builder.js";
import { hex } from "../support/hex.js";

function open(bytes: Uint8Array): DexFile {
  const diagnostics: Diagnostics = [];
  const [dex] = readDexFiles(bytes, "classes.dex", defaultLimits, diagnostics);
  expect(diagnostics).toEqual([]);
  return dex!;
}

const fixture = (name: string) => open(readFileSync(`fixtures/dex/${name}.dex`));

describe("header_item", () => {
  const header = hex(`
    64 65 78 0a 30 33 39 00  // magic: version 039
    11 22 33 84              // checksum
    00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00  // signature
    00 10 00 00              // file_size
    70 00 00 00              // header_size
    78 56 34 12              // endian_tag
    01 00 00 00 02 00 00 00  // link_size, link_off
    03 00 00 00              // map_off
    04 00 00 00 05 00 00 00  // string_ids_size, string_ids_off
    06 00 00 00 07 00 00 00  // type_ids
    08 00 00 00 09 00 00 00  // proto_ids
    0a 00 00 00 0b 00 00 00  // field_ids
    0c 00 00 00 0d 00 00 00  // method_ids
    0e 00 00 00 0f 00 00 00  // class_defs
    10 00 00 00 11 00 00 00  // data
    12 00 00 00 13 00 00 00  // container_size, header_offset: from version 041
  `);
  const read = (bytes: Uint8Array) => readHeaderItem(new ByteView(bytes, "classes.dex"), 0);

  test("is read field by field", () => {
    expect(read(header)).toEqual({
      version: 39,
      checksum: 0x84332211,
      fileSize: 0x1000,
      headerSize: 0x70,
      linkSize: 1,
      linkOff: 2,
      mapOff: 3,
      stringIdsSize: 4,
      stringIdsOff: 5,
      typeIdsSize: 6,
      typeIdsOff: 7,
      protoIdsSize: 8,
      protoIdsOff: 9,
      fieldIdsSize: 10,
      fieldIdsOff: 11,
      methodIdsSize: 12,
      methodIdsOff: 13,
      classDefsSize: 14,
      classDefsOff: 15,
      dataSize: 16,
      dataOff: 17,
      containerSize: undefined,
      headerOffset: 0,
    });
  });

  test("has a container's fields from version 041 on", () => {
    const v41 = header.slice();
    v41.set([0x34, 0x31], 5);
    expect(read(v41)).toMatchObject({ version: 41, containerSize: 0x12, headerOffset: 0x13 });
    expect(() => read(v41.subarray(0, 0x77))).toThrow(/needs 120 bytes/);
  });

  test.each([
    ["dex\n034\0", "unsupported", /version 034 is not read/],
    ["dex\n042\0", "unsupported", /version 042 is not read/],
    ["dey\n036\0", "unsupported", /optimised DEX/],
    ["cdex001\0", "unsupported", /compact DEX/],
    ["dex\n039x", "bad-magic", /does not begin with dex/],
    ["PK\x03\x04....", "bad-magic", /does not begin with dex/],
  ])("%j is %s", (magic, code, message) => {
    const changed = header.slice();
    changed.set(Buffer.from(magic, "latin1"));
    const diagnostics: Diagnostics = [];
    expect(readDexFiles(changed, "classes.dex", defaultLimits, diagnostics)).toEqual([]);
    expect(diagnostics).toMatchObject([{ effect: "unread", code, part: "classes.dex" }]);
    expect(diagnostics[0]!.message).toMatch(message);
  });

  test("another byte order is not read", () => {
    const reverse = header.slice();
    reverse.set([0x12, 0x34, 0x56, 0x78], 0x28);
    expect(() => read(reverse)).toThrow(/big-endian/);
    reverse.set([0, 0, 0, 0], 0x28);
    expect(() => read(reverse)).toThrow(/endian_tag is 0x0/);
  });
});

describe("class_def_item and what it leads to", () => {
  const dex = fixture("instructions");
  const classDef = dex.classDef(0);

  test("names and lists", () => {
    expect(classDef).toMatchObject({ classDefIdx: 0, accessFlags: 1, annotationsOff: 0 });
    expect(dex.typeDescriptor(classDef.classIdx)).toBe("Lt/Instructions;");
    expect(dex.typeDescriptor(classDef.superclassIdx!)).toBe("Ljava/lang/Object;");
    expect(dex.string(classDef.sourceFileIdx!)).toBe("Instructions.java");
    const interfaces = Array.from(dex.interfaces(classDef), (typeIdx) => dex.typeDescriptor(typeIdx));
    expect(interfaces).toEqual(["Ljava/lang/Runnable;", "Ljava/io/Serializable;"]);
  });

  test("NO_INDEX is undefined", () => {
    const { bytes, offsets } = buildDex([{ classes: [{ descriptor: "Lt/A;" }] }]);
    const built = open(bytes);
    expect(built.classDef(0).sourceFileIdx).toBeUndefined();
    new DataView(bytes.buffer).setUint32(offsets.get("class_def Lt/A;")! + 8, 0xffff_ffff, true);
    expect(open(bytes).classDef(0).superclassIdx).toBeUndefined();
  });

  test("members, with indices put together from their differences", () => {
    const { staticFields, instanceFields, directMethods, virtualMethods } = dex.classData(classDef);
    expect(staticFields.map(({ fieldIdx }) => dex.fieldRef(fieldIdx))).toContain("Lt/Instructions;->sWide:J");
    expect(instanceFields).toHaveLength(7);
    expect(directMethods.map(({ methodIdx }) => dex.methodRef(methodIdx))).toContain(
      "Lt/Instructions;->callee(I)V",
    );
    const native = virtualMethods.find(
      ({ methodIdx }) => dex.methodRef(methodIdx) === "Lt/Instructions;->nothing()V",
    );
    expect(native).toMatchObject({ accessFlags: 0x101, codeOff: 0 });
  });

  test("an index past its list is a FormatError, whatever asks", () => {
    const questions: (() => unknown)[] = [
      () => dex.string(dex.stringIdsSize),
      () => dex.typeDescriptor(dex.typeIdsSize),
      () => dex.protoDescriptor(dex.protoIdsSize),
      () => dex.protoParameters(dex.protoIdsSize),
      () => dex.protoReturnTypeIdx(dex.protoIdsSize),
      () => dex.methodRef(dex.methodIdsSize),
      () => dex.methodProtoIdx(dex.methodIdsSize),
      () => dex.methodNameIdx(0xffff_ffff),
      () => dex.fieldRef(dex.fieldIdsSize),
      () => dex.fieldTypeIdx(dex.fieldIdsSize),
      () => dex.fieldNameIdx(0xffff),
      () => dex.classDef(dex.classDefsSize),
      () => dex.methodHandle(dex.methodHandlesSize),
      () => dex.callSite(dex.callSitesSize),
      () => dex.interfaces({ ...classDef, interfacesOff: dex.length }),
      () => dex.interfaces({ ...classDef, interfacesOff: 0x71 }),
      () => dex.classData({ ...classDef, classDataOff: dex.length }),
      () => dex.staticValues({ ...classDef, staticValuesOff: dex.length }),
    ];
    for (const question of questions) expect(question, question.toString()).toThrow(FormatError);
  });

  test("method handles and call sites", () => {
    expect(dex.methodHandlesSize).toBe(2);
    const { methodHandleType, fieldOrMethodIdx } = dex.methodHandle(1);
    expect(`${methodHandleType} ${dex.methodRef(fieldOrMethodIdx)}`).toBe(
      "invoke-static Lt/Instructions;->callee(I)V",
    );
    const [bootstrap, name, type, text, number] = dex.callSite(0);
    expect(bootstrap).toEqual({ type: "method-handle", idx: 0 });
    expect(name?.type === "string" && dex.string(name.idx)).toBe("method");
    expect(type?.type === "method-type" && dex.protoDescriptor(type.idx)).toBe("()V");
    expect(text?.type === "string" && dex.string(text.idx)).toBe("extra");
    expect(number).toEqual({ type: "int", value: 42 });
  });
});

describe("encoded_array of initial values", () => {
  const dex = fixture("values");
  const classDef = dex.classDef(0);
  const values = dex.staticValues(classDef);
  const named = Object.fromEntries(
    dex
      .classData(classDef)
      .staticFields.map(({ fieldIdx }, i) => [dex.string(dex.fieldNameIdx(fieldIdx)), values[i]]),
  );

  test.each([
    ["aBoolean", { type: "boolean", value: true }],
    ["aByte", { type: "byte", value: -128 }],
    ["aChar", { type: "char", value: 0xffff }],
    ["aDouble", { type: "double", value: -2.5 }],
    ["aDoubleTiny", { type: "double", value: 4.9e-324 }],
    ["aFloat", { type: "float", value: 1.5 }],
    ["aFloatNan", { type: "float", value: Number.NaN }],
    ["aFloatNegative", { type: "float", value: -0 }],
    ["aLong", { type: "long", value: -(2n ** 63n) }],
    ["aLongShort", { type: "long", value: 128n }],
    ["aNothing", { type: "null" }],
    ["aShort", { type: "short", value: -0x8000 }],
    ["anInt", { type: "int", value: 0x7fffffff }],
    ["anIntNegative", { type: "int", value: -1 }],
    ["anIntShort", { type: "int", value: 128 }],
    ["last", undefined],
  ])("%s", (name, value) => {
    expect(named[name]).toEqual(value);
  });

  test("a string names its text", () => {
    const text = named.aString;
    expect(text?.type === "string" && dex.string(text.idx)).toBe("https://collect.acme.example/v1");
  });

  test("arrays and annotations are stepped over, however deep", () => {
    const nested = encodedArray([...new Array<number>(5000).fill(0).flatMap(() => [0x1c, 0x01]), 0x1e]);
    expect(nested).toEqual([{ type: "array" }, { type: "int", value: 7 }]);
    const annotation = [0x1d, 0x01, 0x02, 0x03, 0x1c, 0x01, 0x1f, 0x04, 0x1d, 0x00, 0x00];
    expect(encodedArray(annotation)).toEqual([{ type: "annotation" }, { type: "int", value: 7 }]);
  });

  test.each([
    ["01", /value_type 0x1 with value_arg 0/],
    ["20 00 00", /value_type 0x0 with value_arg 1/],
    ["84 00 00 00 00 00", /value_type 0x4 with value_arg 4/],
    ["5f", /value_type 0x1f with value_arg 2/],
    ["3e", /value_type 0x1e with value_arg 1/],
    ["17 ff", /index 255 is not below/],
    ["1c ff ff ff ff 0f", /needs 1 bytes/],
  ])("%s is refused", (value, message) => {
    expect(() => encodedArray(hex(value))).toThrow(message);
  });

  /** An encoded_array of a value and an int 7, read from the end of a file. */
  function encodedArray(value: Iterable<number>) {
    const { bytes } = buildDex([{ classes: [{ descriptor: "Lt/A;" }] }]);
    const whole = Uint8Array.from([...bytes, 2, ...value, 0x04, 0x07]);
    const [built] = readDexFiles(whole, "classes.dex", defaultLimits, []);
    return built!.staticValues({ ...built!.classDef(0), staticValuesOff: bytes.length });
  }
});

describe("code_item", () => {
  const dex = fixture("instructions");
  const codeOffs = new Map<string, number>();
  visitCode(
    dex,
    (methodIdx, _classDefIdx, codeOff) => codeOffs.set(dex.string(dex.methodNameIdx(methodIdx)), codeOff),
    [],
  );

  test("is found for every method that has one, in the file's order", () => {
    expect([...codeOffs.keys()]).toEqual(["all", "arguments", "bootstrap", "callee", "tries", "method"]);
  });

  test("says how many registers, code units and tries there are", () => {
    const item = readCodeItem(dex, codeOffs.get("tries")!);
    expect(item).toMatchObject({ registersSize: 2, insSize: 0, outsSize: 0, triesSize: 3, insnsSize: 10 });
    expect(item.insnsOff).toBe(item.codeOff + 16);
  });

  test("tries come with their handlers in order", () => {
    const tries = readTries(dex, readCodeItem(dex, codeOffs.get("tries")!));
    const text = tries.map(({ startAddr, insnCount, handlers }) => [
      `${startAddr}+${insnCount}`,
      ...handlers.map(
        ({ typeIdx, addr }) => `${typeIdx === undefined ? "any" : dex.typeDescriptor(typeIdx)}@${addr}`,
      ),
    ]);
    expect(text).toEqual([
      ["0+2", "Ljava/lang/ArithmeticException;@6", "Ljava/lang/RuntimeException;@7", "any@8"],
      ["2+1", "any@8"],
      ["3+2", "Ljava/lang/ArithmeticException;@6"],
    ]);
  });
});
