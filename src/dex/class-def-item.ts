/** Size of a class_def_item in 32-bit words. */
export const CLASS_DEF_WORDS = 8;

/** Places of fields in it, for loops that read `DexFile.classDefs` themselves. */
export const CLASS_DEF_FIELDS = {
  classIdx: 0,
  superclassIdx: 2,
  interfacesOff: 3,
  classDataOff: 6,
} as const;

const NO_INDEX = 0xffff_ffff;

/** class_def_item: one class this file defines, as opposed to one it merely references. */
export interface ClassDefItem {
  /** Position in class_defs. */
  readonly classDefIdx: number;
  /** Index into type_ids. */
  readonly classIdx: number;
  readonly accessFlags: number;
  /** Index into type_ids; `undefined` for java.lang.Object only. */
  readonly superclassIdx: number | undefined;
  /** Offset of a type_list, 0 for none. */
  readonly interfacesOff: number;
  /** Index into string_ids. */
  readonly sourceFileIdx: number | undefined;
  /** Offset of an annotations_directory_item, 0 for none. */
  readonly annotationsOff: number;
  /** Offset of a class_data_item, 0 for a class without members. */
  readonly classDataOff: number;
  /** Offset of an encoded_array_item, 0 for none. */
  readonly staticValuesOff: number;
}

/** The class_def_item at `classDefIdx`, which the caller has checked. */
export function readClassDefItem(classDefs: Uint32Array, classDefIdx: number): ClassDefItem {
  const word = (index: number) => classDefs[classDefIdx * CLASS_DEF_WORDS + index]!;
  return {
    classDefIdx,
    classIdx: word(0),
    accessFlags: word(1),
    superclassIdx: optionalIndex(word(2)), // NO_INDEX becomes undefined here and nowhere else
    interfacesOff: word(3),
    sourceFileIdx: optionalIndex(word(4)),
    annotationsOff: word(5),
    classDataOff: word(6),
    staticValuesOff: word(7),
  };
}

function optionalIndex(index: number): number | undefined {
  return index === NO_INDEX ? undefined : index;
}
