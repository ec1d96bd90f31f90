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
  appendAll,
  type Builder,
  buildStep,
  constantNumber,
  isStringBuilder,
  textsOf,
} from "./build-strings.js";
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
 * object by the class that it was cast to. Of calls that are looked at by what is passed, numbers too.
 */
export type Constant =
  | { readonly string: string }
  | { readonly classObject: string }
  | { readonly instanceOf: string }
  | { readonly number: number };

/** Besides those, what is being put together: never passed on. */
export type Held = Constant | Builder;

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

/** What a search that goes further knows besides: of other methods, of fields, and which calls are wanted. */
export interface WiderSearch {
  /** Whether a call of a method is listed, whatever is passed; no other is. */
  isListed(methodIdx: number): boolean;
  /** All that a method of the same file can return; `undefined` where something else is possible. */
  returnedBy(methodIdx: number): readonly Constant[] | undefined;
  /** The value of a field that never changes. */
  valueOf(fieldIdx: number): Constant | undefined;
}

/**
 * The same, but knowing numbers, what a StringBuilder puts together of constants, and what `wider` knows.
 *
 * @returns the calls that are listed, and all that the method can return, where that is known
 */
export function findMoreConstants(
  dex: DexFile,
  codeOff: number,
  wider: WiderSearch,
  limits: Limits,
  diagnostics: Diagnostics,
): { readonly calls: readonly CallWithConstants[]; readonly returned: readonly Constant[] | undefined } {
  const found = readOrDiagnose(diagnostics, () => {
    const search = new ConstantSearch(dex, readCodeItem(dex, codeOff), limits, diagnostics, wider);
    const { calls } = search.run();
    return { calls, returned: search.returned };
  });
  return found ?? { calls: [], returned: undefined };
}

class ConstantSearch {
  readonly #dex: DexFile;
  readonly #code: CodeItem;
  readonly #limits: Limits;
  readonly #diagnostics: Diagnostics;
  readonly #constants: Held[] = [];
  readonly #numbers = new Map<string, number>();
  /** Where branches, switches and handlers lead: places where flow may join. */
  readonly #joins = new Set<number>();
  /** Registers at the places where flow joins, by code unit from the start of insns. */
  readonly #states = new Map<number, Value[]>();
  readonly #queue = new LowestFirst();
  readonly #tries: readonly TryItem[];
  readonly #units: Uint16Array;
  readonly #wider: WiderSearch | undefined;
  /** All that the method returns; `null` before anything is. */
  #returned: Value | null = null;
  #steps = 0;
  #exhausted = false;

  constructor(dex: DexFile, code: CodeItem, limits: Limits, diagnostics: Diagnostics, wider?: WiderSearch) {
    this.#wider = wider;
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

  /** All that the method can return, when it was gone through; `undefined` where something else is possible. */
  get returned(): readonly Constant[] | undefined {
    return this.#exhausted ? undefined : this.#passed(this.#returned ?? UNKNOWN);
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
        if (!isSearch && this.#isListed(call)) calls.push(call);
        if (this.#wider !== undefined) {
          result = this.#build(call, readArguments(units, at), registers) ?? result;
          handled = undefined;
        }
      } else {
        if (opcode === RETURN_OBJECT && !isSearch) this.#noteReturned(registers[units[at]! >> 8]);
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
        return this.#wider === undefined ? UNKNOWN : this.#widerValue(this.#wider, units, at, opcode);
    }
  }

  /** What only a wider search knows: numbers, fields that never change, a StringBuilder that is made. */
  #widerValue(wider: WiderSearch, units: Uint16Array, at: number, opcode: number): Value {
    if (opcode === NEW_INSTANCE)
      return isStringBuilder(this.#dex.typeDescriptor(units[at + 1]!))
        ? [this.#number({ site: at, text: "" })]
        : UNKNOWN;
    if (opcode === SGET_OBJECT) {
      const value = wider.valueOf(units[at + 1]!);
      return value === undefined ? UNKNOWN : [this.#number(value)];
    }
    const number = constantNumber(units, at);
    return number === undefined ? UNKNOWN : [this.#number({ number })];
  }

  #number(constant: Held): number {
    const key = keyOf(constant);
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
      registers: readArguments(units, at).map((register) => this.#passed(registers[register])),
    };
  }

  /** The constants of a value, of which nothing is known while it is being put together. */
  #passed(value: Value): readonly Constant[] | undefined {
    const constants = value?.map((number) => this.#constants[number]!);
    return constants?.some((constant) => "site" in constant)
      ? undefined
      : (constants as Constant[] | undefined);
  }

  #isListed({ methodIdx, registers }: CallWithConstants): boolean {
    return this.#wider === undefined
      ? registers.some((values) => values !== undefined)
      : this.#wider.isListed(methodIdx);
  }

  #noteReturned(value: Value): void {
    if (this.#returned === null) this.#returned = value;
    else
      this.#returned =
        value === UNKNOWN || this.#returned === UNKNOWN ? UNKNOWN : union(this.#returned, value);
  }

  /**
   * What a call does to StringBuilders: what is appended to one that is known, and what it holds in the end. One that
   * anything else happens to is not known any more.
   *
   * @returns what the call gives back, where that is known
   */
  #build(call: CallWithConstants, passed: readonly number[], registers: Value[]): Value {
    const held = passed.map((register) => registers[register]);
    const [object] = held;
    for (const value of held.slice(1)) if (this.#isBuilder(value)) this.#replace(registers, value, UNKNOWN);
    if (!this.#isBuilder(object)) return UNKNOWN;
    const dex = this.#dex;
    const builders = object!.map((number) => this.#constants[number] as Builder);
    const owner = dex.typeDescriptor(dex.methodClassIdx(call.methodIdx));
    const step = isStringBuilder(owner)
      ? buildStep(dex.string(dex.methodNameIdx(call.methodIdx)), dex.methodDescriptor(call.methodIdx))
      : "unknown";
    if (step === "read") {
      const texts = builders.map(({ text }) => this.#number({ string: text }));
      return sortNumbers(texts);
    }
    const texts =
      step === "nothing" ? [""] : step === "unknown" ? undefined : textsOf(call.registers[1], step);
    const after = texts === undefined ? undefined : appendAll(builders, texts);
    const value = after === undefined ? UNKNOWN : sortNumbers(after.map((builder) => this.#number(builder)));
    this.#replace(registers, object, value);
    return value;
  }

  #isBuilder(value: Value): boolean {
    return value?.some((number) => "site" in this.#constants[number]!) ?? false;
  }

  /** In every register that holds a value. */
  #replace(registers: Value[], before: Value, after: Value): void {
    for (let register = 0; register < registers.length; register++)
      if (isSameValue(registers[register], before)) registers[register] = after;
  }

  /** What a call gives back: the class object of `Class.forName` and `loadClass` with a known name. */
  #resultOf(call: CallWithConstants): Value {
    const dex = this.#dex;
    const name = dex.string(dex.methodNameIdx(call.methodIdx));
    if (name === "getClass") return this.#classObjects(call.registers[0]);
    if (name !== "forName" && name !== "loadClass") {
      const returned = this.#wider?.returnedBy(call.methodIdx);
      return returned === undefined
        ? UNKNOWN
        : sortNumbers(returned.map((constant) => this.#number(constant)));
    }
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

const RETURN_OBJECT = 0x11;
const NEW_INSTANCE = 0x22;
const SGET_OBJECT = 0x62;

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

function union(a: readonly number[], b: readonly number[]): Value {
  const both = sortNumbers([...a, ...b]);
  return both.length > MOST_CONSTANTS ? UNKNOWN : both;
}

function sortNumbers(numbers: readonly number[]): number[] {
  return [...new Set(numbers)].sort((a, b) => a - b);
}

function isSameValue(a: Value, b: Value): boolean {
  return a !== undefined && b !== undefined && a.length === b.length && a.every((n, index) => n === b[index]);
}

/** Tells constants apart. */
function keyOf(constant: Held): string {
  if ("string" in constant) return `"${constant.string}`;
  if ("classObject" in constant) return constant.classObject;
  if ("instanceOf" in constant) return `=${constant.instanceOf}`;
  return "number" in constant ? `#${constant.number}` : `+${constant.site} ${constant.text}`;
}
