import { describe, expect, test } from "vitest";
import { type Diagnostics, defaultLimits } from "../../src/diagnostics/index.js";
import { findConstants } from "../../src/program/index.js";
import { appendCode, type CodeShape } from "../support/code-builder.js";
import { readFixtureDexFiles, readFixtureEntries } from "../support/fixture-apps.js";

const bytes = readFixtureEntries("tracker").find(({ name }) => name === "classes.dex")!.content;
const [reference] = readFixtureDexFiles("tracker");
const androidId = reference!.findStringIdx("android_id")!;
const otherKey = reference!.findStringIdx("adb_enabled")!;
const getString = [...Array(reference!.methodIdsSize).keys()].find((index) =>
  reference!.methodRef(index).startsWith("Landroid/provider/Settings$Secure;->getString"),
)!;

const RETURN_VOID = 0x000e;
const GOTO = (offset: number) => 0x28 | ((offset & 0xff) << 8);
const CONST_STRING = (register: number, index: number) => [0x1a | (register << 8), index];
const GET_STRING = (register: number) => [0x71 | (2 << 12), getString, register << 4];
/** packed-switch or fill-array-data: its payload is so many code units away. */
const TO_PAYLOAD = (opcode: number, offset: number) => [opcode, offset & 0xffff, (offset >> 16) & 0xffff];

function search(shape: CodeShape, limits = defaultLimits) {
  const { dex, codeOff } = appendCode(bytes, shape);
  const diagnostics: Diagnostics = [];
  const { calls, strings } = findConstants(dex, codeOff, limits, diagnostics);
  return { passed: calls.map(({ codeUnit, registers }) => [codeUnit, registers[1]]), strings, diagnostics };
}

describe("constants in odd code", () => {
  test("a call is given the constants of its registers", () => {
    const { passed, strings, diagnostics } = search({
      registersSize: 3,
      insns: [...CONST_STRING(1, androidId), ...GET_STRING(1), RETURN_VOID],
    });
    expect(passed).toEqual([[2, [{ string: "android_id" }]]]);
    expect([...strings]).toEqual(["android_id"]);
    expect(diagnostics).toEqual([]);
  });

  test("flow that runs off the end, and branches that leave the method, end there", () => {
    const { passed, diagnostics } = search({
      registersSize: 3,
      insns: [...CONST_STRING(1, androidId), ...GET_STRING(1), 0x38, 0x7fff, GOTO(-100)], // if-eqz v0
    });
    expect(passed).toEqual([[2, [{ string: "android_id" }]]]);
    expect(diagnostics).toEqual([]);
  });

  test("what an array or a lambda gives is not the result of the call before it", () => {
    const forName = [...Array(reference!.methodIdsSize).keys()].find((index) =>
      reference!.methodRef(index).startsWith("Ljava/lang/Class;->forName("),
    )!;
    const name = reference!.findStringIdx("android.os.Build")!;
    const MOVE_RESULT_OBJECT = 0x0c | (1 << 8);
    const before = [...CONST_STRING(1, name), 0x71 | (1 << 12), forName, 1];
    const passedBy = (insns: readonly number[]) =>
      search({
        registersSize: 3,
        insns: [...before, ...insns, MOVE_RESULT_OBJECT, ...GET_STRING(1)],
      }).passed.at(-1)?.[1];
    expect(passedBy([])).toEqual([{ classObject: "Landroid/os/Build;" }]);
    expect(passedBy([0x24, 0, 0])).toBeUndefined(); // filled-new-array {}
    expect(passedBy([0xfc, 0, 0])).toBeUndefined(); // invoke-custom {}
    expect(passedBy([0xfa, getString, 0, 0])).toBeUndefined(); // invoke-polymorphic {}
  });

  test("a goto to itself is no endless search", () => {
    expect(search({ registersSize: 3, insns: [...CONST_STRING(1, androidId), GOTO(0)] }).diagnostics).toEqual(
      [],
    );
  });

  test("a switch whose payload is elsewhere, or is none, has no cases", () => {
    for (const offset of [-1, 3, 0x7fffffff, -0x80000000]) {
      const { passed, diagnostics } = search({
        registersSize: 3,
        insns: [...CONST_STRING(1, androidId), ...TO_PAYLOAD(0x2b, offset), ...GET_STRING(1), RETURN_VOID],
      });
      expect(passed, `${offset}`).toEqual([[5, [{ string: "android_id" }]]]);
      expect(diagnostics).toEqual([]);
    }
  });

  test("a reference that names nothing spoils the method and is said", () => {
    const { passed, diagnostics } = search({
      registersSize: 3,
      insns: [...CONST_STRING(1, 0xfff0), ...GET_STRING(1), RETURN_VOID],
    });
    expect(passed).toEqual([]);
    expect(diagnostics.map(({ effect, code, part }) => [effect, code, part])).toEqual([
      ["unread", "bad-offset", "classes.dex"],
    ]);
  });

  test("an instruction cut by the end of the method spoils it, and is said", () => {
    const { diagnostics } = search({ registersSize: 3, insns: [0x1a] });
    expect(diagnostics.map(({ effect, code }) => [effect, code])).toEqual([["unread", "bad-offset"]]);
  });

  test("a value keeps the first constants that arrive, eight at most", () => {
    // v1 = key; if (v0 == 0) goto call, over and over, with another string each time.
    const strings = [...Array(reference!.stringIdsSize).keys()].slice(0, 12);
    const insns = strings.flatMap((index, at) => [
      ...CONST_STRING(1, index),
      0x38,
      (strings.length - at) * 4 - 2, // to the call
    ]);
    const { passed } = search({ registersSize: 3, insns: [...insns, ...GET_STRING(1), RETURN_VOID] });
    expect(passed).toHaveLength(1);
    expect(passed[0]![1]).toEqual(strings.slice(0, 8).map((index) => ({ string: reference!.string(index) })));
  });

  test("what reaches a loop's head from before and from behind both counts", () => {
    const { passed } = search({
      registersSize: 3,
      insns: [
        ...CONST_STRING(1, androidId),
        ...GET_STRING(1), // 2, the loop's head
        ...CONST_STRING(1, otherKey),
        GOTO(-5),
      ],
    });
    const names = (passed[0]![1] as { string: string }[]).map(({ string }) => string).sort();
    expect(names).toEqual(["adb_enabled", "android_id"]);
  });
});

describe("a hostile method costs little and is said to be cut short", () => {
  const limit = [["unread", "limit"]];
  const codes = (diagnostics: Diagnostics) => diagnostics.map(({ effect, code }) => [effect, code]);

  test("a switch to 60,000 places in a method of 65,535 registers", () => {
    // Every place would hold the state of every register: 32 GB.
    const places = 60_000;
    const code = new Uint16Array(3 + places + 1 + 4 + places * 2);
    code.set(TO_PAYLOAD(0x2b, 3 + places + 1));
    code.fill(RETURN_VOID, 3, 4 + places);
    code.set([0x0100, places, 0, 0], 4 + places);
    for (let i = 0; i < places; i++) code[8 + places + i * 2] = 3 + i;
    expect(codes(search({ registersSize: 0xffff, insns: code }).diagnostics)).toEqual(limit);
  });

  test("thousands of switches that share one table", () => {
    const switches = 20_000;
    const cases = 20_000;
    const code = new Uint16Array(switches * 3 + 1 + (switches % 2 === 0 ? 1 : 0) + 4 + cases * 2);
    const payload = code.length - 4 - cases * 2;
    for (let i = 0; i < switches; i++) code.set(TO_PAYLOAD(0x2b, payload - i * 3), i * 3);
    code.fill(RETURN_VOID, switches * 3, payload);
    code.set([0x0100, cases, 0, 0], payload);
    expect(codes(search({ registersSize: 16, insns: code }).diagnostics)).toEqual(limit);
  });

  test("every instruction in a try, with thousands of try_items", () => {
    const size = 60_000;
    const code = new Uint16Array(size).fill(0x0112); // const/4 v1, 0
    code[size - 1] = RETURN_VOID;
    const tries = Array.from({ length: 4_000 }, () => ({
      startAddr: 0,
      insnCount: size - 1,
      handler: size - 1,
    }));
    // Nothing that is known changes, so nothing is joined twice: it comes to an end.
    expect(codes(search({ registersSize: 16, insns: code, tries }).diagnostics)).toEqual([]);
    // const-string v1, "0" and v1, "1" by turns: each is news to the handlers.
    for (let at = 0; at + 2 < size; at += 2) code.set([0x011a, (at / 2) % 2], at);
    expect(codes(search({ registersSize: 0xffff, insns: code, tries }).diagnostics)).toEqual(limit);
  });
});
