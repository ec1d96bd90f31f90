import { isSystemError, UsageError } from "../diagnostics/index.js";

/**
 * What a place that a flag names refuses, as the user's to mend.
 *
 * @param place without credentials
 */
export async function namingFlag<T>(flag: string, place: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Error && error.name === "FetchError") {
      throw new UsageError(flag, error.message, "", { cause: error });
    }
    if (!isSystemError(error)) throw error;
    throw new UsageError(flag, `${place} cannot be used (${error.code})`, "", { cause: error });
  }
}
