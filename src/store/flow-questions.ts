import { OF_APPS, PERCENT, READ_APPS } from "./read-apps.js";
import { literal } from "./sql-text.js";

/** Which data goes from whose code to whose, and where it leaves the app there: by how many apps. */
export function flowsSql(dataType: string | undefined): string {
  return `WITH ${READ_APPS},
ways AS (
  -- A row a host; one without a host where data leaves by something else than the network.
  SELECT *, unnest(CASE WHEN len(hosts) = 0 THEN [NULL] ELSE hosts END) AS host
  FROM flows
  WHERE NOT yields_nothing${ofType(dataType)}
)
SELECT
  data_type,
  kind,
  source_party,
  sink_party,
  sink_kind,
  host,
  count(DISTINCT read_apps.app) AS apps,
  ${OF_APPS},
  ${PERCENT},
  count(DISTINCT read_apps.app) FILTER (confidence = 'likely') AS likely,
  count(DISTINCT read_apps.app) FILTER (NOT hashed AND NOT encrypted) AS plain,
  count(DISTINCT read_apps.app) FILTER (before_consent) AS before_consent
FROM ways JOIN read_apps USING (app)
GROUP BY data_type, kind, source_party, sink_party, sink_kind, host
ORDER BY apps DESC, data_type, source_party, sink_party, sink_kind, host`;
}

/** The flows themselves. */
export function flowsByAppSql(dataType: string | undefined): string {
  return `WITH ${READ_APPS}
SELECT
  read_apps.package_name,
  read_apps.version_name,
  data_type,
  kind,
  source_party,
  sink_party,
  sink_kind,
  hosts,
  confidence,
  hashed,
  encrypted,
  before_consent,
  flow,
  read_apps.path
FROM flows JOIN read_apps USING (app)
WHERE NOT yields_nothing${ofType(dataType)}
ORDER BY read_apps.package_name, TRY_CAST(read_apps.version_code AS HUGEINT), read_apps.path, flow`;
}

function ofType(dataType: string | undefined): string {
  return dataType === undefined ? "" : ` AND data_type = ${literal(dataType)}`;
}

/** What is given, a row a thing: by what the method means, or by the value that is passed to it; and by constant names. */
function givenOf(party: string | undefined): string {
  const only = party === undefined ? "" : ` WHERE party = ${literal(party)}`;
  const types = "list_sort(list_distinct(list_concat(data_types, coalesce(passes, []))))";
  return `given AS (
  SELECT *, 'data' AS what, unnest(${types}) AS item FROM hand_overs${only}
  UNION ALL
  SELECT *, 'event', unnest(events) FROM hand_overs${only}
  UNION ALL
  SELECT *, 'property', unnest(properties) FROM hand_overs${only}
)`;
}

/** What apps' own code gives to which third party: by how many apps. */
export function handOversSql(party: string | undefined): string {
  return `WITH ${READ_APPS},
${givenOf(party)}
SELECT
  party,
  what,
  item,
  count(DISTINCT read_apps.app) AS apps,
  ${OF_APPS},
  ${PERCENT},
  count(DISTINCT read_apps.app) FILTER (confidence = 'certain') AS certain,
  CASE what WHEN 'data' THEN count(DISTINCT read_apps.app) FILTER (list_contains(passes, item)) END AS passed,
  count(DISTINCT api) AS methods
FROM given JOIN read_apps USING (app)
GROUP BY party, what, item
ORDER BY apps DESC, party, what, item`;
}

/** The same by app, each with the method that gives it. */
export function handOversByAppSql(party: string | undefined): string {
  return `WITH ${READ_APPS},
${givenOf(party)}
SELECT
  read_apps.package_name,
  read_apps.version_name,
  party,
  what,
  item,
  confidence,
  CASE what WHEN 'data' THEN coalesce(list_contains(passes, item), false) END AS passed,
  api,
  caller,
  read_apps.path
FROM given JOIN read_apps USING (app)
ORDER BY read_apps.package_name, TRY_CAST(read_apps.version_code AS HUGEINT), read_apps.path,
  party, what, item, api, caller`;
}
