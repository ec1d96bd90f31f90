import type { Evidence } from "../evidence/index.js";
import type { AuditResult } from "../findings/index.js";
import type { Ruleset } from "../ruleset/index.js";
import { type DataTypeFacts, gatherDataTypes, type ResponsibleParty } from "./data-safety-facts.js";
import type { DataSafetyForm, DeclaredUse, FormInconsistency } from "./data-safety-form.js";
import { listTemplateRows, type Meaning, rowKey } from "./data-safety-template.js";
import { type Severity, severities } from "./verdict.js";

/** Version of {@link DataSafetyComparison}'s shape: the first number changes when a reader of the old shape would break. */
const DATA_SAFETY_VERSION = "1.0";

/** In how a form and a build differ: what each is, how much it weighs, and what to do. */
export const dataSafetyKinds = {
  "undeclared-collection": {
    severity: "error",
    title: "Vendors say their SDKs collect it, and the form does not declare it collected",
    fix: "Declare it collected, or keep the SDK from collecting it; bycatch explain says how.",
  },
  "undeclared-sharing": {
    severity: "error",
    title: "Vendors say their SDKs share it, and the form does not declare it shared",
    fix: "Declare it shared, unless Play exempts the transfer: to a service provider that works for you alone, say.",
  },
  "undeclared-purpose": {
    severity: "warning",
    title: "Vendors say they collect it for a purpose that the form does not name",
    fix: "Add the purpose, or switch off in the SDK what serves it.",
  },
  "undeclared-access": {
    severity: "warning",
    title: "Code could access it, and the form says nothing of it",
    fix: "Find out whether it leaves the device. If it does, declare it; if not, nothing is to be declared.",
  },
  "declared-not-observed": {
    severity: "note",
    title: "The form declares it, and nothing was seen of it",
    fix: "Right where users type it in, a server has it, or code that is not read here: native, JavaScript, Dart. Else take it out of the form.",
  },
} as const satisfies Record<string, { severity: Severity; title: string; fix: string }>;

export type DataSafetyKind = keyof typeof dataSafetyKinds;

/** One thing in which a form and a build differ. */
export interface DataSafetyItem {
  /** Stable: the same for the same thing in every build of an app. `undeclared-collection/adjust/contacts` */
  readonly id: string;
  readonly kind: DataSafetyKind;
  /** The kind's; a step less where it rests on what is only possible, or where the vendor denies that it collects. */
  readonly severity: Severity;
  /** Google Play's data type. */
  readonly dataType: string;
  /** Whose code, or whose SDK, it is; absent where it is about nobody's. */
  readonly party?: ResponsibleParty;
  readonly documented: DataTypeFacts["parties"][number]["documented"];
  readonly observed?: NonNullable<DataTypeFacts["parties"][number]["observed"]>;
  /** Purposes of collecting it that the form lacks. */
  readonly purposes?: readonly string[];
  /** Of the form: where the answer would stand; absent where the file has no such row. */
  readonly line?: number;
  /** What shows that the party is in the build, or its access. */
  readonly evidence: readonly Evidence[];
}

/** All of one kind, with what is to be said of each. */
export interface DataSafetyList {
  readonly kind: DataSafetyKind;
  readonly title: string;
  readonly fix: string;
  /** The heavier first, then in the form's order. */
  readonly items: readonly DataSafetyItem[];
}

/** What is known of the data of a build, and in what a Data safety form differs from it, as plain data. */
export interface DataSafetyComparison {
  readonly schemaVersion: string;
  readonly tool: AuditResult["tool"];
  readonly app: Pick<AuditResult["app"], "files" | "packageName" | "versionCode" | "versionName">;
  /** Absent where none was given: then there is nothing to differ from. */
  readonly form?: {
    /** As the user named it. */
    readonly file: string;
    /** Whether it says that the app collects or shares any data; absent where it does not answer. */
    readonly collects?: boolean;
    /** Rows that it has. */
    readonly rows: number;
    /** Rows with questions or answers that this version does not know. */
    readonly unknownRows: number;
    /** That it is of a template before today's. */
    readonly isOld: boolean;
    readonly inconsistencies: readonly FormInconsistency[];
  };
  /** Data types of which anything is declared, documented or observed, in the form's order. */
  readonly dataTypes: readonly DataTypeFacts[];
  /** A list for each of {@link dataSafetyKinds}, in that order, the empty ones too; none without a form. */
  readonly lists: readonly DataSafetyList[];
  /** Data types that are declared, and of which nothing was seen in what could be read: no more is said of them. */
  readonly undecided: readonly string[];
  /** The rung up to which the audit looked: below `referenced` no code was looked at. */
  readonly depth: AuditResult["depth"];
  /** Parts that could not be read. */
  readonly unread: readonly string[];
}

/**
 * Compares what was observed in a build, and what vendors document, with what a form declares. An access is never
 * called a collection: it is a question to those who make the app.
 *
 * @param form absent where there is none: the comparison then has no lists
 */
export function compareDataSafety(
  result: AuditResult,
  rules: Pick<Ruleset, "dataTypes">,
  form?: DataSafetyForm,
): DataSafetyComparison {
  const { files, packageName, versionCode, versionName } = result.app;
  const { unread } = result.coverage;
  const dataTypes = gatherDataTypes(result, rules.dataTypes, form);
  const isWhole = sawAll({ unread, depth: result.depth });
  const overdeclared = dataTypes.filter(isOverdeclared);
  return {
    schemaVersion: DATA_SAFETY_VERSION,
    tool: result.tool,
    app: { files, packageName, versionCode, versionName },
    ...(form === undefined ? {} : { form: describeForm(form) }),
    dataTypes,
    lists:
      form === undefined
        ? []
        : makeLists(dataTypes, isWhole ? overdeclared : [], result, new FormLines(form, rules)),
    undecided: isWhole ? [] : overdeclared.map(({ dataType }) => dataType),
    depth: result.depth,
    unread,
  };
}

/** Whether all was looked at: where not, an answer may be missing for want of sight. */
export function sawAll({ unread, depth }: Pick<DataSafetyComparison, "unread" | "depth">): boolean {
  return unread.length === 0 && depth !== "permitted";
}

function describeForm(form: DataSafetyForm): NonNullable<DataSafetyComparison["form"]> {
  const { path, collects, rows, unknownRows, isOld, inconsistencies } = form;
  return {
    file: path,
    ...(collects === undefined ? {} : { collects }),
    rows: rows.size,
    unknownRows: unknownRows.length,
    isOld,
    inconsistencies,
  };
}

function makeLists(
  dataTypes: readonly DataTypeFacts[],
  overdeclared: readonly DataTypeFacts[],
  result: AuditResult,
  lines: FormLines,
): DataSafetyList[] {
  const items = [
    ...dataTypes.flatMap((facts) => findUndeclared(facts, result, lines)),
    ...overdeclared.map(({ dataType }) =>
      makeItem("declared-not-observed", dataType, lines.lineOf(dataType, "chosen"), { evidence: [] }),
    ),
  ];
  return Object.entries(dataSafetyKinds).map(([kind, { title, fix }]) => ({
    kind: kind as DataSafetyKind,
    title,
    fix,
    items: severities.flatMap((severity) =>
      items.filter((item) => item.kind === kind && item.severity === severity),
    ),
  }));
}

function findUndeclared(
  { dataType, declared, parties }: DataTypeFacts,
  result: AuditResult,
  lines: FormLines,
): DataSafetyItem[] {
  const says = declared ?? NOTHING_DECLARED;
  return parties.flatMap(({ party, documented, observed }): DataSafetyItem[] => {
    const evidence = observed?.places.map((place) => place.evidence) ?? presenceOf(party, result);
    const make = (
      kind: DataSafetyKind,
      answer: AnswerOfType,
      among = documented,
      more: Partial<DataSafetyItem> = {},
    ) =>
      makeItem(kind, dataType, lines.lineOf(dataType, says.isChosen ? answer : "chosen"), {
        party,
        documented: among,
        ...(observed === undefined ? {} : { observed }),
        evidence,
        ...more,
      });
    const collecting = documented.filter(({ collected }) => collected);
    const sharing = documented.filter(({ shared }) => shared === true);
    const purposes = [...new Set(collecting.flatMap((one) => one.purposes ?? []))].filter(
      (purpose) => !says.collectionPurposes.includes(purpose),
    );
    return [
      ...(collecting.length > 0 && !says.collected
        ? [make("undeclared-collection", "collected", collecting)]
        : []),
      ...(sharing.length > 0 && !says.shared ? [make("undeclared-sharing", "shared", sharing)] : []),
      ...(says.collected && purposes.length > 0
        ? [make("undeclared-purpose", "collected", collecting, { purposes })]
        : []),
      // What its vendor says it collects is no question any more.
      ...(collecting.length === 0 && !says.isChosen && observed?.isOpen && countsAsAccess(party)
        ? [make("undeclared-access", "chosen")]
        : []),
    ];
  });
}

const NOTHING_DECLARED: DeclaredUse = {
  isChosen: false,
  collected: false,
  shared: false,
  collectionPurposes: [],
  sharingPurposes: [],
};

/**
 * Whether an access is a question of its own. A support library's is not: it hands the data to whoever calls it, and
 * its calls are there whether anybody does (AndroidX refers to the location in almost every app). Whoever calls it for
 * a data type that the rules know of is counted for that call.
 */
export function countsAsAccess({ kind }: Pick<ResponsibleParty, "kind">): boolean {
  return kind !== "support-library";
}

/** Declared, and no code of anyone refers to it, a support library's included, and no vendor says it collects it. */
function isOverdeclared({ declared, parties }: DataTypeFacts): boolean {
  const isDeclared = declared !== undefined && (declared.collected || declared.shared);
  return (
    isDeclared &&
    parties.every(
      ({ documented, observed }) => observed === undefined && documented.every(({ collected }) => !collected),
    )
  );
}

function presenceOf({ id }: ResponsibleParty, { parties }: AuditResult): readonly Evidence[] {
  return parties.find((party) => party.id === id)?.evidence.slice(0, 1) ?? [];
}

function makeItem(
  kind: DataSafetyKind,
  dataType: string,
  line: number | undefined,
  facts: Partial<DataSafetyItem> & Pick<DataSafetyItem, "evidence">,
): DataSafetyItem {
  const { party, observed, documented = [] } = facts;
  const confidence = kind === "undeclared-access" ? observed?.confidence : party?.confidence;
  const isDenied = kind === "undeclared-access" && documented.some(({ collected }) => !collected);
  const weight = severities.indexOf(dataSafetyKinds[kind].severity);
  const isLess = confidence === "possible" || isDenied;
  return {
    id: [kind, ...(party === undefined ? [] : [party.id]), dataType].join("/"),
    kind,
    severity: isLess ? (severities[weight + 1] ?? "note") : dataSafetyKinds[kind].severity,
    dataType,
    ...facts,
    documented,
    ...(line === undefined ? {} : { line }),
  };
}

type AnswerOfType = Extract<Meaning, { of: "data-type" }>["answer"];

/** Where a form has, or lacks, its answers on data types. */
class FormLines {
  readonly #lines: ReadonlyMap<string, number>;

  constructor({ rows }: DataSafetyForm, { dataTypes }: Pick<Ruleset, "dataTypes">) {
    this.#lines = new Map(
      listTemplateRows(dataTypes).flatMap((row) => {
        const line = rows.get(rowKey(row))?.line;
        const { meaning } = row;
        return line === undefined || meaning.of !== "data-type"
          ? []
          : [[`${meaning.dataType} ${meaning.answer}`, line] as const];
      }),
    );
  }

  lineOf(dataType: string, answer: AnswerOfType): number | undefined {
    return this.#lines.get(`${dataType} ${answer}`);
  }
}
