import type { Diagnostics, Limits } from "../diagnostics/index.js";
import type { GraphBuilder } from "./class-graph.js";
import type { CallWithConstants, MethodConstants } from "./find-constants.js";
import type { IntList } from "./int-list.js";
import type { WalkedDex } from "./walked-dex.js";

/** What an instruction refers to; `candidate` is a method asked for, named on another class. */
export const REFERENCE_KIND = {
  method: 1,
  field: 2,
  string: 3,
  override: 4,
  candidate: 5,
  classConstant: 6,
  /** A call that is listed by itself: a method_ids index. */
  call: 7,
  /** A method without code that is native. */
  nativeMethod: 8,
} as const;

/** A method whose calls must be looked at together with the constants passed to them. */
export interface CloserLook {
  readonly methodIdx: number;
  readonly classDefIdx: number;
  /** Offset of its code_item, or its place among the facts. */
  readonly codeOff: number;
}

/**
 * What the code of one DEX file refers to, of what a query asks: a row a site, in the order of the
 * code, as parallel lists.
 */
export interface CodeReferences {
  readonly dex: WalkedDex;
  /** Package number by class_defs index. */
  readonly packages: Int32Array;
  /** Package number by method_ids index, of methods that came from another class than the one they are in. */
  readonly movedMethods: ReadonlyMap<number, number>;
  /** One of {@link REFERENCE_KIND}. */
  readonly kinds: IntList;
  /**
   * The query's target for methods and fields; a string_ids index for strings; a type_ids index for class
   * constants; a method_ids index for overrides, candidates, calls and native methods.
   */
  readonly targets: IntList;
  /** method_ids index of the method whose code it is. */
  readonly callers: IntList;
  /** class_defs index of the caller's class. */
  readonly classDefs: IntList;
  /** Position in the caller's `insns`, in 16-bit code units; 0 for an override. */
  readonly codeUnits: IntList;
  readonly closerLooks: readonly CloserLook[];
  /** Methods with calls whose constants matter, each of which is listed. */
  readonly callLooks: readonly CloserLook[];
  /** Classes asked for that its classes extend or implement, directly or through the platform's classes. */
  readonly extendedClasses: ReadonlySet<string>;
  /** Text id of a string by its index, as `TextIndex.findInStrings` gives it. */
  readonly textOf: (stringIdx: number) => number;
  /** Instructions walked, payloads not counted. */
  readonly instructions: number;
  /** Methods with code. */
  readonly methods: number;
  /** What a method does with constants. */
  readonly readConstants: (look: CloserLook, limits: Limits, diagnostics: Diagnostics) => MethodConstants;
  /** The calls of a method whose constants matter, with what is passed. */
  readonly readCallConstants: (
    look: CloserLook,
    limits: Limits,
    diagnostics: Diagnostics,
  ) => readonly CallWithConstants[];
  /** Adds who refers to whom to a graph. */
  readonly addEdges: (graph: GraphBuilder) => void;
}
