import type { DataType } from "../ruleset/index.js";
import { countsAsAccess, type DataSafetyComparison } from "./compare-data-safety.js";
import type { DataTypeFacts } from "./data-safety-facts.js";
import type { DataSafetyForm, FormRow } from "./data-safety-form.js";
import {
  COLLECTS,
  listTemplateRows,
  type Meaning,
  OLD_DELETION,
  rowKey,
  type TemplateRow,
} from "./data-safety-template.js";

/** What a cell of a draft rests on. */
export const draftBases = ["as-declared", "vendor-documented", "machine-observed", "ask-a-human"] as const;
export type DraftBasis = (typeof draftBases)[number];

/** A row of a draft: one of the template's, with an answer or without. */
export interface DraftRow extends Pick<TemplateRow, "questionId" | "responseId" | "requirement"> {
  /** Empty where a person has to answer. */
  readonly value: string;
  readonly basis: DraftBasis;
  /** What speaks for it, or against what was declared; each a phrase. */
  readonly remarks: readonly string[];
  /** The form's own label, or ours. */
  readonly label: string;
}

/** What a mark before a label looks like: `[ask-a-human] `, `[vendor-documented: …] `. */
const MARK = new RegExp(`^\\[(?:${draftBases.join("|")})(?:[:;][^\\]]*)?\\] `);

/** The mark of a row that a draft did not fill in. */
const UNANSWERED = /^\[(?:machine-observed|ask-a-human)[:;\]]/;

/** Names that a remark gives before it only counts. */
const MOST_NAMED = 3;

/**
 * Drafts the whole form. An answer is filled in only where a vendor documents it; an access fills in nothing, and is
 * told beside the question. What a given form answers stays, with what speaks against it.
 *
 * @param dataTypes in the form's order
 * @param form the one that `comparison` was made with; absent where there was none
 */
export function draftDataSafety(
  comparison: DataSafetyComparison,
  dataTypes: readonly DataType[],
  form?: DataSafetyForm,
): DraftRow[] {
  const facts = new Map(comparison.dataTypes.map((one) => [one.dataType, one]));
  const template = listTemplateRows(dataTypes);
  const choices = new Map(
    template.flatMap((row) =>
      row.meaning.of === "data-type" && row.meaning.answer === "chosen"
        ? [[row.meaning.dataType, rowKey(row)] as const]
        : [],
    ),
  );
  return template.map((row): DraftRow => {
    const { questionId, responseId, requirement, meaning } = row;
    const declared = findDeclared(row, form, choices);
    const basis = findBasis(row, comparison, meaning.of === "app" ? undefined : facts.get(meaning.dataType));
    const isAnswered = basis.basis === "vendor-documented";
    const base = { questionId, responseId, requirement, label: declared?.label || row.label };
    if (declared === undefined)
      return {
        ...base,
        value: isAnswered ? "true" : "",
        ...basis,
        remarks: [...basis.remarks, ...adviseOf(row, form)],
      };
    const isYes = declared.value.trim().toLowerCase() === "true";
    return {
      ...base,
      value: declared.value,
      basis: "as-declared",
      remarks:
        isYes || basis.basis === "ask-a-human" ? [] : [`but ${basis.basis}: ${basis.remarks.join("; ")}`],
    };
  });
}

/**
 * What the form answers to a row. One that says the app collects nothing has answered all that is asked of data
 * types, and one that has a data type's row all that is asked of its use, also where its file leaves those rows out.
 */
function findDeclared(
  { meaning, ...row }: TemplateRow,
  form: DataSafetyForm | undefined,
  choices: ReadonlyMap<string, string>,
): Pick<FormRow, "value" | "label"> | undefined {
  const own = form?.rows.get(rowKey(row));
  // A row that a draft left to a person is not answered by nothing: elsewhere an empty row says no.
  if (own !== undefined && own.value.trim() === "" && UNANSWERED.test(own.label)) return undefined;
  if (own !== undefined) return { value: own.value, label: own.label.replace(MARK, "") };
  if (form === undefined || meaning.of === "app") return undefined;
  const isAnswered = form.collects === false || form.rows.has(choices.get(meaning.dataType) ?? "");
  return isAnswered ? { value: "", label: "" } : undefined;
}

/** What an older form said in answer to a question that another has replaced. */
function adviseOf({ questionId }: TemplateRow, form: DataSafetyForm | undefined): string[] {
  const old = form?.rows.get(rowKey({ questionId: OLD_DELETION, responseId: "" }))?.value.trim();
  return questionId !== "PSL_SUPPORT_DATA_DELETION_BY_USER" || !old
    ? []
    : [
        `the form given answers ${old.toLowerCase() === "true" ? "true" : "false"} to ${OLD_DELETION}, which this replaces`,
      ];
}

/** What speaks for the answer yes. */
function findBasis(
  { questionId, meaning }: TemplateRow,
  { dataTypes }: DataSafetyComparison,
  facts: DataTypeFacts | undefined,
): Pick<DraftRow, "basis" | "remarks"> {
  const documenting = questionId === COLLECTS ? dataTypes.flatMap(listDocumenting) : [];
  const sources =
    facts === undefined ? documenting : listDocumenting(facts).filter((one) => isSaid(one, meaning));
  if (sources.length > 0)
    return { basis: "vendor-documented", remarks: nameSome(sources.map(({ remark }) => remark)) };
  // Of how and what for data is used, an access says nothing.
  const isOfData =
    meaning.of === "data-type" && (meaning.answer === "chosen" || meaning.answer === "collected");
  const accessing = isOfData ? listAccessing(facts) : [];
  if (accessing.length === 0) return { basis: "ask-a-human", remarks: [] };
  const remark = `code of ${nameSome(accessing).join(", ")} could read it; whether it is sent anywhere is not known`;
  return { basis: "machine-observed", remarks: [remark] };
}

interface Documenting {
  readonly isCollected: boolean;
  readonly isShared: boolean;
  readonly purposes: readonly string[];
  readonly remark: string;
}

/** Who documents that its SDK collects or shares it. */
function listDocumenting({ parties }: DataTypeFacts): Documenting[] {
  return parties.flatMap(({ party, documented }) =>
    documented
      .filter(({ collected, shared }) => collected || shared)
      .map(({ collected, shared = false, purposes = [], source, readOn }) => ({
        isCollected: collected,
        isShared: shared,
        purposes,
        remark: `${party.name}, ${source}, read ${readOn}`,
      })),
  );
}

/** A vendor gives purposes once, for what it collects and what it shares. */
function isSaid({ isCollected, isShared, purposes }: Documenting, meaning: Meaning): boolean {
  if (meaning.of === "app") return false;
  switch (meaning.answer) {
    case "chosen":
      return true;
    case "collected":
      return isCollected;
    case "shared":
      return isShared;
    case "collection":
      return isCollected && purposes.includes(meaning.purpose);
    case "sharing":
      return isShared && purposes.includes(meaning.purpose);
    default:
      return false;
  }
}

function listAccessing(facts: DataTypeFacts | undefined): string[] {
  return (facts?.parties ?? [])
    .filter(({ party, observed }) => observed?.isOpen && countsAsAccess(party))
    .map(({ party }) => party.name);
}

/** Each once; what is past the most is counted. */
function nameSome(all: readonly string[]): string[] {
  const names = [...new Set(all)];
  const left = names.length - MOST_NAMED;
  return left > 0 ? [...names.slice(0, MOST_NAMED), `and ${left} more`] : names;
}
