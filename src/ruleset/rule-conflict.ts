import { UsageError } from "../diagnostics/index.js";

/** Rule files that do not go together. Either may be the one to mend. */
export class RuleConflict extends UsageError {
  /** The places in the other files that have a part in it, as `where` is written. */
  readonly otherPlaces: readonly string[];

  constructor(where: string, otherPlaces: readonly string[], problem: string, fix: string) {
    super(where, problem, fix);
    this.otherPlaces = otherPlaces;
  }
}
