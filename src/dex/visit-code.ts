import { Leb128Reader } from "../bytes/index.js";
import {
  type Diagnostics,
  diagnoseUnread,
  FormatError,
  type FormatErrorCode,
  readOrUndefined,
} from "../diagnostics/index.js";
import { CLASS_DATA_ITEM, memberError, readClassDataSizes } from "./class-data-item.js";
import { CLASS_DEF_FIELDS, CLASS_DEF_WORDS } from "./class-def-item.js";
import { insnsSizeAt, readCodeItem } from "./code-item.js";
import type { DexFile } from "./dex-file.js";

/**
 * Called for every method with code. The code_item at `codeOff` is sound: its insns lie inside the file
 * and `codeOff` is even.
 */
export type CodeVisitor = (
  methodIdx: number,
  classDefIdx: number,
  codeOff: number,
  accessFlags: number,
) => void;

/**
 * Calls `visit` for every code_item, in the order of class_defs and class_data_item, with nothing but
 * numbers.
 *
 * A class whose class_data_item is spoilt costs the members from the spoilt one on, a spoilt code_item
 * its method; each is an `unread` diagnostic that names the class. Past `Limits.diagnostics` they are
 * only counted. Code items may be shared, but all visits together stay below {@link DexFile.codeBudget}.
 *
 * @param visitNative called for every method whose code is native
 */
export function visitCode(
  dex: DexFile,
  visit: CodeVisitor,
  diagnostics: Diagnostics,
  visitNative?: (methodIdx: number, classDefIdx: number) => void,
): void {
  const walk: CodeWalk = {
    dex,
    visit,
    visitNative,
    diagnostics,
    reader: new Leb128Reader(dex.view, 0),
    budget: dex.codeBudget,
    unaligned: 0,
    unnamed: 0,
  };
  const { classDefs, classDefsSize } = dex;
  const { classIdx, classDataOff } = CLASS_DEF_FIELDS;
  for (let i = 0; i < classDefsSize && walk.budget >= 0; i++) {
    const at = i * CLASS_DEF_WORDS;
    const dataOff = classDefs[at + classDataOff]!;
    if (dataOff !== 0) visitClass(walk, i, classDefs[at + classIdx]!, dataOff);
  }
  summarize(walk);
}

const ACC_NATIVE = 0x100;

/** One call of {@link visitCode}. Functions at module level: closures made anew for each file would not stay optimized. */
interface CodeWalk {
  readonly dex: DexFile;
  readonly visit: CodeVisitor;
  readonly visitNative: ((methodIdx: number, classDefIdx: number) => void) | undefined;
  readonly diagnostics: Diagnostics;
  readonly reader: Leb128Reader;
  /** Bytes of code left to visit; below 0 the walk is over. */
  budget: number;
  /** Code items that lie where Android would refuse them. */
  unaligned: number;
  /** Unread parts past the limit of diagnostics. */
  unnamed: number;
}

function visitClass(walk: CodeWalk, classDefIdx: number, classIdx: number, classDataOff: number): void {
  const { dex, reader } = walk;
  // Past the limit only counted: an error for each of a million classes would take seconds.
  if (classDataOff >= dex.length && walk.diagnostics.length >= dex.limits.diagnostics) {
    walk.unnamed++;
    return;
  }
  try {
    reader.offset = classDataOff;
    const sizes = readClassDataSizes(dex, reader);
    skipFields(dex, reader, classIdx, sizes.staticFieldsSize);
    skipFields(dex, reader, classIdx, sizes.instanceFieldsSize);
    visitMethods(walk, classDefIdx, classIdx, sizes.directMethodsSize);
    visitMethods(walk, classDefIdx, classIdx, sizes.virtualMethodsSize);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    report(walk, error, classIdx);
  }
}

function skipFields(dex: DexFile, reader: Leb128Reader, classIdx: number, size: number): void {
  const { ownFieldIds16: fieldIds16 } = dex;
  let fieldIdx = 0;
  for (let i = 0; i < size; i++) {
    const at = reader.offset;
    fieldIdx += reader.unsigned(CLASS_DATA_ITEM);
    reader.unsigned(CLASS_DATA_ITEM);
    if (fieldIds16[fieldIdx * 4] !== classIdx) throw memberError(dex, at, "field", fieldIdx);
  }
}

// The same steps as readMethods, written out: here nothing may be allocated for a method.
function visitMethods(walk: CodeWalk, classDefIdx: number, classIdx: number, size: number): void {
  const { dex, reader } = walk;
  const { ownMethodIds16: methodIds16 } = dex;
  let methodIdx = 0;
  for (let i = 0; i < size; i++) {
    const at = reader.offset;
    methodIdx += reader.unsigned(CLASS_DATA_ITEM);
    const accessFlags = reader.unsigned(CLASS_DATA_ITEM);
    const codeOff = reader.unsigned(CLASS_DATA_ITEM);
    if (methodIds16[methodIdx * 4] !== classIdx) throw memberError(dex, at, "method", methodIdx);
    if (codeOff === 0) {
      if ((accessFlags & ACC_NATIVE) !== 0) walk.visitNative?.(methodIdx, classDefIdx);
      continue;
    }
    const insnsSize = insnsSizeAt(dex, codeOff);
    if (insnsSize < 0) {
      report(walk, codeItemError(dex, codeOff), classIdx, methodIdx);
      continue;
    }
    if (codeOff % 4 !== 0) walk.unaligned++;
    walk.budget -= insnsSize * 2;
    if (walk.budget < 0) return;
    walk.visit(methodIdx, classDefIdx, codeOff, accessFlags);
  }
}

function report(walk: CodeWalk, error: FormatError, classIdx: number, methodIdx?: number): void {
  const { dex, diagnostics } = walk;
  if (diagnostics.length >= dex.limits.diagnostics) {
    walk.unnamed++;
    return;
  }
  const diagnostic = diagnoseUnread(error);
  diagnostics.push({
    ...diagnostic,
    message: `${diagnostic.message}, in ${nameOf(dex, classIdx, methodIdx)}`,
  });
}

function summarize({ dex, diagnostics, budget, unnamed, unaligned }: CodeWalk): void {
  const push = (effect: "unread" | "odd", code: FormatErrorCode, problem: string) => {
    const error = new FormatError(code, { source: dex.source, structure: "code_item" }, problem);
    diagnostics.push({ ...diagnoseUnread(error), effect });
  };
  if (budget < 0) push("unread", "limit", "methods share code so often that the rest is left out");
  if (unnamed > 0) push("unread", "limit", `${unnamed} more classes or methods could not be read`);
  if (unaligned > 0) {
    push("odd", "bad-offset", `${unaligned} are not 4-byte aligned, and Android refuses such a file`);
  }
}

/** What is wrong with a code_item that {@link insnsSizeAt} will not have. */
function codeItemError(dex: DexFile, codeOff: number): FormatError {
  try {
    readCodeItem(dex, codeOff);
  } catch (error) {
    if (error instanceof FormatError) return error;
    throw error;
  }
  throw new Error("insnsSizeAt and readCodeItem disagree");
}

function nameOf(dex: DexFile, classIdx: number, methodIdx: number | undefined): string {
  const name = readOrUndefined(() =>
    methodIdx === undefined ? dex.typeDescriptor(classIdx) : dex.methodRef(methodIdx),
  );
  if (name !== undefined) return name.slice(0, dex.limits.textLength);
  return methodIdx === undefined ? `type@${classIdx.toString(16)}` : `method@${methodIdx.toString(16)}`;
}
