import { basename } from "node:path";
import { FormatError, isSystemError, UsageError } from "../diagnostics/index.js";
import { printable } from "../report/printable-text.js";
import type { Ending } from "./exit-codes.js";

declare const BYCATCH_VERSION: string;

/** A failure in words, and how the command ends by it. */
export interface Failure {
  readonly ending: Ending;
  /** One sentence, or a stack with a request to report it. What a file says in it is one line; else not escaped. */
  readonly text: string;
}

/** The system's refusals, in the user's words. */
const REFUSALS: Readonly<Record<string, { ending: Ending; problem: string }>> = {
  ENOENT: { ending: "usage", problem: "there is no such file" },
  ENOTDIR: { ending: "usage", problem: "there is no such file: a part of the path is no directory" },
  EISDIR: { ending: "incomplete", problem: "is a directory; name the APK files in it" },
  EACCES: { ending: "incomplete", problem: "cannot be read: permission denied" },
  EPERM: { ending: "incomplete", problem: "cannot be read: permission denied" },
  EMFILE: { ending: "incomplete", problem: "cannot be opened: too many files are open" },
};

/** Why an input could not be audited. What is neither its own nor the system's fault is ours. */
export function describeInputFailure(path: string, error: unknown): Failure {
  if (error instanceof FormatError) return { ending: "incomplete", text: nameByPath(error, path) };
  if (isSystemError(error)) {
    const refusal = REFUSALS[error.code] ?? {
      ending: "incomplete",
      problem: `cannot be read (${error.code})`,
    };
    return { ending: refusal.ending, text: `${path}: ${refusal.problem}` };
  }
  return describeFailure(error, path);
}

/** Why a command could not go on. */
export function describeFailure(error: unknown, concerning?: string): Failure {
  if (error instanceof UsageError) return { ending: "usage", text: error.message };
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const where = concerning === undefined ? "" : ` while reading ${concerning}`;
  return {
    ending: "bug",
    text: `this is a bug in bycatch${where}, not your mistake. Please report it with the lines below.\nbycatch ${BYCATCH_VERSION}, Node.js ${process.version}, ${process.platform}\n${stack}`,
  };
}

/** Messages name a file without its folders: of several inputs, that would not say which. */
function nameByPath({ message }: FormatError, path: string): string {
  const name = basename(path);
  const text = message.startsWith(name) ? path + message.slice(name.length) : `${path}: ${message}`;
  // It may quote the file, which has no say in where a line ends.
  return printable(text, 2_000);
}
