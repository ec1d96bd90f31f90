/** A method or field. */
const MEMBER = /^\[*L?([^;>]+?);?->([^(:\s]+)[(:]/;
/** Characters of a class name that is taken for renamed: R8 and ProGuard begin with one and two. */
const RENAMED = 2;

/** A class; or a member of which reflection names no more than that. */
const TYPE = /^L([^;]+);(?:->([^(:\s]+))?$/;

/**
 * A smali reference as people say it: `Settings.Secure.getString("android_id")` of a method reference
 * and the constant passed. What is no reference (a content URI, `Class.forName(…)`) stays as it is.
 */
export function shortReference(reference: string): string {
  return describe(reference, simpleName);
}

/** The same with its package: `com.acme.Sdk.start`. */
export function longReference(reference: string): string {
  return describe(reference, (name) => name.replaceAll("/", "."));
}

/** The same as code has it, also of a class in a class: `android.provider.Settings.Secure.getString`. */
export function sourceReference(reference: string): string {
  return describe(reference, (name) => name.replaceAll("/", ".").replace(/\$(?=[A-Za-z])/g, "."));
}

/** Simple name of the class that a reference is a member of; `undefined` where it is none. */
export function shortClass(reference: string): string | undefined {
  const match = MEMBER.exec(reference);
  return match === null ? undefined : simpleName(match[1]!);
}

function describe(reference: string, nameOf: (internalName: string) => string): string {
  const type = TYPE.exec(reference);
  if (type !== null) return `${nameOf(type[1]!)}.${type[2] ?? "class"}`;
  const match = MEMBER.exec(reference);
  if (match === null) return reference;
  // Calls that count by a constant carry it, as JSON, behind the reference.
  const passed = /\s("(?:[^"\\]|\\.)*")$/.exec(reference)?.[1];
  const constant = passed?.replace(/^"L([^;]+);"$/, (_, name: string) => `${nameOf(name)}.class`);
  return `${nameOf(match[1]!)}.${match[2]}${constant === undefined ? "" : `(${constant})`}`;
}

/**
 * `Settings.Secure` of `android/provider/Settings$Secure`; numbers of anonymous classes keep their `$`. A
 * name that an obfuscator made up says nothing alone: it keeps its package.
 */
function simpleName(internalName: string): string {
  const name = internalName.slice(internalName.lastIndexOf("/") + 1);
  const shown = name.split("$", 1)[0]!.length <= RENAMED ? internalName.replaceAll("/", ".") : name;
  return shown.replace(/\$(?=[A-Za-z])/g, ".");
}

const PRIMITIVES: Readonly<Record<string, string>> = {
  Z: "boolean",
  B: "byte",
  S: "short",
  C: "char",
  I: "int",
  J: "long",
  F: "float",
  D: "double",
};

/** `(Context, boolean)` of a smali reference to a method. */
export function parametersOf(method: string): string {
  const descriptor = /\(([^)]*)\)/.exec(method)?.[1] ?? "";
  if (descriptor === "*") return "(…)";
  const types = descriptor.match(/\[*(?:L[^;]+;|[ZBSCIJFD])/g) ?? [];
  const names = types.map((type) => {
    const arrays = type.lastIndexOf("[") + 1;
    const base = type.slice(arrays);
    const name = PRIMITIVES[base] ?? base.slice(base.lastIndexOf("/") + 1, -1).replaceAll("$", ".");
    return name + "[]".repeat(arrays);
  });
  return `(${names.join(", ")})`;
}
