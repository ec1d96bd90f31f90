import {
  CLASS_DEF_FIELDS,
  CLASS_DEF_WORDS,
  type DexFile,
  firstUnit,
  INSTRUCTION_UNITS,
  insnsSizeAt,
  OPCODES,
  payloadUnits,
  type ReferenceKind,
  textStart,
  visitCode,
} from "../dex/index.js";
import type { Diagnostics } from "../diagnostics/index.js";
import {
  beginsWithScheme,
  canBeAskedFor,
  emptyRows,
  hasCallWithConstants,
  IntList,
  listCall,
  listClass,
  listString,
  needsCloserLook,
  type RowList,
  type Targets,
} from "../program/index.js";
import { SITE } from "./dex-facts-layout.js";
import type { UnitTable } from "./unit-table.js";

/** What an opcode's index points into, as far as it names a class. */
const TYPE = 1;
const FIELD = 2;
const METHOD = 3;
const NAMED_BY: Readonly<Partial<Record<ReferenceKind, number>>> = {
  type: TYPE,
  field: FIELD,
  method: METHOD,
};
const NAMES = Uint8Array.from(OPCODES, ({ referenceKind }) =>
  referenceKind === undefined ? 0 : (NAMED_BY[referenceKind] ?? 0),
);

/** 1 by opcode where what it names can be asked for. */
const IS_ASKED_FOR = Uint8Array.from(OPCODES, (_, opcode) => (canBeAskedFor(opcode) ? 1 : 0));

const NOP = 0x00;
const CONST_STRING = 0x1a;
const CONST_STRING_JUMBO = 0x1b;
const CHECK_CAST = 0x1f;

/** A method in whose code something stands that was asked for, or that may override what was. */
interface MethodSites {
  readonly methodIdx: number;
  readonly classDefIdx: number;
  readonly codeOff: number;
  /** Its first site in the lists of sites, and the first behind it. */
  readonly from: number;
  readonly to: number;
  readonly isLookedAt: boolean;
  /** Whether it has calls that are asked for with what is passed. */
  readonly hasCalls: boolean;
}

/** The walk over all code of a file. Functions at module level work on it, as on that of `findReferences`. */
export interface FactsWalk extends RowList {
  readonly dex: DexFile;
  readonly targets: Targets;
  readonly units: UnitTable;
  /** By string_ids index: 1 where sites are kept, whatever they are asked for as. */
  readonly isKept: Uint8Array;
  /** By string_ids index: 1 where code loads it. */
  readonly isLoaded: Uint8Array;
  /** Kind, index in the file and code unit of each site. */
  readonly siteKinds: IntList;
  readonly siteTargets: IntList;
  readonly siteUnits: IntList;
  readonly sites: MethodSites[];
  /** Methods that may do nothing but return a String constant: class_defs and method_ids index, offset of the code. */
  readonly returning: IntList;
  unit: number;
  instructions: number;
  methods: number;
}

/** Goes through all code of a file once. */
export function walkCode(
  dex: DexFile,
  targets: Targets,
  units: UnitTable,
  diagnostics: Diagnostics,
): FactsWalk {
  const { classDefs } = dex;
  const walk: FactsWalk = {
    ...emptyRows(targets),
    dex,
    units,
    isKept: Uint8Array.from(targets.strings),
    isLoaded: new Uint8Array(dex.stringIdsSize),
    siteKinds: new IntList(),
    siteTargets: new IntList(),
    siteUnits: new IntList(),
    sites: [],
    returning: new IntList(),
    unit: 0,
    instructions: 0,
    methods: 0,
  };
  // A URL that is asked for as something else is one again when it no longer is.
  targets.texts.forEach((text, stringIdx) => {
    if (text !== 0 && isUrl(dex, stringIdx)) walk.isKept[stringIdx] = 1;
  });
  for (let index = 0; index < dex.classDefsSize; index++) {
    const unit = units.ofClass[index]!;
    units.addReference(unit, classDefs[index * CLASS_DEF_WORDS + CLASS_DEF_FIELDS.superclassIdx]!);
    for (const typeIdx of dex.interfaces(dex.classDef(index))) units.addReference(unit, typeIdx);
  }
  visitCode(
    dex,
    (method, classDef, codeOff) => visitMethod(walk, method, classDef, codeOff),
    diagnostics,
    (method, classDef) => visitNative(walk, method, classDef),
  );
  return walk;
}

function isUrl(dex: DexFile, stringIdx: number): boolean {
  return beginsWithScheme(dex.stringBytes, textStart(dex.stringBytes, dex.stringIds[stringIdx]!));
}

function visitMethod(walk: FactsWalk, methodIdx: number, classDefIdx: number, codeOff: number): void {
  const { dex, units, targets } = walk;
  const start = firstUnit(codeOff);
  const insnsSize = insnsSizeAt(dex, codeOff);
  const from = walk.siteKinds.length;
  walk.methodIdx = methodIdx;
  walk.classDefIdx = classDefIdx;
  walk.start = start;
  walk.unit = units.ofClass[classDefIdx]!;
  walk.methods++;
  units.addCode(walk.unit, insnsSize);
  if (targets.overrides[methodIdx] === 1) keepSite(walk, SITE.override, methodIdx, start);
  const seen = walkInstructions(walk, start, start + insnsSize);
  const to = walk.siteKinds.length;
  const isLookedAt = needsCloserLook(seen);
  const hasCalls = hasCallWithConstants(seen);
  if (to > from) walk.sites.push({ methodIdx, classDefIdx, codeOff, from, to, isLookedAt, hasCalls });
  const opcode = dex.codeUnits[start]! & 0xff;
  if (opcode === CONST_STRING || opcode === CONST_STRING_JUMBO) {
    walk.returning.push(classDefIdx);
    walk.returning.push(methodIdx);
    walk.returning.push(codeOff);
  }
}

function visitNative(walk: FactsWalk, methodIdx: number, classDefIdx: number): void {
  const from = walk.siteKinds.length;
  walk.start = 0;
  keepSite(walk, SITE.native, 0, 0);
  const to = from + 1;
  walk.sites.push({ methodIdx, classDefIdx, codeOff: 0, from, to, isLookedAt: false, hasCalls: false });
}

/** Keeps what `findReferences` looks at, and notes who refers to whom; gives what it would have seen. */
function walkInstructions(walk: FactsWalk, start: number, end: number): number {
  const { dex, units, targets, isLoaded, isKept } = walk;
  const { codeUnits, methodIds16, fieldIds16 } = dex;
  let seen = 0;
  for (let at = start; at < end; ) {
    const unit = codeUnits[at]!;
    const opcode = unit & 0xff;
    const index = codeUnits[at + 1]!;
    const names = NAMES[opcode]!;
    if (opcode === NOP && unit !== 0) {
      const size = payloadUnits(codeUnits, at);
      if (size > 0) {
        at += size;
        continue;
      }
    } else if (names === METHOD) {
      units.addReference(walk.unit, methodIds16[index * 4]!);
      const target = targets.methods[index]!;
      if (IS_ASKED_FOR[opcode] === 1 && target !== 0) {
        keepSite(walk, SITE.call, index, at);
        seen |= listCall(walk, target, index, at);
      }
    } else if (names === FIELD) {
      units.addReference(walk.unit, fieldIds16[index * 4]!);
      if (IS_ASKED_FOR[opcode] === 1 && targets.fields[index]! > 0) keepSite(walk, SITE.field, index, at);
    } else if (names === TYPE) {
      units.addReference(walk.unit, index);
      if (IS_ASKED_FOR[opcode] === 1 && targets.classes[index] === 1) {
        keepSite(walk, opcode === CHECK_CAST ? SITE.cast : SITE.class, index, at);
        seen |= listClass(walk, index, opcode === CHECK_CAST, at);
      }
    } else if (opcode === CONST_STRING || opcode === CONST_STRING_JUMBO) {
      const stringIdx = opcode === CONST_STRING ? index : (index | (codeUnits[at + 2]! << 16)) >>> 0;
      isLoaded[stringIdx] = 1;
      if (isKept[stringIdx]! !== 0) {
        keepSite(walk, SITE.string, stringIdx, at);
        seen |= listString(walk, stringIdx, at);
      }
    }
    walk.instructions++;
    at += INSTRUCTION_UNITS[opcode]!;
  }
  return seen;
}

function keepSite(walk: FactsWalk, kind: number, target: number, at: number): void {
  walk.siteKinds.push(kind);
  walk.siteTargets.push(target);
  walk.siteUnits.push(at - walk.start);
}
