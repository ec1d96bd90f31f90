import type { DexFile, EncodedValue } from "../dex/index.js";
import { readOrUndefined } from "../diagnostics/index.js";
import type { MethodTable } from "../program/index.js";
import { buildControlFlow, type ControlFlowGraph, parameterTypes } from "../program/index.js";
import { type Constants, NOTHING, UNKNOWN, type Value } from "./values.js";

/** A method that code names. */
export interface MethodReference {
  /** The type that it is named on. */
  readonly type: number;
  readonly signature: number;
  readonly name: string;
  /** Descriptors. */
  readonly parameters: readonly string[];
  readonly returns: string;
}

/** The code of one method, and where its parameters begin. */
export interface MethodCode {
  readonly dexNumber: number;
  readonly dex: DexFile;
  readonly flow: ControlFlowGraph;
  /** The register of each parameter, the receiver first. */
  readonly parameterRegisters: readonly number[];
  /** Position of each block in the order in which they are gone through. */
  readonly positions: readonly number[];
}

/** Registers of a method by blocks of it: of real methods few have a thousandth of that. */
const MOST_REGISTER_STATES = 4_000_000;

/** Reads code, references and the values of static fields, each when it is asked for, once. */
export class CodeReader {
  readonly #methods: MethodTable;
  readonly #constants: Constants;
  readonly #codes = new Map<number, MethodCode | undefined>();
  readonly #references: (MethodReference | undefined)[][];
  readonly #fields: (string | undefined)[][];
  readonly #statics = new Map<number, ReadonlyMap<string, Value>>();

  constructor(methods: MethodTable, constants: Constants) {
    this.#methods = methods;
    this.#constants = constants;
    this.#references = methods.types.dexFiles.map(() => []);
    this.#fields = methods.types.dexFiles.map(() => []);
  }

  /** `undefined` where there is none that can be read. */
  codeOf(method: number): MethodCode | undefined {
    if (this.#codes.has(method)) return this.#codes.get(method);
    const code = this.#methods.codeOffs[method] === 0 ? undefined : readOrUndefined(() => this.#read(method));
    this.#codes.set(method, code);
    return code;
  }

  #read(method: number): MethodCode | undefined {
    const { types } = this.#methods;
    const dexNumber = types.dexNumberOf(this.#methods.owners[method]!);
    const dex = types.dexFiles[dexNumber]!;
    const flow = buildControlFlow(dex, this.#methods.codeOffs[method]!);
    if (flow.code.registersSize * flow.blocks.length > MOST_REGISTER_STATES) return undefined;
    const parameters = parameterTypes(this.#methods.signatureTexts[this.#methods.signatures[method]!]!);
    const all = this.#methods.isStatic(method) ? parameters : ["L;", ...parameters];
    let register = flow.code.registersSize - flow.code.insSize;
    const parameterRegisters = all.map((descriptor) => {
      const own = register;
      register += isWide(descriptor) ? 2 : 1;
      return own;
    });
    const positions: number[] = [];
    flow.order.forEach((block, position) => {
      positions[block] = position;
    });
    return { dexNumber, dex, flow, parameterRegisters, positions };
  }

  reference(dexNumber: number, methodIdx: number): MethodReference {
    return (this.#references[dexNumber]![methodIdx] ??= this.#readReference(dexNumber, methodIdx));
  }

  #readReference(dexNumber: number, methodIdx: number): MethodReference {
    const { types } = this.#methods;
    const dex = types.dexFiles[dexNumber]!;
    const type = types.ofTypeIdx(dexNumber, readOrUndefined(() => dex.methodClassIdx(methodIdx)) ?? 0);
    return this.makeReference(type, this.#methods.signatureOf(dexNumber, methodIdx));
  }

  /** As one that names a method on the class that defines it. */
  referenceTo(method: number): MethodReference {
    return this.makeReference(this.#methods.owners[method]!, this.#methods.signatures[method]!);
  }

  makeReference(type: number, signature: number): MethodReference {
    const text = this.#methods.signatureTexts[signature]!;
    const parameters = parameterTypes(text);
    return {
      type,
      signature,
      name: this.#methods.nameOf(signature),
      parameters,
      returns: text.slice(text.indexOf(")") + 1),
    };
  }

  /** The class that defines a field, its name and type: `Lcom/acme/Box;->value:I`, by the runtime's rules. */
  field(dexNumber: number, fieldIdx: number): string {
    return (this.#fields[dexNumber]![fieldIdx] ??= this.#readField(dexNumber, fieldIdx));
  }

  #readField(dexNumber: number, fieldIdx: number): string {
    const { types } = this.#methods;
    const dex = types.dexFiles[dexNumber]!;
    return (
      readOrUndefined(() => {
        const named = types.ofTypeIdx(dexNumber, dex.fieldClassIdx(fieldIdx));
        const member = `${dex.string(dex.fieldNameIdx(fieldIdx))}:${dex.typeDescriptor(dex.fieldTypeIdx(fieldIdx))}`;
        const owner = types.ancestorsOf(named).find((type) => this.#definesField(type, member));
        return `${types.names[owner ?? named]}->${member}`;
      }) ?? "Lspoilt;->spoilt:I"
    );
  }

  /** The same as a field of an object: of a class that the app does not define what rules name it by, `.obj`. */
  instanceField(dexNumber: number, fieldIdx: number): string {
    const field = this.field(dexNumber, fieldIdx);
    const arrow = field.indexOf("->");
    const isDefined = this.#methods.types.findDefined(field.slice(0, arrow)) !== undefined;
    return isDefined ? field : `.${field.slice(arrow + 2, field.indexOf(":"))}`;
  }

  readonly #members = new Map<number, ReadonlySet<string>>();

  #definesField(type: number, member: string): boolean {
    const { types } = this.#methods;
    if (!types.isDefined(type)) return false;
    let members = this.#members.get(type);
    if (members === undefined) {
      const dex = types.dexFiles[types.dexNumberOf(type)]!;
      const data = readOrUndefined(() => dex.classData(dex.classDef(types.classDefIdxOf(type))));
      const nameOf = (fieldIdx: number) =>
        `${dex.string(dex.fieldNameIdx(fieldIdx))}:${dex.typeDescriptor(dex.fieldTypeIdx(fieldIdx))}`;
      members = new Set(
        [...(data?.staticFields ?? []), ...(data?.instanceFields ?? [])].flatMap(
          ({ fieldIdx }) => readOrUndefined(() => nameOf(fieldIdx)) ?? [],
        ),
      );
      this.#members.set(type, members);
    }
    return members.has(member);
  }

  /** A field that a class of the app has or inherits, by its name alone. */
  findField(type: number, name: string): { readonly text: string; readonly isStatic: boolean } | undefined {
    const { types } = this.#methods;
    for (const owner of types.superclassesOf(type)) {
      if (!types.isDefined(owner)) continue;
      const dexNumber = types.dexNumberOf(owner);
      const dex = types.dexFiles[dexNumber]!;
      const data = readOrUndefined(() => dex.classData(dex.classDef(types.classDefIdxOf(owner))));
      const isNamed = ({ fieldIdx }: { readonly fieldIdx: number }) =>
        readOrUndefined(() => dex.string(dex.fieldNameIdx(fieldIdx))) === name;
      const field = data?.staticFields.find(isNamed) ?? data?.instanceFields.find(isNamed);
      if (field !== undefined)
        return { text: this.field(dexNumber, field.fieldIdx), isStatic: (field.accessFlags & 0x8) !== 0 };
    }
    return undefined;
  }

  /**
   * What a static field holds before any code runs; unknown of a class that the app does not define.
   *
   * @param open types of which it is not known what their static initialisers set
   * @returns `undefined` where that is not known
   */
  initialStatic(field: string, open: ReadonlySet<number>): Value | undefined {
    const { types } = this.#methods;
    const type = types.findDefined(field.slice(0, field.indexOf("->")));
    if (type === undefined) return UNKNOWN;
    let values = this.#statics.get(type);
    if (values === undefined) {
      values = readOrUndefined(() => this.#readStatics(type)) ?? new Map();
      this.#statics.set(type, values);
    }
    return values.get(field) ?? (open.has(type) ? undefined : this.#constants.zero);
  }

  #readStatics(type: number): Map<string, Value> {
    const { types } = this.#methods;
    const dexNumber = types.dexNumberOf(type);
    const dex = types.dexFiles[dexNumber]!;
    const classDef = dex.classDef(types.classDefIdxOf(type));
    const values = dex.staticValues(classDef);
    const found = new Map<string, Value>();
    dex.classData(classDef).staticFields.forEach(({ fieldIdx }, index) => {
      const value = values[index];
      if (value !== undefined) found.set(this.field(dexNumber, fieldIdx), this.#encoded(dexNumber, value));
    });
    return found;
  }

  #encoded(dexNumber: number, value: EncodedValue): Value {
    const { types } = this.#methods;
    switch (value.type) {
      case "byte":
      case "short":
      case "char":
      case "int":
      case "long":
        return this.#constants.ofNumber(value.value);
      case "boolean":
        return value.value ? this.#constants.one : this.#constants.zero;
      case "string": {
        const text = types.dexFiles[dexNumber]!.findString(value.idx);
        return text === undefined ? UNKNOWN : this.#constants.ofText(text);
      }
      case "type":
        return this.#constants.ofClass(types.ofTypeIdx(dexNumber, value.idx));
      case "null":
        return this.#constants.zero;
      default:
        return { ...NOTHING, isUnknown: true };
    }
  }
}

function isWide(descriptor: string): boolean {
  return descriptor === "J" || descriptor === "D";
}

/** The registers of an invoke's arguments, the receiver first; of a pair its first. */
export function argumentRegisters(
  { parameters }: MethodReference,
  registers: readonly number[],
  isStatic: boolean,
): number[] {
  const found: number[] = [];
  let at = 0;
  if (!isStatic) found.push(registers[at++] ?? 0);
  for (const descriptor of parameters) {
    found.push(registers[at] ?? 0);
    at += isWide(descriptor) ? 2 : 1;
  }
  return found;
}
