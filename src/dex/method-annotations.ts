import { Leb128Reader } from "../bytes/index.js";
import type { ClassDefItem } from "./class-def-item.js";
import type { DexFile } from "./dex-file.js";

const DIRECTORY = "annotations_directory_item";
const SET = "annotation_set_item";

/** Annotations of one class's methods: far above what compilers make, so that a hostile file cannot keep us busy. */
const MAX_ANNOTATIONS = 0x1_0000;

/**
 * The types of the annotations of a class's methods, as indexes into type_ids, by method_ids index; methods without any are
 * not there. What an annotation says is not read.
 */
export function readMethodAnnotations(dex: DexFile, classDef: ClassDefItem): Map<number, number[]> {
  const found = new Map<number, number[]>();
  const at = classDef.annotationsOff;
  if (at === 0) return found;
  const { view } = dex;
  const fieldsSize = view.u32(at + 4, DIRECTORY);
  const methodsSize = view.u32(at + 8, DIRECTORY);
  // class_annotations_off, fields_size, annotated_methods_size, annotated_parameters_size; field_annotation items of 8 bytes.
  const start = at + 16 + fieldsSize * 8;
  view.need(start, methodsSize * 8, DIRECTORY);
  let left = MAX_ANNOTATIONS;
  for (let index = 0; index < methodsSize; index++) {
    const methodIdx = view.u32(start + index * 8, DIRECTORY);
    const set = view.u32(start + index * 8 + 4, DIRECTORY);
    const size = view.u32(set, SET);
    left -= size + 1;
    if (left < 0) throw view.error("limit", at, DIRECTORY, `has over ${MAX_ANNOTATIONS} annotations`);
    view.need(set + 4, size * 4, SET);
    const types: number[] = [];
    for (let one = 0; one < size; one++) types.push(readType(dex, view.u32(set + 4 + one * 4, SET)));
    found.set(methodIdx, types);
  }
  return found;
}

/** annotation_item: visibility, and an encoded_annotation, which begins with its type. */
function readType(dex: DexFile, at: number): number {
  dex.view.u8(at, "annotation_item");
  return new Leb128Reader(dex.view, at + 1).unsigned("encoded_annotation");
}
