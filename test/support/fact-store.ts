import type { FactStore } from "../../src/facts/index.js";

/** Facts in memory. */
export class MemoryFactStore implements FactStore {
  readonly kept: Map<string, Uint8Array>;

  /** @param kept what it begins with */
  constructor(kept: Iterable<readonly [string, Uint8Array]> = []) {
    this.kept = new Map(kept);
  }

  read(key: string): Uint8Array | undefined {
    return this.kept.get(key);
  }

  write(key: string, bytes: Uint8Array): void {
    this.kept.set(key, bytes);
  }
}
