import {
  type DexFile,
  firstUnit,
  INSTRUCTION_UNITS,
  insnsSizeAt,
  payloadUnits,
  visitCode,
} from "../dex/index.js";
import type { Diagnostics } from "../diagnostics/index.js";
import { IntList } from "./int-list.js";
import type { PackageTable } from "./package-table.js";
import { type ReferenceQuery, TEXT_USE } from "./reference-query.js";
import { findTargets, isCandidate, isCandidateWithArgument, type Targets } from "./targets.js";

/** What an instruction refers to; `candidate` is a method asked for, named on another class. */
export const REFERENCE_KIND = {
  method: 1,
  field: 2,
  string: 3,
  override: 4,
  candidate: 5,
  classConstant: 6,
} as const;

/** A method whose calls must be looked at together with the constants passed to them. */
export interface CloserLook {
  readonly methodIdx: number;
  readonly classDefIdx: number;
  readonly codeOff: number;
}

/**
 * What the code of one DEX file refers to, of what a query asks: a row a site, in the order of the
 * code, as parallel lists.
 */
export interface CodeReferences {
  readonly dex: DexFile;
  /** Package number by class_defs index. */
  readonly packages: Int32Array;
  /** Package number by method_ids index, of methods that came from another class than the one they are in. */
  readonly movedMethods: ReadonlyMap<number, number>;
  /** One of {@link REFERENCE_KIND}. */
  readonly kinds: IntList;
  /**
   * The query's target for methods and fields; a string_ids index for strings; a type_ids index for class
   * constants; a method_ids index for overrides and candidates.
   */
  readonly targets: IntList;
  /** method_ids index of the method whose code it is. */
  readonly callers: IntList;
  /** class_defs index of the caller's class. */
  readonly classDefs: IntList;
  /** Position in the caller's `insns`, in 16-bit code units; 0 for an override. */
  readonly codeUnits: IntList;
  readonly closerLooks: readonly CloserLook[];
  /** Classes asked for that its classes extend or implement, directly or through the platform's classes. */
  readonly extendedClasses: ReadonlySet<string>;
  /** Text id by string_ids index, as `TextIndex.findInStrings` gives it. */
  readonly texts: Int32Array;
  /** Instructions walked, payloads not counted. */
  readonly instructions: number;
  /** Methods with code. */
  readonly methods: number;
}

/** An invoke: looked up among the methods asked for. */
const METHOD = 1;
/** An instance or static field read. */
const FIELD = 2;
const STRING = 3;
/** Told apart by opcode. */
const RARE = 4;

const NOP = 0x00;
const CONST_STRING_JUMBO = 0x1b;
const CONST_CLASS = 0x1c;
const CHECK_CAST = 0x1f;

/** What an opcode's index refers to, by opcode; 0 where nothing that can be asked for. */
const ACTIONS = buildActions();

function buildActions(): Uint8Array {
  const actions = new Uint8Array(256);
  actions[NOP] = RARE;
  actions[0x1a] = STRING;
  actions[CONST_STRING_JUMBO] = RARE;
  actions[CONST_CLASS] = RARE;
  actions[CHECK_CAST] = RARE;
  actions.fill(FIELD, 0x52, 0x59); // iget, iget-wide … iget-short
  actions.fill(FIELD, 0x60, 0x67); // sget, sget-wide … sget-short
  actions.fill(METHOD, 0x6e, 0x73); // invoke-virtual … invoke-interface
  actions.fill(METHOD, 0x74, 0x79); // the same with /range
  return actions;
}

/** Beside the bits of TEXT_USE: a call that counts with an argument, and a constant that may be it. */
const ARGUMENT_CALL = 16;
const CLASS_CONSTANT = 32;
/** A cast to a class asked for: reflection may begin at the object. */
const CAST = 64;

/** One file's walk. Functions at module level work on it: closures made anew would be optimised anew. */
interface CodeWalk {
  readonly dex: DexFile;
  readonly units: Uint16Array;
  readonly targets: Targets;
  readonly packageTable: PackageTable;
  readonly packages: Int32Array;
  readonly movedMethods: ReadonlyMap<number, number>;
  readonly kinds: IntList;
  readonly found: IntList;
  readonly callers: IntList;
  readonly classDefs: IntList;
  readonly codeUnits: IntList;
  readonly closerLooks: CloserLook[];
  /** The method being walked: its method_ids index, class_defs index and first code unit. */
  methodIdx: number;
  classDefIdx: number;
  start: number;
  instructions: number;
  methods: number;
}

/**
 * Walks every instruction of a DEX file once and lists what a query asks for. Adds the file's classes
 * and the code units of each package to `packageTable`.
 */
export function findReferences(
  dex: DexFile,
  query: ReferenceQuery,
  packageTable: PackageTable,
  diagnostics: Diagnostics,
): CodeReferences {
  const walk: CodeWalk = {
    dex,
    units: dex.codeUnits,
    targets: findTargets(dex, query, diagnostics),
    packageTable,
    packages: packageTable.addClasses(dex, diagnostics),
    movedMethods: packageTable.addMovedMethods(dex),
    kinds: new IntList(),
    found: new IntList(),
    callers: new IntList(),
    classDefs: new IntList(),
    codeUnits: new IntList(),
    closerLooks: [],
    methodIdx: 0,
    classDefIdx: 0,
    start: 0,
    instructions: 0,
    methods: 0,
  };
  visitCode(
    dex,
    (methodIdx, classDefIdx, codeOff) => visitMethod(walk, methodIdx, classDefIdx, codeOff),
    diagnostics,
  );
  const {
    packages,
    movedMethods,
    kinds,
    found,
    callers,
    classDefs,
    codeUnits,
    closerLooks,
    instructions,
    methods,
  } = walk;
  const { texts, extendedClasses } = walk.targets;
  return {
    dex,
    packages,
    movedMethods,
    kinds,
    targets: found,
    callers,
    classDefs,
    codeUnits,
    closerLooks,
    extendedClasses,
    texts,
    instructions,
    methods,
  };
}

function visitMethod(walk: CodeWalk, methodIdx: number, classDefIdx: number, codeOff: number): void {
  const { dex, targets, packageTable } = walk;
  const start = firstUnit(codeOff);
  const insnsSize = insnsSizeAt(dex, codeOff);
  walk.methodIdx = methodIdx;
  walk.classDefIdx = classDefIdx;
  walk.start = start;
  walk.methods++;
  const number = walk.movedMethods.size === 0 ? undefined : walk.movedMethods.get(methodIdx);
  packageTable.codeUnits[number ?? walk.packages[classDefIdx]!]! += insnsSize;
  if (targets.overrides[methodIdx] === 1) list(walk, REFERENCE_KIND.override, methodIdx, start);
  const seen = walkInstructions(walk, start, start + insnsSize);
  if (seen !== 0 && needsCloserLook(seen)) walk.closerLooks.push({ methodIdx, classDefIdx, codeOff });
}

/** From one code unit to another; gives what was seen that bears on {@link needsCloserLook}. */
function walkInstructions(walk: CodeWalk, start: number, end: number): number {
  const { units } = walk;
  const { methods, fields, strings } = walk.targets;
  let seen = 0;
  let instructions = 0;
  for (let at = start; at < end; ) {
    const unit = units[at]!;
    const opcode = unit & 0xff;
    const action = ACTIONS[opcode]!;
    instructions++;
    if (action !== 0) {
      if (action === METHOD) {
        const target = methods[units[at + 1]!]!;
        if (target !== 0) seen |= listCall(walk, target, at);
      } else if (action === FIELD) {
        const target = fields[units[at + 1]!]!;
        if (target > 0) list(walk, REFERENCE_KIND.field, target, at);
      } else if (action === STRING) {
        if (strings[units[at + 1]!] !== 0) seen |= listString(walk, units[at + 1]!, at);
      } else if (opcode !== NOP) seen |= listRare(walk, opcode, at);
      else if (unit !== 0) {
        const size = payloadUnits(units, at);
        if (size > 0) {
          instructions--;
          at += size;
          continue;
        }
      }
    }
    at += INSTRUCTION_UNITS[opcode]!;
  }
  walk.instructions += instructions;
  return seen;
}

function listCall(walk: CodeWalk, target: number, at: number): number {
  if (isCandidate(target)) {
    list(walk, REFERENCE_KIND.candidate, walk.units[at + 1]!, at);
    return isCandidateWithArgument(target) ? ARGUMENT_CALL : 0;
  }
  list(walk, REFERENCE_KIND.method, target, at);
  return walk.targets.withArgument[target] === 1 ? ARGUMENT_CALL : 0;
}

function listString(walk: CodeWalk, stringIdx: number, at: number): number {
  const uses = walk.targets.strings[stringIdx] ?? 0;
  if ((uses & TEXT_USE.site) !== 0) list(walk, REFERENCE_KIND.string, stringIdx, at);
  return uses;
}

/** const-string/jumbo, const-class and check-cast. */
function listRare(walk: CodeWalk, opcode: number, at: number): number {
  const { units, targets } = walk;
  if (opcode === CONST_STRING_JUMBO)
    return listString(walk, (units[at + 1]! | (units[at + 2]! << 16)) >>> 0, at);
  const typeIdx = units[at + 1]!;
  if (targets.classes[typeIdx] !== 1) return 0;
  if (opcode === CHECK_CAST) return CAST;
  list(walk, REFERENCE_KIND.classConstant, typeIdx, at);
  return CLASS_CONSTANT;
}

function list(walk: CodeWalk, kind: number, target: number, at: number): void {
  walk.kinds.push(kind);
  walk.found.push(target);
  walk.callers.push(walk.methodIdx);
  walk.classDefs.push(walk.classDefIdx);
  walk.codeUnits.push(at - walk.start);
}

/** Where a constant decides what a call is. */
function needsCloserLook(seen: number): boolean {
  return (
    (seen & TEXT_USE.className) !== 0 ||
    ((seen & ARGUMENT_CALL) !== 0 && (seen & (TEXT_USE.argument | CLASS_CONSTANT)) !== 0) ||
    ((seen & (CLASS_CONSTANT | CAST)) !== 0 && (seen & TEXT_USE.memberName) !== 0)
  );
}
