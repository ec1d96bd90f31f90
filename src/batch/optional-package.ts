import { createRequire } from "node:module";
import { UsageError } from "../diagnostics/index.js";

const requirePackage = createRequire(import.meta.url);

/**
 * A package written as CommonJS that is installed only by those who use what needs it. It is asked for by `require`: to import it
 * takes twice as long, as it is read once more for the names that it exports.
 *
 * @param flag what needs it, and `need` what it is
 * @throws UsageError where it is not installed, with `fix`
 */
export function loadOptionalPackage<Package>(name: string, flag: string, need: string, fix: string): Package {
  try {
    return requirePackage(name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw error;
    throw new UsageError(flag, need, fix, { cause: error });
  }
}
