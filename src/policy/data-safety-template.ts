import type { DataType } from "../ruleset/index.js";

/** Columns of the form's CSV, as its first line names them. */
export const FORM_COLUMNS = [
  "Question ID (machine readable)",
  "Response ID (machine readable)",
  "Response value",
  "Answer requirement",
  "Human-friendly question label",
] as const;

/** What the form asks for first: whether any data is collected or shared. */
export const COLLECTS = "PSL_DATA_COLLECTION_COLLECTS_PERSONAL_DATA";
/** What forms asked before `PSL_SUPPORT_DATA_DELETION_BY_USER` took its place. */
export const OLD_DELETION = "PSL_DATA_COLLECTION_USER_REQUEST_DELETE";

/** Google Play's purposes, in the form's order, with the form's ids. */
const PURPOSES = [
  ["app-functionality", "PSL_APP_FUNCTIONALITY"],
  ["analytics", "PSL_ANALYTICS"],
  ["developer-communications", "PSL_DEVELOPER_COMMUNICATIONS"],
  ["fraud-prevention-security-and-compliance", "PSL_FRAUD_PREVENTION_SECURITY"],
  ["advertising-or-marketing", "PSL_ADVERTISING"],
  ["personalization", "PSL_PERSONALIZATION"],
  ["account-management", "PSL_ACCOUNT_MANAGEMENT"],
] as const;

/** What a row of the form answers. */
export type Meaning =
  | { readonly of: "app" }
  | {
      readonly of: "data-type";
      readonly answer: "chosen" | "collected" | "shared" | "ephemeral" | "optional" | "required";
      readonly dataType: string;
    }
  | {
      readonly of: "purpose";
      readonly answer: "collection" | "sharing";
      readonly dataType: string;
      readonly purpose: string;
    };

/** A row of the form: a question, or one of the answers to choose from. */
export interface TemplateRow {
  readonly questionId: string;
  /** Empty where the question has no answers to choose from. */
  readonly responseId: string;
  readonly requirement: "REQUIRED" | "MAYBE_REQUIRED" | "OPTIONAL" | "MULTIPLE_CHOICE" | "SINGLE_CHOICE";
  /** In our words. */
  readonly label: string;
  readonly meaning: Meaning;
}

/** The rows before those of the data types. */
const APP_ROWS: readonly (readonly [
  question: string,
  requirement: TemplateRow["requirement"],
  label: string,
  responses?: Readonly<Record<string, string>>,
])[] = [
  [COLLECTS, "REQUIRED", "Does the app, or any SDK in it, collect or share user data?"],
  [
    "PSL_DATA_COLLECTION_ENCRYPTED_IN_TRANSIT",
    "MAYBE_REQUIRED",
    "Is all collected data encrypted on its way?",
  ],
  [
    "PSL_SUPPORTED_ACCOUNT_CREATION_METHODS",
    "MULTIPLE_CHOICE",
    "How users make an account",
    {
      PSL_ACM_USER_ID_PASSWORD: "user name and password",
      PSL_ACM_USER_ID_OTHER_AUTH: "user name and another proof",
      PSL_ACM_USER_ID_PASSWORD_OTHER_AUTH: "user name, password and another proof",
      PSL_ACM_OAUTH: "OAuth",
      PSL_ACM_OTHER: "another way",
      PSL_ACM_NONE: "not in the app",
    },
  ],
  ["PSL_ACM_SPECIFY", "MAYBE_REQUIRED", "The other way to make an account"],
  ["PSL_ACCOUNT_DELETION_URL", "MAYBE_REQUIRED", "Page where users ask for their account to be deleted"],
  [
    "PSL_SUPPORT_DATA_DELETION_BY_USER",
    "SINGLE_CHOICE",
    "Can users ask for data to be deleted without deleting the account?",
    {
      DATA_DELETION_YES: "yes",
      DATA_DELETION_NO: "no",
      DATA_DELETION_NO_AUTO_DELETED: "no, but it is deleted by itself within 90 days",
    },
  ],
  ["PSL_DATA_DELETION_URL", "MAYBE_REQUIRED", "Page where users ask for data to be deleted"],
  [
    "PSL_DATA_COLLECTION_COMPLIES_FAMILY_POLICY",
    "OPTIONAL",
    "Does the app commit to Play's Families policy?",
  ],
  ["PSL_INDEPENDENTLY_VALIDATED", "OPTIONAL", "Has its security been reviewed independently?"],
  ["PSL_UPI_BADGE_OPT_IN", "OPTIONAL", "Shall it show the badge of verified UPI payments?"],
  ["PSL_HAS_OUTSIDE_APP_ACCOUNTS", "OPTIONAL", "Can users log in with accounts made outside of the app?"],
  [
    "PSL_OUTSIDE_APP_ACCOUNT_TYPES",
    "MULTIPLE_CHOICE",
    "Accounts made outside of the app",
    {
      PSL_LOGIN_WITH_OUTSIDE_APP_ID: "an identity made elsewhere",
      PSL_LOGIN_THROUGH_EMPLOYMENT_OR_ENTERPRISE_ACCOUNT: "an employer's or organisation's account",
      PSL_OUTSIDE_APP_ACCOUNT_TYPE_OTHER: "others",
    },
  ],
  ["PSL_OUTSIDE_APP_ACCOUNT_TYPE_SPECIFY", "MAYBE_REQUIRED", "The other accounts made outside of the app"],
];

/**
 * The rows of the form's CSV template in Google's order: 782 for its 38 data types.
 *
 * @param dataTypes in the form's order
 */
export function listTemplateRows(dataTypes: readonly DataType[]): TemplateRow[] {
  return [
    ...APP_ROWS.flatMap(([questionId, requirement, label, responses = { "": "" }]) =>
      Object.entries(responses).map(
        ([responseId, response]): TemplateRow => ({
          questionId,
          responseId,
          requirement,
          label: response === "" ? label : `${label}: ${response}`,
          meaning: { of: "app" },
        }),
      ),
    ),
    ...dataTypes.map(
      ({ id, name, category, ...play }): TemplateRow => ({
        questionId: play["play-question-id"],
        responseId: play["play-response-id"],
        requirement: "MULTIPLE_CHOICE",
        label: category === name ? name : `${category}: ${name}`,
        meaning: { of: "data-type", answer: "chosen", dataType: id },
      }),
    ),
    ...dataTypes.flatMap(listUsageRows),
  ];
}

/** The 19 rows on what is done with a data type. */
function listUsageRows({ id: dataType, name, ...play }: DataType): TemplateRow[] {
  const usage = (
    question: string,
    responseId: string,
    requirement: TemplateRow["requirement"],
    label: string,
    meaning: Meaning,
  ): TemplateRow => ({
    questionId: `PSL_DATA_USAGE_RESPONSES:${play["play-response-id"]}:${question}`,
    responseId,
    requirement,
    label: `${name}: ${label}`,
    meaning,
  });
  const of = "data-type";
  const use = "PSL_DATA_USAGE_COLLECTION_AND_SHARING";
  const control = "DATA_USAGE_USER_CONTROL";
  const purposes = (answer: "collection" | "sharing", verb: string) =>
    PURPOSES.map(([purpose, responseId]) =>
      usage(
        `DATA_USAGE_${answer.toUpperCase()}_PURPOSE`,
        responseId,
        "MULTIPLE_CHOICE",
        `${verb} for ${purpose.replaceAll("-", " ")}`,
        { of: "purpose", answer, dataType, purpose },
      ),
    );
  return [
    usage(use, "PSL_DATA_USAGE_ONLY_COLLECTED", "MULTIPLE_CHOICE", "collected", {
      of,
      answer: "collected",
      dataType,
    }),
    usage(use, "PSL_DATA_USAGE_ONLY_SHARED", "MULTIPLE_CHOICE", "shared", { of, answer: "shared", dataType }),
    usage("PSL_DATA_USAGE_EPHEMERAL", "", "MAYBE_REQUIRED", "processed in memory only, never stored?", {
      of,
      answer: "ephemeral",
      dataType,
    }),
    usage(control, "PSL_DATA_USAGE_USER_CONTROL_OPTIONAL", "SINGLE_CHOICE", "users can choose", {
      of,
      answer: "optional",
      dataType,
    }),
    usage(control, "PSL_DATA_USAGE_USER_CONTROL_REQUIRED", "SINGLE_CHOICE", "users cannot turn it off", {
      of,
      answer: "required",
      dataType,
    }),
    ...purposes("collection", "collected"),
    ...purposes("sharing", "shared"),
  ];
}

/** What a row of a form is found by. */
export function rowKey({ questionId, responseId }: Pick<TemplateRow, "questionId" | "responseId">): string {
  return `${questionId} ${responseId}`;
}

/** Whether a question is answered in words: by a page's address, or a sentence. */
export function takesText(questionId: string): boolean {
  return /_(?:URL|SPECIFY)$/.test(questionId);
}
