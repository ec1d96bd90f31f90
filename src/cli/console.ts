import { printable } from "../report/printable-text.js";
import type { Failure } from "./describe-failure.js";

/** Lines of one message; a stack has fewer. */
const MOST_LINES = 100;

/**
 * Tells the user something on standard error; each line is escaped, as it may hold a file's text. Where lines
 * end is for us to say: whoever puts a file's text into a message makes one line of it.
 */
export function tell(message: string): void {
  const lines = message
    .split("\n")
    .slice(0, MOST_LINES)
    .map((line) => printable(line, 2_000));
  process.stderr.write(`bycatch: ${lines.join("\n")}\n`);
}

/** Tells what a reader of a file noted, which may quote it: one line. */
export function tellNoted(path: string, { message }: { readonly message: string }): void {
  tell(`${path}: ${printable(message, 2_000)}`);
}

/** A sentence with ids that may be meant: one line, whatever the file says that they are from. */
export function askWhetherMeant(ids: readonly string[]): string {
  return `Did you mean ${ids.map((id) => printable(id, 200)).join(", ")}?`;
}

/** Tells of a failure. */
export function tellFailure({ text }: Failure): void {
  tell(text);
}

/**
 * Writes to standard output. A reader that has gone away (`| head`) is no error: what is left is dropped.
 *
 * @throws Node's own error where the system refuses (a full disk)
 */
export function writeStdout(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => {
      if (error == null || isGone(error)) resolve();
      else reject(error);
    });
  });
}

/** Keeps a closed pipe from ending the process in an uncaught error; the writer gets the error anyway. */
export function toleratePipes(): void {
  process.stdout.on("error", () => {});
  process.stderr.on("error", () => {});
}

function isGone(error: Error): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === "EPIPE" || code === "ERR_STREAM_DESTROYED" || code === "ECONNRESET";
}

/** When reports are coloured. */
export type ColorChoice = "auto" | "always" | "never";

/** Whether to colour what goes to standard output. The flag beats NO_COLOR, which beats FORCE_COLOR. */
export function wantsColor(choice: ColorChoice): boolean {
  if (choice !== "auto") return choice === "always";
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  if (NO_COLOR) return false;
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== "0" && FORCE_COLOR !== "false";
  return process.stdout.isTTY === true && TERM !== "dumb";
}

/** Columns of a page where nothing says how many there are. */
const DEFAULT_WIDTH = 80;
/** Longer lines are hard to follow. */
const MOST_WIDTH = 160;

/** Columns of standard output. */
export function findWidth(): number {
  const columns = process.stdout.isTTY ? process.stdout.columns : 0;
  return columns > 0 ? Math.min(columns, MOST_WIDTH) : DEFAULT_WIDTH;
}
