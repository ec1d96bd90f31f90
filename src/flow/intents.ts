import type { FlowSend } from "../ruleset/index.js";
import type { Heap } from "./heap.js";
import type { Machine } from "./machine.js";
import { STATICS } from "./objects.js";
import type { OutsideCall } from "./outside-call.js";
import { readPlace } from "./places.js";
import { isNothing, ofObject, type Value } from "./values.js";

/** Where the intents that the app sends to one of its components are. */
export function intentField(machine: Machine, type: number): number {
  return machine.objects.fieldOf(`.intent ${type}`);
}

/** Where the components are that wait for a component's result. */
export function waitingField(machine: Machine, type: number): number {
  return machine.objects.fieldOf(`.waiting ${type}`);
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

/** Delivers an intent, as it is now, to the app's components that it can mean, and to receivers that wait for its action. */
export function sendIntent(machine: Machine, send: FlowSend, call: OutsideCall): void {
  const { memory, objects } = machine;
  const intents = readPlace(machine, send.intent, call);
  for (const object of intents.objects) {
    // Who binds a service asks the intent for the binder.
    const sent = send.to === "bound-service" ? object : copyIntent(machine, object, call);
    const intent: Value = { ...intents, objects: [sent], constants: [], isUnknown: false };
    for (const type of targetsOf(machine, object, send.to, call.heap)) {
      call.heap = memory.write(call.heap, STATICS, intentField(machine, type), intent, false);
      const binder = memory.read(call.heap, STATICS, objects.fieldOf(`.binder ${type}`));
      if (send.to === "bound-service" && !isNothing(binder))
        call.heap = memory.add(call.heap, intent, objects.fieldOf(".binder"), binder);
      if (send.to === "worker") machine.startedWorkers.add(type);
      if (send.result && call.base !== undefined)
        call.heap = memory.write(call.heap, STATICS, waitingField(machine, type), call.base, false);
    }
    if (send.to === "receiver") tellRegistered(machine, object, intent, call);
  }
}

function copyIntent(machine: Machine, object: number, call: OutsideCall): number {
  const { memory, objects } = machine;
  const made = machine.make(call.heap, call.site, objects.types[object]!, call.isLoop, `sent ${object}`);
  call.heap = made.heap;
  for (const [field] of [...objects.cells[object]!]) {
    const held = memory.readWritten(call.heap, object, field);
    if (held !== undefined)
      call.heap = memory.write(call.heap, made.object, field, held, !objects.isMany[made.object]);
  }
  return made.object;
}

/** Receivers that the app registered for an intent's action. */
function tellRegistered(machine: Machine, object: number, intent: Value, call: OutsideCall): void {
  const { memory, objects } = machine;
  const actions = memory.read(call.heap, object, objects.fieldOf(".action"));
  if (isNothing(actions)) return;
  const registered = memory.read(call.heap, STATICS, objects.fieldOf(".receivers"));
  const list = isNothing(registered)
    ? objects.find("static receivers", "store", -1, true)
    : registered.objects[0]!;
  const receivers = memory.loadElement(call.heap, ofObject(list), undefined);
  for (const receiver of receivers.objects) {
    const filter = memory.load(call.heap, ofObject(receiver), objects.fieldOf(".filter"));
    const heard = memory.loadElement(call.heap, filter, undefined);
    if (
      heard.isUnknown ||
      actions.isUnknown ||
      heard.constants.some((one) => one !== 0 && actions.constants.includes(one))
    )
      call.heap = memory.add(call.heap, ofObject(receiver), objects.fieldOf(".intent"), intent);
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
