import type { DexFile } from "../dex/index.js";
import { type Limits, readOrUndefined } from "../diagnostics/index.js";
import type { AndroidClasses } from "./android-classes.js";
import { isPlatformClass } from "./platform-classes.js";

const NONE = -1;
const OBJECT = "Ljava/lang/Object;";

/**
 * The classes of an app and those that it names, by number, over all its DEX files. Where two files define one class the
 * first counts, as in the runtime's class loader; a class of Android's is Android's even where the app carries one of that
 * name.
 */
export class TypeTable {
  readonly dexFiles: readonly DexFile[];
  readonly android: AndroidClasses;
  /** Descriptor by type. */
  readonly names: string[] = [];
  /** By type: the DEX file that defines it, -1 where none does. */
  readonly #dexOf: number[] = [];
  readonly #classDefOf: number[] = [];
  readonly #numbers = new Map<string, number>();
  /** Type by DEX file and type_ids index, -1 where it was not asked for. */
  readonly #byTypeIdx: Int32Array[];
  readonly #supers: (readonly number[] | undefined)[] = [];
  readonly #superclasses: (readonly number[] | undefined)[] = [];
  readonly #ancestors: (readonly number[] | undefined)[] = [];
  readonly #outside: (readonly number[] | undefined)[] = [];
  /** `null` of what is no class of Android's. */
  readonly #androidMethods: (ReadonlySet<string> | null | undefined)[] = [];
  readonly #limits: Limits;
  readonly object: number;

  constructor(dexFiles: readonly DexFile[], android: AndroidClasses, limits: Limits) {
    this.dexFiles = dexFiles;
    this.android = android;
    this.#limits = limits;
    this.#byTypeIdx = dexFiles.map((dex) => new Int32Array(dex.typeIdsSize).fill(NONE));
    for (const [number, dex] of dexFiles.entries()) this.#defineClasses(dex, number);
    this.object = this.numberOf(OBJECT);
  }

  #defineClasses(dex: DexFile, number: number): void {
    for (let classDefIdx = 0; classDefIdx < dex.classDefsSize; classDefIdx++) {
      const descriptor = dex.findClassDescriptor(classDefIdx);
      if (descriptor === undefined || this.#numbers.has(descriptor) || isPlatformClass(descriptor)) continue;
      const type = this.numberOf(descriptor);
      this.#dexOf[type] = number;
      this.#classDefOf[type] = classDefIdx;
    }
  }

  /** How many there are, so far. */
  get size(): number {
    return this.names.length;
  }

  /** The type of a descriptor, numbered if it is new. */
  numberOf(descriptor: string): number {
    const known = this.#numbers.get(descriptor);
    if (known !== undefined) return known;
    const type = this.names.push(descriptor) - 1;
    this.#numbers.set(descriptor, type);
    this.#dexOf.push(NONE);
    this.#classDefOf.push(NONE);
    return type;
  }

  /** Whether a type was numbered: the app defines it, or code that was read names it. */
  isNamed(descriptor: string): boolean {
    return this.#numbers.has(descriptor);
  }

  /** The type of a descriptor that the app defines. */
  findDefined(descriptor: string): number | undefined {
    const type = this.#numbers.get(descriptor);
    return type !== undefined && this.isDefined(type) ? type : undefined;
  }

  /** The type of a type_ids index, that of a spoilt one being `Lspoilt;`. */
  ofTypeIdx(dexNumber: number, typeIdx: number): number {
    const types = this.#byTypeIdx[dexNumber]!;
    const known = types[typeIdx] ?? NONE;
    if (known !== NONE) return known;
    const type = this.numberOf(this.dexFiles[dexNumber]!.findTypeDescriptor(typeIdx) ?? "Lspoilt;");
    if (typeIdx < types.length) types[typeIdx] = type;
    return type;
  }

  /** Whether the app defines it. */
  isDefined(type: number): boolean {
    return this.#dexOf[type] !== NONE;
  }

  /** Whether it is the app's or Android's: of what nobody carries nothing is known. */
  isKnown(type: number): boolean {
    return this.isDefined(type) || this.androidMethodsOf(type) !== undefined;
  }

  /** The DEX file that defines a type, -1 where none does. */
  dexNumberOf(type: number): number {
    return this.#dexOf[type]!;
  }

  classDefIdxOf(type: number): number {
    return this.#classDefOf[type]!;
  }

  /** The superclass of a class that the app defines; `undefined` of others, and where there is none. */
  superclassOf(type: number): number | undefined {
    if (!this.isDefined(type)) return undefined;
    const descriptor = readOrUndefined(() =>
      this.dexFiles[this.#dexOf[type]!]!.superclassDescriptor(this.#classDefOf[type]!),
    );
    return descriptor === undefined ? undefined : this.numberOf(descriptor);
  }

  /** A class and its superclasses, as far as the app defines them and {@link ancestorsOf} goes; of any other type itself. */
  superclassesOf(type: number): readonly number[] {
    return (this.#superclasses[type] ??= this.#followSuperclasses(type));
  }

  #followSuperclasses(type: number): number[] {
    const found = new Set<number>();
    for (
      let at: number | undefined = type;
      at !== undefined && !found.has(at) && found.size <= this.#limits.ancestors;
      at = this.superclassOf(at)
    )
      found.add(at);
    return [...found];
  }

  /** The superclass and the interfaces that a type names itself; `Ljava/lang/Object;` may be left out. */
  supersOf(type: number): readonly number[] {
    return (this.#supers[type] ??= this.#readSupers(type));
  }

  #readSupers(type: number): number[] {
    if (!this.isDefined(type))
      return this.android.supersOf(this.names[type]!).map((name) => this.numberOf(name));
    const dexNumber = this.#dexOf[type]!;
    const superclass = this.superclassOf(type);
    const interfaces = this.dexFiles[dexNumber]!.interfaceTypes(this.#classDefOf[type]!);
    return [
      ...(superclass === undefined ? [] : [superclass]),
      ...Array.from(interfaces, (typeIdx) => this.ofTypeIdx(dexNumber, typeIdx)),
    ];
  }

  /** A type and all that it extends or implements, nearest first, each once; no more than `Limits.ancestors`. */
  ancestorsOf(type: number): readonly number[] {
    const known = this.#ancestors[type];
    if (known !== undefined) return known;
    const found = new Set([type]);
    for (const one of found) {
      if (found.size > this.#limits.ancestors) break;
      for (const above of this.supersOf(one)) found.add(above);
    }
    found.add(this.object);
    return (this.#ancestors[type] = [...found]);
  }

  /** Those of {@link ancestorsOf} that the app does not define. */
  outsideAncestorsOf(type: number): readonly number[] {
    return (this.#outside[type] ??= this.ancestorsOf(type).filter((one) => !this.isDefined(one)));
  }

  /** The methods that a class of Android's declares; `undefined` of any other. */
  androidMethodsOf(type: number): ReadonlySet<string> | undefined {
    const known = this.#androidMethods[type];
    if (known !== undefined) return known === null ? undefined : known;
    const name = this.names[type]!;
    const found = this.android.has(name) ? this.android.methodsOf(name) : undefined;
    this.#androidMethods[type] = found ?? null;
    return found;
  }

  /** Whether a type is another one, extends or implements it. */
  inherits(type: number, ancestor: number): boolean {
    return ancestor === this.object || this.ancestorsOf(type).includes(ancestor);
  }
}
