import { createHash } from "node:crypto";
import type { Limits } from "../diagnostics/index.js";

/** Digest of the code that decides what facts hold; the build puts it in. */
declare const BYCATCH_FACTS_DIGEST: string;

/** Facts by key. One that is missing, or cannot be read, is `undefined`. */
export interface FactStore {
  /** @param key lower-case hexadecimal */
  read(key: string): Uint8Array | undefined;
  write(key: string, bytes: Uint8Array): void;
}

/** What facts are of; `query` is what those of DEX files were asked for. */
export type FactsKind = "app" | "dex" | "query";

/** The key of the facts of a file, by its SHA-256 in hexadecimal, as this build reads it under these limits. */
export function keyOfFacts(kind: FactsKind, sha256: string, limits: Limits): string {
  const ofLimits = Object.entries(limits)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`);
  const text = ["bycatch facts", BYCATCH_FACTS_DIGEST, kind, sha256, ...ofLimits].join("\n");
  return createHash("sha256").update(text).digest("hex");
}
