/**
 * What the code refers to. Comes in: DEX files and a query. Goes out: the sites of what was asked for,
 * the classes' hierarchy and packages, and the constants that reach calls. Never knows an SDK's name.
 */
export { checkMapping } from "./check-mapping.js";
export { buildClassGraph, type ClassGraph } from "./class-graph.js";
export { ClassHierarchy } from "./class-hierarchy.js";
export { type CloserLook, type CodeReferences, REFERENCE_KIND } from "./code-references.js";
export {
  type CallWithConstants,
  type Constant,
  findConstants,
  type MethodConstants,
} from "./find-constants.js";
export { findReferences } from "./find-references.js";
export { type PackageContents, readPackageContents } from "./package-contents.js";
export { PackageTable, packageOf } from "./package-table.js";
export { isPlatformClass } from "./platform-classes.js";
export { type AskedMember, dottedName, ReferenceQuery, TEXT_USE } from "./reference-query.js";
export { readReturnedString, readStaticString, readStringPattern } from "./string-constants.js";
export { URL_TEXT } from "./text-index.js";
