import { FormatError, type FormatErrorCode } from "./format-error.js";

/** What a diagnostic is about; {@link FormatErrorCode}, and what only a stage can know. */
export type DiagnosticCode =
  | FormatErrorCode
  /** The archive reads differently for Android's loader and for the ZIP specification. */
  | "archive-oddity"
  /** Two entries or classes of one name; the first one counts, as on a device. */
  | "duplicate"
  /** A part that was expected is not there. */
  | "missing-part"
  /** The mapping file that was given is probably that of another build. */
  | "other-mapping";

/**
 * Something that went wrong, or is odd, while reading an app.
 *
 * `unread`: content could not be read, so nothing is claimed absent for what it could hide, and the
 * audit is incomplete. `odd`: everything was read, but a reader of the report should know.
 */
export interface Diagnostic {
  readonly effect: "unread" | "odd";
  readonly code: DiagnosticCode;
  /** The archive entry or file concerned. */
  readonly part: string;
  /** Byte offset in {@link part}, where one byte is to blame. */
  readonly offset?: number;
  readonly message: string;
}

/** Where the stages report. One per audit, never shared. */
export type Diagnostics = Diagnostic[];

/** The diagnostic of a part that a {@link FormatError} spoilt. */
export function diagnoseUnread(error: FormatError): Diagnostic {
  return {
    effect: "unread",
    code: error.code,
    part: error.source,
    ...(error.offset === undefined ? {} : { offset: error.offset }),
    message: error.message,
  };
}

/** Runs `read`; `undefined` for a {@link FormatError}, where another stage reports what is spoilt, or it costs nothing. */
export function readOrUndefined<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return undefined;
  }
}

/**
 * Runs `read`; a {@link FormatError} becomes an `unread` diagnostic and `undefined`.
 * Anything else that is thrown is our fault and goes on up.
 */
export function readOrDiagnose<T>(diagnostics: Diagnostics, read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    diagnostics.push(diagnoseUnread(error));
    return undefined;
  }
}
