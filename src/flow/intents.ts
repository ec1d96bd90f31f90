import type { FlowSend } from "../ruleset/index.js";
import type { OutsideCall } from "./apply-model.js";
import type { Heap } from "./heap.js";
import type { Machine } from "./machine.js";
import { readPlace } from "./places.js";
import { STATICS } from "./objects.js";
import { isNothing, ofObject, type Value } from "./values.js";

/** Where the intents that the app sends to one of its components are. */
export function intentField(machine: Machine, type: number): number {
  return machine.objects.fieldOf(`.intent ${type}`);
}

/** Where the components are that wait for a component's result; what is to be told of a service that was bound. */
export function waitingField(machine: Machine, type: number): number {
  return machine.objects.fieldOf(`.waiting ${type}`);
}

export function connectionField(machine: Machine, type: number): number {
  return machine.objects.fieldOf(`.connections ${type}`);
}

/** Whether an intent goes to the app itself: it names a class, or the app's own package. */
export function staysInApp(machine: Machine, intent: Value, heap: Heap): boolean {
  if (intent.isUnknown || intent.objects.length === 0) return false;
  const { memory, objects, constants } = machine;
  const slot = (object: number, name: string) => memory.read(heap, object, objects.fieldOf(name));
  return intent.objects.every((object) => {
    if (!isNothing(slot(object, ".class"))) return true;
    const name = slot(object, ".package");
    return (
      !name.isUnknown &&
      name.constants.length > 0 &&
      name.constants.every((one) => {
        const constant = constants.list[one]!;
        return constant.kind === "text" && constant.text === machine.components.packageName;
      })
    );
  });
}

/** Delivers an intent to the app's components that it can mean. */
export function sendIntent(machine: Machine, send: FlowSend, call: OutsideCall): void {
  const { memory, objects } = machine;
  const intents = readPlace(machine, send.intent, call);
  for (const object of intents.objects) {
    const intent: Value = { ...intents, objects: [object], constants: [], isUnknown: false };
    for (const type of targetsOf(machine, object, send.to, call.heap)) {
      call.heap = memory.write(call.heap, STATICS, intentField(machine, type), intent, false);
      if (send.result && call.base !== undefined)
        call.heap = memory.write(call.heap, STATICS, waitingField(machine, type), call.base, false);
      if (send.to === "bound-service" && call.arguments[1] !== undefined)
        call.heap = memory.write(call.heap, STATICS, connectionField(machine, type), call.arguments[1], false);
    }
  }
}

/** Types of the components that an intent's object names, by class or by action. */
function targetsOf(machine: Machine, object: number, kind: string, heap: Heap): readonly number[] {
  const { memory, objects, constants, components } = machine;
  const isService = kind === "bound-service" || kind === "service" || kind === "job";
  const named = memory.read(heap, object, objects.fieldOf(".class"));
  const types = new Set<number>();
  for (const one of named.constants) {
    const constant = constants.list[one]!;
    if (constant.kind === "class") types.add(constant.type);
    else if (constant.kind === "text") for (const type of components.byName(constant.text)) types.add(type);
  }
  if (!isNothing(named)) return [...types];
  for (const one of memory.read(heap, object, objects.fieldOf(".action")).constants) {
    const constant = constants.list[one]!;
    if (constant.kind !== "text") continue;
    for (const type of components.byAction(constant.text, isService ? "service" : kind)) types.add(type);
  }
  return [...types];
}

/** What a component was sent; {@link NOTHING} where nobody sent it anything. */
export function sentTo(machine: Machine, type: number, heap: Heap): Value {
  return machine.memory.read(heap, STATICS, intentField(machine, type));
}

/** An intent from outside: of its extras nothing is known. */
export function givenIntent(machine: Machine, type: number): Value {
  const intent = machine.types.numberOf("Landroid/content/Intent;");
  return ofObject(machine.objects.find(`intent ${type}`, "given", intent, true));
}


