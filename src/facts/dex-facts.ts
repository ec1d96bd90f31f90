import { decodeMutf8 } from "../bytes/index.js";
import {
  addEdge,
  addSuperclass,
  buildTargets,
  type CloserLook,
  type CodeReferences,
  emptyRows,
  hasCallWithConstants,
  isMarked,
  listCall,
  listClass,
  listRow,
  listString,
  type MemberIds,
  needsCloserLook,
  type PackageTable,
  type PackageUnit,
  REFERENCE_KIND,
  type ReferenceQuery,
  type RowList,
  type Targets,
  URL_TEXT,
  type WalkedDex,
} from "../program/index.js";
import { readCalls, readConstants } from "./constants-section.js";
import {
  COUNT,
  NO_CLASS,
  SECTION,
  SECTIONS,
  SITE,
  SITE_KIND_BITS,
  STRING_FLAG,
  UNIT,
  UNIT_WORDS,
  VERSION,
} from "./dex-facts-layout.js";
import { FactsError } from "./facts-error.js";
import { Fingerprints, hashText } from "./fingerprints.js";
import { SectionReader } from "./sections.js";
import { VarintReader } from "./varints.js";

const NOT_LOOKED_UP = -2;

/** A DEX file by its facts: laid over the bytes that were kept, and decoded when asked. */
export class DexFacts implements WalkedDex, MemberIds {
  readonly source: string;
  readonly classDefsSize: number;
  /** Of the query that they are complete for. */
  readonly queryDigest: string;
  /** What its strings are known by. */
  readonly strings: Fingerprints;
  /** Characters of the descriptors of the methods that its classes define: those whose names were asked for, and all. */
  readonly overloadText: number;
  readonly definedText: number;
  readonly methodIds16: Uint16Array;
  readonly methodIds32: Uint32Array;
  /** Of those that a query may ask for; others follow. */
  readonly methodIdsSize: number;
  readonly fieldIds16: Uint16Array;
  readonly fieldIds32: Uint32Array;
  readonly fieldIdsSize: number;

  readonly #sections: SectionReader;
  readonly #counts: Uint32Array;
  readonly #stringOffsets: Uint32Array;
  readonly #stringBytes: Buffer;
  readonly #stringFlags: Uint8Array;
  readonly #decoded: (string | undefined)[] = [];
  readonly #packageNames: Uint32Array;
  readonly #typePackages: Uint16Array;
  readonly #typeNames: Uint32Array;
  readonly #descriptors: (string | undefined)[] = [];
  readonly #protos: Uint32Array;
  readonly #superclasses: Uint16Array;
  readonly #interfaceClasses: Uint16Array;
  readonly #interfaceTypes: Uint16Array;
  readonly #classTable: Uint16Array;
  #versions: ReadonlyMap<string, string> | undefined;
  #beginnings: ReadonlyMap<string, readonly string[]> | undefined;

  /**
   * @param source the name that the DEX file has in this app
   * @throws FactsError `spoilt`
   */
  constructor(kept: Uint8Array, source: string) {
    const sections = new SectionReader(kept, SECTIONS);
    this.#sections = sections;
    this.source = source;
    this.#counts = sections.words(SECTION.counts);
    this.classDefsSize = this.#count(COUNT.classDefs);
    this.overloadText = this.#count(COUNT.overloadText);
    this.definedText = this.#count(COUNT.definedText);
    this.queryDigest = Buffer.from(sections.bytes(SECTION.query)).toString("hex");
    this.strings = new Fingerprints(sections.words(SECTION.fingerprints));
    this.#stringOffsets = sections.words(SECTION.stringOffsets);
    const { buffer, byteOffset, length } = sections.bytes(SECTION.stringBytes);
    this.#stringBytes = Buffer.from(buffer, byteOffset, length);
    this.#stringFlags = sections.bytes(SECTION.stringFlags);
    this.#packageNames = sections.words(SECTION.packageNames);
    this.#typePackages = sections.halves(SECTION.typePackages);
    this.#typeNames = sections.words(SECTION.typeNames);
    this.#protos = sections.words(SECTION.protos);
    this.#superclasses = sections.halves(SECTION.superclasses);
    this.#interfaceClasses = sections.halves(SECTION.interfaceClasses);
    this.#interfaceTypes = sections.halves(SECTION.interfaceTypes);
    this.#classTable = sections.halves(SECTION.classTable);
    this.methodIds16 = sections.halves(SECTION.methodIds);
    this.methodIds32 = sections.words(SECTION.methodIds);
    this.methodIdsSize = this.#count(COUNT.askedMethods);
    this.fieldIds16 = sections.halves(SECTION.fieldIds);
    this.fieldIds32 = sections.words(SECTION.fieldIds);
    this.fieldIdsSize = this.fieldIds32.length >> 1;
    if (this.classDefsSize > this.#typeNames.length || this.methodIdsSize * 2 > this.methodIds32.length)
      throw this.#spoilt("more is counted than there is");
  }

  #count(index: number): number {
    return this.#counts[index] ?? 0;
  }

  string(stringIdx: number): string {
    return (this.#decoded[stringIdx] ??= this.#decode(stringIdx));
  }

  #decode(stringIdx: number): string {
    const start = this.#stringOffsets[stringIdx] ?? Infinity;
    const end = this.#stringOffsets[stringIdx + 1] ?? Infinity;
    const bytes = this.#stringBytes;
    if (start > end || end > bytes.length) throw this.#spoilt("a string is not there");
    const isAscii = (this.#stringFlags[stringIdx]! & STRING_FLAG.notAscii) === 0;
    return isAscii ? bytes.toString("latin1", start, end) : decodeMutf8(bytes, start, end);
  }

  typeDescriptor(typeIdx: number): string {
    return (this.#descriptors[typeIdx] ??= this.#joinName(
      this.#typePackages[typeIdx]!,
      this.#typeNames[typeIdx]!,
    ));
  }

  findTypeDescriptor(typeIdx: number): string {
    return this.typeDescriptor(typeIdx);
  }

  #joinName(packageNumber: number, name: number): string {
    return this.string(this.#packageNames[packageNumber]!) + this.string(name);
  }

  protoDescriptor(protoIdx: number): string {
    return this.string(this.#protos[protoIdx]!);
  }

  methodClassIdx(methodIdx: number): number {
    return this.methodIds16[methodIdx * 4]!;
  }

  methodProtoIdx(methodIdx: number): number {
    return this.methodIds16[methodIdx * 4 + 1]!;
  }

  methodNameIdx(methodIdx: number): number {
    return this.methodIds32[methodIdx * 2 + 1]!;
  }

  methodDescriptor(methodIdx: number): string {
    return this.protoDescriptor(this.methodProtoIdx(methodIdx));
  }

  methodRef(methodIdx: number): string {
    const owner = this.typeDescriptor(this.methodClassIdx(methodIdx));
    const name = this.string(this.methodNameIdx(methodIdx));
    return `${owner}->${name}${this.methodDescriptor(methodIdx)}`;
  }

  classDescriptor(classDefIdx: number): string {
    return this.typeDescriptor(classDefIdx);
  }

  findClassDescriptor(classDefIdx: number): string {
    return this.typeDescriptor(classDefIdx);
  }

  findClassDef(descriptor: string): number | undefined {
    const table = this.#classTable;
    const mask = table.length - 1;
    let at = hashText(descriptor) & mask;
    for (let steps = 0; steps < table.length; steps++) {
      const found = table[at]!;
      if (found === 0) return undefined;
      if (this.typeDescriptor(found - 1) === descriptor) return found - 1;
      at = (at + 1) & mask;
    }
    return undefined;
  }

  superclassDescriptor(classDefIdx: number): string | undefined {
    const type = this.#superclasses[classDefIdx]!;
    return type === 0 ? undefined : this.typeDescriptor(type - 1);
  }

  interfaceTypes(classDefIdx: number): Uint16Array {
    const from = findFirst(this.#interfaceClasses, classDefIdx);
    return this.#interfaceTypes.subarray(from, findFirst(this.#interfaceClasses, classDefIdx + 1));
  }

  definedMethods(classDefIdx: number): Map<string, number[]> {
    const classes = this.#sections.halves(SECTION.definingClasses);
    const defined = this.#sections.words(SECTION.definedMethods);
    const methods = new Map<string, number[]>();
    for (let at = findFirst(classes, classDefIdx); classes[at] === classDefIdx; at++) {
      const methodIdx = defined[at]!;
      const name = this.string(this.methodNameIdx(methodIdx));
      const overloads = methods.get(name);
      if (overloads === undefined) methods.set(name, [methodIdx]);
      else overloads.push(methodIdx);
    }
    return methods;
  }

  /** Of what can be no version there is none. */
  staticString(classDefIdx: number, name: string): string | undefined {
    return this.#findVersion(classDefIdx, VERSION.field, name);
  }

  /** Of what can be no version there is none. */
  returnedString(classDefIdx: number, methodRef: string): string | undefined {
    return this.#findVersion(classDefIdx, VERSION.method, methodRef);
  }

  #findVersion(classDefIdx: number, kind: number, name: string): string | undefined {
    this.#versions ??= this.#readVersions();
    return this.#versions.get(`${classDefIdx} ${kind} ${name}`);
  }

  #readVersions(): Map<string, string> {
    const versions = new Map<string, string>();
    const reader = new VarintReader(this.#sections.bytes(SECTION.versions));
    while (!reader.isAtEnd) {
      const [classDefIdx, kind] = [reader.read(), reader.read()];
      const name = this.string(reader.read());
      versions.set(`${classDefIdx} ${kind} ${name}`, this.string(reader.read()));
    }
    return versions;
  }

  /** @throws FactsError `incomplete` for a beginning that was not asked for when they were taken */
  stringsBeginningWith(start: string): readonly string[] {
    this.#beginnings ??= this.#readBeginnings();
    const found = this.#beginnings.get(start);
    if (found === undefined)
      throw new FactsError("incomplete", "strings of this beginning were not asked for", this.source);
    return found;
  }

  #readBeginnings(): Map<string, string[]> {
    const beginnings = new Map<string, string[]>();
    const reader = new VarintReader(this.#sections.bytes(SECTION.beginnings));
    while (!reader.isAtEnd) {
      const start = this.string(reader.read());
      const found: string[] = [];
      for (let left = reader.read(); left > 0; left--) found.push(this.string(reader.read()));
      beginnings.set(start, found);
    }
    return beginnings;
  }

  /**
   * What `findReferences` would give of the DEX file. Counts its classes and code to `packages`.
   *
   * @param query one that they are complete for
   */
  references(query: ReferenceQuery, packages: PackageTable): CodeReferences {
    const units = packages.addUnits(this.#readUnits(), this);
    const texts = new Int32Array(this.#stringOffsets.length).fill(NOT_LOOKED_UP);
    const textOf = (stringIdx: number) => {
      const known = texts[stringIdx]!;
      return known === NOT_LOOKED_UP ? (texts[stringIdx] = this.#lookUp(query, stringIdx)) : known;
    };
    const targets = this.#findTargets(query, texts, textOf);
    const { rows, closerLooks, callLooks } = this.#listRows(targets);
    const readerAt = (look: CloserLook) =>
      new VarintReader(this.#sections.bytes(SECTION.constants), look.codeOff);
    return {
      dex: this,
      packages: this.#numberClasses(units),
      movedMethods: new Map(),
      kinds: rows.kinds,
      targets: rows.found,
      callers: rows.callers,
      classDefs: rows.classDefs,
      codeUnits: rows.codeUnits,
      closerLooks,
      callLooks,
      extendedClasses: targets.extendedClasses,
      textOf,
      instructions: this.#count(COUNT.instructions),
      methods: this.#count(COUNT.methods),
      readConstants: (look) => readConstants(readerAt(look), (stringIdx) => this.string(stringIdx)),
      readCallConstants: (look) => readCalls(readerAt(look), (stringIdx) => this.string(stringIdx)),
      addEdges: (graph) => {
        const numbers = this.#numberUnits(graph.packages);
        const edges = this.#sections.halves(SECTION.edges);
        for (let at = 0; at + 1 < edges.length; at += 2) {
          const from = numbers[edges[at]!] ?? -1;
          const to = numbers[edges[at + 1]!] ?? -1;
          if (from >= 0) addEdge(graph, from, to >= 0 && graph.isAsked(to) ? to : -1);
        }
      },
    };
  }

  /** The units that have classes here: they come before the others. */
  #readUnits(): PackageUnit[] {
    const words = this.#sections.words(SECTION.units);
    const units: PackageUnit[] = [];
    for (let at = 0; at < words.length && words[at + UNIT.classes] !== 0; at += UNIT_WORDS) {
      const firstOwn = words[at + UNIT.firstOwn]!;
      units.push({
        name: this.#unitName(at / UNIT_WORDS),
        classes: words[at + UNIT.classes]!,
        generated: words[at + UNIT.generated]!,
        codeUnits: words[at + UNIT.codeUnits]!,
        firstClass: words[at + UNIT.firstClass]!,
        firstOwn: firstOwn === NO_CLASS ? undefined : firstOwn,
      });
    }
    return units;
  }

  /** The packages of the classes that it defines, `Lcom/acme/`; of some, the outermost classes. */
  definedUnits(): string[] {
    return this.#readUnits().map(({ name }) => name);
  }

  #unitName(unit: number): string {
    const packages = this.#sections.halves(SECTION.unitPackages);
    return this.#joinName(packages[unit]!, this.#sections.words(SECTION.unitNames)[unit]!);
  }

  #numberClasses(numberOfUnit: Int32Array): Int32Array {
    const units = this.#sections.halves(SECTION.classUnits);
    const numbers = new Int32Array(this.classDefsSize);
    for (let index = 0; index < numbers.length; index++) {
      const number = numberOfUnit[units[index]!];
      if (number === undefined) throw this.#spoilt("a class is of no package");
      numbers[index] = number;
    }
    return numbers;
  }

  /** Package number by unit, -1 where the app has no such package. */
  #numberUnits(packages: PackageTable): Int32Array {
    const size = this.#sections.halves(SECTION.unitPackages).length;
    const numbers = new Int32Array(size);
    for (let unit = 0; unit < size; unit++)
      numbers[unit] = packages.findNumberOfClass(this.#unitName(unit)) ?? -1;
    return numbers;
  }

  #lookUp(query: ReferenceQuery, stringIdx: number): number {
    const text = query.texts.find(this.string(stringIdx));
    if (text !== undefined) return text;
    return (this.#stringFlags[stringIdx]! & STRING_FLAG.url) === 0 ? 0 : URL_TEXT;
  }

  #findTargets(query: ReferenceQuery, texts: Int32Array, textOf: (stringIdx: number) => number): Targets {
    const hits: number[] = [];
    const size = Math.min(this.#count(COUNT.askedStrings), texts.length - 1);
    for (let stringIdx = 0; stringIdx < size; stringIdx++) {
      if (textOf(stringIdx) !== 0) hits.push(stringIdx);
    }
    const classes = new Uint8Array(this.#typeNames.length);
    const callClasses = new Uint8Array(this.#typeNames.length);
    for (const type of this.#sections.halves(SECTION.askedTypes)) {
      if (query.classes.has(this.typeDescriptor(type))) classes[type] = 1;
      if (query.callClasses.has(this.typeDescriptor(type))) callClasses[type] = 1;
    }
    const marks = { classes, callClasses };
    const isJava = (typeIdx: number) => {
      const packageNumber = this.#typePackages[typeIdx]!;
      return this.string(this.#packageNames[packageNumber]!).startsWith("Ljava/");
    };
    const found = { texts, hits };
    const extendedClasses = new Set<string>();
    for (const type of this.#sections.halves(SECTION.extendedTypes))
      addSuperclass(this.typeDescriptor(type), isMarked(marks, type), extendedClasses);
    for (const type of this.#sections.halves(SECTION.implementedTypes))
      if (isMarked(marks, type)) extendedClasses.add(this.typeDescriptor(type));
    return buildTargets(this, query, found, marks, extendedClasses, isJava, []);
  }

  /** Goes through the sites as `findReferences` goes through the code. */
  #listRows(targets: Targets): { rows: RowList; closerLooks: CloserLook[]; callLooks: CloserLook[] } {
    const rows = emptyRows(targets);
    const closerLooks: CloserLook[] = [];
    const callLooks: CloserLook[] = [];
    const reader = new VarintReader(this.#sections.bytes(SECTION.sites));
    while (!reader.isAtEnd) {
      const methodIdx = reader.read();
      const classDefIdx = reader.read();
      const places = [reader.read(), reader.read()];
      rows.methodIdx = methodIdx;
      rows.classDefIdx = classDefIdx;
      if (classDefIdx >= this.classDefsSize) throw this.#spoilt("a site is in no class");
      const seen = listSites(rows, reader);
      const wanted = [needsCloserLook(seen), hasCallWithConstants(seen)];
      for (const [index, looks] of [closerLooks, callLooks].entries()) {
        if (!wanted[index]) continue;
        const place = places[index]!;
        if (place === 0) throw new FactsError("incomplete", "a method was not looked at closer", this.source);
        looks.push({ methodIdx, classDefIdx, codeOff: place - 1 });
      }
    }
    return { rows, closerLooks, callLooks };
  }

  #spoilt(what: string): FactsError {
    return new FactsError("spoilt", what, this.source);
  }
}

/** The sites of one method; gives what was seen, as the walk over code does. */
function listSites(rows: RowList, reader: VarintReader): number {
  const { methods, fields, strings, overrides } = rows.targets;
  let seen = 0;
  let at = 0;
  for (let left = reader.read(); left > 0; left--) {
    const site = reader.read();
    const kind = site & ((1 << SITE_KIND_BITS) - 1);
    const number = site >>> SITE_KIND_BITS;
    at += reader.read();
    if (kind === SITE.call) {
      const target = methods[number]!;
      if (target !== 0) seen |= listCall(rows, target, number, at);
    } else if (kind === SITE.field) {
      const target = fields[number]!;
      if (target > 0) listRow(rows, REFERENCE_KIND.field, target, at);
    } else if (kind === SITE.string) {
      if (strings[number] !== 0) seen |= listString(rows, number, at);
    } else if (kind === SITE.override) {
      if (overrides[number] === 1) listRow(rows, REFERENCE_KIND.override, number, at);
    } else if (kind === SITE.native) {
      listRow(rows, REFERENCE_KIND.nativeMethod, rows.methodIdx, at);
    } else seen |= listClass(rows, number, kind === SITE.cast, at);
  }
  return seen;
}

/** The first place in a sorted list whose value is not below one. */
function findFirst(sorted: Uint16Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
