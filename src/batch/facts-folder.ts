import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isSystemError } from "../diagnostics/index.js";
import type { FactStore } from "../facts/index.js";

/** Facts in a folder that processes share: each a file below the first two digits of its key. */
export class FactsFolder implements FactStore {
  readonly #folder: string;
  readonly #writer: string;

  /** @param writer no other process that writes into the folder has it */
  constructor(folder: string, writer: string) {
    this.#folder = folder;
    this.#writer = writer;
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
    const unfinished = `${path}.${this.#writer}.tmp`;
    try {
      mkdirSync(join(path, ".."), { recursive: true });
      try {
        writeFileSync(unfinished, bytes);
        renameSync(unfinished, path);
      } catch (error) {
        rmSync(unfinished, { force: true });
        throw error;
      }
    } catch (error) {
      if (!isSystemError(error)) throw error;
    }
  }

  #pathOf(key: string): string {
    return join(this.#folder, key.slice(0, 2), key);
  }
}
