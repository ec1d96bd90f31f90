/**
 * Sections of a DEX file's facts. An index, unless said otherwise, is one of the facts' own: strings, types, methods,
 * fields, prototypes and units are numbered as they are met, classes before other types, so that a class's
 * class_defs index is its type's. Texts are in MUTF-8.
 */
export const SECTION = {
  /** Words: see {@link COUNT}. */
  counts: 0,
  /** Digest of the query that they are complete for. */
  query: 1,
  /** Words: where each string begins in the next section, and where the last one ends. */
  stringOffsets: 2,
  stringBytes: 3,
  /** A byte a string: see {@link STRING_FLAG}. */
  stringFlags: 4,
  /** Words: string by package of types. */
  packageNames: 5,
  /** Halves: package by type; words: string of the rest of its descriptor. */
  typePackages: 6,
  typeNames: 7,
  /** Halves: unit by class. */
  classUnits: 8,
  /** Halves: 1 + type of its superclass by class, 0 where there is none. */
  superclasses: 9,
  /** Halves: class and type of each interface that a class names, in the order of classes. */
  interfaceClasses: 10,
  interfaceTypes: 11,
  /** The name of a unit, as that of a type. */
  unitPackages: 12,
  unitNames: 13,
  /** Words: see {@link UNIT}. Units that have no class here are only referred to. */
  units: 14,
  /** Halves: pairs of units, the first of which refers to the second. */
  edges: 15,
  /** As in a DEX file: class, prototype and name of a method; class, type and name of a field. */
  methodIds: 16,
  fieldIds: 17,
  /** Words: string of a prototype's descriptor. */
  protos: 18,
  /** Numbers: methods with what stands in their code, see `make-dex-facts.ts`. */
  sites: 19,
  /** Numbers: what methods do with constants, and what is passed to calls. */
  constants: 20,
  /** Halves: class, and words: method, of definitions that may answer a call asked for. */
  definingClasses: 21,
  definedMethods: 22,
  /** Halves: types of which anything is asked for; those that classes extend, the platform's with them; those they implement. */
  askedTypes: 23,
  extendedTypes: 24,
  implementedTypes: 25,
  /** Numbers: class, kind, name and value of String constants that may be versions. */
  versions: 26,
  /** Numbers: a beginning of strings that is asked for, how many begin so, and which. */
  beginnings: 27,
  /** Halves: 1 + class by hash of its descriptor, 0 where there is none; a power of two, probed upwards. */
  classTable: 28,
  /** Words: see `fingerprints.ts`. */
  fingerprints: 29,
} as const;

export const SECTIONS = Object.keys(SECTION).length;

/** Places in {@link SECTION.counts}. */
export const COUNT = {
  classDefs: 0,
  /** With code. */
  methods: 1,
  instructions: 2,
  /** Methods and strings that a query may ask for: those before all others. Of fields there are no others. */
  askedMethods: 3,
  askedStrings: 4,
  /** Characters of the descriptors of the methods that classes define: those whose names are asked for, and all. */
  overloadText: 5,
  definedText: 6,
} as const;

export const COUNTS = Object.keys(COUNT).length;

export const STRING_FLAG = { notAscii: 1, url: 2 } as const;

/** Words of a unit. */
export const UNIT = { classes: 0, generated: 1, codeUnits: 2, firstClass: 3, firstOwn: 4 } as const;

export const UNIT_WORDS = Object.keys(UNIT).length;

/** Stands for no class. */
export const NO_CLASS = 0xffff_ffff;

/** What stands in a method's code. */
export const SITE = { call: 0, field: 1, string: 2, class: 3, cast: 4, override: 5, native: 6 } as const;

/** Bits that a site's kind takes. */
export const SITE_KIND_BITS = 3;

/** What a constant is. */
export const CONSTANT = { string: 0, classObject: 1, instanceOf: 2, number: 3 } as const;

export const CONSTANT_KIND_BITS = 2;

/** What a String constant that may be a version stands in. */
export const VERSION = { field: 0, method: 1 } as const;

/** Classes, types, methods' prototypes and units are counted in 16 bits; a file with more has no facts. */
export const MOST = 0xfff0;

/**
 * Bytes that the facts of a DEX file of so many may take, all of them or its texts alone. Those of real files take a
 * twelfth, of tiny ones a kilobyte more; a hostile one has methods that share a long descriptor, or code.
 */
export function mostBytes(dexLength: number): number {
  return 2 * dexLength + 2 ** 16;
}
