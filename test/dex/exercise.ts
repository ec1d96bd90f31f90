import {
  type CodeItem,
  type DexFile,
  decodeInstruction,
  firstUnit,
  INSTRUCTION_UNITS,
  insnsSizeAt,
  payloadUnits,
  readArrayPayload,
  readCodeItem,
  readDexFiles,
  readSwitchPayload,
  readTries,
  renderInstruction,
  visitCode,
} from "../../src/dex/index.js";
import { type Diagnostics, defaultLimits, FormatError, type Limits } from "../../src/diagnostics/index.js";

/** What {@link exercise} saw. */
export interface Exercised {
  readonly dexFiles: readonly DexFile[];
  readonly diagnostics: Diagnostics;
  readonly methods: number;
  readonly instructions: number;
}

/**
 * Reads everything that there is to read of a DEX file, as a hostile one would have us do. Anything but a
 * FormatError that a part throws comes out.
 */
export function exercise(bytes: Uint8Array, limits: Limits = defaultLimits): Exercised {
  const diagnostics: Diagnostics = [];
  const dexFiles = readDexFiles(bytes, "classes.dex", limits, diagnostics);
  let methods = 0;
  let instructions = 0;
  for (const dex of dexFiles) {
    readLists(dex);
    const items: CodeItem[] = [];
    visitCode(
      dex,
      (methodIdx, _classDefIdx, codeOff) => {
        methods++;
        instructions += countInstructions(dex, codeOff);
        attempt(() => dex.methodRef(methodIdx));
        items.push(readCodeItem(dex, codeOff));
      },
      diagnostics,
    );
    for (const item of items) readCode(dex, item);
  }
  return { dexFiles, diagnostics, methods, instructions };
}

/** The loop that the stages run over a method: the documented one. */
export function countInstructions(dex: DexFile, codeOff: number): number {
  const units = dex.codeUnits;
  let at = firstUnit(codeOff);
  const end = at + insnsSizeAt(dex, codeOff);
  let count = 0;
  while (at < end) {
    const unit = units[at]!;
    const op = unit & 0xff;
    const size = op === 0 && unit !== 0 ? payloadUnits(units, at) || 1 : INSTRUCTION_UNITS[op]!;
    if (at + size > end) break;
    count++;
    at += size;
  }
  return count;
}

function readLists(dex: DexFile): void {
  for (let i = 0; i < dex.stringIdsSize; i++) attempt(() => dex.string(i));
  for (let i = 0; i < dex.typeIdsSize; i++) attempt(() => dex.findTypeIdx(dex.typeDescriptor(i)));
  for (let i = 0; i < dex.protoIdsSize; i++) attempt(() => dex.protoDescriptor(i));
  for (let i = 0; i < dex.fieldIdsSize; i++) attempt(() => dex.fieldRef(i));
  for (let i = 0; i < dex.methodIdsSize; i++) attempt(() => dex.methodRef(i));
  attempt(() => dex.findStringIdx("text"));
  for (let i = 0; i < dex.classDefsSize; i++) {
    const classDef = dex.classDef(i);
    attempt(() => dex.interfaces(classDef));
    attempt(() => dex.classData(classDef));
    attempt(() => dex.staticValues(classDef));
  }
  attempt(() => {
    for (let i = 0; i < dex.methodHandlesSize; i++) attempt(() => dex.methodHandle(i));
    for (let i = 0; i < dex.callSitesSize; i++) attempt(() => dex.callSite(i));
  });
}

function readCode(dex: DexFile, item: CodeItem): void {
  attempt(() => readTries(dex, item));
  attempt(() => {
    for (let at = 0; at < item.insnsSize; ) {
      const instruction = decodeInstruction(dex, item, at);
      renderInstruction(dex, instruction);
      const { target } = instruction;
      if (target !== undefined && instruction.opcode.format === "31t") {
        attempt(() => readSwitchPayload(dex, item, at, target));
        attempt(() => readArrayPayload(dex, item, target));
      }
      at += instruction.units;
    }
  });
}

function attempt(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
  }
}
