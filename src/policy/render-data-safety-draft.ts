/** A draft of the Data safety form as Play Console's CSV. Only who asks for one waits for what writes CSV. */
import { stringify } from "csv-stringify/sync";
import { FORM_COLUMNS } from "./data-safety-template.js";
import type { DraftRow } from "./draft-data-safety.js";

/** What a terminal obeys, or nobody sees. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]+/gu;

/**
 * The CSV of a draft: the template's five columns. What the draft rests on stands before the label, in brackets: the
 * one column that is for people, and the one that no answer is read from. A cell that a spreadsheet would take for a
 * formula begins with an apostrophe, which is not part of the answer.
 */
export function renderDraft(rows: readonly DraftRow[]): string {
  return stringify(
    [
      FORM_COLUMNS,
      ...rows.map((row) => [
        row.questionId,
        row.responseId,
        // An answer may have several lines.
        row.value.replace(/[^\P{Cc}\n\t]+/gu, ""),
        row.requirement,
        labelOf(row).replace(UNSEEN, " "),
      ]),
    ],
    { escape_formulas: true },
  );
}

/** The mark and the label, as they stand in the label's column. */
function labelOf({ basis, remarks, label }: DraftRow): string {
  // What ends the mark must not stand in it.
  const why = remarks.join("; ").replaceAll("[", "(").replaceAll("]", ")");
  const joint = basis === "as-declared" ? "; " : ": ";
  return `[${basis}${why === "" ? "" : joint + why}] ${label}`;
}
