import { type DexFile, decodeInstruction, readCodeItem } from "../dex/index.js";
import { readOrUndefined } from "../diagnostics/index.js";
import type { ClassHierarchy, DefinedClass } from "./class-hierarchy.js";

const CONST_STRING = 0x1a;
const CONST_STRING_JUMBO = 0x1b;
const RETURN_OBJECT = 0x11;

/** Strings of one beginning that are looked at in a file. */
const MOST_STRINGS = 100;

/**
 * The constant initial value of a static String field, `Lcom/acme/Sdk;->VERSION:Ljava/lang/String;`.
 * `undefined` where there is no such field, or it has none. A class that is spoilt has been reported by the
 * walk over the code.
 */
export function readStaticString(hierarchy: ClassHierarchy, fieldRef: string): string | undefined {
  const [descriptor, rest] = fieldRef.split("->") as [string, string];
  const name = rest.slice(0, rest.indexOf(":"));
  return readOfClass(hierarchy, descriptor, ({ dex, classDefIdx }) => {
    const classDef = dex.classDef(classDefIdx);
    const { staticFields } = dex.classData(classDef);
    const index = staticFields.findIndex(({ fieldIdx }) => dex.string(dex.fieldNameIdx(fieldIdx)) === name);
    const value = index < 0 ? undefined : dex.staticValues(classDef)[index];
    return value?.type === "string" ? dex.string(value.idx) : undefined;
  });
}

/**
 * What a method returns that does nothing but return a String constant,
 * `Lcom/acme/Sdk;->getVersion()Ljava/lang/String;`. `undefined` for any other.
 */
export function readReturnedString(hierarchy: ClassHierarchy, methodRef: string): string | undefined {
  const descriptor = methodRef.slice(0, methodRef.indexOf("->"));
  return readOfClass(hierarchy, descriptor, ({ dex, classDefIdx }) => {
    const { directMethods, virtualMethods } = dex.classData(dex.classDef(classDefIdx));
    const method = [...directMethods, ...virtualMethods].find(
      ({ methodIdx }) => dex.methodRef(methodIdx) === methodRef,
    );
    return method === undefined || method.codeOff === 0
      ? undefined
      : readReturnedConstant(dex, method.codeOff);
  });
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

function readOfClass(
  hierarchy: ClassHierarchy,
  descriptor: string,
  read: (defined: DefinedClass) => string | undefined,
): string | undefined {
  const defined = hierarchy.find(descriptor);
  return defined === undefined ? undefined : readOrUndefined(() => read(defined));
}

/**
 * What stands for the `*` of `AcmeSDK/*` in the string constants of an app: where it is not the same in all
 * of them, `undefined`.
 */
export function readStringPattern(dexFiles: readonly DexFile[], pattern: string): string | undefined {
  const [start, end] = pattern.split("*") as [string, string];
  let found: string | undefined;
  for (const dex of dexFiles) {
    for (const text of dex.stringsBeginningWith(start, MOST_STRINGS)) {
      if (text.length <= start.length + end.length || !text.endsWith(end)) continue;
      const middle = text.slice(start.length, text.length - end.length);
      if (found !== undefined && found !== middle) return undefined;
      found = middle;
    }
  }
  return found;
}
