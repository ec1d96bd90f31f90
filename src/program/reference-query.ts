import { TextIndex } from "./text-index.js";

/** What a string constant is asked for: bits, since one text can be several things. */
export const TEXT_USE = {
  /** Every `const-string` of it is listed. */
  site: 1,
  /** Passed as an argument, it makes a call one that is asked for. */
  argument: 2,
  /** Dotted name of a class that has members asked for: reflection. */
  className: 4,
  /** Name of a member asked for: reflection. */
  memberName: 8,
} as const;

/** Of the constants that are passed to a call: nothing, those that stand near it, or all that can be followed. */
export type CallConstantsAsked = "none" | "near" | "followed";

/** What a call of a method that is asked for may be, or of one that is named as it is on another class. */
export const CALL_USE = {
  /** A subclass may inherit the method asked for. */
  candidate: 1,
  /** Where it is that one, it counts only with certain constants. */
  withArgument: 2,
  /** It is listed as a call. */
  call: 4,
  /** The constants that are passed matter, as far as they stand near it. */
  near: 8,
  /** They matter wherever they come from. */
  followed: 16,
} as const;

/** The sum of {@link CALL_USE} of a call that is asked for. */
export function callUseOf(constants: CallConstantsAsked): number {
  return CALL_USE.call | (constants === "none" ? 0 : CALL_USE[constants]);
}

/** A member asked for, `descriptor` being a method's `(I)V` or a field's type; `undefined` is every overload. */
export interface AskedMember {
  readonly classDescriptor: string;
  readonly descriptor: string | undefined;
  readonly target: number;
}

/**
 * What to look for in code: built once, asked of every DEX file.
 *
 * Each thing asked for has a `target`, a number from 1 of the caller's choosing, by which what was
 * found is told apart. Knows nothing of what the targets mean.
 */
export class ReferenceQuery {
  readonly texts = new TextIndex();
  /** Methods asked for, by the text id of their name. */
  readonly methods = new Map<number, AskedMember[]>();
  /** Fields asked for, by the text id of their name. */
  readonly fields = new Map<number, AskedMember[]>();
  /** Methods that code may override or implement, by the text id of their name. */
  readonly overrides = new Map<number, AskedMember[]>();
  /** Targets of methods that count only with certain constants passed. */
  readonly withArgument = new Set<number>();
  /** Targets of methods each call of which is listed as a call, by what is passed. */
  readonly calls = new Map<number, CallConstantsAsked>();
  /** The same, by target, as the sum of {@link CALL_USE}; 0 of what is no call. */
  readonly callUses: number[] = [];
  /** Descriptors of the classes of {@link calls}. */
  readonly callClasses = new Set<string>();
  /** Methods each call of which is listed so, on any class but the platform's: text ids of their names. */
  readonly calledNames = new Set<number>();
  /** Descriptors of the classes that have methods or fields asked for, or that are arguments. */
  readonly classes = new Set<string>();
  readonly #uses: number[] = [];

  addMethod(classDescriptor: string, name: string, descriptor: string | undefined, target: number): void {
    this.#addMember(this.methods, classDescriptor, name, descriptor, target);
    this.#addReflection(classDescriptor, name);
  }

  addField(classDescriptor: string, name: string, descriptor: string, target: number): void {
    this.#addMember(this.fields, classDescriptor, name, descriptor, target);
    this.#addReflection(classDescriptor, name);
  }

  addOverride(classDescriptor: string, name: string, descriptor: string | undefined, target: number): void {
    push(this.overrides, this.texts.add(name), { classDescriptor, descriptor, target });
  }

  /**
   * Asks for each call of a method, which may be asked for as something else too.
   *
   * @param constants how far the constants that are passed are asked for
   */
  addCall(
    classDescriptor: string,
    name: string,
    descriptor: string | undefined,
    target: number,
    constants: CallConstantsAsked,
  ): void {
    this.calls.set(target, constants);
    while (this.callUses.length <= target) this.callUses.push(0);
    this.callUses[target] = callUseOf(constants);
    this.callClasses.add(classDescriptor);
    this.texts.add(classDescriptor);
    const members = this.methods.get(this.texts.add(name)) ?? [];
    if (!members.some((member) => member.target === target))
      push(this.methods, this.texts.add(name), { classDescriptor, descriptor, target });
  }

  /** Asks for each call of a name on a class that is not the platform's. */
  addCalledName(name: string): void {
    this.calledNames.add(this.texts.add(name));
  }

  /** Whether methods of a name are asked for. */
  isMethodName(textId: number): boolean {
    return this.methods.has(textId) || this.calledNames.has(textId);
  }

  /** Asks for a string constant. */
  addText(text: string, use: number): void {
    const id = this.texts.add(text);
    this.#uses[id] = (this.#uses[id] ?? 0) | use;
  }

  /** Asks for a constant that makes a call one that is asked for: a string, or a class by its descriptor. */
  addArgument(constant: string): void {
    this.addText(constant, TEXT_USE.argument);
    if (/^L[^;]+;$/.test(constant)) this.classes.add(constant);
  }

  /** Bits of {@link TEXT_USE} of a text id. */
  usesOf(textId: number): number {
    return this.#uses[textId] ?? 0;
  }

  #addMember(
    members: Map<number, AskedMember[]>,
    classDescriptor: string,
    name: string,
    descriptor: string | undefined,
    target: number,
  ): void {
    this.texts.add(classDescriptor);
    this.classes.add(classDescriptor);
    push(members, this.texts.add(name), { classDescriptor, descriptor, target });
  }

  #addReflection(classDescriptor: string, name: string): void {
    this.addText(dottedName(classDescriptor), TEXT_USE.className);
    this.addText(name, TEXT_USE.memberName);
  }
}

/** `com.acme.Sdk$Inner` of `Lcom/acme/Sdk$Inner;`, as `Class.forName` takes it. */
export function dottedName(descriptor: string): string {
  return descriptor.slice(1, -1).replaceAll("/", ".");
}

/** `Lcom/acme/Sdk$Inner;` of `com.acme.Sdk$Inner`. */
export function classDescriptor(className: string): string {
  return `L${className.replaceAll(".", "/")};`;
}

function push<Key, Value>(map: Map<Key, Value[]>, key: Key, value: Value): void {
  const values = map.get(key);
  if (values === undefined) map.set(key, [value]);
  else values.push(value);
}
