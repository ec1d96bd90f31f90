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
import { isPlatformClass, platformSuperclasses } from "./platform-classes.js";
import { type ReferenceQuery, TEXT_USE } from "./reference-query.js";
import { URL_TEXT } from "./text-index.js";

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

const STRING = 1;
const FIELD = 2;
const METHOD = 3;
/** Told apart by opcode. */
const RARE = 4;

const NOP = 0x00;
const CONST_STRING_JUMBO = 0x1b;
const CONST_CLASS = 0x1c;

/** What an opcode's index refers to, by opcode; 0 where nothing that can be asked for. */
const ACTIONS = buildActions();

function buildActions(): Uint8Array {
  const actions = new Uint8Array(256);
  actions[NOP] = RARE;
  actions[0x1a] = STRING;
  actions[CONST_STRING_JUMBO] = RARE;
  actions[CONST_CLASS] = RARE;
  actions.fill(FIELD, 0x52, 0x59); // iget, iget-wide … iget-short
  actions.fill(FIELD, 0x60, 0x67); // sget, sget-wide … sget-short
  actions.fill(METHOD, 0x6e, 0x73); // invoke-virtual … invoke-interface
  actions.fill(METHOD, 0x74, 0x79); // the same with /range
  return actions;
}

/** Of a class_def_item, in 32-bit words. */
const CLASS_DEF_WORDS = 8;
const SUPERCLASS_WORD = 2;
const INTERFACES_WORD = 3;

/** In a table of method targets: named like a method asked for, on a class that is not its own. */
const CANDIDATE = -1;
/** The same, where one of the methods asked for counts only with certain constants. */
const CANDIDATE_WITH_ARGUMENT = -2;

/** A call that counts with an argument, and a constant that may be it. */
const ARGUMENT_CALL = 16;
const CLASS_CONSTANT = 32;

/**
 * Walks every instruction of a DEX file once and lists what a query asks for. Adds the file's classes
 * and the code units of each package to `packages`.
 */
export function findReferences(
  dex: DexFile,
  query: ReferenceQuery,
  packages: PackageTable,
  diagnostics: Diagnostics,
): CodeReferences {
  const walk = new CodeWalk(dex, query, packages);
  visitCode(
    dex,
    (methodIdx, classDefIdx, codeOff) => walk.visitMethod(methodIdx, classDefIdx, codeOff),
    diagnostics,
  );
  return walk.references;
}

/** The tables and lists of one file's walk. A class, since what is a closure made anew is optimised anew. */
class CodeWalk {
  readonly references: CodeReferences & { instructions: number; methods: number };
  readonly #closerLooks: CloserLook[] = [];
  readonly #packages: PackageTable;
  readonly #units: Uint16Array;
  readonly #texts: Int32Array;
  readonly #stringUses: Uint8Array;
  readonly #askedClasses: Uint8Array;
  readonly #methodTargets: Int32Array;
  readonly #fieldTargets: Int32Array;
  readonly #withArgument: Uint8Array;
  readonly #overrideNames: Uint8Array;
  // The method being walked: kept here, so that walking allocates nothing.
  #methodIdx = 0;
  #classDefIdx = 0;
  #start = 0;

  constructor(dex: DexFile, query: ReferenceQuery, packages: PackageTable) {
    const texts = query.texts.findInStrings(dex);
    const askedClasses = markAskedClasses(dex, query, texts);
    this.#packages = packages;
    this.#units = dex.codeUnits;
    this.#texts = texts;
    this.#stringUses = findStringUses(query, texts);
    this.#askedClasses = askedClasses;
    this.#methodTargets = findMethodTargets(dex, query, texts, askedClasses);
    this.#fieldTargets = findFieldTargets(dex, query, texts);
    this.#withArgument = markTargets(query.withArgument);
    this.#overrideNames = markTargets(query.overrides.keys());
    this.references = {
      dex,
      packages: packages.addClasses(dex),
      kinds: new IntList(),
      targets: new IntList(),
      callers: new IntList(),
      classDefs: new IntList(),
      codeUnits: new IntList(),
      closerLooks: this.#closerLooks,
      extendedClasses: findExtendedClasses(dex, askedClasses),
      texts,
      instructions: 0,
      methods: 0,
    };
  }

  visitMethod(methodIdx: number, classDefIdx: number, codeOff: number): void {
    const { references } = this;
    const { dex } = references;
    const start = firstUnit(codeOff);
    const insnsSize = insnsSizeAt(dex, codeOff);
    this.#methodIdx = methodIdx;
    this.#classDefIdx = classDefIdx;
    this.#start = start;
    this.#packages.codeUnits[references.packages[classDefIdx]!]! += insnsSize;
    references.methods++;
    const name = this.#texts[dex.methodIds32[methodIdx * 2 + 1]!]!;
    if (name > 0 && this.#overrideNames[name] === 1) this.#list(REFERENCE_KIND.override, methodIdx, start);
    const seen = this.#walkInstructions(start, start + insnsSize);
    if (seen !== 0 && needsCloserLook(seen)) this.#closerLooks.push({ methodIdx, classDefIdx, codeOff });
  }

  /** From one code unit to another; gives what was seen that bears on {@link needsCloserLook}. */
  #walkInstructions(start: number, end: number): number {
    const units = this.#units;
    const methodTargets = this.#methodTargets;
    const fieldTargets = this.#fieldTargets;
    const stringUses = this.#stringUses;
    let seen = 0;
    let instructions = 0;
    for (let at = start; at < end; ) {
      const unit = units[at]!;
      const opcode = unit & 0xff;
      const action = ACTIONS[opcode];
      instructions++;
      if (action === METHOD) {
        const target = methodTargets[units[at + 1]!]!;
        if (target !== 0) seen |= this.#listCall(target, at);
      } else if (action === FIELD) {
        const target = fieldTargets[units[at + 1]!]!;
        if (target > 0) this.#list(REFERENCE_KIND.field, target, at);
      } else if (action === STRING) {
        if (stringUses[units[at + 1]!] !== 0) seen |= this.#listString(units[at + 1]!, at);
      } else if (action === RARE) {
        if (opcode === NOP) {
          const size = unit === 0 ? 0 : payloadUnits(units, at);
          if (size > 0) {
            instructions--;
            at += size;
            continue;
          }
        } else seen |= this.#listRare(opcode, at);
      }
      at += INSTRUCTION_UNITS[opcode]!;
    }
    this.references.instructions += instructions;
    return seen;
  }

  #listCall(target: number, at: number): number {
    if (target > 0) {
      this.#list(REFERENCE_KIND.method, target, at);
      return this.#withArgument[target] === 1 ? ARGUMENT_CALL : 0;
    }
    this.#list(REFERENCE_KIND.candidate, this.#units[at + 1]!, at);
    return target === CANDIDATE_WITH_ARGUMENT ? ARGUMENT_CALL : 0;
  }

  #listString(stringIdx: number, at: number): number {
    const uses = this.#stringUses[stringIdx] ?? 0;
    if ((uses & TEXT_USE.site) !== 0) this.#list(REFERENCE_KIND.string, stringIdx, at);
    return uses;
  }

  /** const-string/jumbo and const-class. */
  #listRare(opcode: number, at: number): number {
    const units = this.#units;
    if (opcode === CONST_STRING_JUMBO)
      return this.#listString((units[at + 1]! | (units[at + 2]! << 16)) >>> 0, at);
    const typeIdx = units[at + 1]!;
    if (this.#askedClasses[typeIdx] !== 1) return 0;
    this.#list(REFERENCE_KIND.classConstant, typeIdx, at);
    return CLASS_CONSTANT;
  }

  #list(kind: number, target: number, at: number): void {
    const { kinds, targets, callers, classDefs, codeUnits } = this.references;
    kinds.push(kind);
    targets.push(target);
    callers.push(this.#methodIdx);
    classDefs.push(this.#classDefIdx);
    codeUnits.push(at - this.#start);
  }
}

function needsCloserLook(seen: number): boolean {
  return (
    (seen & TEXT_USE.className) !== 0 ||
    ((seen & ARGUMENT_CALL) !== 0 && (seen & (TEXT_USE.argument | CLASS_CONSTANT)) !== 0) ||
    ((seen & CLASS_CONSTANT) !== 0 && (seen & TEXT_USE.memberName) !== 0)
  );
}

/** Bits of TEXT_USE by string_ids index; every URL is listed. */
function findStringUses(query: ReferenceQuery, texts: Int32Array): Uint8Array {
  const uses = new Uint8Array(texts.length);
  for (let stringIdx = 0; stringIdx < texts.length; stringIdx++) {
    const text = texts[stringIdx]!;
    if (text === URL_TEXT) uses[stringIdx] = TEXT_USE.site;
    else if (text !== 0) uses[stringIdx] = query.usesOf(text);
  }
  return uses;
}

function markAskedClasses(dex: DexFile, query: ReferenceQuery, texts: Int32Array): Uint8Array {
  const asked = new Uint8Array(dex.typeIds.length);
  for (let typeIdx = 0; typeIdx < asked.length; typeIdx++) {
    const text = texts[dex.typeIds[typeIdx]!] ?? 0;
    if (text > 0 && query.classes.has(query.texts.text(text))) asked[typeIdx] = 1;
  }
  return asked;
}

function findExtendedClasses(dex: DexFile, askedClasses: Uint8Array): Set<string> {
  const extended = new Set<string>();
  const isSeen = new Uint8Array(dex.typeIds.length);
  const see = (typeIdx: number) => {
    if (isSeen[typeIdx] === 1) return;
    isSeen[typeIdx] = 1;
    if (askedClasses[typeIdx] === 1) extended.add(dex.typeDescriptor(typeIdx));
    let above = platformSuperclasses.get(dex.typeDescriptor(typeIdx));
    for (; above !== undefined; above = platformSuperclasses.get(above)) extended.add(above);
  };
  for (let index = 0; index < dex.classDefsSize; index++) {
    const superclassIdx = dex.classDefs[index * CLASS_DEF_WORDS + SUPERCLASS_WORD]!;
    if (superclassIdx < isSeen.length) see(superclassIdx);
    if (dex.classDefs[index * CLASS_DEF_WORDS + INTERFACES_WORD] !== 0)
      dex.interfaces(dex.classDef(index)).forEach(see);
  }
  return extended;
}

function markTargets(targets: Iterable<number>): Uint8Array {
  const numbers = [...targets];
  const marks = new Uint8Array(Math.max(0, ...numbers) + 1);
  for (const number of numbers) marks[number] = 1;
  return marks;
}

/** By method_ids index: a target, 0, or {@link CANDIDATE}. */
function findMethodTargets(
  dex: DexFile,
  query: ReferenceQuery,
  texts: Int32Array,
  askedClasses: Uint8Array,
): Int32Array {
  const found = new Int32Array(dex.methodIdsSize);
  const constructor = query.texts.find("<init>");
  const protos: string[] = [];
  const inherits: (boolean | undefined)[] = [];
  for (let methodIdx = 0; methodIdx < found.length; methodIdx++) {
    const name = texts[dex.methodIds32[methodIdx * 2 + 1]!] ?? 0;
    if (name <= 0) continue;
    const asked = query.methods.get(name);
    if (asked === undefined) continue;
    const classIdx = dex.methodClassIdx(methodIdx);
    if (askedClasses[classIdx] !== 1) {
      if (name === constructor) continue; // not inherited
      inherits[classIdx] ??= mayInherit(dex.typeDescriptor(classIdx));
      if (!inherits[classIdx]) continue;
    }
    const protoIdx = dex.methodProtoIdx(methodIdx);
    const descriptor = (protos[protoIdx] ??= dex.protoDescriptor(protoIdx));
    const fitting = asked.filter(
      (member) => member.descriptor === undefined || member.descriptor === descriptor,
    );
    if (fitting.length === 0) continue;
    const classDescriptor = dex.typeDescriptor(classIdx);
    const exact = fitting.find((member) => member.classDescriptor === classDescriptor);
    if (exact !== undefined) found[methodIdx] = exact.target;
    else if (mayInherit(classDescriptor))
      found[methodIdx] = fitting.some(({ target }) => query.withArgument.has(target))
        ? CANDIDATE_WITH_ARGUMENT
        : CANDIDATE;
  }
  return found;
}

/** A class of the app, or one of the platform's whose ancestors are known. */
function mayInherit(classDescriptor: string): boolean {
  return platformSuperclasses.has(classDescriptor) || !isPlatformClass(classDescriptor);
}

/** By field_ids index: a target or 0. */
function findFieldTargets(dex: DexFile, query: ReferenceQuery, texts: Int32Array): Int32Array {
  const found = new Int32Array(dex.fieldIdsSize);
  for (let fieldIdx = 0; fieldIdx < found.length; fieldIdx++) {
    const name = texts[dex.fieldNameIdx(fieldIdx)] ?? 0;
    const asked = name > 0 ? query.fields.get(name) : undefined;
    if (asked === undefined) continue;
    const classDescriptor = dex.typeDescriptor(dex.fieldClassIdx(fieldIdx));
    const type = dex.typeDescriptor(dex.fieldTypeIdx(fieldIdx));
    const exact = asked.find(
      (member) => member.classDescriptor === classDescriptor && member.descriptor === type,
    );
    if (exact !== undefined) found[fieldIdx] = exact.target;
  }
  return found;
}
