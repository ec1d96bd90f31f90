/**
 * What the code refers to, and what of it can run. Comes in: DEX files and a query, a manifest. Goes out: the sites of what
 * was asked for, the classes' hierarchy and packages, the constants that reach calls; entry points and the call graph. Never
 * knows an SDK's name.
 */
export { AndroidClasses } from "./android-classes.js";
export { CallConstants } from "./call-constants.js";
export { type CallGraph, calleesOf } from "./call-graph.js";
export { buildCallGraph, buildCallGraphs, type CallGraphs } from "./call-graphs.js";
export { Callbacks } from "./callbacks.js";
export { checkMapping } from "./check-mapping.js";
export { addEdge, buildClassGraph, type ClassGraph } from "./class-graph.js";
export { ClassHierarchy, MOST_PROTO_TEXT } from "./class-hierarchy.js";
export { ACTION, ACTIONS } from "./code-actions.js";
export { type CloserLook, type CodeReferences, REFERENCE_KIND } from "./code-references.js";
export { buildControlFlow, type ControlFlowGraph } from "./control-flow.js";
export type { EntryPoint, EntryPointKind } from "./entry-points.js";
export { type CallChain, CallChains } from "./find-chains.js";
export {
  type CallWithConstants,
  type Constant,
  findConstants,
  type MethodConstants,
} from "./find-constants.js";
export { canBeAskedFor, findReferences } from "./find-references.js";
export { JAVASCRIPT_INTERFACE } from "./framework-calls.js";
export { IntList } from "./int-list.js";
export { MethodTable, parameterTypes } from "./method-table.js";
export { type PackageContents, readPackageContents } from "./package-contents.js";
export {
  isGeneratedClass,
  outermostClass,
  PackageTable,
  type PackageUnit,
  packageOf,
} from "./package-table.js";
export { isPlatformClass, platformSuperclasses } from "./platform-classes.js";
export {
  type Reach,
  Reachability,
  type ReachChain,
  type ReachGap,
  type ReachGapKind,
} from "./reachability.js";
export {
  type AskedMember,
  type CallConstantsAsked,
  classDescriptor,
  dottedName,
  ReferenceQuery,
  TEXT_USE,
} from "./reference-query.js";
export {
  emptyRows,
  hasCallWithConstants,
  listCall,
  listClass,
  listRow,
  listString,
  needsCloserLook,
  type RowList,
} from "./row-list.js";
export { findScriptMethods } from "./script-methods.js";
export {
  MOST_STRINGS,
  readReturnedString,
  readStaticString,
  readStringPattern,
  splitPattern,
} from "./string-constants.js";
export {
  addSuperclass,
  buildTargets,
  findTargets,
  isMarked,
  type MemberIds,
  type Targets,
} from "./targets.js";
export { beginsWithScheme, URL_TEXT } from "./text-index.js";
export { TypeTable } from "./type-table.js";
export type { WalkedDex } from "./walked-dex.js";
