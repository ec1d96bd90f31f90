import type { ClassGraph, PackageTable } from "../program/index.js";
import type { RuleIndex } from "../ruleset/index.js";
import type { SdkMatch } from "./match-sdks.js";
import type { SeenString } from "./seen-app.js";

/** Nothing is known of who refers to a class. */
const UNKNOWN = -1;
/** More than one party does, or one that cannot be told. */
const DISPUTED = -2;

/**
 * Gives classes that lost their names to the party that they must belong to, as far as that can be told:
 *
 * - a class whose code holds a string that is one matched SDK's alone is that SDK's (a seed);
 * - classes that refer to each other in a circle, one of which is a seed or has kept its name, are of one
 *   making: no library knows who uses it;
 * - a class that the code of one third party or support library alone refers to, directly or through other
 *   renamed classes, is that party's: it, or what it alone uses.
 *
 * What refers to the first party's code is no SDK's, whatever else is known of it: an SDK does not know its apps,
 * and where the optimizer put the app's implementation in the place of an interface, that is the app's. What the
 * first party refers to may be its own or an SDK's: it stays nobody's, and so does what two parties share, and what
 * nothing refers to.
 *
 * @param partyOf by package number: index of the party of a class that has its name, -1 for a renamed one
 * @param isSharer by party index: a party whose use says nothing of whose a class is
 * @param seeds index of the party by package number of a renamed class
 * @returns by package number: the party's index; below 0 where it cannot be told
 */
export function attributeRenamed(
  partyOf: Int32Array,
  isSharer: (party: number) => boolean,
  seeds: ReadonlyMap<number, number>,
  graph: ClassGraph,
): Int32Array {
  const edges = groupBySource(partyOf.length, graph);
  const knowsApp = new Uint8Array(partyOf.length);
  for (let edge = 0; edge < graph.to.length; edge++) {
    const party = partyOf[graph.to.at(edge)]!;
    if (party >= 0 && isSharer(party)) knowsApp[graph.from.at(edge)] = 1;
  }
  const isSharerAt = (number: number) => fixed[number]! >= 0 && isSharer(fixed[number]!);
  const fixed = partyOf.slice();
  for (const [number, party] of seeds) if (knowsApp[number] === 0) fixed[number] = party;
  for (const circle of findCircles(edges)) {
    if (circle.some((number) => knowsApp[number] === 1)) continue;
    const parties = new Set(circle.map((number) => fixed[number]!).filter((party) => party >= 0));
    const [party] = parties;
    if (party === undefined || parties.size > 1) continue;
    for (const number of circle) fixed[number] = party;
  }
  return spreadToUsers(fixed, (number) => knowsApp[number] === 1 || isSharerAt(number), edges);
}

/**
 * Parties from those that are known to the classes that they alone refer to.
 *
 * @param isOpen by number: what it refers to may be anybody's
 */
function spreadToUsers(fixed: Int32Array, isOpen: (number: number) => boolean, edges: Edges): Int32Array {
  const owner = fixed.map((party, number) => (isOpen(number) ? DISPUTED : party));
  const spread = (queue: number[]) => {
    for (let number = queue.pop(); number !== undefined; number = queue.pop()) {
      const party = owner[number]!;
      for (let edge = edges.starts[number]!; edge < edges.starts[number + 1]!; edge++) {
        const target = edges.targets[edge]!;
        if (fixed[target]! >= 0 || owner[target] === party || owner[target] === DISPUTED) continue;
        owner[target] = owner[target] === UNKNOWN ? party : DISPUTED;
        queue.push(target);
      }
    }
  };
  const numbersThatAre = (isWanted: (party: number) => boolean) =>
    [...owner.keys()].filter((number) => isWanted(owner[number]!));
  spread(numbersThatAre((party) => party !== UNKNOWN));
  // What nobody known leads to may be anybody's, and so may what it refers to.
  const roots = numbersThatAre((party) => party === UNKNOWN);
  for (const number of roots) owner[number] = DISPUTED;
  spread(roots);
  return owner.map((party, number) => (fixed[number]! >= 0 ? fixed[number]! : party));
}

/** Edges of a graph by the number that they come from: those of `n` are at `starts[n]` up to `starts[n + 1]`. */
interface Edges {
  readonly starts: Int32Array;
  readonly targets: Int32Array;
}

function groupBySource(size: number, { from, to }: ClassGraph): Edges {
  const starts = new Int32Array(size + 1);
  for (let edge = 0; edge < from.length; edge++) starts[from.at(edge) + 1]!++;
  for (let number = 0; number < size; number++) starts[number + 1]! += starts[number]!;
  const next = starts.slice();
  const targets = new Int32Array(from.length);
  for (let edge = 0; edge < from.length; edge++) targets[next[from.at(edge)]!++] = to.at(edge);
  return { starts, targets };
}

/** The strongly connected components of more than one number: Tarjan's, without recursion. */
function findCircles({ starts, targets }: Edges): number[][] {
  const size = starts.length - 1;
  const order = new Int32Array(size).fill(-1);
  const lowest = new Int32Array(size);
  const isOpen = new Uint8Array(size);
  const nextEdge = starts.slice(0, size);
  const open: number[] = [];
  const path: number[] = [];
  const circles: number[][] = [];
  let count = 0;
  const enter = (number: number) => {
    order[number] = lowest[number] = count++;
    isOpen[number] = 1;
    open.push(number);
    path.push(number);
  };
  for (let root = 0; root < size; root++) {
    if (order[root] === -1) enter(root);
    while (path.length > 0) {
      const number = path.at(-1)!;
      const edge = nextEdge[number]!;
      if (edge < starts[number + 1]!) {
        nextEdge[number]!++;
        const target = targets[edge]!;
        if (order[target] === -1) enter(target);
        else if (isOpen[target] === 1) lowest[number] = Math.min(lowest[number]!, order[target]!);
        continue;
      }
      path.pop();
      const above = path.at(-1);
      if (above !== undefined) lowest[above] = Math.min(lowest[above]!, lowest[number]!);
      if (lowest[number] !== order[number]) continue;
      const circle = open.splice(open.lastIndexOf(number));
      for (const member of circle) isOpen[member] = 0;
      if (circle.length > 1) circles.push(circle);
    }
  }
  return circles;
}

/**
 * Renamed classes whose code holds a string that is a witness for one matched party alone: the match by package
 * number. Hosts would not do: JVerification 3.4.8 names those of the carriers whose SDKs it calls.
 */
export function findSeeds(
  strings: readonly SeenString[],
  packages: PackageTable,
  matches: readonly SdkMatch[],
  rules: RuleIndex,
): Map<number, SdkMatch> {
  const matchOf = new Map(matches.map((match) => [match.party, match]));
  const found = new Map<number, SdkMatch | undefined>();
  for (const { text, holder } of strings) {
    const number = packages.findNumberOfClass(holder);
    if (number === undefined) continue;
    for (const party of rules.findWitnessed("string", text)) {
      const match = matchOf.get(party);
      if (match === undefined) continue;
      // Of two parties' strings in one class, neither tells.
      found.set(number, found.has(number) && found.get(number) !== match ? undefined : match);
    }
  }
  return new Map([...found].flatMap(([number, match]) => (match === undefined ? [] : [[number, match]])));
}
