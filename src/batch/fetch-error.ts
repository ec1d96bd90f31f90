/** Why an app's file could not be had. A closed union: wording may change, codes may not. */
export type FetchErrorCode =
  /** There is no such file. */
  | "not-found"
  /** Whoever has the file does not give it to us. */
  | "refused"
  /** It is no file that may be read, or a place that is out of bounds. */
  | "not-allowed"
  /** It has more bytes than an app may. */
  | "too-large"
  /** It ended before its time, or its length is not what was said. */
  | "truncated"
  /** It took too long. */
  | "timeout"
  /** The connection could not be made, or was lost. */
  | "unreachable"
  /** The server has trouble, or too much to do. */
  | "server"
  /** The answer is none that can be understood. */
  | "bad-answer"
  /** This machine has less room than the file takes; another may have more. */
  | "no-room"
  /** This machine is full: not the file's fault. */
  | "no-space"
  /** This machine has nothing that fetches files from such places: not the file's fault. */
  | "no-client";

/** What another attempt cannot change. */
const LASTING: ReadonlySet<FetchErrorCode> = new Set(["not-found", "refused", "not-allowed", "too-large"]);

/** What concerns all files, on this machine. */
const OF_MACHINE: ReadonlySet<FetchErrorCode> = new Set(["no-space", "no-client"]);

/** An app's file could not be had. The message names it without credentials. */
export class FetchError extends Error {
  override readonly name = "FetchError";
  readonly code: FetchErrorCode;

  /**
   * @param shown the place, as `showLocation` shows it
   */
  constructor(code: FetchErrorCode, shown: string, problem: string, options?: ErrorOptions) {
    super(`${shown}: ${problem}`, options);
    this.code = code;
  }

  /** Whether another attempt would end the same. */
  get isLasting(): boolean {
    return LASTING.has(this.code);
  }

  /** Whether it is this machine's fault, and any other app's file would fare alike. */
  get isOfMachine(): boolean {
    return OF_MACHINE.has(this.code);
  }
}
