import { classDescriptor } from "../program/index.js";
import type { Reflection } from "../ruleset/index.js";
import { onlyText } from "./compute.js";
import type { Machine } from "./machine.js";
import { STATICS } from "./objects.js";
import type { OutsideCall } from "./outside-call.js";
import { findByName } from "./registrations.js";
import { addMarksOf, FORMS, join, NOTHING, ofObject, UNKNOWN, type Value, withStep } from "./values.js";

/** Does what a call of reflection does, as far as constants say what it names. */
export function reflect(machine: Machine, reflection: Reflection, call: OutsideCall): void {
  switch (reflection) {
    case "class-for-name":
      call.result = classesByName(machine, call.arguments.find((one) => one.constants.length > 0) ?? UNKNOWN);
      return;
    case "get-method":
    case "get-field":
      call.result = member(machine, call);
      return;
    case "new-instance":
      newInstance(machine, call);
      return;
    case "invoke":
      invoke(machine, call);
      return;
    case "field-get":
    case "field-set":
      useField(machine, call, reflection === "field-set");
      return;
  }
}

function classesByName(machine: Machine, name: Value): Value {
  let classes: Value = name.isUnknown ? UNKNOWN : NOTHING;
  for (const one of name.constants) {
    const constant = machine.constants.list[one]!;
    const isKnown = constant.kind === "text" && !constant.isPrefix;
    classes = join(
      classes,
      isKnown ? machine.constants.ofClass(machine.types.numberOf(classDescriptor(constant.text))) : UNKNOWN,
    );
  }
  return classes;
}

/** A Method, Constructor or Field: its class and its name. */
function member(machine: Machine, call: OutsideCall): Value {
  const { memory, objects } = machine;
  const made = machine.make(
    call.heap,
    call.site,
    machine.types.numberOf(call.reference.returns),
    call.isLoop,
  );
  const value = ofObject(made.object);
  call.heap = memory.store(made.heap, value, objects.fieldOf(".class"), call.base ?? UNKNOWN);
  const isConstructor = call.reference.returns === "Ljava/lang/reflect/Constructor;";
  const name = isConstructor ? machine.constants.ofText("<init>") : (call.arguments[0] ?? UNKNOWN);
  call.heap = memory.store(call.heap, value, objects.fieldOf(".name"), name);
  return value;
}

/** The types that a Class may be. */
function typesOf(machine: Machine, value: Value): number[] {
  return value.constants.flatMap((one) => {
    const constant = machine.constants.list[one]!;
    return constant.kind === "class" ? [constant.type] : [];
  });
}

/** The elements of an array of arguments, as many as there are known to be. */
function elementsOf(machine: Machine, array: Value | undefined, call: OutsideCall): Value[] {
  if (array === undefined || array.objects.length === 0) return [];
  const { memory, objects, constants } = machine;
  const length = memory.load(call.heap, array, objects.fieldOf(".length"));
  const constant = length.constants.length === 1 ? constants.list[length.constants[0]!]! : undefined;
  const count = constant?.kind === "number" ? Math.min(Number(constant.value), 32) : 0;
  return Array.from({ length: count }, (_, index) =>
    memory.loadElement(call.heap, array, constants.ofNumber(index)),
  );
}

function newInstance(machine: Machine, call: OutsideCall): void {
  const { memory, objects, types } = machine;
  const base = call.base ?? UNKNOWN;
  const isConstructor = base.objects.length > 0;
  const classes = isConstructor ? memory.load(call.heap, base, objects.fieldOf(".class")) : base;
  const args = isConstructor ? elementsOf(machine, call.arguments[0], call) : [];
  let result: Value = NOTHING;
  for (const type of typesOf(machine, classes)) {
    const made = machine.make(
      machine.initialize(type, call.heap, call.site.context),
      call.site,
      type,
      call.isLoop,
      `${type}`,
    );
    call.heap = made.heap;
    const receiver = ofObject(made.object);
    const constructors = types.isDefined(type)
      ? machine.methods
          .methodsOf(type)
          .all.filter((one) => machine.methods.keyOf(one) === `<init>/${args.length}`)
      : [];
    for (const one of constructors)
      call.heap = machine.enter(one, [receiver, ...args], call.heap, call.site).heap;
    result = join(result, receiver);
  }
  call.result = result === NOTHING ? machine.given(call.site, "Ljava/lang/Object;") : result;
}

function invoke(machine: Machine, call: OutsideCall): void {
  const { memory, objects, methods, types } = machine;
  const base = call.base ?? UNKNOWN;
  const receiver = call.arguments[0] ?? UNKNOWN;
  const args = elementsOf(machine, call.arguments[1], call);
  const name = onlyText(machine, memory.load(call.heap, base, objects.fieldOf(".name")));
  const classes = typesOf(machine, memory.load(call.heap, base, objects.fieldOf(".class")));
  if (name === undefined || classes.length === 0) {
    // Nobody knows what it calls: what it is given it may return.
    let passed: Value = UNKNOWN;
    for (const one of [receiver, ...args])
      passed = addMarksOf(passed, memory.heldMarks(call.heap, one, false));
    call.result = withStep(passed, FORMS.assumed, call.site.method, call.site.codeUnit);
    return;
  }
  let result: Value = NOTHING;
  for (const type of classes) {
    const candidates = types
      .superclassesOf(type)
      .flatMap((one) =>
        methods.methodsOf(one).all.filter((method) => methods.keyOf(method) === `${name}/${args.length}`),
      );
    const declared = candidates[0];
    if (declared === undefined) {
      const model = machine.models.findByName(type, name, args.length);
      const outcome =
        model === undefined
          ? undefined
          : machine.applyByName(model, receiver, args, call.heap, call.site, call.isLoop);
      if (outcome !== undefined) call.heap = outcome.heap;
      result = join(result, outcome?.value ?? machine.given(call.site, "Ljava/lang/Object;"));
      continue;
    }
    const isStatic = methods.isStatic(declared);
    if (isStatic) call.heap = machine.initialize(type, call.heap, call.site.context);
    const targets = isStatic
      ? [declared]
      : [
          ...new Set(
            receiver.objects.map(
              (object) => findByName(machine, objects.types[object]!, name, args.length) ?? declared,
            ),
          ),
        ];
    for (const target of targets.length === 0 ? [declared] : targets) {
      const outcome = machine.enter(target, isStatic ? args : [receiver, ...args], call.heap, call.site);
      call.heap = outcome.heap;
      result = join(result, outcome.value ?? NOTHING);
    }
  }
  // What names a source in constants is a source by its result.
  call.result = addMarksOf(result, base);
}

function useField(machine: Machine, call: OutsideCall, isSet: boolean): void {
  const { memory, objects, reader } = machine;
  const base = call.base ?? UNKNOWN;
  const receiver = call.arguments[0] ?? UNKNOWN;
  const name = onlyText(machine, memory.load(call.heap, base, objects.fieldOf(".name")));
  let result: Value = NOTHING;
  for (const type of typesOf(machine, memory.load(call.heap, base, objects.fieldOf(".class")))) {
    const found = name === undefined ? undefined : reader.findField(type, name);
    if (found === undefined) continue;
    const field = objects.fieldOf(found.text);
    if (found.isStatic) call.heap = machine.initialize(type, call.heap, call.site.context);
    const holder = found.isStatic ? ofObject(STATICS) : receiver;
    if (isSet) call.heap = memory.store(call.heap, holder, field, call.arguments[1] ?? UNKNOWN);
    else result = join(result, memory.load(call.heap, holder, field));
  }
  if (!isSet) call.result = result === NOTHING ? UNKNOWN : result;
}
