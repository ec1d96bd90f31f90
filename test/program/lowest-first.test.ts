import fc from "fast-check";
import { expect, test } from "vitest";
import { LowestFirst } from "../../src/program/lowest-first.js";

test("numbers come out once each, lowest first, whatever the order they went in", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(50)), (numbers) => {
      const queue = new LowestFirst();
      for (const number of numbers) queue.add(number);
      const taken: number[] = [];
      for (let next = queue.take(); next !== undefined; next = queue.take()) taken.push(next);
      expect(taken).toEqual([...new Set(numbers)].sort((a, b) => a - b));
    }),
  );
});

test("a number that was taken can be added again; clearing leaves nothing", () => {
  const queue = new LowestFirst();
  queue.add(3);
  expect(queue.take()).toBe(3);
  queue.add(3);
  queue.add(0);
  expect([queue.take(), queue.take(), queue.take()]).toEqual([0, 3, undefined]);
  queue.add(5);
  queue.clear();
  expect(queue.take()).toBeUndefined();
  queue.add(5);
  expect(queue.take()).toBe(5);
});
