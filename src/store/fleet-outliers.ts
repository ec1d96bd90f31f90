import { type AskFleet, askTop, findText, readNumber, readText, readTexts } from "./fleet-scope.js";
import { type FleetApp, type FleetOutliers, fleetLimits } from "./fleet-summary.js";
import type { Row } from "./tables.js";

const APP = "app, package_name, version_name, path, status";

/** Apps and third parties that are unlike the rest. */
export async function findOutliers(ask: AskFleet): Promise<FleetOutliers> {
  const most = fleetLimits.outliers;
  const mostThirdParties = await ask(`SELECT ${APP}, third_parties FROM readable JOIN (
      SELECT app, count(*) AS third_parties FROM third_party GROUP BY app
    ) USING (app) ORDER BY third_parties DESC, app LIMIT ${most}`);
  const mostDataTypes = await ask(`SELECT ${APP}, data_types FROM readable JOIN (
      SELECT app, count(DISTINCT data_type) AS data_types FROM reach WHERE place = 1 GROUP BY app
    ) USING (app) ORDER BY data_types DESC, app LIMIT ${most}`);
  const leastAttributed = await ask(`SELECT ${APP}, attributed_share FROM readable
    WHERE attributed_share < 1 ORDER BY attributed_share, app LIMIT ${most}`);
  return {
    mostThirdParties: mostThirdParties.map((row) => ({
      ...readApp(row),
      thirdParties: readNumber(row, "third_parties"),
    })),
    mostDataTypes: mostDataTypes.map((row) => ({
      ...readApp(row),
      dataTypes: readNumber(row, "data_types"),
    })),
    leastAttributed: leastAttributed.map((row) => ({
      ...readApp(row),
      attributedShare: readNumber(row, "attributed_share"),
    })),
    rareSdks: await askTop(
      ask,
      `SELECT id, name, ${APP} FROM readable JOIN (
        SELECT party AS id, min(name) AS name, min(app) AS app FROM third_party WHERE kind = 'sdk'
        GROUP BY party HAVING count(DISTINCT app) = 1
      ) USING (app)`,
      "name, id",
      fleetLimits.rareSdks,
      (row) => ({ id: readText(row, "id"), name: readText(row, "name"), app: readApp(row) }),
    ),
    unrecognised: await askTop(
      ask,
      `SELECT * FROM (
        SELECT party, min(name) AS name, count(DISTINCT package_name) AS packages, count(DISTINCT app) AS apps
        FROM third_party JOIN (SELECT app, package_name FROM readable) USING (app)
        WHERE kind = 'unrecognised' GROUP BY party HAVING packages > 1
      ) LEFT JOIN (
        SELECT party, list(data_type ORDER BY found DESC, data_type) AS data_types FROM (
          SELECT party, data_type, count(DISTINCT app) AS found FROM reach WHERE place = 1 GROUP BY ALL
        ) GROUP BY party
      ) USING (party)`,
      "packages DESC, apps DESC, party",
      fleetLimits.unrecognised,
      (row) => ({
        name: readText(row, "name"),
        packages: readNumber(row, "packages"),
        apps: readNumber(row, "apps"),
        dataTypes: readTexts(row, "data_types"),
      }),
    ),
  };
}

function readApp(row: Row): FleetApp {
  return {
    app: readText(row, "app"),
    packageName: findText(row, "package_name"),
    versionName: findText(row, "version_name"),
    path: readText(row, "path"),
    isIncomplete: row.status === "incomplete",
  };
}
