import { type Diagnostics, type Limits, readOrUndefined } from "../diagnostics/index.js";
import { isPlatformClass, platformSuperclasses } from "./platform-classes.js";
import type { AskedMember } from "./reference-query.js";
import type { WalkedDex } from "./walked-dex.js";

/** A class that the app defines. */
export interface DefinedClass {
  readonly dex: WalkedDex;
  /** Index into class_defs. */
  readonly classDefIdx: number;
}

/** Above the number of class_defs that a file can hold: each takes 32 bytes. */
const MOST_CLASSES = 2 ** 27;

/** Characters of method descriptors that are kept: of overloads of the few names that are asked for. */
export const MOST_PROTO_TEXT = 2 ** 24;

/** Answers kept, and characters of the questions: far above any real app's, and bounded for any file. */
const MOST_ANSWERS = 2 ** 20;

/** What a question comes to at a class. */
interface Answer {
  /** The class that was looked for and met first. */
  readonly found: string | undefined;
  /** That a class of the chain is looked for or ends the search: interfaces do not count then. */
  readonly isFinal: boolean;
  /** Superclasses and interfaces followed from the class. */
  readonly followed: number;
}

const NO_INTERFACES = { found: [], followed: 0 };
const NO_TYPES: ArrayLike<number> = new Uint16Array(0);

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
 * Platform classes are known as far as `platformSuperclasses` goes. A spoilt
 * class has no known ancestors; the walk over the code has already reported it.
 */
export class ClassHierarchy {
  readonly dexFiles: readonly WalkedDex[];
  /** The files that find a class themselves, in order; those of the others are in {@link #classes}. */
  readonly #indexed: readonly number[];
  /** By descriptor: the file's index times {@link MOST_CLASSES} and the class_defs index. */
  #classes: ReadonlyMap<string, number> | undefined;
  readonly #known = new Map<string, KnownClass>();
  #protoTextLeft = MOST_PROTO_TEXT;
  /** By question and class: thousands of classes may have the same ancestors. */
  readonly #answers = new Map<string, Map<KnownClass, Answer>>();
  #answersLeft = MOST_ANSWERS;

  readonly #limits: Limits;
  readonly #diagnostics: Diagnostics;
  readonly #said = new Set<string>();

  constructor(dexFiles: readonly WalkedDex[], limits: Limits, diagnostics: Diagnostics) {
    this.dexFiles = dexFiles;
    this.#indexed = [...dexFiles.keys()].filter((file) => dexFiles[file]!.findClassDef !== undefined);
    this.#limits = limits;
    this.#diagnostics = diagnostics;
  }

  /** Characters of overloads that could still be compared; below 0 where some were not. */
  get protoTextLeft(): number {
    return this.#protoTextLeft;
  }

  /**
   * The class that the app defines, `undefined` if it does not. A platform class is the platform's even
   * where the app carries one of that name: the runtime asks the boot class path first.
   */
  find(descriptor: string): DefinedClass | undefined {
    if (isPlatformClass(descriptor)) return undefined;
    this.#classes ??= collectClasses(this.dexFiles);
    const place = this.#classes.get(descriptor);
    const collected = place === undefined ? Infinity : Math.floor(place / MOST_CLASSES);
    for (const file of this.#indexed) {
      if (file > collected) break;
      const classDefIdx = this.dexFiles[file]!.findClassDef!(descriptor);
      if (classDefIdx !== undefined) return { dex: this.dexFiles[file]!, classDefIdx };
    }
    return place === undefined
      ? undefined
      : { dex: this.dexFiles[collected]!, classDefIdx: place % MOST_CLASSES };
  }

  /**
   * The member that a reference to `name` on class `descriptor` resolves to, among those asked for:
   * `undefined` if a class of the app defines the method first, or no ancestor is asked for.
   *
   * Follows the runtime's order: the class and its superclasses, then all superinterfaces, those of the
   * nearest class first.
   */
  resolveMember(
    descriptor: string,
    name: string,
    proto: string,
    asked: readonly AskedMember[],
  ): AskedMember | undefined {
    const question = [name, proto, ...asked.map(({ target }) => target)].join(" ");
    const wanted = new Set(asked.map((member) => member.classDescriptor));
    const found = this.#search(descriptor, question, wanted, (known) =>
      this.#definesMethod(known, name, proto),
    );
    return found === undefined ? undefined : asked.find((member) => member.classDescriptor === found);
  }

  /**
   * The class of the app that a method named on `descriptor` stands in: itself or the first of its superclasses that
   * defines it. `undefined` where none that the app defines does.
   */
  findDefiner(descriptor: string, name: string, proto: string): string | undefined {
    let at: KnownClass | null = this.#know(descriptor);
    for (let steps = 0; at !== null && at.defined !== undefined; steps++) {
      if (this.#definesMethod(at, name, proto)) return at.descriptor;
      if (steps >= this.#limits.ancestors) return this.#sayTooMany(descriptor);
      at = this.#superclassOf(at);
    }
    return undefined;
  }

  /** Whether a class is `ancestor`, extends or implements it, directly or through others. */
  inheritsFrom(descriptor: string, ancestor: string): boolean {
    return this.#search(descriptor, ancestor, new Set([ancestor]), () => false) !== undefined;
  }

  /**
   * The first of the wanted classes among a class and its ancestors, up to a class that ends the search.
   *
   * @param question tells this search from every other: its answers are kept, by class
   */
  #search(
    descriptor: string,
    question: string,
    wanted: ReadonlySet<string>,
    endsAt: (known: KnownClass) => boolean,
  ): string | undefined {
    const answers = this.#answersTo(question);
    const path = new Set<KnownClass>();
    let answer: Answer | undefined;
    for (
      let at: KnownClass | null = this.#know(descriptor);
      at !== null && answer?.isFinal !== true && !path.has(at);
      at = this.#superclassOf(at)
    ) {
      answer = answers.get(at);
      if (answer !== undefined) break;
      if (path.size >= this.#limits.ancestors) return this.#sayTooMany(descriptor);
      path.add(at);
      const found = wanted.has(at.descriptor) ? at.descriptor : undefined;
      if (found !== undefined || endsAt(at)) answer = { found, isFinal: true, followed: 0 };
    }
    answer ??= { found: undefined, isFinal: false, followed: 0 };
    this.#answersLeft -= path.size;
    for (const known of [...path].reverse()) {
      answer = this.#answerBelow(known, answer, wanted);
      if (answer.followed > this.#limits.ancestors) return this.#sayTooMany(descriptor);
      answers.set(known, answer);
    }
    return answer.found;
  }

  /** The answer at a class from the one that its superclass comes to. */
  #answerBelow(known: KnownClass, above: Answer, wanted: ReadonlySet<string>): Answer {
    const followed = above.followed + 1;
    if (above.isFinal) return { ...above, followed };
    const interfaces = this.#superinterfacesOf(known);
    const own = interfaces.found.find(({ descriptor }) => wanted.has(descriptor));
    return {
      found: own?.descriptor ?? above.found,
      isFinal: false,
      followed: followed + interfaces.followed,
    };
  }

  /** What is known of a question, by class; everything is forgotten when it gets too much. */
  #answersTo(question: string): Map<KnownClass, Answer> {
    if (this.#answersLeft < 0) {
      this.#answers.clear();
      this.#answersLeft = MOST_ANSWERS;
    }
    let answers = this.#answers.get(question);
    if (answers === undefined) {
      answers = new Map();
      this.#answers.set(question, answers);
      this.#answersLeft -= question.length;
    }
    return answers;
  }

  /**
   * The interfaces that a class names, then those that they extend, each once; how many names were followed
   * to them, each counted: few bytes can name the same ones again and again.
   */
  #superinterfacesOf(known: KnownClass): {
    readonly found: readonly KnownClass[];
    readonly followed: number;
  } {
    const named = interfaceTypes(known);
    if (named.length === 0) return NO_INTERFACES;
    const found = new Set<KnownClass>([known]);
    let followed = 0;
    for (const from of found) {
      const { dex } = from.defined ?? {};
      const types = interfaceTypes(from);
      for (let index = 0; index < types.length; index++) {
        if (followed++ >= this.#limits.ancestors) break;
        const descriptor = dex!.findTypeDescriptor(types[index]!);
        if (descriptor !== undefined) found.add(this.#know(descriptor));
      }
    }
    found.delete(known);
    return { found: [...found], followed };
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
          : known.defined.dex.superclassDescriptor(known.defined.classDefIdx);
      known.superclass = descriptor === undefined ? null : this.#know(descriptor);
    }
    return known.superclass;
  }

  #definesMethod(known: KnownClass, name: string, proto: string): boolean {
    if (known.defined === undefined) return false;
    const { dex, classDefIdx } = known.defined;
    known.methods ??= readOrUndefined(() => dex.definedMethods(classDefIdx)) ?? new Map();
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
      const proto = readOrUndefined(() => dex.methodDescriptor(methodIdx));
      if (proto === undefined) continue;
      this.#protoTextLeft -= proto.length;
      if (this.#protoTextLeft < 0) {
        this.#sayOnce(
          "protos",
          dex.source,
          `${dex.source} proto_ids: the overloads of methods that are asked for are too long to compare`,
        );
        break;
      }
      protos.add(proto);
    }
    return protos;
  }

  #sayTooMany(descriptor: string): undefined {
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
function collectClasses(dexFiles: readonly WalkedDex[]): Map<string, number> {
  const classes = new Map<string, number>();
  for (const [file, dex] of dexFiles.entries()) {
    if (dex.findClassDef !== undefined) continue;
    for (let classDefIdx = 0; classDefIdx < dex.classDefsSize; classDefIdx++) {
      const descriptor = dex.findClassDescriptor(classDefIdx);
      if (descriptor !== undefined && !classes.has(descriptor))
        classes.set(descriptor, file * MOST_CLASSES + classDefIdx);
    }
  }
  return classes;
}

/** Type indexes of the class's own file; not kept, since many classes may share one long list. */
function interfaceTypes({ defined }: KnownClass): ArrayLike<number> {
  return defined === undefined ? NO_TYPES : defined.dex.interfaceTypes(defined.classDefIdx);
}
