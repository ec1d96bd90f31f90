import {
  type Diagnostics,
  diagnoseUnread,
  FormatError,
  type Limits,
  readOrUndefined,
} from "../diagnostics/index.js";
import type { Evidence, EvidenceKind } from "../evidence/index.js";
import {
  type CallWithConstants,
  type ClassHierarchy,
  type CloserLook,
  type CodeReferences,
  type Constant,
  dottedName,
  isPlatformClass,
  type MethodConstants,
  parameterTypes,
  REFERENCE_KIND,
  URL_TEXT,
  type WalkedDex,
} from "../program/index.js";
import type { Confidence } from "../sdk/index.js";
import { type ApiQuery, type AskedApi, memberNameOf } from "./api-query.js";
import { MethodResolver } from "./resolve-methods.js";

/** One place in the code that uses a sensitive API. */
export interface ApiUse {
  readonly asked: AskedApi;
  /** Package number of the class whose code it is. */
  readonly packageNumber: number;
  readonly confidence: Confidence;
  /** The method whose code it is. */
  readonly place: CodePlace;
  /** Made when asked: of thousands of places only some are shown. */
  readonly evidence: () => Evidence;
}

/** A method that a DEX file defines. */
export interface CodePlace {
  readonly dex: WalkedDex;
  readonly classDefIdx: number;
  readonly methodIdx: number;
}

/** A string constant of interest in the code. */
export interface StringUse {
  readonly text: string;
  readonly packageNumber: number;
  readonly evidence: () => Evidence;
}

/** What the code uses. */
export interface CodeUses {
  readonly apis: ApiUse[];
  readonly strings: StringUse[];
  readonly calls: CallUse[];
  readonly nativeMethods: NativeMethod[];
}

/** A call that is looked at by itself: of a method that is given something, or behind which nothing is seen. */
export interface CallUse {
  /** Of the query; 0 for a call that is asked for by its name alone. */
  readonly target: number;
  /** The class that the instruction names, the method's name, parameters and result. */
  readonly owner: string;
  readonly name: string;
  readonly descriptor: string;
  /** Package number of the class whose code it is. */
  readonly packageNumber: number;
  /** What is passed, where that matters and can be told. */
  readonly readConstants: () => CallWithConstants | undefined;
  readonly evidence: () => Evidence;
}

/** A method whose code is native. */
export interface NativeMethod {
  readonly packageNumber: number;
  readonly evidence: () => Evidence;
}

/**
 * Turns the sites found in an app's DEX files into uses of the rules' APIs.
 *
 * A site that names something spoilt costs itself and is an `unread` diagnostic, one for each thing. Code
 * of a class that an earlier DEX file defines too never runs: it is left out, with an `odd` one.
 */
export function findApiUses(
  code: readonly CodeReferences[],
  asked: ApiQuery,
  hierarchy: ClassHierarchy,
  limits: Limits,
  diagnostics: Diagnostics,
): CodeUses {
  const uses: CodeUses = { apis: [], strings: [], calls: [], nativeMethods: [] };
  const extended = new Set(code.flatMap(({ extendedClasses }) => [...extendedClasses]));
  for (const references of code) {
    // A single file defines a class once, or Android refuses it.
    const shadows = code.length > 1 ? new ShadowedClasses(references, hierarchy, diagnostics) : undefined;
    const reader = new UseReader(references, asked, hierarchy, extended, uses, shadows, limits, diagnostics);
    const said = new Set<string>();
    const attempt = (read: () => void) => {
      try {
        read();
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
        if (!said.has(error.message)) diagnostics.push(diagnoseUnread(error));
        said.add(error.message);
      }
    };
    for (let row = 0; row < references.kinds.length; row++) attempt(() => reader.readRow(row));
    for (const look of references.closerLooks) {
      const constants = references.readConstants(look, limits, diagnostics);
      attempt(() => reader.readConstants(constants, look));
    }
  }
  return uses;
}

/** The classes of one DEX file that an earlier one defines too. */
class ShadowedClasses {
  readonly #references: CodeReferences;
  readonly #hierarchy: ClassHierarchy;
  readonly #diagnostics: Diagnostics;
  readonly #known = new Map<number, boolean>();

  constructor(references: CodeReferences, hierarchy: ClassHierarchy, diagnostics: Diagnostics) {
    this.#references = references;
    this.#hierarchy = hierarchy;
    this.#diagnostics = diagnostics;
  }

  has(classDefIdx: number): boolean {
    const known = this.#known.get(classDefIdx);
    if (known !== undefined) return known;
    const { dex } = this.#references;
    const descriptor = dex.classDescriptor(classDefIdx);
    const first = this.#hierarchy.find(descriptor)?.dex ?? dex;
    if (first !== dex) {
      this.#diagnostics.push({
        effect: "odd",
        code: "duplicate",
        part: dex.source,
        message: `${dex.source} class_def_item: ${descriptor} is defined in ${first.source} too, and that one counts`,
      });
    }
    this.#known.set(classDefIdx, first !== dex);
    return first !== dex;
  }
}

/** Holds what one DEX file's rows have in common: names already resolved. */
class UseReader {
  readonly #uses: CodeUses;
  readonly #references: CodeReferences;
  readonly #asked: ApiQuery;
  readonly #hierarchy: ClassHierarchy;
  readonly #resolver: MethodResolver;
  readonly #callLooks: ReadonlyMap<number, CloserLook>;
  readonly #limits: Limits;
  readonly #diagnostics: Diagnostics;
  readonly #constants = new Map<number, ReadonlyMap<number, CallWithConstants>>();
  readonly #shadows: ShadowedClasses | undefined;

  constructor(
    references: CodeReferences,
    asked: ApiQuery,
    hierarchy: ClassHierarchy,
    extended: ReadonlySet<string>,
    uses: CodeUses,
    shadows: ShadowedClasses | undefined,
    limits: Limits,
    diagnostics: Diagnostics,
  ) {
    this.#references = references;
    this.#asked = asked;
    this.#hierarchy = hierarchy;
    this.#resolver = new MethodResolver(references, asked, hierarchy, extended);
    this.#callLooks = new Map(references.callLooks.map((look) => [look.methodIdx, look]));
    this.#limits = limits;
    this.#diagnostics = diagnostics;
    this.#uses = uses;
    this.#shadows = shadows;
  }

  readRow(row: number): void {
    const { kinds, targets, callers, classDefs, codeUnits } = this.#references;
    const place = { caller: callers.at(row), classDef: classDefs.at(row), codeUnit: codeUnits.at(row) };
    const target = targets.at(row);
    switch (kinds.at(row)) {
      case REFERENCE_KIND.method:
        this.#notePlain(target, "method-call", place);
        break;
      case REFERENCE_KIND.candidate:
        this.#notePlain(this.#resolver.targetOf(target), "method-call", place);
        break;
      case REFERENCE_KIND.field:
        this.#notePlain(target, "field-read", place);
        break;
      case REFERENCE_KIND.override:
        this.#noteOverride(target, place);
        break;
      case REFERENCE_KIND.string:
        this.#noteString(target, place);
        break;
      case REFERENCE_KIND.classConstant:
        this.#noteClassConstant(target, place);
        break;
      case REFERENCE_KIND.call:
        this.#noteCall(target, place);
        break;
      case REFERENCE_KIND.nativeMethod:
        this.#noteNativeMethod(place);
        break;
    }
  }

  #noteCall(methodIdx: number, place: Place): void {
    if (this.#shadows?.has(place.classDef) === true) return;
    const { dex, textOf } = this.#references;
    const { query } = this.#asked;
    const target = this.#resolver.targetOf(methodIdx);
    const isAsked = query.calls.has(target);
    // Many are named like a method asked for, and are another class's.
    if (!isAsked && !query.calledNames.has(textOf(dex.methodNameIdx(methodIdx)))) return;
    this.#uses.calls.push({
      target: isAsked ? target : 0,
      owner: dex.typeDescriptor(dex.methodClassIdx(methodIdx)),
      name: dex.string(dex.methodNameIdx(methodIdx)),
      descriptor: this.#protoOf(methodIdx),
      packageNumber: this.#packageOf(place),
      readConstants: () => this.#readCallConstants(place),
      evidence: () => this.#evidence("method-call", dex.methodRef(methodIdx), place),
    });
  }

  #noteNativeMethod(place: Place): void {
    if (this.#shadows?.has(place.classDef) === true) return;
    this.#uses.nativeMethods.push({
      packageNumber: this.#packageOf(place),
      evidence: () => ({
        kind: "native-method",
        entry: this.#references.dex.source,
        value: nameMethod(this.#references.dex, place.caller),
      }),
    });
  }

  /** Of each method with such calls once, when the first is asked for. */
  #readCallConstants({ caller, codeUnit }: Place): CallWithConstants | undefined {
    let calls = this.#constants.get(caller);
    if (calls === undefined) {
      const look = this.#callLooks.get(caller);
      const found: Diagnostics = [];
      const read = look === undefined ? [] : this.#references.readCallConstants(look, this.#limits, found);
      const isKnown = ({ message }: { readonly message: string }) =>
        this.#diagnostics.some((diagnostic) => diagnostic.message === message);
      this.#diagnostics.push(...found.filter((diagnostic) => !isKnown(diagnostic)));
      calls = new Map(read.map((call) => [call.codeUnit, call]));
      this.#constants.set(caller, calls);
    }
    return calls.get(codeUnit);
  }

  /** Calls that count by the constants passed, and reflection. */
  readConstants({ calls, strings }: MethodConstants, { methodIdx, classDefIdx }: CloserLook): void {
    const byClassOnly: { asked: AskedApi; place: Place; value: string }[] = [];
    const reflected = new Set<string>();
    const loaded = this.#findLoadedClasses(calls);
    for (const call of calls) {
      const place = { caller: methodIdx, classDef: classDefIdx, codeUnit: call.codeUnit };
      this.#noteArgumentCall(call, place);
      const members = new Set<string>();
      for (const api of this.#findReflected(call, strings, loaded)) {
        reflected.add(api.classDescriptor!);
        // The name stands for every overload: one call is one use.
        const member = `${api.classDescriptor}->${memberNameOf(api)}`;
        const key = `${api.rule.id} ${member}`;
        if (!members.has(key)) this.#note(api, "reflection", member, place, "likely");
        members.add(key);
      }
      const named = this.#findNamedClass(call);
      if (named !== undefined) byClassOnly.push({ ...named, place });
    }
    for (const { asked, place, value } of byClassOnly) {
      if (!reflected.has(asked.classDescriptor!)) this.#note(asked, "reflection", value, place, "possible");
    }
  }

  #notePlain(target: number, kind: EvidenceKind, place: Place): void {
    for (const asked of this.#asked.apisOfTarget[target] ?? []) {
      if (asked.api.argument === undefined) this.#note(asked, kind, asked.reference, place, "certain");
    }
  }

  #noteArgumentCall(call: CallWithConstants, place: Place): void {
    const { dex } = this.#references;
    const apis = this.#asked.apisOfTarget[this.#resolver.targetOf(call.methodIdx)] ?? [];
    for (const asked of apis) {
      const { argument } = asked.api;
      if (argument === undefined) continue;
      const passedTo = dex.protoDescriptor(dex.methodProtoIdx(call.methodIdx));
      const register = argumentRegister(passedTo, argument.index, call.isStatic);
      const passed = call.registers[register] ?? [];
      const text = passed.map(textOf).find((passedText) => argument["one-of"].includes(passedText));
      if (text === undefined) continue;
      this.#note(asked, "method-call", `${asked.reference} ${JSON.stringify(text)}`, place, "certain");
    }
  }

  /**
   * `getMethod` and its like on a known class, or any call that is handed the names of class and member.
   * Where the class is not known, it may be any that the method loads by name: what `getInstance` of a
   * loaded class has returned is asked for its class again (Kochava 3.4.0, AccountManager.getAccounts).
   * An API that counts with an argument needs that constant in the method: it goes through an array.
   */
  #findReflected(
    call: CallWithConstants,
    strings: ReadonlySet<string>,
    loaded: ReadonlySet<string>,
  ): AskedApi[] {
    // The platform does nothing with two names: a log line is no reflection.
    const callee = this.#ownerOf(call);
    if (callee !== "Ljava/lang/Class;" && isPlatformClass(callee)) return [];
    const constants = constantsOf(call);
    const names = new Set(constants.flatMap((constant) => ("string" in constant ? [constant.string] : [])));
    const classes = constants.flatMap((constant) => {
      if ("string" in constant) return [constant.string];
      if ("classObject" in constant) return [dottedName(constant.classObject)];
      return "instanceOf" in constant ? [dottedName(constant.instanceOf)] : [];
    });
    const isOfUnknownClass =
      call.registers[0] === undefined && this.#isNamed(call, "getMethod", "getDeclaredMethod");
    return [...new Set([...classes, ...(isOfUnknownClass ? loaded : [])])].flatMap((name) =>
      (this.#asked.apisOfClass.get(name) ?? []).filter(
        (asked) =>
          names.has(memberNameOf(asked)) &&
          (asked.api.argument?.["one-of"].some((text) => strings.has(text)) ?? true),
      ),
    );
  }

  /** Classes with APIs that are asked for, of those that a method loads by name. */
  #findLoadedClasses(calls: readonly CallWithConstants[]): Set<string> {
    const constants = calls
      .filter((call) => this.#isNamed(call, "forName", "loadClass"))
      .flatMap(constantsOf);
    const names = constants.flatMap((constant) => ("string" in constant ? [constant.string] : []));
    return new Set(names.filter((name) => this.#asked.apisOfClass.has(name)));
  }

  #ownerOf({ methodIdx }: CallWithConstants): string {
    const { dex } = this.#references;
    return dex.typeDescriptor(dex.methodClassIdx(methodIdx));
  }

  #isNamed({ methodIdx }: CallWithConstants, ...names: readonly string[]): boolean {
    const { dex } = this.#references;
    return names.includes(dex.string(dex.methodNameIdx(methodIdx)));
  }

  /** `Class.forName` of a class that {@link #findSoleRule} knows. */
  #findNamedClass(call: CallWithConstants): { asked: AskedApi; value: string } | undefined {
    const { dex } = this.#references;
    const name = dex.string(dex.methodNameIdx(call.methodIdx));
    if (name !== "forName" && name !== "loadClass") return undefined;
    for (const constant of call.registers.flatMap((values) => values ?? [])) {
      const asked = "string" in constant ? this.#findSoleRule(constant.string) : undefined;
      if (asked !== undefined) return { asked, value: `${name}(${JSON.stringify(textOf(constant))})` };
    }
    return undefined;
  }

  /**
   * An API of a library's class all of whose APIs are one rule's, by its dotted name: code that names the
   * class and no member can mean no other data. The platform's classes are named for many reasons.
   */
  #findSoleRule(className: string): AskedApi | undefined {
    const apis = this.#asked.apisOfClass.get(className);
    if (apis === undefined || isPlatformClass(apis[0]!.classDescriptor!)) return undefined;
    return apis.every(({ rule }) => rule === apis[0]!.rule) ? apis[0] : undefined;
  }

  #noteClassConstant(typeIdx: number, place: Place): void {
    const descriptor = this.#references.dex.typeDescriptor(typeIdx);
    const asked = this.#findSoleRule(dottedName(descriptor));
    if (asked !== undefined) this.#note(asked, "class-constant", descriptor, place, "possible");
  }

  #noteOverride(methodIdx: number, place: Place): void {
    const { dex, textOf } = this.#references;
    const proto = this.#protoOf(methodIdx);
    const members = this.#asked.query.overrides.get(textOf(dex.methodNameIdx(methodIdx))) ?? [];
    const fitting = members.filter(({ descriptor }) => descriptor === undefined || descriptor === proto);
    if (fitting.length === 0) return;
    // Of a method that came from another class, the class that it is in: there the hierarchy is known.
    const owner = dex.classDescriptor(place.classDef);
    for (const { classDescriptor, target } of fitting) {
      if (classDescriptor === owner || !this.#hierarchy.inheritsFrom(owner, classDescriptor)) continue;
      for (const asked of this.#asked.apisOfTarget[target]!)
        this.#note(asked, "override", dex.methodRef(methodIdx), place, "certain");
    }
  }

  #noteString(stringIdx: number, place: Place): void {
    const { dex, textOf } = this.#references;
    const text = dex.string(stringIdx);
    if (textOf(stringIdx) === URL_TEXT && text.startsWith("content://")) {
      const asked = this.#asked.contentUris.find(
        ({ reference }) =>
          text === reference || (/^[/?]/.test(text.slice(reference.length)) && text.startsWith(reference)),
      );
      if (asked !== undefined) this.#note(asked, "content-uri", text, place, "certain");
      return;
    }
    if (this.#shadows?.has(place.classDef) === true) return;
    this.#uses.strings.push({
      text,
      packageNumber: this.#packageOf(place),
      evidence: () => this.#evidence("string", text, place),
    });
  }

  #protoOf(methodIdx: number): string {
    return this.#references.dex.methodDescriptor(methodIdx);
  }

  #note(asked: AskedApi, kind: EvidenceKind, value: string, place: Place, confidence: Confidence): void {
    if (this.#shadows?.has(place.classDef) === true) return;
    const packageNumber = this.#packageOf(place);
    this.#uses.apis.push({
      asked,
      packageNumber,
      confidence,
      place: { dex: this.#references.dex, classDefIdx: place.classDef, methodIdx: place.caller },
      evidence: () => this.#evidence(kind, value, place),
    });
  }

  #packageOf({ caller, classDef }: Place): number {
    const { packages, movedMethods } = this.#references;
    return movedMethods.get(caller) ?? packages[classDef]!;
  }

  #evidence(kind: EvidenceKind, value: string, { caller, codeUnit }: Place): Evidence {
    const { dex } = this.#references;
    return { kind, entry: dex.source, value, caller: nameMethod(dex, caller), codeUnit };
  }
}

/** A spoilt name is no reason to lose what was seen: `method@1f`, as where code is printed. */
function nameMethod(dex: CodeReferences["dex"], methodIdx: number): string {
  return readOrUndefined(() => dex.methodRef(methodIdx)) ?? `method@${methodIdx.toString(16)}`;
}

interface Place {
  readonly caller: number;
  readonly classDef: number;
  readonly codeUnit: number;
}

/** A string's text, a class object's descriptor; nothing of an object. */
function textOf(constant: Constant): string {
  if ("string" in constant) return constant.string;
  return "classObject" in constant ? constant.classObject : "";
}

function constantsOf({ registers }: CallWithConstants): Constant[] {
  return registers.flatMap((values) => values ?? []);
}

/** Place among an invoke's registers of the parameter at `index`: the receiver takes one, J and D take two. */
export function argumentRegister(proto: string, index: number, isStatic: boolean): number {
  return parameterTypes(proto)
    .slice(0, index)
    .reduce((register, type) => register + (type === "J" || type === "D" ? 2 : 1), isStatic ? 0 : 1);
}
