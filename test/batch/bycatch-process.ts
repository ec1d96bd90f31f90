import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { expect } from "vitest";
import { executable } from "../cli/run-bycatch.js";

/** A run of the command line that goes on while the test does something else. */
export class BycatchProcess {
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | null>;
  #output = "";

  constructor(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    this.#child = spawn(process.execPath, [executable, ...args], {
      env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [this.#child.stdout!, this.#child.stderr!]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        this.#output += text;
      });
    }
    this.#ended = once(this.#child, "close").then(([code]) => code as number | null);
  }

  /** What it wrote so far, on both streams. */
  get output(): string {
    return this.#output;
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** Its exit code, when it has ended; `null` where a signal ended it. */
  get ended(): Promise<number | null> {
    return this.#ended;
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Until its output matches. */
  async writes(pattern: RegExp): Promise<void> {
    await until(() => pattern.test(this.#output) || !this.isRunning);
    expect(this.#output).toMatch(pattern);
  }
}

/** Runs the command line to its end. */
export async function runBycatch(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<{ readonly code: number | null; readonly output: string }> {
  const child = new BycatchProcess(args, env);
  const code = await child.ended;
  return { code, output: child.output };
}

/** Waits for something that another process does; the test's own time limit ends it. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await pause(20);
}
