/** What a column holds, in Parquet's terms: `string` is a BYTE_ARRAY annotated as text, `strings` and `json` are JSON in one. */
export type ColumnType = "string" | "int32" | "int64" | "double" | "boolean" | "strings" | "json";

/** A column of a table. */
export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  /** Whether a row may have nothing there. */
  readonly isNullable: boolean;
  /** One sentence. */
  readonly description: string;
}

/** A table of the store: what a row is, and its columns in their order. */
export interface Table {
  /** One sentence: what a row is. */
  readonly row: string;
  readonly columns: readonly Column[];
  /** Version of the tables from which on a part has it; absent of those that every part has. */
  readonly since?: string;
}

function column(name: string, type: ColumnType, description: string): Column {
  return { name, type, isNullable: false, description };
}

function optional(name: string, type: ColumnType, description: string): Column {
  return { name, type, isNullable: true, description };
}

const app = column("app", "string", "SHA-256 of the app's file, lower-case hexadecimal: joins the tables.");
const party = column("party", "string", "Id of the party; `parties` says who it is.");
const evidence = column(
  "evidence",
  "json",
  "What was seen and where: objects as in the JSON report; at most as many as the report shows.",
);

/** How code comes to run. */
const reach = [
  optional(
    "component",
    "string",
    "What Android starts by which the code comes to run by the shortest way; null where no way was found, or looked for (`depth` of the evaluation).",
  ),
  optional(
    "component_kind",
    "string",
    "`application`, `activity`, `service`, `receiver`, `provider` or `view`.",
  ),
  optional(
    "chain",
    "strings",
    "The methods of that way, smali references: from what Android calls to what the code is in.",
  ),
  optional(
    "before_consent",
    "boolean",
    "Whether a way begins before anybody could be asked; null where there is none.",
  ),
];

/** Version of the tables: the first number changes when a query of the old ones would break. */
export const STORE_VERSION = "1.1";

/** The tables of the store, by name; `docs/store.md` is made from them. */
export const tables = {
  apps: {
    row: "An app that was audited, or that could not be.",
    columns: [
      optional(
        "app",
        "string",
        "SHA-256 of the app's file, lower-case hexadecimal: joins the tables. Null where the file could not be read.",
      ),
      column(
        "path",
        "string",
        "Where it was met first: below the folder that was named, as the file was named or listed itself, or a URL without credentials.",
      ),
      optional("size", "int64", "Bytes of the file."),
      column("status", "string", "`audited`; `incomplete`, where parts could not be read; `failed`."),
      optional("reason", "string", "Why it failed: `format`, `unreadable`, `timeout`, `memory`, `crash`."),
      optional("message", "string", "The sentence that says so."),
      optional("package_name", "string", "The application id."),
      optional("version_code", "string", "Decimal: it may exceed 2^53."),
      optional("version_name", "string", "As the manifest has it."),
      optional("min_sdk", "string", "minSdkVersion: an API level, or a code name."),
      optional("target_sdk", "string", "targetSdkVersion: an API level, or a code name."),
      optional("dex_files", "int32", "DEX files read."),
      optional("classes", "int32", "Classes that they define."),
      optional("instructions", "int64", "Instructions walked."),
      optional("code_units", "int64", "Code in 16-bit code units."),
      optional("attributed_share", "double", "Share of the code, 0 to 1, that belongs to a named party."),
      column("unread", "strings", "Parts that could not be read: what they hide is not claimed absent."),
    ],
  },
  parties: {
    row: "A party of an app: the first party, an SDK, an unrecognised third party, a support library, or unattributed code.",
    columns: [
      app,
      party,
      column("kind", "string", "`first-party`, `sdk`, `unrecognised`, `support-library` or `unattributed`."),
      column("name", "string", "Its name."),
      optional("vendor", "string", "Id of the vendor."),
      optional("vendor_name", "string", "The vendor's name."),
      optional(
        "company",
        "string",
        "Id of the company at the top of those that own the vendor; the vendor's own where there is none.",
      ),
      optional("company_name", "string", "That company's name."),
      optional("country", "string", "The vendor's country, ISO 3166-1 alpha-2."),
      optional("category", "string", "What kind of SDK it is."),
      optional("version", "string", "Its version, where the build tells."),
      column("confidence", "string", "That it is in the app: `certain`, `likely` or `possible`."),
      column("classes", "int32", "Classes that are its own."),
      column("renamed_classes", "int32", "Those of them that have lost their names."),
      column("code_units", "int64", "Its code in 16-bit code units."),
      evidence,
    ],
  },
  accesses: {
    row: "A sensitive API that a party's code refers to.",
    columns: [
      app,
      party,
      column("api", "string", "Smali reference of the method or field, or the content URI."),
      column("yields", "string", "The kind of data: id of the rule."),
      column("data_type", "string", "Google Play's data type."),
      column("confidence", "string", "`certain`, `likely` or `possible`."),
      column("call_sites", "int32", "Places in the code, all of them."),
      column("limits", "json", "What stands between the code and the data: objects as in the JSON report."),
      column("yields_nothing", "boolean", "Whether one of the limits leaves nothing on any device."),
      ...reach,
      evidence,
    ],
  },
  hand_overs: {
    row: "A method of the app's own code that calls a third party's method which is given data, or the constant name of an event.",
    since: "1.1",
    columns: [
      app,
      column("party", "string", "Id of the party that receives it."),
      column("api", "string", "Smali reference of the method that is called."),
      column("caller", "string", "Smali reference of the app's own method that calls it."),
      column("confidence", "string", "`certain`, `likely` or `possible`, that the method is given this."),
      column("call_sites", "int32", "Calls in the caller, all of them."),
      column("data_types", "strings", "Google Play's data types that the method is given, by what it means."),
      optional(
        "passes",
        "strings",
        "Those of values that the app's code has read and passes; null where none was seen, or flows were not looked for (`depth` of the evaluation).",
      ),
      column("events", "strings", "Constant names of events."),
      column("properties", "strings", "Constant names of properties."),
      evidence,
    ],
  },
  flows: {
    row: "Personal data that goes from where code reads it to where it leaves the app's code; of evaluations of `--depth flows`.",
    since: "1.1",
    columns: [
      app,
      column("flow", "string", "Its id: the same for the same thing in every build of an app."),
      column("data_type", "string", "Google Play's data type."),
      column("yields", "string", "The kind of data: id of the rule of the source."),
      column(
        "kind",
        "string",
        "Who reads the value and who has it in the end: `self-collected`, `handed-over`, `passed-on`, `handed-back` or `first-party`.",
      ),
      column("partial", "boolean", "Whether only a part of the value arrives."),
      column("encoded", "boolean", "Whether it arrives as Base64."),
      column("encrypted", "boolean", "Whether it arrives as ciphertext, whoever has the key."),
      column("hashed", "boolean", "Whether it arrives as a digest."),
      column(
        "assumed",
        "boolean",
        "Whether the way leads through a method of which no rule says what it does.",
      ),
      column("confidence", "string", "`likely` or `possible`."),
      column(
        "limits",
        "json",
        "What stands before the source, of an access by the same API: objects as in the JSON report.",
      ),
      column("yields_nothing", "boolean", "Whether one of the limits leaves nothing on any device."),
      column("source_party", "string", "Id of the party whose code reads it."),
      column(
        "source_api",
        "string",
        "Smali reference of the method or field as its rule has it, or the content URI.",
      ),
      column("source_caller", "string", "Smali reference of the method whose code reads it."),
      optional(
        "before_consent",
        "boolean",
        "Whether that method can run before anybody could be asked; null where the report does not tell.",
      ),
      column("sink_party", "string", "Id of the party whose code has it in the end."),
      column(
        "sink_kind",
        "string",
        "Where it leaves: `network`, `sms`, `other-app`, `ipc`, `webview`, `clipboard`, `notification`, `file` or `log`.",
      ),
      column("sink_api", "string", "Smali reference of the method that it leaves by."),
      column("sink_caller", "string", "Smali reference of the method whose code calls that."),
      column(
        "hosts",
        "strings",
        "Where it is sent, of the kind `network`: `unknown` among them where no constant says; empty of other kinds.",
      ),
      column("steps", "int32", "Instructions that the value goes through, all of them."),
      column(
        "path",
        "json",
        "These, from the source to the sink: objects as in the JSON report; at most as many as the report shows.",
      ),
    ],
  },
  findings: {
    row: "A finding.",
    columns: [
      app,
      column("finding", "string", "Its id: the same for the same thing in every build of an app."),
      column("kind", "string", "What kind of finding."),
      party,
      optional("data_type", "string", "Google Play's data type."),
      column("permissions", "strings", "The permissions that it is about."),
      optional(
        "rung",
        "string",
        "How far the evidence goes: `permitted`, `referenced`, `reachable`, `flows`.",
      ),
      column("confidence", "string", "`certain`, `likely` or `possible`."),
      column("limits", "json", "What stands between the code and the data: objects as in the JSON report."),
      column("yields_nothing", "boolean", "Whether one of the limits leaves nothing on any device."),
      ...reach,
      evidence,
    ],
  },
  permissions: {
    row: "A permission that an app requests, or that Android adds.",
    columns: [
      app,
      column("permission", "string", "Its full name."),
      column(
        "protection",
        "string",
        "`normal`, `dangerous`, `signature`, `special`; `unknown` of one that the rules do not have.",
      ),
      optional("max_sdk_version", "int32", "The last API level on which it is requested."),
      column("flags", "strings", "usesPermissionFlags."),
      optional("implied_because", "string", "Why Android adds it, where the app does not request it."),
      column(
        "declared_by",
        "strings",
        "Ids of the parties that are known to bring it: the merged manifest does not say.",
      ),
      column("used_by", "strings", "Ids of the parties with code that calls what it guards."),
    ],
  },
  hosts: {
    row: "A host that a party's code names.",
    columns: [
      app,
      party,
      column("host", "string", "The host."),
      column("sites", "int32", "Places in the code that name it."),
      column("urls", "strings", "The URLs named, each once; at most as many as the report shows."),
      evidence,
    ],
  },
  diagnostics: {
    row: "Something that went wrong, or is odd, while an app was read.",
    columns: [
      app,
      column("effect", "string", "`unread`: content could not be read; `odd`: everything was."),
      column("code", "string", "What it is about."),
      column("part", "string", "The archive entry or file."),
      optional("byte_offset", "int64", "Offset in it, where one byte is to blame."),
      column("message", "string", "One sentence."),
    ],
  },
} as const satisfies Record<string, Table>;

export type TableName = keyof typeof tables;

/** Names in the order in which a part's tables are written: `apps` last, as it says that all of a part is there. */
export const tableNames: readonly TableName[] = [
  "parties",
  "accesses",
  "hand_overs",
  "flows",
  "findings",
  "permissions",
  "hosts",
  "diagnostics",
  "apps",
];

/** A value of a row: what JSON can hold, `null` for nothing. `strings` and `json` columns hold the value itself. */
export type Value = string | number | boolean | null | readonly unknown[];

/** A row: a value by column name. */
export type Row = Readonly<Record<string, Value>>;

/** Rows by table: those of an app, or of many. */
export type Rows = Readonly<Record<TableName, readonly Row[]>>;
