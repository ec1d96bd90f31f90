import {
  CLASS_DEF_FIELDS,
  CLASS_DEF_WORDS,
  type DexFile,
  firstUnit,
  INSTRUCTION_UNITS,
  insnsSizeAt,
  OPCODES,
  payloadUnits,
  visitCode,
} from "../dex/index.js";
import { readOrUndefined } from "../diagnostics/index.js";
import type { CodeReferences } from "./code-references.js";
import { IntList } from "./int-list.js";
import type { PackageTable } from "./package-table.js";

/**
 * Which packages' code refers to which: an edge from the package whose class holds an instruction, or extends
 * or implements a class, to the package of the class that is named. By package numbers of a PackageTable, where
 * a class apart is a package of its own; an edge may be listed more than once, never one to itself.
 */
export interface ClassGraph {
  readonly from: IntList;
  readonly to: IntList;
}

/** What an opcode's index points into, as far as it names a class. */
const NOTHING = 0;
const TYPE = 1;
const FIELD = 2;
const METHOD = 3;

const REFERENCES = Uint8Array.from(OPCODES, ({ referenceKind }) =>
  referenceKind === "type"
    ? TYPE
    : referenceKind === "field"
      ? FIELD
      : referenceKind === "method"
        ? METHOD
        : NOTHING,
);

const NOP = 0x00;

/** A graph to which the files of an app add their edges, one after another. */
export interface GraphBuilder {
  readonly graph: ClassGraph;
  readonly packages: PackageTable;
  /** By package number. */
  readonly isAsked: (packageNumber: number) => boolean;
  /** By package number: the number whose code was seen to refer to it last. */
  readonly lastFrom: Int32Array;
}

/** One DEX file's walk; functions at module level stay optimized from file to file. */
interface GraphWalk extends Pick<GraphBuilder, "graph" | "lastFrom"> {
  readonly dex: DexFile;
  /** Package number by type_ids index, -1 for what is not asked for. */
  readonly targets: Int32Array;
  from: number;
}

/**
 * Builds the edges to the packages asked for: for apps that have such packages.
 *
 * @param isAsked by package number
 */
export function buildClassGraph(
  code: readonly CodeReferences[],
  packages: PackageTable,
  isAsked: (packageNumber: number) => boolean,
): ClassGraph {
  const graph = { from: new IntList(), to: new IntList() };
  const lastFrom = new Int32Array(packages.names.length).fill(-1);
  for (const references of code) references.addEdges({ graph, packages, isAsked, lastFrom });
  return graph;
}

/**
 * Adds the edges of a DEX file's code: another walk over all of it. What is spoilt is passed over: the walk that
 * found the references has reported it.
 *
 * @param packageOfClassDef package number by class_defs index
 */
export function addCodeEdges(dex: DexFile, packageOfClassDef: Int32Array, builder: GraphBuilder): void {
  const targets = findTargetTypes(dex, builder);
  const { graph, lastFrom } = builder;
  const walk: GraphWalk = { dex, graph, targets, lastFrom, from: -1 };
  for (let index = 0; index < packageOfClassDef.length; index++) {
    walk.from = packageOfClassDef[index]!;
    addAncestors(walk, index);
  }
  visitCode(
    dex,
    (_, classDefIdx, codeOff) => {
      walk.from = packageOfClassDef[classDefIdx]!;
      walkInstructions(walk, codeOff);
    },
    [],
  );
}

function findTargetTypes(dex: DexFile, { packages, isAsked }: GraphBuilder): Int32Array {
  const targets = new Int32Array(dex.typeIdsSize).fill(-1);
  for (let typeIdx = 0; typeIdx < targets.length; typeIdx++) {
    const descriptor = dex.findTypeDescriptor(typeIdx)?.replace(/^\[+/, "");
    if (descriptor === undefined || !descriptor.endsWith(";")) continue;
    const number = packages.findNumberOfClass(descriptor);
    if (number !== undefined && isAsked(number)) targets[typeIdx] = number;
  }
  return targets;
}

function addAncestors(walk: GraphWalk, classDefIdx: number): void {
  const { dex } = walk;
  const at = classDefIdx * CLASS_DEF_WORDS;
  noteType(walk, dex.classDefs[at + CLASS_DEF_FIELDS.superclassIdx]!);
  if (dex.classDefs[at + CLASS_DEF_FIELDS.interfacesOff] === 0) return;
  const interfaces = readOrUndefined(() => dex.interfaces(dex.classDef(classDefIdx))) ?? [];
  for (const typeIdx of interfaces) noteType(walk, typeIdx);
}

function walkInstructions(walk: GraphWalk, codeOff: number): void {
  const { dex } = walk;
  const { codeUnits } = dex;
  const start = firstUnit(codeOff);
  const end = start + insnsSizeAt(dex, codeOff);
  for (let at = start; at < end; ) {
    const unit = codeUnits[at]!;
    const opcode = unit & 0xff;
    const reference = REFERENCES[opcode]!;
    if (reference !== NOTHING) {
      const index = codeUnits[at + 1]!;
      if (reference === METHOD) noteType(walk, dex.methodIds16[index * 4]!);
      else if (reference === FIELD) noteType(walk, dex.fieldIds16[index * 4]!);
      else noteType(walk, index);
    } else if (opcode === NOP && unit !== 0) {
      const size = payloadUnits(codeUnits, at);
      if (size > 0) {
        at += size;
        continue;
      }
    }
    at += INSTRUCTION_UNITS[opcode]!;
  }
}

function noteType(walk: GraphWalk, typeIdx: number): void {
  const to = walk.targets[typeIdx] ?? -1;
  if (to >= 0) addEdge(walk, walk.from, to);
}

/** Adds an edge, unless it leads to itself, below 0, or is the one added last to that package. */
export function addEdge(
  { graph, lastFrom }: Pick<GraphBuilder, "graph" | "lastFrom">,
  from: number,
  to: number,
): void {
  if (to < 0 || to === from || lastFrom[to] === from) return;
  lastFrom[to] = from;
  graph.from.push(from);
  graph.to.push(to);
}
