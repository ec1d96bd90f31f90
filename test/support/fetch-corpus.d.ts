/** A real app or library that an npm package carries. */
export interface CorpusEntry {
  /** `tool`: no input, but a program that makes one. */
  readonly kind: "apk" | "aar" | "jar" | "tool";
  /** `name@version`. */
  readonly package: string;
  /** Inside the package. */
  readonly path: string;
  /** In bytes. */
  readonly size: number;
  readonly sha256: string;
  /** A file name that no other entry has. */
  readonly id: string;
}

/** Every file of the corpus, in the order of corpus.json. */
export const corpus: readonly CorpusEntry[];

/** Path of a file of the corpus, whose SHA-256 was checked; `undefined` where it has not been fetched. */
export function findCorpusFile(entry: CorpusEntry): string | undefined;

/** Downloads what is missing of some kinds, or of what is wanted; gives the packages that could not be had, with the reason. */
export function fetchCorpus(
  wanted?: readonly CorpusEntry["kind"][] | ((entry: CorpusEntry) => boolean),
  log?: (line: string) => void,
): Promise<{ package: string; reason: string }[]>;
