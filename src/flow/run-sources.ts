import type { Heap } from "./heap.js";
import type { Machine } from "./machine.js";
import { markEntry, runPending } from "./registrations.js";
import { ofObject } from "./values.js";

/** Share of the steps that may be used for it, and for one method. */
const SHARE = 0.25;
const SHARE_OF_METHOD = 0.04;
/** Methods that are begun with. */
const MOST_ROOTS = 500;

/**
 * Goes on from the sources that can run, by the call graph, and that running the components did not come to, because it was
 * cut somewhere, or went through code that is not gone into. Methods are begun with by themselves, on one object for each
 * class; then those that call them, if a source's value comes out, and those that read what came to hold one.
 */
export function runFromSources(machine: Machine, sources: readonly number[], heap: Heap): void {
  const { graph, relevance, outside, visited, recorder, limits } = machine;
  const isOpen = (method: number) => graph.nodeOf(method) !== undefined && !outside.has(method);
  const seeds = sources.filter((method) => isOpen(method) && !visited.has(method));
  if (seeds.length === 0 || machine.stepsLeft < 0) return;
  recorder.isAssuming = true;
  machine.component = -1;
  relevance.takeReaders();
  const before = machine.stepsLeft;
  const least = before - limits.steps * SHARE;
  const roots = new Set(seeds);
  let at = heap;
  let begun = 0;
  for (const method of roots) {
    if (machine.stepsLeft < Math.max(0, least) || begun++ >= MOST_ROOTS) {
      recorder.cutMethods.add(method);
      continue;
    }
    const { heap: after, isMarked } = runRoot(machine, method, at);
    at = machine.memory.join(at, after);
    if (isMarked) for (const caller of relevance.callersOf(method)) if (isOpen(caller)) roots.add(caller);
    for (const reader of relevance.takeReaders()) if (isOpen(reader)) roots.add(reader);
  }
  runPending(machine, at);
  recorder.isAssuming = false;
}

/** Runs a method on what it may be given; no longer than its share. */
function runRoot(machine: Machine, method: number, heap: Heap): { heap: Heap; isMarked: boolean } {
  const { methods, objects, reader, memory, limits } = machine;
  const given = reader
    .referenceTo(method)
    .parameters.map((descriptor, index) => machine.parameter(method, index, descriptor));
  const at = { heap };
  const marked = markEntry(machine, method, given, at);
  const type = methods.owners[method]!;
  const receiver = ofObject(objects.find(`any ${type}`, "given", type, true));
  const left = machine.stepsLeft;
  machine.stepsLeft = Math.min(left, limits.steps * SHARE_OF_METHOD);
  const budget = machine.stepsLeft;
  const initialized = machine.initialize(type, at.heap, 0);
  const args = methods.isStatic(method) ? marked : [receiver, ...marked];
  const outcome = machine.call(method, args, initialized, 0);
  if (machine.stepsLeft < 0) machine.recorder.cutMethods.add(method);
  machine.stepsLeft = left - (budget - machine.stepsLeft);
  return { heap: outcome.heap, isMarked: outcome.value !== undefined && memory.holdsMarks(outcome.value) };
}
