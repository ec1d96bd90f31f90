import type { ClassDefItem, DexFile } from "../dex/index.js";
import { FormatError } from "../diagnostics/index.js";
import { isPlatformClass, platformSuperclasses } from "./platform-classes.js";
import type { AskedMember } from "./reference-query.js";

/** A class that the app defines. */
export interface DefinedClass {
  readonly dex: DexFile;
  readonly classDef: ClassDefItem;
}

/**
 * The classes of an app over all its DEX files, by descriptor, with their ancestors. Where two files
 * define one class the first counts, as in the runtime's class loader.
 *
 * Looked up when asked, and then kept. Platform classes are known as far as `platformSuperclasses` goes.
 */
export class ClassHierarchy {
  readonly #dexFiles: readonly DexFile[];
  readonly #found = new Map<string, DefinedClass | undefined>();
  /** class_defs index by type_ids index, -1 where the class is not defined, by DEX file. */
  readonly #classDefs: Int32Array[] = [];

  constructor(dexFiles: readonly DexFile[]) {
    this.#dexFiles = dexFiles;
  }

  /**
   * The class that the app defines, `undefined` if it does not. A platform class is the platform's even
   * where the app carries one of that name: the runtime asks the boot class path first.
   */
  find(descriptor: string): DefinedClass | undefined {
    if (isPlatformClass(descriptor)) return undefined;
    if (!this.#found.has(descriptor)) this.#found.set(descriptor, this.#search(descriptor));
    return this.#found.get(descriptor);
  }

  #search(descriptor: string): DefinedClass | undefined {
    for (let file = 0; file < this.#dexFiles.length; file++) {
      const dex = this.#dexFiles[file]!;
      const typeIdx = dex.findTypeIdx(descriptor);
      if (typeIdx === undefined) continue;
      this.#classDefs[file] ??= findClassDefs(dex);
      const classDefIdx = this.#classDefs[file]![typeIdx]!;
      if (classDefIdx >= 0) return { dex, classDef: dex.classDef(classDefIdx) };
    }
    return undefined;
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
      at !== undefined && !seen.has(at);
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
    const { superclassIdx } = defined.classDef;
    return superclassIdx === undefined
      ? undefined
      : textOrUndefined(() => defined.dex.typeDescriptor(superclassIdx));
  }
}

function findClassDefs(dex: DexFile): Int32Array {
  const byType = new Int32Array(dex.typeIds.length).fill(-1);
  for (let index = dex.classDefsSize - 1; index >= 0; index--) {
    const typeIdx = dex.classDef(index).classIdx;
    if (typeIdx < byType.length) byType[typeIdx] = index;
  }
  return byType;
}

function interfacesOf({ dex, classDef }: DefinedClass): string[] {
  return (
    textOrUndefined(() => Array.from(dex.interfaces(classDef), (typeIdx) => dex.typeDescriptor(typeIdx))) ??
    []
  );
}

function definesMethod({ dex, classDef }: DefinedClass, name: string, proto: string): boolean {
  return (
    textOrUndefined(() => {
      const { directMethods, virtualMethods } = dex.classData(classDef);
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
