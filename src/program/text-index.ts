import { encodeMutf8 } from "../bytes/index.js";
import type { DexFile } from "../dex/index.js";

/** In a table of text ids by string index: the string begins with an http, https, ws, wss or content scheme. */
export const URL_TEXT = -1;

/** What of a TextIndex a DEX file's strings hold. */
export interface FoundTexts {
  /** By string_ids index: the text's id; 0 where it is none of ours, {@link URL_TEXT} where it is none but a URL. */
  readonly texts: Int32Array;
  /** The string_ids indexes where `texts` is not 0. */
  readonly hits: readonly number[];
}

const FILTER_SIZE = 1 << 16;

/** Strings looked at in one call. */
const RUN = 256;

/**
 * A numbered set of texts to be found among a DEX file's strings.
 *
 * Each string costs a fingerprint of its length and four of its bytes; only where a bit of the filter
 * says so is it decoded and compared. So the cost depends on the file's strings and not on the number
 * of texts, and the order of string_ids need not be trusted.
 */
export class TextIndex {
  readonly #ids = new Map<string, number>();
  readonly #texts: string[] = [];
  readonly #filter = new Uint8Array(FILTER_SIZE);

  get size(): number {
    return this.#texts.length;
  }

  /** Adds a text; the same text has one id. Ids count from 1. */
  add(text: string): number {
    const known = this.#ids.get(text);
    if (known !== undefined) return known;
    this.#texts.push(text);
    const id = this.#texts.length;
    this.#ids.set(text, id);
    this.#filter[fingerprintOfText(text)] = 1;
    return id;
  }

  find(text: string): number | undefined {
    return this.#ids.get(text);
  }

  text(id: number): string {
    return this.#texts[id - 1]!;
  }

  /** Looks for the texts among a DEX file's strings. */
  findInStrings(dex: DexFile): FoundTexts {
    const texts = new Int32Array(dex.stringIds.length);
    const hits: number[] = [];
    // In runs: a function that is called again is optimised sooner than a loop that goes on.
    for (let from = 0; from < texts.length; from += RUN) {
      this.#findInRun(dex, from, Math.min(from + RUN, texts.length), texts, hits);
    }
    return { texts, hits };
  }

  #findInRun(dex: DexFile, from: number, to: number, texts: Int32Array, hits: number[]): void {
    const { stringIds, stringBytes: bytes } = dex;
    const filter = this.#filter;
    for (let stringIdx = from; stringIdx < to; stringIdx++) {
      // Past the end of the file these reads give undefined, which the fingerprint takes for 0;
      // what the filter then lets through is read again with every check.
      let at = stringIds[stringIdx]!;
      let utf16Size = bytes[at++]!;
      if (utf16Size >= 0x80) {
        const second = bytes[at++]!;
        if (second >= 0x80) continue; // 16,384 units and more: longer than any text or URL of use
        utf16Size = (utf16Size & 0x7f) | (second << 7);
      }
      let text = 0;
      if (filter[fingerprint(bytes, at, utf16Size)] === 1) text = this.#ids.get(dex.string(stringIdx)) ?? 0;
      if (text === 0 && beginsWithScheme(bytes, at)) text = URL_TEXT;
      if (text === 0) continue;
      texts[stringIdx] = text;
      hits.push(stringIdx);
    }
  }
}

function fingerprint(bytes: Uint8Array, at: number, length: number): number {
  return mix(
    length,
    bytes[at]!,
    bytes[at + (length >> 2)]!,
    bytes[at + (length >> 1)]!,
    bytes[at + length - 1]!,
  );
}

function fingerprintOfText(text: string): number {
  return fingerprint(encodeMutf8(text), 0, text.length);
}

function mix(length: number, first: number, quarter: number, half: number, last: number): number {
  let hash = Math.imul(length, 0x9e3779b1) ^ (first << 4);
  hash = Math.imul(hash ^ quarter, 0x85ebca6b);
  hash = Math.imul(hash ^ half, 0xc2b2ae35);
  hash = Math.imul(hash ^ last, 0x27d4eb2f);
  return (hash >>> 16) & (FILTER_SIZE - 1);
}

const [C, H, W, O, T, P, S, COLON, SLASH] = [..."chwotps:/"].map((char) => char.charCodeAt(0)) as [
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
];

/** Whether the string whose text begins at an offset is a URL, or may be a content URI. */
export function beginsWithScheme(bytes: Uint8Array, at: number): boolean {
  const first = bytes[at];
  if (first === H) {
    if (bytes[at + 1] !== T || bytes[at + 2] !== T || bytes[at + 3] !== P) return false;
    return isSchemeEnd(bytes, bytes[at + 4] === S ? at + 5 : at + 4);
  }
  if (first === W) return bytes[at + 1] === S && isSchemeEnd(bytes, bytes[at + 2] === S ? at + 3 : at + 2);
  // "content": enough of it, the rest is told apart when the string is decoded.
  return first === C && bytes[at + 1] === O && bytes[at + 6] === T && isSchemeEnd(bytes, at + 7);
}

function isSchemeEnd(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === COLON && bytes[at + 1] === SLASH && bytes[at + 2] === SLASH;
}
