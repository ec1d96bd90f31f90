import { readFileSync, statSync } from "node:fs";
import { UsageError } from "../diagnostics/index.js";

const MEGABYTE = 1024 * 1024;

/**
 * A text file of the user's: a policy, a lockfile or a form.
 *
 * @param mostMegabytes that are read of it
 * @throws UsageError where it cannot be read, or is larger than such a file is
 */
export function readUserFile(path: string, mostMegabytes = 16): string {
  try {
    if (statSync(path).size > mostMegabytes * MEGABYTE)
      throw new UsageError(path, `is larger than ${mostMegabytes} MB, which no such file is`);
    return readFileSync(path, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : undefined;
    if (code === undefined || error instanceof UsageError) throw error;
    const problem = code === "ENOENT" ? "there is no such file" : `cannot be read (${code})`;
    throw new UsageError(path, problem, "", { cause: error });
  }
}
