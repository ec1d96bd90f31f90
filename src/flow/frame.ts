import { type Instruction, OPCODE_FLAGS, readArrayPayload, readSwitchPayload } from "../dex/index.js";
import { readOrUndefined } from "../diagnostics/index.js";
import { computeBinary, decideBranch, decideSwitch, smallest } from "./arithmetic.js";
import type { Heap } from "./heap.js";
import { isSameHeap } from "./heap.js";
import type { Machine } from "./machine.js";
import { argumentRegisters, type MethodCode } from "./method-code.js";
import { STATICS } from "./objects.js";
import type { Outcome, Site } from "./outcome.js";
import { castTo, isInstance } from "./type-tests.js";
import {
  addMarksOf,
  isNothing,
  isSame,
  join,
  NOTHING,
  ofObject,
  orUnknown,
  UNKNOWN,
  type Value,
  withoutMarks,
  withStep,
} from "./values.js";

/** Rounds over one block after which nothing more is held apart. */
const MOST_ROUNDS = 24;

/** Added to the code unit of an instruction, it is the place of what that throws, which is not what it returns. */
const THROWN = 0x80_0000;

/** What registers and heap hold before a block. */
interface BlockState {
  registers: (Value | undefined)[];
  heap: Heap;
  result: Value;
  exception: Value;
}

/** One run of a method's code: block by block, in the order of control, until nothing changes. */
export class Frame {
  readonly #machine: Machine;
  readonly #method: number;
  readonly #code: MethodCode;
  readonly #context: number;
  readonly #states: (BlockState | undefined)[] = [];
  readonly #isOpen: boolean[] = [];
  readonly #rounds: number[] = [];
  readonly #blockAt = new Map<number, number>();
  #returned: Value | undefined;
  #returnedHeap: Heap;
  #thrown: Value = NOTHING;
  #thrownHeap: Heap;
  // The state that is being worked on.
  #registers: (Value | undefined)[] = [];
  #heap: Heap;
  #result: Value = UNKNOWN;
  #exception: Value = NOTHING;
  /** Where control can go on from the instruction; `undefined` for all its successors. */
  #next: readonly number[] | undefined;
  #isDead = false;
  /** What an instruction threw that is known of. */
  #raised: Value = NOTHING;
  #raisedHeap: Heap;
  #isLoop = false;

  constructor(machine: Machine, method: number, code: MethodCode, context: number) {
    this.#machine = machine;
    this.#method = method;
    this.#code = code;
    this.#context = context;
    code.flow.blocks.forEach((block, index) => {
      this.#blockAt.set(code.flow.instructions[block.first]!.codeUnit, index);
    });
  }

  run(args: readonly Value[], heap: Heap): Outcome {
    const { flow, parameterRegisters, positions } = this.#code;
    const registers: (Value | undefined)[] = [];
    parameterRegisters.forEach((register, index) => {
      registers[register] = args[index] ?? UNKNOWN;
    });
    this.#enter(0, { registers, heap, result: UNKNOWN, exception: NOTHING });
    let lowest = 0;
    while (lowest < flow.order.length) {
      const block = flow.order[lowest]!;
      if (!this.#isOpen[block]) {
        lowest++;
        continue;
      }
      this.#isOpen[block] = false;
      const reopened = this.#runBlock(block);
      for (const one of reopened) lowest = Math.min(lowest, positions[one]!);
      if (this.#machine.stepsLeft < 0) break;
    }
    const value = this.#returned;
    return {
      value: value ?? (this.#machine.stepsLeft < 0 ? UNKNOWN : undefined),
      heap: value === undefined ? heap : this.#returnedHeap,
      thrown: this.#thrown,
      thrownHeap: this.#thrownHeap,
    };
  }

  /** Brings a state to a block. @returns whether the block has to be gone through (again) */
  #enter(block: number, state: BlockState): boolean {
    const known = this.#states[block];
    if (known === undefined) {
      this.#states[block] = state;
      this.#isOpen[block] = true;
      return true;
    }
    const isLast = (this.#rounds[block] ?? 0) >= MOST_ROUNDS;
    let isChanged = false;
    const length = Math.max(known.registers.length, state.registers.length);
    for (let i = 0; i < length; i++) {
      const a = known.registers[i];
      const b = state.registers[i];
      if (a === b) continue;
      // A register that only one way has set is not read behind.
      let joined = a === undefined || b === undefined ? undefined : join(a, b);
      if (joined === a) continue;
      if (isLast && joined !== undefined) joined = addMarksOf(UNKNOWN, joined);
      if (isSame(joined, a)) continue;
      known.registers[i] = joined;
      isChanged = true;
    }
    const heap = this.#machine.memory.join(known.heap, state.heap);
    if (heap !== known.heap) {
      if (!isSameHeap(heap, known.heap)) isChanged = true;
      known.heap = heap;
    }
    const exception = join(known.exception, state.exception);
    if (!isSame(exception, known.exception)) isChanged = true;
    known.exception = exception;
    known.result = join(known.result, state.result);
    if (isChanged && isLast) this.#machine.recorder.cutMethods.add(this.#method);
    if (isChanged && !isLast) this.#isOpen[block] = true;
    return isChanged && !isLast;
  }

  /** @returns blocks that have to be gone through after it */
  #runBlock(block: number): number[] {
    const { flow } = this.#code;
    const state = this.#states[block]!;
    const { first, end, successors, handlers } = flow.blocks[block]!;
    this.#registers = state.registers.slice();
    this.#heap = state.heap;
    this.#result = state.result;
    this.#exception = state.exception;
    this.#isDead = false;
    this.#next = undefined;
    this.#isLoop = (this.#rounds[block] ?? 0) > 0;
    this.#rounds[block] = (this.#rounds[block] ?? 0) + 1;
    const reopened: number[] = [];
    this.#machine.stepsLeft -= end - first + (state.registers.length >> 5);
    for (let at = first; at < end; at++) {
      const instruction = flow.instructions[at]!;
      this.#raised = NOTHING;
      this.#execute(instruction);
      if ((instruction.opcode.flags & OPCODE_FLAGS.THROWS) !== 0) {
        if (at === first && handlers.length > 0) reopened.push(...this.#handle(state, handlers, instruction));
        else this.#throwOn(this.#raised);
      }
      if (this.#isDead) return reopened;
    }
    const targets = this.#next ?? successors;
    targets.forEach((target, index) => {
      const isShared = index < targets.length - 1;
      const next: BlockState = {
        registers: isShared ? this.#registers.slice() : this.#registers,
        heap: this.#heap,
        result: this.#result,
        exception: NOTHING,
      };
      if (this.#enter(target, next)) reopened.push(target);
    });
    return reopened;
  }

  #throwOn(raised: Value): void {
    if (raised === NOTHING) return;
    this.#thrownHeap =
      this.#thrown === NOTHING
        ? this.#raisedHeap
        : this.#machine.memory.join(this.#thrownHeap, this.#raisedHeap);
    this.#thrown = join(this.#thrown, raised);
  }

  /** Leads to the handlers that an exception may come to. @returns blocks that have to be gone through */
  #handle(
    before: BlockState,
    handlers: readonly { readonly typeIdx: number | undefined; readonly block: number }[],
    instruction: Instruction,
  ): number[] {
    const { types } = this.#machine;
    const isThrow = instruction.opcode.value === 0x27;
    const { objects } = this.#machine;
    const raised = this.#raised;
    let left = raised.objects;
    const reopened: number[] = [];
    let isCaught = false;
    this.#machine.stepsLeft -= handlers.length;
    for (const { typeIdx, block } of handlers) {
      const type = typeIdx === undefined ? undefined : types.ofTypeIdx(this.#code.dexNumber, typeIdx);
      const isCertain = (object: number) =>
        type === undefined || (objects.types[object]! >= 0 && types.inherits(objects.types[object]!, type));
      const mayBe = (object: number) =>
        isCertain(object) ||
        !objects.isExact[object] ||
        objects.types[object]! < 0 ||
        !types.isKnown(objects.types[object]!);
      const caught = left.filter(mayBe);
      left = left.filter((object) => !isCertain(object));
      if (type === undefined) isCaught = true;
      // What only the app throws comes of its own throws alone.
      const isOwn = type !== undefined && types.isDefined(type);
      const isOther = (!isThrow && !isOwn) || raised.isUnknown;
      if (caught.length === 0 && !isOther) continue;
      const known: Value = { ...raised, objects: caught, constants: [], isUnknown: raised.isUnknown };
      const given = isOther
        ? this.#machine.given(
            this.#site({ ...instruction, codeUnit: instruction.codeUnit + THROWN }),
            type === undefined ? "Ljava/lang/Throwable;" : types.names[type]!,
          )
        : NOTHING;
      const exception = caught.length > 0 || raised.isUnknown ? join(known, given) : given;
      const heap = raised === NOTHING || isNothing(raised) ? this.#heap : this.#raisedHeap;
      const entered: BlockState = {
        registers: before.registers.slice(),
        heap: isThrow ? heap : this.#machine.memory.join(before.heap, heap),
        result: UNKNOWN,
        exception,
      };
      if (this.#enter(block, entered)) reopened.push(block);
      if (isCaught) break;
    }
    if (!isCaught && (left.length > 0 || raised.isUnknown)) this.#throwOn({ ...raised, objects: left });
    return reopened;
  }

  #site({ codeUnit }: Instruction): Site {
    return { method: this.#method, codeUnit, context: this.#context };
  }

  #get(register: number): Value {
    return this.#registers[register] ?? UNKNOWN;
  }

  #set(register: number, value: Value): void {
    this.#registers[register] = value;
  }

  #execute(instruction: Instruction): void {
    const { opcode, registers, index } = instruction;
    const { constants, memory } = this.#machine;
    const code = opcode.value;
    const a = registers[0]!;
    if (code >= 0x01 && code <= 0x09) this.#set(a, this.#get(registers[1]!));
    else if (code >= 0x0a && code <= 0x0c) this.#set(a, this.#result);
    else if (code === 0x0d) this.#set(a, this.#exception === NOTHING ? UNKNOWN : this.#exception);
    else if (code === 0x0e) this.#return(NOTHING);
    else if (code >= 0x0f && code <= 0x11) this.#return(this.#get(a));
    else if (code >= 0x12 && code <= 0x19) this.#set(a, constants.ofNumber(smallest(instruction.literal!)));
    else if (code === 0x1a || code === 0x1b) {
      const text = this.#code.dex.findString(index!);
      // A content URI is named by a text.
      this.#set(
        a,
        text === undefined
          ? UNKNOWN
          : this.#machine.markResult(this.#site(instruction), constants.ofText(text)),
      );
    } else if (code === 0x1c) this.#set(a, constants.ofClass(this.#type(index!)));
    else if (code === 0x1f) this.#set(a, castTo(this.#machine, this.#get(a), this.#type(index!)));
    else if (code === 0x20)
      this.#set(a, isInstance(this.#machine, this.#get(registers[1]!), this.#type(index!)));
    else if (code === 0x21)
      this.#set(
        a,
        memory.load(
          this.#heap,
          withoutMarks(this.#get(registers[1]!)),
          this.#machine.objects.fieldOf(".length"),
        ),
      );
    else if (code === 0x22) this.#newInstance(instruction);
    else if (code === 0x23) {
      const made = this.#machine.make(this.#heap, this.#site(instruction), this.#type(index!), this.#isLoop);
      this.#heap = memory.store(
        made.heap,
        ofObject(made.object),
        this.#machine.objects.fieldOf(".length"),
        withoutMarks(this.#get(registers[1]!)),
      );
      this.#set(a, ofObject(made.object));
    } else if (code === 0x24 || code === 0x25) this.#filledNewArray(instruction);
    else if (code === 0x26) this.#fillArray(instruction);
    else if (code === 0x27) this.#throw(this.#get(a));
    else if (code === 0x2b || code === 0x2c) this.#switch(instruction);
    else if (code >= 0x2d && code <= 0x31)
      this.#set(
        a,
        computeBinary(constants, opcode.mnemonic, this.#get(registers[1]!), this.#get(registers[2]!)),
      );
    else if (code >= 0x32 && code <= 0x3d) this.#branch(instruction);
    else if (code >= 0x44 && code <= 0x4a) {
      const array = this.#get(registers[1]!);
      this.#set(a, orUnknown(memory.loadElement(this.#heap, array, this.#get(registers[2]!))));
    } else if (code >= 0x4b && code <= 0x51) {
      const stored = withStep(this.#get(a), 0, this.#method, instruction.codeUnit);
      this.#heap = memory.storeElement(
        this.#heap,
        this.#get(registers[1]!),
        this.#get(registers[2]!),
        stored,
      );
    } else if (code >= 0x52 && code <= 0x58)
      this.#set(a, orUnknown(memory.load(this.#heap, this.#get(registers[1]!), this.#instanceField(index!))));
    else if (code >= 0x59 && code <= 0x5f) {
      const stored = withStep(this.#get(a), 0, this.#method, instruction.codeUnit);
      this.#heap = memory.store(this.#heap, this.#get(registers[1]!), this.#instanceField(index!), stored);
    } else if (code >= 0x60 && code <= 0x66) this.#getStatic(instruction);
    else if (code >= 0x67 && code <= 0x6d) {
      this.#useField(index!);
      const stored = withStep(this.#get(a), 0, this.#method, instruction.codeUnit);
      this.#heap = memory.write(this.#heap, STATICS, this.#field(index!), stored, true);
    } else if ((opcode.flags & OPCODE_FLAGS.INVOKES) !== 0) this.#invoke(instruction);
    else if (code >= 0x7b && code <= 0x8f)
      this.#set(a, computeBinary(constants, opcode.mnemonic, this.#get(registers[1]!), NOTHING));
    else if (code >= 0x90 && code <= 0xaf)
      this.#set(
        a,
        computeBinary(constants, opcode.mnemonic, this.#get(registers[1]!), this.#get(registers[2]!)),
      );
    else if (code >= 0xb0 && code <= 0xcf)
      this.#set(a, computeBinary(constants, opcode.mnemonic, this.#get(a), this.#get(registers[1]!)));
    else if (code >= 0xd0 && code <= 0xe2)
      this.#set(
        a,
        computeBinary(
          constants,
          opcode.mnemonic,
          this.#get(registers[1]!),
          constants.ofNumber(instruction.literal!),
        ),
      );
    else if ((opcode.flags & (OPCODE_FLAGS.SETS | OPCODE_FLAGS.SETS_WIDE)) !== 0) this.#set(a, UNKNOWN);
  }

  #type(typeIdx: number): number {
    return this.#machine.types.ofTypeIdx(this.#code.dexNumber, typeIdx);
  }

  #field(fieldIdx: number): number {
    return this.#machine.objects.fieldOf(this.#machine.reader.field(this.#code.dexNumber, fieldIdx));
  }

  #instanceField(fieldIdx: number): number {
    return this.#machine.objects.fieldOf(this.#machine.reader.instanceField(this.#code.dexNumber, fieldIdx));
  }

  #return(value: Value): void {
    this.#returnedHeap =
      this.#returned === undefined ? this.#heap : this.#machine.memory.join(this.#returnedHeap, this.#heap);
    this.#returned = this.#returned === undefined ? value : join(this.#returned, value);
    this.#isDead = true;
  }

  #throw(value: Value): void {
    this.#raised = isNothing(value) ? UNKNOWN : value;
    this.#raisedHeap = this.#heap;
    this.#isDead = true;
  }

  #newInstance(instruction: Instruction): void {
    const type = this.#type(instruction.index!);
    this.#heap = this.#machine.initialize(type, this.#heap, this.#context);
    const made = this.#machine.make(this.#heap, this.#site(instruction), type, this.#isLoop);
    this.#heap = this.#machine.callbacks.offerMade(made.object, this.#site(instruction), made.heap);
    this.#set(instruction.registers[0]!, ofObject(made.object));
  }

  #filledNewArray(instruction: Instruction): void {
    const { constants, memory, objects } = this.#machine;
    const made = this.#machine.make(
      this.#heap,
      this.#site(instruction),
      this.#type(instruction.index!),
      this.#isLoop,
    );
    const array = ofObject(made.object);
    this.#heap = memory.store(
      made.heap,
      array,
      objects.fieldOf(".length"),
      constants.ofNumber(instruction.registers.length),
    );
    instruction.registers.forEach((register, index) => {
      this.#heap = memory.storeElement(this.#heap, array, constants.ofNumber(index), this.#get(register));
    });
    this.#result = array;
  }

  #fillArray(instruction: Instruction): void {
    const array = this.#get(instruction.registers[0]!);
    const payload = readOrUndefined(() =>
      readArrayPayload(this.#code.dex, this.#code.flow.code, instruction.target!),
    );
    // Constants: what was there is overwritten.
    if (payload !== undefined) this.#heap = this.#machine.memory.clearElements(this.#heap, array);
    this.#heap = this.#machine.memory.storeElement(this.#heap, array, undefined, UNKNOWN);
  }

  #useField(fieldIdx: number): void {
    const field = this.#machine.reader.field(this.#code.dexNumber, fieldIdx);
    const owner = this.#machine.types.findDefined(field.slice(0, field.indexOf("->")));
    if (owner !== undefined) this.#heap = this.#machine.initialize(owner, this.#heap, this.#context);
  }

  #getStatic(instruction: Instruction): void {
    this.#useField(instruction.index!);
    let value = this.#machine.memory.read(this.#heap, STATICS, this.#field(instruction.index!));
    if (value.isUnknown && value.objects.length === 0) {
      const field = this.#machine.reader.field(this.#code.dexNumber, instruction.index!);
      const descriptor = field.slice(field.indexOf(":") + 1);
      if (descriptor.startsWith("L") && descriptor !== "Ljava/lang/String;") {
        const { objects, types } = this.#machine;
        value = addMarksOf(
          ofObject(objects.find(`static ${field}`, "given", types.numberOf(descriptor), false)),
          value,
        );
      }
    }
    this.#set(instruction.registers[0]!, this.#machine.markResult(this.#site(instruction), orUnknown(value)));
  }

  #branch(instruction: Instruction): void {
    const { registers, opcode, codeUnit, units, target } = instruction;
    const left = this.#get(registers[0]!);
    const right = registers.length > 1 ? this.#get(registers[1]!) : this.#machine.constants.zero;
    const decided = decideBranch(this.#machine.constants, opcode.value, left, right);
    if (decided === undefined) return;
    this.#next = [this.#blockAt.get(decided ? target! : codeUnit + units)!];
  }

  #switch({ registers, codeUnit, units, target }: Instruction): void {
    const cases = () => readSwitchPayload(this.#code.dex, this.#code.flow.code, codeUnit, target!);
    const taken = decideSwitch(this.#machine.constants, this.#get(registers[0]!), cases, codeUnit + units);
    if (taken !== undefined) this.#next = [...new Set(taken.map((one) => this.#blockAt.get(one)!))];
  }

  #invoke(instruction: Instruction): void {
    const { opcode, index, registers } = instruction;
    const kind = opcode.invokeKind!;
    const site = this.#site(instruction);
    if (kind === "custom") {
      const args = registers.map((one) => this.#get(one));
      const linked = this.#machine.lambdas.link(
        this.#machine,
        this.#code,
        index!,
        args,
        this.#heap,
        site,
        this.#isLoop,
      );
      this.#heap = linked.heap;
      this.#result = linked.value;
      return;
    }
    if (kind === "polymorphic") {
      this.#result = UNKNOWN;
      return;
    }
    const reference = this.#machine.reader.reference(this.#code.dexNumber, index!);
    const args = argumentRegisters(reference, registers, kind === "static").map((one) => this.#get(one));
    const outcome = this.#machine.invoke(kind, reference, args, this.#heap, site, this.#isLoop);
    if (outcome.thrown !== NOTHING) {
      this.#raised = outcome.thrown;
      this.#raisedHeap = outcome.thrownHeap;
    }
    if (outcome.value === undefined) {
      this.#isDead = true;
      this.#heap = outcome.heap;
      return;
    }
    this.#heap = outcome.heap;
    const marked = this.#machine.markCall(
      site,
      reference,
      args,
      kind === "static",
      outcome.value,
      this.#heap,
    );
    this.#heap = marked.heap;
    this.#result = marked.result;
  }
}
