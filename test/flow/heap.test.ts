import fc from "fast-check";
import { expect, test } from "vitest";
import {
  changedCells,
  EMPTY_HEAP,
  type Heap,
  isSameHeap,
  joinHeaps,
  MOST_CELLS,
  readCell,
  writeCell,
} from "../../src/flow/heap.js";
import { join, NOTHING, ofObject, type Value } from "../../src/flow/values.js";

type Writes = readonly (readonly [cell: number, value: Value | undefined])[];

/** Cells that lie close and far, so that some share leaves and branches. */
const cells = fc.oneof(
  fc.nat(70),
  fc.nat(MOST_CELLS - 1),
  fc.constantFrom(0, 31, 32, 1023, 1024, 32767, 32768, MOST_CELLS - 1),
);
const held = fc.option(fc.nat(5).map(ofObject), { nil: undefined, freq: 4 });
const writes: fc.Arbitrary<Writes> = fc.array(fc.tuple(cells, held), { maxLength: 40 });

const fill = (list: Writes, heap: Heap = EMPTY_HEAP) =>
  list.reduce((filled, [cell, value]) => writeCell(filled, cell, value), heap);

/** The same, as one who has no need of haste would hold it. */
function fillMap(list: Writes, before: ReadonlyMap<number, Value> = new Map()): Map<number, Value> {
  const map = new Map(before);
  for (const [cell, value] of list) {
    if (value === undefined) map.delete(cell);
    else map.set(cell, value);
  }
  return map;
}

function asMap(heap: Heap): Map<number, Value> {
  const map = new Map<number, Value>();
  changedCells(EMPTY_HEAP, heap, (cell, _, after) => {
    if (after !== undefined) map.set(cell, after);
  });
  return map;
}

test("a heap holds what was written last to each cell", () => {
  fc.assert(
    fc.property(writes, (list) => {
      const heap = fill(list);
      const map = fillMap(list);
      expect(asMap(heap)).toEqual(map);
      for (const [cell] of list) {
        expect(readCell(heap, cell)).toBe(map.get(cell));
        expect(readCell(heap, cell ^ 32)).toBe(map.get(cell ^ 32));
      }
    }),
  );
});

test("a heap that is made of another leaves that one as it was", () => {
  fc.assert(
    fc.property(writes, writes, (before, more) => {
      const heap = fill(before);
      fill(more, heap);
      expect(asMap(heap)).toEqual(fillMap(before));
    }),
  );
});

test("writing what is there makes no other heap", () => {
  const heap = fill([[7, ofObject(1)]]);
  expect(writeCell(heap, 7, readCell(heap, 7))).toBe(heap);
  expect(writeCell(heap, 8, undefined)).toBe(heap);
  expect(writeCell(EMPTY_HEAP, 8, undefined)).toBe(EMPTY_HEAP);
});

test("what is told to have changed is what did, once each, in ascending order", () => {
  fc.assert(
    fc.property(writes, writes, (before, more) => {
      const heap = fill(before);
      const after = fill(more, heap);
      const [x, y] = [fillMap(before), fillMap(more, fillMap(before))];
      const told: number[] = [];
      changedCells(heap, after, (cell, one, other) => {
        expect([one, other]).toEqual([x.get(cell), y.get(cell)]);
        expect(one).not.toBe(other);
        told.push(cell);
      });
      expect(told).toEqual([...new Set(told)].sort((a, b) => a - b));
      for (const cell of new Set([...x.keys(), ...y.keys()]))
        if (x.get(cell) !== y.get(cell)) expect(told).toContain(cell);
      expect(isSameHeap(heap, after)).toBe(
        [...new Set([...x.keys(), ...y.keys()])].every(
          (cell) => x.get(cell)?.objects[0] === y.get(cell)?.objects[0],
        ),
      );
    }),
  );
});

test("a joined heap holds of each cell what was asked for, and asks of none that is alike", () => {
  const either = (_: number, x: Value | undefined, y: Value | undefined) => join(x ?? NOTHING, y ?? NOTHING);
  fc.assert(
    fc.property(writes, writes, writes, (shared, left, right) => {
      const begun = fill(shared);
      const [a, b] = [fill(left, begun), fill(right, begun)];
      const [x, y] = [fillMap(left, fillMap(shared)), fillMap(right, fillMap(shared))];
      const asked = new Set<number>();
      const joined = joinHeaps(a, b, (cell, one, other) => {
        expect([one, other]).toEqual([x.get(cell), y.get(cell)]);
        expect(one).not.toBe(other);
        asked.add(cell);
        return either(cell, one, other);
      });
      for (const cell of new Set([...x.keys(), ...y.keys()])) {
        const expected = asked.has(cell) ? either(cell, x.get(cell), y.get(cell)) : x.get(cell);
        expect(readCell(joined, cell)).toEqual(expected);
        if (x.get(cell) !== y.get(cell)) expect(asked).toContain(cell);
      }
      expect(isSameHeap(joined, joinHeaps(b, a, either))).toBe(true);
      expect(joinHeaps(a, a, either)).toBe(a);
    }),
  );
});

test("joined with a part of itself, a heap is itself", () => {
  fc.assert(
    fc.property(writes, (list) => {
      const whole = fill(list);
      const part = fill([...fillMap(list)].slice(0, 3));
      const joined = joinHeaps(whole, part, (_, x, y) => x ?? y);
      expect(isSameHeap(joined, whole)).toBe(true);
    }),
  );
});
