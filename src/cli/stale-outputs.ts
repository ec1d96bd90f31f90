import { realpathSync, rmSync, statSync } from "node:fs";
import { isSystemError } from "../diagnostics/index.js";
import { tell } from "./console.js";
import { isInput, type Output } from "./outputs.js";
import { readHead } from "./read-app.js";

/**
 * Removes what an earlier run wrote where this one was to write its verdict and has none: it may say that another build
 * passes. Each is told. Whatever may be an input stays, as does what is no regular file.
 */
export function removeStale(outputs: Iterable<Output<string>>, inputs: readonly string[]): void {
  for (const { path } of outputs) {
    if (path === undefined) continue;
    try {
      if (!statSync(path, { throwIfNoEntry: false })?.isFile()) continue;
      if (isInput(path, inputs) || mayBeInput(path)) continue;
      // Through a link its target is removed, as it is what was written.
      rmSync(realpathSync(path));
      tell(`${path} is removed: it was an earlier run's, and this one has no verdict`);
    } catch (error) {
      if (!isSystemError(error)) throw error;
      tell(`${path} is an earlier run's, and cannot be removed (${error.code}): this one has no verdict`);
    }
  }
}

/** Rules, and policies that the user's builds on, are known only once all of them could be read. */
function mayBeInput(path: string): boolean {
  return /\.ya?ml$/i.test(path) || (readHead(path) ?? "").includes("policy-version");
}
