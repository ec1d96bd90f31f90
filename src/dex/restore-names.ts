import { ByteView, encodeMutf8 } from "../bytes/index.js";
import { type Diagnostics, diagnoseUnread, FormatError, readOrUndefined } from "../diagnostics/index.js";
import { CLASS_DEF_FIELDS, CLASS_DEF_WORDS } from "./class-def-item.js";
import { DexFile } from "./dex-file.js";
import type { MappedClass, NameMapping, OriginalMember } from "./name-mapping.js";

/** Bytes that restored names may take, as a multiple of those of the files and of the mapping. */
const MOST_ADDED = 4;

/** Characters of method descriptors that are kept, as the same multiple. */
const MOST_PROTO_TEXT = 4;

/** Steps to ancestors that all of a file may cost: so many for each class and member on the average, and these. */
const STEPS = 20;
const LEAST_STEPS = 100_000;

/** A class_idx has 16 bits. */
const MOST_TYPES = 1 << 16;

/**
 * The same DEX files with the names that a mapping gives for theirs: classes, and with them every descriptor
 * and the constants that are a class's dotted name; methods and fields, also where a reference names a class
 * that inherits them. Code is as it was: a name is a string, and those that ids name are put behind the others.
 * A member that came from another class is named on that class.
 *
 * What is inherited over a class that another DEX file defines keeps the name that it has.
 *
 * @param bytes what the files lie in: one DEX file, or a container of several
 */
export function restoreNames(
  bytes: Uint8Array,
  dexFiles: readonly DexFile[],
  mapping: NameMapping,
  diagnostics: Diagnostics,
): DexFile[] {
  const added = new AddedStrings(bytes.length, MOST_ADDED * (bytes.length + mapping.size));
  const restored = dexFiles.map((dex) => {
    const start = dex.bytes.byteOffset - bytes.byteOffset;
    return { dex, start, names: new FileNames(dex, start, mapping, added, diagnostics) };
  });
  const whole = added.appendTo(bytes);
  return restored.map(({ dex, start, names }) => {
    const { source, base } = dex.view;
    return new DexFile({
      // The file ends where it ended: what was added is no place in it.
      view: new ByteView(whole.subarray(start, bytes.length), source, base),
      header: dex.header,
      lists: {
        stringIds: names.stringIds,
        typeIds: names.typeIds,
        protoIds: dex.protoIds,
        fieldIds: names.fieldIds,
        methodIds: names.methodIds,
        classDefs: dex.classDefs,
      },
      limits: dex.limits,
      members: dex.members,
      restored: {
        stringBytes: whole.subarray(start),
        ownStringIds: dex.stringIds,
        ownMethodIds: dex.methodIds32,
        ownFieldIds: dex.fieldIds32,
        changedMethods: names.changedMethods,
        mappedClasses: names.mappedClasses,
        renamedClasses: names.renamedClasses,
        fittingMembers: names.fittingMembers,
        strangeMembers: names.strangeMembers,
      },
    });
  });
}

/** string_data_items that are to come behind a file's bytes, each text once. */
class AddedStrings {
  readonly #offsets = new Map<string, number>();
  readonly #items: Uint8Array[] = [];
  #end: number;
  readonly #limit: number;

  constructor(start: number, most: number) {
    this.#end = start;
    this.#limit = start + most;
  }

  /** Its offset; `undefined` where it is one too many. */
  add(text: string): number | undefined {
    const known = this.#offsets.get(text);
    if (known !== undefined) return known;
    const item = makeStringDataItem(text);
    const offset = this.#end;
    if (offset + item.length > this.#limit) return undefined;
    this.#end += item.length;
    this.#items.push(item);
    this.#offsets.set(text, offset);
    return offset;
  }

  appendTo(bytes: Uint8Array): Uint8Array {
    const whole = new Uint8Array(this.#end);
    whole.set(bytes);
    let at = bytes.length;
    for (const item of this.#items) {
      whole.set(item, at);
      at += item.length;
    }
    return whole;
  }
}

/** utf16_size as uleb128, MUTF-8, NUL. */
function makeStringDataItem(text: string): Uint8Array {
  const item: number[] = [];
  let size = text.length;
  for (; size >= 0x80; size >>>= 7) item.push((size & 0x7f) | 0x80);
  item.push(size);
  const encoded = encodeMutf8(text);
  const bytes = new Uint8Array(item.length + encoded.length + 1);
  bytes.set(item);
  bytes.set(encoded, item.length);
  return bytes;
}

/** A method descriptor with original names, and as the file has it. */
interface Proto {
  readonly original: string;
  readonly residual: string;
}

/** The id lists of one DEX file with original names. */
class FileNames {
  readonly stringIds: Uint32Array;
  readonly typeIds: Uint32Array;
  readonly fieldIds: Uint32Array;
  readonly methodIds: Uint32Array;
  readonly changedMethods = new Map<number, string>();
  mappedClasses = 0;
  renamedClasses = 0;
  fittingMembers = 0;
  strangeMembers = 0;

  /** {@link fieldIds} and {@link methodIds} in halves. */
  readonly #fieldIds16: Uint16Array;
  readonly #methodIds16: Uint16Array;
  readonly #dex: DexFile;
  readonly #start: number;
  readonly #mapping: NameMapping;
  readonly #added: AddedStrings;
  readonly #diagnostics: Diagnostics;
  readonly #said = new Set<string>();
  /** Offsets of the strings that were added, in the order of their indexes. */
  readonly #addedOffsets: number[] = [];
  readonly #addedIdxs = new Map<number, number>();
  /** By original descriptor, the types that members came from. */
  readonly #typesByName = new Map<string, number>();
  /** Strings of the types that were added, in the order of their indexes. */
  readonly #addedTypes: number[] = [];
  /** By type_ids index. */
  readonly #classes: (MappedClass | undefined)[] = [];
  /** class_defs index of the class by type_ids index; -1 where the file does not define it. */
  readonly #classDefs: Int32Array;
  readonly #chains: (readonly MappedClass[] | undefined)[] = [];
  /** Most chains are empty, and share this. */
  readonly #noChain: readonly MappedClass[] = [];
  /** Steps from a class to one of its ancestors: when chains are built, and when members are looked for. */
  #stepsLeft: number;
  /** By proto_ids index; `null` for one that is spoilt. */
  readonly #protos: (Proto | null | undefined)[] = [];
  #protoTextLeft: number;

  constructor(
    dex: DexFile,
    start: number,
    mapping: NameMapping,
    added: AddedStrings,
    diagnostics: Diagnostics,
  ) {
    this.#dex = dex;
    this.#start = start;
    this.#mapping = mapping;
    this.#added = added;
    this.#diagnostics = diagnostics;
    this.#classDefs = new Int32Array(dex.typeIdsSize).fill(-1);
    this.#stepsLeft = STEPS * (dex.classDefsSize + dex.methodIdsSize + dex.fieldIdsSize) + LEAST_STEPS;
    this.#protoTextLeft = MOST_PROTO_TEXT * (dex.length + mapping.size);
    const typeIds = dex.typeIds.slice();
    this.fieldIds = dex.fieldIds32.slice();
    this.methodIds = dex.methodIds32.slice();
    this.#fieldIds16 = new Uint16Array(this.fieldIds.buffer);
    this.#methodIds16 = new Uint16Array(this.methodIds.buffer);
    this.#restoreTypes(typeIds);
    this.#countClasses();
    this.#restoreMethods();
    this.#restoreFields();
    this.typeIds = new Uint32Array(typeIds.length + this.#addedTypes.length);
    this.typeIds.set(typeIds);
    this.typeIds.set(this.#addedTypes, typeIds.length);
    const own = this.#restoreConstants();
    this.stringIds = new Uint32Array(own.length + this.#addedOffsets.length);
    this.stringIds.set(own);
    this.stringIds.set(this.#addedOffsets, own.length);
  }

  #restoreTypes(typeIds: Uint32Array): void {
    const dex = this.#dex;
    for (let typeIdx = 0; typeIdx < dex.typeIdsSize; typeIdx++) {
      const descriptor = dex.findTypeDescriptor(typeIdx);
      if (descriptor === undefined) continue;
      const dimensions = countDimensions(descriptor);
      const mapped = this.#mapping.find(dimensions === 0 ? descriptor : descriptor.slice(dimensions));
      if (dimensions === 0) this.#typesByName.set(mapped?.descriptor ?? descriptor, typeIdx);
      if (mapped === undefined) continue;
      if (dimensions === 0) this.#classes[typeIdx] = mapped;
      const original = descriptor.slice(0, dimensions) + mapped.descriptor;
      typeIds[typeIdx] = this.#stringIdxOf(original, descriptor) ?? dex.typeIds[typeIdx]!;
    }
  }

  #countClasses(): void {
    const { classDefs, classDefsSize } = this.#dex;
    for (let classDefIdx = 0; classDefIdx < classDefsSize; classDefIdx++) {
      const typeIdx = classDefs[classDefIdx * CLASS_DEF_WORDS + CLASS_DEF_FIELDS.classIdx]!;
      if (!(typeIdx < this.#classDefs.length)) continue;
      this.#classDefs[typeIdx] = classDefIdx;
      const mapped = this.#classes[typeIdx];
      if (mapped === undefined) continue;
      this.mappedClasses++;
      if (mapped.descriptor !== this.#dex.findTypeDescriptor(typeIdx)) this.renamedClasses++;
    }
  }

  #restoreMethods(): void {
    const dex = this.#dex;
    for (let methodIdx = 0; methodIdx < dex.methodIdsSize; methodIdx++) {
      const classIdx = dex.methodIds16[methodIdx * 4]!;
      const chain = this.#chainOf(classIdx);
      if (chain.length === 0) continue;
      const newName = dex.findString(dex.methodIds32[methodIdx * 2 + 1]!);
      // Nobody renames a constructor.
      if (newName === undefined || newName.startsWith("<")) continue;
      const proto = this.#protoOf(dex.methodIds16[methodIdx * 4 + 1]!);
      if (proto === undefined) continue;
      const member = this.#findMember(classIdx, chain, newName, proto.original, proto.residual);
      if (member === undefined) continue;
      const nameIdx = this.#stringIdxOf(member.name, newName);
      if (nameIdx !== undefined) this.methodIds[methodIdx * 2 + 1] = nameIdx;
      if (member.changedFrom !== undefined && member.changedFrom !== proto.original)
        this.changedMethods.set(methodIdx, member.changedFrom);
      if (member.owner !== undefined)
        this.#methodIds16[methodIdx * 4] = this.#typeIdxOf(member.owner) ?? classIdx;
    }
  }

  #restoreFields(): void {
    const dex = this.#dex;
    for (let fieldIdx = 0; fieldIdx < dex.fieldIdsSize; fieldIdx++) {
      const classIdx = dex.fieldIds16[fieldIdx * 4]!;
      const chain = this.#chainOf(classIdx);
      if (chain.length === 0) continue;
      const newName = dex.findString(dex.fieldIds32[fieldIdx * 2 + 1]!);
      const typeIdx = dex.fieldIds16[fieldIdx * 4 + 1]!;
      const type = dex.findTypeDescriptor(typeIdx);
      if (newName === undefined || type === undefined) continue;
      const member = this.#findMember(classIdx, chain, newName, this.#originalType(typeIdx), type);
      if (member === undefined) continue;
      const nameIdx = this.#stringIdxOf(member.name, newName);
      if (nameIdx !== undefined) this.fieldIds[fieldIdx * 2 + 1] = nameIdx;
      if (member.owner !== undefined)
        this.#fieldIds16[fieldIdx * 4] = this.#typeIdxOf(member.owner) ?? classIdx;
    }
  }

  #findMember(
    classIdx: number,
    chain: readonly MappedClass[],
    newName: string,
    descriptor: string,
    residual: string,
  ): OriginalMember | undefined {
    for (const [index, mapped] of chain.entries()) {
      if (index > 0 && !this.#mayStep()) return undefined;
      const member = mapped.find(newName, descriptor, residual);
      if (member === undefined) continue;
      if (mapped === this.#classes[classIdx] && this.#classDefs[classIdx]! >= 0) this.fittingMembers++;
      return member;
    }
    const named = chain.find((mapped) => mapped.names(newName, descriptor));
    if (named === undefined) return undefined;
    if (named === this.#classes[classIdx] && this.#classDefs[classIdx]! >= 0) this.strangeMembers++;
    // An optimizer that takes an argument away without telling: the name is right where there is one alone.
    return this.#mapping.header.hasResidualSignatures ? undefined : named.findSole(newName, descriptor);
  }

  /** The mapped ones of a class, its superclasses and its interfaces, as far as this file defines them. */
  #chainOf(typeIdx: number): readonly MappedClass[] {
    return (this.#chains[typeIdx] ??= this.#buildChain(typeIdx));
  }

  #buildChain(from: number): readonly MappedClass[] {
    const dex = this.#dex;
    const chain: MappedClass[] = [];
    const seen = new Set<number>();
    const interfaces: number[] = [];
    const visit = (typeIdx: number): number | undefined => {
      seen.add(typeIdx);
      const mapped = this.#classes[typeIdx];
      if (mapped !== undefined) chain.push(mapped);
      const classDefIdx = this.#classDefs[typeIdx] ?? -1;
      if (classDefIdx < 0 || this.#stepsLeft < 0) return undefined;
      const classDef = dex.classDef(classDefIdx);
      const named = readOrUndefined(() => dex.interfaces(classDef)) ?? [];
      this.#stepsLeft -= named.length;
      interfaces.push(...named);
      return classDef.superclassIdx;
    };
    let typeIdx: number | undefined = from;
    while (typeIdx !== undefined && this.#mayVisit(typeIdx, seen)) typeIdx = visit(typeIdx);
    for (const next of interfaces) if (this.#mayVisit(next, seen)) visit(next);
    return chain.length === 0 ? this.#noChain : chain;
  }

  #mayVisit(typeIdx: number, seen: ReadonlySet<number>): boolean {
    if (seen.size === 0) return true;
    if (seen.has(typeIdx)) return false;
    return seen.size < this.#dex.limits.ancestors ? this.#mayStep() : this.#sayTooManyAncestors();
  }

  #mayStep(): boolean {
    return this.#stepsLeft-- > 0 || this.#sayTooManyAncestors();
  }

  #sayTooManyAncestors(): false {
    this.#sayTooMuch("class_defs", "its classes have more ancestors than can be followed to restore names");
    return false;
  }

  #protoOf(protoIdx: number): Proto | undefined {
    const known = this.#protos[protoIdx];
    if (known !== undefined) return known ?? undefined;
    if (this.#protoTextLeft < 0) {
      this.#sayTooMuch("proto_ids", "its descriptors are too long to restore names by them");
      return undefined;
    }
    const dex = this.#dex;
    const proto = readOrUndefined(() => {
      const parameters = dex.protoParameters(protoIdx);
      const residual = dex.protoDescriptor(protoIdx);
      let original = "(";
      for (const typeIdx of parameters) original += this.#originalType(typeIdx);
      return { original: `${original})${this.#originalType(dex.protoReturnTypeIdx(protoIdx))}`, residual };
    });
    this.#protos[protoIdx] = proto ?? null;
    if (proto !== undefined) this.#protoTextLeft -= proto.original.length + proto.residual.length;
    return proto;
  }

  /** The descriptor of a type by its original name. */
  #originalType(typeIdx: number): string {
    const descriptor = this.#dex.typeDescriptor(typeIdx);
    const dimensions = countDimensions(descriptor);
    if (dimensions === 0) return this.#classes[typeIdx]?.descriptor ?? descriptor;
    const mapped = this.#mapping.find(descriptor.slice(dimensions));
    return mapped === undefined ? descriptor : descriptor.slice(0, dimensions) + mapped.descriptor;
  }

  /** string_ids with the constants that are the dotted name of a renamed class: reflection goes by them. */
  #restoreConstants(): Uint32Array {
    const dex = this.#dex;
    const own = dex.stringIds.slice();
    for (let stringIdx = 0; stringIdx < own.length; stringIdx++) {
      const text = dex.findString(stringIdx);
      // Without a package a name is too short to be told from any other text.
      if (text === undefined || !text.includes(".")) continue;
      const original = this.#mapping.restoreClassName(text);
      if (original !== text) own[stringIdx] = this.#offsetOf(original) ?? own[stringIdx]!;
    }
    return own;
  }

  /** Index into string_ids of an original name; `undefined` where it is none but the one that it has. */
  #stringIdxOf(original: string, current: string): number | undefined {
    const offset = original === current ? undefined : this.#offsetOf(original);
    if (offset === undefined) return undefined;
    const known = this.#addedIdxs.get(offset);
    if (known !== undefined) return known;
    const stringIdx = this.#dex.stringIdsSize + this.#addedOffsets.length;
    this.#addedOffsets.push(offset);
    this.#addedIdxs.set(offset, stringIdx);
    return stringIdx;
  }

  /** Index into type_ids of a class by its original name; `undefined` where there is no room for one more. */
  #typeIdxOf(original: string): number | undefined {
    const known = this.#typesByName.get(original);
    if (known !== undefined) return known;
    const typeIdx = this.#dex.typeIdsSize + this.#addedTypes.length;
    const stringIdx = typeIdx < MOST_TYPES ? this.#stringIdxOf(original, "") : undefined;
    if (stringIdx === undefined) return undefined;
    this.#addedTypes.push(stringIdx);
    this.#typesByName.set(original, typeIdx);
    return typeIdx;
  }

  /** In the file's own terms. */
  #offsetOf(text: string): number | undefined {
    const offset = this.#added.add(text);
    if (offset !== undefined) return offset - this.#start;
    this.#sayTooMuch("string_ids", "the names that are to be restored add up to far more than the file");
    return undefined;
  }

  #sayTooMuch(structure: string, problem: string): void {
    if (this.#said.has(structure)) return;
    this.#said.add(structure);
    const error = new FormatError("limit", { source: this.#dex.source, structure }, problem);
    this.#diagnostics.push(diagnoseUnread(error));
  }
}

function countDimensions(descriptor: string): number {
  let dimensions = 0;
  while (descriptor[dimensions] === "[") dimensions++;
  return dimensions;
}
