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

/** Characters of method descriptors that are kept: of overloads of the few names that are asked for. */
const MOST_PROTO_TEXT = 2 ** 24;

/** A class with what was learned of it: what is asked again for each class below it is read once. */
interface KnownClass {
  readonly descriptor: string;
  /** `undefined` for a class of the platform, or of neither. */
  readonly defined: DefinedClass | undefined;
  /** `null` where there is none, or none is known. */
  superclass?: KnownClass | null;
  /** method_ids indexes of the methods that it defines, by name. */
  methods?: ReadonlyMap<string, readonly number[]>;
  /** Descriptors of its methods of a name, for the names that were asked for. */
  readonly protos: Map<string, ReadonlySet<string>>;
}

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
  readonly #known = new Map<string, KnownClass>();
  #protoTextLeft = MOST_PROTO_TEXT;

  readonly #limits: Limits;
  readonly #diagnostics: Diagnostics;
  readonly #said = new Set<string>();

  constructor(dexFiles: readonly DexFile[], limits: Limits, diagnostics: Diagnostics) {
    this.#dexFiles = dexFiles;
    this.#limits = limits;
    this.#diagnostics = diagnostics;
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
    const wanted = new Map([...asked].reverse().map((member) => [member.classDescriptor, member]));
    const chain = this.#superclassChain(descriptor);
    for (const known of chain) {
      const member = wanted.get(known.descriptor);
      if (member !== undefined) return member;
      if (this.#definesMethod(known, name, proto)) return undefined;
    }
    for (const known of this.#superinterfaces(chain)) {
      const member = wanted.get(known.descriptor);
      if (member !== undefined) return member;
    }
    return undefined;
  }

  /** The ancestors of a class, itself first: superclasses, then every superinterface. */
  ancestorsOf(descriptor: string): Set<string> {
    const chain = this.#superclassChain(descriptor);
    const ancestors = new Set(chain.map((known) => known.descriptor));
    for (const known of this.#superinterfaces(chain)) ancestors.add(known.descriptor);
    return ancestors;
  }

  /** A class and its superclasses, as far as they are known. */
  #superclassChain(descriptor: string): KnownClass[] {
    const chain = new Set<KnownClass>();
    for (
      let at: KnownClass | null = this.#know(descriptor);
      at !== null && !chain.has(at);
      at = this.#superclassOf(at)
    ) {
      if (chain.size >= this.#limits.ancestors) {
        this.#sayTooMany(descriptor);
        break;
      }
      chain.add(at);
    }
    return [...chain];
  }

  /**
   * The interfaces of classes, nearest first, then those that they extend. Each place that names one
   * counts against the limit, else few bytes could name the same ones again and again.
   */
  *#superinterfaces(chain: readonly KnownClass[]): Generator<KnownClass> {
    let followed = chain.length;
    const seen = new Set<KnownClass>();
    const queue = [...chain];
    for (let next = 0; next < queue.length; next++) {
      for (const known of this.#interfacesOf(queue[next]!)) {
        if (followed++ >= this.#limits.ancestors) {
          this.#sayTooMany(chain[0]!.descriptor);
          return;
        }
        if (seen.has(known)) continue;
        seen.add(known);
        queue.push(known);
        yield known;
      }
    }
  }

  #know(descriptor: string): KnownClass {
    let known = this.#known.get(descriptor);
    if (known === undefined) {
      known = { descriptor, defined: this.find(descriptor), protos: new Map() };
      this.#known.set(descriptor, known);
    }
    return known;
  }

  #superclassOf(known: KnownClass): KnownClass | null {
    if (known.superclass === undefined) {
      const descriptor =
        known.defined === undefined
          ? platformSuperclasses.get(known.descriptor)
          : superclassDescriptor(known.defined);
      known.superclass = descriptor === undefined ? null : this.#know(descriptor);
    }
    return known.superclass;
  }

  /** Not kept: many classes may share one long list. */
  *#interfacesOf({ defined }: KnownClass): Generator<KnownClass> {
    if (defined === undefined) return;
    const { dex, classDefIdx } = defined;
    for (const typeIdx of valueOrUndefined(() => dex.interfaces(dex.classDef(classDefIdx))) ?? []) {
      const descriptor = valueOrUndefined(() => dex.typeDescriptor(typeIdx));
      if (descriptor !== undefined) yield this.#know(descriptor);
    }
  }

  #definesMethod(known: KnownClass, name: string, proto: string): boolean {
    if (known.defined === undefined) return false;
    known.methods ??= valueOrUndefined(() => readMethods(known.defined!)) ?? new Map();
    const overloads = known.methods.get(name);
    if (overloads === undefined) return false;
    let protos = known.protos.get(name);
    if (protos === undefined) {
      protos = this.#readProtos(known.defined, overloads);
      known.protos.set(name, protos);
    }
    return protos.has(proto);
  }

  #readProtos({ dex }: DefinedClass, overloads: readonly number[]): Set<string> {
    const protos = new Set<string>();
    for (const methodIdx of overloads) {
      const proto = valueOrUndefined(() => dex.protoDescriptor(dex.methodProtoIdx(methodIdx)));
      if (proto === undefined) continue;
      this.#protoTextLeft -= proto.length;
      if (this.#protoTextLeft < 0) {
        this.#sayOnce("protos", dex.source, "the overloads of its methods are too many to compare");
        break;
      }
      protos.add(proto);
    }
    return protos;
  }

  #sayTooMany(descriptor: string): void {
    const limit = this.#limits.ancestors;
    this.#sayOnce(
      "ancestors",
      this.find(descriptor)?.dex.source ?? "classes.dex",
      `${descriptor}: more than ${limit} ancestors are not followed (limit ancestors)`,
    );
  }

  #sayOnce(what: string, part: string, message: string): void {
    if (this.#said.has(what)) return;
    this.#said.add(what);
    this.#diagnostics.push({ effect: "unread", code: "limit", part, message });
  }
}

/** One pass over all class_defs: cheaper than asking each file for each class. */
function collectClasses(dexFiles: readonly DexFile[]): Map<string, number> {
  const classes = new Map<string, number>();
  for (const [file, dex] of dexFiles.entries()) {
    for (let classDefIdx = 0; classDefIdx < dex.classDefsSize; classDefIdx++) {
      const typeIdx = dex.classDefs[classDefIdx * CLASS_DEF_WORDS]!;
      if (typeIdx >= dex.typeIdsSize) continue;
      const descriptor = valueOrUndefined(() => dex.typeDescriptor(typeIdx));
      if (descriptor !== undefined && !classes.has(descriptor)) {
        classes.set(descriptor, file * MOST_CLASSES + classDefIdx);
      }
    }
  }
  return classes;
}

function superclassDescriptor({ dex, classDefIdx }: DefinedClass): string | undefined {
  const { superclassIdx } = dex.classDef(classDefIdx);
  return superclassIdx === undefined ? undefined : valueOrUndefined(() => dex.typeDescriptor(superclassIdx));
}

function readMethods({ dex, classDefIdx }: DefinedClass): Map<string, number[]> {
  const { directMethods, virtualMethods } = dex.classData(dex.classDef(classDefIdx));
  const methods = new Map<string, number[]>();
  for (const { methodIdx } of [...directMethods, ...virtualMethods]) {
    const name = dex.string(dex.methodNameIdx(methodIdx));
    const overloads = methods.get(name);
    if (overloads === undefined) methods.set(name, [methodIdx]);
    else overloads.push(methodIdx);
  }
  return methods;
}

/** A spoilt class has no known ancestors; the walk over the code has already reported it. */
function valueOrUndefined<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return undefined;
  }
}
