import type { DuckDBValue } from "@duckdb/node-api";

/** A column of a query's answer. */
export interface ResultColumn {
  /** Each once: of two of one name the second has `:1`. */
  readonly name: string;
  /** In DuckDB's words. */
  readonly type: string;
  readonly isNumber: boolean;
}

/** A value of an answer as JSON can hold it. An integer beyond 2^53 is text, as is what JSON has no word for. */
export type ResultValue =
  | null
  | string
  | number
  | boolean
  | readonly ResultValue[]
  | { readonly [key: string]: ResultValue };

const NUMBERS = /^(?:U?(?:TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL\(\d+,\d+\)|BIGNUM)$/;

/** What is to be known of a type: JSON is text to DuckDB, under another name. */
export function describeType(type: {
  toString(): string;
  readonly alias?: string;
}): Omit<ResultColumn, "name"> {
  const name = type.alias ?? type.toString();
  return { type: name, isNumber: NUMBERS.test(name) };
}

/** DuckDB's value as plain data. */
export function toPlain(value: DuckDBValue, type = ""): ResultValue {
  if (value === null || value === undefined || typeof value === "boolean") return value ?? null;
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (typeof value === "bigint") return plainInteger(value);
  if (typeof value === "string") return type === "JSON" ? parseJson(value) : value;
  if ("items" in value) return value.items.map((item) => toPlain(item));
  if ("entries" in value) {
    const entries = Array.isArray(value.entries)
      ? value.entries.map((entry): [string, DuckDBValue] => [String(entry.key), entry.value])
      : Object.entries(value.entries);
    return Object.fromEntries(entries.map(([key, item]) => [key, toPlain(item)]));
  }
  if ("scale" in value) return plainDecimal(String(value));
  return String(value);
}

function plainInteger(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}

/** A decimal as a number where that says the same. */
function plainDecimal(text: string): number | string {
  const digits = text.replace(/\D/g, "").replace(/^0+/, "");
  return digits.length <= 15 ? Number(text) : text;
}

function parseJson(text: string): ResultValue {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return text;
  }
}
