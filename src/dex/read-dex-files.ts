import { ByteView } from "../bytes/index.js";
import {
  type Diagnostics,
  diagnoseUnread,
  type FormatErrorCode,
  type Limits,
  readOrDiagnose,
} from "../diagnostics/index.js";
import { DexFile } from "./dex-file.js";
import {
  CONTAINER_VERSION,
  HEADER_SIZE,
  HEADER_SIZE_V41,
  type HeaderItem,
  readHeaderItem,
} from "./header-item.js";
import { readIdLists } from "./id-lists.js";
import type { NameMapping } from "./name-mapping.js";
import { restoreNames } from "./restore-names.js";

/** What the id lists of all members may weigh, as a multiple of the container: they may share one string_ids. */
const LISTS_REUSE = 16;

/**
 * Reads one DEX file, or the several of a version 041 container, named `classes.dex`, `classes.dex!1`, ….
 *
 * What cannot be read is a diagnostic: a file that is cut is read as far as it goes. The bytes are kept,
 * not copied, unless they begin at an address that is not 4-byte aligned, or a mapping gives them other names.
 */
export function readDexFiles(
  bytes: Uint8Array,
  source: string,
  limits: Limits,
  diagnostics: Diagnostics,
  mapping?: NameMapping,
): DexFile[] {
  if (!isLittleEndian()) throw new Error("DEX files are read in place, which needs a little-endian host");
  const aligned = alignBytes(bytes);
  const dexFiles = readAligned(aligned, source, limits, diagnostics);
  return mapping === undefined ? dexFiles : restoreNames(aligned, dexFiles, mapping, diagnostics);
}

function readAligned(
  aligned: Uint8Array,
  source: string,
  limits: Limits,
  diagnostics: Diagnostics,
): DexFile[] {
  const first = readOrDiagnose(diagnostics, () => readHeaderItem(new ByteView(aligned, source), 0));
  if (first === undefined) return [];
  if (first.version >= CONTAINER_VERSION) return readContainer(aligned, source, first, limits, diagnostics);
  const view = new ByteView(aligned, source);
  noteSizes(view, 0, first, HEADER_SIZE, aligned.length, diagnostics);
  const lists = readIdLists(view, first, diagnostics);
  return [new DexFile({ view, header: first, lists, limits, members: 1 })];
}

function isLittleEndian(): boolean {
  return new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
}

function alignBytes(bytes: Uint8Array): Uint8Array {
  if (bytes.byteOffset % 4 !== 0) return new Uint8Array(bytes);
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** A header of a container and where it lies there. */
interface Member {
  readonly source: string;
  readonly position: number;
  readonly header: HeaderItem;
}

function readContainer(
  bytes: Uint8Array,
  source: string,
  first: HeaderItem,
  limits: Limits,
  diagnostics: Diagnostics,
): DexFile[] {
  const container = new ByteView(bytes, source);
  const size = first.containerSize ?? bytes.length;
  noteEnd(container, 0x70, "container_size", size, bytes.length, diagnostics);
  const members = readMembers(container, Math.min(size, bytes.length), limits, diagnostics);
  let listsLeft = LISTS_REUSE * bytes.length;
  const dexFiles: DexFile[] = [];
  for (const member of members) {
    listsLeft -= listsSize(member.header);
    if (listsLeft < 0) {
      const problem = "the id lists of the container's DEX files add up to far more than it has bytes";
      diagnostics.push(diagnoseUnread(container.error("limit", member.position, "header_item", problem)));
      break;
    }
    const dex = readOrDiagnose(diagnostics, () =>
      readMember(bytes, member, members.length, limits, diagnostics),
    );
    if (dex !== undefined) dexFiles.push(dex);
  }
  return dexFiles;
}

function listsSize(header: HeaderItem): number {
  const ids = header.stringIdsSize + header.typeIdsSize + header.fieldIdsSize * 2 + header.methodIdsSize * 2;
  return (ids + header.protoIdsSize * 3 + header.classDefsSize * 8) * 4;
}

/** One header after the other: a member's file_size leads to the next one's header, as in ART's loader. */
function readMembers(container: ByteView, end: number, limits: Limits, diagnostics: Diagnostics): Member[] {
  const members: Member[] = [];
  let position = 0;
  while (position < end) {
    const source = members.length === 0 ? container.source : `${container.source}!${members.length}`;
    const header = readOrDiagnose(diagnostics, () => {
      if (members.length >= limits.dexFiles) {
        const problem = `a container of more than ${limits.dexFiles} DEX files`;
        throw container.error("limit", position, "header_item", problem);
      }
      return readHeaderItem(new ByteView(container.bytes, source), position);
    });
    if (header === undefined) break;
    members.push({ source, position, header });
    // Where the next header lies is known only through this one's size.
    if (header.fileSize < HEADER_SIZE_V41) {
      const problem = `file_size ${header.fileSize} is smaller than a header, and hides where the next one is`;
      diagnostics.push(diagnoseUnread(container.error("bad-value", position + 0x20, "header_item", problem)));
      break;
    }
    position += header.fileSize;
  }
  return members;
}

function readMember(
  bytes: Uint8Array,
  { source, position, header }: Member,
  members: number,
  limits: Limits,
  diagnostics: Diagnostics,
): DexFile {
  const whole = new ByteView(bytes, source);
  // What offsets count from: ART, too, takes header_offset's word for it.
  const start = position - header.headerOffset;
  if (start < 0 || start % 4 !== 0) {
    const problem = `header_offset 0x${header.headerOffset.toString(16)} does not fit a header at 0x${position.toString(16)}`;
    throw whole.error("bad-offset", position + 0x74, "header_item", problem);
  }
  const view = start === 0 ? whole : whole.view(start, bytes.length - start, "header_item");
  noteSizes(view, header.headerOffset, header, HEADER_SIZE_V41, bytes.length - position, diagnostics);
  const lists = readIdLists(view, header, diagnostics);
  return new DexFile({ view, header, lists, limits, members });
}

/** Compares what a header says of sizes with what there is. */
function noteSizes(
  view: ByteView,
  headerOff: number,
  header: HeaderItem,
  headerSize: number,
  available: number,
  diagnostics: Diagnostics,
): void {
  if (header.headerSize !== headerSize) {
    const problem = `header_size is ${header.headerSize}, not ${headerSize}, and Android refuses such a file`;
    note(view, "bad-value", headerOff + 0x24, problem, diagnostics);
  }
  if (header.version < CONTAINER_VERSION || header.fileSize > available) {
    noteEnd(view, headerOff + 0x20, "file_size", header.fileSize, available, diagnostics);
  }
}

function noteEnd(
  view: ByteView,
  offset: number,
  field: string,
  said: number,
  available: number,
  diagnostics: Diagnostics,
): void {
  const end = `the file ends at 0x${(view.base + view.length).toString(16)}`;
  if (said > available) {
    const problem = `${field} is 0x${said.toString(16)}, but ${end}`;
    diagnostics.push(diagnoseUnread(view.error("truncated", offset, "header_item", problem)));
  } else if (said < available) {
    note(view, "bad-value", offset, `${field} is 0x${said.toString(16)}, but ${end}`, diagnostics);
  }
}

function note(
  view: ByteView,
  code: FormatErrorCode,
  offset: number,
  problem: string,
  diagnostics: Diagnostics,
): void {
  diagnostics.push({ ...diagnoseUnread(view.error(code, offset, "header_item", problem)), effect: "odd" });
}
