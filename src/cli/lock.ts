import { existsSync } from "node:fs";
import { UsageError } from "../diagnostics/index.js";
import { type Inventory, looksLikeLockfile, parseLockfile, readUserFile } from "../policy/index.js";
import { DEFAULT_LOCKFILE, updateLockfile } from "./check.js";
import { tell, tellFailure } from "./console.js";
import type { Ending } from "./exit-codes.js";
import { loadRules } from "./load-rules.js";
import { protectInputs } from "./outputs.js";
import { type AppOptions, depthAtLeast, readApp } from "./read-app.js";

/** `bycatch lock`'s options, as commander hands them over. */
export interface LockOptions extends AppOptions {
  readonly rules?: readonly string[];
  readonly output?: string;
  readonly allowIncomplete?: boolean;
}

/**
 * `bycatch lock`: writes what rides along in a build as what is agreed to.
 *
 * @throws UsageError before any work starts, or where the lockfile cannot be written
 */
export async function lock(input: string, options: LockOptions, shippedRules: URL): Promise<Ending> {
  const path = options.output ?? DEFAULT_LOCKFILE;
  protectInputs([{ format: "lockfile", path }], [input]);
  const before = existsSync(path) ? readBefore(path) : undefined;
  const rules = await loadRules(options.rules ?? [], shippedRules);
  const result = await readApp(input, rules, options, depthAtLeast(before?.depth));
  if ("ending" in result) {
    tellFailure(result);
    return result.ending;
  }
  return updateLockfile(path, result, options.allowIncomplete ?? false, before) ? "done" : "incomplete";
}

/**
 * What a lockfile said that is about to be written anew: nothing where it has a mistake, which is then gone.
 *
 * @throws UsageError for a file that is no lockfile, and must not be overwritten as if it were
 */
function readBefore(path: string): Inventory | undefined {
  const text = readUserFile(path);
  try {
    return parseLockfile(text, path);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    if (!looksLikeLockfile(text))
      throw new UsageError(path, "is no lockfile, and is not written over", "Remove it, or name another.", {
        cause: error,
      });
    tell(`${error.where}: ${error.problem}; what it allowed is not compared`);
    return undefined;
  }
}
