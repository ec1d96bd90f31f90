import {
  CLASS_DEF_FIELDS,
  CLASS_DEF_WORDS,
  type DexFile,
  decodeInstruction,
  readCodeItem,
  readReturnedConstant,
  visitCode,
} from "../dex/index.js";
import { type Limits, readOrUndefined } from "../diagnostics/index.js";

/** What the classes of one package tree hold, as far as it can tell the tree from others. */
export interface PackageContents {
  /** Descriptors of the classes defined, sorted. */
  readonly classes: readonly string[];
  /** String constants of its code that no other code of the app holds, in the order of the code. */
  readonly ownStrings: readonly string[];
  /** All string constants of its code. */
  readonly strings: ReadonlySet<string>;
  /** Static String fields with an initial value: smali reference and value. */
  readonly stringFields: readonly (readonly [fieldRef: string, value: string])[];
  /** Methods that do nothing but return a String constant: smali reference and value. */
  readonly stringMethods: readonly (readonly [methodRef: string, value: string])[];
}

/**
 * Reads what is below a package, `Lcom/acme/sdk/`, in all of an app's DEX files. What is spoilt is passed over.
 * Strings past `Limits.textLength` are left out.
 */
export function readPackageContents(
  dexFiles: readonly DexFile[],
  packagePrefix: string,
  limits: Limits,
): PackageContents {
  const classes: string[] = [];
  const inside = new Set<string>();
  const outside = new Set<string>();
  const stringFields: [string, string][] = [];
  const stringMethods: [string, string][] = [];
  for (const dex of dexFiles) {
    const isInside = new Uint8Array(dex.classDefsSize);
    for (let index = 0; index < isInside.length; index++) {
      const typeIdx = dex.classDefs[index * CLASS_DEF_WORDS + CLASS_DEF_FIELDS.classIdx]!;
      const descriptor = dex.findTypeDescriptor(typeIdx);
      if (descriptor?.startsWith(packagePrefix) !== true) continue;
      isInside[index] = 1;
      classes.push(descriptor);
      readOrUndefined(() => addStringFields(dex, index, stringFields));
    }
    visitCode(
      dex,
      (methodIdx, classDefIdx, codeOff) => {
        const isOwn = isInside[classDefIdx] === 1;
        addStrings(dex, codeOff, isOwn ? inside : outside, limits);
        if (!isOwn) return;
        const value = readOrUndefined(() => readReturnedConstant(dex, codeOff));
        if (value !== undefined) stringMethods.push([dex.methodRef(methodIdx), value]);
      },
      [],
    );
  }
  return {
    classes: classes.sort(),
    ownStrings: [...inside].filter((text) => !outside.has(text)),
    strings: inside,
    stringFields,
    stringMethods,
  };
}

function addStringFields(dex: DexFile, classDefIdx: number, found: [string, string][]): void {
  const classDef = dex.classDef(classDefIdx);
  const values = dex.staticValues(classDef);
  dex.classData(classDef).staticFields.forEach(({ fieldIdx }, index) => {
    const value = values[index];
    if (value?.type === "string") found.push([dex.fieldRef(fieldIdx), dex.string(value.idx)]);
  });
}

function addStrings(dex: DexFile, codeOff: number, strings: Set<string>, limits: Limits): void {
  readOrUndefined(() => {
    const code = readCodeItem(dex, codeOff);
    for (let codeUnit = 0; codeUnit < code.insnsSize; ) {
      const { opcode, index, units } = decodeInstruction(dex, code, codeUnit);
      if (opcode.referenceKind === "string" && index !== undefined) {
        const text = readOrUndefined(() => dex.string(index));
        if (text !== undefined && text.length <= limits.textLength) strings.add(text);
      }
      codeUnit += units;
    }
  });
}
