import { decodeMutf8, encodeMutf8 } from "../bytes/index.js";
import { type DexFile, textStart } from "../dex/index.js";
import { beginsWithScheme, IntList } from "../program/index.js";
import { MOST, SECTION, STRING_FLAG } from "./dex-facts-layout.js";
import type { Sections } from "./sections.js";

/** Thrown for a DEX file of which no facts are kept: it is read each time. Never leaves this stage. */
export class NoFacts extends Error {}

/** The names of a DEX file that its facts need, numbered as they are met. */
export class FactsNames {
  readonly #dex: DexFile;
  readonly #strings = new Map<string, number>();
  readonly #texts: Uint8Array[] = [];
  readonly #flags: number[] = [];
  readonly #packages = new Map<string, number>();
  readonly #packageNames = new IntList();
  readonly #types = new Map<string, number>();
  readonly #typePackages = new IntList();
  readonly #typeNames = new IntList();
  readonly #protos = new Map<string, number>();
  readonly #protoNames = new IntList();
  readonly #methods = new Map<number, number>();
  readonly #methodIds = new IntList();
  readonly #fields = new Map<number, number>();
  readonly #fieldIds = new IntList();

  constructor(dex: DexFile) {
    this.#dex = dex;
  }

  get strings(): number {
    return this.#texts.length;
  }

  get types(): number {
    return this.#typeNames.length;
  }

  get methods(): number {
    return this.#methods.size;
  }

  string(text: string): number {
    const known = this.#strings.get(text);
    if (known !== undefined) return known;
    const bytes = encodeMutf8(text).slice();
    const number = this.#texts.push(bytes) - 1;
    this.#strings.set(text, number);
    const isUrl = beginsWithScheme(bytes, 0);
    this.#flags.push((isAscii(bytes) ? 0 : STRING_FLAG.notAscii) | (isUrl ? STRING_FLAG.url : 0));
    return number;
  }

  type(descriptor: string): number {
    const known = this.#types.get(descriptor);
    if (known !== undefined) return known;
    const [packageNumber, name] = this.splitName(descriptor);
    const number = this.types;
    if (number >= MOST) throw new NoFacts();
    this.#typePackages.push(packageNumber);
    this.#typeNames.push(name);
    this.#types.set(descriptor, number);
    return number;
  }

  /** Number of the package of a name, and string of what comes behind it. */
  splitName(descriptor: string): readonly [packageNumber: number, name: number] {
    const end = descriptor.lastIndexOf("/") + 1;
    return [this.#package(descriptor.slice(0, end)), this.string(descriptor.slice(end))];
  }

  #package(name: string): number {
    const known = this.#packages.get(name);
    if (known !== undefined) return known;
    const number = this.#packageNames.length;
    if (number >= MOST) throw new NoFacts();
    this.#packageNames.push(this.string(name));
    this.#packages.set(name, number);
    return number;
  }

  /** @param methodIdx index into the file's method_ids */
  method(methodIdx: number): number {
    const known = this.#methods.get(methodIdx);
    if (known !== undefined) return known;
    const dex = this.#dex;
    const number = this.#methods.size;
    const owner = this.type(dex.typeDescriptor(dex.methodClassIdx(methodIdx)));
    const proto = this.#proto(dex.methodDescriptor(methodIdx));
    this.#methodIds.push(owner | (proto << 16));
    this.#methodIds.push(this.string(dex.string(dex.methodNameIdx(methodIdx))));
    this.#methods.set(methodIdx, number);
    return number;
  }

  #proto(descriptor: string): number {
    const known = this.#protos.get(descriptor);
    if (known !== undefined) return known;
    const number = this.#protoNames.length;
    if (number >= MOST) throw new NoFacts();
    this.#protoNames.push(this.string(descriptor));
    this.#protos.set(descriptor, number);
    return number;
  }

  /** @param fieldIdx index into the file's field_ids */
  field(fieldIdx: number): number {
    const known = this.#fields.get(fieldIdx);
    if (known !== undefined) return known;
    const dex = this.#dex;
    const number = this.#fields.size;
    const owner = this.type(dex.typeDescriptor(dex.fieldClassIdx(fieldIdx)));
    const type = this.type(dex.typeDescriptor(dex.fieldTypeIdx(fieldIdx)));
    this.#fieldIds.push(owner | (type << 16));
    this.#fieldIds.push(this.string(dex.string(dex.fieldNameIdx(fieldIdx))));
    this.#fields.set(fieldIdx, number);
    return number;
  }

  writeTo(sections: Sections): void {
    const offsets = new Uint32Array(this.strings + 1);
    this.#texts.forEach((text, index) => {
      offsets[index + 1] = offsets[index]! + text.length;
    });
    const bytes = new Uint8Array(offsets[this.strings]!);
    this.#texts.forEach((text, index) => {
      bytes.set(text, offsets[index]!);
    });
    sections[SECTION.stringOffsets] = offsets;
    sections[SECTION.stringBytes] = bytes;
    sections[SECTION.stringFlags] = Uint8Array.from(this.#flags);
    sections[SECTION.packageNames] = Uint32Array.from(this.#packageNames);
    sections[SECTION.typePackages] = Uint16Array.from(this.#typePackages);
    sections[SECTION.typeNames] = Uint32Array.from(this.#typeNames);
    sections[SECTION.protos] = Uint32Array.from(this.#protoNames);
    sections[SECTION.methodIds] = Uint32Array.from(this.#methodIds);
    sections[SECTION.fieldIds] = Uint32Array.from(this.#fieldIds);
  }
}

function isAscii(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; at++) if (bytes[at]! >= 0x80) return false;
  return true;
}

/** By string_ids index. */
export type TextPlaces = readonly [starts: Uint32Array, ends: Uint32Array];

/**
 * Where the text of each of a DEX file's strings begins, and where its NUL is. Strings that overlap, or are written
 * in another way than the text they stand for, are no sound file's.
 */
export function findTexts(dex: DexFile): TextPlaces {
  const { stringBytes: bytes, stringIds } = dex;
  const starts = new Uint32Array(stringIds.length);
  const ends = new Uint32Array(stringIds.length);
  let left = bytes.length;
  for (let index = 0; index < stringIds.length; index++) {
    const offset = stringIds[index]!;
    const start = textStart(bytes, offset);
    let end = start;
    let ones = 0;
    for (let byte = bytes[end]; byte !== undefined && byte !== 0; byte = bytes[++end]) ones |= byte;
    left -= end - start;
    if (end >= bytes.length || left < 0) throw new NoFacts();
    const units = ones < 0x80 ? end - start : countUnits(bytes, start, end);
    if (readSize(bytes, offset) !== units) throw new NoFacts();
    starts[index] = start;
    ends[index] = end;
  }
  return [starts, ends];
}

/** The utf16_size of a string_data_item; -1 where it takes more than four bytes. */
function readSize(bytes: Uint8Array, offset: number): number {
  let size = 0;
  for (let index = 0; index < 4; index++) {
    const byte = bytes[offset + index]!;
    size |= (byte & 0x7f) << (7 * index);
    if (byte < 0x80) return size;
  }
  return -1;
}

function countUnits(bytes: Uint8Array, start: number, end: number): number {
  const text = decodeMutf8(bytes, start, end);
  const encoded = encodeMutf8(text);
  const isSame = encoded.length === end - start && encoded.every((byte, at) => byte === bytes[start + at]);
  return isSame ? text.length : -1;
}
