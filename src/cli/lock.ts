import { existsSync } from "node:fs";
import { parseLockfile, readUserFile } from "../policy/index.js";
import { DEFAULT_LOCKFILE, updateLockfile } from "./check.js";
import { tellFailure } from "./console.js";
import type { Ending } from "./exit-codes.js";
import { loadRules } from "./load-rules.js";
import { protectInputs } from "./outputs.js";
import { type AppOptions, readApp } from "./read-app.js";

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
  const before = existsSync(path) ? parseLockfile(readUserFile(path), path) : undefined;
  const result = await readApp(input, await loadRules(options.rules ?? [], shippedRules), options);
  if ("ending" in result) {
    tellFailure(result);
    return result.ending;
  }
  return updateLockfile(path, result, options.allowIncomplete ?? false, before) ? "done" : "incomplete";
}
