import { isSystemError, UsageError } from "../diagnostics/index.js";
import { printable } from "../report/printable-text.js";
import { type Database, type DatabaseOptions, openDatabase } from "../store/index.js";
import { tell } from "./console.js";

/**
 * Opens the store that `--store` names.
 *
 * @param command whose option it is
 * @throws UsageError for a URL, what is no store, and what cannot be read
 */
export async function openStoreFolder(
  command: "query" | "report",
  store: string,
  options: DatabaseOptions,
): Promise<Database> {
  // It may have a password in it, and is not told.
  if (/^[a-z][a-z\d+.-]+:\/\//i.test(store))
    throw new UsageError(
      "--store",
      `is a URL, and bycatch ${command} reads folders`,
      "Copy the bucket first, or ask it by another engine: docs/store.md tells how.",
    );
  try {
    return await openDatabase(store, options);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    throw new UsageError("--store", `${store} cannot be read (${error.code})`, "", { cause: error });
  }
}

/** Where a store has several evaluations and none was named: which one it is. */
export function tellWhichEvaluation(
  { evaluation, evaluations }: Database,
  options: { readonly evaluation?: string },
): void {
  if (evaluation === undefined || evaluations.length < 2 || options.evaluation !== undefined) return;
  const { tool, rulesVersion } = evaluation.evaluation ?? {};
  const what =
    tool === undefined ? "" : ` (bycatch ${printable(tool, 40)}, rules ${printable(rulesVersion!, 40)})`;
  tell(`of ${evaluations.length} evaluations this is ${evaluation.id}${what}; --evaluation chooses another`);
}
