import { printable } from "../report/printable-text.js";
import { describeEvaluation } from "../store/index.js";

/** What apps are judged by, in a line: all that tells it from others, or in what it differs from another one. */
export function evaluationText(...of: Parameters<typeof describeEvaluation>): string {
  return describeEvaluation(...of)
    .map((words) => printable(words, 200))
    .join(", ");
}
