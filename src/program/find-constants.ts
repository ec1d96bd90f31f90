import {
  type CodeItem,
  type DexFile,
  INSTRUCTION_UNITS,
  payloadUnits,
  readCodeItem,
  readTries,
  type TryItem,
} from "../dex/index.js";
import { type Diagnostics, type Limits, readOrDiagnose } from "../diagnostics/index.js";
import {
  branchTargets,
  endsFlow,
  isInvoke,
  readArguments,
  setsResult,
  writesWide,
  writtenRegister,
} from "./instruction-effects.js";
import { LowestFirst } from "./lowest-first.js";
import { classDescriptor } from "./reference-query.js";

/**
 * What is known of a value that may be in a register: a string, a class object by its descriptor, or an
 * object by the class that it was cast to.
 */
export type Constant =
  | { readonly string: string }
  | { readonly classObject: string }
  | { readonly instanceOf: string };

/** What a method does with constants. */
export interface MethodConstants {
  /** The calls that pass at least one, in the order of the code. */
  readonly calls: readonly CallWithConstants[];
  /** All its string constants, wherever they go. */
  readonly strings: ReadonlySet<string>;
}

/** A call and the constants that may be passed, by argument register: the receiver first where there is one. */
export interface CallWithConstants {
  /** In the caller's `insns`, in 16-bit code units. */
  readonly codeUnit: number;
  readonly methodIdx: number;
  readonly isStatic: boolean;
  /** `undefined` where nothing is known; a wide argument takes two places. */
  readonly registers: readonly (readonly Constant[] | undefined)[];
}

/** Values that may be in a register: numbers of constants, sorted; `UNKNOWN` gives up on it. */
type Value = readonly number[] | typeof UNKNOWN;
const UNKNOWN = undefined;

/** Constants kept for one register at one place: further ones are left out (README, Known limits). */
const MOST_CONSTANTS = 8;

/**
 * The calls of one method that pass a constant string or class object, found by following constants
 * through its registers along every branch and exception edge.
 *
 * Knows `const-string`, `const-class`, moves, `Class.forName` of a known string, and `getClass` of what was
 * cast to a known class; any other write to a
 * register, and what comes from fields, parameters or other methods, is unknown. Joins keep every value.
 */
export function findConstants(
  dex: DexFile,
  codeOff: number,
  limits: Limits,
  diagnostics: Diagnostics,
): MethodConstants {
  // The walk over the code has read this method; only its branches or handlers can be spoilt.
  const found = readOrDiagnose(diagnostics, () =>
    new ConstantSearch(dex, readCodeItem(dex, codeOff), limits, diagnostics).run(),
  );
  return found ?? { calls: [], strings: new Set() };
}

class ConstantSearch {
  readonly #dex: DexFile;
  readonly #code: CodeItem;
  readonly #limits: Limits;
  readonly #diagnostics: Diagnostics;
  readonly #constants: Constant[] = [];
  readonly #numbers = new Map<string, number>();
  /** Where branches, switches and handlers lead: places where flow may join. */
  readonly #joins = new Set<number>();
  /** Registers at the places where flow joins, by code unit from the start of insns. */
  readonly #states = new Map<number, Value[]>();
  readonly #queue = new LowestFirst();
  readonly #tries: readonly TryItem[];
  readonly #units: Uint16Array;
  #steps = 0;
  #exhausted = false;

  constructor(dex: DexFile, code: CodeItem, limits: Limits, diagnostics: Diagnostics) {
    this.#dex = dex;
    this.#code = code;
    this.#limits = limits;
    this.#diagnostics = diagnostics;
    this.#tries = readTries(dex, code);
    this.#units = dex.codeUnits.subarray(code.insnsOff >> 1, (code.insnsOff >> 1) + code.insnsSize);
  }

  run(): MethodConstants {
    this.#findJoins();
    this.#joinInto(0, new Array<Value>(this.#code.registersSize).fill(UNKNOWN));
    for (let next = this.#queue.take(); next !== undefined; next = this.#queue.take()) this.#runFrom(next);
    const calls: CallWithConstants[] = [];
    for (const at of [...this.#states.keys()].sort((a, b) => a - b)) this.#runFrom(at, calls);
    const byUnit = new Map(calls.map((call) => [call.codeUnit, call]));
    return {
      calls: [...byUnit.values()].sort((a, b) => a.codeUnit - b.codeUnit),
      strings: new Set(
        this.#constants.flatMap((constant) => ("string" in constant ? [constant.string] : [])),
      ),
    };
  }

  #findJoins(): void {
    const units = this.#units;
    for (const handlers of new Set(this.#tries.map((item) => item.handlers))) {
      for (const { addr } of handlers) this.#joins.add(addr);
    }
    for (let at = 0; at < units.length; ) {
      const unit = units[at]!;
      if ((unit & 0xff) === 0 && unit !== 0) {
        at += payloadUnits(units, at) || 1;
        continue;
      }
      for (const target of branchTargets(units, at)) {
        if (!this.#spend(1)) return;
        this.#joins.add(target);
      }
      at += INSTRUCTION_UNITS[unit & 0xff]!;
    }
  }

  /**
   * Runs straight on from a joining place, until flow ends or reaches the next one. With `calls` it lists
   * them instead of searching: every place is gone over once, and nothing is joined any more.
   */
  #runFrom(from: number, calls?: CallWithConstants[]): void {
    const units = this.#units;
    const isSearch = calls === undefined;
    if (isSearch && !this.#spend(this.#code.registersSize >> 4)) return;
    const registers = [...this.#states.get(from)!];
    let result: Value = UNKNOWN;
    /** The try whose handlers have these registers already. */
    let handled: TryItem | undefined;
    for (let at = from; at < units.length; ) {
      if (at !== from && this.#joins.has(at)) {
        if (isSearch) this.#joinInto(at, registers);
        return;
      }
      if (isSearch && !this.#spend(1)) return;
      const unit = units[at]!;
      const opcode = unit & 0xff;
      if (opcode === 0 && unit !== 0) {
        at += payloadUnits(units, at) || 1;
        continue;
      }
      if (isSearch) {
        const covering = this.#findTry(at);
        if (covering !== handled)
          for (const { addr } of covering?.handlers ?? []) this.#joinInto(addr, registers);
        handled = covering;
      }
      if (isInvoke(opcode)) {
        const call = this.#readCall(units, at, opcode, registers);
        result = this.#resultOf(call);
        if (!isSearch && call.registers.some((values) => values !== undefined)) calls.push(call);
      } else {
        if (setsResult(opcode)) result = UNKNOWN;
        if (opcode === CHECK_CAST) this.#noteCast(units, at, registers);
        if (this.#write(units, at, opcode, registers, result)) handled = undefined;
        if (isSearch) for (const target of branchTargets(units, at)) this.#joinInto(target, registers);
        if (endsFlow(opcode)) return;
      }
      at += INSTRUCTION_UNITS[opcode]!;
    }
  }

  /** Counts steps of the search; false, and said once, when the limit is reached. */
  #spend(steps: number): boolean {
    this.#steps += steps;
    if (this.#steps <= this.#limits.constantSearchSteps) return true;
    this.#queue.clear();
    if (!this.#exhausted) {
      this.#exhausted = true;
      this.#diagnostics.push({
        effect: "unread",
        code: "limit",
        part: this.#dex.source,
        offset: this.#code.insnsOff,
        message: `${this.#dex.source}@0x${this.#code.insnsOff.toString(16)} code_item: constants were not followed to the end (limit constantSearchSteps)`,
      });
    }
    return false;
  }

  /** The try_item that covers a code unit. What an instruction throws, it throws before it writes. */
  #findTry(at: number): TryItem | undefined {
    let low = 0;
    let high = this.#tries.length;
    // The specification has try_items in order and apart, and ART searches them so.
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#tries[middle]!.startAddr <= at) low = middle + 1;
      else high = middle;
    }
    const covering = this.#tries[low - 1];
    return covering === undefined || at >= covering.startAddr + covering.insnCount ? undefined : covering;
  }

  #joinInto(at: number, registers: readonly Value[]): void {
    // A state is as large as the method has registers: a switch alone can ask for thousands.
    if (at < 0 || at >= this.#code.insnsSize || !this.#spend(1 + (registers.length >> 4))) return;
    const known = this.#states.get(at);
    if (known === undefined) {
      this.#states.set(at, [...registers]);
      this.#queue.add(at);
      return;
    }
    let changed = false;
    for (let register = 0; register < known.length; register++) {
      const joined = joinValues(known[register], registers[register]);
      if (joined === known[register]) continue;
      known[register] = joined;
      changed = true;
    }
    if (changed) this.#queue.add(at);
  }

  /** A value that nothing is known of is from here on known by its class. */
  #noteCast(units: Uint16Array, at: number, registers: Value[]): void {
    const register = units[at]! >> 8;
    if (registers[register] !== UNKNOWN) return;
    registers[register] = [this.#number({ instanceOf: this.#dex.typeDescriptor(units[at + 1]!) })];
  }

  /** Whether the registers now hold a constant that they did not. */
  #write(units: Uint16Array, at: number, opcode: number, registers: Value[], result: Value): boolean {
    const target = writtenRegister(units, at);
    if (target === undefined) return false;
    const before = registers[target];
    const after = this.#writtenValue(units, at, opcode, registers, result);
    registers[target] = after;
    if (writesWide(opcode)) registers[target + 1] = UNKNOWN;
    return after !== UNKNOWN && after !== before;
  }

  #writtenValue(
    units: Uint16Array,
    at: number,
    opcode: number,
    registers: readonly Value[],
    result: Value,
  ): Value {
    switch (opcode) {
      case 0x07: // move-object
        return registers[units[at]! >> 12];
      case 0x08: // move-object/from16
        return registers[units[at + 1]!];
      case 0x09: // move-object/16
        return registers[units[at + 2]!];
      case 0x0c: // move-result-object
        return result;
      case 0x1a: // const-string
        return [this.#number({ string: this.#dex.string(units[at + 1]!) })];
      case 0x1b: // const-string/jumbo
        return [this.#number({ string: this.#dex.string((units[at + 1]! | (units[at + 2]! << 16)) >>> 0) })];
      case 0x1c: // const-class
        return [this.#number({ classObject: this.#dex.typeDescriptor(units[at + 1]!) })];
      default:
        return UNKNOWN;
    }
  }

  #number(constant: Constant): number {
    const key =
      "string" in constant
        ? `"${constant.string}`
        : "classObject" in constant
          ? constant.classObject
          : `=${constant.instanceOf}`;
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    this.#numbers.set(key, this.#constants.length);
    return this.#constants.push(constant) - 1;
  }

  #readCall(units: Uint16Array, at: number, opcode: number, registers: readonly Value[]): CallWithConstants {
    return {
      codeUnit: at,
      methodIdx: units[at + 1]!,
      isStatic: opcode === 0x71 || opcode === 0x77,
      registers: readArguments(units, at).map((register) =>
        registers[register]?.map((number) => this.#constants[number]!),
      ),
    };
  }

  /** What a call gives back: the class object of `Class.forName` and `loadClass` with a known name. */
  #resultOf(call: CallWithConstants): Value {
    const dex = this.#dex;
    const name = dex.string(dex.methodNameIdx(call.methodIdx));
    if (name === "getClass") return this.#classObjects(call.registers[0]);
    if (name !== "forName" && name !== "loadClass") return UNKNOWN;
    const owner = dex.typeDescriptor(dex.methodClassIdx(call.methodIdx));
    const isForName = name === "forName" && owner === "Ljava/lang/Class;";
    const named = call.registers[isForName ? 0 : 1];
    const classes = named?.flatMap((constant) =>
      "string" in constant ? [classDescriptor(constant.string)] : [],
    );
    if (classes === undefined || classes.length === 0) return UNKNOWN;
    return [...new Set(classes.map((classObject) => this.#number({ classObject })))].sort((a, b) => a - b);
  }

  /** What `getClass` gives of objects whose class is known. */
  #classObjects(objects: readonly Constant[] | undefined): Value {
    const numbers = objects?.flatMap((object) =>
      "instanceOf" in object ? [this.#number({ classObject: object.instanceOf })] : [],
    );
    return numbers === undefined || numbers.length === 0 ? UNKNOWN : numbers.sort((a, b) => a - b);
  }
}

/** Its type is in the second code unit; it writes nothing, but what is in the register is of that class. */
const CHECK_CAST = 0x1f;

/** Both, or unknown where either is all that is known and they are too many: a lost constant never adds one. */
function joinValues(a: Value, b: Value): Value {
  if (a === b || b === UNKNOWN) return a;
  if (a === UNKNOWN) return b;
  if (b.every((number) => a.includes(number))) return a;
  const both = [...new Set([...a, ...b])].sort((x, y) => x - y);
  return both.length > MOST_CONSTANTS ? a : both;
}
