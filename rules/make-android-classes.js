// Writes android-classes.tsv: what Android's own classes are and what of them an app's class can override, which a finished
// build does not carry. `node rules/make-android-classes.js FOLDER`, with the unpacked npm package @nativescript/types-android
// (Apache-2.0), whose declarations are made from the SDK's android.jar of each API level.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const OBJECT = "java.lang.Object";
/** What the declarations leave out of what generic classes extend and implement, from developer.android.com/reference. */
const LEFT_OUT = {
  "java.lang.String": ["java.lang.CharSequence", "java.lang.Comparable"],
  "java.lang.StringBuffer": ["java.lang.Appendable", "java.lang.CharSequence"],
  "java.lang.StringBuilder": ["java.lang.Appendable", "java.lang.CharSequence"],
  "java.lang.Enum": ["java.lang.Comparable"],
  "java.util.AbstractMap.SimpleEntry": ["java.util.Map.Entry"],
  "java.util.AbstractMap.SimpleImmutableEntry": ["java.util.Map.Entry"],
  "java.util.ArrayDeque": ["java.util.Deque"],
  "java.util.Deque": ["java.util.Queue", "java.util.SequencedCollection"],
  "java.util.Hashtable": ["java.util.Map"],
  "java.util.LinkedList": ["java.util.Deque"],
  "java.util.List": ["java.util.SequencedCollection"],
  "java.util.SequencedSet": ["java.util.Set", "java.util.SequencedCollection"],
  "java.util.SortedMap": ["java.util.Map"],
  "java.util.SortedSet": ["java.util.Set"],
  "java.util.TreeMap": ["java.util.NavigableMap"],
  "java.util.TreeSet": ["java.util.NavigableSet"],
  "java.util.concurrent.ArrayBlockingQueue": ["java.util.concurrent.BlockingQueue"],
  "java.util.concurrent.BlockingDeque": ["java.util.concurrent.BlockingQueue", "java.util.Deque"],
  "java.util.concurrent.CompletableFuture": [
    "java.util.concurrent.Future",
    "java.util.concurrent.CompletionStage",
  ],
  "java.util.concurrent.ConcurrentHashMap": ["java.util.concurrent.ConcurrentMap"],
  "java.util.concurrent.ConcurrentNavigableMap": [
    "java.util.concurrent.ConcurrentMap",
    "java.util.NavigableMap",
  ],
  "java.util.concurrent.ConcurrentSkipListMap": ["java.util.concurrent.ConcurrentNavigableMap"],
  "java.util.concurrent.ConcurrentLinkedDeque": ["java.util.Deque"],
  "java.util.concurrent.CopyOnWriteArrayList": ["java.util.List"],
  "java.util.concurrent.DelayQueue": ["java.util.concurrent.BlockingQueue"],
  "java.util.concurrent.ForkJoinTask": ["java.util.concurrent.Future"],
  "java.util.concurrent.LinkedBlockingDeque": ["java.util.concurrent.BlockingDeque"],
  "java.util.concurrent.LinkedBlockingQueue": ["java.util.concurrent.BlockingQueue"],
  "java.util.concurrent.PriorityBlockingQueue": ["java.util.concurrent.BlockingQueue"],
  "java.util.concurrent.RunnableFuture": ["java.lang.Runnable", "java.util.concurrent.Future"],
  "java.util.concurrent.RunnableScheduledFuture": [
    "java.util.concurrent.RunnableFuture",
    "java.util.concurrent.ScheduledFuture",
  ],
  "java.util.concurrent.ScheduledFuture": ["java.util.concurrent.Delayed", "java.util.concurrent.Future"],
  "java.util.concurrent.SynchronousQueue": ["java.util.concurrent.BlockingQueue"],
};
const folder = process.argv[2];
const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
const merged = "android-platform-21-37-merged.d.ts";
const classes = readDeclarations(readFileSync(join(folder, "lib", "android", merged), "utf8"));
const byName = new Map(classes.map((one) => [one.name, one]));
for (const [name, supers] of Object.entries(LEFT_OUT)) {
  const { supers: known } = byName.get(name);
  known.push(...supers.filter((one) => !known.includes(one)));
}
// Hidden classes of the platform's inside are none that an app extends; neither are those of its test runners.
const isPublic = ({ name }) =>
  !/^(?:com\.android|android\.annotation|androidx|junit|dalvik\.annotation)\./.test(name);
const lines = classes
  .filter(isPublic)
  .map((one) => [descriptorOf(one.name), one.supers.map(descriptorOf).join(" "), listMethods(one)].join("\t"))
  .sort();
writeFileSync(
  new URL("./android-classes.tsv", import.meta.url),
  `# Android API levels 21 to 37 by @nativescript/types-android ${version} (Apache-2.0): class, superclass and interfaces, instance methods that its ancestors do not have as name/arguments.\n${lines.join("\n")}\n`,
);
console.log(`${lines.length} classes`);

/** Modules and classes nest; a class's inner classes stand in a module of its name. */
function readDeclarations(text) {
  const found = [];
  const open = [];
  for (const line of text.split("\n")) {
    const code = line.trim();
    const [, module] = /^(?:declare|export) module (\w+) \{$/.exec(code) ?? [];
    const [, name, rest] = /^export (?:abstract )?class (\w+)(.*)\{$/.exec(code) ?? [];
    if (module !== undefined) open.push({ name: module });
    else if (name !== undefined) {
      const full = [...open.map((one) => one.name), name].join(".");
      const supers = withoutTypeArguments(rest)
        .split(/\b(?:extends|implements)\b|,/)
        .map((one) => one.trim())
        .filter((one) => one !== "" && one !== OBJECT);
      const declared = { name: full, supers, methods: new Set() };
      found.push(declared);
      open.push({ name, declared });
    } else if (code === "}" || code === "});") open.pop();
    else if (code.endsWith("{")) open.push({ name: "" });
    else open.at(-1)?.declared?.methods.add(readMethod(code));
  }
  for (const { methods } of found) methods.delete(undefined);
  return found;
}

/** `onClick/1`; nothing for what is static or no method. */
function readMethod(code) {
  const [, name, parameters] =
    /^(?:public|protected) (?:abstract )?(\w+)(?:<.*?>)?\((.*)\)(?::.*)?;$/.exec(code) ?? [];
  if (name === undefined || name === "constructor") return undefined;
  const list = withoutTypeArguments(parameters);
  return `${name}/${list === "" ? 0 : list.split(",").length}`;
}

function withoutTypeArguments(text) {
  let depth = 0;
  let kept = "";
  for (const unit of text) {
    if (unit === "<") depth++;
    else if (unit === ">") depth--;
    else if (depth === 0) kept += unit;
  }
  return kept.trim();
}

function descriptorOf(name) {
  const segments = name.split(".");
  let descriptor = "";
  segments.forEach((segment, index) => {
    const above = segments.slice(0, index).join(".");
    descriptor += index === 0 ? segment : `${byName.has(above) ? "$" : "/"}${segment}`;
  });
  return `L${descriptor};`;
}

function listMethods({ name, methods }) {
  const inherited = new Set(name === OBJECT ? [] : byName.get(OBJECT).methods);
  const seen = new Set([name]);
  for (const one of seen) {
    for (const above of byName.get(one)?.supers ?? []) {
      seen.add(above);
      for (const method of byName.get(above)?.methods ?? []) inherited.add(method);
    }
  }
  return [...methods]
    .filter((method) => !inherited.has(method))
    .sort()
    .join(" ");
}
