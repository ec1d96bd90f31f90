import { readOrUndefined } from "../diagnostics/index.js";
import type { DexFile } from "./dex-file.js";
import type { Instruction } from "./instruction.js";
import type { ReferenceKind } from "./opcodes.js";

/**
 * One instruction as text in smali's manner: `invoke-virtual {v0, v1}, Lcom/acme/Sdk;->start(I)V`.
 *
 * Branch targets are code units in hexadecimal, as dexdump prints them. A reference that points nowhere
 * is printed as its index, `method@ffff`.
 */
export function renderInstruction(dex: DexFile, instruction: Instruction): string {
  const { opcode, payload, units } = instruction;
  if (payload !== undefined) return `${payload} (${units} code units)`;
  const operands = [
    ...renderRegisters(instruction),
    ...renderLiteral(instruction),
    ...(instruction.target === undefined ? [] : [renderCodeUnit(instruction.target)]),
    ...renderReference(dex, opcode.referenceKind, instruction.index),
    ...renderReference(dex, "proto", instruction.protoIdx),
  ];
  return operands.length === 0 ? opcode.mnemonic : `${opcode.mnemonic} ${operands.join(", ")}`;
}

function renderRegisters({ opcode, registers }: Instruction): string[] {
  const names = registers.map((register) => `v${register}`);
  switch (opcode.format) {
    case "35c":
    case "45cc":
      return [`{${names.join(", ")}}`];
    case "3rc":
    case "4rcc":
      return [names.length === 0 ? "{}" : `{${names[0]} .. ${names[names.length - 1]}}`];
    default:
      return names;
  }
}

function renderLiteral({ literal }: Instruction): string[] {
  if (literal === undefined) return [];
  const magnitude = literal < 0 ? -literal : literal;
  return [`${literal < 0 ? "-" : ""}0x${magnitude.toString(16)}`];
}

function renderCodeUnit(codeUnit: number): string {
  const digits = Math.abs(codeUnit).toString(16).padStart(4, "0");
  return codeUnit < 0 ? `-${digits}` : digits;
}

function renderReference(dex: DexFile, kind: ReferenceKind | undefined, index: number | undefined): string[] {
  if (kind === undefined || index === undefined) return [];
  const text = readOrUndefined(() => resolveReference(dex, kind, index));
  return [text ?? `${kind}@${index.toString(16).padStart(4, "0")}`];
}

function resolveReference(dex: DexFile, kind: ReferenceKind, index: number): string {
  switch (kind) {
    case "string":
      return JSON.stringify(dex.string(index));
    case "type":
      return dex.typeDescriptor(index);
    case "field":
      return dex.fieldRef(index);
    case "method":
      return dex.methodRef(index);
    case "proto":
      return dex.protoDescriptor(index);
    case "method-handle": {
      const { methodHandleType, fieldOrMethodIdx } = dex.methodHandle(index);
      const isInvoke = methodHandleType.startsWith("invoke");
      return `${methodHandleType}@${isInvoke ? dex.methodRef(fieldOrMethodIdx) : dex.fieldRef(fieldOrMethodIdx)}`;
    }
    case "call-site":
      return `call-site@${index.toString(16).padStart(4, "0")}`;
  }
}
