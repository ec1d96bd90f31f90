import { CLASS_DEF_FIELDS, CLASS_DEF_WORDS, type DexFile, textStart } from "../dex/index.js";
import { type Diagnostics, readOrDiagnose } from "../diagnostics/index.js";

const SLASH = 0x2f;
const [R, DOLLAR, SEMICOLON] = [0x52, 0x24, 0x3b];

/**
 * Classes of a DEX file that always count to one package: a package's, or where each of its classes may be apart, a
 * class's with its inner classes. By class_defs indexes.
 */
export interface PackageUnit {
  /** `Lcom/acme/sdk/`, or `La/b;`. */
  readonly name: string;
  readonly classes: number;
  readonly generated: number;
  readonly codeUnits: number;
  readonly firstClass: number;
  /** The first class that is not generated; `undefined` where all are. */
  readonly firstOwn: number | undefined;
}

/**
 * The packages of an app's classes, numbered over all its DEX files.
 *
 * A class named in `apart` is with its inner classes a package of its own, so that a rule can speak of
 * one class; and so is each class of a package that `isSplit`, whose name says nothing of its owner.
 */
export class PackageTable {
  /** `Lcom/acme/sdk/` by package number, `L` for the default package, `Lcom/acme/Sdk;` for a class apart. */
  readonly names: string[] = [];
  /** Classes defined, by package number. */
  readonly classes: number[] = [];
  /** Those of {@link classes} that the build generated for a package's resources: `R`, `R$id`, `BuildConfig`. */
  readonly generated: number[] = [];
  /** Sum of `insns_size` of the package's methods, in 16-bit code units, by package number. */
  readonly codeUnits: number[] = [];
  /** Descriptor of one class of it, by package number: the first that was met, and is not generated if any is not. */
  readonly examples: string[] = [];
  /** DEX file of that class, by package number. */
  readonly exampleEntries: string[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #apart: ReadonlySet<string>;
  /** Names of the packages that classes apart stand in. */
  readonly #namesApart: ReadonlySet<string>;
  readonly #isSplit: (packageName: string) => boolean;
  /** Numbers of the packages that classes apart stand in, of those that are there. */
  readonly #packagesApart = new Set<number>();
  /** Numbers of the packages all of whose classes are apart. */
  readonly #packagesSplit = new Set<number>();

  /** @param isSplit whether all classes of a package are apart */
  constructor(apart: Iterable<string> = [], isSplit: (packageName: string) => boolean = () => false) {
    this.#apart = new Set(apart);
    this.#namesApart = new Set([...this.#apart].map(packageOf));
    this.#isSplit = isSplit;
  }

  /** The number of the package, or of the class apart, that a class of a descriptor counts to. */
  findNumberOfClass(descriptor: string): number | undefined {
    return this.#numbers.get(outermostClass(descriptor)) ?? this.#numbers.get(packageOf(descriptor));
  }

  /**
   * Numbers the packages of the classes that a DEX file defines: the package by class_defs index. Classes
   * whose names cannot be read are in the default package, and an `unread` diagnostic tells of the first.
   */
  addClasses(dex: DexFile, diagnostics: Diagnostics): Int32Array {
    const byClassDef = new Int32Array(dex.classDefsSize);
    const { stringBytes: bytes } = dex;
    const names = new NameScan(bytes);
    const numbersByString = new Map<number, number>();
    // Classes of one package mostly stand together: comparing bytes saves decoding each name.
    let lastStart = 0;
    let lastLength = -1;
    let lastNumber = 0;
    let unnamed: number | undefined;
    /** `Lspoilt;` stands for a class whose name cannot be read. */
    const nameOf = (typeIdx: number): string => {
      const name = dex.findTypeDescriptor(typeIdx);
      if (name === undefined) unnamed ??= typeIdx;
      return name ?? "Lspoilt;";
    };
    for (let index = 0; index < byClassDef.length; index++) {
      const typeIdx = dex.classDefs[index * CLASS_DEF_WORDS + CLASS_DEF_FIELDS.classIdx]!;
      const start = textStart(bytes, dex.stringIds[dex.typeIds[typeIdx]!]!);
      const length = names.packageLength(start);
      if (length < 0) lastNumber = this.#numberByString(dex, typeIdx, numbersByString, nameOf);
      else if (length !== lastLength || !sameBytes(bytes, start, lastStart, length)) {
        lastNumber = this.#number(packageOf(nameOf(typeIdx)));
      }
      lastStart = start;
      lastLength = length;
      const number = this.#packagesApart.has(lastNumber)
        ? this.#numberOfApart(nameOf(typeIdx), lastNumber)
        : lastNumber;
      byClassDef[index] = number;
      this.classes[number]!++;
      const isMade = length >= 0 && isGenerated(bytes, start + length);
      if (isMade) this.generated[number]!++;
      // What the build generates stands for a package only where there is nothing else.
      const isFirstOwn = !isMade && this.classes[number]! - this.generated[number]! === 1;
      if (this.examples[number] === "" || isFirstOwn) {
        this.examples[number] = nameOf(typeIdx);
        this.exampleEntries[number] = dex.source;
      }
    }
    const typeIdx = unnamed;
    if (typeIdx !== undefined) readOrDiagnose(diagnostics, () => dex.typeDescriptor(typeIdx));
    return byClassDef;
  }

  /**
   * The same of a file whose classes were counted before: the package's number by unit.
   *
   * @param units in the order of their first classes
   */
  addUnits(
    units: readonly PackageUnit[],
    dex: { readonly source: string; classDescriptor(classDefIdx: number): string },
  ): Int32Array {
    const byUnit = new Int32Array(units.length);
    /** By number: the first class of this file that is not generated, where no earlier file has one. */
    const firstOwn = new Map<number, number>();
    units.forEach((unit, index) => {
      const packageNumber = this.#number(packageOf(unit.name));
      const number =
        unit.name.endsWith(";") && this.#packagesApart.has(packageNumber)
          ? this.#numberOfApart(unit.name, packageNumber)
          : packageNumber;
      byUnit[index] = number;
      const hadOwn = this.classes[number]! > this.generated[number]!;
      this.classes[number]! += unit.classes;
      this.generated[number]! += unit.generated;
      this.codeUnits[number]! += unit.codeUnits;
      const known = firstOwn.get(number);
      const isFirstOwn =
        unit.firstOwn !== undefined && (known === undefined ? !hadOwn : unit.firstOwn < known);
      if (isFirstOwn) firstOwn.set(number, unit.firstOwn!);
      if (this.examples[number] !== "" && !isFirstOwn) return;
      this.examples[number] = dex.classDescriptor(isFirstOwn ? unit.firstOwn! : unit.firstClass);
      this.exampleEntries[number] = dex.source;
    });
    return byUnit;
  }

  /**
   * Numbers the packages that methods came from which a restored name puts in another class than the one that
   * defines them: the package by method_ids index. They count no class there.
   */
  addMovedMethods(dex: DexFile): Map<number, number> {
    const moved = new Map<number, number>();
    if (dex.restored === undefined) return moved;
    const { methodIds16, ownMethodIds16 } = dex;
    for (let methodIdx = 0; methodIdx < dex.methodIdsSize; methodIdx++) {
      const classIdx = methodIds16[methodIdx * 4]!;
      const owner = classIdx === ownMethodIds16[methodIdx * 4] ? undefined : dex.findTypeDescriptor(classIdx);
      if (owner === undefined) continue;
      const packageNumber = this.#number(packageOf(owner));
      const number = this.#packagesApart.has(packageNumber)
        ? this.#numberOfApart(owner, packageNumber)
        : packageNumber;
      moved.set(methodIdx, number);
      if (this.examples[number] === "") {
        this.examples[number] = owner;
        this.exampleEntries[number] = dex.source;
      }
    }
    return moved;
  }

  /** Whether there is a class, or code, of a package. */
  has(number: number): boolean {
    return this.classes[number]! > 0 || this.codeUnits[number]! > 0;
  }

  #numberOfApart(descriptor: string, packageNumber: number): number {
    const outermost = outermostClass(descriptor);
    const isApart = this.#packagesSplit.has(packageNumber) || this.#apart.has(outermost);
    return isApart ? this.#number(outermost) : packageNumber;
  }

  /** Each string decoded once: of a file whose names overlap, and so cannot be scanned one by one. */
  #numberByString(
    dex: DexFile,
    typeIdx: number,
    known: Map<number, number>,
    nameOf: (typeIdx: number) => string,
  ): number {
    const stringIdx = dex.typeIds[typeIdx] ?? -1;
    const number = known.get(stringIdx) ?? this.#number(packageOf(nameOf(typeIdx)));
    known.set(stringIdx, number);
    return number;
  }

  #number(name: string): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    const number = this.names.length;
    this.#numbers.set(name, number);
    this.names.push(name);
    this.classes.push(0);
    this.generated.push(0);
    this.codeUnits.push(0);
    this.examples.push("");
    this.exampleEntries.push("");
    if (name.endsWith(";")) return number;
    const isSplit = this.#isSplit(name);
    if (isSplit) this.#packagesSplit.add(number);
    if (isSplit || this.#namesApart.has(name)) this.#packagesApart.add(number);
    return number;
  }
}

/** `Lcom/acme/` of `Lcom/acme/Sdk;`. */
export function packageOf(descriptor: string): string {
  return descriptor.slice(0, descriptor.lastIndexOf("/") + 1) || "L";
}

/** `Lcom/acme/Sdk;` of `Lcom/acme/Sdk$Inner;`. */
export function outermostClass(descriptor: string): string {
  const dollar = descriptor.indexOf("$", descriptor.lastIndexOf("/") + 2);
  return dollar < 0 ? descriptor : `${descriptor.slice(0, dollar)};`;
}

const GENERATED = Buffer.from("BuildConfig;");

/** Whether the simple name at an offset is that of a class which the Android build generates. */
function isGenerated(bytes: Uint8Array, at: number): boolean {
  if (bytes[at] === R && (bytes[at + 1] === DOLLAR || bytes[at + 1] === SEMICOLON)) return true;
  return GENERATED.every((byte, index) => bytes[at + index] === byte);
}

/** The same of a descriptor. */
export function isGeneratedClass(descriptor: string): boolean {
  const simpleName = descriptor.slice(descriptor.lastIndexOf("/") + 1);
  return ["R$", "R;", "BuildConfig;"].some((start) => simpleName.startsWith(start));
}

/** Looks through class names in place. Those of real files do not overlap, and have fewer bytes than the file. */
class NameScan {
  readonly #bytes: Uint8Array;
  #left: number;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#left = bytes.length;
  }

  /**
   * Bytes of a NUL-terminated descriptor up to and with its last slash, 0 where there is none; -1 for a name
   * that is not in the file, and once too much was read.
   */
  packageLength(start: number): number {
    const bytes = this.#bytes;
    if (!(start < bytes.length)) return -1;
    const end = start + this.#left;
    let length = 0;
    let at = start;
    for (; at < end && bytes[at]! > 0; at++) if (bytes[at] === SLASH) length = at + 1 - start;
    this.#left -= at - start;
    return at < end ? length : -1;
  }
}

function sameBytes(bytes: Uint8Array, a: number, b: number, length: number): boolean {
  for (let at = 0; at < length; at++) if (bytes[a + at] !== bytes[b + at]) return false;
  return true;
}
