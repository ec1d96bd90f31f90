import { createHash } from "node:crypto";
import { type AskedMember, platformSuperclasses, type ReferenceQuery } from "../program/index.js";
import { type Fingerprints, fingerprintOf } from "./fingerprints.js";

/** A query as it is kept beside the facts that are complete for it: what is asked for, sorted. */
interface KeptQuery {
  /** Texts, with what they are asked for as: bits of TEXT_USE. */
  readonly texts: readonly (readonly [text: string, uses: number])[];
  /** `Lcom/acme/Sdk;->start(I)V`, without a descriptor for every overload; what else is asked of it follows. */
  readonly methods: readonly string[];
  readonly fields: readonly string[];
  readonly overrides: readonly string[];
  /** Names of methods that are asked for on whatever class. */
  readonly names: readonly string[];
  readonly classes: readonly string[];
  /** Of which calls alone are asked for. */
  readonly callClasses: readonly string[];
  /** Classes that a rule names apart from their packages. */
  readonly apart: readonly string[];
}

/**
 * Something that one query asks for and another does not. Code can name it only in a DEX file that has all the names;
 * none of them stands for a file of which nothing can be said.
 */
interface Addition {
  /** Hashes of names that the DEX file must have. */
  readonly names: readonly number[];
  /** Whether code must load the name, which is a text then. */
  readonly isConstant: boolean;
  /** Hashes of names one of which some DEX file of the app must have; `undefined` where that says nothing. */
  readonly inApp: readonly number[] | undefined;
}

/** What one query asks for and another does not. */
interface Additions {
  readonly list: readonly Addition[];
  /** Hashes of the names of methods none of which the other asks for. */
  readonly methodNames: readonly number[];
}

const NOTHING_ASKED: KeptQuery = {
  texts: [],
  methods: [],
  fields: [],
  overrides: [],
  names: [],
  classes: [],
  callClasses: [],
  apart: [],
};

const NO_ADDITIONS: Additions = { list: [], methodNames: [] };

/** A DEX file by its facts: the digest of their query, and its strings. */
interface CoveredFile {
  readonly queryDigest: string;
  readonly strings: Fingerprints;
}

/** Notes behind a method: it counts with an argument; its calls are listed, and how far what is passed is asked for. */
const WITH_ARGUMENT = " ?";
const CALL = { none: " c", near: " cn", followed: " cf" } as const;

/** What facts are complete for: a query, and the little besides that is taken by rules. Built once for many apps. */
export class QueryCoverage {
  readonly query: ReferenceQuery;
  readonly apart: ReadonlySet<string>;
  /** Beginnings of strings that versions are told by. */
  readonly stringStarts: readonly string[];
  /** SHA-256 of what is asked for, in hexadecimal. */
  readonly digest: string;
  readonly #kept: KeptQuery;
  /** What this query asks for in addition to others, by their digests. */
  readonly #additions = new Map<string, Additions>();
  /** In addition to nothing. */
  #all: Additions | undefined;

  constructor(query: ReferenceQuery, apart: Iterable<string>, stringStarts: Iterable<string>) {
    this.query = query;
    this.apart = new Set(apart);
    this.stringStarts = [...new Set(stringStarts)].sort();
    this.#kept = describeQuery(query, this.apart);
    this.digest = createHash("sha256").update(this.render()).digest("hex");
  }

  /** As it is kept; {@link digest} is its SHA-256. */
  render(): Uint8Array {
    return Buffer.from(JSON.stringify([this.#kept, this.stringStarts]));
  }

  /**
   * Of an app's DEX files, by the strings and the query of each, those whose facts may lack something.
   *
   * @param areAll whether the app has no others: in one without facts any class can be named
   * @param readKept reads what {@link render} gave for a query, by its digest
   */
  findIncomplete(
    files: readonly CoveredFile[],
    areAll: boolean,
    readKept: (digest: string) => Uint8Array | undefined,
  ): number[] {
    return files.flatMap(({ queryDigest, strings }, index) => {
      const additions = this.#additionsTo(queryDigest, readKept);
      const isIncomplete =
        additions === undefined ||
        additions.list.some(
          ({ names, isConstant, inApp }) =>
            names.every((name) => strings.mayHold(name, isConstant)) &&
            (!areAll ||
              inApp === undefined ||
              inApp.some((name) => files.some((file) => file.strings.mayHold(name)))),
        );
      return isIncomplete ? [index] : [];
    });
  }

  /** Whether a DEX file may have methods of names that this query asks for and that of its facts does not. */
  mayHaveNewMethods(
    { queryDigest, strings }: CoveredFile,
    readKept: (digest: string) => Uint8Array | undefined,
  ): boolean {
    const additions = this.#additionsTo(queryDigest, readKept);
    return additions?.methodNames.some((name) => strings.mayHold(name)) ?? true;
  }

  /** Whether code of a DEX file of these strings may have anything that is asked for. */
  mayConcern(strings: Fingerprints): boolean {
    this.#all ??= findAdditions(NOTHING_ASKED, this.#kept);
    return this.#all.list.some(({ names, isConstant }) =>
      names.every((name) => strings.mayHold(name, isConstant)),
    );
  }

  /** `undefined` where nothing is known of the other query. */
  #additionsTo(digest: string, readKept: (digest: string) => Uint8Array | undefined): Additions | undefined {
    if (digest === this.digest) return NO_ADDITIONS;
    const known = this.#additions.get(digest);
    if (known !== undefined) return known;
    const other = parseKept(digest, readKept(digest));
    if (other === undefined) return undefined;
    const additions = findAdditions(other, this.#kept);
    this.#additions.set(digest, additions);
    return additions;
  }
}

/** What was kept is believed where it is what its name says, and of a query's shape. */
function parseKept(digest: string, bytes: Uint8Array | undefined): KeptQuery | undefined {
  if (bytes === undefined || createHash("sha256").update(bytes).digest("hex") !== digest) return undefined;
  try {
    const [kept] = JSON.parse(Buffer.from(bytes).toString("utf8")) as [KeptQuery];
    return isQuery(kept) ? kept : undefined;
  } catch {
    return undefined;
  }
}

function isQuery({ texts, ...lists }: KeptQuery): boolean {
  const { methods, fields, overrides, names, classes, callClasses, apart } = lists;
  return (
    texts.every(([text, uses]) => typeof text === "string" && typeof uses === "number") &&
    [methods, fields, overrides, names, classes, callClasses, apart].every((list) =>
      list.every((one) => typeof one === "string"),
    )
  );
}

function describeQuery(query: ReferenceQuery, apart: ReadonlySet<string>): KeptQuery {
  const texts: [string, number][] = [];
  for (let id = 1; id <= query.texts.size; id++) {
    const uses = query.usesOf(id);
    if (uses !== 0) texts.push([query.texts.text(id), uses]);
  }
  const describe = (members: ReadonlyMap<number, readonly AskedMember[]>, separator: string) =>
    [...members]
      .flatMap(([name, list]) =>
        list.map(({ classDescriptor, descriptor, target }) => {
          const rest = descriptor === undefined ? "" : `${separator}${descriptor}`;
          const call = query.calls.get(target);
          const notes =
            (query.withArgument.has(target) ? WITH_ARGUMENT : "") + (call === undefined ? "" : CALL[call]);
          return `${classDescriptor}->${query.texts.text(name)}${rest}${notes}`;
        }),
      )
      .sort();
  return {
    texts: texts.sort(([a], [b]) => (a < b ? -1 : 1)),
    methods: describe(query.methods, ""),
    fields: describe(query.fields, ":"),
    overrides: describe(query.overrides, ""),
    names: [...query.calledNames].map((name) => query.texts.text(name)).sort(),
    classes: [...query.classes].sort(),
    callClasses: [...query.callClasses].sort(),
    apart: [...apart].sort(),
  };
}

function findAdditions(before: KeptQuery, after: KeptQuery): Additions {
  const nameOf = (method: string) => splitMember(method).name;
  const namesOf = ({ methods, names }: KeptQuery) => [...methods.map(nameOf), ...names];
  const methodNames = added(namesOf(before), namesOf(after)).map(fingerprintOf);
  const usesBefore = new Map(before.texts);
  const texts = after.texts
    .filter(([text, uses]) => (uses & ~(usesBefore.get(text) ?? 0)) !== 0)
    .map(([text]) => addition([text], true));
  const methods = added(before.methods, after.methods).map((method) => additionOfMethod(method, false));
  const overrides = added(before.overrides, after.overrides).map((method) => additionOfMethod(method, true));
  const fields = added(before.fields, after.fields).map((field) => {
    const { owner, name, types } = splitMember(field);
    return addition([owner, name, ...types]);
  });
  const names = added(before.names, after.names).map((name) => addition([name]));
  const classes = [
    ...added(before.classes, after.classes),
    ...added(before.callClasses, after.callClasses),
    ...added(before.apart, after.apart),
  ];
  const list = [
    ...texts,
    ...methods,
    ...overrides,
    ...names,
    ...fields,
    ...classes.map((name) => addition([name])),
  ];
  return { list, methodNames };
}

function added(before: readonly string[], after: readonly string[]): string[] {
  const known = new Set(before);
  return after.filter((one) => !known.has(one));
}

/**
 * A method may be named on a class that inherits it, which may be another DEX file's: its own class, or one of the
 * platform's below it, is then named somewhere in the app. Of one that counts with an argument, or by what is passed, this is
 * not asked, since a call that may be of it is looked at closer whatever its class is.
 */
function additionOfMethod(method: string, isOverride: boolean): Addition {
  const { owner, name, types, isLookedAt } = splitMember(method);
  const inApp = [owner, ...classesBelow(owner)];
  return addition([name, ...types], false, isLookedAt && !isOverride ? undefined : inApp);
}

function addition(names: readonly string[], isConstant = false, inApp?: readonly string[]): Addition {
  return { names: names.map(fingerprintOf), isConstant, inApp: inApp?.map(fingerprintOf) };
}

function splitMember(member: string) {
  const [, reference = "", notes = ""] = /^(.*?)((?: \?)?(?: c[nf]?)?)$/.exec(member) ?? [];
  const arrow = reference.indexOf("->");
  const [name = "", rest = ""] = reference.slice(arrow + 2).split(/(?=[(:])/);
  // Arrays are types of their own; the classes that they are of need not be.
  const types = rest.match(/\[*(?:L[^;]+;|[ZBSCIJFD])/g) ?? [];
  return { owner: reference.slice(0, arrow), name, types, isLookedAt: notes !== "" && notes !== CALL.none };
}

/** The platform's classes that inherit from one. */
function classesBelow(descriptor: string): string[] {
  return [...platformSuperclasses.keys()].filter((name) => {
    let above = platformSuperclasses.get(name);
    while (above !== undefined && above !== descriptor) above = platformSuperclasses.get(above);
    return above === descriptor;
  });
}
