import { buildStringPool, chunk, concat, halves, pad, resValue, words } from "./axml-builder.js";

/** A value: a string, or any `Res_value`; `undefined` leaves the entry out of this configuration. */
export type ArscValue = string | { readonly dataType: number; readonly data: number } | "bag" | undefined;

/** Entries of one type in one configuration. */
export interface ArscType {
  /** In the resource id; counts from 1. */
  readonly typeId: number;
  /** By entry index. */
  readonly values: readonly ArscValue[];
  /** Language of the configuration; without it this is the default. */
  readonly language?: string;
  readonly encoding?: "dense" | "offset16" | "sparse";
  /** Entries as `FLAG_COMPACT` stores them. */
  readonly compact?: boolean;
}

/** A table to write. */
export interface ArscPackage {
  readonly id: number;
  readonly name?: string;
  readonly typeNames?: readonly string[];
  readonly keyNames?: readonly string[];
  readonly types: readonly ArscType[];
  /** Added to the type ids of the chunks, as in feature splits. */
  readonly typeIdOffset?: number;
  /** Pairs of staged and final ids. */
  readonly stagedAliases?: readonly (readonly [number, number])[];
  /** Writes the header as compilers did before they knew typeIdOffset. */
  readonly oldHeader?: boolean;
}

const NO_ENTRY = 0xffffffff;

/** A resources.arsc. */
export function buildArsc(packages: readonly ArscPackage[], utf8 = true): Uint8Array {
  const strings: string[] = [];
  const intern = (text: string) => {
    const known = strings.indexOf(text);
    return known === -1 ? strings.push(text) - 1 : known;
  };
  const chunks = packages.map((arscPackage) => buildPackage(arscPackage, intern));
  return chunk(0x0002, [words(packages.length)], concat(buildStringPool(strings, utf8), ...chunks));
}

function buildPackage(arscPackage: ArscPackage, intern: (text: string) => number): Uint8Array {
  const { id, name = "org.example", typeNames = [], keyNames = [], stagedAliases, oldHeader } = arscPackage;
  const typePool = buildStringPool(typeNames, false);
  const keyPool = buildStringPool(keyNames, true);
  const headerSize = oldHeader ? 284 : 288;
  const units = [...name].map((character) => character.charCodeAt(0));
  const header = concat(
    words(id),
    pad(halves(...units), 256),
    words(headerSize, 0, headerSize + typePool.length, 0),
    oldHeader ? new Uint8Array() : words(arscPackage.typeIdOffset ?? 0),
  );
  const aliases =
    stagedAliases && chunk(0x0206, [words(stagedAliases.length)], words(...stagedAliases.flat()));
  const types = arscPackage.types.map((type) => buildType(type, arscPackage.typeIdOffset ?? 0, intern));
  const body = concat(typePool, keyPool, ...types, aliases ?? new Uint8Array());
  return chunk(0x0200, [header], body);
}

function buildType(type: ArscType, typeIdOffset: number, intern: (text: string) => number): Uint8Array {
  const { typeId, values, language = "\0\0", encoding = "dense", compact = false } = type;
  const entries: Uint8Array[] = [];
  const offsets = values.map((value, index) => {
    if (value === undefined) return NO_ENTRY;
    const offset = entries.reduce((size, entry) => size + entry.length, 0);
    entries.push(buildEntry(value, index, compact, intern));
    return offset;
  });
  const flags = { dense: 0, sparse: 1, offset16: 2 }[encoding];
  const table = buildOffsets(offsets, encoding);
  const count = encoding === "sparse" ? table.length / 4 : values.length;
  const config = pad(concat(words(64), halves(0, 0), new TextEncoder().encode(language)), 64);
  const headerSize = 20 + config.length;
  const padded = pad(table, Math.ceil(table.length / 4) * 4);
  const header = concat(
    new Uint8Array([typeId - typeIdOffset, flags, 0, 0]),
    words(count, headerSize + padded.length),
    config,
  );
  return chunk(0x0201, [header], concat(padded, ...entries));
}

function buildOffsets(offsets: readonly number[], encoding: "dense" | "offset16" | "sparse"): Uint8Array {
  if (encoding === "dense") return words(...offsets);
  if (encoding === "offset16") return halves(...offsets.map((o) => (o === NO_ENTRY ? 0xffff : o / 4)));
  return halves(...offsets.flatMap((offset, index) => (offset === NO_ENTRY ? [] : [index, offset / 4])));
}

function buildEntry(
  value: Exclude<ArscValue, undefined>,
  key: number,
  compact: boolean,
  intern: (text: string) => number,
): Uint8Array {
  if (value === "bag") return concat(halves(16, 0x0001), words(key, 0, 0));
  const { dataType, data } = typeof value === "string" ? { dataType: 0x03, data: intern(value) } : value;
  if (compact) return concat(halves(key, 0x0008 | (dataType << 8)), words(data));
  return concat(halves(8, 0), words(key), resValue(dataType, data));
}
