import type { DexFile } from "../dex/index.js";
import { type Diagnostics, FormatError, type Limits } from "../diagnostics/index.js";
import { isPlatformClass, platformSuperclasses } from "./platform-classes.js";
import type { AskedMember } from "./reference-query.js";

/** A class that the app defines. */
export interface DefinedClass {
  readonly dex: DexFile;
  /** Index into class_defs. */
  readonly classDefIdx: number;
}

/** Above the number of class_defs that a file can hold: each takes 32 bytes. */
const MOST_CLASSES = 2 ** 27;

/** Size of a class_def_item in 32-bit words; the first is its class_idx. */
const CLASS_DEF_WORDS = 8;

/**
 * The classes of an app over all its DEX files, by descriptor, with their ancestors. Where two files
 * define one class the first counts, as in the runtime's class loader.
 *
 * Collected when first asked. Platform classes are known as far as `platformSuperclasses` goes.
 */
export class ClassHierarchy {
  readonly #dexFiles: readonly DexFile[];
  /** By descriptor: the file's index times {@link MOST_CLASSES} and the class_defs index. */
  #classes: Map<string, number> | undefined;

  readonly #limits: Limits;
  readonly #diagnostics: Diagnostics;
  #isCut = false;

  constructor(dexFiles: readonly DexFile[], limits: Limits, diagnostics: Diagnostics) {
    this.#dexFiles = dexFiles;
    this.#limits = limits;
    this.#diagnostics = diagnostics;
  }

  /** Whether no more ancestors may be followed; said once. */
  #isTooMany(seen: ReadonlySet<string>): boolean {
    if (seen.size < this.#limits.ancestors) return false;
    if (!this.#isCut) {
      const [descriptor] = seen;
      this.#diagnostics.push({
        effect: "unread",
        code: "limit",
        part: this.find(descriptor!)?.dex.source ?? "classes.dex",
        message: `${descriptor}: more than ${this.#limits.ancestors} ancestors are not followed (limit ancestors)`,
      });
    }
    this.#isCut = true;
    return true;
  }

  /**
   * The class that the app defines, `undefined` if it does not. A platform class is the platform's even
   * where the app carries one of that name: the runtime asks the boot class path first.
   */
  find(descriptor: string): DefinedClass | undefined {
    if (isPlatformClass(descriptor)) return undefined;
    this.#classes ??= collectClasses(this.#dexFiles);
    const place = this.#classes.get(descriptor);
    if (place === undefined) return undefined;
    const classDefIdx = place % MOST_CLASSES;
    return { dex: this.#dexFiles[(place - classDefIdx) / MOST_CLASSES]!, classDefIdx };
  }

  /**
   * The member that a reference to `name` on class `descriptor` resolves to, among those asked for:
   * `undefined` if a class of the app defines the method first, or no ancestor is asked for.
   *
   * Follows the runtime's order: the class and its superclasses, then all superinterfaces.
   */
  resolveMember(
    descriptor: string,
    name: string,
    proto: string,
    asked: readonly AskedMember[],
  ): AskedMember | undefined {
    const interfaces: string[] = [];
    const seen = new Set<string>();
    for (
      let at: string | undefined = descriptor;
      at !== undefined && !seen.has(at) && !this.#isTooMany(seen);
      at = this.superclassOf(at)
    ) {
      seen.add(at);
      const found = asked.find((member) => member.classDescriptor === at);
      if (found !== undefined) return found;
      const defined = this.find(at);
      if (defined !== undefined) {
        if (definesMethod(defined, name, proto)) return undefined;
        interfaces.push(...interfacesOf(defined));
      }
    }
    return this.#resolveInInterfaces(interfaces, seen, asked);
  }

  #resolveInInterfaces(
    queue: string[],
    seen: Set<string>,
    asked: readonly AskedMember[],
  ): AskedMember | undefined {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      if (seen.has(next)) continue;
      if (this.#isTooMany(seen)) return undefined;
      seen.add(next);
      const found = asked.find((member) => member.classDescriptor === next);
      if (found !== undefined) return found;
      const defined = this.find(next);
      if (defined !== undefined) queue.push(...interfacesOf(defined));
    }
    return undefined;
  }

  /** The ancestors of a class, itself first: superclasses, then every superinterface. */
  ancestorsOf(descriptor: string): Set<string> {
    const ancestors = new Set<string>();
    const queue = [descriptor];
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      if (ancestors.has(next)) continue;
      if (this.#isTooMany(ancestors)) break;
      ancestors.add(next);
      const superclass = this.superclassOf(next);
      if (superclass !== undefined) queue.unshift(superclass);
      const defined = this.find(next);
      if (defined !== undefined) queue.push(...interfacesOf(defined));
    }
    return ancestors;
  }

  superclassOf(descriptor: string): string | undefined {
    const defined = this.find(descriptor);
    if (defined === undefined) return platformSuperclasses.get(descriptor);
    const { superclassIdx } = defined.dex.classDef(defined.classDefIdx);
    return superclassIdx === undefined
      ? undefined
      : textOrUndefined(() => defined.dex.typeDescriptor(superclassIdx));
  }
}

/** One pass over all class_defs: cheaper than asking each file for each class. */
function collectClasses(dexFiles: readonly DexFile[]): Map<string, number> {
  const classes = new Map<string, number>();
  for (const [file, dex] of dexFiles.entries()) {
    for (let classDefIdx = 0; classDefIdx < dex.classDefsSize; classDefIdx++) {
      const typeIdx = dex.classDefs[classDefIdx * CLASS_DEF_WORDS]!;
      if (typeIdx >= dex.typeIdsSize) continue;
      const descriptor = textOrUndefined(() => dex.typeDescriptor(typeIdx));
      if (descriptor !== undefined && !classes.has(descriptor)) {
        classes.set(descriptor, file * MOST_CLASSES + classDefIdx);
      }
    }
  }
  return classes;
}

function interfacesOf({ dex, classDefIdx }: DefinedClass): string[] {
  return (
    textOrUndefined(() =>
      Array.from(dex.interfaces(dex.classDef(classDefIdx)), (typeIdx) => dex.typeDescriptor(typeIdx)),
    ) ?? []
  );
}

function definesMethod({ dex, classDefIdx }: DefinedClass, name: string, proto: string): boolean {
  return (
    textOrUndefined(() => {
      const { directMethods, virtualMethods } = dex.classData(dex.classDef(classDefIdx));
      return [...directMethods, ...virtualMethods].some(
        ({ methodIdx }) =>
          dex.string(dex.methodNameIdx(methodIdx)) === name &&
          dex.protoDescriptor(dex.methodProtoIdx(methodIdx)) === proto,
      );
    }) ?? false
  );
}

/** A spoilt class has no known ancestors; the walk over the code has already reported it. */
function textOrUndefined<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return undefined;
  }
}
