import { isSame, type Value } from "./values.js";

type Leaf = readonly (Value | undefined)[];
type Branch = readonly (Branch | Leaf | undefined)[];
type Node = Branch | Leaf | undefined;

const BITS = 5;
const WIDTH = 1 << BITS;
const TOP = 3 * BITS;

/** Cells that a heap can have. */
export const MOST_CELLS = 1 << (TOP + BITS);

/**
 * What the cells of all objects hold at one point of a run: a tree that is never changed. Two heaps share what they have in
 * common, so that one is made of another, and both are held against each other, by what they differ in.
 */
export type Heap = Node;

export const EMPTY_HEAP: Heap = undefined;

export function readCell(heap: Heap, cell: number): Value | undefined {
  let node = heap;
  for (let shift = TOP; node !== undefined && shift > 0; shift -= BITS)
    node = (node as Branch)[(cell >> shift) & (WIDTH - 1)];
  return node === undefined ? undefined : (node as Leaf)[cell & (WIDTH - 1)];
}

export function writeCell(heap: Heap, cell: number, value: Value | undefined): Heap {
  return readCell(heap, cell) === value ? heap : write(heap, TOP, cell, value);
}

function write(node: Node, shift: number, cell: number, value: Value | undefined): Node {
  const copy: (Node | Value)[] = node === undefined ? [] : (node as (Node | Value)[]).slice();
  const index = (cell >> shift) & (WIDTH - 1);
  while (copy.length < index) copy.push(undefined);
  copy[index] = shift === 0 ? value : write(copy[index] as Node, shift - BITS, cell, value);
  return copy as unknown as Node;
}

/** What may be one heap or the other; `joinCell` is asked of the cells that differ. */
export function joinHeaps(
  a: Heap,
  b: Heap,
  joinCell: (cell: number, x: Value | undefined, y: Value | undefined) => Value | undefined,
): Heap {
  const join = (x: Node, y: Node, shift: number, base: number): Node => {
    if (x === y) return x;
    const length = Math.max(x?.length ?? 0, y?.length ?? 0);
    const joined: unknown[] = new Array(length);
    let isLeft = x !== undefined;
    let isRight = y !== undefined;
    for (let i = 0; i < length; i++) {
      const left = x?.[i];
      const right = y?.[i];
      const at = base + (i << shift);
      const one =
        left === right
          ? left
          : shift === 0
            ? joinCell(at, left as Value | undefined, right as Value | undefined)
            : join(left as Node, right as Node, shift - BITS, at);
      joined[i] = one;
      if (one !== left) isLeft = false;
      if (one !== right) isRight = false;
    }
    return isLeft ? x : isRight ? y : (joined as unknown as Node);
  };
  return join(a, b, TOP, 0);
}

/** Cells in which a heap is another than the one before. */
export function changedCells(
  before: Heap,
  after: Heap,
  visit: (cell: number, before: Value | undefined, after: Value | undefined) => void,
): void {
  const walk = (x: Node, y: Node, shift: number, base: number): void => {
    if (x === y) return;
    const length = Math.max(x?.length ?? 0, y?.length ?? 0);
    for (let i = 0; i < length; i++) {
      const left = x?.[i];
      const right = y?.[i];
      if (left === right) continue;
      if (shift === 0) visit(base + i, left as Value | undefined, right as Value | undefined);
      else walk(left as Node, right as Node, shift - BITS, base + (i << shift));
    }
  };
  walk(before, after, TOP, 0);
}

/** Whether two heaps hold the same. */
export function isSameHeap(a: Heap, b: Heap): boolean {
  let isAlike = true;
  changedCells(a, b, (_cell, before, after) => {
    if (!isSame(before, after)) isAlike = false;
  });
  return isAlike;
}
