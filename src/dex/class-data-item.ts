import { Leb128Reader } from "../bytes/index.js";
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

const STRUCTURE = "class_data_item";

/**
 * Reads what a class defines, member by member, without keeping anything.
 *
 * Throws when a member is another class's: ART refuses such a file, and the check keeps many
 * class_defs from sharing one long list.
 */
export class ClassDataReader {
  readonly #dex: DexFile;
  readonly #leb128: Leb128Reader;
  #classIdx = 0;
  staticFieldsSize = 0;
  instanceFieldsSize = 0;
  directMethodsSize = 0;
  virtualMethodsSize = 0;
  /** Of the member read last. */
  memberIdx = 0;
  /** Of the member read last. */
  accessFlags = 0;
  /** Of the method read last. */
  codeOff = 0;

  constructor(dex: DexFile) {
    this.#dex = dex;
    this.#leb128 = new Leb128Reader(dex.view, 0);
  }

  /** Goes to the class_data_item at `classDataOff`, which belongs to the type `classIdx`. */
  start(classDataOff: number, classIdx: number): void {
    const leb128 = this.#leb128;
    leb128.offset = classDataOff;
    this.#classIdx = classIdx;
    this.staticFieldsSize = leb128.unsigned(STRUCTURE);
    this.instanceFieldsSize = leb128.unsigned(STRUCTURE);
    this.directMethodsSize = leb128.unsigned(STRUCTURE);
    this.virtualMethodsSize = leb128.unsigned(STRUCTURE);
    const fields = this.staticFieldsSize + this.instanceFieldsSize;
    const methods = this.directMethodsSize + this.virtualMethodsSize;
    this.#dex.view.need(leb128.offset, fields * 2 + methods * 3, STRUCTURE);
  }

  /** Before the first member of each of the four lists: its index is no difference. */
  startList(): void {
    this.memberIdx = 0;
  }

  /** Steps over both lists of fields. */
  skipFields(): void {
    this.startList();
    for (let i = 0; i < this.staticFieldsSize; i++) this.readField();
    this.startList();
    for (let i = 0; i < this.instanceFieldsSize; i++) this.readField();
  }

  readField(): void {
    const leb128 = this.#leb128;
    const at = leb128.offset;
    this.memberIdx += leb128.unsigned(STRUCTURE);
    this.accessFlags = leb128.unsigned(STRUCTURE);
    const { fieldIdsSize, fieldIds16 } = this.#dex;
    if (this.memberIdx >= fieldIdsSize || fieldIds16[this.memberIdx * 4] !== this.#classIdx) {
      throw this.#foreign(at, "field", fieldIdsSize);
    }
  }

  readMethod(): void {
    const leb128 = this.#leb128;
    const at = leb128.offset;
    this.memberIdx += leb128.unsigned(STRUCTURE);
    this.accessFlags = leb128.unsigned(STRUCTURE);
    this.codeOff = leb128.unsigned(STRUCTURE);
    const { methodIdsSize, methodIds16 } = this.#dex;
    if (this.memberIdx >= methodIdsSize || methodIds16[this.memberIdx * 4] !== this.#classIdx) {
      throw this.#foreign(at, "method", methodIdsSize);
    }
  }

  #foreign(at: number, member: "field" | "method", size: number): Error {
    const { view } = this.#dex;
    return this.memberIdx >= size
      ? view.error("bad-offset", at, STRUCTURE, `${member}_idx ${this.memberIdx} is not below ${size}`)
      : view.error(
          "bad-value",
          at,
          STRUCTURE,
          `${member}_idx ${this.memberIdx} is a ${member} of another class`,
        );
  }
}

/** Reads the class_data_item of a class_def_item; empty lists where it has none. */
export function readClassDataItem(dex: DexFile, classDef: ClassDefItem): ClassDataItem {
  if (classDef.classDataOff === 0) {
    return { staticFields: [], instanceFields: [], directMethods: [], virtualMethods: [] };
  }
  const reader = new ClassDataReader(dex);
  reader.start(classDef.classDataOff, classDef.classIdx);
  return {
    staticFields: readFields(reader, reader.staticFieldsSize),
    instanceFields: readFields(reader, reader.instanceFieldsSize),
    directMethods: readMethods(reader, reader.directMethodsSize),
    virtualMethods: readMethods(reader, reader.virtualMethodsSize),
  };
}

function readFields(reader: ClassDataReader, size: number): EncodedField[] {
  const fields: EncodedField[] = [];
  reader.startList();
  for (let i = 0; i < size; i++) {
    reader.readField();
    fields.push({ fieldIdx: reader.memberIdx, accessFlags: reader.accessFlags });
  }
  return fields;
}

function readMethods(reader: ClassDataReader, size: number): EncodedMethod[] {
  const methods: EncodedMethod[] = [];
  reader.startList();
  for (let i = 0; i < size; i++) {
    reader.readMethod();
    methods.push({
      methodIdx: reader.memberIdx,
      accessFlags: reader.accessFlags,
      codeOff: reader.codeOff,
    });
  }
  return methods;
}
