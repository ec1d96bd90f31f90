import type { DexFile } from "../dex/index.js";
import { IntList, isGeneratedClass, outermostClass, packageOf } from "../program/index.js";
import { MOST, NO_CLASS, SECTION, UNIT, UNIT_WORDS } from "./dex-facts-layout.js";
import { type FactsNames, NoFacts } from "./facts-names.js";
import type { Sections } from "./sections.js";

/**
 * The classes of a DEX file, and those that it refers to, by what always counts to one package under any rules that
 * the facts are good for; and which of these units' code refers to which.
 */
export class UnitTable {
  readonly #dex: DexFile;
  readonly #apart: ReadonlySet<string>;
  readonly #maySplit: (packageName: string) => boolean;
  readonly #numbers = new Map<string, number>();
  readonly #names: string[] = [];
  /** By package name: whether each of its classes is a unit. */
  readonly #splits = new Map<string, boolean>();
  /** Unit by class_defs index. */
  readonly ofClass: Uint16Array;
  /** Unit by type_ids index, -1 where it is no class. */
  readonly #ofType: Int32Array;
  readonly #counts: Uint32Array;
  /** By unit: the unit whose code was seen to refer to it last. */
  readonly #lastFrom: Int32Array;
  /** Pairs of units, in one number each. */
  readonly #edges = new IntList();

  constructor(dex: DexFile, apart: ReadonlySet<string>, maySplit: (packageName: string) => boolean) {
    this.#dex = dex;
    this.#apart = apart;
    this.#maySplit = maySplit;
    this.ofClass = new Uint16Array(dex.classDefsSize);
    this.#ofType = new Int32Array(dex.typeIdsSize).fill(-1);
    // Those with classes come first, by their first classes.
    for (let index = 0; index < dex.classDefsSize; index++) {
      const { classIdx } = dex.classDef(index);
      this.ofClass[index] = this.#number(this.#nameOf(dex.typeDescriptor(classIdx)));
      this.#ofType[classIdx] = this.ofClass[index]!;
    }
    for (let typeIdx = 0; typeIdx < dex.typeIdsSize; typeIdx++) {
      if (this.#ofType[typeIdx]! >= 0) continue;
      const named = dex.typeDescriptor(typeIdx);
      const descriptor = named.startsWith("[") ? named.replace(/^\[+/, "") : named;
      if (descriptor.endsWith(";")) this.#ofType[typeIdx] = this.#number(this.#nameOf(descriptor));
    }
    this.#counts = new Uint32Array(this.#names.length * UNIT_WORDS);
    for (let unit = 0; unit < this.#names.length; unit++) {
      this.#counts[unit * UNIT_WORDS + UNIT.firstClass] = NO_CLASS;
      this.#counts[unit * UNIT_WORDS + UNIT.firstOwn] = NO_CLASS;
    }
    this.#lastFrom = new Int32Array(this.#names.length).fill(-1);
    this.#countClasses();
  }

  #nameOf(descriptor: string): string {
    const packageName = packageOf(descriptor);
    let isSplit = this.#splits.get(packageName);
    if (isSplit === undefined) {
      isSplit = this.#maySplit(packageName);
      this.#splits.set(packageName, isSplit);
    }
    if (!isSplit && this.#apart.size === 0) return packageName;
    const outermost = outermostClass(descriptor);
    return isSplit || this.#apart.has(outermost) ? outermost : packageName;
  }

  #number(name: string): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    const number = this.#names.push(name) - 1;
    if (number >= MOST) throw new NoFacts();
    this.#numbers.set(name, number);
    return number;
  }

  #countClasses(): void {
    const counts = this.#counts;
    for (let index = 0; index < this.ofClass.length; index++) {
      const at = this.ofClass[index]! * UNIT_WORDS;
      const descriptor = this.#dex.classDescriptor(index);
      if (!descriptor.startsWith("L") || descriptor.indexOf(";") !== descriptor.length - 1)
        throw new NoFacts();
      const isMade = isGeneratedClass(descriptor);
      counts[at + UNIT.classes]!++;
      if (isMade) counts[at + UNIT.generated]!++;
      if (counts[at + UNIT.firstClass] === NO_CLASS) counts[at + UNIT.firstClass] = index;
      if (!isMade && counts[at + UNIT.firstOwn] === NO_CLASS) counts[at + UNIT.firstOwn] = index;
    }
  }

  /** Counts code units to a unit. */
  addCode(unit: number, codeUnits: number): void {
    this.#counts[unit * UNIT_WORDS + UNIT.codeUnits]! += codeUnits;
  }

  /** Adds that the code of a unit names a type, by its type_ids index. */
  addReference(from: number, typeIdx: number): void {
    const to = this.#ofType[typeIdx] ?? -1;
    if (to < 0 || to === from || this.#lastFrom[to] === from) return;
    this.#lastFrom[to] = from;
    this.#edges.push(from | (to << 16));
  }

  writeTo(sections: Sections, names: FactsNames): void {
    const split = this.#names.map((name) => names.splitName(name));
    sections[SECTION.classUnits] = this.ofClass;
    sections[SECTION.unitPackages] = Uint16Array.from(split, ([packageNumber]) => packageNumber);
    sections[SECTION.unitNames] = Uint32Array.from(split, ([, name]) => name);
    sections[SECTION.units] = this.#counts;
    const edges = Uint32Array.from({ length: this.#edges.length }, (_, index) => this.#edges.at(index));
    const sorted = edges.sort();
    const unique = sorted.filter((edge, index) => index === 0 || edge !== sorted[index - 1]);
    sections[SECTION.edges] = new Uint16Array(unique.buffer, 0, unique.length * 2);
  }
}
