import { type DexFile, INSTRUCTION_UNITS, payloadUnits, readCodeItem, readTries } from "../dex/index.js";
import type { Limits } from "../diagnostics/index.js";
import type { CallWithConstants, Constant } from "./find-constants.js";
import {
  branchTargets,
  isInvoke,
  readArguments,
  writesWide,
  writtenRegister,
} from "./instruction-effects.js";

const CONST_STRING = 0x1a;
const CONST_STRING_JUMBO = 0x1b;

/** What a call is listed for. */
export interface ListedCalls {
  /** Its String constants that stand near it are listed. */
  isNear(methodIdx: number): boolean;
  /** Told of each call. */
  see(methodIdx: number): void;
}

/**
 * The calls of one method with the String constants that are loaded right before them: on the way from the constant to
 * the call nothing joins. Goes over the code once, and so knows less than `findConstants`: of what branches lead to nothing.
 */
export function findNearConstants(
  dex: DexFile,
  codeOff: number,
  listed: ListedCalls,
  limits: Limits,
): CallWithConstants[] {
  const code = readCodeItem(dex, codeOff);
  const start = code.insnsOff >> 1;
  const units = dex.codeUnits.subarray(start, start + code.insnsSize);
  const calls: CallWithConstants[] = [];
  /** By register: one more than the code unit of the instruction that wrote it last. */
  const written = new Int32Array(code.registersSize + 1);
  let joins: Uint8Array | undefined;
  for (let at = 0; at < units.length; ) {
    const unit = units[at]!;
    const opcode = unit & 0xff;
    if (opcode === 0 && unit !== 0) {
      at += payloadUnits(units, at) || 1;
      continue;
    }
    if (isInvoke(opcode)) {
      const methodIdx = units[at + 1]!;
      listed.see(methodIdx);
      if (listed.isNear(methodIdx)) {
        joins ??= findJoins(dex, codeOff, units, limits);
        const passed = readArguments(units, at).map((register) =>
          readNear(dex, units, joins!, (written[register] ?? 0) - 1, at),
        );
        calls.push({
          codeUnit: at,
          methodIdx,
          isStatic: opcode === 0x71 || opcode === 0x77,
          registers: passed,
        });
      }
    } else {
      const register = writtenRegister(units, at);
      if (register !== undefined) {
        written[register] = at + 1;
        if (writesWide(opcode)) written[register + 1] = at + 1;
      }
    }
    at += INSTRUCTION_UNITS[opcode]!;
  }
  return calls;
}

/** The String constant that an instruction loads, if nothing joins from there to the call. */
function readNear(
  dex: DexFile,
  units: Uint16Array,
  joins: Uint8Array,
  from: number,
  call: number,
): Constant[] | undefined {
  const opcode = from < 0 ? 0 : units[from]! & 0xff;
  if (opcode !== CONST_STRING && opcode !== CONST_STRING_JUMBO) return undefined;
  // What is passed is loaded nearby: further away counts as not known, so that the search stays short.
  if (call - from > MOST_UNITS) return undefined;
  for (let at = from + 1; at <= call; at++) if (joins[at] === 1) return undefined;
  const high = opcode === CONST_STRING_JUMBO ? units[from + 2]! << 16 : 0;
  return [{ string: dex.string((units[from + 1]! | high) >>> 0) }];
}

/** Code units from a constant to its call. */
const MOST_UNITS = 256;

/** 1 by code unit where a branch, a switch or a handler leads; everywhere where they are too many to follow. */
function findJoins(dex: DexFile, codeOff: number, units: Uint16Array, limits: Limits): Uint8Array {
  const joins = new Uint8Array(units.length + 1);
  let left = limits.constantSearchSteps;
  for (const handlers of new Set(readTries(dex, readCodeItem(dex, codeOff)).map((item) => item.handlers)))
    for (const { addr } of handlers) joins[addr] = 1;
  for (let at = 0; at < units.length; ) {
    const unit = units[at]!;
    if ((unit & 0xff) === 0 && unit !== 0) {
      at += payloadUnits(units, at) || 1;
      continue;
    }
    for (const target of branchTargets(units, at)) {
      if (--left < 0) return joins.fill(1);
      joins[target] = 1;
    }
    at += INSTRUCTION_UNITS[unit & 0xff]!;
  }
  return joins;
}
