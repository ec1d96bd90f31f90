/** What a member was called. */
export interface OriginalMember {
  /** The class that it came from, where that is another: the optimizer merged classes, or moved it. */
  readonly owner: string | undefined;
  readonly name: string;
  /** What a method took and returned, where the optimizer changed more of it than names and says so. */
  readonly changedFrom: string | undefined;
}

/** One class of a mapping: what it was called, and what its members were. */
export class MappedClass {
  /** The original name: `Lcom/acme/Sdk;`. */
  readonly descriptor: string;
  /** By new name and signature: {@link memberKey} of the original one, {@link residualMemberKey} of that in the DEX file. */
  readonly #members = new Map<string, OriginalMember>();
  /**
   * Members of which another signature is known than the original, told with their first lines alone: by the
   * original one another member may go now.
   */
  readonly #changed = new Set<string>();
  /** By new name and kind: what all overloads were called; `undefined` where they differ. */
  readonly #sole = new Map<string, OriginalMember | undefined>();

  constructor(descriptor: string) {
    this.descriptor = descriptor;
  }

  /**
   * Adds a member. Of two that say the same of one name and signature the first counts.
   *
   * @param owner the class that it came from, where that is another
   * @param descriptor a method's `(I)V` or a field's type, in original names
   * @param residual the same as the DEX file has it, where the optimizer changed more of it than names
   */
  add(
    newName: string,
    owner: string | undefined,
    name: string,
    descriptor: string,
    residual: string | undefined,
  ): void {
    const member = { owner, name, changedFrom: residual === undefined ? undefined : descriptor };
    if (residual !== undefined) {
      this.#put(residualMemberKey(newName, residual), member);
      this.#changed.add(`${newName} ${name}${descriptor}`);
    } else if (this.#changed.size === 0 || !this.#changed.has(`${newName} ${name}${descriptor}`)) {
      this.#put(memberKey(newName, descriptor), member);
    }
    const kind = kindKey(newName, descriptor);
    const sole = this.#sole.get(kind);
    if (!this.#sole.has(kind)) this.#sole.set(kind, member);
    else if (sole?.name !== name || sole.owner !== owner) this.#sole.set(kind, undefined);
  }

  #put(key: string, member: OriginalMember): void {
    if (!this.#members.has(key)) this.#members.set(key, member);
  }

  /**
   * What a member was called; `undefined` where the mapping has none of that name and signature.
   *
   * @param descriptor in original names
   * @param residual as the DEX file has it
   */
  find(newName: string, descriptor: string, residual: string): OriginalMember | undefined {
    const changed =
      this.#changed.size === 0 ? undefined : this.#members.get(residualMemberKey(newName, residual));
    return changed ?? this.#members.get(memberKey(newName, descriptor));
  }

  /** What all members of a new name were called; `undefined` where there is none, or they differ. */
  findSole(newName: string, descriptor: string): OriginalMember | undefined {
    return this.#sole.get(kindKey(newName, descriptor));
  }

  /** Whether there is a member of a new name, with whatever signature. */
  names(newName: string, descriptor: string): boolean {
    return this.#sole.has(kindKey(newName, descriptor));
  }
}

/** Neither `:` nor `=` can be in a name. */
function memberKey(newName: string, descriptor: string): string {
  return `${newName}:${descriptor}`;
}

function residualMemberKey(newName: string, residual: string): string {
  return `${newName}=${residual}`;
}

function kindKey(newName: string, descriptor: string): string {
  return descriptor.startsWith("(") ? `${newName}()` : newName;
}

/** What {@link parseNameMapping} read of a mapping file beside its classes. */
export interface MappingHeader {
  /** What R8 calls this mapping: `pg_map_id`, and the hash that it begins with. */
  readonly ids: readonly string[];
  /** Whether signatures that the optimizer changed are told, as R8 does from version 2.2 of its format on. */
  readonly hasResidualSignatures: boolean;
}

/** Original names by those that R8, ProGuard or DexGuard gave to classes and members of one build. */
export class NameMapping {
  readonly header: MappingHeader;
  /** Of the file, in bytes: what restored names may cost is measured by it. */
  readonly size: number;
  /** By new descriptor. */
  readonly #classes: ReadonlyMap<string, MappedClass>;

  constructor(size: number, header: MappingHeader, classes: ReadonlyMap<string, MappedClass>) {
    this.size = size;
    this.header = header;
    this.#classes = classes;
  }

  /** Classes that it names, those that kept their name among them. */
  get classes(): number {
    return this.#classes.size;
  }

  /** The class that has a descriptor in the DEX file. */
  find(descriptor: string): MappedClass | undefined {
    return this.#classes.get(descriptor);
  }

  /** The original name of a class, both dotted: `com.acme.Sdk` of `a.b.c`. The name itself where it has no other. */
  restoreClassName(name: string): string {
    const descriptor = this.find(`L${name.replaceAll(".", "/")};`)?.descriptor;
    return descriptor === undefined ? name : descriptor.slice(1, -1).replaceAll("/", ".");
  }
}
