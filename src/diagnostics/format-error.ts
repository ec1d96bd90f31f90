/** What can be wrong with a file's bytes. A closed union: wording may change, codes may not. */
export type FormatErrorCode =
  /** A structure needs bytes beyond the end of the file or of its section. */
  | "truncated"
  /** The bytes that identify the format are not there. */
  | "bad-magic"
  /** A field holds a value that its format does not allow. */
  | "bad-value"
  /** An offset, size or index points outside what it must point into. */
  | "bad-offset"
  /** Text is not valid in the encoding its format prescribes. */
  | "bad-text"
  /** Well formed, but a variant that is not read (encryption, a compression method, a version). */
  | "unsupported"
  /** Compressed data does not inflate to what its entry declares. */
  | "bad-compression"
  /** A named field of `Limits` was reached. */
  | "limit";

/**
 * The file's fault: it breaks its format, or a limit that guards against it.
 *
 * Caught at the boundary of the part it spoils (one entry, one DEX file, one class) and turned into
 * a {@link Diagnostic}. The message puts the place first, then the structure in the specification's
 * words, then found against expected: `classes2.dex@0x6 class_def_item: needs 4 bytes, but the file
 * ends at 0x8`.
 */
export class FormatError extends Error {
  override readonly name = "FormatError";
  readonly code: FormatErrorCode;
  /** Name of the file or archive entry. */
  readonly source: string;
  /** Byte offset in {@link source}; `undefined` where no single byte is to blame. */
  readonly offset: number | undefined;
  /** The structure being read, in its specification's words. */
  readonly structure: string;

  constructor(
    code: FormatErrorCode,
    place: { source: string; offset?: number | undefined; structure: string },
    problem: string,
    options?: ErrorOptions,
  ) {
    const at = place.offset === undefined ? "" : `@0x${place.offset.toString(16)}`;
    super(`${place.source}${at} ${place.structure}: ${problem}`, options);
    this.code = code;
    this.source = place.source;
    this.offset = place.offset;
    this.structure = place.structure;
  }
}
