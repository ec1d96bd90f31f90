import type { Audited } from "./process-messages.js";

/** Why apps failed. */
export type FailureReason = NonNullable<Audited["reason"]>;

/** How many apps of a run fared how. */
export interface Tally {
  readonly audited: number;
  /** Of those that were audited: from facts alone, their files were not read. */
  readonly fromFacts: number;
  /** Audited, but parts of them could not be read. */
  readonly incomplete: number;
  readonly failed: Readonly<Partial<Record<FailureReason, number>>>;
  /** Audited by the evaluation before, and judged alike by this one: their rows were carried over. */
  readonly carried: number;
  /** Audited before, by this evaluation: the store has them. */
  readonly skipped: number;
  /** Of those that were skipped. */
  readonly skippedFailed: number;
  readonly skippedIncomplete: number;
  /** Files of the same content as one before them. */
  readonly duplicates: number;
}

/** What an app counts as; a failure by its reason. */
export type Counted = "audited" | "from facts" | "incomplete" | FailureReason;

/** What an app counts as that became this. */
export function countAs({ status, reason, isFromFacts }: Audited): Counted {
  if (status === "failed") return reason!;
  return status === "audited" && isFromFacts ? "from facts" : status;
}

/** A {@link Tally} in the making. */
export class Counts implements Tally {
  audited = 0;
  fromFacts = 0;
  incomplete = 0;
  carried = 0;
  skipped = 0;
  skippedFailed = 0;
  skippedIncomplete = 0;
  duplicates = 0;
  readonly failed: Partial<Record<FailureReason, number>> = {};

  add(counted: Counted, by: 1 | -1 = 1): void {
    if (counted === "from facts") {
      this.audited += by;
      this.fromFacts += by;
    } else if (counted === "audited" || counted === "incomplete") this[counted] += by;
    else this.failed[counted] = (this.failed[counted] ?? 0) + by;
  }

  skip(status: "audited" | "incomplete" | "failed"): void {
    this.skipped++;
    if (status === "failed") this.skippedFailed++;
    if (status === "incomplete") this.skippedIncomplete++;
  }
}

/** Apps that failed, for whatever reason. */
export function sumFailed({ failed }: Tally): number {
  return Object.values(failed).reduce((sum, count) => sum + count, 0);
}
