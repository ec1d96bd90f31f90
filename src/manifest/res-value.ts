/** `Res_value::dataType` of AOSP's ResourceTypes.h. */
export const ResDataType = {
  NULL: 0x00,
  REFERENCE: 0x01,
  ATTRIBUTE: 0x02,
  STRING: 0x03,
  FLOAT: 0x04,
  DIMENSION: 0x05,
  FRACTION: 0x06,
  DYNAMIC_REFERENCE: 0x07,
  DYNAMIC_ATTRIBUTE: 0x08,
  FIRST_INT: 0x10,
  INT_DEC: 0x10,
  INT_HEX: 0x11,
  INT_BOOLEAN: 0x12,
  FIRST_COLOR_INT: 0x1c,
  LAST_COLOR_INT: 0x1f,
  LAST_INT: 0x1f,
} as const;

/**
 * `Res_value`: a typed value of an XML attribute or a resource.
 *
 * Its `size` and `res0` are not kept. `text` is the string a value of type STRING names, and
 * `undefined` for every other type and for a string that its pool cannot give.
 */
export interface ResValue {
  /** One of {@link ResDataType}, or what the file says. */
  readonly dataType: number;
  /** Unsigned 32 bits; their meaning depends on {@link dataType}. */
  readonly data: number;
  readonly text: string | undefined;
}

/** Whether a value names another resource, rather than an attribute of a theme. */
export function isReference(value: ResValue): boolean {
  return value.dataType === ResDataType.REFERENCE || value.dataType === ResDataType.DYNAMIC_REFERENCE;
}

/** Whether `TypedArray.getInt` takes {@link ResValue.data} as it is. */
export function isInteger(value: ResValue): boolean {
  return value.dataType >= ResDataType.FIRST_INT && value.dataType <= ResDataType.LAST_INT;
}

/** A resource id as Android's tools print one. */
export function formatResourceId(id: number): string {
  return `0x${(id >>> 0).toString(16).padStart(8, "0")}`;
}

/**
 * The text of a value that is no reference, as `TypedValue.coerceToString` gives it; `undefined` for
 * null values, references and types that are not known.
 */
export function coerceToString(value: ResValue): string | undefined {
  const { dataType, data } = value;
  switch (dataType) {
    case ResDataType.STRING:
      return value.text;
    case ResDataType.FLOAT:
      return String(toFloat(data));
    case ResDataType.DIMENSION:
      return formatComplex(data, DIMENSION_UNITS);
    case ResDataType.FRACTION:
      return formatComplex(data, FRACTION_UNITS, 100);
    case ResDataType.INT_HEX:
      return `0x${data.toString(16)}`;
    case ResDataType.INT_BOOLEAN:
      return data === 0 ? "false" : "true";
  }
  if (dataType >= ResDataType.FIRST_COLOR_INT && dataType <= ResDataType.LAST_COLOR_INT) {
    return `#${data.toString(16).padStart(8, "0")}`;
  }
  return isInteger(value) ? String(data | 0) : undefined;
}

/** The IEEE 754 single that 32 bits stand for. */
export function toFloat(bits: number): number {
  return new Float32Array(Uint32Array.of(bits).buffer)[0]!;
}

const DIMENSION_UNITS = ["px", "dip", "sp", "pt", "in", "mm"];
const FRACTION_UNITS = ["%", "%p"];
/** `Res_value::COMPLEX_RADIX_*`: where the binary point of the 24-bit mantissa stands. */
const RADIX_SCALES = [2 ** -8, 2 ** -15, 2 ** -23, 2 ** -31];

function formatComplex(data: number, units: readonly string[], factor = 1): string {
  const mantissa = (data | 0) & ~0xff;
  const value = mantissa * RADIX_SCALES[(data >> 4) & 3]! * factor;
  return `${Number(value.toPrecision(7))}${units[data & 0xf] ?? ""}`;
}
