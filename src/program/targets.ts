import { CLASS_DEF_FIELDS, CLASS_DEF_WORDS, type DexFile, textStart } from "../dex/index.js";
import { type Diagnostics, readOrDiagnose, readOrUndefined } from "../diagnostics/index.js";
import { isPlatformClass, platformSuperclasses } from "./platform-classes.js";
import { CALL_USE, callUseOf, type ReferenceQuery, TEXT_USE } from "./reference-query.js";
import { type FoundTexts, URL_TEXT } from "./text-index.js";

/** What of a query one DEX file's ids name: tables by index, so that the walk over its code only looks up. */
export interface Targets {
  /** Text id by string_ids index, as `TextIndex.findInStrings` gives it. */
  readonly texts: Int32Array;
  /** Bits of TEXT_USE by string_ids index; every URL is listed. */
  readonly strings: Uint8Array;
  /** 1 by type_ids index where the class has members asked for. */
  readonly classes: Uint8Array;
  /** 1 by type_ids index where calls of the class's methods are listed. */
  readonly callClasses: Uint8Array;
  /** By method_ids index: a target, 0, or below 0 what calls of it may be: the sum of {@link CALL_USE}, negated. */
  readonly methods: Int32Array;
  /** By field_ids index: a target or 0. */
  readonly fields: Int32Array;
  /** 1 by method_ids index where a method of that name may override one asked for. */
  readonly overrides: Uint8Array;
  /** 1 by target, where a call counts only with certain constants. */
  readonly withArgument: Uint8Array;
  /** By target: the sum of {@link CALL_USE} of a call of it. */
  readonly callUses: readonly number[];
  /** Classes asked for that the file's classes extend or implement, directly or through the platform's. */
  readonly extendedClasses: ReadonlySet<string>;
}

/** The sum of {@link CALL_USE} of a call of a method, by its entry in {@link Targets.methods}. */
export function callUsesOf({ callUses }: Pick<Targets, "callUses">, target: number): number {
  return target < 0 ? -target : (callUses[target] ?? 0);
}

/** What is asked for of a file's classes. */
type ClassMarks = Pick<Targets, "classes" | "callClasses">;

/** What names the members that code refers to: the id lists of a DEX file, or of the facts that were kept of one. */
export interface MemberIds {
  /** Four a field: class_idx, type_idx, name_idx (two). */
  readonly fieldIds16: Uint16Array;
  readonly fieldIds32: Uint32Array;
  readonly fieldIdsSize: number;
  /** Four a method: class_idx, proto_idx, name_idx (two). */
  readonly methodIds16: Uint16Array;
  readonly methodIds32: Uint32Array;
  readonly methodIdsSize: number;
  readonly restored?: DexFile["restored"];
  typeDescriptor(typeIdx: number): string;
  protoDescriptor(protoIdx: number): string;
}

/** Looks up a query's texts among a file's strings, and from there its classes, methods and fields. */
export function findTargets(dex: DexFile, query: ReferenceQuery, diagnostics: Diagnostics): Targets {
  const found = query.texts.findInStrings(dex);
  const marks = markClasses(dex, query, found.texts);
  const isJava = (typeIdx: number) => isJavaClass(dex, typeIdx);
  const extendedClasses = findExtendedClasses(dex, marks);
  return buildTargets(dex, query, found, marks, extendedClasses, isJava, diagnostics);
}

/**
 * From the texts that were found, and what is asked for of its classes, to a file's members.
 *
 * @param isJava whether a type is Java's own, told without decoding its name
 */
export function buildTargets(
  ids: MemberIds,
  query: ReferenceQuery,
  { texts, hits }: FoundTexts,
  marks: ClassMarks,
  extendedClasses: ReadonlySet<string>,
  isJava: (typeIdx: number) => boolean,
  diagnostics: Diagnostics,
): Targets {
  const strings = new Uint8Array(texts.length);
  for (const stringIdx of hits) {
    const text = texts[stringIdx]!;
    strings[stringIdx] = text === URL_TEXT ? TEXT_USE.site : query.usesOf(text);
  }
  const overrides = new Uint8Array(query.overrides.size === 0 ? 0 : ids.methodIdsSize);
  return {
    texts,
    strings,
    ...marks,
    methods: findMethods(ids, query, texts, marks, overrides, isJava, diagnostics),
    fields: findFields(ids, query, texts, marks.classes),
    overrides,
    withArgument: markNumbers(query.withArgument),
    callUses: query.callUses,
    extendedClasses,
  };
}

function markClasses(dex: DexFile, query: ReferenceQuery, texts: Int32Array): ClassMarks {
  const { typeIds } = dex;
  const classes = new Uint8Array(typeIds.length);
  const callClasses = new Uint8Array(typeIds.length);
  for (let typeIdx = 0; typeIdx < classes.length; typeIdx++) {
    const text = texts[typeIds[typeIdx]!]!;
    if (!(text > 0)) continue;
    const descriptor = query.texts.text(text);
    if (query.classes.has(descriptor)) classes[typeIdx] = 1;
    if (query.callClasses.has(descriptor)) callClasses[typeIdx] = 1;
  }
  return { classes, callClasses };
}

function markNumbers(numbers: Iterable<number>): Uint8Array {
  const list = [...numbers];
  const marks = new Uint8Array(Math.max(0, ...list) + 1);
  for (const number of list) marks[number] = 1;
  return marks;
}

/** What a name is asked for as, by text id. */
const METHOD_NAME = 1;
const CONSTRUCTOR_NAME = 2;
const OVERRIDE_NAME = 4;
const CALLED_NAME = 8;

function findMethods(
  ids: MemberIds,
  query: ReferenceQuery,
  texts: Int32Array,
  { classes, callClasses }: ClassMarks,
  overrides: Uint8Array,
  isJava: (typeIdx: number) => boolean,
  diagnostics: Diagnostics,
): Int32Array {
  const { methodIds16, methodIds32, methodIdsSize } = ids;
  const resolver = new MethodResolver(ids, query, isJava);
  const names = nameUses(query);
  const found = new Int32Array(methodIdsSize);
  for (let methodIdx = 0; methodIdx < methodIdsSize; methodIdx++) {
    const text = texts[methodIds32[methodIdx * 2 + 1]!]!;
    if (!(text > 0)) continue;
    const use = names[text]!;
    if (use === 0) continue;
    if ((use & OVERRIDE_NAME) !== 0) overrides[methodIdx] = 1;
    // A constructor is not inherited.
    const classIdx = methodIds16[methodIdx * 4]!;
    const isAsked = classes[classIdx] === 1 || callClasses[classIdx] === 1;
    if (isAsked ? (use & (METHOD_NAME | CONSTRUCTOR_NAME)) !== 0 : (use & METHOD_NAME) !== 0) {
      found[methodIdx] = readOrDiagnose(diagnostics, () => resolver.targetOf(methodIdx, text, isAsked)) ?? 0;
    }
    if ((use & CALLED_NAME) !== 0 && found[methodIdx]! <= 0 && resolver.isOfNoPlatformClass(classIdx))
      found[methodIdx] = -(-found[methodIdx]! | callUseOf("followed"));
  }
  return found;
}

function nameUses(query: ReferenceQuery): Uint8Array {
  const names = new Uint8Array(query.texts.size + 1);
  for (const text of query.methods.keys())
    names[text]! |= query.texts.text(text) === "<init>" ? CONSTRUCTOR_NAME : METHOD_NAME;
  for (const text of query.overrides.keys()) names[text]! |= OVERRIDE_NAME;
  for (const text of query.calledNames) names[text]! |= CALLED_NAME;
  return names;
}

/** The target of a method_id whose name is asked for; remembers what it had to decode. */
class MethodResolver {
  readonly #ids: MemberIds;
  readonly #query: ReferenceQuery;
  readonly #isJava: (typeIdx: number) => boolean;
  readonly #protos: string[] = [];
  readonly #inherits: (boolean | undefined)[] = [];
  readonly #isOther: (boolean | undefined)[] = [];

  constructor(ids: MemberIds, query: ReferenceQuery, isJava: (typeIdx: number) => boolean) {
    this.#ids = ids;
    this.#query = query;
    this.#isJava = isJava;
  }

  targetOf(methodIdx: number, name: number, isAsked: boolean): number {
    const ids = this.#ids;
    const classIdx = ids.methodIds16[methodIdx * 4]!;
    if (!isAsked && !this.#mayInherit(classIdx)) return 0;
    const protoIdx = ids.methodIds16[methodIdx * 4 + 1]!;
    const proto =
      ids.restored?.changedMethods.get(methodIdx) ??
      (this.#protos[protoIdx] ??= ids.protoDescriptor(protoIdx));
    const fitting = this.#query.methods
      .get(name)!
      .filter(({ descriptor }) => descriptor === undefined || descriptor === proto);
    if (fitting.length === 0) return 0;
    const owner = ids.typeDescriptor(classIdx);
    const exact = fitting.find(({ classDescriptor }) => classDescriptor === owner);
    if (exact !== undefined) return exact.target;
    if (!this.#mayInherit(classIdx)) return 0;
    return -fitting.reduce((uses, { target }) => uses | this.#usesOf(target), CALL_USE.candidate as number);
  }

  #usesOf(target: number): number {
    return (
      (this.#query.withArgument.has(target) ? CALL_USE.withArgument : 0) | (this.#query.callUses[target] ?? 0)
    );
  }

  /** Told once for each class. */
  isOfNoPlatformClass(classIdx: number): boolean {
    return (this.#isOther[classIdx] ??=
      !this.#isJava(classIdx) &&
      !isPlatformClass(readOrUndefined(() => this.#ids.typeDescriptor(classIdx)) ?? "Ljava/"));
  }

  /** A class of the app, or one of the platform's whose ancestors are known. */
  #mayInherit(classIdx: number): boolean {
    let inherits = this.#inherits[classIdx];
    if (inherits === undefined) {
      inherits = !this.#isJava(classIdx) && mayInherit(this.#ids.typeDescriptor(classIdx));
      this.#inherits[classIdx] = inherits;
    }
    return inherits;
  }
}

function mayInherit(descriptor: string): boolean {
  return platformSuperclasses.has(descriptor) || !isPlatformClass(descriptor);
}

const JAVA = Buffer.from("Ljava/");

/** Told from the bytes: most names that are asked for are met on Java's classes, and need no decoding. */
function isJavaClass(dex: DexFile, typeIdx: number): boolean {
  const { stringBytes: bytes } = dex;
  const start = textStart(bytes, dex.stringIds[dex.typeIds[typeIdx]!]!);
  for (let index = 0; index < JAVA.length; index++) if (bytes[start + index] !== JAVA[index]) return false;
  return true;
}

function findFields(
  ids: MemberIds,
  query: ReferenceQuery,
  texts: Int32Array,
  classes: Uint8Array,
): Int32Array {
  const { fieldIds16, fieldIds32, fieldIdsSize } = ids;
  const found = new Int32Array(fieldIdsSize);
  for (let fieldIdx = 0; fieldIdx < fieldIdsSize; fieldIdx++) {
    if (classes[fieldIds16[fieldIdx * 4]!] !== 1) continue;
    const asked = query.fields.get(texts[fieldIds32[fieldIdx * 2 + 1]!] ?? 0);
    if (asked === undefined) continue;
    const owner = ids.typeDescriptor(fieldIds16[fieldIdx * 4]!);
    const type = ids.typeDescriptor(fieldIds16[fieldIdx * 4 + 1]!);
    const exact = asked.find((member) => member.classDescriptor === owner && member.descriptor === type);
    if (exact !== undefined) found[fieldIdx] = exact.target;
  }
  return found;
}

function findExtendedClasses(dex: DexFile, marks: ClassMarks): Set<string> {
  const { classDefs, classDefsSize } = dex;
  const fields = CLASS_DEF_FIELDS;
  const extended = new Set<string>();
  const isSeen = new Uint8Array(marks.classes.length);
  const seenLists = new Set<number>();
  for (let index = 0; index < classDefsSize; index++) {
    const superclassIdx = classDefs[index * CLASS_DEF_WORDS + fields.superclassIdx]!;
    if (isSeen[superclassIdx] === 0) {
      isSeen[superclassIdx] = 1;
      addAncestors(dex, superclassIdx, marks, extended);
    }
    const interfacesOff = classDefs[index * CLASS_DEF_WORDS + fields.interfacesOff]!;
    if (interfacesOff === 0 || interfacesOff >= dex.length || seenLists.has(interfacesOff)) continue;
    seenLists.add(interfacesOff);
    // A list that cannot be read has been reported with its class, or is nobody's ancestor.
    for (const typeIdx of readOrUndefined(() => dex.interfaces(dex.classDef(index))) ?? [])
      if (isMarked(marks, typeIdx)) extended.add(dex.typeDescriptor(typeIdx));
  }
  return extended;
}

function addAncestors(dex: DexFile, typeIdx: number, marks: ClassMarks, extended: Set<string>): void {
  addSuperclass(dex.typeDescriptor(typeIdx), isMarked(marks, typeIdx), extended);
}

/** Whether anything is asked for of a class. */
export function isMarked({ classes, callClasses }: ClassMarks, typeIdx: number): boolean {
  return classes[typeIdx] === 1 || callClasses[typeIdx] === 1;
}

/** A superclass, if it is asked for, and the platform's classes above it. */
export function addSuperclass(descriptor: string, isAsked: boolean, extended: Set<string>): void {
  if (isAsked) extended.add(descriptor);
  let above = platformSuperclasses.get(descriptor);
  for (; above !== undefined; above = platformSuperclasses.get(above)) extended.add(above);
}
