import type { ByteView } from "../bytes/index.js";

/** `ResChunk_header::type` of AOSP's ResourceTypes.h, as far as it is read. */
export const ResChunkType = {
  STRING_POOL: 0x0001,
  TABLE: 0x0002,
  XML: 0x0003,
  XML_FIRST_CHUNK: 0x0100,
  XML_START_ELEMENT: 0x0102,
  XML_END_ELEMENT: 0x0103,
  XML_CDATA: 0x0104,
  XML_LAST_CHUNK: 0x017f,
  XML_RESOURCE_MAP: 0x0180,
  TABLE_PACKAGE: 0x0200,
  TABLE_TYPE: 0x0201,
  TABLE_STAGED_ALIAS: 0x0206,
} as const;

/** `ResChunk_header`: what every chunk of binary XML and of a resource table begins with. */
export interface ResChunkHeader {
  readonly type: number;
  /** In bytes, at least 8. Often larger than the fields known here: what follows starts after it. */
  readonly headerSize: number;
  /** In bytes, of the whole chunk with its header. */
  readonly size: number;
}

/** Bytes of `ResChunk_header`. */
export const RES_CHUNK_HEADER_SIZE = 8;

/**
 * ResChunk_header at `offset`, checked as AOSP's `validate_chunk` does it: the chunk lies inside
 * `view`, its header is not smaller than `minHeaderSize`, and both sizes are multiples of four.
 */
export function readResChunkHeader(
  view: ByteView,
  offset: number,
  structure: string,
  minHeaderSize = RES_CHUNK_HEADER_SIZE,
): ResChunkHeader {
  const type = view.u16(offset, structure);
  const headerSize = view.u16(offset + 2, structure);
  const size = view.u32(offset + 4, structure);
  const problem =
    headerSize < minHeaderSize
      ? `headerSize is ${headerSize}, but at least ${minHeaderSize} are needed`
      : headerSize > size
        ? `headerSize ${headerSize} is larger than the chunk's size ${size}`
        : ((headerSize | size) & 3) !== 0
          ? `size ${size} or headerSize ${headerSize} is no multiple of 4`
          : undefined;
  if (problem !== undefined) throw view.error("bad-value", offset, structure, problem);
  view.need(offset, size, structure);
  return { type, headerSize, size };
}
