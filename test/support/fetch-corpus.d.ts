/** A real app or library that an npm package carries. */
export interface CorpusEntry {
  readonly kind: "apk" | "aar" | "jar";
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

/** Downloads what is missing; gives the packages that could not be had, with the reason. */
export function fetchCorpus(
  kinds?: readonly CorpusEntry["kind"][],
  log?: (line: string) => void,
): Promise<{ package: string; reason: string }[]>;
