import { FormatError } from "../diagnostics/index.js";
import type { DexFile } from "./dex-file.js";
import { type EncodedValue, readEncodedArray } from "./encoded-value.js";

const TYPE_CALL_SITE_ID_ITEM = 0x0007;
const TYPE_METHOD_HANDLE_ITEM = 0x0008;

const MAP_ITEM_SIZE = 12;
const METHOD_HANDLE_ITEM_SIZE = 8;
const CALL_SITE_ID_ITEM_SIZE = 4;

/** More than there are types of map items: ART refuses a second one of a type. */
const MAX_MAP_ITEMS = 64;

/** What a method handle does, by the specification's method handle type codes. */
export type MethodHandleType =
  | "static-put"
  | "static-get"
  | "instance-put"
  | "instance-get"
  | "invoke-static"
  | "invoke-instance"
  | "invoke-constructor"
  | "invoke-direct"
  | "invoke-interface";

const METHOD_HANDLE_TYPES: readonly MethodHandleType[] = [
  "static-put",
  "static-get",
  "instance-put",
  "instance-get",
  "invoke-static",
  "invoke-instance",
  "invoke-constructor",
  "invoke-direct",
  "invoke-interface",
];

/** method_handle_item: a field or method that code can reach through a handle. */
export interface MethodHandleItem {
  readonly methodHandleType: MethodHandleType;
  /** Index into field_ids for a put or get, into method_ids for an invoke. */
  readonly fieldOrMethodIdx: number;
}

/** A section that only the map_list locates. */
interface MapSection {
  readonly size: number;
  readonly offset: number;
}

/** How many method_handle_items there are; 0 for a file without a map_list. */
export function readMethodHandlesSize(dex: DexFile): number {
  return readSection(dex, TYPE_METHOD_HANDLE_ITEM, METHOD_HANDLE_ITEM_SIZE).size;
}

/** How many call_site_id_items there are. */
export function readCallSitesSize(dex: DexFile): number {
  return readSection(dex, TYPE_CALL_SITE_ID_ITEM, CALL_SITE_ID_ITEM_SIZE).size;
}

/** Reads the method_handle_item that `const-method-handle` or an encoded value names. */
export function readMethodHandleItem(dex: DexFile, methodHandleIdx: number): MethodHandleItem {
  const offset = itemOffset(
    dex,
    TYPE_METHOD_HANDLE_ITEM,
    methodHandleIdx,
    METHOD_HANDLE_ITEM_SIZE,
    "method_handle_item",
  );
  const code = dex.view.u16(offset, "method_handle_item");
  const methodHandleType = METHOD_HANDLE_TYPES[code];
  if (methodHandleType === undefined) {
    throw dex.view.error(
      "bad-value",
      offset,
      "method_handle_item",
      `method_handle_type ${code} is not defined`,
    );
  }
  const fieldOrMethodIdx = dex.view.u16(offset + 4, "method_handle_item");
  const size = methodHandleType.startsWith("invoke") ? dex.methodIdsSize : dex.fieldIdsSize;
  if (fieldOrMethodIdx < size) return { methodHandleType, fieldOrMethodIdx };
  const problem = `field_or_method_id ${fieldOrMethodIdx} is not below ${size}`;
  throw dex.view.error("bad-offset", offset + 4, "method_handle_item", problem);
}

/**
 * Reads the call_site_item that `invoke-custom` names: a method handle of the bootstrap method, the
 * method's name, its type, then what else the bootstrap method is given.
 */
export function readCallSiteItem(dex: DexFile, callSiteIdx: number): EncodedValue[] {
  const offset = itemOffset(
    dex,
    TYPE_CALL_SITE_ID_ITEM,
    callSiteIdx,
    CALL_SITE_ID_ITEM_SIZE,
    "call_site_id_item",
  );
  return readEncodedArray(dex, dex.view.u32(offset, "call_site_id_item"));
}

function itemOffset(dex: DexFile, type: number, index: number, itemSize: number, structure: string): number {
  const { size, offset } = readSection(dex, type, itemSize);
  if (index < size) return offset + index * itemSize;
  throw new FormatError(
    "bad-offset",
    { source: dex.source, structure },
    `index ${index} is not below ${size}`,
  );
}

/** The section of one type of item; its size counts the items inside the file. */
function readSection(dex: DexFile, type: number, itemSize: number): MapSection {
  const { view } = dex;
  const { mapOff } = dex.header;
  if (mapOff === 0) return { size: 0, offset: 0 };
  const size = view.u32(mapOff, "map_list");
  if (size > MAX_MAP_ITEMS) throw view.error("bad-value", mapOff, "map_list", `has ${size} items`);
  for (let i = 0; i < size; i++) {
    const at = mapOff + 4 + i * MAP_ITEM_SIZE;
    if (view.u16(at, "map_item") !== type) continue;
    const offset = view.u32(at + 8, "map_item");
    const inside = Math.max(0, Math.floor((view.length - offset) / itemSize));
    return { size: Math.min(view.u32(at + 4, "map_item"), inside), offset };
  }
  return { size: 0, offset: 0 };
}
