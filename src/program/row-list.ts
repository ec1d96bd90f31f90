import { REFERENCE_KIND } from "./code-references.js";
import { IntList } from "./int-list.js";
import { CALL_USE, TEXT_USE } from "./reference-query.js";
import type { Targets } from "./targets.js";

/** Beside the bits of TEXT_USE: a call that counts with an argument, and a constant that may be it. */
const ARGUMENT_CALL = 16;
const CLASS_CONSTANT = 32;
/** A cast to a class asked for: reflection may begin at the object. */
const CAST = 64;
/** A call whose constants matter. */
const CALL_WITH_CONSTANTS = 128;

/**
 * Rows of one file being listed, of the method whose code is gone through. The functions below list what stands at a
 * code unit and give what was seen that bears on {@link needsCloserLook}. At module level: closures made anew would
 * be optimised anew.
 */
export interface RowList {
  readonly targets: Targets;
  readonly kinds: IntList;
  readonly found: IntList;
  readonly callers: IntList;
  readonly classDefs: IntList;
  readonly codeUnits: IntList;
  /** The method: its method_ids index, class_defs index and first code unit. */
  methodIdx: number;
  classDefIdx: number;
  start: number;
}

/** A list that is empty yet. */
export function emptyRows(targets: Targets): RowList {
  return {
    targets,
    kinds: new IntList(),
    found: new IntList(),
    callers: new IntList(),
    classDefs: new IntList(),
    codeUnits: new IntList(),
    methodIdx: 0,
    classDefIdx: 0,
    start: 0,
  };
}

/** An invoke of a method that is a target or a candidate. */
export function listCall(rows: RowList, target: number, methodIdx: number, at: number): number {
  let uses: number;
  if (target < 0) {
    uses = -target;
    if ((uses & CALL_USE.candidate) !== 0) listRow(rows, REFERENCE_KIND.candidate, methodIdx, at);
  } else {
    uses = rows.targets.callUses[target] ?? 0;
    if (rows.targets.withArgument[target] === 1) uses |= CALL_USE.withArgument;
    listRow(rows, REFERENCE_KIND.method, target, at);
  }
  if ((uses & CALL_USE.call) !== 0) listRow(rows, REFERENCE_KIND.call, methodIdx, at);
  return (
    ((uses & CALL_USE.withArgument) === 0 ? 0 : ARGUMENT_CALL) |
    ((uses & (CALL_USE.near | CALL_USE.followed)) === 0 ? 0 : CALL_WITH_CONSTANTS)
  );
}

/** A `const-string`. */
export function listString(rows: RowList, stringIdx: number, at: number): number {
  const uses = rows.targets.strings[stringIdx] ?? 0;
  if ((uses & TEXT_USE.site) !== 0) listRow(rows, REFERENCE_KIND.string, stringIdx, at);
  return uses;
}

/** A `const-class` or, with `isCast`, a `check-cast`. */
export function listClass(rows: RowList, typeIdx: number, isCast: boolean, at: number): number {
  if (rows.targets.classes[typeIdx] !== 1) return 0;
  if (isCast) return CAST;
  listRow(rows, REFERENCE_KIND.classConstant, typeIdx, at);
  return CLASS_CONSTANT;
}

/** Any row. */
export function listRow(rows: RowList, kind: number, target: number, at: number): void {
  rows.kinds.push(kind);
  rows.found.push(target);
  rows.callers.push(rows.methodIdx);
  rows.classDefs.push(rows.classDefIdx);
  rows.codeUnits.push(at - rows.start);
}

/** Whether the method has calls whose constants matter, by all that was seen in it. */
export function hasCallWithConstants(seen: number): boolean {
  return (seen & CALL_WITH_CONSTANTS) !== 0;
}

/** Whether a constant may decide what a call is, by all that was seen in a method. */
export function needsCloserLook(seen: number): boolean {
  return (
    (seen & TEXT_USE.className) !== 0 ||
    ((seen & ARGUMENT_CALL) !== 0 && (seen & (TEXT_USE.argument | CLASS_CONSTANT)) !== 0) ||
    ((seen & (CLASS_CONSTANT | CAST)) !== 0 && (seen & TEXT_USE.memberName) !== 0)
  );
}
