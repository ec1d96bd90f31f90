import { createHash } from "node:crypto";
import type { Limits } from "../diagnostics/index.js";

/** Facts by key. One that is missing, or cannot be read, is `undefined`. */
export interface FactStore {
  /** @param key lower-case hexadecimal */
  read(key: string): Uint8Array | undefined;
  write(key: string, bytes: Uint8Array): void;
}

/** What facts are of; `query` is what those of DEX files were asked for. */
export type FactsKind = "app" | "dex" | "query";

/**
 * Counts what facts hold and how it is laid out, and what the stages before them make of a file: with another number
 * all are taken anew. A test notices when the bytes of facts change.
 */
const FACTS_VERSION = 1;

/** The key of the facts of a file, by its SHA-256 in hexadecimal, as it is read under these limits. */
export function keyOfFacts(kind: FactsKind, sha256: string, limits: Limits): string {
  const ofLimits = Object.entries(limits)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`);
  const text = ["bycatch facts", FACTS_VERSION, kind, sha256, ...ofLimits].join("\n");
  return createHash("sha256").update(text).digest("hex");
}
