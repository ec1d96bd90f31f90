import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  type CodeItem,
  decodeInstruction,
  INSTRUCTION_UNITS,
  type Instruction,
  OPCODE_FLAGS,
  OPCODES,
  payloadUnits,
  readArrayPayload,
  readCodeItem,
  readDexFiles,
  readSwitchPayload,
  renderInstruction,
  visitCode,
} from "../../src/dex/index.js";
import { defaultLimits, FormatError } from "../../src/diagnostics/index.js";
import { buildDex } from "../support/dex-builder.js";
import { countInstructions } from "./exercise.js";

const [dex] = readDexFiles(readFileSync("fixtures/dex/instructions.dex"), "classes.dex", defaultLimits, []);
const items = new Map<string, CodeItem>();
visitCode(
  dex!,
  (methodIdx, _classDefIdx, codeOff) =>
    items.set(dex!.string(dex!.methodNameIdx(methodIdx)), readCodeItem(dex!, codeOff)),
  [],
);

function decodeAll(name: string): Instruction[] {
  const item = items.get(name)!;
  const instructions: Instruction[] = [];
  for (let at = 0; at < item.insnsSize; at += instructions.at(-1)!.units) {
    instructions.push(decodeInstruction(dex!, item, at));
  }
  return instructions;
}

describe("the opcode table", () => {
  test("has 256 rows in order, of which 32 are unused", () => {
    expect(OPCODES.map(({ value }) => value)).toEqual(Array.from({ length: 256 }, (_, value) => value));
    const unused = OPCODES.filter(({ mnemonic }) => mnemonic.startsWith("unused-"));
    expect(unused).toHaveLength(32);
    for (const { flags, units } of unused) expect([flags, units]).toEqual([0, 1]);
    expect(new Set(OPCODES.map(({ mnemonic }) => mnemonic)).size).toBe(256);
  });

  test("gives each opcode the size that its format's first digit says", () => {
    for (const { value, format } of OPCODES) expect(INSTRUCTION_UNITS[value]).toBe(Number(format[0]));
  });

  test("the fixture holds every opcode that is in use", () => {
    const seen = new Set(
      ["all", "arguments", "callee"].flatMap((name) => decodeAll(name).map(({ opcode }) => opcode.value)),
    );
    const missing = OPCODES.filter(
      ({ value, mnemonic }) => !seen.has(value) && !mnemonic.startsWith("unused-"),
    );
    expect(missing.map(({ mnemonic }) => mnemonic)).toEqual([]);
  });

  const { CONTINUES, BRANCHES, SWITCHES, RETURNS, THROWS, INVOKES, SETS, SETS_WIDE, SETS_RESULT } =
    OPCODE_FLAGS;
  test.each([
    ["nop", CONTINUES],
    ["move-result-wide", CONTINUES | SETS_WIDE],
    ["return-void", RETURNS],
    ["const/4", CONTINUES | SETS],
    ["const-string", CONTINUES | THROWS | SETS],
    ["check-cast", CONTINUES | THROWS],
    ["filled-new-array", CONTINUES | THROWS | SETS_RESULT],
    ["throw", THROWS],
    ["goto", BRANCHES],
    ["packed-switch", CONTINUES | SWITCHES],
    ["cmp-long", CONTINUES | SETS],
    ["if-eqz", CONTINUES | BRANCHES],
    ["aget-wide", CONTINUES | THROWS | SETS_WIDE],
    ["aput", CONTINUES | THROWS],
    ["iput-object", CONTINUES | THROWS],
    ["invoke-static/range", CONTINUES | THROWS | INVOKES | SETS_RESULT],
    ["long-to-int", CONTINUES | SETS],
    ["int-to-long", CONTINUES | SETS_WIDE],
    ["div-float", CONTINUES | SETS],
    ["div-int/lit8", CONTINUES | THROWS | SETS],
    ["shl-long/2addr", CONTINUES | SETS_WIDE],
    ["const-method-type", CONTINUES | THROWS | SETS],
  ])("%s can do what the specification says", (mnemonic, flags) => {
    expect(OPCODES.find((opcode) => opcode.mnemonic === mnemonic)!.flags).toBe(flags);
  });

  test("only invokes have a kind", () => {
    for (const { mnemonic, invokeKind } of OPCODES)
      expect(invokeKind !== undefined, mnemonic).toBe(mnemonic.startsWith("invoke-"));
    expect(OPCODES[0x78]!.invokeKind).toBe("interface");
    expect(OPCODES[0xfb]!.invokeKind).toBe("polymorphic");
  });
});

describe("an instruction", () => {
  const all = decodeAll("all");
  const text = (mnemonic: string) =>
    renderInstruction(dex!, all.find(({ opcode }) => opcode.mnemonic === mnemonic)!);

  test.each([
    "return-void",
    "move v14, v2",
    "const/4 v15, -0x8",
    "move-result v200",
    "move/from16 v254, v300",
    "move-wide/16 v301, v302",
    "const/16 v129, -0x7fff",
    "const v126, -0x12345678",
    "const/high16 v128, -0x12340000",
    "const-wide/16 v129, -0x7fff",
    "const-wide/32 v126, -0x12345678",
    "const-wide v125, -0x123456789abcdef0",
    "const-wide/high16 v128, -0x1234000000000000",
    'const-string v127, "text"',
    'const-string/jumbo v127, "text"',
    "const-class v127, Ljava/lang/String;",
    "new-array v4, v11, [I",
    "filled-new-array {v0, v5, v10, v12, v15}, [I",
    "filled-new-array/range {v290 .. v299}, [I",
    "cmp-long v255, v0, v128",
    "iget-wide v4, v11, Lt/Instructions;->fWide:J",
    "sput-object v127, Lt/Instructions;->sObject:Ljava/lang/String;",
    "invoke-virtual {v0, v5, v10, v12, v15}, Lt/Instructions;->method(IJLjava/lang/String;)V",
    "invoke-static/range {v290 .. v299}, Lt/Instructions;->callee(I)V",
    "add-int/lit16 v1, v14, -0x7ffe",
    "add-int/lit8 v250, v130, -0x7f",
    "invoke-polymorphic {v0, v5, v10, v12, v15}, Ljava/lang/invoke/MethodHandle;->invoke([Ljava/lang/Object;)Ljava/lang/Object;, (ILjava/lang/String;)V",
    "invoke-custom {v0, v5, v10, v12, v15}, call-site@0000",
    "const-method-handle v127, invoke-static@Lt/Instructions;->callee(I)V",
    "const-method-type v127, (ILjava/lang/String;)V",
  ])("%s", (expected) => {
    expect(text(expected.split(" ")[0]!)).toBe(expected);
  });

  test("branches and payloads are named by code unit", () => {
    const end = all.findLast(({ opcode }) => opcode.mnemonic === "return-void")!.codeUnit;
    for (const mnemonic of ["goto/16", "goto/32", "if-eq", "if-lez"]) {
      expect(all.find(({ opcode }) => opcode.mnemonic === mnemonic)!.target, mnemonic).toBe(end);
    }
    const payloads = all.filter(({ payload }) => payload !== undefined);
    expect(payloads.map(({ payload, units }) => [payload, units])).toEqual([
      ["packed-switch-payload", 10],
      ["sparse-switch-payload", 14],
      ["fill-array-data-payload", 6],
    ]);
    for (const { codeUnit, payload } of payloads) {
      const mnemonic = payload!.replace("-payload", "");
      expect(all.find(({ opcode }) => opcode.mnemonic === mnemonic)!.target, mnemonic).toBe(codeUnit);
    }
  });

  test("payloads are read", () => {
    const item = items.get("all")!;
    const find = (mnemonic: string) => all.find(({ opcode }) => opcode.mnemonic === mnemonic)!;
    const end = find("if-eq").target!;
    const packed = find("packed-switch");
    expect(readSwitchPayload(dex!, item, packed.codeUnit, packed.target!)).toEqual(
      [-2, -1, 0].map((key) => ({ key, target: end })),
    );
    const sparse = find("sparse-switch");
    expect(readSwitchPayload(dex!, item, sparse.codeUnit, sparse.target!)).toEqual(
      [-0x80000000, 7, 0x7fffffff].map((key) => ({ key, target: end })),
    );
    const array = readArrayPayload(dex!, item, find("fill-array-data").target!);
    expect(array).toEqual({ elementWidth: 1, size: 3, data: Uint8Array.of(1, 0xfe, 3) });
    expect(() => readArrayPayload(dex!, item, packed.target!)).toThrow(FormatError);
    expect(() => readSwitchPayload(dex!, item, 0, find("fill-array-data").target!)).toThrow(FormatError);
    expect(() => readSwitchPayload(dex!, item, 0, packed.target! + 1)).toThrow(
      /no payload lies at code unit/,
    );
  });

  test("argument lists have the length they say; branches go back", () => {
    expect(decodeAll("arguments").map((instruction) => renderInstruction(dex!, instruction))).toEqual([
      "filled-new-array {}, [I",
      "filled-new-array {v1}, [I",
      "filled-new-array {v1, v2}, [I",
      "filled-new-array {v1, v2, v3}, [I",
      "filled-new-array {v1, v2, v3, v4}, [I",
      "filled-new-array/range {v0 .. v0}, [I",
      "if-nez v0, 0000",
      "if-ge v0, v1, 0000",
      "goto 0000",
    ]);
  });

  test("walking by INSTRUCTION_UNITS and decoding one by one agree", () => {
    for (const [name, item] of items)
      expect(countInstructions(dex!, item.codeOff), name).toBe(decodeAll(name).length);
  });
});

describe("insns that no compiler makes", () => {
  /** The only method of a file, with these code units. */
  function build(...insns: number[]) {
    const { bytes, offsets } = buildDex([
      { classes: [{ descriptor: "Lt/A;", methods: [{ name: "m", code: () => insns }] }] },
    ]);
    const [built] = readDexFiles(bytes, "classes.dex", defaultLimits, []);
    const item = readCodeItem(built!, offsets.get("code Lt/A;->m")!);
    return { built: built!, item, text: () => renderInstruction(built!, decodeInstruction(built!, item, 0)) };
  }

  test("a nop with another high byte is a nop", () => {
    expect(build(0x0400).text()).toBe("nop");
    expect(build(0xff00).text()).toBe("nop");
  });

  test("an unused opcode is named, and stepped over", () => {
    expect(build(0x003e).text()).toBe("unused-3e");
  });

  test("an instruction past the end of its method is refused", () => {
    expect(() => build(0x006e).text()).toThrow(/invoke-virtual needs 3 code units, but the method ends at 1/);
    expect(() => build(0x0100, 0xffff).text()).toThrow(/packed-switch-payload needs 131074 code units/);
    const { built, item } = build(0x000e);
    for (const codeUnit of [-1, 1, 2 ** 31, Number.NaN]) {
      expect(() => decodeInstruction(built, item, codeUnit), `${codeUnit}`).toThrow(FormatError);
    }
  });

  test("six argument registers are refused", () => {
    expect(() => build(0x606e, 0, 0).text()).toThrow(/6 argument registers, where 5 fit/);
  });

  test("a reference that points nowhere is printed as its index", () => {
    expect(build(0x001a, 0x1234).text()).toBe("const-string v0, string@1234");
    expect(build(0x106e, 0xffff, 0).text()).toBe("invoke-virtual {v0}, method@ffff");
    expect(build(0x00fe, 0x0000).text()).toBe("const-method-handle v0, method-handle@0000");
  });

  test("payload sizes are what the payload says, in full", () => {
    expect(payloadUnits(Uint16Array.of(0x0100, 3), 0)).toBe(10);
    expect(payloadUnits(Uint16Array.of(0x0200, 3), 0)).toBe(14);
    expect(payloadUnits(Uint16Array.of(0x0300, 1, 3, 0), 0)).toBe(6);
    expect(payloadUnits(Uint16Array.of(0x0300, 0xffff, 0xffff, 0xffff), 0)).toBe(
      4 + Math.ceil((0xffff * 0xffffffff) / 2),
    );
    expect(payloadUnits(Uint16Array.of(0x0300), 0)).toBe(4);
    expect(payloadUnits(Uint16Array.of(0x0000), 0)).toBe(0);
    expect(payloadUnits(Uint16Array.of(0x0400), 0)).toBe(0);
  });
});
