/**
 * A DEX file as those see it who come after the walk over its code: names by index, and its classes. A
 * `DexFile` answers from its bytes, {@link DexFacts} from what was kept of one. An index means something to
 * the file that it came from alone.
 *
 * Methods throw FormatError for what is spoilt, unless they say otherwise.
 */
export interface WalkedDex {
  /** Name of the file or archive entry. */
  readonly source: string;
  readonly classDefsSize: number;
  string(stringIdx: number): string;
  typeDescriptor(typeIdx: number): string;
  /** The same; `undefined` where there is no text to read. */
  findTypeDescriptor(typeIdx: number): string | undefined;
  /** `(Landroid/content/Context;I)V`: what callers pass. */
  protoDescriptor(protoIdx: number): string;
  methodClassIdx(methodIdx: number): number;
  methodProtoIdx(methodIdx: number): number;
  methodNameIdx(methodIdx: number): number;
  /** What a method takes and returns, originally. */
  methodDescriptor(methodIdx: number): string;
  /** `Lcom/acme/Sdk;->start(I)V`. */
  methodRef(methodIdx: number): string;
  /** Descriptor of a class that the file defines. */
  classDescriptor(classDefIdx: number): string;
  /** The same; `undefined` where it cannot be read. */
  findClassDescriptor(classDefIdx: number): string | undefined;
  /** The class_defs index of a class, by descriptor; not given by a file that would go through all of them. */
  findClassDef?(descriptor: string): number | undefined;
  /** `undefined` where there is none, or it cannot be read. */
  superclassDescriptor(classDefIdx: number): string | undefined;
  /** The interfaces that a class names itself, as type indexes; none where they cannot be read. */
  interfaceTypes(classDefIdx: number): ArrayLike<number>;
  /** Methods that a class defines, by name: of the names that were asked for at least. */
  definedMethods(classDefIdx: number): ReadonlyMap<string, readonly number[]>;
  /** The constant initial value of a class's static String field, by the field's name. */
  staticString(classDefIdx: number, name: string): string | undefined;
  /** The String constant that a method of a class, by smali reference, does nothing but return. */
  returnedString(classDefIdx: number, methodRef: string): string | undefined;
  /** The file's own strings that begin with a text, in order, at most so many; none where they are in no order. */
  stringsBeginningWith(start: string, most: number): readonly string[];
}
