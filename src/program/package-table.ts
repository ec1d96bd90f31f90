import type { DexFile } from "../dex/index.js";
import { FormatError } from "../diagnostics/index.js";

/** Size of a class_def_item in 32-bit words; the first is its class_idx. */
const CLASS_DEF_WORDS = 8;

const SLASH = 0x2f;
const [R, DOLLAR, SEMICOLON] = [0x52, 0x24, 0x3b];

/**
 * The packages of an app's classes, numbered over all its DEX files.
 *
 * A class named in `apart` is with its inner classes a package of its own, so that a rule can speak of
 * one class.
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
  /** Descriptor of one class of it, by package number: the first that was met. */
  readonly examples: string[] = [];
  /** DEX file of that class, by package number. */
  readonly exampleEntries: string[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #apart: ReadonlySet<string>;
  /** Numbers of the packages that classes apart stand in. */
  readonly #packagesApart: ReadonlySet<number>;

  constructor(apart: Iterable<string> = []) {
    this.#apart = new Set(apart);
    this.#packagesApart = new Set([...this.#apart].map((descriptor) => this.#number(packageOf(descriptor))));
  }

  /** Numbers the packages of the classes that a DEX file defines: the package by class_defs index. */
  addClasses(dex: DexFile): Int32Array {
    const byClassDef = new Int32Array(dex.classDefsSize);
    const { bytes } = dex;
    // Classes of one package mostly stand together: comparing bytes saves decoding each name.
    let lastStart = 0;
    let lastLength = -1;
    let lastNumber = 0;
    for (let index = 0; index < byClassDef.length; index++) {
      const typeIdx = dex.classDefs[index * CLASS_DEF_WORDS]!;
      const start = textStart(bytes, dex.stringIds[dex.typeIds[typeIdx]!]!);
      const length = packageLength(bytes, start);
      if (length !== lastLength || !sameBytes(bytes, start, lastStart, length)) {
        lastNumber = this.#number(packageOf(nameOf(dex, typeIdx)));
        lastStart = start;
        lastLength = length;
      }
      const number = this.#packagesApart.has(lastNumber)
        ? this.#numberOfApart(dex, typeIdx, lastNumber)
        : lastNumber;
      byClassDef[index] = number;
      this.classes[number]!++;
      if (isGenerated(bytes, start + length)) this.generated[number]!++;
      if (this.examples[number] === "") {
        this.examples[number] = nameOf(dex, typeIdx);
        this.exampleEntries[number] = dex.source;
      }
    }
    return byClassDef;
  }

  #numberOfApart(dex: DexFile, typeIdx: number, packageNumber: number): number {
    const outermost = outermostClass(nameOf(dex, typeIdx));
    return this.#apart.has(outermost) ? this.#number(outermost) : packageNumber;
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
    return number;
  }
}

/** `Lcom/acme/` of `Lcom/acme/Sdk;`. */
export function packageOf(descriptor: string): string {
  return descriptor.slice(0, descriptor.lastIndexOf("/") + 1) || "L";
}

/** `Lcom/acme/Sdk;` of `Lcom/acme/Sdk$Inner;`. */
function outermostClass(descriptor: string): string {
  const dollar = descriptor.indexOf("$", descriptor.lastIndexOf("/") + 2);
  return dollar < 0 ? descriptor : `${descriptor.slice(0, dollar)};`;
}

/** `Lspoilt;` stands for a class whose name cannot be read; the walk over the code reports it. */
function nameOf(dex: DexFile, typeIdx: number): string {
  // Asked first: a hostile file has a million of these, and an error costs far more than a question.
  if (typeIdx >= dex.typeIdsSize) return "Lspoilt;";
  try {
    return dex.typeDescriptor(typeIdx);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return "Lspoilt;";
  }
}

const GENERATED = Buffer.from("BuildConfig;");

/** Whether the simple name at an offset is that of a class which the Android build generates. */
function isGenerated(bytes: Uint8Array, at: number): boolean {
  if (bytes[at] === R && (bytes[at + 1] === DOLLAR || bytes[at + 1] === SEMICOLON)) return true;
  return GENERATED.every((byte, index) => bytes[at + index] === byte);
}

/** Past the utf16_size of a string_data_item. */
function textStart(bytes: Uint8Array, offset: number): number {
  let at = offset;
  while (bytes[at]! >= 0x80) at++;
  return at + 1;
}

/** Bytes of a NUL-terminated descriptor up to and with its last slash; 0 where there is none. */
function packageLength(bytes: Uint8Array, start: number): number {
  let length = 0;
  for (let at = start; bytes[at]! > 0; at++) if (bytes[at] === SLASH) length = at + 1 - start;
  return length;
}

function sameBytes(bytes: Uint8Array, a: number, b: number, length: number): boolean {
  for (let at = 0; at < length; at++) if (bytes[a + at] !== bytes[b + at]) return false;
  return true;
}
