import type { Machine } from "./machine.js";
import { isNothing, type Value } from "./values.js";

/** Objects that are certainly of another class do not come through. */
export function castTo(machine: Machine, value: Value, type: number): Value {
  const { objects, types } = machine;
  if (value.objects.length === 0 || !types.isKnown(type)) return value;
  const left = value.objects.filter((object) => {
    const one = objects.types[object]!;
    return one < 0 || !objects.isExact[object] || !types.isDefined(one) || types.inherits(one, type);
  });
  return left.length === 0 || left.length === value.objects.length ? value : { ...value, objects: left };
}

/** `instance-of`: known where the classes of all objects are. */
export function isInstance(machine: Machine, value: Value, type: number): Value {
  const { objects, types, constants } = machine;
  if (value.isUnknown || isNothing(value)) return constants.either;
  let isAny = false;
  let isNone = value.constants.includes(constants.zero.constants[0]!);
  if (value.constants.length > (isNone ? 1 : 0)) return constants.either;
  for (const object of value.objects) {
    const one = objects.types[object]!;
    if (one >= 0 && types.inherits(one, type)) isAny = true;
    else if (one >= 0 && objects.isExact[object] && types.isDefined(one)) isNone = true;
    else return constants.either;
  }
  return isAny && isNone ? constants.either : isAny ? constants.one : constants.zero;
}
