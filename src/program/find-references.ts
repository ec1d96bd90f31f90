import {
  type DexFile,
  firstUnit,
  INSTRUCTION_UNITS,
  insnsSizeAt,
  payloadUnits,
  visitCode,
} from "../dex/index.js";
import type { Diagnostics } from "../diagnostics/index.js";
import { CallConstants } from "./call-constants.js";
import { addCodeEdges } from "./class-graph.js";
import { type CloserLook, type CodeReferences, REFERENCE_KIND } from "./code-references.js";
import { findConstants } from "./find-constants.js";
import { IntList } from "./int-list.js";
import type { PackageTable } from "./package-table.js";
import type { ReferenceQuery } from "./reference-query.js";
import {
  hasCallWithConstants,
  listCall,
  listClass,
  listRow,
  listString,
  needsCloserLook,
  type RowList,
} from "./row-list.js";
import { findTargets } from "./targets.js";

// Numbers of this file's own: the bundler writes them into the loop.
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

/** Whether an opcode calls a method, reads a field, or names a class in a way that can be asked for. */
export function canBeAskedFor(opcode: number): boolean {
  return ACTIONS[opcode] !== 0;
}

/** One file's walk. Functions at module level work on it: closures made anew would be optimised anew. */
interface CodeWalk extends RowList {
  readonly dex: DexFile;
  readonly units: Uint16Array;
  readonly packageTable: PackageTable;
  readonly packages: Int32Array;
  readonly movedMethods: ReadonlyMap<number, number>;
  readonly closerLooks: CloserLook[];
  readonly callLooks: CloserLook[];
  instructions: number;
  methods: number;
  nativeMethods: number;
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
    callLooks: [],
    methodIdx: 0,
    classDefIdx: 0,
    start: 0,
    instructions: 0,
    methods: 0,
    nativeMethods: 0,
  };
  visitCode(
    dex,
    (methodIdx, classDefIdx, codeOff) => visitMethod(walk, methodIdx, classDefIdx, codeOff),
    diagnostics,
    (methodIdx, classDefIdx) => listNativeMethod(walk, methodIdx, classDefIdx),
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
    callLooks,
    instructions,
    methods,
  } = walk;
  const constants = new CallConstants(dex, walk.targets);
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
    callLooks,
    extendedClasses,
    textOf: (stringIdx) => texts[stringIdx] ?? 0,
    instructions,
    methods,
    readConstants: (look, limits, found) => findConstants(dex, look.codeOff, limits, found),
    readCallConstants: (look, limits, found) => constants.read(look.codeOff, limits, found),
    addEdges: (graph) => addCodeEdges(dex, packages, graph),
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
  if (targets.overrides[methodIdx] === 1) listRow(walk, REFERENCE_KIND.override, methodIdx, start);
  const seen = walkInstructions(walk, start, start + insnsSize);
  if (seen === 0) return;
  if (needsCloserLook(seen)) walk.closerLooks.push({ methodIdx, classDefIdx, codeOff });
  if (hasCallWithConstants(seen)) walk.callLooks.push({ methodIdx, classDefIdx, codeOff });
}

function listNativeMethod(walk: CodeWalk, methodIdx: number, classDefIdx: number): void {
  walk.methodIdx = methodIdx;
  walk.classDefIdx = classDefIdx;
  walk.start = 0;
  // No sound file declares a method twice; a class_data_item can be shared.
  if (walk.nativeMethods++ >= walk.dex.methodIdsSize) return;
  listRow(walk, REFERENCE_KIND.nativeMethod, methodIdx, 0);
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
        if (target !== 0) seen |= listCall(walk, target, units[at + 1]!, at);
      } else if (action === FIELD) {
        const target = fields[units[at + 1]!]!;
        if (target > 0) listRow(walk, REFERENCE_KIND.field, target, at);
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

/** const-string/jumbo, const-class and check-cast. */
function listRare(walk: CodeWalk, opcode: number, at: number): number {
  const { units } = walk;
  if (opcode === CONST_STRING_JUMBO)
    return listString(walk, (units[at + 1]! | (units[at + 2]! << 16)) >>> 0, at);
  return listClass(walk, units[at + 1]!, opcode === CHECK_CAST, at);
}
