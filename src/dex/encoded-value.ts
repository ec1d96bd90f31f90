import { type ByteView, Leb128Reader } from "../bytes/index.js";
import type { DexFile } from "./dex-file.js";

/** encoded_value, by the specification's value types. */
export type EncodedValue =
  | { readonly type: "byte" | "short" | "char" | "int" | "float" | "double"; readonly value: number }
  | { readonly type: "long"; readonly value: bigint }
  | { readonly type: "boolean"; readonly value: boolean }
  | {
      readonly type: "string" | "type" | "field" | "method" | "enum" | "method-type" | "method-handle";
      /** Index into string_ids, type_ids, field_ids, method_ids, proto_ids or method_handles. */
      readonly idx: number;
    }
  /** What is inside is stepped over. */
  | { readonly type: "array" | "annotation" }
  | { readonly type: "null" };

/** Instructions name fields with 16 bits, so that no class can use more static fields, or their values. */
const MAX_VALUES = 0x1_0000;

const STRUCTURE = "encoded_value";

const VALUE_ARRAY = 0x1c;
const VALUE_ANNOTATION = 0x1d;

/** Reads the encoded_array_item at `offset`. */
export function readEncodedArray(dex: DexFile, offset: number): EncodedValue[] {
  const reader = new Leb128Reader(dex.view, offset);
  const size = reader.unsigned("encoded_array");
  if (size > MAX_VALUES) {
    throw dex.view.error("limit", offset, "encoded_array", `has ${size} values, over ${MAX_VALUES}`);
  }
  const values: EncodedValue[] = [];
  for (let i = 0; i < size; i++) values.push(readEncodedValue(dex, reader));
  return values;
}

function readEncodedValue(dex: DexFile, reader: Leb128Reader): EncodedValue {
  const { view } = dex;
  const at = reader.offset;
  const first = view.u8(at, STRUCTURE);
  const type = first & 0x1f;
  const arg = first >> 5;
  if (type === VALUE_ARRAY || type === VALUE_ANNOTATION) {
    skipEncodedValue(view, reader);
    return { type: type === VALUE_ARRAY ? "array" : "annotation" };
  }
  reader.offset = at + 1 + payloadBytes(view, at, type, arg);
  switch (type) {
    case 0x00:
      return { type: "byte", value: readSigned(view, at + 1, arg) };
    case 0x02:
      return { type: "short", value: readSigned(view, at + 1, arg) };
    case 0x03:
      return { type: "char", value: readUnsigned(view, at + 1, arg) };
    case 0x04:
      return { type: "int", value: readSigned(view, at + 1, arg) };
    case 0x06:
      return { type: "long", value: BigInt.asIntN((arg + 1) * 8, readBits(view, at + 1, arg)) };
    case 0x10:
      return { type: "float", value: readFloat(view, at + 1, arg) };
    case 0x11:
      return { type: "double", value: readDouble(view, at + 1, arg) };
    case 0x15:
      return { type: "method-type", idx: readIndex(view, at, arg, dex.protoIdsSize) };
    case 0x16:
      return { type: "method-handle", idx: readUnsigned(view, at + 1, arg) };
    case 0x17:
      return { type: "string", idx: readIndex(view, at, arg, dex.stringIdsSize) };
    case 0x18:
      return { type: "type", idx: readIndex(view, at, arg, dex.typeIdsSize) };
    case 0x19:
      return { type: "field", idx: readIndex(view, at, arg, dex.fieldIdsSize) };
    case 0x1a:
      return { type: "method", idx: readIndex(view, at, arg, dex.methodIdsSize) };
    case 0x1b:
      return { type: "enum", idx: readIndex(view, at, arg, dex.fieldIdsSize) };
    case 0x1e:
      return { type: "null" };
    default: // 0x1f, as payloadBytes has checked
      return { type: "boolean", value: arg === 1 };
  }
}

/** Most bytes after the first, by value type; absent for a value type that is not defined. */
const MAX_BYTES: Readonly<Record<number, number>> = {
  0: 1,
  2: 2,
  3: 2,
  4: 4,
  6: 8,
  16: 4,
  17: 8,
  21: 4,
  22: 4,
  23: 4,
  24: 4,
  25: 4,
  26: 4,
  27: 4,
};

/** Bytes after the first of a value that holds no others. Throws on what ART refuses. */
function payloadBytes(view: ByteView, at: number, type: number, arg: number): number {
  const most = MAX_BYTES[type];
  if (most !== undefined && arg < most) {
    view.need(at + 1, arg + 1, STRUCTURE);
    return arg + 1;
  }
  if ((type === 0x1e && arg === 0) || (type === 0x1f && arg <= 1)) return 0;
  throw view.error(
    "bad-value",
    at,
    STRUCTURE,
    `value_type 0x${type.toString(16)} with value_arg ${arg} is not defined`,
  );
}

/** Steps over one value. Nesting is counted on a list of our own: a file may nest as deep as it is long. */
function skipEncodedValue(view: ByteView, reader: Leb128Reader): void {
  const open = [{ left: 1, named: false }];
  while (open.length > 0) {
    const innermost = open[open.length - 1]!;
    if (innermost.left-- === 0) {
      open.pop();
      continue;
    }
    if (innermost.named) reader.unsigned("annotation_element");
    const at = reader.offset;
    const first = view.u8(at, STRUCTURE);
    const type = first & 0x1f;
    reader.offset = at + 1;
    if (type === VALUE_ARRAY) open.push({ left: reader.unsigned("encoded_array"), named: false });
    else if (type === VALUE_ANNOTATION) {
      reader.unsigned("encoded_annotation");
      open.push({ left: reader.unsigned("encoded_annotation"), named: true });
    } else reader.offset += payloadBytes(view, at, type, first >> 5);
  }
}

function readUnsigned(view: ByteView, offset: number, arg: number): number {
  let value = 0;
  for (let i = arg; i >= 0; i--) value = value * 0x100 + view.u8(offset + i, STRUCTURE);
  return value;
}

function readSigned(view: ByteView, offset: number, arg: number): number {
  const unused = 24 - arg * 8;
  return (readUnsigned(view, offset, arg) << unused) >> unused;
}

function readBits(view: ByteView, offset: number, arg: number): bigint {
  let value = 0n;
  for (let i = arg; i >= 0; i--) value = (value << 8n) | BigInt(view.u8(offset + i, STRUCTURE));
  return value;
}

/** The bytes left out are the low ones. */
function readFloat(view: ByteView, offset: number, arg: number): number {
  const bits = readUnsigned(view, offset, arg) << ((3 - arg) * 8);
  return new Float32Array(Int32Array.of(bits).buffer)[0]!;
}

function readDouble(view: ByteView, offset: number, arg: number): number {
  const bits = readBits(view, offset, arg) << BigInt((7 - arg) * 8);
  return new Float64Array(BigUint64Array.of(bits).buffer)[0]!;
}

function readIndex(view: ByteView, at: number, arg: number, size: number): number {
  const idx = readUnsigned(view, at + 1, arg);
  if (idx < size) return idx;
  throw view.error("bad-offset", at, STRUCTURE, `index ${idx} is not below ${size}`);
}
