import type { DexFile } from "../dex/index.js";
import { type Diagnostics, type Limits, readOrDiagnose, readOrUndefined } from "../diagnostics/index.js";
import {
  type CallWithConstants,
  type Constant,
  findMoreConstants,
  type WiderSearch,
} from "./find-constants.js";
import { findNearConstants } from "./near-constants.js";
import { CALL_USE } from "./reference-query.js";
import { callUsesOf, type Targets } from "./targets.js";

/** Methods that are followed into, one from another, for what they return (README, Known limits). */
const MOST_DEPTH = 2;

const ACC_STATIC_FINAL = 0x18;
/** A method of these flags is the one that is called: private, static, final. */
const ACC_PRIVATE_STATIC_FINAL = 0x1a;

/** Where a method that is sure to be the one that is called has its code. */
interface OwnMethod {
  readonly codeOff: number;
}

/**
 * What is passed to the calls of one DEX file that are asked for with constants. Of some only what stands near them; of
 * others it goes further than `findConstants`: into methods of the same file that return a String, to its fields that
 * never change, and along what is put together.
 */
export class CallConstants {
  readonly #dex: DexFile;
  readonly #targets: Targets;
  /** class_defs index by type_ids index, one more; made when it is needed. */
  #classDefs: Int32Array | undefined;
  readonly #methods = new Map<number, ReadonlyMap<number, OwnMethod>>();
  readonly #returned = new Map<string, readonly Constant[] | undefined>();
  readonly #values = new Map<number, Constant | undefined>();

  constructor(dex: DexFile, targets: Targets) {
    this.#dex = dex;
    this.#targets = targets;
  }

  /** The calls of a method, by the offset of its code_item, that are asked for with constants. */
  read(codeOff: number, limits: Limits, diagnostics: Diagnostics): readonly CallWithConstants[] {
    let hasFollowed = false;
    const see = (methodIdx: number) => {
      if (this.#isAskedFor(methodIdx, CALL_USE.followed)) hasFollowed = true;
    };
    const isNear = (methodIdx: number) => this.#isAskedFor(methodIdx, CALL_USE.near);
    const near = readOrDiagnose(diagnostics, () =>
      findNearConstants(this.#dex, codeOff, { isNear, see }, limits),
    );
    if (!hasFollowed) return near ?? [];
    const search = this.#search(0, limits, diagnostics);
    return [...(near ?? []), ...findMoreConstants(this.#dex, codeOff, search, limits, diagnostics).calls];
  }

  #isAskedFor(methodIdx: number, use: number): boolean {
    return (callUsesOf(this.#targets, this.#targets.methods[methodIdx] ?? 0) & use) !== 0;
  }

  #search(depth: number, limits: Limits, diagnostics: Diagnostics): WiderSearch {
    return {
      isListed: (methodIdx) => depth === 0 && this.#isAskedFor(methodIdx, CALL_USE.followed),
      returnedBy: (methodIdx) =>
        depth < MOST_DEPTH ? this.#returnedBy(methodIdx, depth + 1, limits, diagnostics) : undefined,
      valueOf: (fieldIdx) => this.#valueOf(fieldIdx),
    };
  }

  #returnedBy(
    methodIdx: number,
    depth: number,
    limits: Limits,
    diagnostics: Diagnostics,
  ): readonly Constant[] | undefined {
    const key = `${methodIdx} ${depth}`;
    if (this.#returned.has(key)) return this.#returned.get(key);
    // One that calls itself returns what is not known.
    this.#returned.set(key, undefined);
    const method = readOrUndefined(() => this.#findMethod(methodIdx));
    if (method === undefined) return undefined;
    const search = this.#search(depth, limits, diagnostics);
    const { returned } = findMoreConstants(this.#dex, method.codeOff, search, limits, diagnostics);
    this.#returned.set(key, returned);
    return returned;
  }

  #findMethod(methodIdx: number): OwnMethod | undefined {
    const dex = this.#dex;
    if (!dex.methodDescriptor(methodIdx).endsWith(")Ljava/lang/String;")) return undefined;
    const classDefIdx = this.#findClass(dex.methodClassIdx(methodIdx));
    if (classDefIdx === undefined) return undefined;
    let methods = this.#methods.get(classDefIdx);
    if (methods === undefined) {
      methods = this.#readMethods(classDefIdx);
      this.#methods.set(classDefIdx, methods);
    }
    return methods.get(methodIdx);
  }

  #readMethods(classDefIdx: number): Map<number, OwnMethod> {
    const { directMethods, virtualMethods } = this.#dex.classData(this.#dex.classDef(classDefIdx));
    const own = [...directMethods, ...virtualMethods].filter(
      ({ accessFlags, codeOff }) => codeOff !== 0 && (accessFlags & ACC_PRIVATE_STATIC_FINAL) !== 0,
    );
    return new Map(own.map(({ methodIdx, codeOff }) => [methodIdx, { codeOff }]));
  }

  #findClass(typeIdx: number): number | undefined {
    if (this.#classDefs === undefined) {
      this.#classDefs = new Int32Array(this.#dex.typeIdsSize);
      for (let index = this.#dex.classDefsSize - 1; index >= 0; index--)
        this.#classDefs[this.#dex.classDef(index).classIdx] = index + 1;
    }
    const found = this.#classDefs[typeIdx] ?? 0;
    return found === 0 ? undefined : found - 1;
  }

  #valueOf(fieldIdx: number): Constant | undefined {
    if (!this.#values.has(fieldIdx))
      this.#values.set(
        fieldIdx,
        readOrUndefined(() => this.#readValue(fieldIdx)),
      );
    return this.#values.get(fieldIdx);
  }

  /** The constant initial value of a static final String field. */
  #readValue(fieldIdx: number): Constant | undefined {
    const dex = this.#dex;
    const classDefIdx = this.#findClass(dex.fieldIds16[fieldIdx * 4]!);
    if (classDefIdx === undefined) return undefined;
    const classDef = dex.classDef(classDefIdx);
    const { staticFields } = dex.classData(classDef);
    const index = staticFields.findIndex((field) => field.fieldIdx === fieldIdx);
    const field = staticFields[index];
    if (field === undefined || (field.accessFlags & ACC_STATIC_FINAL) !== ACC_STATIC_FINAL) return undefined;
    const value = dex.staticValues(classDef)[index];
    return value?.type === "string" ? { string: dex.string(value.idx) } : undefined;
  }
}
