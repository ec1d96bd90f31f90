import { encodeMutf8 } from "../../src/bytes/index.js";
import {
  type ClassDefItem,
  type CodeItem,
  type DexFile,
  decodeInstruction,
  type EncodedField,
  type EncodedMethod,
  type EncodedValue,
  type Instruction,
  readCodeItem,
  readTries,
} from "../../src/dex/index.js";

/** Our reading of a DEX file in dexdump's format: the header, then the lines of one class at a time. */
export function* renderLikeDexdump(dex: DexFile, escapesStrings: boolean): Generator<string[]> {
  yield renderHeader(dex);
  for (let i = 0; i < dex.classDefsSize; i++) {
    // A raw string constant may hold line breaks, as it does in dexdump's output.
    yield renderClass(dex, dex.classDef(i), escapesStrings).flatMap((line) => line.split("\n"));
  }
  for (let i = 0; i < dex.methodHandlesSize; i++) yield renderMethodHandle(dex, i);
  for (let i = 0; i < dex.callSitesSize; i++) yield renderCallSite(dex, i, escapesStrings);
}

function renderHeader(dex: DexFile): string[] {
  const { header, bytes } = dex;
  const field = (name: string, value: string | number) => `${name.padEnd(20)}: ${value}`;
  const offset = (name: string, value: number) => field(name, `${value} (0x${hex(value, 6)})`);
  const signature = Array.from(
    bytes.subarray(header.headerOffset + 0x0c, header.headerOffset + 0x20),
    (byte) => hex(byte, 2),
  );
  return [
    "DEX file header:",
    field("magic", `'dex\\n0${header.version}\\0'`),
    field("checksum", hex(header.checksum, 8)),
    field("signature", `${signature[0]}${signature[1]}...${signature[18]}${signature[19]}`),
    field("file_size", header.fileSize),
    field("header_size", header.headerSize),
    field("link_size", header.linkSize),
    offset("link_off", header.linkOff),
    field("string_ids_size", header.stringIdsSize),
    offset("string_ids_off", header.stringIdsOff),
    field("type_ids_size", header.typeIdsSize),
    offset("type_ids_off", header.typeIdsOff),
    field("proto_ids_size", header.protoIdsSize),
    offset("proto_ids_off", header.protoIdsOff),
    field("field_ids_size", header.fieldIdsSize),
    offset("field_ids_off", header.fieldIdsOff),
    field("method_ids_size", header.methodIdsSize),
    offset("method_ids_off", header.methodIdsOff),
    field("class_defs_size", header.classDefsSize),
    offset("class_defs_off", header.classDefsOff),
    field("data_size", header.dataSize),
    offset("data_off", header.dataOff),
    "",
  ];
}

function renderClass(dex: DexFile, classDef: ClassDefItem, escapesStrings: boolean): string[] {
  const data = dex.classData(classDef);
  const values = dex.staticValues(classDef);
  const { superclassIdx, sourceFileIdx } = classDef;
  const source =
    sourceFileIdx === undefined ? "-1 (unknown)" : `${sourceFileIdx} (${raw(dex.string(sourceFileIdx))})`;
  return [
    `Class #${classDef.classDefIdx}            -`,
    `  Class descriptor  : '${raw(dex.typeDescriptor(classDef.classIdx))}'`,
    `  Access flags      : 0x${hex(classDef.accessFlags, 4)}`,
    ...(superclassIdx === undefined
      ? []
      : [`  Superclass        : '${raw(dex.typeDescriptor(superclassIdx))}'`]),
    "  Interfaces        -",
    ...Array.from(
      dex.interfaces(classDef),
      (typeIdx, i) => `    #${i}              : '${raw(dex.typeDescriptor(typeIdx))}'`,
    ),
    "  Static fields     -",
    ...data.staticFields.flatMap((field, i) => renderField(dex, field, i, values[i], escapesStrings)),
    "  Instance fields   -",
    ...data.instanceFields.flatMap((field, i) => renderField(dex, field, i, undefined, escapesStrings)),
    "  Direct methods    -",
    ...data.directMethods.flatMap((method, i) => renderMethod(dex, method, i, escapesStrings)),
    "  Virtual methods   -",
    ...data.virtualMethods.flatMap((method, i) => renderMethod(dex, method, i, escapesStrings)),
    `  source_file_idx   : ${source}`,
    "",
  ];
}

function renderField(
  dex: DexFile,
  field: EncodedField,
  i: number,
  value: EncodedValue | undefined,
  escapesStrings: boolean,
): string[] {
  const { fieldIdx, accessFlags } = field;
  return [
    `    #${i}              : (in ${raw(dex.typeDescriptor(dex.fieldClassIdx(fieldIdx)))})`,
    `      name          : '${raw(dex.string(dex.fieldNameIdx(fieldIdx)))}'`,
    `      type          : '${raw(dex.typeDescriptor(dex.fieldTypeIdx(fieldIdx)))}'`,
    `      access        : 0x${hex(accessFlags, 4)}`,
    ...(value === undefined ? [] : [`      value         : ${renderValue(dex, value, escapesStrings)}`]),
  ];
}

function renderValue(dex: DexFile, value: EncodedValue, escapesStrings: boolean): string {
  switch (value.type) {
    case "float":
    case "double":
      return formatG(value.value);
    case "string":
      return `"${escapeString(raw(dex.string(value.idx)), escapesStrings)}"`;
    case "type":
      return raw(dex.typeDescriptor(value.idx));
    case "field":
    case "enum":
      return raw(dex.string(dex.fieldNameIdx(value.idx)));
    case "method":
      return raw(dex.string(dex.methodNameIdx(value.idx)));
    case "method-type":
      return raw(dex.protoDescriptor(value.idx));
    case "method-handle":
      return `method_handle@${value.idx}`;
    case "array":
    case "annotation":
      return `what an ${value.type} holds is not kept`;
    case "null":
      return "null";
    default:
      return String(value.value);
  }
}

function renderMethodHandle(dex: DexFile, methodHandleIdx: number): string[] {
  const { methodHandleType, fieldOrMethodIdx: idx } = dex.methodHandle(methodHandleIdx);
  const isInvoke = methodHandleType.startsWith("invoke");
  const owner = dex.typeDescriptor(isInvoke ? dex.methodClassIdx(idx) : dex.fieldClassIdx(idx));
  const name = dex.string(isInvoke ? dex.methodNameIdx(idx) : dex.fieldNameIdx(idx));
  const type = isInvoke
    ? dex.protoDescriptor(dex.methodProtoIdx(idx))
    : dex.typeDescriptor(dex.fieldTypeIdx(idx));
  return [
    `Method handle #${methodHandleIdx}:`,
    `  type        : ${methodHandleType.replace(/^(static|instance)-(put|get)$/, "$2-$1")}`,
    `  target      : ${raw(`${owner} ${name}`)}`,
    `  target_type : ${raw(type)}`,
  ];
}

const LINK_ARGUMENT_TYPES: Partial<Record<EncodedValue["type"], string>> = {
  "method-handle": "MethodHandle",
  string: "String",
  "method-type": "MethodType",
  type: "Class",
  null: "Null",
};

function renderCallSite(dex: DexFile, callSiteIdx: number, escapesStrings: boolean): string[] {
  const values = dex.callSite(callSiteIdx);
  const links = values.map((value, i) => {
    const type = LINK_ARGUMENT_TYPES[value.type] ?? value.type;
    const text = renderValue(dex, value, escapesStrings)
      .replace(/^"(.*)"$/s, "$1")
      .replace("method_handle@", "");
    return `  link_argument[${i}] : ${text} (${type})`;
  });
  return [`Call site #${callSiteIdx}:`, ...links];
}

function renderMethod(dex: DexFile, method: EncodedMethod, i: number, escapesStrings: boolean): string[] {
  const { methodIdx, accessFlags, codeOff } = method;
  const owner = raw(dex.typeDescriptor(dex.methodClassIdx(methodIdx)));
  const name = raw(dex.string(dex.methodNameIdx(methodIdx)));
  const proto = raw(dex.protoDescriptor(dex.methodProtoIdx(methodIdx)));
  return [
    `    #${i}              : (in ${owner})`,
    `      name          : '${name}'`,
    `      type          : '${proto}'`,
    `      access        : 0x${hex(accessFlags, 4)}`,
    ...(codeOff === 0
      ? ["      code          : (none)"]
      : renderCode(dex, readCodeItem(dex, codeOff), `${dotted(owner)}.${name}:${proto}`, escapesStrings)),
    "",
  ];
}

function renderCode(dex: DexFile, item: CodeItem, title: string, escapesStrings: boolean): string[] {
  const lines = [
    "      code          -",
    `      registers     : ${item.registersSize}`,
    `      ins           : ${item.insSize}`,
    `      outs          : ${item.outsSize}`,
    `      insns size    : ${item.insnsSize} 16-bit code units`,
    `${hex(item.codeOff, 6)}:                                        |[${hex(item.codeOff, 6)}] ${title}`,
  ];
  for (let at = 0; at < item.insnsSize; ) {
    const instruction = decodeInstruction(dex, item, at);
    lines.push(`${renderUnits(dex, item, instruction)}${renderOperation(dex, instruction, escapesStrings)}`);
    at += instruction.units;
  }
  return [...lines, ...renderCatches(dex, item)];
}

/** Address and up to seven code units, as bytes of the file. */
function renderUnits(dex: DexFile, item: CodeItem, { codeUnit, units }: Instruction): string {
  const at = item.insnsOff + codeUnit * 2;
  let text = `${hex(at, 6)}:`;
  for (let i = 0; i < 8; i++) {
    if (i >= units) text += "     ";
    else if (i === 7) text += " ... ";
    else text += ` ${hex(dex.bytes[at + i * 2]!, 2)}${hex(dex.bytes[at + i * 2 + 1]!, 2)}`;
  }
  return `${text}|${hex(codeUnit, 4)}: `;
}

const PAYLOAD_NAMES = {
  "packed-switch-payload": "packed-switch-data",
  "sparse-switch-payload": "sparse-switch-data",
  "fill-array-data-payload": "array-data",
} as const;

function renderOperation(dex: DexFile, instruction: Instruction, escapesStrings: boolean): string {
  const { opcode, payload, units } = instruction;
  if (payload !== undefined) return `${PAYLOAD_NAMES[payload]} (${units} units)`;
  if (opcode.value === 0) return "nop // spacer";
  const operands = renderOperands(dex, instruction, escapesStrings);
  return operands === "" ? opcode.mnemonic : `${opcode.mnemonic} ${operands}`;
}

function renderOperands(dex: DexFile, instruction: Instruction, escapesStrings: boolean): string {
  const { opcode, registers, literal, target, codeUnit } = instruction;
  const [a, b, c] = registers.map((register) => `v${register}`);
  const reference = renderReference(dex, instruction, escapesStrings);
  switch (opcode.format) {
    case "10x":
      return "";
    case "12x":
    case "22x":
    case "32x":
      return `${a}, ${b}`;
    case "11n":
      return `${a}, #int ${literal} // #${bits(literal, 8)}`;
    case "11x":
      return `${a}`;
    case "10t":
    case "20t":
      return renderBranch(codeUnit, target!);
    case "21t":
      return `${a}, ${renderBranch(codeUnit, target!)}`;
    case "22t":
      return `${a}, ${b}, ${renderBranch(codeUnit, target!)}`;
    case "30t":
      return `#${hex((target! - codeUnit) >>> 0, 8)}`;
    case "31t":
      return `${a}, ${hex(target! >>> 0, 8)} // +${hex((target! - codeUnit) >>> 0, 8)}`;
    case "21s":
      return `${a}, #int ${literal} // #${bits(literal, 16)}`;
    case "21h": {
      const isWide = typeof literal === "bigint";
      const high = isWide
        ? BigInt.asUintN(16, literal >> 48n).toString(16)
        : ((literal! as number) >>> 16).toString(16);
      return `${a}, #${isWide ? "long" : "int"} ${literal} // #${high}`;
    }
    case "21c":
    case "31c":
      return `${a}, ${reference}`;
    case "23x":
      return `${a}, ${b}, ${c}`;
    case "22b":
      return `${a}, ${b}, #int ${literal} // #${bits(literal, 8).padStart(2, "0")}`;
    case "22s":
      return `${a}, ${b}, #int ${literal} // #${bits(literal, 16).padStart(4, "0")}`;
    case "22c":
      return `${a}, ${b}, ${reference}`;
    case "31i":
      return `${a}, #float // #${bits(literal, 32).padStart(8, "0")}`;
    case "51l":
      return `${a}, #double // #${bits(literal, 64).padStart(16, "0")}`;
    case "35c":
    case "3rc":
    case "45cc":
    case "4rcc":
      return `{${registers.map((register) => `v${register}`).join(", ")}}, ${reference}`;
  }
}

function renderBranch(codeUnit: number, target: number): string {
  const distance = target - codeUnit;
  return `${hex(target >>> 0, 4)} // ${distance < 0 ? "-" : "+"}${hex(Math.abs(distance), 4)}`;
}

function renderReference(
  dex: DexFile,
  { opcode, index, protoIdx }: Instruction,
  escapesStrings: boolean,
): string {
  if (index === undefined) return "";
  const id = hex(index, opcode.format === "31c" ? 8 : 4);
  switch (opcode.referenceKind) {
    case "string": {
      const text = raw(dex.string(index));
      return `"${escapesStrings ? escapeString(text, true) : text}" // string@${id}`;
    }
    case "type":
      return `${raw(dex.typeDescriptor(index))} // type@${id}`;
    case "field":
      return `${memberWithDot(dex.fieldRef(index))} // field@${id}`;
    case "method": {
      const method = methodWithDot(dex, index);
      if (protoIdx === undefined) return `${method} // method@${id}`;
      return `${method}, ${raw(dex.protoDescriptor(protoIdx))} // method@${id}, proto@${hex(protoIdx, 4)}`;
    }
    case "proto":
      return `${raw(dex.protoDescriptor(index))} // proto@${id}`;
    case "call-site":
      return `call_site@${id}`;
    default:
      return `method_handle@${id}`;
  }
}

/** `Lcom/acme/Sdk;.key:I` for `Lcom/acme/Sdk;->key:I`: no descriptor holds an arrow. */
function memberWithDot(ref: string): string {
  return raw(ref).replace("->", ".");
}

function methodWithDot(dex: DexFile, methodIdx: number): string {
  const owner = dex.typeDescriptor(dex.methodClassIdx(methodIdx));
  const name = dex.string(dex.methodNameIdx(methodIdx));
  return raw(`${owner}.${name}:${dex.protoDescriptor(dex.methodProtoIdx(methodIdx))}`);
}

function renderCatches(dex: DexFile, item: CodeItem): string[] {
  const tries = readTries(dex, item);
  if (tries.length === 0) return ["      catches       : (none)"];
  const lines = [`      catches       : ${tries.length}`];
  for (const { startAddr, insnCount, handlers } of tries) {
    lines.push(`        0x${hex(startAddr, 4)} - 0x${hex(startAddr + insnCount, 4)}`);
    for (const { typeIdx, addr } of handlers) {
      const type = typeIdx === undefined ? "<any>" : raw(dex.typeDescriptor(typeIdx));
      lines.push(`          ${type} -> 0x${hex(addr, 4)}`);
    }
  }
  return lines;
}

function dotted(descriptor: string): string {
  return descriptor.replace(/^L(.*);$/, "$1").replaceAll("/", ".");
}

const BYTES = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

function hex(value: number, digits: number): string {
  if (digits === 2) return BYTES[value]!;
  return value.toString(16).padStart(digits, "0");
}

function bits(literal: number | bigint | undefined, size: number): string {
  return BigInt.asUintN(size, BigInt(literal!)).toString(16);
}

/** The bytes of `text` as the file has them, one character each: dexdump prints MUTF-8 as it is. */
function raw(text: string): string {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit === 0 || unit >= 0x80) return Buffer.from(encodeMutf8(text)).toString("latin1");
  }
  return text;
}

const ESCAPES: Readonly<Record<string, string>> = {
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  '"': '\\"',
  "\\": "\\\\",
};

/** Older versions escape the common ones only, and only in initial values. */
function escapeString(text: string, everyControl: boolean): string {
  return text.replace(everyControl ? /[\x00-\x1f"\\\x7f]/g : /[\n\r\t"\\]/g, (character) => {
    const octal = character.charCodeAt(0).toString(8).padStart(3, "0");
    return ESCAPES[character] ?? `\\${octal}`;
  });
}

/** C's `%g`: six significant digits, no trailing zeros. */
function formatG(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value < 0 ? "-inf" : "inf";
  if (value === 0) return Object.is(value, -0) ? "-0" : "0";
  const exponent = Number(value.toExponential(5).split("e")[1]);
  if (exponent >= -4 && exponent < 6) return trimZeros(value.toFixed(5 - exponent));
  const [mantissa] = value.toExponential(5).split("e");
  const digits = String(Math.abs(exponent)).padStart(2, "0");
  return `${trimZeros(mantissa!)}e${exponent < 0 ? "-" : "+"}${digits}`;
}

function trimZeros(decimal: string): string {
  return decimal.includes(".") ? decimal.replace(/\.?0+$/, "") : decimal;
}
