import { decodeMutf8, encodeMutf8 } from "../bytes/index.js";
import { type DexFile, textStart } from "../dex/index.js";
import { beginsWithScheme, IntList } from "../program/index.js";
import { MOST, mostBytes, SECTION, STRING_FLAG } from "./dex-facts-layout.js";
import { addToHash, HASH_BASIS, mixHash } from "./fingerprints.js";
import type { Sections } from "./sections.js";

/** Thrown for a DEX file of which no facts are kept: it is read each time. Never leaves this stage. */
export class NoFacts extends Error {}

/** Text that MUTF-8 has as it is: NUL it writes in two bytes. */
const ASCII = /^[\x01-\x7f]*$/;

/** A first letter of the schemes that URLs are told by. */
const URL_START = /^[chw]/;

/** The names of a DEX file that its facts need, numbered as they are met. */
export class FactsNames {
  readonly #dex: DexFile;
  /** Bytes that texts may still take. */
  #textLeft: number;
  readonly #strings = new Map<string, number>();
  /** As they are written: a character a byte. */
  readonly #texts: string[] = [];
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
    this.#textLeft = mostBytes(dex.length);
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
    const isAscii = ASCII.test(text);
    const bytes = isAscii ? text : Buffer.from(encodeMutf8(text)).toString("latin1");
    this.#textLeft -= bytes.length;
    // A few bytes of a DEX file can give each of its methods a long descriptor.
    if (this.#textLeft < 0) throw new NoFacts();
    const number = this.#texts.push(bytes) - 1;
    this.#strings.set(text, number);
    const isUrl = URL_START.test(bytes) && beginsWithScheme(Buffer.from(bytes, "latin1"), 0);
    this.#flags.push((isAscii ? 0 : STRING_FLAG.notAscii) | (isUrl ? STRING_FLAG.url : 0));
    return number;
  }

  /** The number of one of the file's own strings; of one that only what lies behind it makes a URL there are no facts. */
  stringAt(stringIdx: number): number {
    const number = this.string(this.#dex.string(stringIdx));
    const { stringBytes, stringIds } = this.#dex;
    const isUrl = beginsWithScheme(stringBytes, textStart(stringBytes, stringIds[stringIdx]!));
    if (isUrl !== ((this.#flags[number]! & STRING_FLAG.url) !== 0)) throw new NoFacts();
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
    sections[SECTION.stringOffsets] = offsets;
    const stringBytes = Buffer.allocUnsafe(offsets.at(-1)!);
    this.#texts.forEach((text, index) => {
      stringBytes.write(text, offsets[index]!, "latin1");
    });
    sections[SECTION.stringBytes] = stringBytes;
    sections[SECTION.stringFlags] = Uint8Array.from(this.#flags);
    sections[SECTION.packageNames] = Uint32Array.from(this.#packageNames);
    sections[SECTION.typePackages] = Uint16Array.from(this.#typePackages);
    sections[SECTION.typeNames] = Uint32Array.from(this.#typeNames);
    sections[SECTION.protos] = Uint32Array.from(this.#protoNames);
    sections[SECTION.methodIds] = Uint32Array.from(this.#methodIds);
    sections[SECTION.fieldIds] = Uint32Array.from(this.#fieldIds);
  }
}

/**
 * The hash of each of a DEX file's strings, by string_ids index. Strings that overlap, or are written in another way
 * than the text they stand for, are no sound file's.
 */
export function hashStrings(dex: DexFile): Uint32Array {
  const { stringBytes: bytes, stringIds } = dex;
  const hashes = new Uint32Array(stringIds.length);
  let left = bytes.length;
  for (let index = 0; index < stringIds.length; index++) {
    const offset = stringIds[index]!;
    const start = textStart(bytes, offset);
    const size = left < 0 ? -1 : hashString(bytes, offset, start, hashes, index);
    if (size < 0) throw new NoFacts();
    left -= size;
  }
  return hashes;
}

/** Notes the hash of the string at an offset; gives the bytes of its text, below 0 where it is not sound. */
function hashString(
  bytes: Uint8Array,
  offset: number,
  start: number,
  hashes: Uint32Array,
  index: number,
): number {
  let hash = HASH_BASIS;
  let ones = 0;
  let end = start;
  for (let byte = bytes[end]; byte !== undefined && byte !== 0; byte = bytes[++end]) {
    ones |= byte;
    hash = addToHash(hash, byte);
  }
  if (end >= bytes.length) return -1;
  hashes[index] = mixHash(hash);
  const units = ones < 0x80 ? end - start : countUnits(bytes, start, end);
  return readSize(bytes, offset) === units ? end - start : -1;
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
  const isSame = Buffer.compare(encoded, bytes.subarray(start, end)) === 0;
  return isSame ? text.length : -1;
}
