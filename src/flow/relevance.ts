import { firstUnit, INSTRUCTION_UNITS, insnsSizeAt, payloadUnits } from "../dex/index.js";
import type { CallGraph } from "../program/index.js";
import { ACTION, ACTIONS } from "../program/index.js";
import type { FlowModel, Place } from "../ruleset/index.js";
import type { FlowSources } from "./flow-sources.js";
import type { CodeReader } from "./method-code.js";
import type { ModelIndex } from "./model-index.js";
import type { OutsideCode } from "./outside-code.js";

/** Methods that a call may come to and still says which; of more it says none. */
const MOST_TARGETS = 8;
/** Instructions, in code units and with what is called, that are gone through for the constants and objects they give. */
const SMALL = 250;

const IGET = { first: 0x52, last: 0x58 };
const SGET = { first: 0x60, last: 0x66 };

/**
 * Which methods are worth going into: those from which a source can be reached, or something that came to hold a source's
 * value can be read. Everything else is passed over, and most of an app is.
 */
export class Relevance {
  readonly #graph: CallGraph;
  readonly #reader: CodeReader;
  readonly #models: ModelIndex;
  readonly #outside: OutsideCode;
  /** By method: those that call it, or make objects that have it. */
  readonly #callers = new Map<number, number[]>();
  readonly #callees = new Map<number, readonly number[]>();
  readonly #units = new Map<number, number>();
  /** Methods by what they read: fields, slots of what outlives a call. */
  readonly #readers = new Map<string, number[]>();
  readonly #relevant = new Set<number>();
  readonly #held = new Set<string>();
  readonly #fresh: string[] = [];
  readonly #sizes = new Map<number, number>();
  /** How often it has grown: what was worked out before may leave something out then. */
  version = 0;

  constructor(
    graph: CallGraph,
    reader: CodeReader,
    models: ModelIndex,
    sources: FlowSources,
    outside: OutsideCode,
  ) {
    this.#outside = outside;
    this.#graph = graph;
    this.#reader = reader;
    this.#models = models;
    const { methods } = graph;
    for (let method = 0; method < methods.size; method++)
      if (graph.nodeOf(method) !== undefined && methods.codeOffs[method] !== 0 && !outside.has(method))
        this.#scan(method);
    const seeds = [...this.#units.keys()].filter((method) => sources.isIn(method));
    this.#grow(seeds);
  }

  /** Whether there is anything to be found at all. */
  get isEmpty(): boolean {
    return this.#relevant.size === 0;
  }

  has(method: number): boolean {
    return this.#relevant.has(method);
  }

  /** Methods that call a method, as far as their calls come to few, or that make objects which have it. */
  callersOf(method: number): readonly number[] {
    return this.#callers.get(method) ?? [];
  }

  /** Methods that read what has come to hold a source's value since it was last asked. */
  takeReaders(): number[] {
    const places = this.#fresh.splice(0);
    return places.flatMap((place) => this.#readers.get(place) ?? []);
  }

  /** Whether a method and all that it calls is soon gone through. */
  isSmall(method: number): boolean {
    return this.#sizeOf(method, 0) <= SMALL;
  }

  /** Whether a method itself is short, whatever it calls. */
  isShort(method: number): boolean {
    return (this.#units.get(method) ?? SMALL + 1) <= SMALL;
  }

  #sizeOf(method: number, depth: number): number {
    const known = this.#sizes.get(method);
    if (known !== undefined) return known;
    if (depth > 6) return Number.POSITIVE_INFINITY;
    // Of recursion it is not known how often.
    this.#sizes.set(method, Number.POSITIVE_INFINITY);
    let size = this.#units.get(method) ?? 0;
    for (const callee of this.#callees.get(method) ?? []) {
      if (size > SMALL) break;
      size += this.#sizeOf(callee, depth + 1) + 1;
    }
    this.#sizes.set(method, size);
    return size;
  }

  /** Makes it known that a field, or a slot of what outlives a call, holds a source's value. */
  hold(place: string): void {
    if (this.#held.has(place)) return;
    this.#held.add(place);
    this.#fresh.push(place);
    this.#grow(this.#readers.get(place) ?? []);
  }

  #grow(seeds: readonly number[]): void {
    const open = seeds.filter((method) => !this.#relevant.has(method));
    if (open.length === 0) return;
    this.version++;
    for (const method of open) this.#relevant.add(method);
    for (const method of open)
      for (const caller of this.#callers.get(method) ?? [])
        if (!this.#relevant.has(caller)) {
          this.#relevant.add(caller);
          open.push(caller);
        }
  }

  #scan(method: number): void {
    const { methods } = this.#graph;
    const { types } = methods;
    const dexNumber = types.dexNumberOf(methods.owners[method]!);
    const dex = types.dexFiles[dexNumber]!;
    const codeOff = methods.codeOffs[method]!;
    const units = dex.codeUnits;
    const start = firstUnit(codeOff);
    const end = start + insnsSizeAt(dex, codeOff);
    this.#units.set(method, end - start);
    const reads = new Set<string>();
    const made = new Set<number>();
    for (let at = start; at < end; ) {
      const unit = units[at]!;
      const opcode = unit & 0xff;
      const index = units[at + 1]!;
      if (opcode === 0 && unit !== 0) {
        at += payloadUnits(units, at) || 1;
        continue;
      }
      const action = ACTIONS[opcode]!;
      if (opcode >= IGET.first && opcode <= IGET.last) {
        if (index < dex.fieldIdsSize) reads.add(this.#reader.instanceField(dexNumber, index));
      } else if (opcode >= SGET.first && opcode <= SGET.last) {
        if (index < dex.fieldIdsSize) reads.add(this.#reader.field(dexNumber, index));
      } else if (action === ACTION.newInstance) made.add(types.ofTypeIdx(dexNumber, index));
      else if (action >= ACTION.virtual && action <= ACTION.static && index < dex.methodIdsSize)
        for (const place of this.#placesRead(dexNumber, index)) reads.add(place);
      at += INSTRUCTION_UNITS[opcode]!;
    }
    for (const one of reads) {
      const known = this.#readers.get(one);
      if (known === undefined) this.#readers.set(one, [method]);
      else known.push(method);
    }
    const callees = this.#calleesOf(method);
    this.#callees.set(method, callees);
    for (const callee of callees) this.#addCaller(callee, method);
    // Whoever makes an object is who can have its methods called.
    for (const type of made)
      if (types.isDefined(type))
        for (const one of methods.methodsOf(type).virtual) this.#addCaller(one, method);
  }

  #addCaller(callee: number, caller: number): void {
    const known = this.#callers.get(callee);
    if (known === undefined) this.#callers.set(callee, [caller]);
    else known.push(caller);
  }

  readonly #placesByReference = new Map<number, readonly string[]>();

  #placesRead(dexNumber: number, methodIdx: number): readonly string[] {
    const key = dexNumber * 0x1_0000 + methodIdx;
    const known = this.#placesByReference.get(key);
    if (known !== undefined) return known;
    const reference = this.#reader.reference(dexNumber, methodIdx);
    const model = this.#models.find(reference.type, reference);
    const places = model === undefined ? [] : readsOf(model);
    this.#placesByReference.set(key, places);
    return places;
  }

  /** Methods that a method calls, as far as its calls come to few. */
  #calleesOf(method: number): number[] {
    const graph = this.#graph;
    const found = new Set<number>();
    const add = (callee: number) => {
      if (!this.#outside.has(callee)) found.add(callee);
    };
    for (const next of graph.successorsOf(graph.nodeOf(method)!)) {
      const callee = graph.methodOf(next);
      if (callee >= 0) add(callee);
      else for (const one of this.#fewTargets(next)) add(one);
    }
    return [...found];
  }

  readonly #few = new Map<number, readonly number[]>();

  #fewTargets(node: number): readonly number[] {
    const known = this.#few.get(node);
    if (known !== undefined) return known;
    const graph = this.#graph;
    const found = new Set<number>();
    const seen = new Set([node]);
    for (const one of seen) {
      if (seen.size > MOST_TARGETS * 2 || found.size > MOST_TARGETS) break;
      for (const next of graph.successorsOf(one)) {
        const callee = graph.methodOf(next);
        if (callee >= 0) found.add(callee);
        else seen.add(next);
      }
    }
    const targets = found.size > MOST_TARGETS || seen.size > MOST_TARGETS * 2 ? [] : [...found];
    this.#few.set(node, targets);
    return targets;
  }
}

/** Places of a model that may hold what another call has put there. */
function readsOf(model: FlowModel): string[] {
  return [...model.moves, ...model.derives].flatMap(({ from }) => placeName(from) ?? []);
}

function placeName({ root, path }: Place): string | undefined {
  if (typeof root === "object") return "store" in root ? `store ${root.store}` : `.${root.static}`;
  const first = path[0];
  return root === "base" && first !== undefined && "slot" in first ? `.${first.slot}` : undefined;
}
