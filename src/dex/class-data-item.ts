import { Leb128Reader } from "../bytes/index.js";
import type { FormatError } from "../diagnostics/index.js";
import type { ClassDefItem } from "./class-def-item.js";
import type { DexFile } from "./dex-file.js";

/** encoded_field: a field that its class defines. */
export interface EncodedField {
  /** Index into field_ids. */
  readonly fieldIdx: number;
  readonly accessFlags: number;
}

/** encoded_method: a method that its class defines. */
export interface EncodedMethod {
  /** Index into method_ids. */
  readonly methodIdx: number;
  readonly accessFlags: number;
  /** Offset of a code_item; 0 for an abstract or native method. */
  readonly codeOff: number;
}

/** class_data_item: the members a class defines, each list in the file's order. */
export interface ClassDataItem {
  readonly staticFields: readonly EncodedField[];
  readonly instanceFields: readonly EncodedField[];
  /** Static and private methods and constructors. */
  readonly directMethods: readonly EncodedMethod[];
  /** All other methods, those without code too. */
  readonly virtualMethods: readonly EncodedMethod[];
}

/** For messages. */
export const CLASS_DATA_ITEM = "class_data_item";

/** The four sizes that a class_data_item begins with. */
export interface ClassDataSizes {
  readonly staticFieldsSize: number;
  readonly instanceFieldsSize: number;
  readonly directMethodsSize: number;
  readonly virtualMethodsSize: number;
}

/** Reads the sizes; there is room in the file for as many members. */
export function readClassDataSizes(dex: DexFile, reader: Leb128Reader): ClassDataSizes {
  const staticFieldsSize = reader.unsigned(CLASS_DATA_ITEM);
  const instanceFieldsSize = reader.unsigned(CLASS_DATA_ITEM);
  const directMethodsSize = reader.unsigned(CLASS_DATA_ITEM);
  const virtualMethodsSize = reader.unsigned(CLASS_DATA_ITEM);
  const fields = staticFieldsSize + instanceFieldsSize;
  const methods = directMethodsSize + virtualMethodsSize;
  dex.view.need(reader.offset, fields * 2 + methods * 3, CLASS_DATA_ITEM);
  return { staticFieldsSize, instanceFieldsSize, directMethodsSize, virtualMethodsSize };
}

/**
 * What is wrong with a member that is not in the id list, or is another class's there. ART refuses such
 * a file, and the check keeps many class_defs from sharing one long list.
 */
export function memberError(
  dex: DexFile,
  at: number,
  member: "field" | "method",
  index: number,
): FormatError {
  const size = member === "field" ? dex.fieldIdsSize : dex.methodIdsSize;
  return index < size
    ? dex.view.error(
        "bad-value",
        at,
        CLASS_DATA_ITEM,
        `${member}_idx ${index} is a ${member} of another class`,
      )
    : dex.view.error("bad-offset", at, CLASS_DATA_ITEM, `${member}_idx ${index} is not below ${size}`);
}

/** Reads the class_data_item of a class_def_item; empty lists where it has none. */
export function readClassDataItem(dex: DexFile, classDef: ClassDefItem): ClassDataItem {
  const { classIdx, classDataOff } = classDef;
  if (classDataOff === 0) {
    return { staticFields: [], instanceFields: [], directMethods: [], virtualMethods: [] };
  }
  const reader = new Leb128Reader(dex.view, classDataOff);
  const sizes = readClassDataSizes(dex, reader);
  return {
    staticFields: readFields(dex, reader, classIdx, sizes.staticFieldsSize),
    instanceFields: readFields(dex, reader, classIdx, sizes.instanceFieldsSize),
    directMethods: readMethods(dex, reader, classIdx, sizes.directMethodsSize),
    virtualMethods: readMethods(dex, reader, classIdx, sizes.virtualMethodsSize),
  };
}

function readFields(dex: DexFile, reader: Leb128Reader, classIdx: number, size: number): EncodedField[] {
  const fields: EncodedField[] = [];
  let fieldIdx = 0;
  for (let i = 0; i < size; i++) {
    const at = reader.offset;
    fieldIdx += reader.unsigned(CLASS_DATA_ITEM);
    const accessFlags = reader.unsigned(CLASS_DATA_ITEM);
    if (dex.ownFieldIds16[fieldIdx * 4] !== classIdx) throw memberError(dex, at, "field", fieldIdx);
    fields.push({ fieldIdx, accessFlags });
  }
  return fields;
}

function readMethods(dex: DexFile, reader: Leb128Reader, classIdx: number, size: number): EncodedMethod[] {
  const methods: EncodedMethod[] = [];
  let methodIdx = 0;
  for (let i = 0; i < size; i++) {
    const at = reader.offset;
    methodIdx += reader.unsigned(CLASS_DATA_ITEM);
    const accessFlags = reader.unsigned(CLASS_DATA_ITEM);
    const codeOff = reader.unsigned(CLASS_DATA_ITEM);
    if (dex.ownMethodIds16[methodIdx * 4] !== classIdx) throw memberError(dex, at, "method", methodIdx);
    methods.push({ methodIdx, accessFlags, codeOff });
  }
  return methods;
}
