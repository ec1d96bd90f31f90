import { type DexFile, readReturnedConstant } from "../dex/index.js";
import { type Diagnostics, FormatError, type Limits, readOrUndefined } from "../diagnostics/index.js";
import {
  CallConstants,
  findConstants,
  findTargets,
  IntList,
  isMarked,
  MOST_STRINGS,
  outermostClass,
  platformSuperclasses,
  type ReferenceQuery,
  type Targets,
} from "../program/index.js";
import { checkSoundness, type SoundLists } from "./check-soundness.js";
import { writeCalls, writeConstants } from "./constants-section.js";
import {
  COUNT,
  COUNTS,
  mostBytes,
  SECTION,
  SECTIONS,
  SITE,
  SITE_KIND_BITS,
  VERSION,
} from "./dex-facts-layout.js";
import { FactsNames, hashStrings, NoFacts } from "./facts-names.js";
import { FingerprintList, fingerprintOf, hashText } from "./fingerprints.js";
import type { QueryCoverage } from "./query-coverage.js";
import { joinSections, type Sections } from "./sections.js";
import { UnitTable } from "./unit-table.js";
import { VarintWriter } from "./varints.js";
import { type FactsWalk, walkCode } from "./walk-code.js";

/** What facts are taken by, beside a query. */
export interface DexFactsOptions {
  /** Whether classes of a package may have to be told apart, by the package's name alone: the rules may not. */
  readonly maySplit: (packageName: string) => boolean;
  /** Whether a text can be a version; of String constants nothing else is kept. */
  readonly mayBeVersion: (text: string) => boolean;
  readonly limits: Limits;
}

/** Kept in the place of the facts of a file that has none, so that it is not looked at for them again. */
export function renderNoDexFacts(): Uint8Array {
  return joinSections([]);
}

/** Whether {@link renderNoDexFacts} was kept. */
export function isNoDexFacts(kept: Uint8Array): boolean {
  return Buffer.compare(kept, renderNoDexFacts()) === 0;
}

/**
 * The facts of a DEX file; `undefined` of one that is not sound: it is read each time, and what is wrong with it is
 * told each time.
 */
export function makeDexFacts(
  dex: DexFile,
  coverage: QueryCoverage,
  options: DexFactsOptions,
): Uint8Array | undefined {
  try {
    return make(dex, coverage, options);
  } catch (error) {
    if (error instanceof NoFacts || error instanceof FormatError) return undefined;
    throw error;
  }
}

function make(dex: DexFile, coverage: QueryCoverage, options: DexFactsOptions): Uint8Array {
  const lists = checkSoundness(dex, options.limits);
  const hashes = hashStrings(dex);
  const diagnostics: Diagnostics = [];
  const targets = findTargets(dex, coverage.query, diagnostics);
  const units = new UnitTable(dex, coverage.apart, options.maySplit);
  const walk = walkCode(dex, targets, units, diagnostics);
  if (diagnostics.length > 0) throw new NoFacts();
  const sections: Sections = new Array(SECTIONS);
  const names = new FactsNames(dex);
  // The strings that a query may ask for come first, then the classes; the methods that it may ask for lead theirs.
  const counts = new Uint32Array(COUNTS);
  counts[COUNT.askedStrings] = numberAskedStrings(walk, names);
  for (let index = 0; index < dex.classDefsSize; index++) {
    if (names.type(dex.classDescriptor(index)) !== index) throw new NoFacts();
  }
  counts[COUNT.askedMethods] = numberAskedMembers(walk, names);
  writeSites(walk, targets, names, options.limits, sections);
  writeDefinitions(dex, coverage.query, targets, names, sections);
  countText(dex, coverage.query, targets, lists, counts);
  writeClasses(dex, targets, names, sections);
  writeVersions(walk, names, options.mayBeVersion, sections);
  writeBeginnings(dex, coverage.stringStarts, names, sections);
  units.writeTo(sections, names);
  names.writeTo(sections);
  sections[SECTION.query] = Buffer.from(coverage.digest, "hex");
  sections[SECTION.fingerprints] = makeFingerprints(dex, walk.isLoaded, hashes);
  counts[COUNT.classDefs] = dex.classDefsSize;
  counts[COUNT.methods] = walk.methods;
  counts[COUNT.instructions] = walk.instructions;
  sections[SECTION.counts] = counts;
  if (sections.reduce((sum, { byteLength }) => sum + byteLength, 0) > mostBytes(dex.length))
    throw new NoFacts();
  return joinSections(sections);
}

/** @returns how many there are */
function numberAskedStrings({ dex, siteKinds, siteTargets }: FactsWalk, names: FactsNames): number {
  for (let site = 0; site < siteKinds.length; site++) {
    const [kind, target] = [siteKinds.at(site), siteTargets.at(site)];
    if (kind === SITE.string) names.stringAt(target);
    else if (kind === SITE.call || kind === SITE.override)
      names.string(dex.string(dex.methodNameIdx(target)));
    else if (kind === SITE.field) names.string(dex.string(dex.fieldNameIdx(target)));
  }
  return names.strings;
}

/** @returns how many methods there are among them */
function numberAskedMembers({ siteKinds, siteTargets }: FactsWalk, names: FactsNames): number {
  for (let site = 0; site < siteKinds.length; site++) {
    const [kind, target] = [siteKinds.at(site), siteTargets.at(site)];
    if (kind === SITE.call || kind === SITE.override) names.method(target);
    else if (kind === SITE.field) names.field(target);
  }
  return names.methods;
}

/**
 * Of each method with sites: its number, its class, one more than its place among the constants, 0 where it has none,
 * the same of its calls with what is passed, how many sites, and of each its kind and what it names, and how far it is
 * from the one before.
 */
function writeSites(
  walk: FactsWalk,
  targets: Targets,
  names: FactsNames,
  limits: Limits,
  sections: Sections,
): void {
  const { dex, siteKinds, siteTargets, siteUnits } = walk;
  const writer = new VarintWriter();
  const constants = new VarintWriter();
  const callConstants = new CallConstants(dex, targets);
  for (const { methodIdx, classDefIdx, codeOff, from, to, isLookedAt, hasCalls } of walk.sites) {
    const diagnostics: Diagnostics = [];
    writer.write(names.method(methodIdx));
    writer.write(classDefIdx);
    writer.write(isLookedAt ? constants.length + 1 : 0);
    if (isLookedAt) writeConstants(findConstants(dex, codeOff, limits, diagnostics), names, constants);
    writer.write(hasCalls ? constants.length + 1 : 0);
    if (hasCalls) writeCalls(callConstants.read(codeOff, limits, diagnostics), names, constants);
    writer.write(to - from);
    let last = 0;
    for (let site = from; site < to; site++) {
      const kind = siteKinds.at(site);
      const number = numberTarget(dex, kind, siteTargets.at(site), names);
      writer.write((number << SITE_KIND_BITS) | kind);
      writer.write(siteUnits.at(site) - last);
      last = siteUnits.at(site);
    }
    if (diagnostics.length > 0 || writer.length + constants.length > mostBytes(dex.length))
      throw new NoFacts();
  }
  sections[SECTION.sites] = writer.take();
  sections[SECTION.constants] = constants.take();
}

function numberTarget(dex: DexFile, kind: number, target: number, names: FactsNames): number {
  if (kind === SITE.call || kind === SITE.override) return names.method(target);
  if (kind === SITE.field) return names.field(target);
  if (kind === SITE.native) return 0;
  return kind === SITE.string ? names.string(dex.string(target)) : names.type(dex.typeDescriptor(target));
}

/** Methods that the file's classes define and that a call asked for may come to: of its name, and fitting. */
function writeDefinitions(
  dex: DexFile,
  query: ReferenceQuery,
  { texts }: Targets,
  names: FactsNames,
  sections: Sections,
): void {
  const isFitting = new Uint8Array(dex.methodIdsSize);
  const hasFitting = new Uint8Array(dex.typeIdsSize);
  const protos: string[] = [];
  for (let methodIdx = 0; methodIdx < dex.methodIdsSize; methodIdx++) {
    const text = texts[dex.methodNameIdx(methodIdx)]!;
    if (text <= 0 || !query.isMethodName(text)) continue;
    const protoIdx = dex.methodProtoIdx(methodIdx);
    const proto = (protos[protoIdx] ??= dex.protoDescriptor(protoIdx));
    const asked = query.methods.get(text) ?? [];
    const isAsked =
      query.calledNames.has(text) ||
      asked.some(({ descriptor }) => descriptor === undefined || descriptor === proto);
    if (!isAsked) continue;
    isFitting[methodIdx] = 1;
    hasFitting[dex.methodClassIdx(methodIdx)] = 1;
  }
  const classes = new IntList();
  const methods = new IntList();
  for (let index = 0; index < dex.classDefsSize; index++) {
    const classDef = dex.classDef(index);
    if (hasFitting[classDef.classIdx] !== 1) continue;
    const { directMethods, virtualMethods } = dex.classData(classDef);
    for (const list of [directMethods, virtualMethods]) {
      for (const { methodIdx } of list) {
        if (isFitting[methodIdx] !== 1) continue;
        classes.push(index);
        methods.push(names.method(methodIdx));
      }
    }
  }
  sections[SECTION.definingClasses] = Uint16Array.from(classes);
  sections[SECTION.definedMethods] = Uint32Array.from(methods);
}

/** Counts what comparing the overloads of methods can cost, of the names that are asked for and of any. */
function countText(
  dex: DexFile,
  query: ReferenceQuery,
  { texts }: Targets,
  { protoLengths, isDefined }: SoundLists,
  counts: Uint32Array,
): void {
  const { methodIds16, methodIds32 } = dex;
  for (let methodIdx = 0; methodIdx < isDefined.length; methodIdx++) {
    if (isDefined[methodIdx] === 0) continue;
    const length = protoLengths[methodIds16[methodIdx * 4 + 1]!]!;
    const text = texts[methodIds32[methodIdx * 2 + 1]!]!;
    counts[COUNT.definedText]! += length;
    if (text > 0 && query.isMethodName(text)) counts[COUNT.overloadText]! += length;
  }
}

function writeClasses(dex: DexFile, targets: Targets, names: FactsNames, sections: Sections): void {
  const size = dex.classDefsSize;
  const superclasses = new Uint16Array(size);
  const interfaceClasses = new IntList();
  const interfaceTypes = new IntList();
  const extended = new Set<number>();
  const implemented = new Set<number>();
  for (let index = 0; index < size; index++) {
    const { superclassIdx, interfacesOff } = dex.classDef(index);
    if (superclassIdx !== undefined) {
      const descriptor = dex.typeDescriptor(superclassIdx);
      const type = names.type(descriptor);
      superclasses[index] = type + 1;
      if (isMarked(targets, superclassIdx) || platformSuperclasses.has(descriptor)) extended.add(type);
    }
    if (interfacesOff === 0) continue;
    for (const typeIdx of dex.interfaces(dex.classDef(index))) {
      const type = names.type(dex.typeDescriptor(typeIdx));
      interfaceClasses.push(index);
      interfaceTypes.push(type);
      if (isMarked(targets, typeIdx)) implemented.add(type);
    }
  }
  const asked: number[] = [];
  targets.classes.forEach((_, typeIdx) => {
    if (isMarked(targets, typeIdx)) asked.push(names.type(dex.typeDescriptor(typeIdx)));
  });
  sections[SECTION.superclasses] = superclasses;
  sections[SECTION.interfaceClasses] = Uint16Array.from(interfaceClasses);
  sections[SECTION.interfaceTypes] = Uint16Array.from(interfaceTypes);
  sections[SECTION.extendedTypes] = Uint16Array.from(extended);
  sections[SECTION.implementedTypes] = Uint16Array.from(implemented);
  sections[SECTION.askedTypes] = Uint16Array.from(asked);
  sections[SECTION.classTable] = makeClassTable(dex);
}

function makeClassTable(dex: DexFile): Uint16Array {
  const size = dex.classDefsSize;
  const table = new Uint16Array(2 ** Math.ceil(Math.log2(size * 1.5 + 1)));
  for (let index = 0; index < size; index++) {
    let at = hashText(dex.classDescriptor(index)) & (table.length - 1);
    while (table[at] !== 0) at = (at + 1) & (table.length - 1);
    table[at] = index + 1;
  }
  return table;
}

/** Static String fields with a constant, and methods that return one, where it can be a version. */
function writeVersions(
  { dex, returning }: FactsWalk,
  names: FactsNames,
  mayBeVersion: (text: string) => boolean,
  sections: Sections,
): void {
  const writer = new VarintWriter();
  const write = (classDefIdx: number, kind: number, name: string, value: string) => {
    if (!mayBeVersion(value)) return;
    for (const number of [classDefIdx, kind, names.string(name), names.string(value)]) writer.write(number);
  };
  for (let index = 0; index < dex.classDefsSize; index++) {
    for (const [name, value] of readOrUndefined(() => readStaticStrings(dex, index)) ?? [])
      write(index, VERSION.field, name, value);
  }
  for (let at = 0; at < returning.length; at += 3) {
    const value = readOrUndefined(() => readReturnedConstant(dex, returning.at(at + 2)));
    if (value !== undefined)
      write(returning.at(at), VERSION.method, dex.methodRef(returning.at(at + 1)), value);
  }
  sections[SECTION.versions] = writer.take();
}

/** Name and value of a class's static String fields with a constant; of two of one name, the first counts. */
function readStaticStrings(dex: DexFile, classDefIdx: number): Map<string, string> {
  const found = new Map<string, string>();
  const classDef = dex.classDef(classDefIdx);
  if (classDef.staticValuesOff === 0) return found;
  const values = dex.staticValues(classDef);
  const seen = new Set<string>();
  dex.classData(classDef).staticFields.forEach(({ fieldIdx }, index) => {
    const name = dex.string(dex.fieldNameIdx(fieldIdx));
    const value = values[index];
    if (!seen.has(name) && value?.type === "string") found.set(name, dex.string(value.idx));
    seen.add(name);
  });
  return found;
}

function writeBeginnings(
  dex: DexFile,
  starts: readonly string[],
  names: FactsNames,
  sections: Sections,
): void {
  const writer = new VarintWriter();
  for (const start of starts) {
    const found = dex.stringsBeginningWith(start, MOST_STRINGS);
    writer.write(names.string(start));
    writer.write(found.length);
    for (const text of found) writer.write(names.string(text));
  }
  sections[SECTION.beginnings] = writer.take();
}

/** Of all strings, and of the outermost classes of inner ones and of arrays: what is apart is named by them. */
function makeFingerprints(dex: DexFile, isLoaded: Uint8Array, hashes: Uint32Array): Uint32Array {
  const list = new FingerprintList(dex.stringIdsSize + dex.typeIdsSize);
  for (let index = 0; index < hashes.length; index++) list.add(hashes[index]!, isLoaded[index] === 1);
  for (let typeIdx = 0; typeIdx < dex.typeIdsSize; typeIdx++) {
    const descriptor = dex.typeDescriptor(typeIdx);
    if (!descriptor.startsWith("[") && !descriptor.includes("$")) continue;
    const outermost = outermostClass(descriptor.replace(/^\[+/, ""));
    if (outermost !== descriptor) list.add(fingerprintOf(outermost), false);
  }
  return list.take();
}
