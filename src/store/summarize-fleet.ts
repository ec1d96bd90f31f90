import type { Database } from "./database.js";
import { findOutliers } from "./fleet-outliers.js";
import { listCategories, listCompanies, listSdks, listVersions } from "./fleet-parties.js";
import { listDataTypes, listVendors, measureUnrecognised } from "./fleet-reach.js";
import { type AskFleet, askFleet, askTop, groupRows, readNumber, readText } from "./fleet-scope.js";
import {
  FLEET_SCHEMA_VERSION,
  type FleetApps,
  type FleetEvaluation,
  type FleetHost,
  type FleetPermission,
  type FleetSummary,
  fleetLimits,
  type Top,
} from "./fleet-summary.js";
import { listTrends } from "./fleet-trends.js";

/** What is known of all apps of an evaluation together. */
export async function summarizeFleet(
  database: Pick<Database, "query">,
  evaluation: FleetEvaluation,
): Promise<FleetSummary> {
  const fleet = askFleet(database);
  const dataTypes = await listDataTypes(fleet);
  return {
    schemaVersion: FLEET_SCHEMA_VERSION,
    evaluation,
    apps: await countApps(fleet),
    sdks: await listSdks(fleet),
    categories: await listCategories(fleet),
    companies: await listCompanies(fleet),
    dataTypes,
    vendors: await listVendors(fleet, dataTypes.rows),
    unrecognised: await measureUnrecognised(fleet, dataTypes.rows),
    permissions: await listPermissions(fleet),
    hosts: await listHosts(fleet),
    versions: await listVersions(fleet),
    outliers: await findOutliers(fleet),
    trends: await listTrends(fleet),
  };
}

async function countApps(ask: AskFleet): Promise<FleetApps> {
  const [row] = await ask(`SELECT
      count(*) AS total,
      count(*) FILTER (status = 'audited') AS audited,
      count(*) FILTER (status = 'incomplete') AS incomplete,
      count(*) FILTER (status = 'failed') AS failed,
      count(DISTINCT package_name) AS packages,
      median(attributed_share) AS attributed
    FROM apps`);
  const [spread] = await ask(`SELECT
      count(*) FILTER (third_parties > 0) AS with_third_party,
      count(*) FILTER (data_types > 0) AS with_access,
      coalesce(median(third_parties), 0) AS parties_median, coalesce(max(third_parties), 0) AS parties_most,
      coalesce(median(data_types), 0) AS types_median, coalesce(max(data_types), 0) AS types_most
    FROM (
      SELECT coalesce(third_parties, 0) AS third_parties, coalesce(data_types, 0) AS data_types FROM readable
      LEFT JOIN (SELECT app, count(*) AS third_parties FROM third_party GROUP BY app) USING (app)
      LEFT JOIN (
        SELECT app, count(DISTINCT data_type) AS data_types FROM reach WHERE place = 1 GROUP BY app
      ) USING (app)
    )`);
  const buckets =
    await ask(`SELECT CAST(least(floor(attributed_share * 10), 10) AS INTEGER) AS bucket, count(*) AS apps
    FROM readable WHERE attributed_share IS NOT NULL GROUP BY bucket`);
  const histogram = Array.from({ length: 11 }, () => 0);
  for (const bucket of buckets) histogram[readNumber(bucket, "bucket")] = readNumber(bucket, "apps");
  return {
    total: readNumber(row!, "total"),
    audited: readNumber(row!, "audited"),
    incomplete: readNumber(row!, "incomplete"),
    failed: readNumber(row!, "failed"),
    failures: await askTop(
      ask,
      `SELECT reason, count(*) AS apps FROM apps WHERE status = 'failed' AND reason IS NOT NULL
        GROUP BY reason`,
      "apps DESC, reason",
      fleetLimits.failureReasons,
      (failure) => ({ reason: readText(failure, "reason"), apps: readNumber(failure, "apps") }),
    ),
    packages: readNumber(row!, "packages"),
    withThirdParty: readNumber(spread!, "with_third_party"),
    withAccess: readNumber(spread!, "with_access"),
    thirdParties: {
      median: readNumber(spread!, "parties_median"),
      most: readNumber(spread!, "parties_most"),
    },
    dataTypes: { median: readNumber(spread!, "types_median"), most: readNumber(spread!, "types_most") },
    attributedShare: {
      median: row!.attributed === null ? undefined : readNumber(row!, "attributed"),
      histogram,
    },
  };
}

function listPermissions(ask: AskFleet): Promise<Top<FleetPermission>> {
  return askTop(
    ask,
    `SELECT * FROM (
      SELECT permission, min(protection) AS protection,
        count(DISTINCT app) FILTER (implied_because IS NULL) AS requested,
        count(DISTINCT app) FILTER (implied_because IS NOT NULL) AS implied,
        count(DISTINCT app) FILTER (
          len(list_filter(CAST(declared_by AS VARCHAR[]), lambda id: id <> 'first-party')) > 0
        ) AS brought
      FROM permissions GROUP BY permission
    ) LEFT JOIN (
      SELECT permission, count(DISTINCT app) AS only_third_parties FROM (
        SELECT app, unnest(CAST(permissions AS VARCHAR[])) AS permission
        FROM findings WHERE kind = 'piggy-back-permission'
      ) GROUP BY permission
    ) USING (permission)`,
    "requested DESC, implied DESC, permission",
    fleetLimits.permissions,
    (row) => ({
      permission: readText(row, "permission"),
      protection: readText(row, "protection"),
      requested: readNumber(row, "requested"),
      implied: readNumber(row, "implied"),
      broughtByOthers: readNumber(row, "brought"),
      usedByThirdPartiesOnly: row.only_third_parties === null ? 0 : readNumber(row, "only_third_parties"),
    }),
  );
}

/** Hosts that third parties' code names. */
async function listHosts(ask: AskFleet): Promise<Top<FleetHost>> {
  const named = `SELECT host, count(DISTINCT app) AS apps
    FROM hosts SEMI JOIN third_party USING (app, party) GROUP BY host`;
  const order = "apps DESC, host";
  const parties = await ask(`SELECT host, party, name, total FROM (
      SELECT *, count(*) OVER (PARTITION BY host) AS total,
        row_number() OVER (PARTITION BY host ORDER BY apps DESC, party) AS place
      FROM (
        SELECT host, party, min(name) AS name, count(DISTINCT app) AS apps
        FROM hosts JOIN (SELECT app, party, name FROM third_party) USING (app, party)
        WHERE host IN (SELECT host FROM (${named} ORDER BY ${order} LIMIT ${fleetLimits.hosts})) GROUP BY host, party
      )
    ) WHERE place <= ${fleetLimits.partiesOfHost} ORDER BY host, place`);
  const partiesOf = groupRows(parties, "host");
  return askTop(ask, named, order, fleetLimits.hosts, (row) => {
    const own = partiesOf.get(row.host!) ?? [];
    return {
      host: readText(row, "host"),
      apps: readNumber(row, "apps"),
      parties: {
        total: own.length === 0 ? 0 : readNumber(own[0]!, "total"),
        rows: own.map((party) => ({ id: readText(party, "party"), name: readText(party, "name") })),
      },
    };
  });
}
