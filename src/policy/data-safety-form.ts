/** The Data safety form as Play Console exports it. Only who brings one waits for what parses CSV. */
import { CsvError, parse } from "csv-parse/sync";
import { UsageError } from "../diagnostics/index.js";
import type { DataType } from "../ruleset/index.js";
import {
  COLLECTS,
  FORM_COLUMNS,
  listTemplateRows,
  type Meaning,
  OLD_DELETION,
  rowKey,
  takesText,
} from "./data-safety-template.js";

/** Characters of a form that are read: a full one has 130,000, with labels of a page each still fewer. */
const MOST_CHARACTERS = 4 * 1024 * 1024;

const HOW =
  "Play Console writes one: Policy, App content, Data safety, Export to CSV; its first line stays as it is.";

/** A form as a file has it. */
export interface DataSafetyForm {
  /** As the user named it. */
  readonly path: string;
  /** Whether the app collects or shares any data at all; absent where the form does not answer. */
  readonly collects?: boolean;
  /** By id, of every data type: what the form says of it. */
  readonly dataTypes: ReadonlyMap<string, DeclaredUse>;
  /** Its rows by {@link rowKey}, in its order; those of questions that are not known among them. */
  readonly rows: ReadonlyMap<string, FormRow>;
  /** Rows with a question or answer that this version does not know; they are not read. */
  readonly unknownRows: readonly FormRow[];
  /** That it is of a template before today's: it has a question that another has replaced. */
  readonly isOld: boolean;
  /** What it says against itself, by line. */
  readonly inconsistencies: readonly FormInconsistency[];
}

/** One row of a form. */
export interface FormRow {
  /** From 1. */
  readonly line: number;
  readonly questionId: string;
  readonly responseId: string;
  /** As it stands there, without the apostrophe that keeps a spreadsheet from taking it for a formula. */
  readonly value: string;
  readonly label: string;
}

/** What a form says of a data type. */
export interface DeclaredUse {
  /** That it is among the data types that the app collects or shares. */
  readonly isChosen: boolean;
  readonly collected: boolean;
  readonly shared: boolean;
  /** Processed in memory only; absent where it is not answered. */
  readonly ephemeral?: boolean;
  /** Whether users can choose; absent where it is not answered, or both ways. */
  readonly userControl?: "optional" | "required";
  readonly collectionPurposes: readonly string[];
  readonly sharingPurposes: readonly string[];
}

/** Two answers of a form that do not go together, or one that another asks for. */
export interface FormInconsistency {
  readonly line: number;
  /** Google Play's data type; absent where it is about all. */
  readonly dataType?: string;
  /** One sentence, without a full stop. */
  readonly message: string;
}

/**
 * Parses a Data safety form: the CSV of Play Console, of this template or an older one; a file with the first
 * question alone; one that a spreadsheet has saved; a draft of ours.
 *
 * @param path for messages
 * @param dataTypes in the form's order
 * @throws UsageError with the line, what is wrong there and what to do
 */
export function parseDataSafetyForm(
  text: string,
  path: string,
  dataTypes: readonly DataType[],
): DataSafetyForm {
  const meanings = new Map(listTemplateRows(dataTypes).map((row) => [rowKey(row), row.meaning]));
  const rows = new Map<string, FormRow>();
  for (const row of readRows(text, path)) {
    const earlier = rows.get(rowKey(row));
    if (earlier !== undefined)
      throw new UsageError(
        `${path}:${row.line}`,
        `answers what line ${earlier.line} has answered already`,
        "Take one of the two lines out.",
      );
    rows.set(rowKey(row), row);
  }
  const answers = new Map<Meaning, boolean>();
  for (const [key, meaning] of meanings) {
    const row = rows.get(key);
    if (row === undefined || takesText(row.questionId)) continue;
    const value = parseBoolean(row, path);
    if (value !== undefined) answers.set(meaning, value);
  }
  const isOld = rows.has(rowKey({ questionId: OLD_DELETION, responseId: "" }));
  const collects = answers.get(meanings.get(rowKey({ questionId: COLLECTS, responseId: "" }))!);
  const form = {
    path,
    ...(collects === undefined ? {} : { collects }),
    dataTypes: gatherUses(answers, dataTypes),
    rows,
    unknownRows: [...rows.values()].filter(
      (row) => !meanings.has(rowKey(row)) && row.questionId !== OLD_DELETION,
    ),
    isOld,
  };
  return { ...form, inconsistencies: findInconsistencies(form, answers, dataTypes) };
}

/** Rows below the first line. */
function readRows(text: string, path: string): FormRow[] {
  if (text.length > MOST_CHARACTERS)
    throw new UsageError(path, `is larger than ${MOST_CHARACTERS / 1024 / 1024} MB, which no form is`, HOW);
  const [head, ...records] = parseCsv(text, path);
  checkHead(head?.record ?? [], path);
  if (records.length === 0) throw new UsageError(path, "has a first line and no answers", HOW);
  return records.map(({ record, line }) => {
    if (record.length < 3 || record.length > FORM_COLUMNS.length)
      throw new UsageError(
        `${path}:${line}`,
        `has ${record.length} ${record.length === 1 ? "column" : "columns"}, where the form has ${FORM_COLUMNS.length}`,
        "A text with a comma in it stands in double quotes.",
      );
    const [questionId = "", responseId = "", value = "", , label = ""] = record;
    return {
      line,
      questionId: questionId.trim(),
      responseId: responseId.trim(),
      value: value.replace(/^'(?=[=+\-@\t\r\uFF1D\uFF0B\uFF0D\uFF20])/, ""),
      label,
    };
  });
}

/** Records with the line on which each begins. Lines may end in any way. */
function parseCsv(
  text: string,
  path: string,
): { readonly record: readonly string[]; readonly line: number }[] {
  try {
    // The parser counts CR and LF inside quotes as two lines.
    const records = parse(text.replace(/\r\n?/g, "\n"), {
      bom: true,
      info: true,
      record_delimiter: "\n",
      relax_column_count: true,
      skip_empty_lines: true,
    }) as unknown as { record: string[]; info: { lines: number } }[];
    return records.map(({ record, info }) => ({
      record,
      line: info.lines - record.reduce((sum, cell) => sum + cell.split("\n").length - 1, 0),
    }));
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    const line = "lines" in cause && typeof cause.lines === "number" ? `:${cause.lines}` : "";
    const problem =
      cause.code === "CSV_QUOTE_NOT_CLOSED"
        ? "ends inside a quoted text: a double quote opens and none closes it"
        : "a double quote stands where none may";
    throw new UsageError(
      `${path}${line}`,
      `is no sound CSV: ${problem}`,
      "A double quote inside a quoted text is written twice.",
      { cause },
    );
  }
}

function checkHead(head: readonly string[], path: string): void {
  const isHead = FORM_COLUMNS.every((name, index) => head[index]?.trim() === name);
  if (isHead && head.length === FORM_COLUMNS.length) return;
  const separator = head.length === 1 ? /^"?Question ID \(machine readable\)"?([;\t])/.exec(head[0]!) : null;
  if (separator !== null)
    throw new UsageError(
      `${path}:1`,
      `its columns stand apart by ${separator[1] === ";" ? "semicolons" : "tabs"}, as a spreadsheet saves them`,
      "Save it with commas, or export it anew.",
    );
  const found = head.length === 0 ? "is empty" : `begins with ${JSON.stringify(head[0]!.slice(0, 40))}`;
  throw new UsageError(`${path}:1`, `is no Data safety form: ${found}`, HOW);
}

/** `undefined` where it is not answered. */
function parseBoolean({ questionId, value, line }: FormRow, path: string): boolean | undefined {
  const word = value.trim().toLowerCase();
  if (word === "") return undefined;
  if (word === "true" || word === "false") return word === "true";
  throw new UsageError(
    `${path}:${line}`,
    `${questionId} takes true, false or nothing, and here is ${JSON.stringify(value.slice(0, 40))}`,
    "A spreadsheet in another language may have translated it: write true or false.",
  );
}

function gatherUses(
  answers: ReadonlyMap<Meaning, boolean>,
  dataTypes: readonly DataType[],
): ReadonlyMap<string, DeclaredUse> {
  const given = [...answers].filter(([, value]) => value).map(([meaning]) => meaning);
  const denied = [...answers].filter(([, value]) => !value).map(([meaning]) => meaning);
  return new Map(
    dataTypes.map(({ id }) => {
      const says = (among: readonly Meaning[], answer: string) =>
        among.some((one) => one.of === "data-type" && one.dataType === id && one.answer === answer);
      const purposes = (answer: string) =>
        given.flatMap((one) =>
          one.of === "purpose" && one.dataType === id && one.answer === answer ? one.purpose : [],
        );
      const isEphemeral = says(given, "ephemeral");
      const controls = (["optional", "required"] as const).filter((answer) => says(given, answer));
      return [
        id,
        {
          isChosen: says(given, "chosen"),
          collected: says(given, "collected"),
          shared: says(given, "shared"),
          ...(isEphemeral || says(denied, "ephemeral") ? { ephemeral: isEphemeral } : {}),
          ...(controls.length === 1 ? { userControl: controls[0]! } : {}),
          collectionPurposes: purposes("collection"),
          sharingPurposes: purposes("sharing"),
        },
      ];
    }),
  );
}

function findInconsistencies(
  { collects, dataTypes: uses, rows }: Pick<DataSafetyForm, "collects" | "dataTypes" | "rows">,
  answers: ReadonlyMap<Meaning, boolean>,
  dataTypes: readonly DataType[],
): FormInconsistency[] {
  const template = listTemplateRows(dataTypes);
  /** The line of the first row that is answered with yes and means this. */
  const lineOf = (isMeant: (meaning: Meaning) => boolean) =>
    template
      .filter(({ meaning }) => isMeant(meaning))
      .flatMap((row) => rows.get(rowKey(row)) ?? [])
      .find(({ value }) => value.trim().toLowerCase() === "true")?.line;
  const chosen = [...uses].filter(([, { isChosen }]) => isChosen);
  const first = rows.get(rowKey({ questionId: COLLECTS, responseId: "" }))?.line ?? 1;
  const found: FormInconsistency[] = [];
  if (collects !== true && chosen.length > 0)
    found.push({
      line: first,
      message: `${collects === false ? "says that the app collects nothing" : "does not say whether the app collects data"}, and has ${chosen.length === 1 ? "a data type" : `${chosen.length} data types`} chosen`,
    });
  if (collects === true && chosen.length === 0)
    found.push({ line: first, message: "says that the app collects data, and has no data type chosen" });
  for (const { id } of dataTypes) {
    const use = uses.get(id)!;
    const isAbout = (meaning: Meaning) => meaning.of !== "app" && meaning.dataType === id;
    const isUsage = (meaning: Meaning) =>
      isAbout(meaning) && !(meaning.of === "data-type" && meaning.answer === "chosen");
    const tell = (isMeant: (meaning: Meaning) => boolean, message: string) =>
      found.push({ line: lineOf((one) => isAbout(one) && isMeant(one)) ?? first, dataType: id, message });
    const isOf = (answer: string) => (meaning: Meaning) => meaning.of !== "app" && meaning.answer === answer;
    if (!use.isChosen) {
      if ([...answers].some(([meaning, value]) => value && isUsage(meaning)))
        tell(isUsage, `${id} is not chosen, and has answers on its use`);
      continue;
    }
    if (!use.collected && !use.shared)
      tell(isOf("chosen"), `${id} is chosen, and is said to be neither collected nor shared`);
    if (use.collected && use.collectionPurposes.length === 0)
      tell(isOf("collected"), `${id} is collected, and no purpose is given`);
    if (use.shared && use.sharingPurposes.length === 0)
      tell(isOf("shared"), `${id} is shared, and no purpose is given`);
    if (!use.collected && use.collectionPurposes.length > 0)
      tell(isOf("collection"), `${id} has purposes of collecting it, and is not said to be collected`);
    if (!use.shared && use.sharingPurposes.length > 0)
      tell(isOf("sharing"), `${id} has purposes of sharing it, and is not said to be shared`);
    if ([...answers].filter(([one, value]) => value && isAbout(one) && isControl(one)).length > 1)
      tell(isControl, `${id} is said both to be optional and to be required`);
  }
  return found.sort((a, b) => a.line - b.line);
}

function isControl(meaning: Meaning): boolean {
  return meaning.of === "data-type" && (meaning.answer === "optional" || meaning.answer === "required");
}
