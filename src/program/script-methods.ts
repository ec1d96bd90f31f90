import type { MethodTable } from "./method-table.js";

/**
 * What scripts of a library can call of objects that the app makes, by an annotation ("Native Modules" of React Native: each
 * method that is to be called from JavaScript is annotated with `@ReactMethod`). The library finds them by reflection.
 */
const MODULE = "Lcom/facebook/react/bridge/NativeModule;";
const SCRIPT_METHOD = "Lcom/facebook/react/bridge/ReactMethod;";

/** Methods of a class, and those that it inherits, that a library's scripts can call on its objects. */
export function findScriptMethods(methods: MethodTable, type: number): number[] {
  const { types } = methods;
  if (!types.isNamed(MODULE) || !types.isDefined(type) || !types.inherits(type, types.numberOf(MODULE)))
    return [];
  const found = methods
    .findAnnotated(type, SCRIPT_METHOD)
    .flatMap((one) => methods.select(type, methods.signatures[one]!) ?? []);
  return [...new Set(found)];
}
