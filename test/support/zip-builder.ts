import { constants, crc32, deflateRawSync } from "node:zlib";

/** Header fields that a test may set to anything; the rest is what a sound archive has. */
export interface HeaderFields {
  readonly signature: number;
  readonly generalPurposeFlag: number;
  readonly compressionMethod: number;
  readonly crc32: number;
  readonly compressedSize: number;
  readonly uncompressedSize: number;
  readonly nameSize: number;
  readonly extraSize: number;
}

/** One entry to write. */
export interface ZipPart {
  readonly name: string | Uint8Array;
  /** Before compression; text is UTF-8. */
  readonly content?: string | Uint8Array;
  /** Not compressed. */
  readonly stored?: boolean;
  /** The bytes to write as data, whatever {@link content} is. */
  readonly data?: Uint8Array;
  /** Sizes and CRC follow the data, and are 0 in the local header. */
  readonly descriptor?: boolean;
  /** What the data descriptor holds instead; empty for none at all. */
  readonly descriptorBytes?: Uint8Array;
  readonly localName?: string;
  readonly localExtra?: Uint8Array;
  readonly centralExtra?: Uint8Array;
  /** Overrides, in the local header. */
  readonly local?: Partial<HeaderFields>;
  /** Overrides, in the central directory. */
  readonly central?: Partial<HeaderFields & { localHeaderOff: number }>;
}

/** The archive around the entries. */
export interface ZipShape {
  /** Bytes before the first entry. */
  readonly prefix?: Uint8Array;
  /** Offsets count from behind the prefix, as if it had been put there afterwards. */
  readonly shifted?: boolean;
  /** Bytes between the last entry and the directory, where an APK has its signing block. */
  readonly beforeDirectory?: Uint8Array;
  readonly comment?: Uint8Array;
  /** Bytes behind the archive. */
  readonly trailing?: Uint8Array;
  /** Writes a zip64 end and locator; `true` also saturates the fields of the ordinary end. */
  readonly zip64?: boolean | "count-only";
  /** Overrides, in the end of central directory record. */
  readonly end?: Partial<{ entriesSize: number; cdSize: number; cdOff: number; commentSize: number }>;
  /** Overrides, in the zip64 records. */
  readonly zip64End?: Partial<{ entriesSize: number; cdSize: number; cdOff: number; recordOff: number }>;
}

interface WrittenPart {
  readonly central: Uint8Array;
  readonly local: Uint8Array;
}

/** Writes an archive, sound but for what the parts and the shape override. */
export function buildZip(parts: readonly ZipPart[], shape: ZipShape = {}): Uint8Array {
  const prefix = shape.prefix ?? new Uint8Array();
  const base = shape.shifted === true ? 0 : prefix.length;
  const written: WrittenPart[] = [];
  let offset = base;
  for (const part of parts) {
    const each = writePart(part, offset);
    written.push(each);
    offset += each.local.length;
  }
  const before = shape.beforeDirectory ?? new Uint8Array();
  const directory = concat(written.map(({ central }) => central));
  const cdOff = offset + before.length;
  return concat([
    prefix,
    ...written.map(({ local }) => local),
    before,
    directory,
    writeEnd(parts.length, cdOff, directory.length, shape),
    shape.trailing ?? new Uint8Array(),
  ]);
}

/** Deflated bytes that are the same whatever the build of zlib: matches are not searched for. */
export function deflate(content: Uint8Array): Uint8Array {
  return deflateRawSync(content, { strategy: constants.Z_HUFFMAN_ONLY });
}

/** Little-endian values of 1, 2, 4 or 8 bytes: `le("22 4", 7, 9)` is a u16, a u16 and a u32. */
export function le(widths: string, ...values: number[]): Uint8Array {
  const sizes = [...widths.replaceAll(" ", "")].map(Number);
  const bytes = Buffer.alloc(sizes.reduce((sum, size) => sum + size, 0));
  let at = 0;
  sizes.forEach((size, index) => {
    const value = values[index] ?? 0;
    if (size === 8) bytes.writeBigUInt64LE(BigInt(value), at);
    else bytes.writeUIntLE(value, at, size);
    at += size;
  });
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** An extra field: its id, its size, its content. */
export function extraField(id: number, content: Uint8Array): Uint8Array {
  return concat([le("22", id, content.length), content]);
}

export function concat(pieces: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

export function utf8(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text));
}

function writePart(part: ZipPart, localHeaderOff: number): WrittenPart {
  const content = typeof part.content === "string" ? utf8(part.content) : (part.content ?? new Uint8Array());
  const name = typeof part.name === "string" ? utf8(part.name) : part.name;
  const localName = part.localName === undefined ? name : utf8(part.localName);
  const data = part.data ?? (part.stored === true ? content : deflate(content));
  const localExtra = part.localExtra ?? new Uint8Array();
  const centralExtra = part.centralExtra ?? new Uint8Array();
  const fields = {
    generalPurposeFlag: part.descriptor === true ? 0x0008 : 0,
    compressionMethod: part.stored === true ? 0 : 8,
    crc32: crc32(content),
    compressedSize: data.length,
    uncompressedSize: content.length,
  };
  const sizes = part.descriptor === true ? { crc32: 0, compressedSize: 0, uncompressedSize: 0 } : {};
  const local = {
    signature: 0x04034b50,
    nameSize: localName.length,
    extraSize: localExtra.length,
    ...fields,
    ...sizes,
    ...part.local,
  };
  const central = {
    signature: 0x02014b50,
    nameSize: name.length,
    extraSize: centralExtra.length,
    localHeaderOff,
    ...fields,
    ...part.central,
  };
  const descriptor = le("4444", 0x08074b50, fields.crc32, fields.compressedSize, fields.uncompressedSize);
  return {
    local: concat([
      writeLocalHeader(local),
      localName,
      localExtra,
      data,
      part.descriptorBytes ?? (part.descriptor === true ? descriptor : new Uint8Array()),
    ]),
    central: concat([writeCentralHeader(central), name, centralExtra]),
  };
}

/** APPNOTE 4.3.7. */
function writeLocalHeader(h: HeaderFields): Uint8Array {
  const { signature, generalPurposeFlag, compressionMethod, crc32, compressedSize, uncompressedSize } = h;
  const sizes = [crc32, compressedSize, uncompressedSize, h.nameSize, h.extraSize];
  return le("42222244422", signature, 20, generalPurposeFlag, compressionMethod, 0, 0x21, ...sizes);
}

/** APPNOTE 4.3.12. */
function writeCentralHeader(h: HeaderFields & { localHeaderOff: number }): Uint8Array {
  const { signature, generalPurposeFlag, compressionMethod, crc32, compressedSize, uncompressedSize } = h;
  const sizes = [crc32, compressedSize, uncompressedSize, h.nameSize, h.extraSize];
  const head = le(
    "422222244422",
    signature,
    20,
    20,
    generalPurposeFlag,
    compressionMethod,
    0,
    0x21,
    ...sizes,
  );
  return concat([head, le("222 44", 0, 0, 0, 0, h.localHeaderOff)]);
}

/** APPNOTE 4.3.14 to 4.3.16. */
function writeEnd(count: number, cdOff: number, cdSize: number, shape: ZipShape): Uint8Array {
  const comment = shape.comment ?? new Uint8Array();
  const saturated = shape.zip64 === true;
  const end = {
    entriesSize: shape.zip64 !== undefined ? 0xffff : count,
    cdSize: saturated ? 0xffffffff : cdSize,
    cdOff: saturated ? 0xffffffff : cdOff,
    commentSize: comment.length,
    ...shape.end,
  };
  const entries = end.entriesSize;
  const record = le("42222442", 0x06054b50, 0, 0, entries, entries, end.cdSize, end.cdOff, end.commentSize);
  const zip64 = shape.zip64 === undefined ? new Uint8Array() : writeZip64End(count, cdOff, cdSize, shape);
  return concat([zip64, record, comment]);
}

function writeZip64End(count: number, cdOff: number, cdSize: number, shape: ZipShape): Uint8Array {
  const end = { entriesSize: count, cdSize, cdOff, recordOff: cdOff + cdSize, ...shape.zip64End };
  const counts = [end.entriesSize, end.entriesSize, end.cdSize, end.cdOff];
  const record = le("4822448888", 0x06064b50, 44, 45, 45, 0, 0, ...counts);
  return concat([record, le("4484", 0x07064b50, 0, end.recordOff, 1)]);
}
