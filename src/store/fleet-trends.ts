import { type AskFleet, askTop, findText, groupRows, readNumber, readText, takeTop } from "./fleet-scope.js";
import { type FleetTrend, type FleetVersion, fleetLimits, type Top } from "./fleet-summary.js";
import type { Row } from "./tables.js";

/** A version code as a number; null where it is none. */
const CODE = "TRY_CAST(version_code AS HUGEINT)";

/** Apps of which the store has several versions, and what changed from each version to the next. */
export async function listTrends(ask: AskFleet): Promise<Top<FleetTrend>> {
  const packages = `SELECT package_name, count(DISTINCT ${CODE}) AS versions FROM readable
    WHERE package_name IS NOT NULL AND ${CODE} IS NOT NULL
    GROUP BY package_name HAVING versions > 1`;
  const order = "versions DESC, package_name";
  const top = await askTop(ask, packages, order, fleetLimits.trends, (row) => row);
  // Of several files of one version the one that was read in full counts, then the first by path.
  const builds = `build AS (
    SELECT * FROM (
      SELECT *, row_number() OVER (PARTITION BY package_name ORDER BY code DESC) AS from_newest FROM (
        SELECT *, ${CODE} AS code FROM readable
        WHERE package_name IN (SELECT package_name FROM (${packages} ORDER BY ${order} LIMIT ${fleetLimits.trends}))
          AND ${CODE} IS NOT NULL
        QUALIFY row_number() OVER (PARTITION BY package_name, code ORDER BY status, path, app) = 1
      )
    ) WHERE from_newest <= ${fleetLimits.versionsOfApp}
  )`;
  const versions = await ask(`, ${builds}
    SELECT package_name, version_code, version_name, status, app, data_types, permissions FROM build
    LEFT JOIN (
      SELECT app, count(DISTINCT data_type) AS data_types FROM reach SEMI JOIN build USING (app)
      WHERE place = 1 GROUP BY app
    ) USING (app)
    LEFT JOIN (
      SELECT app, count(*) AS permissions FROM permissions AS requested SEMI JOIN build USING (app)
      WHERE implied_because IS NULL GROUP BY app
    ) USING (app)
    ORDER BY package_name, code`);
  const parties = await ask(`, ${builds}
    SELECT app, party, name FROM third_party SEMI JOIN build USING (app) ORDER BY app, party`);
  const partiesOf = groupRows(parties, "app");
  const versionsOf = groupRows(versions, "package_name");
  return {
    total: top.total,
    rows: top.rows.map((row) => {
      const own = versionsOf.get(row.package_name!) ?? [];
      return {
        packageName: readText(row, "package_name"),
        versions: {
          total: readNumber(row, "versions"),
          rows: own.map((version, index) =>
            describeVersion(
              { row: version, parties: namesById(partiesOf.get(version.app!) ?? []) },
              index === 0
                ? undefined
                : { row: own[index - 1]!, parties: namesById(partiesOf.get(own[index - 1]!.app!) ?? []) },
            ),
          ),
        },
      };
    }),
  };
}

interface Build {
  readonly row: Row;
  /** Names of its third parties by id. */
  readonly parties: ReadonlyMap<string, string>;
}

function describeVersion(build: Build, before: Build | undefined): FleetVersion {
  const { row, parties } = build;
  // What was not read may hold what seems to be new, or gone.
  const cameFrom = before === undefined || isIncomplete(before) ? undefined : before.parties;
  return {
    versionCode: readText(row, "version_code"),
    versionName: findText(row, "version_name"),
    isIncomplete: isIncomplete(build),
    thirdParties: parties.size,
    dataTypes: row.data_types === null ? 0 : readNumber(row, "data_types"),
    permissions: row.permissions === null ? 0 : readNumber(row, "permissions"),
    came: cameFrom && listMissing(parties, cameFrom),
    went: before === undefined || isIncomplete(build) ? undefined : listMissing(before.parties, parties),
  };
}

function isIncomplete({ row }: Build): boolean {
  return row.status === "incomplete";
}

/** Names of those that the others are not among. */
function listMissing(parties: Build["parties"], others: Build["parties"]): Top<string> {
  const names = [...parties].filter(([id]) => !others.has(id)).map(([, name]) => name);
  return takeTop(names.sort(), fleetLimits.changesOfVersion);
}

function namesById(rows: readonly Row[]): Map<string, string> {
  return new Map(rows.map((row) => [String(row.party), readText(row, "name")]));
}
