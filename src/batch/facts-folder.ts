import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isSystemError } from "../diagnostics/index.js";
import type { FactStore } from "../facts/index.js";

/** Facts in a folder that processes share: each a file below the first two digits of its key. */
export class FactsFolder implements FactStore {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  read(key: string): Uint8Array | undefined {
    try {
      return readFileSync(this.#pathOf(key));
    } catch (error) {
      if (isSystemError(error)) return undefined;
      throw error;
    }
  }

  /** In its place as a whole. What the system refuses is not kept: facts are a shortcut, and the store tells of a full disk. */
  write(key: string, bytes: Uint8Array): void {
    const path = this.#pathOf(key);
    try {
      mkdirSync(join(path, ".."), { recursive: true });
      // Processes of several machines and containers may write here: the system gives no two the same folder.
      const unfinished = mkdtempSync(`${path}.`);
      try {
        writeFileSync(join(unfinished, key), bytes);
        renameSync(join(unfinished, key), path);
      } finally {
        rmSync(unfinished, { recursive: true, force: true });
      }
    } catch (error) {
      if (!isSystemError(error)) throw error;
    }
  }

  #pathOf(key: string): string {
    return join(this.#folder, key.slice(0, 2), key);
  }
}
