import { encodeMutf8 } from "../bytes/index.js";

/** What a hash of 32 bits by FNV-1a begins with; {@link addToHash} adds the bytes, {@link mixHash} ends it. */
export const HASH_BASIS = 0x811c_9dc5;

export function addToHash(hash: number, byte: number): number {
  return Math.imul(hash ^ byte, 0x0100_0193);
}

/** Set where some code loads the string: the lowest bit of a fingerprint, the others being its hash. */
const IS_CONSTANT = 1;

/** FNV-1a of a text's characters: not the hash of its bytes, where it is not ASCII. */
export function hashText(text: string): number {
  let hash = HASH_BASIS;
  for (let index = 0; index < text.length; index++) hash = addToHash(hash, text.charCodeAt(index));
  return mixHash(hash);
}

/** Its bits mixed, since the lowest ones say too little. */
export function mixHash(hash: number): number {
  let mixed = hash ^ (hash >>> 16);
  mixed = Math.imul(mixed, 0x85eb_ca6b);
  return (mixed ^ (mixed >>> 13)) >>> 0;
}

/** Fingerprints of the strings of a DEX file, being gathered: 31 bits of a hash, and whether code loads it. */
export class FingerprintList {
  readonly #found: Uint32Array;
  #size = 0;

  constructor(most: number) {
    this.#found = new Uint32Array(most);
  }

  add(hash: number, isConstant: boolean): void {
    this.#found[this.#size++] = ((hash & ~IS_CONSTANT) | (isConstant ? IS_CONSTANT : 0)) >>> 0;
  }

  /** Sorted. */
  take(): Uint32Array {
    return this.#found.subarray(0, this.#size).sort();
  }
}

/** Fingerprints of a DEX file's strings, as they were kept: they may say yes of a text that is not there, never no of one that is. */
export class Fingerprints {
  readonly #sorted: Uint32Array;

  constructor(sorted: Uint32Array) {
    this.#sorted = sorted;
  }

  /** Whether the text of a hash is among the strings; with `asConstant`, among those that code loads. */
  mayHold(hash: number, asConstant = false): boolean {
    const sorted = this.#sorted;
    const wanted = ((hash & ~IS_CONSTANT) | (asConstant ? IS_CONSTANT : 0)) >>> 0;
    let low = 0;
    let high = sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (sorted[middle]! < wanted) low = middle + 1;
      else high = middle;
    }
    return low < sorted.length && (sorted[low]! | IS_CONSTANT) === (wanted | IS_CONSTANT);
  }
}

/** The hash of a text, as a DEX file has it. */
export function fingerprintOf(text: string): number {
  if (/^[\x01-\x7f]*$/.test(text)) return hashText(text);
  let hash = HASH_BASIS;
  for (const byte of encodeMutf8(text)) hash = addToHash(hash, byte);
  return mixHash(hash);
}
