import type { ByteView } from "../bytes/index.js";
import { type Diagnostics, diagnoseUnread } from "../diagnostics/index.js";
import { CLASS_DEF_WORDS } from "./class-def-item.js";
import type { HeaderItem } from "./header-item.js";

/** The id lists and class_defs of one DEX file as 32-bit words, laid over the file's bytes. */
export interface IdLists {
  /** One word an item: string_data_off. */
  readonly stringIds: Uint32Array;
  /** One word an item: descriptor_idx. */
  readonly typeIds: Uint32Array;
  /** Three words an item: shorty_idx, return_type_idx, parameters_off. */
  readonly protoIds: Uint32Array;
  /** Two words an item: class_idx and type_idx in halves, name_idx. */
  readonly fieldIds: Uint32Array;
  /** Two words an item: class_idx and proto_idx in halves, name_idx. */
  readonly methodIds: Uint32Array;
  /** Eight words an item. */
  readonly classDefs: Uint32Array;
}

/**
 * Reads the id lists of a header. Of a list that runs past the end of the file the items inside are
 * kept, and a diagnostic says so. A list at an odd place, or out of order, is noted and read: Android
 * refuses such a file.
 */
export function readIdLists(view: ByteView, header: HeaderItem, diagnostics: Diagnostics): IdLists {
  const list = (structure: string, size: number, offset: number, words: number) =>
    readList(view, structure, size, offset, words, diagnostics);
  const lists = {
    stringIds: list("string_ids", header.stringIdsSize, header.stringIdsOff, 1),
    typeIds: list("type_ids", header.typeIdsSize, header.typeIdsOff, 1),
    protoIds: list("proto_ids", header.protoIdsSize, header.protoIdsOff, 3),
    fieldIds: list("field_ids", header.fieldIdsSize, header.fieldIdsOff, 2),
    methodIds: list("method_ids", header.methodIdsSize, header.methodIdsOff, 2),
    classDefs: list("class_defs", header.classDefsSize, header.classDefsOff, CLASS_DEF_WORDS),
  };
  noteOrder(view, "type_ids", header.typeIdsOff, 1, findUnsortedWord(lists.typeIds), diagnostics);
  return lists;
}

function readList(
  view: ByteView,
  structure: string,
  size: number,
  offset: number,
  words: number,
  diagnostics: Diagnostics,
): Uint32Array {
  const inside = Math.max(0, Math.min(size, Math.floor((view.length - offset) / (words * 4))));
  if (inside < size) {
    const problem = `has ${size} items, but the file ends at 0x${(view.base + view.length).toString(16)}, after ${inside}`;
    diagnostics.push(diagnoseUnread(view.error("truncated", offset, structure, problem)));
  }
  if (inside === 0) return new Uint32Array(0);
  const { buffer, byteOffset } = view.bytes;
  const start = byteOffset + offset;
  if (start % 4 === 0) return new Uint32Array(buffer, start, inside * words);
  const problem = "is not 4-byte aligned, and Android refuses such a file";
  diagnostics.push({
    ...diagnoseUnread(view.error("bad-offset", offset, structure, problem)),
    effect: "odd",
  });
  return new Uint32Array(buffer.slice(start, start + inside * words * 4));
}

function noteOrder(
  view: ByteView,
  structure: string,
  offset: number,
  words: number,
  unsorted: number | undefined,
  diagnostics: Diagnostics,
): void {
  if (unsorted === undefined) return;
  const problem = `item ${unsorted} is out of order, and Android refuses such a file`;
  const error = view.error("bad-value", offset + unsorted * words * 4, structure, problem);
  diagnostics.push({ ...diagnoseUnread(error), effect: "odd" });
}

/** The first of type_ids that does not come after the one before it. */
function findUnsortedWord(words: Uint32Array): number | undefined {
  for (let i = 1; i < words.length; i++) {
    if (words[i]! <= words[i - 1]!) return i;
  }
  return undefined;
}
