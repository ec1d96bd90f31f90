import type { DataSafetyComparison, DataSafetyItem, DocumentedUse } from "../policy/index.js";
import { count } from "./words.js";

/** How a comparison came out: `undefined` where there was no form. */
export function outcomeOfComparison({
  form,
  lists,
  unread,
  depth,
}: DataSafetyComparison): "fail" | "incomplete" | "pass" | undefined {
  if (form === undefined) return undefined;
  if (itemsOf({ lists }).some(({ severity }) => severity === "error")) return "fail";
  return unread.length > 0 || depth === "permitted" ? "incomplete" : "pass";
}

/** `2 answers are missing that vendors document, 6 questions`. */
export function summarizeComparison({ form, lists, undecided }: DataSafetyComparison): string {
  const items = itemsOf({ lists });
  const errors = items.filter(({ severity }) => severity === "error").length;
  const warnings = items.filter(({ severity }) => severity === "warning").length;
  const faults = form?.inconsistencies.length ?? 0;
  return [
    errors === 0
      ? "no answer is missing that a vendor documents"
      : `${count(errors, "answer")} ${errors === 1 ? "is" : "are"} missing that vendors document`,
    ...(warnings === 0 ? [] : [count(warnings, "question")]),
    ...(faults === 0 ? [] : [`${count(faults, "contradiction")} in the form`]),
    ...(undecided.length === 0 ? [] : [`${count(undecided.length, "data type")} not decided`]),
  ].join(", ");
}

/** `for analytics, personalization; shared`; empty where the page says no more than that it is collected. */
export function describeUse({ collected, shared, purposes = [] }: DocumentedUse): string {
  return [
    ...(collected ? [] : ["says that it does not collect it"]),
    ...(purposes.length === 0 ? [] : [`for ${purposes.join(", ")}`]),
    ...(shared === undefined ? [] : [shared ? "shared" : "not shared"]),
  ].join("; ");
}

/** `https://…, read on 2026-11-25`. */
export function describePage({ source, readOn }: DocumentedUse): string {
  return `${source}, read on ${readOn}`;
}

/** How a form is to be known: what it has, and what of it was not read. */
export function describeForm({
  rows,
  unknownRows,
  isOld,
}: NonNullable<DataSafetyComparison["form"]>): string {
  return [
    count(rows, "row"),
    ...(isOld ? ["of an older form"] : []),
    ...(unknownRows === 0 ? [] : [`${count(unknownRows, "row")} not known and not read`]),
  ].join(", ");
}

export function itemsOf({ lists }: Pick<DataSafetyComparison, "lists">): DataSafetyItem[] {
  return lists.flatMap(({ items }) => items);
}
