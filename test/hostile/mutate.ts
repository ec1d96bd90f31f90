import { bytesSource, openArchive, readEntrySync } from "../../src/archive/index.js";
import { defaultLimits } from "../../src/diagnostics/index.js";
import { buildZip, type ZipPart } from "../support/zip-builder.js";

/** Numbers from 0 to below 1; the same sequence for a seed on every machine (mulberry32). */
export type Random = () => number;

/** A seeded generator. */
export function seededRandom(seed: number): Random {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Values that break arithmetic on sizes, indices and offsets. */
const EDGES = [
  0, 1, 2, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff,
];

/** Where most formats keep their sizes and offsets, in bytes. */
const HEADER = 0x100;

/** A copy with one to four changes: bytes, 16- and 32-bit fields, pieces moved, put in, taken out, cut off. */
export function mutate(bytes: Uint8Array, random: Random): Uint8Array {
  let mutated: Uint8Array = bytes.slice();
  for (let left = 1 + Math.floor(random() * 4); left > 0 && mutated.length > 4; left--)
    mutated = change(mutated, random);
  return mutated;
}

function change(bytes: Uint8Array, random: Random): Uint8Array {
  const below = (end: number) => Math.floor(random() * end);
  const at = below(random() < 0.4 ? Math.min(HEADER, bytes.length) : bytes.length);
  const kind = below(10);
  if (kind < 2) bytes[at] = below(256);
  else if (kind < 3) bytes[at]! ^= 1 << below(8);
  else if (kind < 7) setField(bytes, at, kind < 6 ? 4 : 2, random);
  else if (kind < 8) bytes.copyWithin(at, below(bytes.length), below(bytes.length));
  else if (kind < 9) return spliceBytes(bytes, at, below(16), below(2) === 0 ? 0 : below(64));
  else if (below(4) === 0) return bytes.slice(0, at);
  return bytes;
}

/** An aligned field set to an edge, to a place in the file, or to something near what it was. */
function setField(bytes: Uint8Array, near: number, size: 2 | 4, random: Random): void {
  const at = near - (near % size);
  if (at + size > bytes.length) return;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const old = size === 4 ? view.getUint32(at, true) : view.getUint16(at, true);
  const choice = random();
  const value =
    choice < 0.4
      ? EDGES[Math.floor(random() * EDGES.length)]!
      : choice < 0.7
        ? Math.floor(random() * (bytes.length + 8))
        : old + Math.floor(random() * 9) - 4;
  if (size === 4) view.setUint32(at, value, true);
  else view.setUint16(at, value, true);
}

function spliceBytes(bytes: Uint8Array, at: number, removed: number, repeated: number): Uint8Array {
  const piece = bytes.subarray(at, at + repeated);
  const rest = bytes.subarray(Math.min(bytes.length, at + removed));
  const spliced = new Uint8Array(at + piece.length + rest.length);
  spliced.set(bytes.subarray(0, at));
  spliced.set(piece, at);
  spliced.set(rest, at + piece.length);
  return spliced;
}

/** The parts of an archive that an audit reads, inflated; none where it is no archive. */
export function inflateParts(bytes: Uint8Array): ZipPart[] {
  const archive = openArchive(bytesSource("whole.apk", bytes), defaultLimits, []);
  const read = /^(classes\d*\.dex|AndroidManifest\.xml|resources\.arsc)$/;
  return archive.entries
    .filter((entry) => read.test(entry.name))
    .map((entry) => ({
      name: entry.name,
      content: readEntrySync(archive, entry, defaultLimits),
      stored: true,
    }));
}

/** An archive of the same parts, stored, with one of them mutated: what is broken is a format inside. */
export function mutatePart(parts: readonly ZipPart[], random: Random): Uint8Array {
  const chosen = Math.floor(random() * parts.length);
  return buildZip(
    parts.map((part, index) =>
      index === chosen ? { ...part, content: mutate(part.content as Uint8Array, random) } : part,
    ),
  );
}
