import {
  type FieldPattern,
  type FlowDerivation,
  type FlowMove,
  type FlowRun,
  flowForms,
  type MethodPattern,
  type PathStep,
  type Place,
  type PlaceRoot,
  type RunTime,
  runTimes,
} from "./flow-models.js";

/** What is wrong with a text of a flow rule. Becomes a complaint with the text's place in the file. */
export class FlowTextError extends Error {}

const TYPE = String.raw`\[*(?:[ZBSCIJFD]|L[^;.(]+;)`;
const METHOD = new RegExp(String.raw`^(L[^;.(]+;)->([^(;:.]+)\((\*|(?:${TYPE})*)\)(\*|V|${TYPE})$`);
const FIELD = new RegExp(`^(L[^;.(]+;)->([^(;:.]+):(${TYPE})$`);
const TYPES = new RegExp(TYPE, "g");

/** `Lcom/acme/Sdk;->start(I)V`; `(*)` for any parameters, `*` for any type that is returned. */
export function parseMethodPattern(text: string): MethodPattern {
  const [, owner, name, parameters, returns] = METHOD.exec(text) ?? [];
  if (owner === undefined)
    throw new FlowTextError(
      "a method is in smali form, `Ljava/util/List;->get(I)Ljava/lang/Object;`, with `(*)` for any parameters and `*` for any type",
    );
  return {
    owner,
    name: name!,
    ...(parameters === "*" ? {} : { parameters: parameters!.match(TYPES) ?? [] }),
    ...(returns === "*" ? {} : { returns: returns! }),
  };
}

/** `Landroid/os/Build;->SERIAL:Ljava/lang/String;` */
export function parseFieldPattern(text: string): FieldPattern {
  const [, owner, name, type] = FIELD.exec(text) ?? [];
  if (owner === undefined)
    throw new FlowTextError("a field is in smali form, `Landroid/os/Build;->SERIAL:Ljava/lang/String;`");
  return { owner, name: name!, type: type! };
}

const ROOT = /^(?:(base|result|\?)|(\d{1,3})|store\(([a-z-]+), \$(\d{1,3})\)|static\(([a-z-]+)\))/;
const STEP = /^(?:\.([a-z][A-Za-z0-9]*)|\[(?:(\*)|(\+)|\$(\d{1,3}))\])/;

/** `base.target[$0]`: a root, then slots and elements. */
export function parsePlace(text: string): Place {
  const [root, base, argument, store, key, slot] = ROOT.exec(text) ?? [];
  if (root === undefined)
    throw new FlowTextError(
      `\`${text}\` is no place: one begins with base, result, an argument's number from 0, ?, store(name, $0) or static(name)`,
    );
  const path: PathStep[] = [];
  let rest = text.slice(root.length);
  while (rest !== "") {
    const [step, name, any, added, index] = STEP.exec(rest) ?? [];
    if (step === undefined)
      throw new FlowTextError(
        `\`${rest}\` of \`${text}\` is no step: there are .slot, [*], [+] and [$0] with an argument's number`,
      );
    path.push(
      name !== undefined
        ? { slot: name }
        : { element: any !== undefined ? "any" : added !== undefined ? "new" : Number(index) },
    );
    rest = rest.slice(step.length);
  }
  return { root: rootOf(base, argument, store, key, slot), path };
}

function rootOf(
  base: string | undefined,
  argument: string | undefined,
  store: string | undefined,
  key: string | undefined,
  slot: string | undefined,
): PlaceRoot {
  if (base !== undefined) return base === "?" ? "unknown" : (base as "base" | "result");
  if (argument !== undefined) return Number(argument);
  return store === undefined ? { static: slot! } : { store, key: Number(key) };
}

/** `from -> to` */
export function parseMove(text: string): FlowMove {
  const ends = text.split(" -> ");
  if (ends.length !== 2) throw new FlowTextError("a move is written `from -> to`");
  const [from, to] = ends.map(parsePlace) as [Place, Place];
  if (to.root === "unknown") throw new FlowTextError("nothing moves to ?");
  if (from.path.some((step) => "element" in step && step.element === "new"))
    throw new FlowTextError("[+] is a new element: it stands where a move leads to");
  return { from, to };
}

/** `from -> to encoded hashed`: the forms after the place, if any. */
export function parseDerivation(text: string): FlowDerivation {
  const [, move, words] = /^(.*? -> \S+(?:\([^)]*\)\S*)?)((?: [a-z]+)*)$/.exec(text) ?? [];
  if (move === undefined)
    throw new FlowTextError("a derivation is written `from -> to`, then what the value has become");
  let forms = 0;
  for (const word of words!.split(" ").filter((one) => one !== "")) {
    if (!(word in flowForms))
      throw new FlowTextError(`\`${word}\` is no form: there are ${Object.keys(flowForms).join(", ")}`);
    forms |= flowForms[word as keyof typeof flowForms];
  }
  return { ...parseMove(move), forms };
}

const RUN = /^(\w+) (\S+(?: \$\d+\)\S*)?)\.([\w$<>]+|\*)(\([^()]*\)[\w/$;[]+)?\((.*)\)(?: -> (.+))?$/;

/**
 * `later 0.onSuccess(base.value) -> base.outcome`; the method's descriptor may stand behind its name; `*` is every method
 * with an annotation that lets it be called from outside.
 */
export function parseRun(text: string): FlowRun {
  const [, when, object, name, descriptor = "", list, result] = RUN.exec(text) ?? [];
  if (when === undefined)
    throw new FlowTextError(
      "a run is written `when place.method(place, …)`, with ` -> place` for its result",
    );
  if (!runTimes.includes(when as RunTime))
    throw new FlowTextError(`\`${when}\` is no time: there are ${runTimes.join(", ")}`);
  return {
    when: when as RunTime,
    object: parsePlace(object!),
    method: `${name}${descriptor}`,
    arguments: list === "" ? [] : list!.split(/, (?!\$)/).map(parsePlace),
    ...(result === undefined ? {} : { result: parsePlace(result) }),
  };
}

/** The argument numbers that a place names. */
export function argumentsOf({ root, path }: Place): number[] {
  const own = typeof root === "number" ? [root] : typeof root === "object" && "key" in root ? [root.key] : [];
  return [
    ...own,
    ...path.flatMap((step) => ("element" in step && typeof step.element === "number" ? [step.element] : [])),
  ];
}
