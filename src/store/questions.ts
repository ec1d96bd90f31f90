import { rungs } from "../findings/index.js";
import { flowsByAppSql, flowsSql, handOversByAppSql, handOversSql } from "./flow-questions.js";
import { OF_APPS, PERCENT, READ_APPS } from "./read-apps.js";
import { literal } from "./sql-text.js";
import { type Table, type TableName, tables } from "./tables.js";

/** What a ready-made question is told. */
export interface QuestionOptions {
  /** The question's own values, in their order. */
  readonly values: readonly string[];
  /** Apps instead of numbers of apps. */
  readonly apps?: boolean | undefined;
  /** Two versions, each a version code or a version name. */
  readonly between?: readonly [before: string, after: string] | undefined;
  /** Only one app. */
  readonly packageName?: string | undefined;
}

/** Tables that are empty where an evaluation did not look for what is in them. */
export const lookedFor = ["accesses", "hand_overs", "flows"] as const satisfies readonly TableName[];
export type LookedFor = (typeof lookedFor)[number];

/** A question that many have, as a query over the tables. */
export interface Question {
  /** The values that it must be given, by what they are. */
  readonly values: readonly string[];
  /** Those that it may be given. */
  readonly optionalValues?: readonly string[];
  /** Which of the options bear on it. */
  readonly options?: readonly ("apps" | "between" | "packageName")[];
  /** Whether its numbers are of apps, so that their reader must know how many there are. */
  readonly countsApps: boolean;
  /** What its answer is of, in whole or in part, that a store may have none of as it was not looked for. */
  readonly asks: readonly LookedFor[];
  readonly sql: (options: QuestionOptions) => string;
}

/** Accesses, and whether such data of such a party goes anywhere. */
const SEEN_ACCESSES = `seen AS (
  SELECT app, party, data_type, component, yields_nothing,
    (app, party, data_type) IN (SELECT (app, source_party, data_type) FROM flows WHERE NOT yields_nothing) AS goes_on
  FROM accesses
)`;

/** How far the evidence of a group of accesses goes: of those that yield something, where any does. */
const RUNG_OF_CODE = `CASE
    WHEN bool_or(goes_on AND NOT yields_nothing) THEN 'flows'
    WHEN bool_or(component IS NOT NULL AND NOT yields_nothing) THEN 'reachable'
    WHEN bool_and(yields_nothing) AND bool_or(component IS NOT NULL) THEN 'reachable'
    ELSE 'referenced' END`;

/** The first party has each app's name, and one that no rule knows has none but its id. */
const PARTY_NAME = `CASE parties.kind
    WHEN 'first-party' THEN 'the app itself'
    WHEN 'sdk' THEN min(parties.name)
    WHEN 'support-library' THEN min(parties.name)
  END AS name`;

/** The ready-made questions, by the name under which they are asked. */
export const questions = {
  "top-sdks": {
    values: [],
    countsApps: true,
    asks: [],
    sql: () => `WITH ${READ_APPS}
SELECT
  parties.party,
  min(parties.name) AS name,
  min(parties.vendor_name) AS vendor,
  min(parties.category) AS category,
  count(DISTINCT read_apps.app) AS apps,
  ${OF_APPS},
  ${PERCENT},
  count(DISTINCT read_apps.app) FILTER (parties.confidence <> 'certain') AS not_certain,
  count(DISTINCT read_apps.package_name) AS packages,
  count(DISTINCT parties.version) AS versions
FROM parties JOIN read_apps USING (app)
WHERE parties.kind = 'sdk'
GROUP BY parties.party
ORDER BY apps DESC, parties.party`,
  },

  unrecognised: {
    values: [],
    countsApps: true,
    asks: ["accesses"],
    sql: () => `WITH ${READ_APPS}
SELECT
  parties.party,
  count(DISTINCT read_apps.app) AS apps,
  ${OF_APPS},
  ${PERCENT},
  count(DISTINCT read_apps.package_name) AS packages,
  max(parties.classes) AS most_classes,
  count(DISTINCT read_apps.app) FILTER (EXISTS (
    FROM accesses
    WHERE accesses.app = read_apps.app AND accesses.party = parties.party AND NOT accesses.yields_nothing
  )) AS apps_with_access
FROM parties JOIN read_apps USING (app)
WHERE parties.kind = 'unrecognised'
GROUP BY parties.party
ORDER BY apps DESC, apps_with_access DESC, parties.party`,
  },

  vendors: {
    values: [],
    countsApps: true,
    asks: [],
    sql: () => `WITH ${READ_APPS}
SELECT
  parties.vendor,
  min(parties.vendor_name) AS name,
  CASE WHEN min(parties.company) <> parties.vendor THEN min(parties.company_name) END AS owned_by,
  min(parties.country) AS country,
  count(DISTINCT parties.party) AS sdks,
  count(DISTINCT read_apps.app) AS apps,
  ${OF_APPS},
  ${PERCENT},
  count(DISTINCT read_apps.package_name) AS packages
FROM parties JOIN read_apps USING (app)
WHERE parties.kind = 'sdk' AND parties.vendor IS NOT NULL
GROUP BY parties.vendor
ORDER BY apps DESC, parties.vendor`,
  },

  "who-reads": {
    values: ["data-type"],
    options: ["apps"],
    countsApps: true,
    asks: ["accesses"],
    sql: ({ values: [dataType = ""], apps }) => `WITH ${READ_APPS},
${SEEN_ACCESSES},
evidence AS (
  -- Code that yields the data, of whoever's it is; it yields nothing where each of its calls does.
  SELECT app, party, ${RUNG_OF_CODE} AS rung, bool_and(yields_nothing) AS yields_nothing
  FROM seen
  WHERE data_type = ${literal(dataType)}
  GROUP BY app, party
  UNION ALL
  -- Third parties to whom the app's permissions open it, without such code.
  SELECT app, party, rung, yields_nothing
  FROM findings
  WHERE kind = 'data-access' AND rung = 'permitted' AND data_type = ${literal(dataType)}
)
${apps ? WHO_READS_BY_APP : WHO_READS}`,
  },

  flows: {
    values: [],
    optionalValues: ["data-type"],
    options: ["apps"],
    countsApps: true,
    asks: ["flows"],
    sql: ({ values: [dataType], apps }) => (apps ? flowsByAppSql(dataType) : flowsSql(dataType)),
  },

  "hand-overs": {
    values: [],
    optionalValues: ["party"],
    options: ["apps"],
    countsApps: true,
    asks: ["hand_overs"],
    sql: ({ values: [party], apps }) => (apps ? handOversByAppSql(party) : handOversSql(party)),
  },

  "apps-with": {
    values: ["party"],
    countsApps: true,
    asks: ["accesses"],
    sql: ({ values: [party = ""] }) => `WITH ${READ_APPS}
SELECT
  read_apps.package_name,
  read_apps.version_name,
  read_apps.version_code,
  parties.version AS party_version,
  parties.confidence,
  parties.classes,
  parties.renamed_classes,
  (SELECT list(DISTINCT data_type ORDER BY data_type) FROM accesses
    WHERE accesses.app = read_apps.app AND accesses.party = parties.party AND NOT yields_nothing) AS could_read,
  read_apps.path
FROM parties JOIN read_apps USING (app)
WHERE parties.party = ${literal(party)}
ORDER BY read_apps.package_name, TRY_CAST(read_apps.version_code AS HUGEINT), read_apps.path`,
  },

  hosts: {
    values: [],
    countsApps: true,
    asks: [],
    sql: () => `WITH ${READ_APPS}
SELECT
  hosts.host,
  count(DISTINCT read_apps.app) AS apps,
  ${OF_APPS},
  ${PERCENT},
  count(DISTINCT read_apps.package_name) AS packages,
  count(DISTINCT hosts.party) AS parties,
  list_slice(list(DISTINCT hosts.party ORDER BY hosts.party), 1, 3) AS first_parties
FROM hosts JOIN read_apps USING (app)
GROUP BY hosts.host
ORDER BY apps DESC, hosts.host`,
  },

  permissions: {
    values: [],
    countsApps: true,
    asks: ["accesses"],
    sql: () => `WITH ${READ_APPS},
used AS (
  SELECT DISTINCT app, permission, true AS is_used
  FROM (SELECT app, permission, unnest(used_by) AS party FROM permissions) JOIN parties USING (app, party)
  WHERE parties.kind IN ('sdk', 'unrecognised')
),
unused AS (
  SELECT DISTINCT app, unnest(permissions) AS permission, true AS is_unused
  FROM findings WHERE kind = 'unused-permission'
)
SELECT
  permission,
  min(protection) AS protection,
  count(DISTINCT app) FILTER (implied_because IS NULL) AS requested,
  ${OF_APPS},
  round(100 * count(DISTINCT app) FILTER (implied_because IS NULL) / (SELECT count(*) FROM read_apps), 1) AS percent,
  count(DISTINCT app) FILTER (implied_because IS NOT NULL) AS implied,
  count(DISTINCT app) FILTER (is_used) AS used_by_third_parties,
  count(DISTINCT app) FILTER (is_unused) AS unused
FROM permissions JOIN read_apps USING (app) LEFT JOIN used USING (app, permission) LEFT JOIN unused USING (app, permission)
GROUP BY permission
ORDER BY requested DESC, implied DESC, permission`,
  },

  failures: {
    values: [],
    countsApps: true,
    asks: [],
    sql: () => `SELECT
  status,
  reason,
  path,
  package_name,
  coalesce(message, 'not read: ' || array_to_string(unread, ', ')) AS message
FROM apps
WHERE status <> 'audited'
ORDER BY status, reason, path`,
  },

  changes: {
    values: [],
    options: ["between", "packageName"],
    countsApps: false,
    asks: ["accesses"],
    sql: changesSql,
  },

  tables: {
    values: [],
    optionalValues: ["table"],
    countsApps: false,
    asks: [],
    sql: ({ values: [name] }) => (name === undefined ? tablesSql() : columnsSql(name)),
  },
} as const satisfies Readonly<Record<string, Question>>;

/** Under what a question is asked. */
export type QuestionName = keyof typeof questions;

const WHO_READS = `SELECT
  parties.party,
  parties.kind,
  ${PARTY_NAME},
  min(parties.vendor_name) AS vendor,
  count(*) FILTER (rung <> 'permitted' AND NOT yields_nothing) AS referenced,
  count(*) FILTER (rung = 'permitted' AND NOT yields_nothing) AS permitted,
  count(*) FILTER (yields_nothing) AS yields_nothing,
  ${OF_APPS}
FROM evidence JOIN read_apps USING (app) JOIN parties USING (app, party)
GROUP BY parties.party, parties.kind
ORDER BY referenced DESC, permitted DESC, yields_nothing DESC, parties.party`;

const WHO_READS_BY_APP = `SELECT
  read_apps.package_name,
  read_apps.version_name,
  parties.party,
  parties.kind,
  rung,
  yields_nothing,
  read_apps.path
FROM evidence JOIN read_apps USING (app) JOIN parties USING (app, party)
ORDER BY read_apps.package_name, TRY_CAST(read_apps.version_code AS HUGEINT), read_apps.path,
  list_position(${list(rungs)}, rung) DESC, yields_nothing, parties.party`;

/** Of several files of one version the one that was read in full counts, then the first by path. */
const BUILDS = `builds AS (
  SELECT app, package_name, version_name, version_code, status, CAST(version_code AS HUGEINT) AS code
  FROM apps
  WHERE status <> 'failed' AND package_name IS NOT NULL AND TRY_CAST(version_code AS HUGEINT) IS NOT NULL
  QUALIFY row_number() OVER (PARTITION BY package_name, version_code ORDER BY status, path, app) = 1
)`;

function changesSql({ between, packageName }: QuestionOptions): string {
  const only = packageName === undefined ? "" : `\n  AND before.package_name = ${literal(packageName)}`;
  return `WITH ${BUILDS},
${between === undefined ? FIRST_AND_LAST : sidesOf(...between)},
${SEEN_ACCESSES},
pairs AS (
  SELECT
    before.package_name,
    before.app AS before_app,
    after.app AS after_app,
    coalesce(before.version_name, before.version_code) AS old,
    coalesce(after.version_name, after.version_code) AS new,
    before.status = 'audited' AND after.status = 'audited' AS complete
  FROM before_builds AS before JOIN after_builds AS after USING (package_name)
  WHERE before.app <> after.app${only}
),
items AS (
  SELECT app, 'party' AS what, party, CASE kind WHEN 'sdk' THEN name END AS item, coalesce(version, 'there') AS state
  FROM parties WHERE kind IN ('sdk', 'unrecognised')
  UNION ALL
  -- Of everybody; the findings are of third parties alone, and of those what is permitted and not referred to.
  SELECT app, 'data', party, data_type,
    ${RUNG_OF_CODE} || CASE WHEN bool_and(yields_nothing) THEN ', yields nothing' ELSE '' END
  FROM seen GROUP BY app, party, data_type
  UNION ALL
  SELECT app, 'data', party, data_type, rung
  FROM findings WHERE kind = 'data-access' AND rung = 'permitted'
  UNION ALL
  SELECT app, 'permission', NULL, permission, CASE
    WHEN implied_because IS NOT NULL THEN 'implied'
    WHEN max_sdk_version IS NOT NULL THEN 'up to API ' || max_sdk_version
    ELSE 'requested' END
  FROM permissions
  UNION ALL
  SELECT app, 'host', party, host, 'named' FROM hosts
),
states AS (
  SELECT package_name, old, new, complete, what, party, item, state AS before, NULL AS after
  FROM pairs JOIN items ON items.app = pairs.before_app
  UNION ALL
  SELECT package_name, old, new, complete, what, party, item, NULL, state
  FROM pairs JOIN items ON items.app = pairs.after_app
)
SELECT
  package_name,
  old,
  new,
  what,
  CASE WHEN max(before) IS NULL THEN 'came' WHEN max(after) IS NULL THEN 'went' ELSE 'changed' END AS change,
  party,
  item,
  max(before) AS before,
  max(after) AS after,
  complete
FROM states
GROUP BY package_name, old, new, complete, what, party, item
HAVING max(before) IS DISTINCT FROM max(after)
ORDER BY package_name, list_position(['party', 'data', 'permission', 'host'], what), change, party, item`;
}

const FIRST_AND_LAST = `before_builds AS (
  FROM builds QUALIFY row_number() OVER (PARTITION BY package_name ORDER BY code) = 1
),
after_builds AS (
  FROM builds QUALIFY row_number() OVER (PARTITION BY package_name ORDER BY code DESC) = 1
)`;

function sidesOf(before: string, after: string): string {
  return [
    ["before_builds", before],
    ["after_builds", after],
  ]
    .map(
      ([name, version = ""]) => `${name} AS (
  FROM builds
  WHERE version_code = ${literal(version)} OR version_name = ${literal(version)}
  QUALIFY row_number() OVER (PARTITION BY package_name ORDER BY version_code = ${literal(version)} DESC, code DESC) = 1
)`,
    )
    .join(",\n");
}

function tablesSql(): string {
  return Object.entries<Table>(tables)
    .map(
      ([name, { row }]) =>
        `SELECT ${literal(name)} AS "table", (SELECT count(*) FROM ${name}) AS "rows", ${literal(row)} AS "a row is"`,
    )
    .join("\nUNION ALL\n");
}

function columnsSql(name: string): string {
  const table: Table | undefined = Object.entries<Table>(tables).find(([one]) => one === name)?.[1];
  const columns = (table?.columns ?? []).map(
    ({ name, description }, index) => `(${index}, ${literal(name)}, ${literal(description)})`,
  );
  return `SELECT described."column", known.column_type AS "type", described.holds
FROM (VALUES
  ${columns.join(",\n  ")}
) AS described(place, "column", holds)
JOIN (DESCRIBE ${name}) AS known ON known.column_name = described."column"
ORDER BY described.place`;
}

function list(texts: readonly string[]): string {
  return `[${texts.map(literal).join(", ")}]`;
}
