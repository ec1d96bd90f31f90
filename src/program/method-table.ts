import { type EncodedMethod, insnsSizeAt } from "../dex/index.js";
import { readOrUndefined } from "../diagnostics/index.js";
import { methodKey } from "./android-classes.js";
import type { TypeTable } from "./type-table.js";

const ACC_PRIVATE = 0x2;
const ACC_STATIC = 0x8;
const ACC_NATIVE = 0x100;
const ACC_ABSTRACT = 0x400;

/** The methods of a class that the app defines. */
export interface ClassMethods {
  /** Method by signature, all of them. */
  readonly bySignature: ReadonlyMap<number, number>;
  readonly all: readonly number[];
  /** Those of {@link all} that are virtual. */
  readonly virtual: readonly number[];
}

const NO_METHODS: ClassMethods = { bySignature: new Map(), all: [], virtual: [] };

/** The methods that an app's classes define, by number; a class is read when it is asked for. */
export class MethodTable {
  readonly types: TypeTable;
  /** By method: the type that defines it. */
  readonly owners: number[] = [];
  /** Index into method_ids of the owner's DEX file. */
  readonly methodIdxs: number[] = [];
  readonly accessFlags: number[] = [];
  /** Offset of the code_item, 0 where there is none that can be read. */
  readonly codeOffs: number[] = [];
  readonly signatures: number[] = [];
  readonly #byType: (ClassMethods | undefined)[] = [];
  /** Name and descriptor by signature: `start(I)V`. */
  readonly signatureTexts: string[] = [];
  /** By signature: whether a class that was read defines a method of it. */
  readonly #isDefined: boolean[] = [];
  /** By type: whether all of its ancestors were read. */
  readonly #isRead: boolean[] = [];
  readonly #signatureNumbers = new Map<string, number>();
  readonly #keys: (string | undefined)[] = [];
  /** Of static initialisers. */
  readonly initializer: number;
  /** Signature by DEX file and method_ids index, -1 where it was not asked for. */
  readonly #byMethodIdx: Int32Array[];

  constructor(types: TypeTable) {
    this.types = types;
    this.#byMethodIdx = types.dexFiles.map((dex) => new Int32Array(dex.methodIdsSize).fill(-1));
    this.initializer = this.numberOfSignature("<clinit>()V");
  }

  get size(): number {
    return this.owners.length;
  }

  /** The signature of a method reference: name and descriptor, numbered over all DEX files. */
  signatureOf(dexNumber: number, methodIdx: number): number {
    const numbers = this.#byMethodIdx[dexNumber]!;
    const known = numbers[methodIdx] ?? -1;
    if (known >= 0) return known;
    const dex = this.types.dexFiles[dexNumber]!;
    // Where names were restored, calls are still bound by those that the file has.
    const text = readOrUndefined(() => dex.ownSignature(methodIdx));
    const signature = this.numberOfSignature(text ?? "spoilt()V");
    if (methodIdx < numbers.length) numbers[methodIdx] = signature;
    return signature;
  }

  numberOfSignature(text: string): number {
    const known = this.#signatureNumbers.get(text);
    if (known !== undefined) return known;
    const signature = this.signatureTexts.push(text) - 1;
    this.#signatureNumbers.set(text, signature);
    return signature;
  }

  /** The methods of a type; none of one that the app does not define. A spoilt class has those before the spoilt one. */
  methodsOf(type: number): ClassMethods {
    return (this.#byType[type] ??= this.types.isDefined(type) ? this.#readMethods(type) : NO_METHODS);
  }

  #readMethods(type: number): ClassMethods {
    const dexNumber = this.types.dexNumberOf(type);
    const dex = this.types.dexFiles[dexNumber]!;
    const data = readOrUndefined(() => dex.classData(dex.classDef(this.types.classDefIdxOf(type))));
    if (data === undefined) return NO_METHODS;
    const bySignature = new Map<number, number>();
    const all: number[] = [];
    const add = ({ methodIdx, accessFlags, codeOff }: EncodedMethod): number => {
      const signature = this.signatureOf(dexNumber, methodIdx);
      const method = this.owners.push(type) - 1;
      this.methodIdxs.push(methodIdx);
      this.accessFlags.push(accessFlags);
      this.codeOffs.push(codeOff !== 0 && insnsSizeAt(dex, codeOff) >= 0 ? codeOff : 0);
      this.signatures.push(signature);
      this.#isDefined[signature] = true;
      bySignature.set(signature, method);
      all.push(method);
      return method;
    };
    for (const encoded of data.directMethods) add(encoded);
    const virtual = data.virtualMethods.map(add);
    return { bySignature, all, virtual };
  }

  /** `onClick/1`. */
  keyOf(method: number): string {
    return this.keyOfSignature(this.signatures[method]!);
  }

  keyOfSignature(signature: number): string {
    return (this.#keys[signature] ??= methodKey(
      this.nameOf(signature),
      parameterTypes(this.signatureTexts[signature]!).length,
    ));
  }

  /** The name in a signature. */
  nameOf(signature: number): string {
    const text = this.signatureTexts[signature]!;
    return text.slice(0, text.indexOf("("));
  }

  /** `Lcom/acme/Sdk;->start(I)V`, by its original name where it was restored. */
  reference(method: number): string {
    const type = this.owners[method]!;
    const dex = this.types.dexFiles[this.types.dexNumberOf(type)]!;
    return (
      readOrUndefined(() => dex.methodRef(this.methodIdxs[method]!)) ??
      `${this.types.names[type]}->${this.signatureTexts[this.signatures[method]!]}`
    );
  }

  /** The method of a reference by the names that the file has. */
  find(reference: string): number | undefined {
    const arrow = reference.indexOf("->");
    const type = this.types.findDefined(reference.slice(0, arrow));
    return type === undefined
      ? undefined
      : this.methodsOf(type).bySignature.get(this.numberOfSignature(reference.slice(arrow + 2)));
  }

  /** The method of a class_data_item; `undefined` where it, or its class, does not count or cannot be read. */
  findDefined(dexNumber: number, classDefIdx: number, methodIdx: number): number | undefined {
    const { types } = this;
    const descriptor = types.dexFiles[dexNumber]!.findClassDescriptor(classDefIdx);
    const type = descriptor === undefined ? undefined : types.findDefined(descriptor);
    if (
      type === undefined ||
      types.dexNumberOf(type) !== dexNumber ||
      types.classDefIdxOf(type) !== classDefIdx
    )
      return undefined;
    return this.methodsOf(type).all.find((method) => this.methodIdxs[method] === methodIdx);
  }

  isConstructor(method: number): boolean {
    return this.nameOf(this.signatures[method]!) === "<init>";
  }

  constructorsOf(type: number): number[] {
    return this.methodsOf(type).all.filter((method) => this.isConstructor(method));
  }

  isStatic(method: number): boolean {
    return (this.accessFlags[method]! & ACC_STATIC) !== 0;
  }

  isNative(method: number): boolean {
    return (this.accessFlags[method]! & ACC_NATIVE) !== 0;
  }

  isAbstract(method: number): boolean {
    return (this.accessFlags[method]! & ACC_ABSTRACT) !== 0;
  }

  isPrivate(method: number): boolean {
    return (this.accessFlags[method]! & ACC_PRIVATE) !== 0;
  }

  /** The methods of a class and its superclasses in the app that have an annotation of a type. */
  findAnnotated(type: number, annotation: string): number[] {
    const { types } = this;
    return types.ancestorsOf(type).flatMap((one) => {
      if (!types.isDefined(one)) return [];
      const dex = types.dexFiles[types.dexNumberOf(one)]!;
      const annotations = readOrUndefined(() =>
        dex.methodAnnotations(dex.classDef(types.classDefIdxOf(one))),
      );
      if (annotations === undefined || annotations.size === 0) return [];
      const isAnnotated = (methodIdx: number) =>
        annotations.get(methodIdx)?.some((typeIdx) => dex.findTypeDescriptor(typeIdx) === annotation);
      return this.methodsOf(one).all.filter((method) => isAnnotated(this.methodIdxs[method]!));
    });
  }

  /** The method that a static or direct call on a type comes to: its own, or that of the nearest superclass. */
  findInherited(type: number, signature: number): number | undefined {
    for (const at of this.types.superclassesOf(type)) {
      const method = this.methodsOf(at).bySignature.get(signature);
      if (method !== undefined) return method;
    }
    return undefined;
  }

  /**
   * The method that a virtual call comes to on an object of a class: its own or the nearest superclass's, else the default
   * method of an interface ("Method resolution", JVM specification 5.4.6); abstract ones are passed over.
   */
  select(type: number, signature: number): number | undefined {
    if (!this.#isRead[type]) {
      for (const one of this.types.ancestorsOf(type)) this.methodsOf(one);
      this.#isRead[type] = true;
    }
    if (!this.#isDefined[signature]) return undefined;
    const inherited = this.findInherited(type, signature);
    if (inherited !== undefined && !this.isAbstract(inherited)) return inherited;
    for (const ancestor of this.types.ancestorsOf(type)) {
      const method = this.methodsOf(ancestor).bySignature.get(signature);
      if (method !== undefined && !this.isAbstract(method) && !this.isStatic(method)) return method;
    }
    return undefined;
  }
}

/** Descriptors of the parameters of a method, by its descriptor or what ends with that. */
export function parameterTypes(text: string): string[] {
  return text.slice(text.indexOf("(") + 1, text.indexOf(")")).match(/\[*(?:[ZBSCIJFD]|L[^;]+;)/g) ?? [];
}
