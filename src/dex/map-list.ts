import { FormatError } from "../diagnostics/index.js";
import type { DexFile } from "./dex-file.js";
import { type EncodedValue, readEncodedArray } from "./encoded-value.js";

const TYPE_CALL_SITE_ID_ITEM = 0x0007;
const TYPE_METHOD_HANDLE_ITEM = 0x0008;

const MAP_ITEM_SIZE = 12;

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

/** The section of the two item types that only the map_list locates; `undefined` where there is none. */
interface MapSection {
  readonly size: number;
  readonly offset: number;
}

/** Reads the method_handle_item that `const-method-handle` or an encoded value names. */
export function readMethodHandleItem(dex: DexFile, methodHandleIdx: number): MethodHandleItem {
  const offset = itemOffset(dex, TYPE_METHOD_HANDLE_ITEM, methodHandleIdx, 8, "method_handle_item");
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
  const offset = itemOffset(dex, TYPE_CALL_SITE_ID_ITEM, callSiteIdx, 4, "call_site_id_item");
  return readEncodedArray(dex, dex.view.u32(offset, "call_site_id_item"));
}

function itemOffset(dex: DexFile, type: number, index: number, itemSize: number, structure: string): number {
  const section = findSection(dex, type);
  const size = section?.size ?? 0;
  if (section !== undefined && index < size) return section.offset + index * itemSize;
  throw new FormatError(
    "bad-offset",
    { source: dex.source, structure },
    `index ${index} is not below ${size}`,
  );
}

function findSection(dex: DexFile, type: number): MapSection | undefined {
  const { view } = dex;
  const { mapOff } = dex.header;
  if (mapOff === 0) return undefined;
  const size = view.u32(mapOff, "map_list");
  if (size > MAX_MAP_ITEMS) throw view.error("bad-value", mapOff, "map_list", `has ${size} items`);
  for (let i = 0; i < size; i++) {
    const at = mapOff + 4 + i * MAP_ITEM_SIZE;
    if (view.u16(at, "map_item") !== type) continue;
    return { size: view.u32(at + 4, "map_item"), offset: view.u32(at + 8, "map_item") };
  }
  return undefined;
}
