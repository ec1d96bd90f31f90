import { Leb128Reader } from "../bytes/index.js";
import { CLASS_DEF_FIELDS, CLASS_DEF_WORDS, type DexFile, readDexFiles } from "../dex/index.js";
import type { Diagnostics, Limits } from "../diagnostics/index.js";
import { MOST } from "./dex-facts-layout.js";
import { NoFacts } from "./facts-names.js";

/** Prototypes and members that 16 bits number. */
const MOST_IDS = 1 << 16;

/** Characters of a method's descriptor, as a `DexFile` gives it. */
const MOST_DESCRIPTOR = 0xffff;

/** What of a DEX file was learned by looking through its lists. */
export interface SoundLists {
  /** Characters of each prototype's descriptor, by proto_ids index. */
  readonly protoLengths: Uint16Array;
  /** 1 by method_ids index where a class of the file defines the method. */
  readonly isDefined: Uint8Array;
}

/**
 * Checks that a file is alone in its bytes, has its own names, and that nothing is to be told of its lists, whether it
 * was asked for or not: each index points to something, and each list is in the order that the specification wants, so
 * that nothing is there twice. Of two equal members it would matter which one is met first.
 *
 * @throws NoFacts
 * @throws FormatError for what cannot be read
 */
export function checkSoundness(dex: DexFile, limits: Limits): SoundLists {
  const diagnostics: Diagnostics = [];
  const { protoIdsSize, fieldIdsSize, methodIdsSize } = dex;
  if (dex.members !== 1 || dex.restored !== undefined) throw new NoFacts();
  if (dex.classDefsSize > MOST || dex.typeIdsSize > MOST) throw new NoFacts();
  if (Math.max(protoIdsSize, fieldIdsSize, methodIdsSize) > MOST_IDS) throw new NoFacts();
  // Tells of lists that are cut, and of type_ids out of order.
  readDexFiles(dex.bytes, dex.source, limits, diagnostics);
  if (diagnostics.length > 0) throw new NoFacts();
  // None begins with nothing where they are in no order.
  if (dex.stringIdsSize > 0 && dex.stringsBeginningWith("", 1).length === 0) throw new NoFacts();
  const protoLengths = checkProtos(dex);
  checkMemberIds(dex.fieldIds16, dex.fieldIds32, dex.typeIdsSize, dex);
  checkMemberIds(dex.methodIds16, dex.methodIds32, protoIdsSize, dex);
  return { protoLengths, isDefined: checkClassData(dex) };
}

/** proto_ids are in the order of return type, then parameters. */
function checkProtos(dex: DexFile): Uint16Array {
  const { protoIds, protoIdsSize, stringIdsSize, typeIdsSize } = dex;
  const typeLengths = Uint32Array.from(
    { length: typeIdsSize },
    (_, typeIdx) => dex.typeDescriptor(typeIdx).length,
  );
  const lengths = new Uint16Array(protoIdsSize);
  let lastReturn = -1;
  let last: Uint16Array = new Uint16Array(0);
  for (let protoIdx = 0; protoIdx < protoIdsSize; protoIdx++) {
    const returnTypeIdx = protoIds[protoIdx * 3 + 1]!;
    if (protoIds[protoIdx * 3]! >= stringIdsSize || returnTypeIdx >= typeIdsSize) throw new NoFacts();
    const parameters = dex.protoParameters(protoIdx);
    if (returnTypeIdx < lastReturn || (returnTypeIdx === lastReturn && !isAfter(last, parameters)))
      throw new NoFacts();
    let length = 2 + typeLengths[returnTypeIdx]!;
    for (let index = 0; index < parameters.length; index++)
      length += typeLengths[parameters[index]!] ?? Infinity;
    if (length > MOST_DESCRIPTOR) throw new NoFacts();
    lengths[protoIdx] = length;
    lastReturn = returnTypeIdx;
    last = parameters;
  }
  return lengths;
}

function isAfter(before: Uint16Array, list: Uint16Array): boolean {
  const most = Math.min(before.length, list.length);
  for (let index = 0; index < most; index++) {
    if (before[index] !== list[index]) return before[index]! < list[index]!;
  }
  return before.length < list.length;
}

/** field_ids and method_ids are in the order of class, name, and type or prototype. */
function checkMemberIds(
  halves: Uint16Array,
  words: Uint32Array,
  kinds: number,
  { stringIdsSize, typeIdsSize }: DexFile,
): void {
  let lastClass = -1;
  let lastName = -1;
  let lastKind = -1;
  for (let at = 0; at < halves.length; at += 4) {
    const classIdx = halves[at]!;
    const kind = halves[at + 1]!;
    const nameIdx = words[(at >> 1) + 1]!;
    if (classIdx >= typeIdsSize || kind >= kinds || nameIdx >= stringIdsSize) throw new NoFacts();
    const isInOrder =
      classIdx !== lastClass
        ? classIdx > lastClass
        : nameIdx !== lastName
          ? nameIdx > lastName
          : kind > lastKind;
    if (!isInOrder) throw new NoFacts();
    lastClass = classIdx;
    lastName = nameIdx;
    lastKind = kind;
  }
}

/** A class_data_item names members of its own class, each once. */
function checkClassData(dex: DexFile): Uint8Array {
  const { classDefs, fieldIds16, methodIds16 } = dex;
  const isField = new Uint8Array(dex.fieldIdsSize);
  const isMethod = new Uint8Array(dex.methodIdsSize);
  const reader = new Leb128Reader(dex.view, 0);
  const read = () => reader.unsigned("class_data_item");
  for (let at = 0; at < classDefs.length; at += CLASS_DEF_WORDS) {
    const classIdx = classDefs[at + CLASS_DEF_FIELDS.classIdx]!;
    reader.offset = classDefs[at + CLASS_DEF_FIELDS.classDataOff]!;
    if (reader.offset === 0) continue;
    const sizes = [read(), read(), read(), read()];
    for (let list = 0; list < 4; list++) {
      const isFields = list < 2;
      const [ids, isSeen] = isFields ? [fieldIds16, isField] : [methodIds16, isMethod];
      let index = 0;
      for (let left = sizes[list]!; left > 0; left--) {
        index += read();
        read();
        if (!isFields) read();
        if (ids[index * 4] !== classIdx || isSeen[index] !== 0) throw new NoFacts();
        isSeen[index] = 1;
      }
    }
  }
  return isMethod;
}
