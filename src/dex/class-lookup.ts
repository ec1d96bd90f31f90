import { FormatError } from "../diagnostics/index.js";
import { CLASS_DEF_FIELDS, CLASS_DEF_WORDS } from "./class-def-item.js";
import { readCodeItem } from "./code-item.js";
import type { DexFile } from "./dex-file.js";
import { decodeInstruction } from "./instruction.js";

const CONST_STRING = 0x1a;
const CONST_STRING_JUMBO = 0x1b;
const RETURN_OBJECT = 0x11;
const NO_TYPES = new Uint16Array(0);

/** Indices into type_ids of the interfaces that a class names; none where they cannot be read. */
export function readInterfaceTypes(dex: DexFile, classDefIdx: number): Uint16Array {
  if (dex.classDefs[classDefIdx * CLASS_DEF_WORDS + CLASS_DEF_FIELDS.interfacesOff] === 0) return NO_TYPES;
  try {
    return dex.interfaces(dex.classDef(classDefIdx));
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return NO_TYPES;
  }
}

/** method_ids indexes of the methods that a class defines, by name. */
export function readDefinedMethods(dex: DexFile, classDefIdx: number): Map<string, number[]> {
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

/** The constant initial value of a class's static String field of a name. */
export function readStaticString(dex: DexFile, classDefIdx: number, name: string): string | undefined {
  const classDef = dex.classDef(classDefIdx);
  const { staticFields } = dex.classData(classDef);
  const index = staticFields.findIndex(({ fieldIdx }) => dex.string(dex.fieldNameIdx(fieldIdx)) === name);
  const value = index < 0 ? undefined : dex.staticValues(classDef)[index];
  return value?.type === "string" ? dex.string(value.idx) : undefined;
}

/** What a class's method, `Lcom/acme/Sdk;->getVersion()Ljava/lang/String;`, does nothing but return. */
export function readReturnedString(dex: DexFile, classDefIdx: number, methodRef: string): string | undefined {
  const { directMethods, virtualMethods } = dex.classData(dex.classDef(classDefIdx));
  const method = [...directMethods, ...virtualMethods].find(
    ({ methodIdx }) => dex.methodRef(methodIdx) === methodRef,
  );
  return method === undefined || method.codeOff === 0 ? undefined : readReturnedConstant(dex, method.codeOff);
}

/** The String constant that the code at an offset does nothing but return. */
export function readReturnedConstant(dex: DexFile, codeOff: number): string | undefined {
  const code = readCodeItem(dex, codeOff);
  const constant = decodeInstruction(dex, code, 0);
  const { value } = constant.opcode;
  if (value !== CONST_STRING && value !== CONST_STRING_JUMBO) return undefined;
  const end = decodeInstruction(dex, code, constant.units);
  if (end.opcode.value !== RETURN_OBJECT || end.registers[0] !== constant.registers[0]) return undefined;
  return dex.string(constant.index!);
}
