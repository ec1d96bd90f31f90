import type { FactStore } from "../../src/facts/index.js";

/** Facts in memory. */
export class MemoryFactStore implements FactStore {
  readonly kept = new Map<string, Uint8Array>();

  read(key: string): Uint8Array | undefined {
    return this.kept.get(key);
  }

  write(key: string, bytes: Uint8Array): void {
    this.kept.set(key, bytes);
  }
}
