/** Every bound on what a hostile file can make us do. Each shows as a `limit` diagnostic when hit. */
export interface Limits {
  /** Entries of one archive's central directory. */
  readonly archiveEntries: number;
  /** Declared uncompressed bytes of one entry. */
  readonly entryBytes: number;
  /** Declared uncompressed bytes of all entries that are read in one audit. */
  readonly totalBytes: number;
  /** DEX files of one app, containers counted by their members. */
  readonly dexFiles: number;
  /** Depth of elements in an XML document. */
  readonly xmlDepth: number;
  /** Elements of one XML document. */
  readonly xmlElements: number;
  /** Strings of one string pool. */
  readonly stringPoolStrings: number;
  /** References followed to resolve one resource. */
  readonly resourceReferences: number;
  /** Characters of one string that reaches a report. */
  readonly textLength: number;
  /** Evidence kept for one access, match or finding; the number seen is always exact. */
  readonly evidencePerItem: number;
  /** Superclasses and interfaces followed from one class. */
  readonly ancestors: number;
  /** Steps of building one app's call graph: instructions read, classes and calls that are held against each other. */
  readonly callGraphSteps: number;
  /** Methods shown of one chain of calls: of a longer one the middle is left out. */
  readonly chainMethods: number;
  /** Instructions that the analysis of flows goes through in one app, each as often as it does. */
  readonly flowSteps: number;
  /** Abstract steps of the constant search in one method. */
  readonly constantSearchSteps: number;
  /** Diagnostics of one audit. */
  readonly diagnostics: number;
}

/** Far above any real app seen, far below what would trouble a small machine. */
export const defaultLimits: Limits = {
  archiveEntries: 500_000,
  entryBytes: 1 << 30,
  totalBytes: 4 * 2 ** 30,
  dexFiles: 1_000,
  xmlDepth: 256,
  xmlElements: 500_000,
  stringPoolStrings: 2_000_000,
  resourceReferences: 20,
  textLength: 1_000,
  evidencePerItem: 20,
  ancestors: 500,
  callGraphSteps: 100_000_000,
  chainMethods: 50,
  flowSteps: 3_000_000,
  constantSearchSteps: 100_000,
  diagnostics: 1_000,
};
