import { ellipsize } from "../report/display-width.js";
import { printable } from "../report/printable-text.js";

/** Work shorter than this shows no progress, in milliseconds. */
const PATIENCE = 300;

/** One line on standard error that says what is being read; nothing unless that is a terminal. */
export class Progress {
  readonly #isShown: boolean;
  readonly #start = performance.now();
  #isDrawn = false;

  constructor(isQuiet: boolean) {
    this.#isShown = !isQuiet && process.stderr.isTTY === true;
  }

  show(message: string): void {
    if (!this.#isShown || performance.now() - this.#start < PATIENCE) return;
    const line = ellipsize(printable(message), Math.max(10, (process.stderr.columns || 80) - 1));
    process.stderr.write(`\r\x1b[K${line}`);
    this.#isDrawn = true;
  }

  /** Removes the line, before anything else is written. */
  erase(): void {
    if (this.#isDrawn) process.stderr.write("\r\x1b[K");
    this.#isDrawn = false;
  }
}
