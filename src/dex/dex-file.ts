import { ByteView } from "../bytes/index.js";
import { FormatError, type Limits } from "../diagnostics/index.js";
import { type ClassDataItem, readClassDataItem } from "./class-data-item.js";
import { CLASS_DEF_FIELDS, CLASS_DEF_WORDS, type ClassDefItem, readClassDefItem } from "./class-def-item.js";
import {
  readDefinedMethods,
  readInterfaceTypes,
  readReturnedString,
  readStaticString,
} from "./class-lookup.js";
import { type EncodedValue, readEncodedArray } from "./encoded-value.js";
import type { HeaderItem } from "./header-item.js";
import type { IdLists } from "./id-lists.js";
import {
  type MethodHandleItem,
  readCallSiteItem,
  readCallSitesSize,
  readMethodHandleItem,
  readMethodHandlesSize,
} from "./map-list.js";
import { readMethodAnnotations } from "./method-annotations.js";
import { StringIndex } from "./string-index.js";
import { StringTable } from "./string-table.js";

/** An invoke names at most 255 argument registers. */
const MAX_PARAMETERS = 255;

/** Far above any real class; bounds what many class_defs that share one long list can cost. */
const MAX_INTERFACES = 1_000;

/** Of one type or method descriptor, in characters: what a Java class file can hold. */
const MAX_DESCRIPTOR = 0xffff;

/** How often over the bytes of a file may be read through references that share them. */
const REUSE = 16;

/** What makes a {@link DexFile}; see there. */
export interface DexFileParts {
  readonly view: ByteView;
  readonly header: HeaderItem;
  readonly lists: IdLists;
  readonly limits: Limits;
  /** DEX files that lie in these bytes: over 1 in a container only. */
  readonly members: number;
  /** Where names were restored. */
  readonly restored?: RestoredNames;
}

/** Original names, put in the place of those that an obfuscator made up. */
export interface RestoredNames {
  /** What `lists.stringIds` counts into: the file's bytes and, behind them, the strings that were added. */
  readonly stringBytes: Uint8Array;
  /** string_ids as the file has it: in order, and without the strings that were added. */
  readonly ownStringIds: Uint32Array;
  /** method_ids and field_ids as the file has them: a member is named on the class that it came from. */
  readonly ownMethodIds: Uint32Array;
  readonly ownFieldIds: Uint32Array;
  /** What methods took and returned whose signature was changed, by method_ids index. */
  readonly changedMethods: ReadonlyMap<number, string>;
  /** Classes that the file defines, of those that the mapping names. */
  readonly mappedClasses: number;
  /** Those of {@link mappedClasses} that had another name. */
  readonly renamedClasses: number;
  /** Members that the mapping names with this signature, of classes that the file defines. */
  readonly fittingMembers: number;
  /** Members whose name the mapping has, but with no such signature. */
  readonly strangeMembers: number;
}

/**
 * One DEX file, laid over its bytes: nothing is copied, and nothing decoded before it is asked for.
 *
 * The id lists are typed arrays over the bytes, whose bounds were checked once; on a big-endian host
 * they would read wrong, so there {@link readDexFiles} refuses to. `…Size` counts the items that can be
 * read, which is less than the header says where the file is cut. Methods throw {@link FormatError} for
 * an index or offset that points nowhere.
 */
export class DexFile {
  /** Name of the file or archive entry; `classes.dex!1` for the second DEX file of a container. */
  readonly source: string;
  readonly view: ByteView;
  /** What all offsets count from: the DEX file, or the whole container that it is part of. 4-byte aligned. */
  readonly bytes: Uint8Array;
  /** Of {@link bytes}. */
  readonly length: number;
  /** What {@link stringIds} counts into: {@link bytes}, or a copy with original names behind them. */
  readonly stringBytes: Uint8Array;
  /** {@link bytes} as 16-bit code units: instructions at byte offset `insnsOff` begin at `insnsOff / 2`. */
  readonly codeUnits: Uint16Array;
  readonly header: HeaderItem;
  /** 35 to 41. */
  readonly version: number;
  /** DEX files that lie in {@link bytes}. */
  readonly members: number;
  /** `undefined` where names are as the file has them. */
  readonly restored: RestoredNames | undefined;
  readonly limits: Limits;
  /** Bytes that walking all code may cost: real files share some code items, hostile ones all. */
  readonly codeBudget: number;

  readonly stringIdsSize: number;
  readonly typeIdsSize: number;
  readonly protoIdsSize: number;
  readonly fieldIdsSize: number;
  readonly methodIdsSize: number;
  readonly classDefsSize: number;

  /** string_data_off by string index. */
  readonly stringIds: Uint32Array;
  /** descriptor_idx by type index. */
  readonly typeIds: Uint32Array;
  /** Three a prototype: shorty_idx, return_type_idx, parameters_off. */
  readonly protoIds: Uint32Array;
  /** Four a field: class_idx, type_idx, name_idx (two). */
  readonly fieldIds16: Uint16Array;
  /** Two a field, the second its name_idx. */
  readonly fieldIds32: Uint32Array;
  /** Four a method: class_idx, proto_idx, name_idx (two). */
  readonly methodIds16: Uint16Array;
  /** Two a method, the second its name_idx. */
  readonly methodIds32: Uint32Array;
  /** {@link fieldIds16} and {@link methodIds16} as the file has them: by them a class defines its members. */
  readonly ownFieldIds16: Uint16Array;
  readonly ownMethodIds16: Uint16Array;
  /** Eight a class, in the order of {@link ClassDefItem}. */
  readonly classDefs: Uint32Array;

  readonly #strings: StringTable;
  /** As the file has them, in its order. */
  readonly #ownStrings: StringTable;
  readonly #stringIndex: StringIndex;
  readonly #typeIndex: StringIndex;

  constructor({ view, header, lists, limits, members, restored }: DexFileParts) {
    const { bytes, source } = view;
    const budget = Math.ceil((REUSE * bytes.length) / members);
    this.source = source;
    this.view = view;
    this.bytes = bytes;
    this.length = bytes.length;
    this.stringBytes = restored?.stringBytes ?? bytes;
    this.codeUnits = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length >>> 1);
    this.header = header;
    this.version = header.version;
    this.members = members;
    this.restored = restored;
    this.limits = limits;
    this.codeBudget = budget;
    this.stringIds = lists.stringIds;
    this.typeIds = lists.typeIds;
    this.protoIds = lists.protoIds;
    this.fieldIds16 = halves(lists.fieldIds);
    this.fieldIds32 = lists.fieldIds;
    this.methodIds16 = halves(lists.methodIds);
    this.methodIds32 = lists.methodIds;
    this.ownFieldIds16 = restored === undefined ? this.fieldIds16 : halves(restored.ownFieldIds);
    this.ownMethodIds16 = restored === undefined ? this.methodIds16 : halves(restored.ownMethodIds);
    this.classDefs = lists.classDefs;
    this.stringIdsSize = lists.stringIds.length;
    this.typeIdsSize = lists.typeIds.length;
    this.protoIdsSize = lists.protoIds.length / 3;
    this.fieldIdsSize = lists.fieldIds.length / 2;
    this.methodIdsSize = lists.methodIds.length / 2;
    this.classDefsSize = lists.classDefs.length / CLASS_DEF_WORDS;
    this.#ownStrings = new StringTable(view, restored?.ownStringIds ?? lists.stringIds, budget);
    this.#strings =
      restored === undefined
        ? this.#ownStrings
        : new StringTable(new ByteView(restored.stringBytes, source, view.base), lists.stringIds, budget);
    this.#stringIndex = new StringIndex(
      this.#ownStrings,
      restored?.ownStringIds.length ?? this.stringIdsSize,
    );
    this.#typeIndex = new StringIndex(this.#strings, this.typeIdsSize, lists.typeIds);
  }

  /** The text at an index into string_ids, decoded once. */
  string(stringIdx: number): string {
    return this.#strings.text(stringIdx);
  }

  /** The same; `undefined` where there is no text to read, for loops over all of a hostile file's strings. */
  findString(stringIdx: number): string | undefined {
    return this.#strings.find(stringIdx);
  }

  /** The index of one of the file's own strings into string_ids. */
  findStringIdx(text: string): number | undefined {
    return this.#stringIndex.find(text);
  }

  /** The file's own strings that begin with a text, in order, at most so many; none where they are in no order. */
  stringsBeginningWith(start: string, most: number): string[] {
    const found: string[] = [];
    for (let stringIdx = this.#stringIndex.findStart(start) ?? Infinity; found.length < most; stringIdx++) {
      const text = this.#ownStrings.find(stringIdx);
      if (text === undefined || !text.startsWith(start)) break;
      found.push(text);
    }
    return found;
  }

  /** `Lcom/acme/Sdk;`, `[I`, `V`. */
  typeDescriptor(typeIdx: number): string {
    if (!(typeIdx < this.typeIdsSize)) throw this.#badIndex("type_ids", typeIdx, this.typeIdsSize);
    const descriptor = this.#strings.text(this.typeIds[typeIdx]!);
    if (descriptor.length > MAX_DESCRIPTOR) throw this.#tooLong("type_ids");
    return descriptor;
  }

  /** The same; `undefined` where there is no text to read, for loops over all of a hostile file's types. */
  findTypeDescriptor(typeIdx: number): string | undefined {
    if (!(typeIdx < this.typeIdsSize)) return undefined;
    const descriptor = this.#strings.find(this.typeIds[typeIdx]!);
    return descriptor === undefined || descriptor.length > MAX_DESCRIPTOR ? undefined : descriptor;
  }

  /** The index of a type into type_ids, by descriptor. */
  findTypeIdx(descriptor: string): number | undefined {
    return this.#typeIndex.find(descriptor);
  }

  /** `(Landroid/content/Context;I)V`. Not kept. */
  protoDescriptor(protoIdx: number): string {
    if (!(protoIdx < this.protoIdsSize)) throw this.#badIndex("proto_ids", protoIdx, this.protoIdsSize);
    const returnTypeIdx = this.protoIds[protoIdx * 3 + 1]!;
    const parametersOff = this.protoIds[protoIdx * 3 + 2]!;
    let text = "(";
    for (const typeIdx of this.#typeList(parametersOff, MAX_PARAMETERS)) {
      text += this.typeDescriptor(typeIdx);
      if (text.length > MAX_DESCRIPTOR) throw this.#tooLong("proto_ids");
    }
    return `${text})${this.typeDescriptor(returnTypeIdx)}`;
  }

  /** Types of a prototype's parameters, as indices into type_ids. */
  protoParameters(protoIdx: number): Uint16Array {
    if (!(protoIdx < this.protoIdsSize)) throw this.#badIndex("proto_ids", protoIdx, this.protoIdsSize);
    return this.#typeList(this.protoIds[protoIdx * 3 + 2]!, MAX_PARAMETERS);
  }

  /** Index into type_ids. */
  protoReturnTypeIdx(protoIdx: number): number {
    if (!(protoIdx < this.protoIdsSize)) throw this.#badIndex("proto_ids", protoIdx, this.protoIdsSize);
    return this.protoIds[protoIdx * 3 + 1]!;
  }

  methodClassIdx(methodIdx: number): number {
    if (!(methodIdx < this.methodIdsSize)) throw this.#badIndex("method_ids", methodIdx, this.methodIdsSize);
    return this.methodIds16[methodIdx * 4]!;
  }

  methodProtoIdx(methodIdx: number): number {
    if (!(methodIdx < this.methodIdsSize)) throw this.#badIndex("method_ids", methodIdx, this.methodIdsSize);
    return this.methodIds16[methodIdx * 4 + 1]!;
  }

  /**
   * What a method takes and returns: originally, where an optimizer changed it and the mapping tells. What its
   * callers pass says {@link protoDescriptor}.
   */
  methodDescriptor(methodIdx: number): string {
    return (
      this.restored?.changedMethods.get(methodIdx) ?? this.protoDescriptor(this.methodProtoIdx(methodIdx))
    );
  }

  methodNameIdx(methodIdx: number): number {
    if (!(methodIdx < this.methodIdsSize)) throw this.#badIndex("method_ids", methodIdx, this.methodIdsSize);
    return this.methodIds32[methodIdx * 2 + 1]!;
  }

  /** The class, as an index into type_ids, that a method is in, whichever it came from. */
  ownMethodClassIdx(methodIdx: number): number {
    if (!(methodIdx < this.methodIdsSize)) throw this.#badIndex("method_ids", methodIdx, this.methodIdsSize);
    return this.ownMethodIds16[methodIdx * 4]!;
  }

  /** Name and descriptor of a method as callers name it, whatever it was called: `a(I)V`, for one `start(I)V` was. */
  ownSignature(methodIdx: number): string {
    if (!(methodIdx < this.methodIdsSize)) throw this.#badIndex("method_ids", methodIdx, this.methodIdsSize);
    const ids = this.ownMethodIds16;
    const nameIdx = ids[methodIdx * 4 + 2]! | (ids[methodIdx * 4 + 3]! << 16);
    return this.string(nameIdx >>> 0) + this.protoDescriptor(ids[methodIdx * 4 + 1]!);
  }

  /** `Lcom/acme/Sdk;->start(I)V`. Not kept. */
  methodRef(methodIdx: number): string {
    const owner = this.typeDescriptor(this.methodClassIdx(methodIdx));
    const name = this.string(this.methodNameIdx(methodIdx));
    return `${owner}->${name}${this.methodDescriptor(methodIdx)}`;
  }

  fieldClassIdx(fieldIdx: number): number {
    if (!(fieldIdx < this.fieldIdsSize)) throw this.#badIndex("field_ids", fieldIdx, this.fieldIdsSize);
    return this.fieldIds16[fieldIdx * 4]!;
  }

  /** The class, as an index into type_ids, that a field is in, whichever it came from. */
  ownFieldClassIdx(fieldIdx: number): number {
    if (!(fieldIdx < this.fieldIdsSize)) throw this.#badIndex("field_ids", fieldIdx, this.fieldIdsSize);
    return this.ownFieldIds16[fieldIdx * 4]!;
  }

  fieldTypeIdx(fieldIdx: number): number {
    if (!(fieldIdx < this.fieldIdsSize)) throw this.#badIndex("field_ids", fieldIdx, this.fieldIdsSize);
    return this.fieldIds16[fieldIdx * 4 + 1]!;
  }

  fieldNameIdx(fieldIdx: number): number {
    if (!(fieldIdx < this.fieldIdsSize)) throw this.#badIndex("field_ids", fieldIdx, this.fieldIdsSize);
    return this.fieldIds32[fieldIdx * 2 + 1]!;
  }

  /** `Lcom/acme/Sdk;->key:Ljava/lang/String;`. Not kept. */
  fieldRef(fieldIdx: number): string {
    const owner = this.typeDescriptor(this.fieldClassIdx(fieldIdx));
    const name = this.string(this.fieldNameIdx(fieldIdx));
    return `${owner}->${name}:${this.typeDescriptor(this.fieldTypeIdx(fieldIdx))}`;
  }

  classDef(classDefIdx: number): ClassDefItem {
    if (!(classDefIdx < this.classDefsSize))
      throw this.#badIndex("class_defs", classDefIdx, this.classDefsSize);
    return readClassDefItem(this.classDefs, classDefIdx);
  }

  /** The interfaces a class names itself, as indices into type_ids. */
  interfaces(classDef: ClassDefItem): Uint16Array {
    return this.#typeList(classDef.interfacesOff, MAX_INTERFACES);
  }

  /** The members a class defines; empty lists where it has none. */
  classData(classDef: ClassDefItem): ClassDataItem {
    return readClassDataItem(this, classDef);
  }

  /**
   * Initial values of the first static fields, in the order of `classData(classDef).staticFields`; a
   * field past the last of them starts as 0 or null.
   */
  staticValues(classDef: ClassDefItem): EncodedValue[] {
    return classDef.staticValuesOff === 0 ? [] : readEncodedArray(this, classDef.staticValuesOff);
  }

  /** Types of the annotations of a class's methods, as indexes into type_ids, by method_ids index. */
  methodAnnotations(classDef: ClassDefItem): Map<number, number[]> {
    return readMethodAnnotations(this, classDef);
  }

  /** Descriptor of a class that the file defines. */
  classDescriptor(classDefIdx: number): string {
    return this.typeDescriptor(this.classDef(classDefIdx).classIdx);
  }

  /** The same; `undefined` where it cannot be read. */
  findClassDescriptor(classDefIdx: number): string | undefined {
    return this.findTypeDescriptor(
      this.classDefs[classDefIdx * CLASS_DEF_WORDS + CLASS_DEF_FIELDS.classIdx]!,
    );
  }

  /** `undefined` where there is none, or it cannot be read. */
  superclassDescriptor(classDefIdx: number): string | undefined {
    const { superclassIdx } = this.classDef(classDefIdx);
    return superclassIdx === undefined ? undefined : this.findTypeDescriptor(superclassIdx);
  }

  /** The interfaces that a class names itself, as indices into type_ids; none where they cannot be read. */
  interfaceTypes(classDefIdx: number): Uint16Array {
    return readInterfaceTypes(this, classDefIdx);
  }

  /** method_ids indexes of the methods that a class defines, by name. */
  definedMethods(classDefIdx: number): Map<string, number[]> {
    return readDefinedMethods(this, classDefIdx);
  }

  /** The constant initial value of a class's static String field, by the field's name. */
  staticString(classDefIdx: number, name: string): string | undefined {
    return readStaticString(this, classDefIdx, name);
  }

  /** The String constant that a method of a class, by smali reference, does nothing but return. */
  returnedString(classDefIdx: number, methodRef: string): string | undefined {
    return readReturnedString(this, classDefIdx, methodRef);
  }

  /** How many method handles there are. */
  get methodHandlesSize(): number {
    return readMethodHandlesSize(this);
  }

  /** How many call sites there are. */
  get callSitesSize(): number {
    return readCallSitesSize(this);
  }

  /** What `const-method-handle` names. */
  methodHandle(methodHandleIdx: number): MethodHandleItem {
    return readMethodHandleItem(this, methodHandleIdx);
  }

  /** What `invoke-custom` names: method handle of the bootstrap method, name, method type, extras. */
  callSite(callSiteIdx: number): EncodedValue[] {
    return readCallSiteItem(this, callSiteIdx);
  }

  #typeList(offset: number, limit: number): Uint16Array {
    if (offset === 0) return new Uint16Array(0);
    const size = this.view.u32(offset, "type_list");
    if (offset % 2 !== 0) throw this.view.error("bad-offset", offset, "type_list", "is at an odd offset");
    if (size > limit) throw this.view.error("limit", offset, "type_list", `has ${size} items, over ${limit}`);
    this.view.need(offset + 4, size * 2, "type_list");
    return this.codeUnits.subarray(offset / 2 + 2, offset / 2 + 2 + size);
  }

  #badIndex(structure: string, index: number, size: number): FormatError {
    const place = { source: this.source, structure };
    return new FormatError("bad-offset", place, `index ${index} is not below ${size}`);
  }

  #tooLong(structure: string): FormatError {
    const place = { source: this.source, structure };
    return new FormatError("limit", place, `a descriptor is longer than ${MAX_DESCRIPTOR} characters`);
  }
}

function halves(words: Uint32Array): Uint16Array {
  return new Uint16Array(words.buffer, words.byteOffset, words.length * 2);
}
