import { closeSync, openSync, realpathSync, renameSync, rmSync, statSync, writeSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { isSystemError, UsageError } from "../diagnostics/index.js";

/**
 * A report being written to disk. A regular file appears under its name when it is whole, and not
 * before: a run that is broken off leaves the old one. A device or pipe is written straight.
 *
 * Each method throws a UsageError where the system refuses.
 */
export class ReportFile {
  readonly #path: string;
  readonly #target: string;
  /** Where the report grows; the target itself where that is no regular file. */
  readonly #partial: string;
  #fd: number | undefined;
  #isFinished = false;

  constructor(path: string) {
    this.#path = path;
    const old = this.#guard(() => statSync(path, { throwIfNoEntry: false }));
    const isPlain = old === undefined || old.isFile();
    // Through a link its target is replaced, not the link.
    this.#target = old?.isFile() ? this.#guard(() => realpathSync(path)) : path;
    this.#partial = isPlain
      ? join(dirname(this.#target), `.${basename(this.#target)}.${process.pid}.partial`)
      : this.#target;
    this.#fd = this.#guard(() => openSync(this.#partial, isPlain ? "wx" : "w", old?.mode ?? 0o666));
  }

  write(text: string): void {
    const bytes = Buffer.from(text);
    this.#guard(() => {
      for (let done = 0; done < bytes.length; ) done += writeSync(this.#fd!, bytes, done);
    });
  }

  /** Puts the report in its place. */
  finish(): void {
    this.#guard(() => {
      this.#close();
      if (this.#partial !== this.#target) renameSync(this.#partial, this.#target);
      this.#isFinished = true;
    });
  }

  /** Leaves nothing behind. Harmless once the report is in its place. */
  discard(): void {
    this.#close();
    if (!this.#isFinished && this.#partial !== this.#target) rmSync(this.#partial, { force: true });
    this.#isFinished = true;
  }

  #close(): void {
    const fd = this.#fd;
    this.#fd = undefined;
    if (fd !== undefined) closeSync(fd);
  }

  #guard<T>(act: () => T): T {
    try {
      return act();
    } catch (error) {
      if (!isSystemError(error)) throw error;
      this.discard();
      throw new UsageError("--output", `${this.#path} cannot be written (${error.code})`, "", {
        cause: error,
      });
    }
  }
}
