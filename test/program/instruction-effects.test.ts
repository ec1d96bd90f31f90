import { expect, test } from "vitest";
import { type DexFile, decodeInstruction, OPCODES, readCodeItem, visitCode } from "../../src/dex/index.js";
import {
  branchTargets,
  endsFlow,
  isInvoke,
  readArguments,
  writesWide,
  writtenRegister,
} from "../../src/program/instruction-effects.js";
import { readFixtureDexFiles } from "../support/fixture-apps.js";

const dexFiles = ["tracker", "multi-dex", "permissions", "switched-off"].flatMap(readFixtureDexFiles);

/** Every instruction of the fixtures, where it stands. */
function forEachInstruction(
  see: (at: {
    dex: DexFile;
    units: Uint16Array;
    codeUnit: number;
    decoded: ReturnType<typeof decodeInstruction>;
  }) => void,
): number {
  let count = 0;
  for (const dex of dexFiles) {
    const visit = (_methodIdx: number, _classDefIdx: number, codeOff: number) => {
      const item = readCodeItem(dex, codeOff);
      const units = dex.codeUnits.subarray(item.insnsOff / 2, item.insnsOff / 2 + item.insnsSize);
      for (let codeUnit = 0; codeUnit < item.insnsSize; ) {
        const decoded = decodeInstruction(dex, item, codeUnit);
        if (decoded.payload === undefined) see({ dex, units, codeUnit, decoded });
        codeUnit += decoded.units;
        count++;
      }
    };
    visitCode(dex, visit, []);
  }
  return count;
}

test("every opcode that invokes a method named in method_ids is known as one", () => {
  const invokes = OPCODES.flatMap(({ mnemonic }, opcode) => (isInvoke(opcode) ? [mnemonic] : []));
  const kinds = ["virtual", "super", "direct", "static", "interface"].map((kind) => `invoke-${kind}`);
  expect(invokes).toEqual([...kinds, ...kinds.map((kind) => `${kind}/range`)]);
});

test("branches and invokes are read as the full decoder reads them", () => {
  const seen = new Set<string>();
  const count = forEachInstruction(({ units, codeUnit, decoded }) => {
    const { mnemonic } = decoded.opcode;
    seen.add(mnemonic);
    const opcode = units[codeUnit]! & 0xff;
    expect(isInvoke(opcode), mnemonic).toBe(/^invoke-(virtual|super|direct|static|interface)/.test(mnemonic));
    if (isInvoke(opcode)) expect(readArguments(units, codeUnit), mnemonic).toEqual(decoded.registers);
    expect(endsFlow(opcode), mnemonic).toBe(/^(return|throw|goto)/.test(mnemonic));
    if (/^(goto|if-)/.test(mnemonic)) {
      const fallThrough = mnemonic.startsWith("if-") ? [codeUnit + 2] : [];
      expect(branchTargets(units, codeUnit), mnemonic).toEqual([decoded.target, ...fallThrough]);
    } else if (!mnemonic.endsWith("-switch")) expect(branchTargets(units, codeUnit), mnemonic).toEqual([]);
  });
  expect(count).toBeGreaterThan(300);
  for (const mnemonic of [
    "invoke-static/range",
    "packed-switch",
    "sparse-switch",
    "goto",
    "move-object/16",
  ]) {
    expect(seen, mnemonic).toContain(mnemonic);
  }
});

test("the register that an instruction writes is its first one, and only where it writes one", () => {
  forEachInstruction(({ units, codeUnit, decoded }) => {
    const { mnemonic } = decoded.opcode;
    const writes =
      /^(move|const|new-|array-length|instance-of|[ais]get|add|sub|mul|div|and|or|xor|neg|int-)/.test(
        mnemonic,
      );
    expect(writtenRegister(units, codeUnit), mnemonic).toBe(writes ? decoded.registers[0] : undefined);
  });
});

test("pairs are written by the instructions of the specification that have a wide result", () => {
  const wide = OPCODES.flatMap(({ mnemonic }, opcode) => (writesWide(opcode) ? [mnemonic] : []));
  expect(wide).toEqual(
    expect.arrayContaining([
      "move-wide",
      "move-wide/16",
      "move-result-wide",
      "const-wide",
      "const-wide/high16",
      "iget-wide",
      "add-long",
      "long-to-double",
      "rem-double/2addr",
      "int-to-long",
    ]),
  );
  const narrow = [
    "const",
    "move",
    "cmp-long",
    "cmpg-double",
    "long-to-int",
    "double-to-float",
    "aput-wide",
    "iput-wide",
    "sput-wide",
    "return-wide",
  ];
  for (const mnemonic of narrow) expect(wide, mnemonic).not.toContain(mnemonic);
});
