import {
  type AskedMember,
  type ClassHierarchy,
  type CodeReferences,
  isPlatformClass,
} from "../program/index.js";
import type { ApiQuery } from "./api-query.js";

/** The methods that the references of one DEX file name, as far as they are asked for; remembers them. */
export class MethodResolver {
  readonly #references: CodeReferences;
  readonly #asked: ApiQuery;
  readonly #hierarchy: ClassHierarchy;
  readonly #extended: ReadonlySet<string>;
  readonly #resolved = new Map<number, number>();

  /** @param extended classes asked for that some class of the app extends */
  constructor(
    references: CodeReferences,
    asked: ApiQuery,
    hierarchy: ClassHierarchy,
    extended: ReadonlySet<string>,
  ) {
    this.#references = references;
    this.#asked = asked;
    this.#hierarchy = hierarchy;
    this.#extended = extended;
  }

  /** The target of the method that a reference names, through the class hierarchy; 0 if none is asked for. */
  targetOf(methodIdx: number): number {
    const known = this.#resolved.get(methodIdx);
    if (known !== undefined) return known;
    const { dex, textOf } = this.#references;
    const name = textOf(dex.methodNameIdx(methodIdx));
    const proto = dex.methodDescriptor(methodIdx);
    const fitting = (this.#asked.query.methods.get(name) ?? []).filter(
      (member: AskedMember) => member.descriptor === undefined || member.descriptor === proto,
    );
    const owner = dex.typeDescriptor(dex.methodClassIdx(methodIdx));
    const exact = fitting.find((member) => member.classDescriptor === owner);
    const target = (exact ?? this.#resolveInherited(methodIdx, owner, proto, fitting))?.target ?? 0;
    this.#resolved.set(methodIdx, target);
    return target;
  }

  /** Through the class hierarchy: only of a class that somebody extends can a member be inherited. */
  #resolveInherited(
    methodIdx: number,
    owner: string,
    proto: string,
    fitting: readonly AskedMember[],
  ): AskedMember | undefined {
    const { dex } = this.#references;
    const inheritable = isPlatformClass(owner)
      ? fitting
      : fitting.filter((member) => this.#extended.has(member.classDescriptor));
    if (inheritable.length === 0) return undefined;
    return this.#hierarchy.resolveMember(owner, dex.string(dex.methodNameIdx(methodIdx)), proto, inheritable);
  }
}
